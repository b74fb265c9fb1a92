"""How masks are found and read: the same options, with the same defaults, wherever masks are read."""

import inspect
from collections.abc import Callable
from dataclasses import fields
from hashlib import sha256

import pytest

from segscore import audit, evaluate
from segscore.counts.labels_found import find_labels
from segscore.io.reading import Reading, reading_dict, reading_of_dict
from segscore.workspace import Datasets

OPTIONS = {field.name: field.default for field in fields(Reading)}
WITHOUT_CLASSES = OPTIONS.keys() - {"class_axis", "threshold"}
OF_TARGETS = {"pairing", "list", "read", "dims"}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (evaluate, OPTIONS.keys()),
        (audit, OPTIONS.keys()),
        (find_labels, WITHOUT_CLASSES),
        (Datasets.add, OF_TARGETS),
    ],
)
def test_whoever_reads_masks_takes_the_same_options(
    function: Callable[..., object], expected: set[str]
) -> None:
    taken = inspect.signature(function).parameters
    assert {name: taken[name].default for name in OPTIONS if name in taken} == {
        name: OPTIONS[name] for name in expected
    }


def test_a_dataset_keeps_what_is_not_usual() -> None:
    assert reading_dict(Reading()) == {}
    assert reading_dict(Reading(pairing="{id}_gt", dims=3)) == {"dims": 3}
    assert reading_of_dict({"dims": 3, "truth": {}}) == Reading(dims=3)
    kept = reading_dict(Reading(list=["b", "a"]))
    assert kept == {"list": {"where": "2 names", "sha256": sha256(b"b\na").hexdigest()}}
    assert reading_dict(reading_of_dict(kept)) == kept
