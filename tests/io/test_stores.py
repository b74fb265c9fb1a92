"""Stores: what is listed of a folder or a pattern, how files are read, and what a forked process does."""

import io
import os
import pickle
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import fsspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from segscore import ArgumentError, FileFormatError, MaskError
from segscore.io import blobs, stores
from segscore.io.archives import members
from segscore.io.blobs import Blob, Blobs, Fetching
from segscore.io.columns import column
from segscore.io.objects import blob_of
from segscore.io.stores import Store, listed
from support.elsewhere import FILES, Quiet, served, stored, zipped
from support.refused import refused


def test_one_file_is_a_blob(tmp_path: Path) -> None:
    address = stored("found", FILES)
    one = listed("pred", f"{address}/b/c.png", {})
    assert type(one) is Blob
    assert (str(one), one.address, one.place.read(one, 1)) == (f"{address}/b/c.png",) * 2 + (b"2",)
    zipped(tmp_path / "a.zip", FILES)
    one = listed("pred", f"zip://b/c.png::{tmp_path}/a.zip", {})
    assert type(one) is Blob
    assert (str(one), one.address) == (f"{tmp_path}/a.zip/b/c.png", f"zip://b/c.png::{tmp_path}/a.zip")


def test_what_a_store_raises_is_said_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    stored("found", FILES)

    def raised(*_: object, **__: object) -> None:
        raise ValueError("the key\n AKIA-1 is not known to https://me:word@host/a.png?sign=2")

    monkeypatch.setattr(fsspec.filesystem("memory").__class__, "info", raised)
    assert refused(ArgumentError, listed, "pred", "memory://found", {"memory": {"key": "AKIA-1"}}) == (
        "memory://found cannot be opened: ValueError: the key … is not known to https://host/a.png\n"
        "hint: check the address, and that you may list what is there"
    )


SECRET = {"memory": {"key": "AKIA-1"}}


