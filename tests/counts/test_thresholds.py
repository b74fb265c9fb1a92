"""Thresholds on another scale than the values that they part, wherever these come from; others are silent."""

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import Evaluator, SegscoreWarning
from segscore.counts.thresholds import ScoreRange, misfit, values_of
from support.command_line import run
from support.masks_on_disk import Array, array_file, pillow, png, write

HINT = (
    "hint: a threshold is on the scale of the values: `threshold=0.5` for probabilities from 0 to 1, 50 for "
    "percents and 0 for logits, all of them as floats; of gray pictures it is a share of the largest value "
    "that they can hold. Masks of labels take none"
)
RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.integers(0, 2, (30, 20, 20))
SHARES = np.clip(TARGETS * 0.6 + RANDOM.random(TARGETS.shape) * 0.4, 0, 1)
SHARES[:, 0, :2] = 0, 1


@pytest.mark.parametrize(
    ("low", "high", "threshold", "largest", "said"),
    [
        (
            0,
            1 / 255,
            0.5,
            255,
            "no value of any prediction reaches the threshold 0.5: the highest is 1 of 255",
        ),
        (0, 1, 50, 0, "no value of any prediction reaches the threshold 50: the highest is 1"),
        (0, 1, 0, 0, "every value of all predictions reaches the threshold 0: the lowest is 0"),
        (
            0,
            100 / 255,
            0.3,
            255,
            "the highest value of all predictions is 100 of 255, so that they look like labels or percents, "
            "and not like shares of which 0.3 is one",
        ),
        (
            0,
            10_000 / 65_535,
            0.1,
            65_535,
            "the highest value of all predictions is 10,000 of 65,535, so that they look like labels or "
            "percents, and not like shares of which 0.1 is one",
        ),
        (
            0,
            99.5,
            0.5,
            0,
            "the values of predictions go from 0 to 99.5, and the threshold 0.5 looks like one of "
            "probabilities",
        ),
        (
            -7.25,
            8,
            0.5,
            0,
            "the values of predictions go from -7.25 to 8, and the threshold 0.5 looks like one of "
            "probabilities",
        ),
        (-7.25, 8, 0, 0, ""),
        (-7.25, 8, 0.3, 0, ""),  # that was chosen
        (-1, 1, 0.5, 0, ""),
        (0, 100, 50, 0, ""),
        (0, 255, 128, 0, ""),
        (0, 1.002, 0.5, 0, ""),
        (0, 1, 1, 0, ""),
        (0, 0.41, 0.3, 255, ""),
        (0, 1, 0.5, 1, ""),
        (0, 1, 0.5, 255, ""),
    ],
)
def test_what_is_said_of_values(low: float, high: float, threshold: float, largest: int, said: str) -> None:
    assert misfit([ScoreRange(low, high, threshold, largest)]) == said
    # No image tells alone.
    lowest, highest = ScoreRange(low, low, threshold, largest), ScoreRange(high, high, threshold, largest)
    assert misfit([None, highest, lowest]) == said


def npz(values: Array) -> bytes:
    file = io.BytesIO()
    np.savez(file, values)
    return file.getvalue()


FORMS = {
    "labels.png": (lambda shares: png(np.round(shares).astype(int)), 0.5, "the highest is 1 of 255"),
    "labels.jpg": (
        lambda shares: pillow(Image.fromarray(np.round(shares).astype(np.uint8)), "JPEG", quality=100),
        0.5,
        "the highest is 2 of 255",
    ),
    "percents.png": (lambda shares: png(np.round(100 * shares).astype(int)), 0.5, "is 100 of 255"),
    "percents of 16 bits.png": (
        lambda shares: png(np.round(100 * shares).astype(int), 16),
        0.5,
        "is 100 of 65,535",
    ),
    "percents.npy": (lambda shares: array_file(100 * shares), 0.5, "go from 0 to 100"),
    "too high.npy": (array_file, 50, "the threshold 50: the highest is 1"),
    "too high.npz": (npz, 128, "the threshold 128: the highest is 1"),
    "logits.npy": (lambda shares: array_file(9 * shares - 4), 0.5, "go from -4 to 5"),
}


