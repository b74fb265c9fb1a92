"""Members of zip and tar files: which are meant, what they are called, and what is refused."""

import io
import os
import pickle
import tarfile
import zipfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from segscore import EvaluationError, FileFormatError, MaskError, PairingError
from segscore.io import archives, blobs
from segscore.io.archives import members
from segscore.io.blobs import Blob, Fetching
from support.elsewhere import NAMES, PRED, TARGET, in_folder, scored, stored, tarred, zipped
from support.masks_on_disk import png
from support.refused import refused

SHARDS = {
    "a.jpg": b"",
    "a.seg.png": TARGET["a"],
    "b/c.x.seg.png": b"another",
    "b/c.seg.png": TARGET["b/c"],
    "./b/d.seg.png": TARGET["b/d"],
    ".hidden.seg.png": b"",
}


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_samples_are_called_by_what_is_before_the_first_dot(tmp_path: Path, pack: object) -> None:
    expected = in_folder(tmp_path)
    path = pack(tmp_path / "shard.zip", SHARDS)  # type: ignore[operator]
    for ending in ("seg.png", ".seg.png"):
        target = members(path, ending)
        assert target.files == ("a.png", "b/c.png", "b/d.png")
        found = scored(pred=tmp_path / "pred", target=target)
        assert (found.names, found.table) == (expected.names, expected.table)
    assert found.files["b/c"].target == f"zip://b/c.seg.png::{path}"
    assert found.provenance["target"] == str(path)


def test_all_members_are_files_of_a_folder(tmp_path: Path) -> None:
    path = tarred(tmp_path / "all.tar", SHARDS)
    assert members(str(path)).files == ("a.jpg", "a.seg.png", "b/c.x.seg.png", "b/c.seg.png", "b/d.seg.png")
    assert repr(members(path)) == f"<Blobs: 5 in {path}>"
    assert [str(blob) for blob in members(path)[:2]] == [f"{path}/a.jpg", f"{path}/a.seg.png"]


def test_shards_are_one_side_and_may_be_in_a_store(tmp_path: Path) -> None:
    expected = in_folder(tmp_path)
    for i, name in enumerate(NAMES):
        tarred(tmp_path / f"{i}.tar", {f"{name}.pred.png": PRED[name], f"{name}.seg.png": TARGET[name]})
    there = stored("shards", {f"{i}.tar": (tmp_path / f"{i}.tar").read_bytes() for i in range(3)})
    for shards in (tmp_path / "*.tar", [f"{there}/{i}.tar" for i in range(3)]):
        pred, target = (members(shards, ending) for ending in ("pred.png", "seg.png"))
        found = scored(pred=pred, target=target)
        assert (found.names, found.table) == (expected.names, expected.table)
    assert found.files["a"].pred == "tar://a.pred.png::memory://shards/0.tar"


def test_blobs_open_their_archive_anew_where_they_are_sent(tmp_path: Path) -> None:
    blobs = members(zipped(tmp_path / "a.zip", {f"{i:04}.png": b"x" * i for i in range(100)}))
    sent = pickle.dumps(blobs[50:])
    assert len(sent) < 50 * (60 + len(str(tmp_path)))
    again = pickle.loads(sent)
    assert [blob.place.read(blob, 1000) for blob in again] == [b"x" * i for i in range(50, 100)]
    assert again[0].place.read(again[0], 7) == b"x" * 7


def test_few_archives_are_open_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_OPEN", archives.Handles(2))
    for i in range(9):
        tarred(tmp_path / f"{i}.tar", {f"{i}.png": b"x"})
    before = len(os.listdir("/proc/self/fd"))
    blobs = members(tmp_path / "*.tar")
    assert {blob.place.read(blob, 9) for blob in (*blobs, *blobs)} == {b"x"}
    assert len(os.listdir("/proc/self/fd")) <= before + 2


def test_an_archive_that_has_changed_is_not_read_as_what_it_was(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tar", {"a.png": b"", "b.png": b""})
    blob = pickle.loads(pickle.dumps(members(path)[1]))
    tarred(path, {"a.png": b"", "c.png": b""})
    assert refused(MaskError, blob.place.read, blob, 9) == (
        f"{path}/b.png: the archive has changed since it was listed\nhint: list it again"
    )


def _odd(kind: bytes, name: str = "b.png") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "../../etc/passwd"
    return member


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (tarfile.SYMTYPE, "a link"),
        (tarfile.LNKTYPE, "a link"),
        (tarfile.CHRTYPE, "a device or pipe"),
        (tarfile.FIFOTYPE, "a device or pipe"),
    ],
)
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes, what: str) -> None:
    path = tarred(tmp_path / "a.tar", {"a.png": b"", "b.png": _odd(kind)})
    assert refused(PairingError, members, path) == (
        f"expected files in {path}, found {what} at b.png\n"
        "hint: pack files themselves, as `tar --dereference` and `zip` do"
    )
    assert members(tarred(path, {"a.png": b"", "b.seg.png": _odd(kind, "b.seg.png")}), "png").files == (
        "a.png",
    )


