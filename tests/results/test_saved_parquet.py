"""Evaluations as tables of Parquet: other packages read their rows, and nothing hostile is believed."""

import json
import sys
import zlib
from base64 import b64decode, b64encode
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from segscore import ArgumentError, Evaluation, Evaluator, FileFormatError, OutputError, load
from support import hints
from support.refused import refused

HINT = f"\nhint: {hints.SAVED}"
OTHER = "expected a saved evaluation, found another kind of file or a damaged one"
KEY = b"segscore.evaluation"


def judged(*names: str | None, **options) -> Evaluation:
    judge = Evaluator(["road", "sky"], ignore_index=255, **options)
    for i, name in enumerate(names):
        judge.add(pred=[[0, 1, 1, i % 2]], target=[[0, 1, 255, 0]], name=name)
    return judge.result()


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "v.parquet"
    judged("a", "b", "c").save(path)
    return path


@pytest.mark.parametrize("backend", ["polars", "pyarrow"])
def test_other_packages_read_the_rows(saved: Path, backend: str) -> None:
    read = pl.read_parquet(saved) if backend == "polars" else parquet.read_table(saved)
    rows = judged("a", "b", "c").to_rows("pyarrow").to_pydict()
    assert (read.to_dict(as_series=False) if backend == "polars" else read.to_pydict()) == rows
    assert Evaluation.from_rows(judged("a").classes, read) == load(saved)


@pytest.mark.parametrize("name", ["v.parquet", "V.PARQUET"])
def test_an_evaluation_comes_back_with_the_order_of_its_images(tmp_path: Path, name: str) -> None:
    whole = judged(*[None] * 12, "\udcff", "a")
    whole.save(tmp_path / name)
    found = load(tmp_path / name)
    assert type(found) is Evaluation
    assert found == whole
    assert found.names[9:13] == ("9", "10", "11", "a")
    assert parquet.read_table(tmp_path / name)["name"].to_pylist()[-1] == "\\udcff"


@pytest.mark.parametrize("groups", [["rain", "sun"], [1, 2]])
def test_groups_come_back_and_are_a_column(tmp_path: Path, groups: list) -> None:
    by = Evaluation(**{**fields(judged("a", "b")), "groups": tuple(groups)})
    by.save(tmp_path / "v.parquet")
    assert load(tmp_path / "v.parquet") == by
    table = parquet.read_table(tmp_path / "v.parquet")
    assert table.column_names == ["name", "group", "target", "pred", "pixels"]
    assert table.to_pydict() == by.to_rows("pyarrow").to_pydict()


def fields(evaluation: Evaluation) -> dict[str, object]:
    return {name: getattr(evaluation, name) for name in ("classes", "names", "table")}


def test_rows_of_many_groups_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segscore.results.parquet._ROWS", 3)
    whole = judged(*"abcdefg")
    whole.save(tmp_path / "v.parquet")
    assert parquet.ParquetFile(tmp_path / "v.parquet").num_row_groups > 3
    assert load(tmp_path / "v.parquet") == whole


def test_it_takes_the_place_of_a_saved_evaluation_alone(tmp_path: Path) -> None:
    whole, path = judged("a"), tmp_path / "v.parquet"
    for _ in range(2):
        whole.save(path)
    pl.DataFrame({"name": ["a"]}).write_parquet(path)
    assert refused(OutputError, whole.save, path) == (
        f"{path}: expected an earlier saved evaluation to replace, found another kind of file\n"
        "hint: name another file, or remove this one first"
    )


def test_what_was_measured_of_shapes_has_no_place(tmp_path: Path) -> None:
    whole = judged("a", distances=True)
    assert refused(ArgumentError, whole.save, tmp_path / "v.parquet") == (
        "what was measured of shapes has no place in a table of pairs of labels\n"
        "hint: save it under a name that ends in .npz"
    )
    assert not (tmp_path / "v.parquet").exists()


