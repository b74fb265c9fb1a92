"""Means over unlike classes, side by side: which classes each covers, and what is judged."""

from pathlib import Path

import numpy as np
import pytest

from segscore import Classes, Evaluation, Workspace, compare
from segscore.cli.listings import versions_text
from segscore.pages.comparison import comparison_page
from segscore.pages.report import report_page
from segscore.results.compared import Unlike
from segscore.results.compared_text import verdict
from segscore.results.gates import not_worse, not_worse_by
from segscore.scores.alike import shared
from segscore.scores.metric import METRICS
from segscore.scores.named import number_of
from segscore.scores.numbers import counted
from support import results
from support.pages import Page

CLASSES = Classes(["road", "sky", "car", "bike"])
"""No target has a bike."""


def evaluated(wrong: float, stray: int, images: int = 40, *, at: int = 0) -> Evaluation:
    """Return images of which so many have one pixel of a bike in the prediction."""
    random, made = np.random.default_rng(1), {}
    for i in range(images):
        target, noise = random.integers(0, 3, 100), random.random(100)
        pred = np.where(noise < wrong, (target + 1) % 3, target)
        pred[:1] = 3 if at <= i < at + stray else pred[:1]
        made[f"{'ab'[i % 2]}_{i:03}"] = (pred, target)
    return results.evaluated(CLASSES, made)


@pytest.mark.parametrize("stray", [1, 25, 40])
@pytest.mark.parametrize("images", [1, 3, 40])
def test_a_stray_class_does_not_make_a_better_model_worse(stray: int, images: int) -> None:
    a, b = evaluated(0.3, 0, images), evaluated(0.2, min(stray, images), images)
    found = compare(a, b, labels=("v1", "v2"))
    judged, own = found["mean_iou[road,sky,car]"], found["mean_iou"]
    assert found.headline == judged
    assert (judged.a, judged.b) == (a.metric(judged.name), b.metric(judged.name))
    assert (own.a, own.b) == (a.scores.mean_iou, b.scores.mean_iou)
    assert judged.difference > 0 > own.difference
    assert np.isnan([own.low, own.high, own.p, own.detectable]).all()
    assert (own.reason, own.significant) == ("over 3 and 4 classes", False)
    assert found.unlike[0] == Unlike("mean_iou", judged.name, (3, 4), 3, ((), ("bike",)))
    told = (
        f"mean IoU {judged.difference:+.4f} over the 3 classes that both have "
        f"({own.difference:+.4f} over 3 and 4)"
    )
    assert found.mean_told == told
    if images < 6:
        assert verdict(found).endswith(f"; {told}")
    else:
        assert verdict(found) == f"v2 is better than v1: {told}; better in `road`, `sky` and `car`"
        assert judged.low > 0
        for gate in (not_worse(found), not_worse_by(found, 0.01)):
            assert gate.passed
            assert told in gate.sentence
    text = str(found)
    assert "\nmean_iou, 3 classes " in text
    assert "\nmean_iou, 3 and 4 " in text
    assert (
        "`bike` is predicted by v2 alone and in no target: means are judged over the classes that both have"
        in text.replace("\n  ", " ")
    )
    plain = found.to_dict()
    assert plain["unlike"][0] == {
        "name": "mean_iou",
        "judged": judged.name,
        "classes": [3, 4],
        "shared": 3,
        "only": [[], ["bike"]],
    }
    assert [one["p"] for one in plain["differences"] if one["name"] == "mean_iou"] == [None]


def test_a_better_model_with_the_stray_class_stands_first_or_second() -> None:
    one, other = compare(evaluated(0.3, 0), evaluated(0.1, 1)), compare(evaluated(0.1, 1), evaluated(0.3, 0))
    assert other.unlike[0].only == (("bike",), ())
    assert other.headline.p == one.headline.p
    assert other.headline.difference == -one.headline.difference
    assert not not_worse(other)


def test_a_class_that_both_predict_is_in_both_means() -> None:
    """Also where swapped images leave one model without it, which makes no difference."""
    a, b = evaluated(0.3, 1), evaluated(0.1, 2, at=20)
    found = compare(a, b)
    assert found.unlike == ()
    assert found.headline is found["mean_iou"]
    assert found["mean_iou"].significant
    beside = compare(a, b, metrics=["mean_iou[road,sky,car]"])
    assert beside["mean_iou[road,sky,car]"].p == beside["mean_iou"].p
    assert not compare(a, evaluated(0.3, 2, at=20)).headline.significant


def test_means_that_are_asked_for_are_judged_as_well() -> None:
    found = compare(evaluated(0.3, 0), evaluated(0.1, 1), metrics=["mean_iou[car,bike]", "mean_accuracy"])
    assert found["mean_iou[car]"].significant
    assert np.isnan(found["mean_iou[car,bike]"].p)
    assert found["mean_accuracy"].significant
    assert [one.name for one in found.unlike] == ["mean_iou", "mean_dice", "mean_iou[car,bike]"]
    assert len(found.judged) == len(found.differences) - 3


