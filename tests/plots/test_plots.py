"""Plots show the numbers of results, legibly, for few classes and for many."""

import io
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from segscore import (
    ArgumentError,
    Classes,
    Comparison,
    ConfusionMatrix,
    Evaluation,
    Evaluator,
    compare,
    plots,
)
from segscore.plots import drawing
from segscore.results.compared import Difference
from support import results
from support.processes import python
from support.refused import refused
from support.results import HOSTILE

MISSES = pytest.mark.filterwarnings("ignore:`pred` holds the label")


def evaluated(classes: Classes, images: int = 12) -> Evaluation:
    """Return an evaluation in which the second class is absent and some predictions are no class."""
    random, number = np.random.default_rng(0), len(classes)
    judge = Evaluator(classes)
    used = np.delete(np.array(classes.labels), 1) if number > 2 else np.array(classes.labels)
    for _ in range(images):
        target = random.choice(used, 40 * number)
        pred = np.where(random.random(len(target)) < 0.7, target, random.choice([*used, 9999], len(target)))
        judge.add(pred=pred, target=target)
    return judge.result()


def named(number: int) -> Classes:
    return Classes([f"class number {i} of many names" for i in range(number)])


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def labels(axis: object) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def drawn(axes: Axes) -> Axes:
    FigureCanvasAgg(axes.figure).draw()
    return axes


def overlaps(axes: Axes) -> list[tuple[str, str]]:
    """Return tick labels that lie on their neighbours, as the renderer places them."""
    found = []
    for axis, side in ((axes.xaxis, 0), (axes.yaxis, 1)):
        boxes = [
            (label.get_window_extent().intervalx, label.get_window_extent().intervaly, label.get_text())
            for label in axis.get_ticklabels()
            if label.get_text()
        ]
        boxes.sort(key=lambda box: box[side][0])
        found += [(one[2], two[2]) for one, two in pairwise(boxes) if one[side][1] > two[side][0] + 0.5]
    return found


def difference(
    name: str, value: float, half: float = math.nan, reason: str | None = None, p: float = 0.1
) -> Difference:
    ends = value - half, value + half
    return Difference(name, 0.5, 0.5 + value, value, *ends, p, reason, 0.01, significant=p <= 0.05)


def compared(rows: Sequence[Difference]) -> Comparison:
    """Return a comparison that has these rows."""
    ev = results.evaluated(2, [([0, 1], [0, 1])] * 2)
    return replace(compare(ev, ev), differences=tuple(rows))


MOST = [
    pytest.param(number, given, marks=pytest.mark.slow)
    for number, given in ((19, False), (171, False), (60, True), (171, True))
]
"""As many classes as usual datasets have, up to the most."""


@MISSES
@pytest.mark.parametrize(
    ("number", "given"),
    [(2, False), (11, False), (2, True), *MOST],
)
def test_labels_do_not_lie_on_each_other(number: int, given: bool) -> None:
    ev = evaluated(named(number), images=2)
    rows = [difference(f"iou.{name}", 0.01, 0.02) for name in ev.classes.names]
    for draw in (
        lambda ax: plots.confusion_matrix(ev, ax),
        lambda ax: plots.confusion_matrix(ev, ax, normalise=None),
        lambda ax: plots.scores(ev, ax),
        lambda ax: plots.comparison(compared(rows), ax),
        lambda ax: plots.image_scores(ev, ax),
    ):
        ax = Figure(figsize=(7, 7)).add_axes((0.4, 0.4, 0.5, 0.5)) if given else None
        made = drawn(draw(ax))
        assert ax is None or made is ax
        assert overlaps(made) == []
        page, box = made.figure.bbox, made.get_tightbbox()
        assert given or (page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1)


