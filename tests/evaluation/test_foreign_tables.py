"""Masks scored with the tables of other tools as they are: by each face, and NumPy says what is right."""

import json
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import segscore
from segscore import Workspace
from support.applications import Visitor, forgotten, workspace_of
from support.command_line import run
from support.foreign_tables import COLOURS, ROAD, SKY, TABLES, VOID, WITHOUT_NUMBERS
from support.masks_on_disk import write

__all__ = ["forgotten"]
Mask = npt.NDArray[np.uint8]
PAINT = np.array([ROAD, SKY], np.uint8)
FULLY = [name for name in TABLES if len(COLOURS.get(name, ())) == 2]
"""Tables that have a colour of each class."""
FORMS = [*((name, "labels", "labels") for name in TABLES)] + [
    (name, "colours", pred) for name in FULLY for pred in ("colours", "labels")
]


class Sides(NamedTuple):
    """Masks in two folders, and what their scores are."""

    pred: str
    target: str
    iou: list[float]

    @property
    def mean(self) -> float:
        """Mean of the IoU."""
        return sum(self.iou) / len(self.iou)


def sides_of(folder: Path, target: str, pred: str, images: int = 3) -> Sides:
    """Write masks of labels or of colours, which are about half right."""
    rng = np.random.default_rng(images)
    masks: dict[str, list[Mask]] = {
        side: [*rng.integers(0, 2, (images, 5, 7)).astype(np.uint8)] for side in ("target", "pred")
    }
    for side, form in (("target", target), ("pred", pred)):
        made = masks[side] if form == "labels" else [PAINT[mask] for mask in masks[side]]
        (folder / side).mkdir()
        for k, mask in enumerate(made):
            Image.fromarray(mask).save(folder / side / f"{k}.png")
    ours, theirs = (np.stack(masks[side]) for side in ("pred", "target"))
    iou = [((ours == k) & (theirs == k)).sum() / ((ours == k) | (theirs == k)).sum() for k in (0, 1)]
    return Sides(str(folder / "pred"), str(folder / "target"), [float(one) for one in iou])


@pytest.mark.parametrize("images", [1, 3])
@pytest.mark.parametrize(("name", "target", "pred"), FORMS)
def test_folders_are_scored(name: str, target: str, pred: str, images: int, tmp_path: Path) -> None:
    sides = sides_of(tmp_path, target, pred, images)
    table = tmp_path / name
    table.write_text(TABLES[name])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ev = segscore.evaluate(pred=sides.pred, target=sides.target, classes=str(table))
    assert [ev.scores.iou["road"], ev.scores.iou["sky"]] == sides.iou
    # Only numbers that nobody has confirmed are a doubt.
    doubted = name in WITHOUT_NUMBERS and pred == "labels"
    assert ["made up" in str(one.message) for one in caught] == [True] * doubted
    given = ("--pred", sides.pred, "--target", sides.target, "--classes", table)
    shown = run("evaluate", *given, "--json", tmp_path / "out.json")
    assert (shown.exit_code, shown.stderr.count("warning: ")) == (0, doubted)
    assert json.loads((tmp_path / "out.json").read_text())["mean_iou"] == sides.mean


