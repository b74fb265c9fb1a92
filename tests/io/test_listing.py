"""Folders of stores: what is found below them and how it is called, and how much is listed at most."""

from pathlib import Path
from typing import Any

import fsspec
import pytest

from segscore import ArgumentError, PairingError
from segscore.io import blobs, stores
from segscore.io.blobs import Blobs
from segscore.io.pairing import pair
from segscore.io.stores import listed
from support.elsewhere import FILES, Quiet, served, stored, zipped
from support.masks_on_disk import write
from support.refused import refused


def _listed(address: str, **options: Any) -> dict[str, bytes]:
    found = listed("pred", address, options)
    assert isinstance(found, Blobs)
    return {file: blob.place.read(blob, 100) for file, blob in zip(found.files, found, strict=True)}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", ["a.png", "b/c.png", "b/d/e.png", "b/run[3].png", "h.txt"]),
        ("/", ["a.png", "b/c.png", "b/d/e.png", "b/run[3].png", "h.txt"]),
        ("/b", ["c.png", "d/e.png", "run[3].png"]),
        ("/*.png", ["a.png"]),
        ("/*/*.png", ["b/c.png", "b/run[3].png"]),
        ("/**/*.png", ["a.png", "b/c.png", "b/d/e.png", "b/run[3].png"]),
        ("/b/**/?.png", ["c.png", "d/e.png"]),
        ("/b/run[[]3].png", ["run[3].png"]),
        ("/.hidden/*", ["f.png"]),
        ("/b/[!c]*/**", ["d/e.png"]),
    ],
)
def test_patterns_mean_what_they_mean_of_folders(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    address = stored("found", FILES)
    assert list(_listed(address + pattern)) == expected
    zipped(tmp_path / "a.zip", {f"found/{name}": content for name, content in FILES.items()})
    assert _listed(f"zip://found{pattern}::file://{tmp_path}/a.zip") == _listed(address + pattern)
    write(tmp_path / "found", FILES)
    assert _listed(f"local://{tmp_path}/found{pattern}") == _listed(address + pattern)


def test_folders_of_web_servers_are_listed(tmp_path: Path) -> None:
    (tmp_path / "pred").mkdir()
    for name in ("a b.png", "c.png"):
        (tmp_path / "pred" / name).write_bytes(name.encode())
    with served(tmp_path) as host:
        for where in (f"{host}/pred/", f"{host}/pred", f"{host.replace('//', '//me:word@')}/pred/*.png"):
            assert _listed(where) == {"a b.png": b"a b.png", "c.png": b"c.png"}
        one = listed("pred", f"{host}/pred/c.png?word", {})
        assert (str(one), one.place.read(one, 9)) == (f"{host}/pred/c.png", b"c.png")  # type: ignore[union-attr]


def test_an_at_sign_in_what_is_listed_is_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    for name in ("a@2x.png", "a@3x.png"):
        (tmp_path / "p" / name).write_bytes(name.encode())
    with served(tmp_path) as host:
        for server in (host, host.replace("//", "//me:word@")):
            found = listed("pred", f"{server}/p/", {})
            assert isinstance(found, Blobs)
            assert (found.files, found[0].address) == (("a@2x.png", "a@3x.png"), f"{host}/p/a%402x.png")
            assert [blob.place.read(blob, 99) for blob in found] == [b"a@2x.png", b"a@3x.png"]
    stored("host:21", {"p/a@2x.png": b"2", "p/a@3x.png": b"3"})
    found = listed("pred", "memory://host:21/p", {})
    assert [(str(blob), blob.address, blob.place.read(blob, 9)) for blob in found] == [
        (f"memory://host:21/p/a@{i}x.png", f"memory://host:21/p/a@{i}x.png", b"%d" % i) for i in (2, 3)
    ]


def test_names_that_lead_out_of_the_store_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stored("found", FILES)
    found = {"/found/../x.png": {"type": "file", "size": 1}}
    monkeypatch.setattr(fsspec.filesystem("memory").__class__, "find", lambda *_, **__: found)
    assert refused(PairingError, listed, "pred", "memory://found", {}) == (
        "expected names of files in memory://found, found one that leads out of it: ../x.png\n"
        "hint: it was made by hand: look at who wrote it"
    )


def test_links_to_files_of_one_name_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    system = type("System", (), {"async_impl": True})()
    links = [f"http://host/p/a.png{asked}" for asked in ("?v=1", "?v=2")]
    system.find = lambda *_, **__: {link: {"type": "file"} for link in links}
    monkeypatch.setattr(stores, "opened", lambda *_: system)
    found = listed("pred", "http://host/p", {})
    assert isinstance(found, Blobs)
    assert found.files == ("a.png", "a.png")
    assert [blob.key for blob in found] == links
    assert refused(PairingError, pair, found, found).startswith(
        "`pred`: expected one file for each name, found 1 name with several in http://host/p:\n"
    )


def test_more_files_than_a_dataset_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "MAX_FOUND", 5)
    assert refused(PairingError, listed, "pred", stored("found", FILES), {}) == (
        "expected at most 5 files in memory://found, found more\nhint: name what holds the masks alone"
    )