@MISSES
@pytest.mark.parametrize("number", [11, pytest.param(171, marks=pytest.mark.slow)])
def test_every_class_is_named_in_a_figure_of_its_own(number: int) -> None:
    ev = evaluated(named(number), images=1)
    names = [drawing.shown(name) for name in ev.classes.names]
    made = drawn(plots.confusion_matrix(ev))
    assert (labels(made.yaxis), labels(made.xaxis)) == (names, [*names, "none"])
    assert min(label.get_fontsize() for label in made.get_yticklabels()) >= 5
    assert sorted(labels(drawn(plots.scores(ev)).yaxis)) == sorted(names)


@MISSES
def test_a_matrix_shows_shares_of_rows_of_columns_and_pixels() -> None:
    cm = ConfusionMatrix(["road", "sky", "car"])
    cm.update(pred=[0] * 300 + [2, 9, 1, 1], target=[0] * 302 + [1, 1])
    counts = np.array([[300, 0, 1, 1], [0, 2, 0, 0], [0, 0, 0, 0]])
    pixels = plots.confusion_matrix(cm, normalise=None)
    assert pixels.images[0].get_array().tolist() == counts.tolist()
    assert texts(pixels) == ["300", "1", "1", "2"]
    rows = plots.confusion_matrix(cm)
    shown = rows.images[0].get_array().filled(np.nan)
    np.testing.assert_array_equal(shown[:2], counts[:2] / [[302], [2]])
    np.testing.assert_array_equal(np.diagonal(shown), cm.scores.recall)
    assert texts(rows) == ["99", "<1", "<1", "100"]
    assert (rows.get_xlabel(), rows.get_ylabel()) == ("prediction", "target")
    columns = plots.confusion_matrix(cm, normalise="pred")
    shown = columns.images[0].get_array().filled(np.nan)
    np.testing.assert_array_equal(np.diagonal(shown), cm.scores.precision)
    assert shown[:, 3].tolist() == [1, 0, 0]
    units = [drawn(made).child_axes[0].get_ylabel() for made in (pixels, rows, columns)]
    assert units == ["pixels", "share of the target's pixels", "share of the predicted pixels"]


def test_undefined_rows_are_hatched() -> None:
    cm = ConfusionMatrix(["road", "sky", "car"], ignore_index=1)
    cm.update(pred=[0, 0], target=[0, 1])
    made = plots.confusion_matrix(cm)
    boxes = [(p.get_x(), p.get_y(), p.get_width(), p.get_hatch()) for p in made.patches]
    # The ignored class has neither row nor column; the absent one has no row.
    assert boxes == [(0.5, -0.5, 1, "////"), (-0.5, 0.5, 4, "////"), (-0.5, 1.5, 4, "////")]
    empty = plots.confusion_matrix(ConfusionMatrix(2), normalise=None)
    assert (texts(drawn(empty)), len(empty.patches)) == ([], 0)


@pytest.mark.parametrize(
    ("pixels", "text"),
    [
        (1, "1"),
        (999, "999"),
        (1000, "1.0k"),
        (9949, "9.9k"),
        (9951, "10k"),
        (999_999, "1.0M"),
        (2**62, "4.6E"),
    ],
)
def test_counts_are_short(pixels: int, text: str) -> None:
    assert plots._short(pixels) == text


@MISSES
def test_images_are_counted_at_or_above_each_score() -> None:
    ev = evaluated(Classes(["road", "sky", "car"]))
    for by, values in (
        ("mean_image_iou", ev.images.mean_image_iou),
        ("pixel_accuracy", ev.images.pixel_accuracy),
        ("mean_image_dice", ev.images.mean_image_dice),
        ("iou.car", ev.images.iou[:, 2]),
    ):
        made = plots.image_scores(ev, by=by)
        assert sum(patch.get_height() for patch in made.patches) == len(values)
        assert made.get_xlabel() == by
        assert made.get_title(loc="left") == f"mean {values.mean():.4f} of 12 images"
        x, y = made.figure.axes[-1].lines[0].get_data()
        for threshold in (0, *values, 1):
            share = (values >= threshold).mean()
            assert y[np.searchsorted(x, threshold, side="left")] == pytest.approx(share)


