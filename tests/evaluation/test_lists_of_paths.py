"""`evaluate` with lists of paths: what their files are called, and addresses that a function reads."""

import sys
from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, PairingError, audit, evaluate
from segscore.io.places import Files
from support.masks_on_disk import write
from support.refused import refused


def test_names_of_lists_do_not_depend_on_what_else_is_in_them(tmp_path: Path) -> None:
    preds, targets = ([f"{tmp_path}/{side}/a/{i}.png" for i in (0, 4, 8)] for side in ("pred", "target"))
    for i, (pred, target) in enumerate(zip(preds, targets, strict=True)):
        write(tmp_path, {pred: np.array([[i, 1]]), target: np.array([[1, 1]])})
    whole = evaluate(pred=preds, target=targets, classes=3)
    sides = list(zip(preds, targets, strict=True))
    parts = [evaluate(pred=[pred], target=[target], classes=3) for pred, target in sides]
    assert whole.names == ("0", "4", "8")
    assert [part.names for part in parts] == [("0",), ("4",), ("8",)]
    beside = [evaluate(pred=[pred], target=tmp_path / "target", classes=3, on_error="skip") for pred in preds]
    assert [part.names for part in beside] == [("a/0",), ("a/4",), ("a/8",)]


def test_lists_whose_files_are_called_the_same_are_named(tmp_path: Path) -> None:
    sides = [[str(tmp_path / f"{side}{i}" / "mask.npy") for i in range(3)] for side in "pt"]
    for i, paths in enumerate(zip(*sides, strict=True)):
        write(tmp_path, {path: np.array([[0, 1]]) * (i != 1) for path in paths})
    for names in (["x/a", "y/a", "b"], ["b", "a", "c"]):
        found = evaluate(pred=sides[0], target=sides[1], classes=2, names=names)
        assert found.names == tuple(names)
        assert found.images.pixel_accuracy.tolist() == [1, 1, 1]
        assert found.files[names[1]].target == sides[1][1]
    text = refused(PairingError, evaluate, pred=sides[0], target=sides[1], classes=2)
    assert text == (
        "`target`: expected one file for each name, found 1 name with several in the list of 3 paths:\n"
        f"  mask: {', '.join(sides[1])}\n"
        "hint: name images yourself, `names=[…]`, or give the folder of the files"
    )


def test_a_function_is_given_addresses_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = {f"memory://{side}/a.png?v=2": np.array([[0, 1]]) for side in "pt"}
    store["s3://t/b"] = np.array([[1, 1]])
    pred, *targets = store
    found = evaluate(pred=[pred] * 2, target=targets, classes=2, read=store.__getitem__)
    assert found.names == ("memory://t/a.png", "s3://t/b")
    assert found.files["s3://t/b"] == Files("memory://p/a.png", "s3://t/b")
    assert found.images.pixel_accuracy.tolist() == [1, 0.5]
    one = evaluate(pred="memory://p/a.png?v=2", target="s3://t/b", classes=2, read=store.__getitem__)
    assert one.names == ("s3://t/b",)
    assert audit(pred=["s3://t/b"], target=["s3://t/b"], classes=2, read=store.__getitem__).truth.images == 1
    monkeypatch.setitem(sys.modules, "s3fs", None)
    text = refused(ArgumentError, evaluate, pred=["s3://me:word@t/b"], target=[tmp_path], classes=2)
    assert text == "s3://t/b cannot be opened: Install s3fs to access S3\nhint: install by pip what it names"