@pytest.mark.parametrize("images", [1, 3, 30])
@pytest.mark.parametrize("name", FORMS)
def test_files_on_another_scale_are_told(tmp_path: Path, name: str, images: int) -> None:
    form, threshold, said = FORMS[name]
    kind = name.rpartition(".")[2]
    write(tmp_path, {f"p/{i:02d}.{kind}": form(SHARES[i]) for i in range(images)})
    write(tmp_path, {f"t/{i:02d}.png": TARGETS[i] for i in range(images)})
    sides = {"pred": tmp_path / "p", "target": tmp_path / "t", "classes": 2, "threshold": threshold}
    with pytest.warns(SegscoreWarning) as found:
        ev = segscore.evaluate(**sides)
    (warning,) = (str(one.message) for one in found)
    message, hint = warning.split("\n")
    assert said in message
    assert hint == HINT
    ev.save(tmp_path / "ev.npz")
    for findings in (
        ev.findings,
        segscore.load(tmp_path / "ev.npz").findings,
        segscore.audit(**sides).findings,
    ):
        assert [f.message for f in findings if f.kind == "threshold-scale"] == [message]
    shown = run("evaluate", *(part for key, value in sides.items() for part in (f"--{key}", value)))
    assert message in " ".join(shown.stderr.split())
    assert "`--threshold 0.5` for probabilities" in " ".join(shown.stderr.split())


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_images_that_are_added_are_told_together(dtype: type) -> None:
    judge, batch = Evaluator(2), Evaluator(2)
    percents = (100 * SHARES[:3]).astype(dtype)
    for values, target in zip(percents, TARGETS, strict=False):
        judge.add(logits=values, target=target, threshold=0.5)
    batch.add_batch(logits=percents, target=TARGETS[:3], threshold=0.5)
    for one in (judge, batch, sum([judge])):
        with pytest.warns(SegscoreWarning, match="the threshold 0.5 looks like one of probabilities") as said:
            found = one.result()
        assert len(said) == 1
        assert [f.kind for f in found.doubts] == ["threshold-scale"]


@pytest.mark.parametrize("images", [1, 3, 30])
def test_thresholds_on_the_scale_of_the_values_are_silent(images: int) -> None:
    targets = list(TARGETS[:images])
    for factor, offset, threshold in ((1, 0, 0.5), (100, 0, 50), (255, 0, 128), (9, -4, 0)):
        values = [factor * shares + offset for shares in SHARES[:images]]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ev = segscore.evaluate(pred=values, target=targets, classes=2, threshold=threshold)
        assert ev.doubts == ()


def test_an_image_without_the_class_is_not_told_of_beside_others() -> None:
    values = [SHARES[0], SHARES[1] * 0.3]
    ev = segscore.evaluate(pred=values, target=list(TARGETS[:2]), classes=2, threshold=0.5)
    assert ev.doubts == ()


@pytest.mark.parametrize(
    ("scale", "threshold", "said"),
    [
        (100, 0.5, "and the threshold 0.5 looks like one of probabilities"),
        (1, 50, "and the threshold 50 looks like one of percents"),
        (1, 0.5, None),
        (100, 50, None),
    ],
)
@pytest.mark.parametrize("several", [False, True])
def test_a_matrix_looks_at_its_first_scores(
    scale: int, threshold: float, said: str | None, several: bool
) -> None:
    cm = segscore.ConfusionMatrix(2)
    scores = [*(SHARES * scale).astype(np.float32)]
    given = (scores, [*TARGETS]) if several else (scores[0], TARGETS[0])
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        for _ in range(2):
            cm.update(logits=given[0], target=given[1], threshold=threshold)
    texts = [str(one.message) for one in found]
    assert len(texts) == (said is not None)
    assert said is None or (said in texts[0] and texts[0].endswith(HINT))
    assert all(one.filename == __file__ for one in found)


def test_a_matrix_that_warns_of_an_error_has_counted_nothing() -> None:
    cm = segscore.ConfusionMatrix(2)
    for _ in range(2):
        with pytest.raises(SegscoreWarning, match="looks like one of probabilities"):
            cm.update(logits=SHARES[0] * 100, target=TARGETS[0], threshold=0.5)
    assert cm.pixels == 0


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("threshold", [0.1, 0.7])
def test_what_a_type_rounds_to_the_threshold_reaches_it(threshold, dtype):
    values = values_of(np.array([0.01, threshold], dtype), threshold)
    assert misfit([values]) == ""
    assert values.threshold == values.high == float(np.array(threshold, dtype))