def test_images_without_a_score_are_said() -> None:
    judge = Evaluator(Classes(["road"], ignore=[9]))
    judge.add(pred=[0], target=[9])
    made = drawn(plots.image_scores(judge.result()))
    assert made.get_title(loc="left") == "0 of 1 images have a score"
    judge.add(pred=[0], target=[0])
    made = drawn(plots.image_scores(judge.result()))
    assert made.get_title(loc="left") == "mean 1.0000; 1 of 2 images have a score"


def test_a_comparison_shows_intervals_or_why_there_is_none() -> None:
    rows = [
        difference("mean_iou", 0.05, 0.01, p=0.04),
        difference("iou.car", -0.03, 0.02),
        difference("iou.sky", 0.03, reason="too few images (7)"),
        difference("iou.bus", math.nan),
    ]
    made = drawn(plots.comparison(compared(rows)))
    assert labels(made.yaxis) == ["mean_iou", "iou.car", "iou.sky", "iou.bus"]
    assert texts(made) == ["too few images (7)", "no interval"]
    dots = [line for line in made.lines if line.get_marker() == "o"]
    assert [(dot.get_xdata()[0], dot.get_ydata()[0]) for dot in dots] == [(0.05, 0), (-0.03, 1), (0.03, 2)]
    assert [dot.get_markerfacecolor() == "white" for dot in dots] == [False, True, True]
    lines = [collection.get_segments()[0].tolist() for collection in made.collections]
    assert lines == [[[rows[i].low, i], [rows[i].high, i]] for i in (0, 1)]
    low, high = made.get_ylim()
    assert low > high  # the first is on top
    assert labels(drawn(plots.comparison(compared(()))).yaxis) == []


def test_dots_are_filled_where_the_table_of_the_comparison_marks_a_row() -> None:
    random, judges = np.random.default_rng(2), [Evaluator(["road", "sky", "car"]) for _ in "ab"]
    for _ in range(30):
        target = random.integers(3, size=60)
        for judge, wrong in zip(judges, (0.3, 0.27), strict=True):
            pred = np.where(random.random(60) < wrong, random.integers(3, size=60), target)
            judge.add(pred=pred, target=target)
    found = compare(*(judge.result() for judge in judges), resamples=500)
    made = drawn(plots.comparison(found))
    assert labels(made.yaxis) == [row.name for row in found.differences]
    dots = [line for line in made.lines if line.get_marker() == "o"]
    filled = [dot.get_markerfacecolor() != "white" for dot in dots]
    assert filled == [row.significant for row in found.differences]
    apart = [row.low > 0 or row.high < 0 for row in found.differences]
    assert filled != apart, "an interval that leaves out 0 is not enough"


def test_bars_are_sorted_and_classes_without_one_say_why() -> None:
    cm = ConfusionMatrix(["road", "sky", "car", "bus", "van"], ignore_index=3)
    cm.update(pred=[0, 0, 1, 1, 4], target=[0, 0, 1, 0, 0])
    low = np.array([0.1, 0.2, np.nan, np.nan, 0])
    made = drawn(plots.scores(cm, low=low, high=low + 0.3))
    assert labels(made.yaxis) == ["road", "sky", "van", "car", "bus"]
    assert [bar.get_width() for bar in made.patches] == [0.5, 0.5, 0, 0, 0]
    assert texts(made) == ["only predicted", "absent", "ignored"]
    assert made.get_title(loc="left") == f"mean_iou {cm.scores.mean_iou:.4f}"
    ends = [collection.get_segments()[0].tolist() for collection in made.collections]
    assert ends == [[[0.1, 0], [0.4, 0]], [[0.2, 1], [0.5, 1]], [[0, 2], [0.3, 2]]]
    never = ConfusionMatrix(2)
    never.update(pred=[0, 0], target=[0, 1])
    assert texts(plots.scores(never.scores, metric="precision")) == ["undefined"]


