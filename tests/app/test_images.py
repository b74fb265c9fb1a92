"""The page of a run's images: what it finds, in which order, and its table as a file."""

import csv
import io
from urllib.parse import urlencode

import numpy as np
import pyarrow.parquet as parquet
import pytest

from support.applications import SIZE, Visitor, add_dataset, attributes, shown, text_of, workspace_of
from support.masks_on_disk import png
from support.pages import Page

_IMAGES = 130
"""More than a page of the table holds."""


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """A run of many images in groups, and one of which two images could not be scored."""
    folder = tmp_path_factory.mktemp("images")
    workspace = workspace_of(folder, images=_IMAGES)
    workspace.run("net:v1", "streets", progress=False)
    (folder / "attributes.csv").write_text(
        "name,weather\n"
        + "".join(f"{path.stem},{path.stem.partition('_')[0]}\n" for path in (folder / "targets").iterdir())
    )
    add_dataset(workspace, "described", attributes=folder / "attributes.csv")
    workspace.run("net:v2", "described", progress=False)
    with Visitor(workspace) as visitor:
        yield visitor


def _evaluation(visitor, run="r1"):
    return visitor.workspace.runs()[run].evaluation


def _rows(visitor, run="r1", **query):
    """Return the rows of the table of a query, and its headings before them."""
    answer = visitor.get(f"/runs/{run}/images?{urlencode({'view': 'table', **query})}")
    assert answer.status_code == 200, answer.text
    table = Page(answer.text).root.one("table")
    return [[one.text for one in table.every("th", scope="col")], *table.rows()]


def test_a_confusion_leads_to_its_images_the_most_pixels_first(visitor):
    expected = _evaluation(visitor).images_with(_IMAGES, target="sky", pred="road")
    assert len(expected) > 20
    head, *rows = _rows(visitor, target="1", pred="0")
    assert head[:2] == ["image", "sky called road ↓"]
    assert [tuple(row[:2]) for row in rows] == [(name, f"{n:,}") for name, n in expected[:100]]
    page = visitor.get("/runs/r1/images?target=1&pred=0")
    cards = Page(page.text).id("cards")
    titles = [one.text for one in cards.every("p", **{"class": "card-title"})]
    assert titles[0] == f"1. {expected[0][0]} {expected[0][1]:,} px: sky called road"
    assert len(titles) == 24
    assert f"{len(expected)} of {_IMAGES} images: with sky called road." in text_of(page)


def test_cards_say_whose_target_lacks_the_class_of_a_score(tmp_path):
    workspace = workspace_of(tmp_path, images=4)
    for name in ("sun_000", "rain_001"):
        (tmp_path / "targets" / f"{name}.png").write_bytes(png(np.zeros(SIZE, np.uint8)))
    add_dataset(workspace, "roads")
    with Visitor(workspace) as visitor:
        run = workspace.run("net:v1", "roads", progress=False)
        cards = Page(visitor.get(f"/runs/{run.id}/images?metric=iou.sky").text).id("cards")
        titles = [one.text for one in cards.every("p", **{"class": "card-title"})]
    worst = run.evaluation.worst(4, by="iou.sky")
    assert {name: one.in_target for one in worst for name in one[:1]} == {
        "sun_000": False,
        "rain_001": False,
        "sun_002": True,
        "rain_003": True,
    }
    assert titles == [
        f"{i}. {name} IoU of sky {value:.4f}{'' if name[-1] in '23' else ', not in this target'}"
        for i, (name, value) in enumerate(worst, 1)
    ]