def test_without_pyarrow_it_is_said(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = load(saved)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    hint = "\nhint: `pip install pyarrow`; or use .npz"
    said = "Parquet is {} with pyarrow, which is not installed" + hint
    assert refused(ArgumentError, load, saved) == said.format("read")
    assert refused(ArgumentError, whole.save, saved) == said.format("written")


# Hostile files


def refusal(folder: Path, table: pa.Table, about: object = None, **options) -> str:
    """Return why a table is no evaluation, to whose metadata something else may be written."""
    if about is not None:
        text = about if isinstance(about, bytes) else b64encode(zlib.compress(json.dumps(about).encode()))
        table = table.replace_schema_metadata({**table.schema.metadata, KEY: text})
    parquet.write_table(table, folder / "bad.parquet", **options)
    said = refused(FileFormatError, load, folder / "bad.parquet")
    assert said.startswith(f"{folder / 'bad.parquet'}: ")
    assert said.endswith(HINT)
    return said.removeprefix(f"{folder / 'bad.parquet'}: ").removesuffix(HINT)


def about_of(table: pa.Table) -> dict:
    return json.loads(zlib.decompress(b64decode(table.schema.metadata[KEY])))


def test_a_table_without_classes_is_none(saved: Path, tmp_path: Path) -> None:
    assert refusal(tmp_path, parquet.read_table(saved).replace_schema_metadata()) == (
        "expected a table that `Evaluation.save` wrote, found one without classes: "
        "`Evaluation.from_rows` takes its rows"
    )


def test_rows_that_do_not_fit_are_refused(saved: Path, tmp_path: Path) -> None:
    good = parquet.read_table(saved)
    about = about_of(good)
    others = (
        "its rows are not those that `Evaluation.save` wrote, all of them in their order: "
        "`Evaluation.from_rows` takes any rows"
    )
    # Packages keep what is said of a table when they take some of its rows, or change one.
    for rows in (
        [3, 4, 5, 0, 1, 2],
        [1, 0, *range(2, len(good))],
        range(len(good) - 1),
        [*range(len(good)), 0],
    ):
        assert refusal(tmp_path, good.take(list(rows))) == others
    doubled = pa.array(2 * good["pixels"].to_numpy())
    assert refusal(tmp_path, good.set_column(good.column_names.index("pixels"), "pixels", doubled)) == others
    place = good.column_names.index("target")
    for values, why in (
        (good["target"].to_numpy() + 9, others),
        (good["target"].to_numpy().astype("f8"), "a column is not a list of integers"),
        (good["target"].to_numpy().astype("u8"), "a column is not a list of integers"),
        ([None] * len(good), "a row lacks a value"),
        ([[1]] * len(good), OTHER),
    ):
        assert refusal(tmp_path, good.set_column(place, "target", pa.array(values)), about) == why
    pixels = pa.array([-1] * len(good))
    columns = good.set_column(good.column_names.index("pixels"), "pixels", pixels)
    assert refusal(tmp_path, columns, about) == others
    assert refusal(tmp_path, good.drop(["pred"]), about) == others
    assert refusal(tmp_path, good, {**about, "names": ["a", "b"]}) == OTHER
    assert refusal(tmp_path, good, {**about, "names": ["a", "b", "b"]}) in (OTHER, others)


def test_what_is_said_of_rows_is_checked(saved: Path, tmp_path: Path) -> None:
    good = parquet.read_table(saved)
    about = about_of(good)
    assert refusal(tmp_path, good, {**about, "schema": 2}) == "expected schema 1, found 2 of a later segscore"
    assert refusal(tmp_path, good, {**about, "records": ["surfaces"]}) == (
        "expected rows of pairs of labels alone"
    )
    for text in (b"no base64!", b64encode(b"not deflated"), b64encode(zlib.compress(b"[]"))):
        assert refusal(tmp_path, good, text) == OTHER
    cut_off = b64encode(zlib.compress(json.dumps(about).encode())[:-5])
    for text in (b"", cut_off):
        assert refusal(tmp_path, good, text).endswith(" bytes about its rows, or is cut off")


def test_little_that_claims_much_is_refused(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = parquet.read_table(saved)
    monkeypatch.setattr("segscore.results.saved._ROOM", 1_000)
    monkeypatch.setattr("segscore.results.saved._MOST_INFLATED", 1)
    bomb = b64encode(zlib.compress(b" " * 1_000_000))
    said = refusal(tmp_path, good, bomb)
    size = (tmp_path / "bad.parquet").stat().st_size
    assert said == f"it says more than {size + 1_000:,} bytes about its rows, or is cut off"
    many = pa.concat_tables([good] * 20_000).combine_chunks()
    said = refusal(tmp_path, many, about_of(good))
    size = (tmp_path / "bad.parquet").stat().st_size
    assert said == (
        f"expected rows that take at most {size + 1_000:,} bytes, for a file of this size, "
        f"found {len(many):,} rows"
    )


def test_damaged_files_are_refused_or_read_right(saved: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    content, whole, bad = saved.read_bytes(), load(saved), tmp_path / "bad.parquet"
    damaged = [content[:length] for length in range(4, len(content), 97)]
    for place in random.integers(4, len(content), 200).tolist():
        changed = bytearray(content)
        changed[place] ^= int(random.integers(1, 256))
        damaged.append(bytes(changed))
    refusals = []
    for one in damaged:
        bad.write_bytes(one)
        try:
            assert load(bad) == whole
        except FileFormatError as error:
            refusals.append(str(error))
    assert len(refusals) > 100
    assert all(said.startswith(f"{bad}: ") for said in refusals)
