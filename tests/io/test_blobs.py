"""Blobs: what they are to lists and pickles, and how many bytes of them are held at a time."""

import io
import pickle
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Barrier, Lock, Thread
from time import sleep

import fsspec
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from segscore import ArgumentError, MaskError
from segscore.io import blobs
from segscore.io.archives import members
from segscore.io.blobs import Blob, Blobs, Fetching, most_bytes
from segscore.io.columns import column
from segscore.io.objects import Content, Object, blob_of, opens
from segscore.io.stores import Store
from support.elsewhere import Quiet, served, stored, tarred, zipped
from support.refused import refused


def _blob(content: bytes, size: int | None = None) -> Blob:
    return Blob.of("s3://b/a.png", Content(content), size=size)


def _content(blob: Blob, most: int = 100) -> bytes:
    with ExitStack() as held:
        return Fetching(most).content(blob, held)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "SMALL", 10)


@pytest.mark.parametrize("number", [0, 1, 9, 10, 11, 99, 100])
@pytest.mark.parametrize("told", [True, False])
def test_what_is_fetched_is_all_there_is(number: int, told: bool) -> None:
    assert _content(_blob(b"x" * number, number if told else None)) == b"x" * number


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    class Never:
        def read(self, *_: object) -> bytes:
            raise AssertionError

        def address(self, _: object) -> None:
            """Return nothing."""

    said = (
        "s3://b/a.png: expected at most 100 bytes, found {}\n"
        "hint: if the mask is really this large, raise `max_pixels`"
    )
    known = Blob.of("s3://b/a.png", Never(), size=101)
    assert refused(MaskError, _content, known) == said.format("101")
    assert refused(MaskError, _content, _blob(b"x" * 101)) == said.format("more")
    assert refused(MaskError, _content, _blob(b"x" * 101, 100)) == said.format(
        "more"
    )  # what it said was wrong
    assert _content(Blob.of("s3://b/a.png", Never(), size=0)) == b""
    assert most_bytes(1 << 28) == (8 << 28) + (64 << 20)
    assert most_bytes(1 << 20, channels=19) > 19 * (4 << 20)


def test_no_more_is_asked_for_than_may_be_there() -> None:
    asked = []

    class Endless:
        def read(self, _: object, most: int, start: int = 0) -> bytes:
            asked.append((most, start))
            return b"x" * most

        def address(self, _: object) -> None:
            """Return nothing."""

    with pytest.raises(MaskError):
        _content(Blob.of("s3://b/a.png", Endless()))
    assert asked == [(11, 0), (90, 11)]


class _Stream(io.BytesIO):
    """What reads on, and cannot go back."""

    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("number", [10, 11, 12, 99, 100])
def test_what_is_larger_than_it_was_known_to_be_is_read_on(number: int, tmp_path: Path) -> None:
    content = bytes(range(number))
    (tmp_path / "a.bin").write_bytes(content)
    parquet.write_table(
        pa.table({"m": [content], "f": [{"bytes": None, "path": str(tmp_path / "a.bin")}]}),
        tmp_path / "a.parquet",
    )
    stored("found", {"a.bin": content})
    zipped(tmp_path / "a.zip", {"a.bin": content})
    tarred(tmp_path / "a.tar", {"a.bin": content})
    blobs_of = {
        "bytes": Blob.of("a", Content(content)),
        "store": Store().blob("memory://found/a.bin"),
        "member of a store": Store().blob(f"zip://a.bin::{tmp_path}/a.zip"),
        "zip": Blob.of(members(tmp_path / "a.zip")[0], members(tmp_path / "a.zip")[0].place, 0),
        "tar": Blob.of(members(tmp_path / "a.tar")[0], members(tmp_path / "a.tar")[0].place, 0),
        "row": column(tmp_path / "a.parquet", "m")[0],
        "file of a row": column(tmp_path / "a.parquet", "f")[0],
        "open file": blob_of(io.BytesIO(content), "a"),
        "stream": blob_of(_Stream(content), "a"),
        "what opens": blob_of(zipfile.Path(tmp_path / "a.zip", "a.bin"), "a"),
        "file of fsspec": blob_of(fsspec.open("memory://found/a.bin"), "a"),
    }
    for what, blob in blobs_of.items():
        assert isinstance(blob, Blob)
        assert (what, _content(blob)) == (what, content)