def _fetch(blob: Blob | str) -> MaskError:
    """Return the error that fetching raises."""
    assert isinstance(blob, Blob)
    with pytest.raises(MaskError) as caught, ExitStack() as held:
        Fetching(9).content(blob, held)
    return caught.value


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("AKIA-1 is not known"), "it cannot be fetched: OSError: … is not known"),
        (PermissionError("AKIA-1"), "it may not be read"),
        (FileNotFoundError("AKIA-1"), "there is no such file"),
    ],
)
def test_secrets_of_options_are_in_no_failure(
    monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    blob = Store("", SECRET).blob(stored("found", FILES) + "/a.png")

    def raised(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(fsspec.filesystem("memory").__class__, "cat_file", raised)
    found = _fetch(blob)
    assert found.message == f"memory://found/a.png: {said}"
    assert "AKIA" not in repr(vars(found)) + repr(blob.place)


def test_secrets_are_in_no_failure_of_what_holds_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    address = stored("found", {"a.tar": b"", "a.parquet": b""})

    def raised(*_: object, **__: object) -> None:
        raise RuntimeError("AKIA-1 is not known")

    monkeypatch.setattr(fsspec.filesystem("memory").__class__, "_open", raised)
    for found, file in (
        (refused(FileFormatError, members, f"{address}/a.tar", storage_options=SECRET), "a.tar"),
        (refused(FileFormatError, column, f"{address}/a.parquet", "m", storage_options=SECRET), "a.parquet"),
    ):
        assert found == (
            f"memory://found/{file} cannot be read: RuntimeError: … is not known\n"
            "hint: check that it is there"
        )


def test_secrets_are_in_no_failure_of_members_and_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    archive, table = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.png", b"1")
    parquet.write_table(pa.table({"m": [b"1"]}), table)
    address = stored("found", {"a.zip": archive.getvalue(), "a.parquet": table.getvalue()})
    (member,) = members(f"{address}/a.zip", storage_options=SECRET)
    (row,) = column(f"{address}/a.parquet", "m", storage_options=SECRET)

    def raised(*_: object, **__: object) -> None:
        raise OSError("AKIA-1 has ended")

    monkeypatch.setattr(zipfile.ZipFile, "open", raised)
    monkeypatch.setattr(parquet.ParquetFile, "read_row_group", raised)
    assert _fetch(member).message == f"{address}/a.zip/a.png: it cannot be fetched: OSError: … has ended"
    assert _fetch(row).message == f"{address}/a.parquet/0: it cannot be fetched: OSError: … has ended"


def test_secrets_of_addresses_are_not_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stored("found", FILES)

    def raised(_: object, path: str, **__: object) -> None:
        raise ValueError(f'no bucket "me:word@found", word, sign=1 of {path}')

    monkeypatch.setattr(fsspec.filesystem("memory").__class__, "cat_file", raised)
    blob = Store().blob("memory://me:word@found/a.png?sign=1")
    assert _fetch(blob).message == (
        'memory://found/a.png: it cannot be fetched: ValueError: no bucket "…@found", …, … of '
        "/…@found/a.png?…"
    )
    given = blob_of(fsspec.open("memory://found/a.png", token="hidden-token"), "<pred>/0")
    monkeypatch.setattr(
        fsspec.filesystem("memory").__class__, "cat_file", lambda *_, **__: int("hidden-token")
    )
    assert _fetch(given).message == (
        "memory:///found/a.png: it cannot be fetched: ValueError: invalid literal for int() with base 10: '…'"
    )


def test_what_is_cached_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"simplecache::{stored('found', FILES)}"
    options = {"simplecache": {"cache_storage": str(tmp_path)}}

    def read() -> dict[str, bytes]:
        found = listed("pred", f"{address}/b/*.png", options)
        assert isinstance(found, Blobs)
        assert found.blobs[0] == f"{address}/b/c.png"
        return {file: blob.place.read(blob, 9) for file, blob in zip(found.files, found.blobs, strict=True)}

    assert read() == {"c.png": b"22", "run[3].png": b"4"}

    def raised(*_: object, **__: object) -> None:
        raise OSError("it was asked for again")

    monkeypatch.setattr(fsspec.filesystem("memory").__class__, "_open", raised)
    assert read() == {"c.png": b"22", "run[3].png": b"4"}


def test_servers_without_ranges_are_read_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    address = stored("found", FILES)
    kind = fsspec.filesystem("memory").__class__
    whole = kind.cat_file

    def cat_file(self: object, path: str, **ranges: int) -> bytes:
        if ranges:
            raise OSError("416 Range Not Satisfiable")
        return bytes(whole(self, path))

    monkeypatch.setattr(kind, "cat_file", cat_file)
    blob = Store().blob(f"{address}/b/d/e.png")
    assert blob.place.read(blob, 9) == b"333"


class _ForkedStore:
    """What fsspec makes of an address where obstore is registered, which cannot be forked."""

    __module__ = "obstore.fsspec"
    async_impl = True


def test_a_store_that_hangs_after_a_fork_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsspec.core.url_to_fs", lambda *_, **__: (_ForkedStore(), ""))
    monkeypatch.setattr(stores, "_USED", {})
    assert type(stores.opened("s3://b", {})) is _ForkedStore
    assert [*stores._USED.items()] == [("obstore", os.getpid())]
    monkeypatch.setattr(stores, "_USED", {"obstore": os.getpid() + 1})
    assert refused(ArgumentError, stores.opened, "s3://b", {}) == (
        "s3://b is opened by obstore, which hangs in a process that was forked after it had been used\n"
        'hint: start processes by spawn or forkserver, `multiprocessing.get_context("spawn")`, or evaluate '
        "in other processes before anything is read in this one"
    )


def test_a_store_is_opened_anew_where_it_is_sent() -> None:
    address = stored("found", FILES)
    blob = Store("", {"token": "secret"}).blob(f"{address}/a.png", 1)
    assert blob.place.read(blob, 9) == b"1"
    again = pickle.loads(pickle.dumps(blob))
    assert (again, again.size, again.key, again.place.options) == (blob, 1, None, {"token": "secret"})
    assert again.place._opened == {}
    assert again.place.read(again, 9) == b"1"


def test_each_server_has_a_file_system_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def opened(address: str, _: object) -> Any:
        asked.append(address)
        return fsspec.filesystem("memory")

    monkeypatch.setattr(stores, "opened", opened)
    store = Store()
    for address in (
        "ftp://a/x.png",
        "ftp://a/y.png",
        "ftp://b/x.png",
        "memory://a/x.png",
        "memory://b/x.png",
    ):
        with store.system(address):
            pass
    assert asked == ["ftp://a/x.png", "ftp://b/x.png", "memory://a/x.png", "memory://b/x.png"]


def test_an_archive_is_opened_by_one_thread_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zipped(tmp_path / "a.zip", FILES)
    found = listed("pred", f"zip://::{tmp_path}/a.zip", {})
    asked, opened = [], stores.opened
    monkeypatch.setattr(stores, "opened", lambda *of: asked.append(of) or sleep(0.01) or opened(*of))
    sent = pickle.loads(pickle.dumps(list(found)))
    with ThreadPoolExecutor(8) as threads:
        assert [*threads.map(lambda blob: blob.place.read(blob, 9), sent * 5)] == [
            FILES[blob.removeprefix(f"{tmp_path}/a.zip/")] for blob in sent
        ] * 5
    assert len(asked) == 1


def test_a_server_that_is_slow_holds_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, end = Event(), Event()

    def opened(address: str, _: object) -> Any:
        if "slow" in address:
            asked.set()
            assert end.wait(20)
        return fsspec.filesystem("memory")

    monkeypatch.setattr(stores, "opened", opened)
    store = Store()

    def system(address: str) -> Any:
        with store.system(address) as (found, _):
            return found

    with ThreadPoolExecutor(2) as threads:
        waited = threads.submit(system, "zip://a.png::ftp://slow/a.zip")
        try:
            assert asked.wait(20)
            found = threads.submit(system, "zip://a.png::ftp://quick/a.zip").result(20)
            assert not waited.done()
        finally:
            end.set()
        assert type(waited.result()) is type(found)


@pytest.mark.parametrize("said", [None, 1 << 40])
def test_an_answer_without_an_end_is_not_read_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: int | None
) -> None:
    sent, found = 0, "more" if said is None else f"{said:,}"

    class Endless(Quiet):
        def do_GET(self) -> None:
            nonlocal sent
            self.send_response(200)  # whatever range is asked for
            if said is not None:
                self.send_header("Content-Length", str(said))
            self.end_headers()
            with suppress(OSError):
                while True:
                    sent += self.wfile.write(bytes(1 << 16))

    monkeypatch.setattr(blobs, "SMALL", 1000)
    with served(tmp_path, Endless) as host, ExitStack() as held:
        blob = Store().blob(f"{host}/a.png")
        with pytest.raises(MaskError, match=f"^{host}/a.png: expected at most 5,000 bytes, found {found}\n"):
            Fetching(5000).content(blob, held)
    assert sent < 100 << 20  # what lies in buffers on the way
