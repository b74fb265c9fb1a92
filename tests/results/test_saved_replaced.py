"""What is read as a saved evaluation, and what one replaces: both go by the same beginning of a file."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from segscore import Evaluation, Evaluator, FileFormatError, OutputError, load


@pytest.fixture
def example() -> Evaluation:
    made = Evaluator(["road", "sky"])
    made.add(pred=[0, 1, 1], target=[0, 0, 1], name="a")
    return made.result()


def archive(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as members:
        for name, file in files.items():
            members.writestr(name, file)
    return made.getvalue()


def test_what_is_read_is_replaced(tmp_path: Path, example: Evaluation) -> None:
    path = tmp_path / "file.npz"
    example.save(path)
    good = path.read_bytes()
    with zipfile.ZipFile(path) as members:
        files = {name: members.read(name) for name in members.namelist()}

    def passes(does: Callable[[Path], object], file: bytes) -> bool:
        path.write_bytes(file)
        try:
            does(path)
        except (FileFormatError, OutputError):
            return False
        return True

    def of(file: bytes) -> tuple[bool, bool]:
        """Whether a file is read, and whether it is replaced."""
        return passes(load, file), passes(example.save, file)

    for file in (
        good,
        archive(files, zipfile.ZIP_STORED),
        archive({**files, "note.txt": b"more"}),
        good + b"x",
    ):
        assert of(file) == (True, True)
    for file in (
        b"<!doctype html>" + good,
        archive(dict(sorted(files.items(), reverse=True))),
        archive({name: own for name, own in files.items() if name != "about.npy"}),
        b"words",
    ):
        assert of(file) == (False, False)
    for file in (
        archive({name: own for name, own in files.items() if name != "pixels.npy"}),
        archive({**files, "pixels.npy": files["pixels.npy"] + b"\0"}),
        archive({**files, "pixels.npy": files["offsets.npy"]}),
        good[:-9],
        good[: len(good) // 2],
        b"",
    ):
        assert of(file) == (False, True)
    some = [of(good[:i] + bytes([good[i] ^ 0x21]) + good[i + 1 :]) for i in range(0, len(good), 5)]
    assert {*some} == {(True, True), (False, True), (False, False)}
