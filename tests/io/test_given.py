"""What is given for a side and is none."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segscore import ArgumentError, Classes, ClassesError
from segscore.io.archives import members
from segscore.io.cases import find_cases
from segscore.io.columns import column
from segscore.io.reading import Reading
from support.elsewhere import PRED, zipped
from support.refused import refused

SIDE = (
    "expected a folder, an address, a glob pattern, an array, or a list of paths, "
    "arrays or what opens as bytes"
)
ITEM = "expected paths, arrays or what opens as bytes in the list"
GIVEN: dict[str, tuple[Callable[[Path], Any], str]] = {
    "archive": (zipfile.ZipFile, f" is of type ZipFile, {SIDE}\nhint: give the path of the archive"),
    "folder of an archive": (
        zipfile.Path,
        f" is of type zipfile.Path, {SIDE}\nhint: give the path of the archive, or what is in the folder as "
        "a list: `[*SIDE.iterdir()]`",
    ),
    "generator": (
        lambda path: (one for one in [path]),
        f" is of type generator, {SIDE}\nhint: make a list: `[*SIDE]`",
    ),
    "open file": (
        lambda _: io.BytesIO(PRED["a"]),
        f" is of type BytesIO, {SIDE}\nhint: one image is a list of one: `[SIDE]`",
    ),
    "bytes": (
        lambda _: PRED["a"],
        f" is of type bytes, {SIDE}\nhint: a file is a list of one, `[SIDE]`; labels are `np.frombuffer(SIDE,"
        " np.uint8)`",
    ),
    "mapping": (
        lambda path: {"a": path},
        f" is of type dict, {SIDE}\nhint: give a list in the order of the other side, such as "
        "`[*SIDE.values()]`",
    ),
    "set": (
        lambda path: {path},
        f" is of type set, {SIDE}\nhint: give a list, in the order of the other side",
    ),
    "nothing": (lambda _: None, f" is of type NoneType, {SIDE}\nhint: name where the masks are"),
    "wrong structs": (
        lambda _: [{"bytes": b"", "path": None}, {"byte": b""}],
        f": {ITEM}, found dict with byte at index 1\nhint: structs have `bytes` and `path`, and nothing else",
    ),
    "empty structs": (
        lambda _: [{}],
        f": {ITEM}, found dict with nothing at index 0\n"
        "hint: structs have `bytes` and `path`, and nothing else",
    ),
    "lists of nothing": (
        lambda path: [path, None],
        f": {ITEM}, found NoneType at index 1\nhint: leave the image out on both sides",
    ),
    "list of generators": (
        lambda path: [(one for one in [path])],
        f": {ITEM}, found generator at index 0\nhint: make an array of it",
    ),
    "path of an address": (
        lambda _: Path("http://me:word@host/a.png?sig=1"),
        ": expected an address as a text, found a path of http://host/a.png, which has lost a slash\n"
        "hint: give a text with `://`, as `pathlib.Path` takes a slash away",
    ),
    "text with one slash": (
        lambda _: "http:/me:word@host/*.png?sig=1",
        ": expected an address as a text, found a path of http://host/*.png, which has lost a slash\n"
        "hint: give a text with `://`, as `pathlib.Path` takes a slash away",
    ),
    "paths of addresses": (
        lambda _: [Path("http://me:word@host/a.png?sig=1")],
        ": expected an address as a text, found a path of http://host/a.png, which has lost a slash\n"
        "hint: give a text with `://`, as `pathlib.Path` takes a slash away",
    ),
}


@pytest.mark.parametrize("side", ["pred", "target"])
@pytest.mark.parametrize("what", GIVEN)
def test_what_is_no_side_is_said_of_the_side_that_it_was_given_for(
    tmp_path: Path, what: str, side: str
) -> None:
    make, said = GIVEN[what]
    path = zipped(tmp_path / "a.zip", PRED)
    sides = {"pred": str(tmp_path), "target": str(tmp_path), side: make(path)}
    assert refused(ArgumentError, find_cases, **sides, reading=Reading(), classes=None) == (
        f"`{side}`{said.replace('SIDE', side)}"
    )


def test_archives_and_tables_are_no_paths_of_addresses() -> None:
    path = Path("http://me:word@host/a.zip?sig=1")
    for found in (refused(ArgumentError, members, path), refused(ArgumentError, column, [path], "mask")):
        assert found == (
            "expected an address as a text, found a path of http://host/a.zip, which has lost a slash\n"
            "hint: give a text with `://`, as `pathlib.Path` takes a slash away"
        )


def test_classes_are_read_from_this_machine_alone() -> None:
    for path in ("http://me:word@host/a.toml?sig=1", Path("http://me:word@host/a.toml")):
        assert refused(ClassesError, Classes.of, path) == (
            "expected a preset or a file of this machine, found an address of http:/\n"
            "hint: download it, and give its path"
        )


def test_a_folder_may_be_called_as_an_address_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "http:" / "host"
    folder.mkdir(parents=True)
    (folder / "a.png").write_bytes(PRED["a"])
    found = find_cases([Path("http:/host/a.png")], [folder / "a.png"], Reading(), None)
    assert [(case.name, case.pred) for case in found.cases] == [("a", "http:/host/a.png")]
