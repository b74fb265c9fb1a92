"""Writing results: whole or not at all, whatever the disk does."""

import errno
import io
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from segscore import OutputError
from segscore.io import writing
from segscore.io.places import check_place
from segscore.io.writing import append_file, check_folder, remove_parts, write_file
from support import hints
from support.processes import AS_NOBODY, python
from support.refused import refused

HINT = f"hint: {hints.FOLDER}"
NAME = "hint: no file can have this name: choose another one"
WRITE = """
import os, resource, sys
from segscore import OutputError
from segscore.io.writing import append_file, write_file
path = sys.argv[1]
def told(call, content):
    try:
        call(path, content)
    except OutputError as error:
        print(error, end="")
"""


def refusal(path: str | Path, content: bytes = b"new") -> str:
    return refused(OutputError, write_file, path, content)


# A disk without room


@pytest.mark.parametrize(
    ("write", "before"), [("write_file", b"before"), ("write_file", None), ("append_file", b"before")]
)
def test_a_disk_that_is_full_leaves_what_was_there(tmp_path: Path, write: str, before: bytes | None) -> None:
    path = tmp_path / "a.npz"
    if before is not None:
        path.write_bytes(before)
    limited = "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))\n"
    printed = python(f"{WRITE}{limited}told({write}, bytes(30_000))", path)
    assert printed == f"{path}: cannot be written: File too large\n{HINT}"
    assert os.listdir(tmp_path) == ([] if before is None else ["a.npz"])
    assert before is None or path.read_bytes() == before


@pytest.mark.parametrize("write", [write_file, append_file])
def test_a_device_that_is_full(write: Callable[[str, bytes], None]) -> None:
    text = f"/dev/full: cannot be written: No space left on device\n{HINT}"
    assert refused(OutputError, write, "/dev/full", b"new") == text


def test_an_interrupt_while_writing_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"old")

    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "a", b"new")
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


# Places


@pytest.mark.parametrize(
    ("make", "name", "reason"),
    [
        (lambda folder: (folder / "a").mkdir(), "a", "Is a directory"),
        (lambda folder: None, "none/a", "No such file or directory"),
        (lambda folder: (folder / "a").write_bytes(b"old"), "a/b", "Not a directory"),
        (lambda folder: None, "a" * 300, "File name too long"),
        (lambda folder: (folder / "a").symlink_to("none/b"), "a", "No such file or directory"),
    ],
)
def test_a_place_where_nothing_can_be_written(
    tmp_path: Path, make: Callable[[Path], object], name: str, reason: str
) -> None:
    make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    path = tmp_path / name
    assert refusal(path) == f"{path}: cannot be written: {reason}\n{HINT}"
    assert sorted(tmp_path.rglob("*")) == before


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    assert (
        refusal(f"{tmp_path}/a\0b") == f"'{tmp_path}/a\\x00b': cannot be written: embedded null byte\n{NAME}"
    )
    refusal(f"{tmp_path}/\ud800")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["a", "a\nb", "ümlaut", "日" * 80, "x" * 255, "\udcff", " ", ".hidden", "-"])
def test_every_name_that_a_file_can_have(tmp_path: Path, name: str) -> None:
    for content in (b"first", b"", b"second"):
        write_file(tmp_path / name, content)
        assert os.listdir(tmp_path) == [name]
        assert (tmp_path / name).read_bytes() == content


def test_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_file("a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


# Links, permissions, devices


def test_a_link_is_kept_and_its_file_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/file").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real/file")
    (tmp_path / "to the link").symlink_to(tmp_path / "link")
    write_file(tmp_path / "to the link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/file").read_bytes() == b"new"
    (tmp_path / "ahead").symlink_to("real/not yet")
    write_file(tmp_path / "ahead", b"made")
    assert (tmp_path / "real/not yet").read_bytes() == b"made"
    assert sorted(os.listdir(tmp_path / "real")) == ["file", "not yet"]


def test_a_link_to_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    write_file(tmp_path / "loop", b"new")
    assert (tmp_path / "loop").read_bytes() == b"new"


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path: Path, umask: int) -> None:
    python(f"{WRITE}os.umask({umask})\ntold(write_file, b'new')", tmp_path / "a.npz")
    assert stat.S_IMODE((tmp_path / "a.npz").stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o666, 0o640])
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(mode)
    write_file(tmp_path / "a", b"new")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == mode


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_file(tmp_path / "pipe", b"new")
        assert os.read(reader, 100) == b"new"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


# Additions to files


@pytest.mark.parametrize("before", [b"", b"of others\n", None])
def test_an_addition_keeps_what_is_there(tmp_path: Path, before: bytes | None) -> None:
    path = tmp_path / "summary.md"
    if before is not None:
        path.write_bytes(before)
    for part in (b"first\n", b"second\n"):
        append_file(path, part)
    assert path.read_bytes() == (before or b"") + b"first\nsecond\n"