def test_no_more_folders_are_listed_than_a_dataset_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {f"{i}/{j}/a.png": b"" for i in range(9) for j in range(9)})
    kind = fsspec.filesystem("local").__class__
    ls, asked = kind.ls, []
    monkeypatch.setattr(kind, "ls", lambda self, path, **of: asked.append(path) or ls(self, path, **of))
    assert len(_listed(f"local://{tmp_path}/**/*.png")) == 81
    assert len(asked) == len({*asked}) == 1 + 9 + 81
    asked.clear()
    monkeypatch.setattr(blobs, "MAX_FOUND", 20)
    assert refused(PairingError, listed, "pred", f"local://{tmp_path}/**/*.png", {}) == (
        f"expected at most 20 files and folders in local://{tmp_path}/**/*.png, found more\n"
        "hint: name what holds the masks alone"
    )
    # The folder itself has nine, one of these nine more, and each of those a file.
    assert len(asked) == 1 + 1 + 3


def test_a_store_that_lists_by_pages_is_told_where_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Paged:
        """As much of `S3FileSystem` as is used."""

        __module__ = "s3fs.core"
        async_impl = True

        def info(self, _: str) -> dict[str, Any]:
            return {"type": "directory"}

        def find(self, path: str, *, detail: bool, max_items: int) -> dict[str, Any]:
            asked.append((path, detail, max_items))
            return {f"{path}/{i}.png": {"type": "file", "size": 1} for i in range(number)}

    monkeypatch.setattr(stores, "opened", lambda *_: Paged())
    monkeypatch.setattr(blobs, "MAX_FOUND", 3)
    number = 3
    found = listed("pred", "memory://bucket/a", {})
    assert isinstance(found, Blobs)
    assert found.files == ("0.png", "1.png", "2.png")
    number = 4
    assert refused(PairingError, listed, "pred", "memory://bucket/a", {}) == (
        "expected at most 3 files in memory://bucket/a, found more\nhint: name what holds the masks alone"
    )
    assert asked == [("/bucket/a", True, 4)] * 2


def test_a_folder_that_may_not_be_listed_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, FILES)
    address, kind = f"local://{tmp_path}", fsspec.filesystem("local").__class__
    ls = kind.ls

    def listing(self: object, path: str, **of: object) -> Any:
        if path.endswith("/d"):
            raise PermissionError("not yours")
        return ls(self, path, **of)

    monkeypatch.setattr(kind, "ls", listing)
    assert refused(ArgumentError, listed, "pred", address, {}) == (
        f"{address} cannot be opened: PermissionError: not yours\n"
        "hint: check the address, and that you may list what is there"
    )
    assert list(_listed(f"{address}/b/*.png")) == ["c.png", "run[3].png"]  # it is not looked into


def test_folders_without_an_end_are_refused(tmp_path: Path) -> None:
    class Endless(Quiet):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b'<a href="%s/">more</a>' % (b"x" * 1000))

    with served(tmp_path, Endless) as host:
        found = refused(PairingError, listed, "pred", f"{host}/a/", {})
    assert found.startswith(f"expected names of at most 4,096 characters in {host}/a/, found one of 5,0")