def test_a_web_server_is_asked_for_a_large_file_once_if_it_says_how_large_it_is(tmp_path: Path) -> None:
    asked = []

    class Told(Quiet):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            if "told" in self.path:
                self.send_header("Content-Length", "5000000")
            self.end_headers()
            with suppress(OSError):
                for i in range(50):
                    self.wfile.write(bytes([i]) * 100_000)

    expected = b"".join(bytes([i]) * 100_000 for i in range(50))
    with served(tmp_path, Told) as host:
        assert _content(Store().blob(f"{host}/told.png"), 5_000_000) == expected
        assert _content(Store().blob(f"{host}/untold.png"), 5_000_000) == expected
        assert refused(MaskError, _content, Store().blob(f"{host}/told.png"), 4_999_998) == (
            f"{host}/told.png: expected at most 4,999,998 bytes, found 5,000,000\n"
            "hint: if the mask is really this large, raise `max_pixels`"
        )
    assert asked == ["/told.png"] * 2 + ["/untold.png"] * 2 + ["/told.png"] * 2


def test_a_store_without_ranges_is_read_as_a_whole_if_that_is_small_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind = fsspec.filesystem("memory").__class__
    whole, asked = kind.cat_file, []

    def cat_file(self: object, path: str, **ranges: int) -> bytes:
        asked.append(ranges)
        if ranges:
            raise OSError("416 Range Not Satisfiable")
        return bytes(whole(self, path))

    monkeypatch.setattr(kind, "cat_file", cat_file)
    for number in (0, 10, 11, 100):
        asked.clear()
        stored("found", {"a.bin": b"x" * number})
        assert _content(Store().blob("memory://found/a.bin")) == b"x" * number
        assert sum(ranges == {} for ranges in asked) == (number > 0)
    stored("found", {"a.bin": b"x" * 102})
    assert refused(MaskError, _content, Store().blob("memory://found/a.bin")) == (
        "memory://found/a.bin: expected at most 100 bytes, found 102\n"
        "hint: if the mask is really this large, raise `max_pixels`"
    )
    asked.clear()

    def other(self: object, path: str, **ranges: int) -> bytes:
        asked.append(ranges)
        raise OSError("the orange server is away")

    monkeypatch.setattr(kind, "cat_file", other)
    assert refused(MaskError, _content, Store().blob("memory://found/a.bin")) == (
        "memory://found/a.bin: it cannot be fetched: OSError: the orange server is away\n"
        "hint: check that the file is there and readable"
    )
    assert asked == [{"start": 0, "end": 11}]


