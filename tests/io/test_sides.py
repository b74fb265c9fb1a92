"""One side by its ids: what pairs, targets alone and masks alone call files is the same."""

from pathlib import Path

import pytest

from segscore.io.by_class import Parts
from segscore.io.cases import masks_alone
from segscore.io.pairing import pair
from segscore.io.sides import Side
from segscore.io.sources import find_files
from segscore.io.targets import named_targets

FILES = (
    "a_gt.png",
    "b_gt.png",
    "deep/c_gt.png",
    "x.png",
    "a_cat.png",
    "a_dog.png",
    "b_cat.png",
    "b_gt.jpg",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    for name in FILES:
        (tmp_path / name).touch()
    return tmp_path


def first_of(mask: object) -> object:
    return mask.files[0].path if isinstance(mask, Parts) else mask


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{id}_gt", {"a": "a_gt.png", "b": "b_gt.png", "deep/c": "deep/c_gt.png"}),
        ("*/{id}_gt.png", {"a": "a_gt.png", "b": "b_gt.png", "c": "deep/c_gt.png"}),
        ("{id}_{class}", {"a": "a_cat.png", "b": "b_cat.png"}),
    ],
)
@pytest.mark.parametrize("names", [None, ["b", "a"]])
def test_three_ways_to_a_side_call_its_files_the_same(
    folder: Path, pattern: str, expected: dict[str, str], names: list[str] | None
) -> None:
    suffixes, classes = frozenset({".png"}), ["cat", "dog"]
    glob = str(folder / ("*_[cd]*.png" if "{class}" in pattern else "**/*"))
    source = find_files("target", glob, suffixes)
    found = {name: f"{folder}/{file}" for name, file in expected.items() if name in (names or expected)}
    assert {case.name: first_of(case.target) for case in masks_alone(source, pattern, names).cases} == found
    assert named_targets(glob, pattern, classes, names, suffixes=suffixes).paths == found
    preds = [f"pred/{name}.png" for name in expected]
    paired = pair(preds, glob, pattern, list=names, by_class=True, classes=classes)
    assert {row.name: row.target for row in paired.pairs} == found


def test_a_file_that_is_not_read_is_there_for_its_partner_alone(folder: Path) -> None:
    read = frozenset({".png"})
    targets = Side.of(find_files("target", str(folder / "b_*"), read), "{id}.jpg", None)
    preds = Side.of(find_files("pred", ["b_gt.png"], read), None, None)
    assert [*targets.with_partners(preds).ids] == [None, "b_gt", None]  # b_cat.png, b_gt.jpg, b_gt.png
    others = Side.of(find_files("pred", ["c_gt.png"], read), None, None)
    assert targets.with_partners(others).source.unread == ("b_gt.jpg",)