def test_links_in_zip_files_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "../b.png")
    assert refused(PairingError, members, tmp_path / "a.zip").startswith(
        f"expected files in {tmp_path}/a.zip, found a link at a.png\n"
    )


def test_names_that_lead_out_or_are_too_long_are_refused(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tar", {"x/../../b.png": b""})
    assert refused(PairingError, members, path) == (
        f"expected names of files in {path}, found one that leads out of it: x/../../b.png\n"
        "hint: it was made by hand: look at who wrote it"
    )
    path = zipped(tmp_path / "a.zip", {"long" * 2000: b""})
    assert refused(PairingError, members, path) == (
        f"expected names of at most 4,096 characters in {path}, found one of 8,000 that begins with "
        f"{'long' * 10}…\nhint: rename it"
    )


def test_doubled_names_are_an_error_that_names_them(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a\n.png", PRED["a"])
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a\n.png", PRED["b/c"])
    text = refused(PairingError, scored, pred=tmp_path / "a.zip", target=tmp_path / "a.zip")
    assert text.startswith(
        f"`pred`: expected one file for each name, found 1 name with several in {tmp_path}/a.zip:\n"
        "  'a\\n': 'a\\n.png', 'a\\n.png'\n"
    )


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "a.zip", {"a.png": bytes(1 << 27)})
    assert bomb.stat().st_size < 200_000
    target = stored("target", {"a.png": TARGET["a"]})
    found = refused(EvaluationError, scored, pred=bomb, target=target, max_pixels=1000)
    assert found == (
        "1 of 1 images could not be scored:\n"
        f"  a: {bomb}/a.png: expected at most 67,116,864 bytes, found 134,217,728\n"
        "hint: if the mask is really this large, raise `max_pixels`"
    )


def test_sizes_that_lie_are_no_allocation(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.png": PRED["a"]})
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02") + 24  # the size of what is unpacked, in the directory
    content[at : at + 4] = (0xFFFFFFF0).to_bytes(4, "little")
    path.write_bytes(content)
    found = refused(EvaluationError, scored, pred=path, target=stored("target", {"a.png": TARGET["a"]}))
    assert f"  a: {path}/a.png: expected at most 2,214,592,512 bytes, found 4,294,967,280\n" in found
    blob = members(path)[0]
    small = Blob.of(blob, blob.place, blob.key)  # whose size is not told
    with ExitStack() as held:
        assert Fetching(1 << 20).content(small, held) == PRED["a"]


def test_an_archive_of_more_files_than_a_dataset_has_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tarred(tmp_path / "a.tar", {f"{i}.png": b"" for i in range(7)})
    for module in (archives, blobs):
        monkeypatch.setattr(module, "MAX_FOUND", 5)
    assert refused(PairingError, members, path) == (
        f"expected at most 5 files in {path}, found more\nhint: name what holds the masks alone"
    )


@pytest.mark.parametrize("mode", ["w:gz", "w:xz"])
def test_a_compressed_tar_is_refused(tmp_path: Path, mode: str) -> None:
    with tarfile.open(tmp_path / "a.tar", mode) as archive:
        member = tarfile.TarInfo("a.png")
        archive.addfile(member, io.BytesIO())
    found = refused(FileFormatError, members, tmp_path / "a.tar")
    assert found.startswith(f"expected a zip or tar file at {tmp_path}/a.tar, found another kind of file: ")
    assert found.endswith(
        "\nhint: members of a compressed tar cannot be read one by one: unpack it, or compress none of it"
    )


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    path = tmp_path / "*.tar"
    assert refused(PairingError, members, path) == (
        f"expected a zip or tar file, found nothing at {path}\nhint: check the path"
    )
    there = tarred(tmp_path / "a.tar", {"a.seg.png": b"", "b.dir/": tarfile.TarInfo("b.dir")})
    assert refused(PairingError, members, there, "png") == (
        f"expected members that end in .png in {there}, found none\n"
        "hint: it is what follows the first dot of a name, such as `seg.png`"
    )
    (tmp_path / "b.tar").write_bytes(png([[1]]))
    assert refused(FileFormatError, members, tmp_path / "b.tar").startswith(
        f"expected a zip or tar file at {tmp_path}/b.tar, found another kind of file: "
    )