@pytest.mark.parametrize("names", [["a,b", 'c"d', " e ", "f+g", "h"], ["a", "b", "c", "d", "e"]])
def test_the_name_of_what_is_judged_is_one_that_everything_takes(names: list[str]) -> None:
    classes = Classes(names)
    target = np.array([0, 1, 2, 3])
    sides = [results.evaluated(classes, [(pred, target)]) for pred in ([0, 1, 2, 3], [0, 1, 2, 4])]
    judge = shared(counted(METRICS["mean_iou"]), classes, [one.scores.counts for one in sides])
    assert judge is not None
    assert number_of(judge.name, classes) == judge
    assert judge.among == (0, 1, 2, 3)


def test_pages_show_what_is_judged_and_the_other_beside_it() -> None:
    a, b = evaluated(0.3, 0), evaluated(0.1, 1)
    found = compare(a, b)
    page = Page(comparison_page(found, attributes={"town": r"^(\w)_"}))
    assert found.mean_told in page.id("summary").text
    (first, *_) = page.id("summary").every(class_="figure")
    assert first.one("dt").text == "mean IoU, 3 classes"
    rows = page.id("headline-table").rows()
    assert [row[0] for row in rows[:2]] == ["mean IoU, 3 classes", "mean IoU, 3 and 4"]
    assert rows[1][4] == "— undefined: over 3 and 4 classes"
    with_bike, without = page.id("scenario-table-1").rows()
    means = [one.group_by(r"^(\w)_")["a"].scores.mean_iou for one in (a, b)]
    told = f"a over the 3 classes that both have; {means[0]:.4f} to {means[1]:.4f} over 3 and 4"
    assert with_bike[0] == told
    assert float(with_bike[4]) > 0
    assert without[0] == "b"


def test_groups_over_unlike_classes_have_a_mean_over_those_that_all_have() -> None:
    ev = evaluated(0.2, 1)
    groups = ev.group_by(r"^(\w)_")
    values = [one.metric("mean_iou[road,sky,car]") for one in groups.values()]
    assert str(groups).split("\n\n")[1] == (
        "means are over the classes of each group; over the 3 classes that all have:\n"
        "group  classes  mean IoU\n"
        f"a            4    {values[0]:.4f}\n"
        f"b            3    {values[1]:.4f}"
    )
    assert "\n\n" not in str(evaluated(0.2, 0).group_by(r"^(\w)_"))
    row = Page(report_page(ev, attributes={"town": r"^(\w)_"})).id("scenario-table-1").rows()[0]
    assert row[-3:-1] == ["4", f"{values[0]:.4f}"]


def test_groups_that_share_no_class() -> None:
    ev = results.evaluated(CLASSES, {"a": ([0], [0]), "b": ([1], [1])})
    assert str(ev.group_by(lambda name: name)).split("\n\n")[1].split("\n")[0] == (
        "means are over the classes of each group; no class is in all:"
    )


def test_versions_of_a_model_are_judged_by_what_both_have() -> None:
    a, b = evaluated(0.3, 0), evaluated(0.1, 1)
    means = [one.metric("mean_iou[road,sky,car]") for one in (b, a)]
    assert versions_text("v1", a, "v2", b).endswith(
        f"v2 is better than v1: mean IoU {means[0]:.6f} against {means[1]:.6f}, "
        "over the 3 classes that both have"
    )


def test_runs_and_grids(tmp_path: Path) -> None:
    ws = Workspace.init(tmp_path)
    target = np.array([[0, 1, 2, 0, 1, 2]])
    preds = {"bad": [[1, 1, 2, 0, 1, 2]], "good": [[0, 1, 2, 0, 1, 3]]}
    for name, labels in {"image": target, "target": target, **preds}.items():
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "a.npy", np.array(labels))
    ws.datasets.add(
        "streets", images=tmp_path / "image", targets=tmp_path / "target", classes=CLASSES, progress=False
    )
    for name in preds:
        ws.models.add(name, predictions=tmp_path / name)
        ws.run(name, "streets", progress=False)
    runs = ws.runs()
    grid = runs.grid()
    bad, good = (run.evaluation for run in runs)
    assert grid.values["good:v1", "streets:v1"] < grid.values["bad:v1", "streets:v1"]
    shared = [one.metric("mean_iou[road,sky,car]") for one in (bad, good)]
    assert [grid.judged(model, "streets:v1") for model in grid.models] == shared
    assert (grid.is_best("good:v1", "streets:v1"), grid.is_best("bad:v1", "streets:v1")) == (True, False)
    shown_grid, shown_runs = (str(one).replace("\n  ", " ") for one in (grid, runs))
    assert shown_grid.endswith(
        "\n\n* the best of these on its dataset\nmeans on streets:v1 are over unlike classes (3 and 4): "
        f"the best is that of the 3 classes that all have, bad:v1 {shared[0]:.4f}, good:v1 {shared[1]:.4f}"
    )
    assert shown_runs.endswith(
        "\n\nmeans on streets:v1 are over unlike classes: they are sorted by those that all have, and "
        "`segscore compare` judges by those of both"
    )
    for mean in ("mean_iou", "mean_dice"):
        assert runs[0].metric(mean) > runs[1].metric(mean)
        assert [run.model for run in ws.runs(sort=mean)] == ["good:v1", "bad:v1"]
        assert runs.grid(mean).is_best("good:v1", "streets:v1")
    assert runs.grid("mean_accuracy").unlike == {}
    assert runs[:1].grid().unlike == {}
