"""Columns of images of Parquet and of Hugging Face: rows are masks, and what is no image is refused."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from segscore import ArgumentError, EvaluationError, FileFormatError, MaskError, PairingError
from segscore.io import blobs, columns
from segscore.io.columns import column
from support.elsewhere import (
    NAMES,
    PRED,
    TARGET,
    in_folder,
    scored,
    served,
    stored,
    with_endings,
    zipped,
)
from support.masks_on_disk import array_file, write
from support.refused import refused


def _struct(content: bytes | None, path: str | None = None) -> dict[str, Any]:
    return {"bytes": content, "path": path}


def _table(folder: Path, name: str = "a.parquet", **more: list[Any]) -> Path:
    path = folder / name
    rows = {
        "id": list(NAMES),
        "pred": [_struct(content) for content in PRED.values()],
        "target": [*TARGET.values()],
        "number": [1, 2, 3],
        **more,
    }
    parquet.write_table(pa.table(rows), path, row_group_size=2)
    return path


def test_rows_of_parquet_are_masks(tmp_path: Path) -> None:
    expected, path = in_folder(tmp_path), _table(tmp_path)
    there = stored("tables", {"a.parquet": path.read_bytes()})
    for where in (path, str(path), f"{there}/a.parquet", tmp_path / "*.parquet"):
        sides = {side: column(where, side, names="id") for side in ("pred", "target")}
        found = scored(**sides)
        assert (found.names, found.table) == (expected.names, expected.table)
        assert found.files == {}
    assert repr(sides["pred"]) == f"<Blobs: 3 in the column pred of {path}>"
    assert found.provenance["target"] == f"the column target of {path}"
    numbered = scored(pred=column(path, "pred"), target=column(path, "target"))
    assert (numbered.names, numbered.table) == (("0", "1", "2"), expected.table)


def test_rows_are_sent_by_their_number(tmp_path: Path) -> None:
    path = _table(tmp_path)
    blobs = pickle.loads(pickle.dumps(column(path, "target", names="id")))
    assert len(pickle.dumps(blobs)) < 400 + 5 * len(str(path))
    assert [blob.place.read(blob, 1000) for blob in blobs] == [*TARGET.values()]
    assert blobs[2].place.read(blobs[2], 5) == TARGET["b/d"][:5]


def test_a_row_group_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "many.parquet"
    parquet.write_table(pa.table({"m": [b"%d" % i for i in range(100)]}), path, row_group_size=10)
    blobs, read = column(path, "m"), []
    group = columns.ParquetColumn._group
    monkeypatch.setattr(columns.ParquetColumn, "_group", lambda *of: read.append(of[2]) or group(*of))
    assert [blob.place.read(blob, 9) for blob in blobs] == [b"%d" % i for i in range(100)]
    assert read == [*range(10)]


def test_a_row_group_is_read_once_by_all_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = {"pred": PRED["a"], "target": TARGET["a"]}
    path = tmp_path / "many.parquet"
    parquet.write_table(
        pa.table({side: [one] * 300 for side, one in content.items()}), path, row_group_size=5
    )
    group, read = columns.ParquetColumn._group, []
    monkeypatch.setattr(columns.ParquetColumn, "_group", lambda *of: read.append(of[2]) or group(*of))
    assert len(scored(**{side: column(path, side) for side in content}, threads=2).names) == 300
    assert sorted(read) == sorted([*range(60)] * 2)


def test_rows_say_themselves_what_they_are(tmp_path: Path) -> None:
    expected = in_folder(tmp_path)
    from PIL import Image

    arrays = [array_file(np.asarray(Image.open(tmp_path / "target" / f"{name}.png"))) for name in NAMES]
    path = _table(tmp_path, arrays=arrays)
    found = scored(pred=tmp_path / "pred", target=column(path, "arrays", names="id"))
    assert (found.names, found.table) == (expected.names, expected.table)


def test_files_of_this_machine_are_found_by_their_paths_and_addresses_are_not_asked(tmp_path: Path) -> None:
    expected = in_folder(tmp_path)
    paths = [str(tmp_path / "target" / f"{name}.png") for name in NAMES]
    path = _table(tmp_path, places=[_struct(None, one) for one in paths])
    found = scored(pred=tmp_path / "pred", target=column(path, "places", names="id"))
    assert (found.names, found.table) == (expected.names, expected.table)
    there = stored("target", with_endings(TARGET)).replace("//", "//me:word@")
    path = _table(tmp_path, places=[_struct(None, one) for one in (f"{there}/a.png", *paths[1:])])
    found = scored(pred=tmp_path / "pred", target=column(path, "places", names="id"), on_error="skip")
    assert [str(failure) for failure in found.failures] == [
        f"a: {path}/a: expected bytes or a path of this machine, found the address memory://target/a.png"
    ]
    assert found.failures[0].hint == "give the addresses themselves, as a list with `names`"


@pytest.mark.parametrize("scheme", ["memory", "http", "zip", "simplecache"])
def test_a_table_that_was_fetched_names_files_beside_it_and_no_others(tmp_path: Path, scheme: str) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(TARGET["a"])
    hostile = (
        str(secret),
        "../secret.png",
        "m/../../secret.png",
        "..\\secret.png",
        f"m/a.png::file://{secret}",
        "",
    )
    paths = ["m/a b@2x.png", "m/gone.png", *hostile]
    rows = pa.table({"m": [_struct(None, path) for path in paths]})
    there = tmp_path / "there" / "val"
    there.mkdir(parents=True)
    parquet.write_table(rows, there / "a.parquet")
    write(there / "m", {"a b@2x.png": TARGET["a"]})
    write(there.parent, {"secret.png": TARGET["a"]})
    files = {"val/a.parquet": (there / "a.parquet").read_bytes(), "val/m/a b@2x.png": TARGET["a"]}
    stored("there", {**files, "secret.png": TARGET["a"]})
    zipped(tmp_path / "a.zip", {**files, "secret.png": TARGET["a"]})
    with served(there.parent) as host:
        address, shown = {
            "memory": ("memory://there/val/a.parquet",) * 2,
            "http": (f"{host.replace('//', '//me:word@')}/val/a.parquet?sig=1", f"{host}/val/a.parquet"),
            "zip": (f"zip://val/a.parquet::file://{tmp_path}/a.zip",) * 2,
            "simplecache": ("simplecache::memory://there/val/a.parquet",) * 2,
        }[scheme]
        found = scored(pred=[TARGET["a"]] * 8, target=[*column(address, "m")], on_error="skip")
    assert (found.names, found.scores.mean_iou) == (("0",), 1.0)
    expected = "expected bytes or the path of a file below the folder of the table, found"
    assert [failure.message for failure in found.failures] == [
        f"{shown}/1: it names m/gone.png, and there is no such file",
        *(f"{shown}/{i}: {expected} {path or repr(path)}" for i, path in enumerate(hostile, 2)),
    ]
    assert found.failures[1].hint == "files that are elsewhere are given as a list, with `names`"


def test_a_table_of_this_machine_names_files_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tables").mkdir()
    write(tmp_path / "m", {"a.png": TARGET["a"]})
    paths = ["m/a.png", "tables/../m/a.png", str(tmp_path / "m" / "a.png"), "m/b.png"]
    path = tmp_path / "tables" / "a.parquet"
    parquet.write_table(pa.table({"m": [_struct(None, one) for one in paths]}), path)
    for where in (path, f"file://{path}"):
        blobs = column(where, "m")
        assert [blob.place.read(blob, 1000) for blob in blobs[:3]] == [TARGET["a"]] * 3
        assert refused(MaskError, blobs[3].place.read, blobs[3], 9) == (
            f"{path}/3: it names m/b.png, and there is no such file\n"
            "hint: check that the file is there and readable"
        )


def test_paths_that_are_no_texts_are_refused(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"m": [{"bytes": b"", "path": 7}]}), tmp_path / "a.parquet")
    assert refused(ArgumentError, column, tmp_path / "a.parquet", "m") == (
        f"expected texts as `path` in the column m of {tmp_path}/a.parquet, found int64\n"
        "hint: name the column of the masks"
    )


def test_what_is_no_image_is_a_failure_of_its_row(tmp_path: Path) -> None:
    path = _table(tmp_path, odd=[_struct(None), _struct(b"text"), _struct(PRED["b/d"])])
    found = refused(
        EvaluationError,
        scored,
        pred=column(path, "odd", names="id"),
        target=column(path, "target", names="id"),
    )
    assert found.startswith(
        "2 of 3 images could not be scored:\n"
        f"  a: {path}/a: the row has no image\n"
        f"  b/c: {path}/b/c: expected a PNG, found "
    )


@pytest.mark.parametrize(
    ("name", "names", "said"),
    [
        ("masks", None, "there is no column masks in {}\nhint: it has id, pred, target, number"),
        (
            "number",
            None,
            "expected bytes of images, or structs of `bytes` and `path`, in the column number of {}, found "
            "int64\nhint: name the column of the masks",
        ),
        ("pred", "name", "there is no column name in {}\nhint: it has id, pred, target, number"),
    ],
)
def test_columns_that_are_not_there_are_said(tmp_path: Path, name: str, names: str | None, said: str) -> None:
    path = _table(tmp_path)
    assert refused(ArgumentError, column, path, name, names=names) == said.format(path)


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (
            ["a", None, "c"],
            "expected a name for each image of {}, found none in row 1\nhint: name all of them",
        ),
        (
            ["a", "../b", "c"],
            "expected names of files in {}, found one that leads out of it: ../b\n"
            "hint: it was made by hand: look at who wrote it",
        ),
    ],
)
def test_names_that_are_none_are_said(tmp_path: Path, ids: list[Any], said: str) -> None:
    path = _table(tmp_path, id=ids)
    assert refused(PairingError, column, path, "pred", names="id") == said.format(path)


def test_a_row_group_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _table(tmp_path)
    monkeypatch.setattr(columns, "_MOST_GROUP", 100)
    blob = column(path, "pred")[0]
    found = refused(MaskError, blob.place.read, blob, 10)
    assert found.startswith(f"{path}: expected at most 100 bytes in a row group, found ")
    assert found.endswith("\nhint: write it with smaller ones, such as `row_group_size=1000`")


def test_more_rows_than_a_dataset_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _table(tmp_path)
    monkeypatch.setattr(blobs, "MAX_FOUND", 2)
    for rows, where in ((path, path), (_Rows(parquet.read_table(path)), "the dataset")):
        assert refused(PairingError, column, rows, "pred") == (
            f"expected at most 2 files in {where}, found more\nhint: name what holds the masks alone"
        )


def test_what_is_no_parquet_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR2")
    found = refused(FileFormatError, column, tmp_path / "a.parquet", "m")
    assert found.startswith(
        f"expected a file of Parquet at {tmp_path}/a.parquet, found something else: ArrowInvalid: "
    )
    empty = tmp_path / "empty.parquet"
    parquet.write_table(pa.table({"m": pa.array([], pa.binary())}), empty)
    assert refused(PairingError, column, empty, "m") == (
        f"expected rows in {empty}, found none\nhint: check what it was written from"
    )
    assert refused(ArgumentError, column, 7, "m") == (
        "expected the path of a file of Parquet, found int\nhint: give a path, or a list of paths"
    )


class _Rows:
    """As much of a dataset of Hugging Face as is used; `tests/integrations` has real ones."""

    def __init__(self, table: Any) -> None:
        self._table, self.column_names = table, table.column_names

    def with_format(self, kind: str) -> "_Rows":
        assert kind == "arrow"
        return self

    def select_columns(self, names: list[str]) -> "_Rows":
        return _Rows(self._table.select(names))

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, which: int | slice) -> Any:
        return self._table.slice(which, 1) if isinstance(which, int) else self._table


def test_rows_of_datasets_are_masks(tmp_path: Path) -> None:
    expected = in_folder(tmp_path)
    rows = _Rows(parquet.read_table(_table(tmp_path)).take([2, 0, 1]))
    sides = {side: column(rows, side, names="id") for side in ("pred", "target")}
    found = scored(**sides)
    assert (found.names, found.table) == (expected.names, expected.table)
    assert found.provenance == {side: f"the column {side} of the dataset" for side in sides}
    assert scored(**{side: column(rows, side) for side in sides}).names == ("0", "1", "2")
    assert refused(ArgumentError, column, rows, "number") == (
        "expected bytes of images, or structs of `bytes` and `path`, in the column number of the dataset, "
        "found int64\nhint: name the column of the masks"
    )


def test_a_dataset_of_several_splits_is_none() -> None:
    splits = type("DatasetDict", (dict,), {"with_format": None, "column_names": {}})
    splits.with_format = lambda self, _: self
    assert refused(ArgumentError, column, splits(), "mask") == (
        'expected one split of a dataset, found DatasetDict\nhint: such as `dataset["validation"]`'
    )
