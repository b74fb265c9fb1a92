"""Saved shards of a plan whose parts do not fit together: none of them is believed."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, Evaluation, FileFormatError, load, plan
from support import hints
from support.refused import refused
from support.sharded import DATASETS, Options, labels

OTHER = "expected a saved evaluation, found another kind of file or a damaged one"
RIGHT: Options = {
    "pred": labels(9, 1, classes=2),
    "target": labels(9, 2, classes=2),
    "classes": 2,
    "boundary": 1,
    "groups": ["x", "y", "z"] * 3,
}


@pytest.fixture(scope="module")
def part() -> Any:
    return plan(**RIGHT).shards(3)[1].evaluate()


@pytest.fixture
def columns(tmp_path: Path, part: Any) -> dict[str, Any]:
    part.save(tmp_path / "good.npz")
    with np.load(tmp_path / "good.npz") as arrays:
        return {**arrays}


def written(folder: Path, columns: dict[str, Any], **changes: object) -> Path:
    about = json.loads(columns["about"].tobytes()) | changes
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    file = io.BytesIO()
    np.savez(file, **{**columns, "about": text})
    (folder / "bad.npz").write_bytes(file.getvalue())
    return folder / "bad.npz"


def refusal(path: Path) -> str:
    text = refused(FileFormatError, load, path)
    assert text.endswith(f"\nhint: {hints.SAVED}")
    return text.removeprefix(f"{path}: ").removesuffix(f"\nhint: {hints.SAVED}")


def test_what_is_changed_below_is_right_as_it_is(tmp_path: Path, columns: Any, part: Any) -> None:
    found = load(written(tmp_path, columns))
    assert isinstance(found, Evaluation)
    assert (found, found.groups) == (part.evaluation, ("y", "y", "y"))
    assert found.part is not None
    assert (found.part.place, found.part.total, found.shard) == (
        part.place,
        9,
        "shard 2 of 3 (3 of 9 images)",
    )
    # What was saved before their number was kept says nothing of it.
    assert load(written(tmp_path, columns, total=None)).shard == "shard 2 of 3"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"place": [0, 3, "x"]}, "expected a shard of 3, found 0"),
        ({"place": [4, 3, "x"]}, "expected a shard of 3, found 4"),
        ({"place": [1.5, 3, "x"]}, "expected a number, found 1.5"),
        ({"place": [True, 3, "x"]}, "expected a number, found True"),
        ({"place": [1, 3, 4]}, "a name is not a text"),
        ({"place": [1, 3]}, OTHER),
        ({"names": ["1", "1", "7"]}, "its images are not named as expected"),
        ({"names": ["1", "4"]}, "its columns do not fit together"),
        (
            {"failures": [{"name": "x", "message": "m", "hint": None, "kind": ""}]},
            "its images are not named as expected",
        ),
        (
            {"failures": [{"name": "1", "message": "m", "hint": None, "kind": ""}]},
            "its columns do not fit together",
        ),
        ({"total": 2}, "expected 3 images or more in all, found 2"),
        ({"total": "9"}, "expected a number, found '9'"),
        ({"total": True}, "expected a number, found True"),
        ({"stack": [0, 0, 0]}, "its stacks are not those of its images"),
        ({"stack": [0], "stacks": [[3, 2, 2]]}, "its stacks are not those of its images"),
        ({"stacks": [[-1]]}, "expected a number, found -1"),
        ({"groups": ["x"]}, "expected one group for each of 3 images, found 1"),
        ({"files": {"x": [None, None, None]}}, "it names files of an image that it does not have"),
        ({"strict": 1}, "what is asked of its images is not said as expected"),
        ({"records": []}, "its records are not those of what was measured"),
        ({"records": ["x"]}, "expected records of `pairs`, `bands`"),
        ({"values": [None]}, "its values are not those of its images"),
        ({"values": [[1, 2], None, None]}, OTHER),
        ({"palettes": ["0011"]}, "a palette is none"),
        ({"palettes": [7]}, "a name is not a text"),
        ({"nodata": [1.5]}, "expected a label, found 1.5"),
        ({"missing": [1]}, "a name is not a text"),
        ({"extra": "x"}, "a name is not a text"),
        ({"provenance": {"pred": 1}}, "a name is not a text"),
        ({"measures": None}, "its records are not those of what was measured"),
        ({"classes": None}, OTHER),
    ],
)
def test_facts_that_do_not_fit(tmp_path: Path, columns: Any, changes: Any, message: str) -> None:
    assert refusal(written(tmp_path, columns, **changes)).startswith(message)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("fit", lambda column: column[:1], "a column does not belong to its images"),
        ("fit", lambda column: column + 3, OTHER),
        ("fit", lambda column: column.astype(float), "a column does not belong to its images"),
        ("pred_palette", lambda column: column + 1, "an image has a palette that is not there"),
        ("target_palette", lambda column: column.astype("i8") - 1, "a column does not belong to its images"),
        ("pixels", lambda column: column * 0, "its columns do not fit together"),
        ("target", lambda column: column[::-1], "its rows are not sorted, or two are of the same labels"),
        ("bands.offsets", lambda column: column + 1, "`bands`: its columns do not fit together"),
    ],
)
def test_columns_that_do_not_fit(
    tmp_path: Path, columns: Any, name: str, change: Callable[[Any], Any], message: str
) -> None:
    columns[name] = change(columns[name])
    assert refusal(written(tmp_path, columns)) == message
    del columns[name]
    assert refusal(written(tmp_path, columns)) == OTHER


@pytest.mark.parametrize("kind", DATASETS)
def test_bytes_that_are_damaged_are_no_internal_error(tmp_path: Path, kind: str) -> None:
    plan(**DATASETS[kind](tmp_path)).shards(2)[0].evaluate().save(tmp_path / "good.npz")
    with np.load(tmp_path / "good.npz") as arrays:
        columns = {**arrays}
    random = np.random.default_rng(1)
    for name in sorted(columns.keys() - {"about"}):
        for _ in range(6):
            column = columns[name].copy()
            if len(column):
                column[random.integers(len(column))] = random.integers(0, 5)
            try:
                found = load(written(tmp_path, {**columns, name: column}))
            except FileFormatError:
                continue
            assert str(found)


def test_a_part_is_no_table_of_parquet(tmp_path: Path, part: Any) -> None:
    assert refused(ArgumentError, part.evaluation.save, tmp_path / "part.parquet") == (
        "a table of Parquet holds whole evaluations, found a part of one\n"
        "hint: save the part under a name that ends in .npz, and what all parts are merged into as Parquet"
    )
    assert not any(tmp_path.iterdir())
