"""Exceptions of stores and of readers, which may say what is secret: nothing leads back to it."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import fsspec
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from segscore import ArgumentError, EvaluationError, FileFormatError, MaskError
from segscore.io.addresses import Address
from segscore.io.archives import members
from segscore.io.blobs import Blob
from segscore.io.columns import column
from segscore.io.discreet import discreet
from segscore.io.masks import read_mask
from segscore.io.stores import Store, listed, opened
from support.elsewhere import scored, stored
from support.refused import refused, traced

WORD = "pa55/wörd"
OPTIONS = {"memory": {"token": WORD}}


class KeyRefusedError(OSError):
    """What a store may raise."""


def _raised(*_: object, **__: object) -> Any:
    raise KeyRefusedError(f"{WORD} is refused") from ValueError(f"{WORD} has no right")


def _table(**columns: list[bytes | str]) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file)
    return file.getvalue()


def _archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.png", b"1")
    return file.getvalue()


def _fetched(blob: Blob | str) -> Callable[[], object]:
    return lambda: read_mask(blob, colours=False)


def _sites() -> dict[str, tuple[Any, str, type[Exception], Callable[[], object]]]:
    """Return what is broken, and the call that finds it so."""
    there = stored("found", {"a.png": b"1", "a.zip": _archive(), "a.parquet": _table(m=[b"1"], n=["a"])})
    system, several = fsspec.filesystem("memory").__class__, OPTIONS
    (member,) = members(f"{there}/a.zip", storage_options=several)
    (row,) = column(f"{there}/a.parquet", "m", storage_options=several)
    return {
        "a store": (fsspec.core, "url_to_fs", ArgumentError, lambda: opened(there, several)),
        "a list": (system, "find", ArgumentError, lambda: listed("pred", there, several)),
        "a file": (system, "cat_file", MaskError, _fetched(Store("", several).blob(f"{there}/a.png"))),
        "an archive": (
            system,
            "_open",
            FileFormatError,
            lambda: members(f"{there}/a.zip", storage_options=several),
        ),
        "a member": (zipfile.ZipFile, "open", MaskError, _fetched(member)),
        "a table": (
            system,
            "_open",
            FileFormatError,
            lambda: column(f"{there}/a.parquet", "m", storage_options=several),
        ),
        "names": (
            parquet.ParquetFile,
            "read",
            FileFormatError,
            lambda: column(f"{there}/a.parquet", "m", names="n", storage_options=several),
        ),
        "a row": (parquet.ParquetFile, "read_row_group", MaskError, _fetched(row)),
    }


@pytest.mark.parametrize("site", _sites())
def test_nothing_leads_back_to_what_a_store_said(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, name, error, call = _sites()[site]
    monkeypatch.setattr(kind, name, _raised)
    found = traced(error, call)
    assert WORD not in found
    assert "test_discreet.KeyRefusedError: … is refused\n\nThe above exception was the direct" in found
    assert ": KeyRefusedError: … is refused" in found


def test_nothing_leads_back_to_options_that_a_store_was_not_made_for(monkeypatch: pytest.MonkeyPatch) -> None:
    blob = Store("", OPTIONS).blob(stored("found", {"a.png": b"1"}) + "/a.png")

    def raised(*_: object, **__: object) -> None:
        raise TypeError(f"no {WORD!r}")

    monkeypatch.setattr(fsspec.filesystem("memory").__class__, "cat_file", raised)
    found = traced(ArgumentError, _fetched(blob))
    assert WORD not in found
    assert "a.png cannot be opened with memory.token of `storage_options`: TypeError: no '…'\n" in found


@pytest.mark.parametrize("kind", [ValueError, SystemExit])
def test_nothing_leads_back_to_the_address_that_a_reader_was_given(kind: type[BaseException]) -> None:
    def read(path: str) -> Any:
        raise kind(path)

    address = f"http://me:{quote(WORD, safe='')}@host/a.png?sign=s3cret"
    found = traced(MaskError, lambda: read_mask(Address.of(address), read=read, colours=False))
    assert not any(secret in found for secret in (WORD, quote(WORD), quote(WORD, safe=""), "s3cret"))
    assert f"\n{kind.__name__}: http://host/a.png\n" in found
    assert "raise kind(path)" in found  # where it failed is said
    sides = {"pred": [address], "target": [address], "read": read}
    assert "s3cret" not in traced(EvaluationError, scored, **sides)


def test_the_cause_of_a_reader_of_files_is_what_it_raised(tmp_path: Path) -> None:
    with pytest.raises(MaskError) as caught:
        read_mask(str(tmp_path / "a.x"), read=np.load, colours=False)
    assert type(caught.value.__cause__) is FileNotFoundError


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("abcdefgh and abcd", "… and …"),  # the longer one first
        ("k=a%2Fb%20c, a/b c", "k=…, …"),
        (r"{'key': 'one\ntwo'}", "{'key': '…'}"),
        ("bytes in-a-set", "… …"),
        ("12 abc", "12 abc"),  # too short for a secret
        ("x" * 600, "x" * 500 + "…"),
    ],
)
def test_secrets_are_hidden_however_they_are_written(said: str, shown: str) -> None:
    secrets = {
        "a": ["abcd", "abcdefgh"],
        "b": ("a/b c", "one\ntwo"),
        "c": b"bytes",
        "d": {"in-a-set"},
        "e": "abc",
    }

    def call() -> None:
        with discreet(lambda _, why: MaskError(why), secrets):
            raise ValueError(said)

    assert refused(MaskError, call) == f"ValueError: {shown}"


def test_errors_of_segscore_are_kept_as_they_are() -> None:
    own = MaskError("a.png: no PNG")
    for error in (own, KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, discreet(lambda _, why: ArgumentError(why)):
            raise error
        assert caught.value is error
