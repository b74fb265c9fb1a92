"""Pages of datasets of objects: runs, their images, comparisons, and lists that go by average precision."""

import csv
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

import segscore
from segscore.pages.outlines import outlines_of
from segscore.scores.object_summary import matched_at
from support import detections
from support.applications import Visitor, shown, text_of
from support.masks_on_disk import pixels
from support.pages import Page


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with Visitor(detections.workspace_of(tmp_path_factory.mktemp("pets"))) as visitor:
        yield visitor


def test_a_run_shows_its_objects(visitor: Visitor) -> None:
    page = Page(visitor.get("/runs/r1").text)
    assert page.panels == ["run", "summary", "objects", "crops", "pictures"]
    links = {link.attributes["href"] for link in page.id("crops").every("a", **{"class": "behind"})}
    assert links
    assert all(address.startswith("/runs/r1/images?image=") for address in links)
    assert len(page.id("printed-table").rows()) == 12
    assert "mean IoU" not in visitor.get("/runs/r1").text
    for link in sorted(links)[:1]:
        alone = visitor.get(link)
        assert "Its objects" in text_of(alone)


def test_images_are_found_by_their_objects(visitor: Visitor) -> None:
    evaluation = visitor.workspace.runs()["r1"].evaluation
    worst = [name for name, _ in evaluation.worst(3)]
    text = text_of(visitor.get("/runs/r1/images?view=table"))
    assert "wrong pixels" not in text
    assert "any class" not in text
    places = [text.index(f" {name} ") for name in worst]
    assert places == sorted(places)
    found = visitor.get("/runs/r1/images.csv").text.splitlines()
    assert found[0] == "name,mean_f1@0.5,missed,invented"
    assert found[1].partition(",")[0] == worst[0]
    matching = evaluation.shapes.matching
    missed = matching.at(matched_at(evaluation.measures)).missed
    assert sum(int(line.split(",")[2]) for line in found[1:]) == len(missed)


def test_objects_are_saved_as_a_table(visitor: Visitor) -> None:
    run = visitor.workspace.runs()["r1"]
    columns = run.evaluation.listed_objects(0.5).columns()
    page = Page(visitor.get("/runs/r1/images?view=table").text)
    links = {
        link.attributes.get("aria-label"): link.attributes["href"]
        for link in page.root.every("a", download="")
    }
    assert links["all objects as CSV"] == "/runs/r1/objects.csv"
    assert f"Save all {len(columns['id']):,} objects as" in text_of(visitor.get("/runs/r1/images?view=table"))
    answer = visitor.get("/runs/r1/objects.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="segscore-r1-objects.csv"'
    rows = [*csv.DictReader(answer.text.splitlines())]
    assert [row["outcome"] for row in rows] == columns["outcome"].tolist()
    assert [row["image"] for row in rows] == columns["image"].tolist()
    found = parquet.read_table(BytesIO(visitor.get("/runs/r1/objects.parquet").content)).to_pydict()
    assert found["id"] == columns["id"].tolist()
    for address in ("/runs/r1/objects.xlsx", "/runs/r9/objects.csv"):
        assert visitor.get(address).status_code == 404


def test_files_of_results_are_called_so_and_no_shapes_are_offered(visitor: Visitor) -> None:
    addresses = ("/", "/model?name=detector", "/model?name=detector:v1")
    for address in (*addresses, "/evaluation?model=detector:v1&dataset=pets:v1"):
        text = text_of(visitor.get(address))
        assert "Evaluate" in text
        assert "Measure boundaries and surfaces, too" not in text, address
        assert ("file of results" in text, "folder of predictions" in text) == (address in addresses, False)


def test_why_there_is_no_such_number_is_said(visitor: Visitor) -> None:
    answer = visitor.get("/matrix?metric=mean_iou")
    assert answer.status_code == 400
    reason = "masks of detections may overlap, and mean_iou is of masks that do not"
    assert reason in shown(answer)


def test_lists_go_by_average_precision(visitor: Visitor) -> None:
    score = visitor.workspace.runs()["r2"].score
    about = ("/model?name=detector", "/dataset?name=pets", "/compare?run=r1&run=r2")
    for address in ("/", "/runs", "/matrix", *about):
        answer = visitor.get(address)
        assert (answer.status_code, address) == (200, address)
        assert f"{score:.4f}" in shown(answer), address
    assert "mean AP" in shown(visitor.get("/matrix"))
    assert "objects may overlap" in shown(visitor.get("/dataset?name=pets"))


def test_the_page_of_one_image_has_the_outlines_of_its_objects(visitor: Visitor) -> None:
    page = Page(visitor.get("/runs/r1/images?image=3").text)
    parts = {one.attributes["data-part"]: one.attributes["src"] for one in page.id("cards").every("img")}
    assert parts == {part: f"/runs/r1/pictures/3/{part}" for part in ("photograph", "targets", "predictions")}
    (legend,) = page.root.every("ul", aria_label="Colours of outlines")
    assert [one.text for one in legend.every("li")] == ["matched", "missed or invented", "not counted"]
    folder = Path(visitor.workspace.path)
    sides = {"target": folder / "annotations.json", "pred": folder / "results_0.6.json"}
    found = outlines_of(segscore.evaluate(**sides, instances="coco", progress=False), 3)
    for part, expected in (("targets", found.target), ("predictions", found.pred)):
        answer = visitor.get(parts[part])
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        has_lines = (pixels(expected) > 0).any(axis=-1)
        picture = pixels(answer.content)
        assert has_lines.any()
        # The photograph, of one colour, is seen where there are no lines.
        assert (picture[has_lines] == pixels(expected)[has_lines]).all()
        assert len(np.unique(picture[~has_lines], axis=0)) == 1
    for wrong in ("/runs/r1/pictures/99/targets", "/runs/r1/pictures/3/outlines"):
        assert visitor.get(wrong).status_code == 404
    many = Page(visitor.get("/runs/r1/images").text)
    assert {one.attributes["data-part"] for one in many.id("cards").every("img")} == {"photograph"}


def test_outlines_need_no_photograph(tmp_path: Path) -> None:
    target = detections.targets(2)
    pred = detections.results(target, 0.6, 1)
    for name, content in (("annotations", target), ("results", pred)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    ws = segscore.Workspace.init(tmp_path)
    ws.datasets.add("pets", targets=tmp_path / "annotations.json", instances="coco", progress=False)
    ws.models.add("detector", predictions=tmp_path / "results.json")
    ws.run("detector", "pets", progress=False)
    with Visitor(ws) as visitor:
        page = Page(visitor.get("/runs/r1/images?image=1").text)
        parts = [one.attributes["data-part"] for one in page.id("cards").every("img")]
        assert parts == ["targets", "predictions"]
        assert visitor.get("/runs/r1/pictures/1/targets").status_code == 200
        (tmp_path / "results.json").write_text("[]")
    with Visitor(ws) as visitor:
        answer = visitor.get("/runs/r1/pictures/1/predictions")
        assert (answer.status_code, answer.text) == (404, "the masks have changed since they were scored")