@pytest.mark.parametrize(("others", "kept"), [(b"", b""), (b"of others", b"newof others")])
def test_what_others_added_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: bytes, kept: bytes
) -> None:
    path = tmp_path / "summary.md"
    path.write_bytes(b"before\n")

    class Full(io.FileIO):
        """A file on a disk that takes three bytes more, and then what others write."""

        def write(self, content: bytes) -> int:
            if path.stat().st_size == len(b"before\n"):
                return super().write(content[:3])
            with open(path, "ab") as file:
                file.write(others)
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing, "open", lambda path, mode, buffering: Full(path, mode), raising=False)
    with pytest.raises(OutputError):
        append_file(path, b"new and more")
    assert path.read_bytes() == b"before\n" + kept


# What is known before a long run


def test_places_where_a_file_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old").touch()
    (tmp_path / "link").symlink_to("old")
    (tmp_path / "ahead").symlink_to("not yet")
    for path in ("new", "old", "link", "ahead", tmp_path / "new", "/dev/null", "/dev/full"):
        check_folder(path)
    assert sorted(os.listdir(tmp_path)) == ["ahead", "link", "old"]


def test_a_folder_is_no_file_to_write(tmp_path: Path) -> None:
    assert refused(OutputError, check_folder, tmp_path) == (
        f"{tmp_path}: expected a file to write, found a folder\nhint: name a file within it"
    )


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "lost").symlink_to(tmp_path / "none" / "a.npz")
    for path in (tmp_path / "none" / "a.npz", tmp_path / "lost"):
        assert refused(OutputError, check_folder, path) == (
            f"{tmp_path}/none: there is no such folder to write to\nhint: make it, or name another one"
        )


def test_what_is_not_writable_is_told_before_but_a_file_that_is_added_to_needs_no_folder(
    tmp_path: Path,
) -> None:
    (tmp_path / "folder").mkdir()
    for name, mode in (("open", 0o666), ("closed", 0o444)):
        (tmp_path / "folder" / name).touch()
        (tmp_path / "folder" / name).chmod(mode)
    (tmp_path / "folder").chmod(0o555)
    tmp_path.chmod(0o755)
    code = f"""
import segscore
from segscore.io.writing import check_folder
{AS_NOBODY}
for name, append in (("new", False), ("open", True), ("closed", True), ("new", True)):
    try:
        check_folder(f"folder/{{name}}", append=append)
    except segscore.OutputError as error:
        print(error)
"""
    hint = "hint: change its permissions, or name another one\n"
    folder = f"folder: the folder is not writable\n{hint}"
    closed = f"folder/closed: the file is not writable\n{hint}"
    assert python(code, cwd=tmp_path) == folder + closed + folder


# Files of one's own, and what a kill leaves behind


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o400])
def test_what_replaces_a_private_file_is_private_from_the_first_byte_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(mode)
    seen = []
    opening, writing = os.open, os.fsync

    def opened(*given: object, **options: object) -> int:
        number = opening(*given, **options)  # type: ignore[arg-type]
        seen.append(stat.S_IMODE(os.fstat(number).st_mode) & ~mode)
        return number

    def synced(number: int) -> None:
        assert os.fstat(number).st_size == len(b"new")
        seen.append(stat.S_IMODE(os.fstat(number).st_mode) & ~mode)
        writing(number)

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "fsync", synced)
    before = os.umask(0)
    try:
        write_file(path, b"new")
    finally:
        os.umask(before)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)
    # Of a mode that forbids its owner to write, that right alone is there for a moment.
    assert [bits & ~stat.S_IWUSR for bits in seen] == [0, 0]


KILLED = """
import os, signal, sys
from segscore.io.writing import write_file
os.fsync = lambda _: (print("written", flush=True), signal.pause())
write_file(sys.argv[1], bytes(100))
"""


def test_parts_of_killed_processes_are_removed_and_of_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "scores.npz"
    others = [".scores.npz.part", ".a.0123456789abcdefg.part", "notes.part", ".hidden"]
    for name in others:
        (tmp_path / name).write_text("")
    left = []
    for _ in range(2):
        command = [sys.executable, "-c", KILLED, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"written\n"
            (part,) = set(tmp_path.glob(".scores.npz.*.part")) - set(left)
            os.utime(part, (0, 0))
            remove_parts(tmp_path)
            assert part.exists()  # it is still being written
            process.kill()
        left.append(part)
        check_place(path)
        assert not part.exists()
    (tmp_path / ".scores.npz.0123456789abcdef.part").write_text("just now")
    remove_parts(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted([*others, ".scores.npz.0123456789abcdef.part"])
    remove_parts(tmp_path / "nowhere")
