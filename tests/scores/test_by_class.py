"""Values of classes are arrays that also take names."""

import copy
import pickle
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from segscore import ConfusionMatrix
from segscore.errors import ArgumentError
from segscore.scores.by_class import ByClass
from support.refused import refused

Array = npt.NDArray[np.float64]


@pytest.fixture
def iou() -> ByClass:
    cm = ConfusionMatrix(["road", "car", "sky"])
    cm.update(pred=[0, 1, 1, 0], target=[0, 0, 1, 0])
    return cm.scores.iou


def test_a_value_is_read_by_the_name_of_its_class(iou: ByClass) -> None:
    assert iou["car"] == iou[1] == 0.5
    assert type(iou["car"]) is float
    assert np.isnan(iou["sky"])


def test_every_score_of_classes_takes_names(iou: ByClass) -> None:
    cm = ConfusionMatrix(["road", "car"])
    cm.update(pred=[0, 1, 1, 0], target=[0, 0, 1, 0])
    for values in (
        *(getattr(cm.scores, name) for name in ("iou", "dice", "precision", "recall")),
        cm.scores.specificity,
        cm.scores.f_beta(2),
    ):
        assert values["car"] == values[1]
        assert values.dtype == np.float64
        assert not values.flags.writeable


def test_an_unknown_name_is_an_error_that_names_the_nearest(iou: ByClass) -> None:
    assert refused(ArgumentError, iou.__getitem__, "cra") == (
        "there is no class `cra`\nhint: the nearest are `car`, `road`"
    )


def test_it_is_an_array_that_cannot_be_written_to(iou: ByClass) -> None:
    assert isinstance(iou, np.ndarray)
    assert (iou.dtype, iou.shape, repr(iou)) == (np.float64, (3,), repr(np.array(iou)))
    for values in (iou, np.asarray(iou)):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1


PLAIN: dict[str, Callable[[ByClass], object]] = {
    "array": np.array,
    "asarray": np.asarray,
    "a part": lambda iou: iou[1:],
    "chosen": lambda iou: iou[iou > 0.1],
    "a sum": lambda iou: iou + 1,
    "compared": lambda iou: iou > 0.1,
    "rounded": lambda iou: iou.round(2),
    "where": lambda iou: np.where(iou > 0.1, iou, 0),
    "pickled": lambda iou: pickle.loads(pickle.dumps(iou)),
    "copied": copy.deepcopy,
}


@pytest.mark.parametrize("made", PLAIN.values(), ids=PLAIN)
def test_what_is_made_of_it_is_a_plain_array(iou: ByClass, made: Callable[[ByClass], object]) -> None:
    found, expected = made(iou), np.array(iou)
    assert type(found) is np.ndarray
    if found.shape == expected.shape and found.dtype == expected.dtype:
        assert made(expected).tolist() == pytest.approx(found.tolist(), nan_ok=True)  # type: ignore[arg-type, attr-defined]


def test_numbers_that_are_made_of_it_are_numpy_s(iou: ByClass) -> None:
    assert type(np.nanmean(iou)) is type(iou[0]) is type(iou.max()) is np.float64


def test_what_is_in_another_order_takes_no_names(iou: ByClass) -> None:
    for values in (np.sort(iou), iou.copy(), iou[::-1]):
        with pytest.raises(IndexError):
            values["car"]  # type: ignore[index]
