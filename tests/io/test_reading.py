"""How masks are found and read: the same options, with the same defaults, wherever masks are read."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import fields
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from segscore import audit, evaluate
from segscore.counts.labels_found import find_labels
from segscore.io.reading import Reading, reading_dict, reading_of_dict
from segscore.workspace import Datasets
from support.masks_on_disk import write

LABELS = np.eye(3, dtype=np.uint8)

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


def test_a_reader_that_ends_the_program_has_failed_on_its_file(tmp_path: Path) -> None:
    write(tmp_path, {f"{side}/{name}.png": LABELS for side in "pt" for name in "abc"})

    def read(path: str) -> object:
        if path.endswith("t/b.png"):
            sys.exit("no such band")
        return LABELS

    sides = {"pred": tmp_path / "p", "target": tmp_path / "t"}
    found = evaluate(**sides, classes=5, read=read, on_error="skip", progress=False)
    assert found.names == ("a", "c")
    assert [(one.name, one.message, one.hint) for one in found.failures] == [
        (
            "b",
            f"{tmp_path}/t/b.png: the reader failed: SystemExit: no such band",
            "check the function on this file",
        )
    ]


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupt_within_a_reader_interrupts(tmp_path: Path, threads: int) -> None:
    write(tmp_path, {"p/a.png": LABELS, "t/a.png": LABELS})

    def read(path: str) -> object:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=5, read=read, threads=threads)