def test_images_are_sorted_by_any_score_and_headings_turn_the_order(visitor):
    ev = _evaluation(visitor)
    for metric in ("iou.sky", "pixel_accuracy", "kappa"):
        worst = [name for name, _ in ev.worst(_IMAGES, by=metric)]
        best = [name for name, _ in ev.best(_IMAGES, by=metric)]
        assert [row[0] for row in _rows(visitor, metric=metric)[1:]] == worst[:100]
        assert [row[0] for row in _rows(visitor, metric=metric, order="best")[1:]] == best[:100]
        assert [row[0] for row in _rows(visitor, metric=metric, page="2")[1:]] == worst[100:]
    answer = visitor.get("/runs/r1/images?view=table&metric=iou.sky")
    headings = {one.text: one for one in Page(answer.text).root.every("th", scope="col")}
    assert headings["IoU of sky ↑"].attributes["aria-sort"] == "ascending"
    turned = headings["IoU of sky ↑"].one("a").attributes["href"]
    assert turned == "/runs/r1/images?metric=iou.sky&order=best&view=table"
    other = headings["pixel accuracy"].one("a").attributes["href"]
    assert other == "/runs/r1/images?metric=pixel_accuracy&order=worst&view=table"


def test_what_is_asked_for_holds_of_all_images(visitor):
    ev = _evaluation(visitor)
    iou = ev.images.metric("iou.sky")
    middle = float(np.median(iou))
    query = {"find": "SUN", "group": "sun", "metric": "iou.sky", "from": "0.2", "below": f"{middle}"}
    found = [row[0] for row in _rows(visitor, **query)[1:]]
    fitting = [
        name for name, value in ev.worst(_IMAGES, by="iou.sky") if "sun" in name and 0.2 <= value < middle
    ]
    assert found == fitting
    assert 10 < len(found) < 70


def test_attributes_of_the_dataset_are_columns_and_filters(visitor):
    head, *rows = _rows(visitor, "r2", **{"attribute.weather": "rain"})
    assert head[-2:] == ["group", "weather"]
    assert {row[-1] for row in rows} == {"rain"}
    assert len(rows) == _IMAGES // 2


def test_the_table_is_saved_as_it_is_shown_all_pages_of_it(visitor):
    query = urlencode({"target": "1", "wrong": "1", "metric": "iou.sky", "order": "worst"})
    answer = visitor.get(f"/runs/r1/images.csv?{query}")
    assert answer.headers["content-disposition"] == 'attachment; filename="segscore-r1-images.csv"'
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head == [
        *("name", "group", "pixels", "found_pixels", "iou.sky", "mean_image_iou", "pixel_accuracy"),
        "wrong_pixels",
    ]
    ev = _evaluation(visitor)
    missed = dict(ev.images_with(_IMAGES, target="sky", wrong=True))
    expected = [(name, value) for name, value in ev.worst(_IMAGES, by="iou.sky") if name in missed]
    assert [(row[0], float(row[4]), int(row[3])) for row in rows] == [
        (name, value, missed[name]) for name, value in expected
    ]
    assert len(rows) > 100
    table = parquet.read_table(io.BytesIO(visitor.get(f"/runs/r1/images.parquet?{query}").content))
    assert table.column_names == head
    assert table.column("iou.sky").to_pylist() == [value for _, value in expected]


def test_an_image_has_its_classes_and_confusions(visitor):
    ev = _evaluation(visitor)
    alone = ev.select([ev.names[5]])
    page = Page(visitor.get("/runs/r1/images?image=5").text)
    classes, confusions = (table.rows() for table in page.root.every("table"))
    s = alone.scores
    assert classes == [
        [name, f"{s.iou[i]:.4f}", f"{s.target[i]:,}", f"{s.pred[i]:,}", f"{s.tp[i]:,}"]
        for i, name in enumerate(("road", "sky"))
    ]
    counts = alone.confusion.counts
    expected = sorted([["road", "sky", counts[0, 1]], ["sky", "road", counts[1, 0]]], key=lambda r: -r[2])
    assert confusions == [[t, p, f"{n:,}"] for t, p, n in expected]
    # Whoever speaks to a page says what is seen on it.
    links = [*[*page.root.every("table")][1].every("a")]
    assert [link.attributes["aria-label"] for link in links] == [
        f"{n:,}: images with {t} called {p}" for t, p, n in expected
    ]


