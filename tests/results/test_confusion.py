"""ConfusionMatrix: its counts are those of the definition, whether labels are classes, ignored or neither."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segscore.classes.classes import Classes
from segscore.errors import ArgumentError, LabelError, SegscoreWarning, ShapeError
from segscore.results.confusion import ConfusionMatrix
from support import hints
from support.refused import refused, warned

INTEGERS = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")


def in_range(dtype, labels):
    """Return those labels that the type can hold."""
    limits = np.iinfo(dtype)
    return [label for label in labels if limits.min <= label <= limits.max]


def by_definition(target, pred, labels, ignore=(), pred_labels=None):
    """Return the counts, what is missed, and what is ignored, pixel by pixel."""
    ignore = set(ignore)
    row = {label: i for i, label in enumerate(labels)}
    column = {
        p: i for i, (t, p) in enumerate(zip(labels, pred_labels or labels, strict=True)) if t not in ignore
    }
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    missed = np.zeros(len(labels), dtype=np.int64)
    ignored = 0
    for t, p in zip(np.ravel(target).tolist(), np.ravel(pred).tolist(), strict=True):
        if t in ignore:
            ignored += 1
        elif p in column:
            counts[row[t], column[p]] += 1
        else:
            missed[row[t]] += 1
    return counts, missed, ignored


def assert_holds(cm, expected):
    counts, missed, ignored = expected
    np.testing.assert_array_equal(cm.counts, counts)
    np.testing.assert_array_equal(cm.missed, missed)
    assert cm.counts.dtype == cm.missed.dtype == np.int64
    assert cm.ignored == ignored
    assert cm.pixels == counts.sum() + missed.sum()
    scores = cm.scores
    np.testing.assert_array_equal(scores.tp, np.diag(counts))
    np.testing.assert_array_equal(scores.target, counts.sum(axis=1) + missed)
    np.testing.assert_array_equal(scores.pred, counts.sum(axis=0))


@pytest.mark.filterwarnings("ignore::segscore.errors.SegscoreWarning")
@pytest.mark.parametrize("number", [1, 2, 19, 255, 300])
@settings(max_examples=150)
@given(data=st.data())
def test_counts_are_those_of_the_definition(layouts, number, data):
    of_target, of_pred = data.draw(st.tuples(st.sampled_from(INTEGERS), st.sampled_from(INTEGERS)))
    outside = [-100, -1, number, number + 1, 255, 2**40]
    ignore = set(
        data.draw(st.lists(st.sampled_from([label for label in outside if label >= number or label < 0])))
    )
    ignore |= set(data.draw(st.lists(st.integers(0, number - 1), max_size=min(3, number - 1))))
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6))
    targets = in_range(of_target, sorted(set(range(number)) | ignore))
    preds = in_range(of_pred, [*range(number), *outside])
    target = data.draw(hnp.arrays(of_target, shape, elements=st.sampled_from(targets)))
    pred = data.draw(hnp.arrays(of_pred, shape, elements=st.sampled_from(preds)))
    lay_pred, lay_target = data.draw(st.tuples(*[st.sampled_from(sorted(layouts))] * 2))
    cm = ConfusionMatrix(number, ignore_index=ignore)
    cm.update(pred=layouts[lay_pred](pred), target=layouts[lay_target](target))
    assert_holds(cm, by_definition(target, pred, range(number), ignore))


@pytest.mark.filterwarnings("ignore::segscore.errors.SegscoreWarning")
@given(data=st.data())
def test_counts_of_any_label_values_are_those_of_the_definition(data):
    values = st.integers(-(2**62), 2**55) | st.integers(-300, 300)
    labels = data.draw(st.lists(values, min_size=1, max_size=8, unique=True))
    pred_labels = data.draw(
        st.none() | st.lists(values, min_size=len(labels), max_size=len(labels), unique=True)
    )
    ignore = {*labels[: data.draw(st.integers(0, len(labels)))], *data.draw(st.lists(values, max_size=3))}
    ignore -= {labels[-1]}  # at least one class is left to score
    shape = data.draw(hnp.array_shapes(max_dims=2, max_side=30))
    of_target, of_pred = sorted({*labels, *ignore}), [*(pred_labels or labels), *labels, 7]
    target = data.draw(hnp.arrays(np.int64, shape, elements=st.sampled_from(of_target)))
    pred = data.draw(hnp.arrays(np.int64, shape, elements=st.sampled_from(of_pred)))
    classes = Classes([f"class {label}" for label in labels], labels)
    cm = ConfusionMatrix(classes, ignore_index=ignore, pred_classes=pred_labels)
    cm.update(pred=pred, target=target)
    assert_holds(cm, by_definition(target, pred, labels, ignore, pred_labels))


def test_bool_maps_of_both_sides_are_two_classes():
    target, pred = np.random.default_rng(0).random((2, 5, 7)) < 0.5
    cm = ConfusionMatrix(2)
    cm.update(pred=pred, target=target)
    assert_holds(cm, by_definition(target.astype(int), pred.astype(int), range(2)))


def test_rows_are_targets_columns_are_predictions_and_misses_are_in_the_denominator():
    cm = ConfusionMatrix(3)
    with pytest.warns(SegscoreWarning):
        cm.update(pred=[0, 1, 1, 9, 2, 2], target=[0, 0, 1, 1, 1, 2])
    assert cm.counts.tolist() == [[1, 1, 0], [0, 1, 1], [0, 0, 1]]
    assert cm.missed.tolist() == [0, 1, 0]
    scores = cm.scores
    # TP / (TP + FP + FN): 1 / (1 + 0 + 1), 1 / (1 + 1 + 2), 1 / (1 + 1 + 0)
    assert scores.iou.tolist() == [1 / 2, 1 / 4, 1 / 2]
    assert scores.dice.tolist() == [2 / 3, 2 / 5, 2 / 3]
    assert scores.pixel_accuracy == 3 / 6
    # Chance agreement: (2 * 1 + 3 * 2 + 1 * 2) / 36 = 10 / 36, "none" agreeing with nothing.
    assert scores.kappa == pytest.approx((18 / 36 - 10 / 36) / (1 - 10 / 36), abs=1e-15)


def test_the_score_is_that_of_summed_counts_and_not_a_mean_over_images():
    cm = ConfusionMatrix(2)
    cm.update(pred=[0, 0], target=[0, 0])
    cm.update(pred=[0, 1, 1, 1], target=[1, 1, 1, 1])
    # class 0: 2 / 3, class 1: 3 / 4; the images alone have 1 and 3 / 8.
    assert cm.scores.iou.tolist() == [2 / 3, 3 / 4]
    assert cm.scores.mean_iou == pytest.approx((2 / 3 + 3 / 4) / 2, abs=1e-15)


def test_ignored_targets_are_counted_apart_and_predictions_of_ignored_labels_are_misses():
    cm = ConfusionMatrix(3, ignore_index=[255, 1, -1])
    with pytest.warns(SegscoreWarning, match=r"^`pred` holds the label 255 \(1 pixel\): no class; counted"):
        cm.update(pred=[0, 0, 1, 255, 2, 0], target=[255, -1, 1, 0, 2, 1])
    cm.update(pred=[1, 2], target=[0, 0])
    assert cm.ignored == 4
    assert cm.counts.tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 1]]
    assert cm.missed.tolist() == [2, 0, 0]
    # 0: none of 3 pixels; 1 is ignored; 2: 1 right and one false positive
    np.testing.assert_array_equal(cm.scores.iou, [0, np.nan, 1 / 2])
    assert cm.scores.mean_iou == 1 / 4
    assert cm.scores.absent == ()


def unknown(labels, hint=hints.GIVE_LABELS):
    return f"`target` holds the {labels}: neither class nor ignored\nhint: {hint}"


UNKNOWN_TARGETS = {
    "255": (
        {"classes": 2},
        [0, 1, 255, 255],
        unknown("label 255 (2 pixels)", "255 usually marks pixels to leave out: `ignore_index=255`"),
    ),
    "several": (
        {"classes": 2, "ignore_index": 255},
        [7, 7, 7, 255, -100, -100, 2, 3, 4, 1000],
        unknown(
            "labels 7 (3 pixels), -100 (2 pixels), 2 (1 pixel), 3 (1 pixel), 4 (1 pixel) and 1 more label"
        ),
    ),
    "many pixels": (
        {"classes": 1, "ignore_index": -1},
        np.full(1234567, 3),
        unknown("label 3 (1,234,567 pixels)"),
    ),
    "a huge label": ({"classes": 2}, [2**62], unknown("label 4611686018427387904 (1 pixel)")),
}


@pytest.mark.parametrize(("how", "target", "text"), UNKNOWN_TARGETS.values(), ids=UNKNOWN_TARGETS)
def test_an_unknown_target_is_an_error_that_changes_nothing(how, target, text):
    cm = ConfusionMatrix(**how)
    for _ in range(2):
        assert refused(LabelError, cm.update, pred=np.zeros(len(target), np.uint8), target=target) == text
        assert (cm.pixels, cm.ignored) == (0, 0)
    cm.update(pred=[0], target=[0])
    one = np.zeros(1, int)
    with pytest.raises(LabelError):
        cm.update(pred=[one, np.zeros(len(target), int)], target=[one, np.array(target)])
    assert cm.counts[0, 0] == cm.pixels == 1


def test_the_likely_cause_knows_labels_of_earlier_updates():
    cm = ConfusionMatrix(2)
    cm.update(pred=[1], target=[1])
    with pytest.raises(LabelError, match="255 usually marks pixels to leave out"):
        cm.update(pred=[0, 0], target=[0, 255])
    with pytest.raises(LabelError, match="masks of 0 and 255 are the preset"):
        ConfusionMatrix(2).update(pred=[0, 0], target=[0, 255])


def test_a_miss_warns_once_at_the_line_of_the_update():
    cm = ConfusionMatrix(2)
    said = f"`pred` holds the label 7 (2 pixels): no class; counted as missed\nhint: {hints.OTHER_LABELS}"
    with warned(said, at=__file__):
        cm.update(pred=[0, 7, 7], target=[0, 1, 1])
    cm.update(pred=[0, 7, 8], target=[0, 1, 1])
    cm.copy().update(pred=[9], target=[0])
    assert cm.missed.tolist() == [0, 4]
    cm.reset()
    with pytest.warns(SegscoreWarning):
        cm.update(pred=[7], target=[0])


def test_predictions_of_no_class_are_of_no_concern_where_the_target_is_ignored():
    cm = ConfusionMatrix(2, ignore_index=255, strict=True)
    cm.update(pred=[0, 77, -5], target=[0, 255, 255])
    assert (cm.pixels, cm.ignored) == (1, 2)


def test_a_miss_whose_warning_is_an_error_changes_nothing():
    cm = ConfusionMatrix(2)
    for _ in range(2):
        with pytest.raises(SegscoreWarning, match="no class; counted as missed"):
            cm.update(pred=[7], target=[0])
        assert cm.pixels == 0


def test_a_miss_is_an_error_if_strict():
    cm = ConfusionMatrix(2, strict=True)
    cm.update(pred=[0, 1], target=[0, 0])
    for _ in range(2):
        assert refused(LabelError, cm.update, pred=[7, 0], target=[1, 1]) == (
            f"`pred` holds the label 7 (1 pixel): no class\nhint: {hints.OTHER_LABELS}"
        )
    assert cm.counts.tolist() == [[1, 1], [0, 0]]


def test_a_strict_matrix_stays_strict_when_others_are_added_to_it():
    lenient = ConfusionMatrix(2)
    with pytest.warns(SegscoreWarning):
        lenient.update(pred=[7], target=[1])
    strict = ConfusionMatrix(2, strict=True)
    for total in (strict + lenient, lenient + strict, sum([lenient, strict]), (strict + lenient).copy()):
        assert total.missed.tolist() == [0, 1]
        with pytest.raises(LabelError):
            total.update(pred=[7], target=[1])
        assert total.missed.tolist() == [0, 1]


def test_lists_of_arrays_say_where_they_differ_and_count_nothing():
    cm = ConfusionMatrix(2)
    two, three = np.zeros(2, int), np.zeros(3, int)
    assert refused(ShapeError, cm.update, pred=[two, three], target=[two]) == (
        f"`pred` and `target` differ in length: 2 and 1 arrays\nhint: {hints.ONE_TARGET}"
    )
    assert refused(ShapeError, cm.update, pred=[two, three], target=[two, two]) == (
        f"at index 1: `pred` and `target` differ in shape: (3,) and (2,)\nhint: {hints.SIZES}"
    )
    assert cm.pixels == 0


def test_arguments_have_names_so_that_they_are_not_swapped():
    with pytest.raises(TypeError, match="positional"):
        ConfusionMatrix(2).update([0], [1])


def test_reset_forgets_and_copies_are_apart():
    cm = ConfusionMatrix(2)
    cm.update(pred=[0, 1], target=[0, 0])
    scores, kept = cm.scores, cm.copy()
    cm.update(pred=[1], target=[1])
    assert scores.pixels == 2
    assert kept.counts.tolist() == [[1, 1], [0, 0]]
    cm.reset()
    assert (cm.pixels, cm.ignored, cm == ConfusionMatrix(2)) == (0, 0, True)
    assert kept.pixels == 2
    cm.counts[0, 0] = 5
    assert cm.pixels == 0


def test_forms_of_text_end_in_the_mean():
    cm = ConfusionMatrix("camvid-11")
    assert repr(cm) == "<ConfusionMatrix of camvid-11: 0 pixels, mean IoU nan>"
    cm.update(pred=np.zeros(2000, int), target=[0] * 1000 + [11] * 1000)
    assert repr(cm) == "<ConfusionMatrix of camvid-11: 1,000 pixels, mean IoU 1.000000>"
    assert repr(ConfusionMatrix(1)) == "<ConfusionMatrix of 1 class: 0 pixels, mean IoU nan>"
    assert str(cm) == str(cm.scores)
    assert cm._repr_html_() == cm.scores._repr_html_()


def test_it_has_no_hash_because_it_changes():
    with pytest.raises(TypeError, match="unhashable type: 'ConfusionMatrix'"):
        hash(ConfusionMatrix(2))


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (2, Classes.of(2, 255), "`ignore` has 0 and 1 entries, and the second begins with 255"),
        (19, 20, "`names` has 19 and 20 entries, and the second goes on with '19'"),
        (["a", "b", "c"], ["a", "x", "c"], "`names[1]` is 'b' and 'x'"),
        (Classes(["a"], name="one"), Classes(["a"], name="two"), "`name` is 'one' and 'two'"),
        (Classes(["a"]), Classes(["a"], pred_labels=[5]), "`pred_labels` is None and (5,)"),
        (
            Classes(["a", "b"], colours={0: (1, 2, 3), 1: (4, 5, 6)}),
            Classes(["a", "b"], colours={0: (1, 2, 3)}),
            "`colours` has 2 and 1 entries, and the first goes on with (1, (4, 5, 6))",
        ),
        (65_536, 2, "`names` has 65,536 and 2 entries, and the first goes on with '2'"),
    ],
)
def test_the_first_difference_between_classes_is_told(one, other, found):
    assert refused(ArgumentError, ConfusionMatrix(one).__add__, ConfusionMatrix(other)) == (
        f"two confusion matrices with different classes cannot be added: {found}\n"
        "hint: make both with the same classes"
    )


def test_matrices_whose_classes_differ_in_what_is_for_people_only_are_added():
    one = Classes(["a"], title="A", note="old", source=["one.toml"])
    other = Classes(["a"], title="B", note="new", source=["two.toml"])
    first, second = ConfusionMatrix(one), ConfusionMatrix(other)
    second.update(pred=[0], target=[0])
    assert (first + second).counts.tolist() == [[1]]


def test_a_sum_does_not_warn_again():
    cm = ConfusionMatrix(2)
    with pytest.warns(SegscoreWarning, match="`pred` holds the label 7"):
        cm.update(pred=[7], target=[0])
    for both in (cm + ConfusionMatrix(2), ConfusionMatrix(2) + cm, sum([cm, cm])):
        both.update(pred=[8], target=[0])  # warnings are errors here
        assert both.missed[0] >= 2


def test_only_matrices_are_added():
    for other in (1, "x", None, [ConfusionMatrix(2)]):
        with pytest.raises(TypeError, match="unsupported operand"):
            ConfusionMatrix(2) + other
        with pytest.raises(TypeError):
            other + ConfusionMatrix(2)