def test_one_large_blob_is_held_at_a_time_beside_small_ones() -> None:
    fetching, lock, together = Fetching(100), Lock(), Barrier(3, timeout=20)
    held_now, most_held = 0, 0

    def fetch(size: int) -> None:
        nonlocal held_now, most_held
        with ExitStack() as held:
            fetching.content(_blob(b"x" * size, size), held)
            if size <= 10:
                together.wait()  # small ones do not wait for each other
                return
            with lock:
                held_now += 1
                most_held = max(most_held, held_now)
            sleep(0.01)
            with lock:
                held_now -= 1

    threads = [Thread(target=fetch, args=(size,)) for size in (50, 10, 60, 5, 70, 0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most_held, held_now) == (1, 0)


def test_both_masks_of_an_image_may_be_large() -> None:
    fetching = Fetching(100)
    with ExitStack() as held:
        assert [fetching.content(_blob(b"x" * 50), held) for _ in range(2)] == [b"x" * 50] * 2


def test_blobs_are_texts_that_know_their_place() -> None:
    one = Blob.of("s3://b/a.png", Content(b"1"), 7, 1)
    again = pickle.loads(pickle.dumps(one))
    assert (again, again.key, again.size, again.address) == (one, 7, 1, None)
    assert type(again.upper()) is str  # what is made of it is no mask
    several = Blobs("there", ("a.png", "b.png"), (one, _blob(b"2")))
    assert (len(several), [*several], several[1], several[-1]) == (2, [*several.blobs], one, "s3://b/a.png")
    assert (several[1:].files, repr(several[1:])) == (("b.png",), "<Blobs: 1 in there>")


def _things() -> Iterator[tuple[object, bool]]:
    yield from (
        (thing, True) for thing in ("a.png", Path("a"), b"", io.BytesIO(), {"bytes": b"", "path": None})
    )
    yield from ((thing, False) for thing in (1, [1], np.zeros(3), np.int64(3)))
    yield from ((thing, True) for thing in (bytearray(), memoryview(b"a"), memoryview(b"a").cast("c")))
    labels = memoryview(np.zeros((2, 3), np.uint8))
    yield from ((thing, False) for thing in (labels, labels.cast("B").cast("?"), memoryview(np.zeros(3))))
    yield from ((thing, False) for thing in (io.BytesIO, {"bytes": b""}, None, 1.5))


def test_arrays_and_numbers_open_as_nothing() -> None:
    assert [opens(thing) for thing, _ in _things()] == [told for _, told in _things()]


def test_structs_of_nothing_are_no_images() -> None:
    for path, said in (
        (None, "the row has no image\nhint: leave it out, or give it one"),
        (
            "https://me:word@host/a.png?sig=1",
            "expected bytes or a path of this machine, found the address https://host/a.png\n"
            "hint: give the addresses themselves, as a list with `names`",
        ),
    ):
        blob = blob_of({"bytes": None, "path": path}, "<pred>/0")
        assert isinstance(blob, Blob)
        assert refused(MaskError, _content, blob) == f"<pred>/0: {said}"
        assert pickle.loads(pickle.dumps(blob)).address is None
    assert blob_of({"bytes": None, "path": "a.png"}, "<pred>/0") == "a.png"


@pytest.mark.parametrize(
    ("content", "path", "found"),
    [(7, None, "int and NoneType"), ("text", "a.png", "str and str"), (b"", 7, "bytes and int")],
)
def test_structs_hold_bytes_and_a_text(content: object, path: object, found: str) -> None:
    assert refused(ArgumentError, blob_of, {"bytes": content, "path": path}, "<pred>/0") == (
        f"<pred>/0: expected a struct of bytes and a text, found {found}\nhint: either may be None"
    )


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_all_that_is_bytes_is_what_a_file_holds(kind: type) -> None:
    class Reader(io.BytesIO):
        def read(self, most: int | None = -1, /) -> bytes:
            return kind(super().read(min(most or 0, 3)))  # type: ignore[no-any-return] # a few at a time

    read = Reader(b"content")
    for item in (kind(b"content"), {"bytes": kind(b"content"), "path": "a.png"}, read):
        blob = blob_of(item, "<pred>/0")
        assert isinstance(blob, Blob)
        found = _content(blob)
        assert (type(found), found) == (bytes, b"content")
    read.read = lambda _: 7  # type: ignore[assignment, return-value, method-assign]
    assert refused(MaskError, _content, blob_of(read, "<pred>/0")) == (
        "<pred>/0: it cannot be fetched: TypeError: memoryview: a bytes-like object is required, not 'int'\n"
        "hint: check that the file is there and readable"
    )


def test_texts_are_no_bytes() -> None:
    blob = blob_of(io.StringIO("text"), "<pred>/0")
    assert isinstance(blob, Blob)
    assert isinstance(blob.place, Object)
    assert refused(MaskError, blob.place.read, blob, 9) == (
        "<pred>/0: expected a file that was opened as binary, found text\nhint: open it with the mode `rb`"
    )


def test_objects_that_read_what_is_no_bytes_are_refused() -> None:
    class Odd:
        def read(self, *_: object) -> object:
            return 7

        def address(self, _: object) -> None:
            """Return nothing."""

    assert refused(MaskError, _content, Blob.of("a.png", Odd())) == (  # type: ignore[arg-type]
        "a.png: expected bytes, found int\nhint: open files as binary, `rb`"
    )