def test_images_that_failed_are_listed_with_their_reasons_which_alike_ones_share(tmp_path):
    workspace = workspace_of(tmp_path, images=5)
    for name in ("sun_000", "sun_002", "sun_004"):
        (tmp_path / "worse" / f"{name}.png").write_bytes(b"no picture")
    (tmp_path / "worse" / "rain_001.png").unlink()
    workspace.models.add("broken", predictions=tmp_path / "worse")
    with Visitor(workspace) as visitor:
        assert visitor.evaluated("broken").state == "finished"
        assert "1 of 1 image. 4 could not be scored." in shown(visitor.get("/runs/r1/images"))
        answer = visitor.get("/runs/r1/images?failed=1")
        assert "4 of 5 images could not be scored." in shown(answer)
        failures = {one.name: one for one in visitor.workspace.runs()["r1"].evaluation.failures}
        said = failures["sun_002"].message.partition(": ")[2].replace("`", "")
        text = shown(answer)
        assert text.count(said) == 1
        assert f"3 images: {said}" in text
        assert "sun_000 and 2 more sun_000 sun_002 sun_004" in text_of(answer)
        missing = failures["rain_001"].message.replace("`", "")
        assert f"1 image: {missing}" in text
        assert str(tmp_path / "worse" / "sun_002") not in text
        assert "/runs/r1/images?failed=1" in attributes(visitor.get("/runs/r1"), "a", "href")


def test_without_files_there_is_a_table(tmp_path):
    workspace = workspace_of(tmp_path, images=3)
    workspace.run("net:v1", "streets", progress=False)
    for path in (tmp_path / "targets").iterdir():
        path.unlink()
    with Visitor(workspace) as visitor:
        answer = visitor.get("/runs/r1/images")
        assert answer.status_code == 200


def test_no_image_and_pages_beyond_the_last_are_no_error(visitor):
    assert "No image is like this." in text_of(visitor.get("/runs/r1/images?find=nowhere"))
    assert len(_rows(visitor, page="9")) == 1 + _IMAGES - 100
    assert len(_rows(visitor, page="0")) == 101
    assert len(_rows(visitor, page="x")) == 101


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("target=2", "`target` of the address is '2', expected 0 to 1"),
        ("pred=-1", "`pred` of the address is '-1', expected 0 to 1"),
        ("image=" + "9" * 30, "`image` of the address is"),
        ("from=high", "`from` is 'high', expected a number"),
        ("below=nan", "`below` is 'nan', expected a number"),
        ("metric=iou.se", "there is no class se"),
        ("order=wurst", "there is no order wurst"),
        ("attribute.colour=red", "there is no attribute colour"),
        ("from=1e400", "`from` is '1e400', which is larger than any number here"),
        ("below=-1e999", "`below` is '-1e999', which is larger than any number here"),
        ("view=nope", "`view` of the address is 'nope', expected grid or table"),
        ("wrong=x", "`wrong` of the address is 'x', expected 1 or nothing"),
        ("failed=0", "`failed` of the address is '0', expected 1 or nothing"),
        ("target=0&target=1", "`target` is in the address 2 times, expected it once"),
        ("target=0&target=0", "`target` is in the address 2 times, expected it once"),
    ],
)
def test_what_a_query_cannot_ask_for_is_said(visitor, query, said):
    for kind in ("", ".csv"):
        answer = visitor.get(f"/runs/r1/images{kind}?{query}")
        assert answer.status_code == 400
        assert said.split(" ")[0].strip("`") in shown(answer)
        assert " ".join(said.replace("`", "").split()) in shown(answer), shown(answer)[:600]


def test_infinite_limits_are_written_as_such(visitor):
    assert len(_rows(visitor, **{"from": "-inf", "below": "inf"})) == 101
    assert "No image is like this." in text_of(visitor.get("/runs/r1/images?from=Infinity"))


def test_other_files_and_runs_are_not_there(visitor):
    assert visitor.get("/runs/r1/images.exe").status_code == 404
    assert visitor.get("/runs/r9/images").status_code == 404
    assert visitor.get("/runs/r9/images.csv").status_code == 404