@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
def test_names_are_shown_as_they_are() -> None:
    names = ["$\\frac{$", "a$b", *HOSTILE]
    cm = ConfusionMatrix(names)
    cm.update(pred=[0, 1, 2], target=[0, 1, 1])
    rows = [difference(name, 0.1, reason=name) for name in names]
    for made in (
        plots.confusion_matrix(cm),
        plots.scores(cm),
        plots.comparison(compared(rows)),
    ):
        found = [label for label in drawn(made).get_yticklabels() if label.get_text()]
        assert sorted(label.get_text() for label in found) == sorted(drawing.shown(name) for name in names)
        assert not any(label.get_parse_math() or label.get_usetex() for label in found)
        assert all(label.get_text().isprintable() for label in found)
        made.figure.savefig(io.BytesIO())
    judge = Evaluator(Classes(["a$b$"]))
    judge.add(pred=[0], target=[0])
    assert drawn(plots.image_scores(judge.result(), by="iou.a$b$")).get_xlabel() == "iou.a$b$"


def test_settings_and_windows_are_left_alone() -> None:
    code = """
import sys, matplotlib
matplotlib.use("Agg")  # if it is not chosen, reading the settings chooses one, and loads pyplot
before = matplotlib.rcParams.copy()
from segscore import ConfusionMatrix, plots
cm = ConfusionMatrix(2)
cm.update(pred=[0, 1], target=[0, 0])
plots.scores(cm).figure.canvas.draw()
plots.confusion_matrix(cm).figure.canvas.draw()
print(matplotlib.rcParams == before, "matplotlib.pyplot" in sys.modules)
"""
    assert python(code) == "True False\n"
    assert mpl.rcParams["text.usetex"] is False


def test_what_cannot_be_drawn_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    cm = ConfusionMatrix(["road", "sky"])
    cm.update(pred=[0, 1], target=[0, 0])
    judge = Evaluator(["road", "sky"])
    judge.add(pred=[0, 1], target=[0, 0])
    loaded = "hint: `segscore.load` reads what was saved"
    for call, text in (
        (
            lambda: plots.confusion_matrix(cm, normalise="row"),
            'expected `normalise` to be "target", "pred" or None, found \'row\'\n'
            'hint: "target" shows shares of rows, "pred" shares of columns, None pixels',
        ),
        (
            lambda: plots.confusion_matrix(ConfusionMatrix(1001)),
            "a matrix of 1,001 classes is too large to draw, the most is 1,000\n"
            "hint: `scores.to_dict()` holds the numbers of every class",
        ),
        (
            lambda: plots.image_scores(judge.result(), by="iou.skyy"),
            "there is no class `skyy`\nhint: the nearest is `sky`",
        ),
        (
            lambda: plots.scores(cm, metric="dicee"),
            "there is no metric of a class `dicee`\nhint: the nearest is `dice`",
        ),
        (
            lambda: plots.scores(cm, low=[0.1, 0.2]),
            "expected `low` and `high` of shape (2,), found (2,) and nothing\n"
            "hint: give both ends of every class's interval, NaN where there is none",
        ),
        (
            lambda: plots.confusion_matrix(5),
            f"expected a confusion matrix or an evaluation as `source`, found int\n{loaded}",
        ),
        (lambda: plots.scores("x"), f"expected scores, or what has them, as `source`, found str\n{loaded}"),
        (lambda: plots.image_scores(cm), f"expected an evaluation as `ev`, found ConfusionMatrix\n{loaded}"),
        (
            lambda: plots.comparison(judge.result()),
            "expected a comparison as `comparison`, found Evaluation\n"
            "hint: `segscore.compare` makes one of two evaluations",
        ),
    ):
        assert refused(ArgumentError, call) == text
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, name, None)
    comparison = compared(())
    for call in (
        lambda: plots.confusion_matrix(cm),
        lambda: plots.image_scores(judge.result()),
        lambda: plots.scores(cm),
        lambda: plots.comparison(comparison),
    ):
        assert refused(ArgumentError, call) == (
            "plots are drawn with matplotlib, which is not installed\nhint: `pip install 'segscore[plot]'`"
        )
