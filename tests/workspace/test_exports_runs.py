"""Runs for other programs and commands: columns, data frames, `export`, and what takes the id of a run."""

import csv
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from segscore import ArgumentError, Workspace
from segscore.results.groups import groups_text
from support.command_line import failed, printed
from support.command_line import run as command
from support.refused import refused
from support.some_runs import add_function, add_images, names_of, run, same_counts

NAMES = names_of(7)
NEAREST = "hint: the nearest are `r3`, `r2`, `r1`"
WEATHER = {name: "=rain" if i < 4 else "sun" for i, name in enumerate(NAMES)}


@pytest.fixture
def runs(ws: Workspace) -> Workspace:
    """Three runs: of two models on a dataset with groups and an attribute, and on one of two classes."""
    add_function(ws)
    add_function(ws, "logits", "other", class_axis=0)
    Path("weather.csv").write_text("name,weather\n" + "".join(f"{n},{w}\n" for n, w in WEATHER.items()))
    add_images(ws, "streets", groups=r"(\d)$", attributes="weather.csv")
    for model, dataset in (("net", "streets"), ("other", "streets"), ("net", "noise")):
        run(ws, model, dataset)
    ws.note("r2", "=1+1")
    ws.tag("r3", "b", "=a")
    return ws


def test_columns_of_runs(runs: Workspace) -> None:
    found = runs.runs()
    columns = found.columns()
    assert " ".join(columns).startswith(
        "run model model_version dataset dataset_version model_digest dataset_digest "
        "started ended options note tags images "
    )
    assert columns["run"].tolist() == ["r1", "r2", "r3"]
    assert columns["model"].tolist() == ["net", "other", "net"]
    assert columns["dataset_version"].tolist() == ["v1", "v1", "v1"]
    assert columns["dataset"].tolist() == ["streets", "streets", "noise"]
    assert columns["note"].tolist() == ["", "=1+1", ""]
    assert columns["tags"].tolist() == ["", "", "=a, b"]
    assert [json.loads(text) for text in columns["options"]] == [dict(one.options) for one in found]
    for title, expected in (("images", [7] * 3), ("failures", [0] * 3), ("trained_images", [0] * 3)):
        assert (columns[title].dtype, columns[title].tolist()) == (np.int64, expected)
    assert {"mean_iou", "pixel_accuracy", "iou.0", "iou.2"} <= columns.keys()
    for title in ("mean_iou", "iou.0"):
        assert columns[title].tolist() == [one.metrics[title] for one in found]
    assert found[:1].columns().keys() == columns.keys()
    assert runs.runs()[:0].columns()["run"].tolist() == []


def test_columns_of_images_with_groups_and_attributes(runs: Workspace) -> None:
    found = runs.runs()
    columns = found.columns(images=True)
    assert " ".join(columns).startswith(
        "run model model_version dataset dataset_version group attribute.weather name "
    )
    assert {len(column) for column in columns.values()} == {21}
    assert columns["run"].tolist() == ["r1"] * 7 + ["r2"] * 7 + ["r3"] * 7
    assert columns["name"].tolist() == list(found[0].evaluation.names) * 3
    streets = runs.datasets["streets"]
    of = dict(zip(streets.names, map(str, streets.groups or ()), strict=True))
    names = columns["name"][:14]
    assert columns["group"].tolist() == [of[name] for name in names] + [""] * 7
    assert columns["attribute.weather"].tolist() == [WEATHER[name] for name in names] + [""] * 7
    expected = np.concatenate([one.evaluation.images.mean_image_iou for one in found])
    assert np.array_equal(columns["mean_image_iou"], expected, equal_nan=True)


def test_attributes_are_those_of_the_dataset_that_was_run(runs: Workspace) -> None:
    add_images(runs, "streets")  # A version without any; the run is of the one before.
    assert "sun" in runs.runs().columns(images=True)["attribute.weather"]
    for path in runs.path.glob(".segscore/datasets/streets/**/*v1*"):
        if path.is_file():
            path.unlink()
    Workspace(runs.path).reindex()
    gone = runs.runs().columns(images=True)
    assert "attribute.weather" not in gone
    assert gone["group"][:7].tolist() != [""] * 7  # Groups are kept by the run.


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_data_frames(runs: Workspace, backend: str) -> None:
    frame = runs.runs().to_frame(backend)
    assert list(map(str, frame["run"])) == ["r1", "r2", "r3"]
    assert len(runs.runs().to_frame(backend, images=True)) == 21
    assert type(frame).__module__.partition(".")[0] == backend