@pytest.mark.parametrize("name", TABLES)
def test_arrays_are_scored_one_by_one(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(TABLES[name])
    judge = segscore.Evaluator(tmp_path / name)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        judge.add(pred=np.array([[0, 1, 1, 1]]), target=np.array([[0, 0, 1, 1]]), name="a")
    assert ["made up" in str(one.message) for one in caught] == [True] * (name in WITHOUT_NUMBERS)
    assert [*judge.result().scores.iou] == [1 / 2, 2 / 3]


BY_NAME = (
    "`unlabeled` is ignored: by its name in the table of classes, it is no class\nhint: what is a class all "
    "the same is made one in a TOML file: `segscore classes new --from` starts one from the table"
)


def test_void_of_a_table_is_left_out_of_every_score_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("_classes.csv").write_text(VOID["_classes.csv"][0])
    sides = {"pred": [np.array([[0, 2, 2, 0]])], "target": [np.array([[0, 0, 2, 1]])]}
    with pytest.warns(segscore.SegscoreWarning) as caught:
        ev = segscore.evaluate(**sides, classes="_classes.csv")
    assert [str(one.message) for one in caught] == [BY_NAME]
    assert ([*ev.scores.iou], ev.scores.ignored) == ([1 / 2, 1 / 2], 1)
    ev.save("ev.npz")
    assert [one.kind for one in segscore.load("ev.npz").doubts] == ["void-by-name"]
    judge = segscore.Evaluator("_classes.csv")
    with pytest.warns(segscore.SegscoreWarning) as caught:
        judge.add(pred=sides["pred"][0], target=sides["target"][0], name="a")
    assert [str(one.message) for one in caught] == [BY_NAME]
    shown = run("classes", "_classes.csv").stdout
    assert BY_NAME.replace("\nhint:", ";") in " ".join(shown.split())
    # A file that says so itself leaves nothing to be told.
    text = run("classes", "new", "--from", "_classes.csv").stdout
    assert text.splitlines()[1:4] == [
        "# Ignored is what is no class by its name: unlabeled. Where it is one all the same, move it to the "
        "classes.",
        'name = "my-classes"',
        "ignore = [1]",
    ]
    Path("new.toml").write_text(text)
    assert segscore.evaluate(**sides, classes="new.toml").scores.mean_iou == 1 / 2


@pytest.mark.parametrize(("name", "target", "pred"), FORMS)
def test_a_dataset_of_a_workspace_is_scored(
    name: str, target: str, pred: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sides = sides_of(tmp_path, target, pred)
    write(tmp_path, {name: TABLES[name].encode()})
    for command in (
        ("init",),
        ("dataset", "add", "streets", "--targets", "target", "--classes", name),
        ("model", "add", "net", "--predictions", "pred"),
        ("run", "net", "--on", "streets", "--no-progress"),
    ):
        done = run(*command)
        assert done.exit_code == 0, done.stderr
    ev = Workspace(tmp_path).evaluation("r1")
    assert [ev.scores.iou["road"], ev.scores.iou["sky"]] == sides.iou
    assert {one.kind for one in ev.doubts} == (
        {"unconfirmed-labels"} if name in WITHOUT_NUMBERS and pred == "labels" else set()
    )


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("name", ["class_dict.csv", "id2label.json", "config.xml"])
def test_a_dataset_of_the_form_is_scored(name: str, tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path / "work", images=2)
    target = "colours" if name in FULLY else "labels"
    sides = sides_of(tmp_path, target, target)
    (tmp_path / name).write_text(TABLES[name])
    workspace.models.add("ours", predictions=sides.pred)
    with Visitor(workspace) as visitor:
        fields = {"name": "avenues", "targets": sides.target, "classes": str(tmp_path / name)}
        visitor.sent("/datasets/new", model="ours:v1", **fields)
        job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
        assert job.state == "finished", job.problem
        found = workspace.evaluation(job.run)
    assert [found.scores.iou["road"], found.scores.iou["sky"]] == sides.iou


def test_the_way_from_a_table_to_numbers_of_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sides = sides_of(tmp_path, "colours", "labels")
    Path("class_dict.csv").write_text(TABLES["class_dict.csv"])
    text = run("classes", "new", "--from", "class_dict.csv").stdout
    Path("classes.toml").write_text(text.replace("confirmed = false", "confirmed = true"))
    # The model has them the other way round.
    turned = text.replace("label = 0", "label = x").replace("label = 1", "label = 0").replace("= x", "= 1")
    Path("turned.toml").write_text(turned.replace("confirmed = false", "confirmed = true"))
    ev = segscore.evaluate(pred="pred", target="target", classes="classes.toml")
    assert [ev.scores.iou["road"], ev.scores.iou["sky"]] == sides.iou
    other = segscore.evaluate(pred="pred", target="target", classes="turned.toml")
    ours = np.stack([np.asarray(Image.open(f"pred/{k}.png")) for k in range(3)]) == 1
    road = (np.stack([np.asarray(Image.open(f"target/{k}.png")) for k in range(3)]) == ROAD).all(axis=-1)
    assert other.scores.iou["road"] == (ours & road).sum() / (ours | road).sum()