def test_export_writes_what_the_ending_says(runs: Workspace) -> None:
    columns = runs.runs().columns()
    for ending in ("json", "csv"):
        result = command("export", f"runs.{ending}")
        told = f"3 rows of {len(columns)} columns written to runs.{ending}\n"
        assert (result.exit_code, result.stdout, result.stderr) == (0, told, "")
    rows = json.loads(Path("runs.json").read_text())
    assert [row["mean_iou"] for row in rows] == columns["mean_iou"].tolist()
    assert [row["note"] for row in rows] == ["", "=1+1", ""]
    with open("runs.csv", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [float(line["iou.1"]) for line in lines] == columns["iou.1"].tolist()
    assert [line["note"] for line in lines] == ["", "'=1+1", ""]
    assert command("export", "images.csv", "--images", "--model", "other").exit_code == 0
    with open("images.csv", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["run"] for line in lines] == ["r2"] * 7
    assert {line["attribute.weather"] for line in lines} == {"'=rain", "sun"}
    assert command("export", "images.parquet", "--images").exit_code == 0
    found, columns = parquet.read_table("images.parquet").to_pydict(), runs.runs().columns(images=True)
    assert all(found[name] == columns[name].tolist() for name in ("attribute.weather", "pixels"))


def test_what_export_refuses(runs: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert failed(command("export", "runs.csv", "--model", "none")) == (
        "there is no model `none`\nhint: the nearest are `net`, `other`"
    )
    runs.models.add("idle", predictions=runs.path / "target")
    assert failed(command("export", "runs.csv", "--model", "idle")) == (
        "there is no such run to export\nhint: `segscore runs` lists those that there are"
    )

    assert failed(command("export", "objects.csv", "--objects", "--model", "net")) == (
        "no run tells objects apart\nhint: a dataset of objects, or `--components`, makes runs that do"
    )

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Workspace, "runs", never)
    assert failed(command("export", "runs\x1b.xlsx")) == (
        "'runs\\x1b.xlsx' ends in none of .json, .csv, .parquet\n"
        "hint: the ending of the name says how the table is written"
    )
    monkeypatch.undo()
    monkeypatch.chdir(runs.path)
    result = command("export", "a\x1b.csv")
    assert result.stdout.endswith("written to a\\x1b.csv\n")


def test_the_page_of_a_run_shows_groups_and_attributes(
    runs: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = runs.runs()["r1"].evaluation
    by = groups_text(found.group_by(WEATHER), title="weather")
    page = command("show", "r1").stdout
    last = page[page.index("\n\nmean over 3 of 3 classes\nnext: ") :]
    assert page.endswith(f"\n\n{found.group_by()}\n\n{by}{last}")
    assert by.startswith("weather  images  mean IoU")
    assert "weather" not in command("show", "r3").stdout
    assert command("run", "net", "--on", "streets", "--no-progress").stdout == page
    monkeypatch.setattr("segscore.workspace.runs.run._GROUPS", 3)
    shown = "\n".join([*str(found.group_by()).splitlines()[:4], "and 4 more"])
    assert f"\n\n{shown}\n\n{by}{last}" in command("show", "r1").stdout


def test_a_run_is_explained_and_compared_by_its_id(runs: Workspace) -> None:
    for name in ("r1", "r2"):
        runs.evaluation(name).save(f"{name}.npz")
    assert printed("explain", "r1") == command("explain", "r1.npz").stdout
    options = ("--json", "-", "--resamples", "200")
    found = json.loads(command("compare", "r1", "r2", *options).stdout)
    expected = json.loads(command("compare", "r1.npz", "r2.npz", *options).stdout)
    assert found["models"] == ["net:v1 (r1)", "other:v1 (r2)"]
    assert found["differences"] == expected["differences"]
    # The groups of the dataset are what is drawn.
    assert (found["kind"], found["units"]) == ("groups", len(set(runs.datasets["streets"].groups or ())))
    for arguments in (("compare", "r1", "r9"), ("explain", "r9"), ("report", "r9")):
        assert failed(command(*arguments)) == f"there is no run `r9`\n{NEAREST}"


def test_the_evaluation_of_a_run_knows_where_its_files_lie(runs: Workspace) -> None:
    placed = runs.evaluation("r1")
    assert same_counts(placed, runs.runs()["r1"].evaluation)
    assert runs.runs()["r1"].evaluation.files == {}
    files = placed.files["city/001"]
    assert Path(files.target).samefile("target/city/001.png")
    assert Path(str(files.image)).samefile("image/city/001.png")
    assert Path(str(files.pred)).samefile(runs.runs()["r1"].predictions / "city/001.png")  # type: ignore[operator]
    assert refused(ArgumentError, runs.evaluation, "r7") == f"there is no run `r7`\n{NEAREST}"


def test_what_a_run_was_made_of_is_known_by_its_content_and_not_by_its_name(ws: Workspace) -> None:
    for folder in ("masks", "others"):
        shutil.copytree("target", folder)
    Path("others/000.png").write_bytes(Path("target/002.png").read_bytes())

    def places() -> tuple[bool, bool]:
        """Return whether the dataset is known, and with it the predictions."""
        files = ws.evaluation("r1").files
        assert (found.registered() is not None) == bool(files)
        return bool(files), any(file.pred is not None for file in files.values())

    ws.models.add("net", predictions="masks")
    found = run(ws)
    assert places() == (True, True)
    for groups, is_the_same in ((r"(\d)$", False), (None, True)):
        shutil.rmtree(ws.path / ".segscore/datasets/noise")
        assert found.registered() is None
        assert add_images(ws, groups=groups).reference == found.dataset
        assert places() == (is_the_same, is_the_same)
    for folder, is_the_same in (("others", False), ("masks", True)):
        shutil.rmtree(ws.path / ".segscore/models/net")
        assert ws.models.add("net", predictions=folder).reference == found.model
        assert places() == (True, is_the_same)


def test_the_report_of_a_run(runs: Workspace) -> None:
    result = command("report", "r1")
    assert (result.exit_code, result.stdout) == (0, "report written to r1.html\n")
    page = Path("r1.html").read_text()
    for text in ("net:v1 on streets:v1", "=rain", "weather", runs.runs()["r1"].model_digest[:12]):
        assert text in page
    assert page.count("<img ") > 0
    assert command("report", "r1", "few.html", "--thumbnails", "0").exit_code == 0
    assert "<img " not in Path("few.html").read_text()
    assert command("report", "r1", "few.html", "--thumbnails", "-1").exit_code == 2
    runs.write_report("r2", "other.html", title="Another title")
    assert "<title>Another title</title>" in Path("other.html").read_text()
    said = f"there is no run `r9`\n{NEAREST}"
    assert refused(ArgumentError, runs.write_report, "r9", "x.html") == said
    assert not Path("x.html").exists()


def test_a_grid_keeps_the_order_in_which_pairs_were_run(ws: Workspace) -> None:
    add_function(ws)
    add_function(ws, "logits", "other", class_axis=0)
    add_images(ws, groups=r"(\d)$")
    for model, dataset in (("other", "noise:v1"), ("net", "noise:v1"), ("net", "noise:v2")):
        run(ws, model, dataset)
    run(ws, "other", "noise:v1", again=True)
    plain, ranked = ws.runs().grid(), ws.runs(sort="mean_iou").grid()
    assert [found.id for found in ws.runs(sort="mean_iou")] == ["r2", "r3", "r1", "r4"]
    for grid in (plain, ranked):
        assert (grid.models, grid.datasets) == (("other:v1", "net:v1"), ("noise:v1", "noise:v2"))
        assert [grid.runs[pair].id for pair in sorted(grid.runs)] == ["r2", "r3", "r4"]
    value = {pair: f"{plain.values[pair]:.4f}" for pair in plain.values}
    assert str(ranked) == str(plain)
    assert str(plain).splitlines() == [
        "mean_iou   noise:v1   noise:v2",
        f"other:v1     {value['other:v1', 'noise:v1']}",
        f"net:v1      {value['net:v1', 'noise:v1']}*     {value['net:v1', 'noise:v2']}",
        "",
        "* the best of these on its dataset; scores on other datasets or versions do not",
        "  compare",
    ]
    assert str(ws.runs(dataset="noise:v1").grid()).endswith("\n\n* the best of these on its dataset")


def test_a_grid_shows_the_latest_of_runs_that_scored_differently(ws: Workspace) -> None:
    # Runs of one version score the same, unless its code calls what is not part of it.
    (ws.path / "nets_changing.py").write_text(
        "import sys\ndef f(image):\n    return (image[..., 0] + sys.offset) % 3\n"
    )
    ws.models.add("net", python="nets_changing:f")
    try:
        for sys.offset in (1, 2, 0):  # type: ignore[attr-defined]
            run(ws, again=True)
    finally:
        del sys.offset  # type: ignore[attr-defined]
    assert ws.runs(sort="mean_iou")[0].id == "r3"
    for found in (ws.runs(), ws.runs(sort="mean_iou")):
        (latest,) = found.grid().runs.values()
        assert latest.id == "r3"
