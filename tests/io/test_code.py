"""Code of users: it is found without being run, and runs from where it was found."""

import importlib
import os
import sys
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from segscore import ArgumentError
from segscore.io.code import Code, code_of
from segscore.io.functions import READER
from support import hints
from support.refused import refused


def found(name: str, *folders: Path) -> Code:
    return code_of(name, READER, argument="read", folders=[(str(folder), "there") for folder in folders])


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a package of which each file says that it was imported."""
    for file in ("own_package/deep/reader.py", "own_package/__init__.py"):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"import sys\nsys.own_package_ran = {file!r}\ndef read(path): return path * 2\n")
    monkeypatch.setattr(sys, "own_package_ran", "", raising=False)
    for module in ("own_package", "own_package.deep", "own_package.deep.reader"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    return tmp_path


def test_nothing_runs_before_a_function_is_called(made: Path) -> None:
    path = [*sys.path]
    code = found("own_package.deep.reader:read", made)
    assert (code.file, code.root) == (str(made / "own_package/deep/reader.py"), str(made))
    assert sys.own_package_ran == ""  # type: ignore[attr-defined]
    assert code("ab") == "abab"
    assert sys.own_package_ran == "own_package/deep/reader.py"  # type: ignore[attr-defined]
    assert sys.path == path


def test_a_package_that_is_installed_in_place_is_found(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        def find_spec(self, name: str, _: object, __: object = None) -> object:
            file = made / "own_package/deep/reader.py"
            return spec_from_file_location(name, file) if name == "reader" else None

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    code = found("reader:read")
    assert (code.file, code.root) == (f"{made}/own_package/deep/reader.py", f"{made}/own_package/deep")


@pytest.mark.parametrize("module", ["own_package.no", "own_package.deep", "own_package.deep.reader.read"])
def test_what_is_no_module(made: Path, module: str) -> None:
    assert refused(ArgumentError, found, f"{module}:read", made) == (
        f"`read`: there is no module {module} in the current folder, there, or on the path of Python\n"
        f"hint: {hints.OWN_MODULE.format('masks:read')}"
    )


def test_what_runs_is_what_the_file_holds_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Python takes a file of the same size and time for the one that it has compiled before.
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "own_number.py"
    for number in (1, 2):
        file.write_text(f"def read(path): return {number}\n")
        os.utime(file, (1_700_000_000, 1_700_000_000))
        monkeypatch.delitem(sys.modules, "own_number", raising=False)
        importlib.invalidate_caches()
        assert importlib.import_module("own_number").read("") == 1
        monkeypatch.delitem(sys.modules, "own_number")
        assert found("own_number:read", tmp_path)("") == number


@pytest.mark.parametrize("others", [["own_part.py"], ["own_part/__init__.py", "own_part/more.py"]])
def test_other_modules_that_are_named_run_as_they_are_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: list[str]
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.syspath_prepend(tmp_path)
    paths = [tmp_path / other for other in others]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
    last = "own_part.more" if len(others) > 1 else "own_part"
    (tmp_path / "own_reader.py").write_text(f"""
import {last}
def read(path):
    from {last} import NUMBER
    return own_part.NUMBER, {last}.NUMBER, NUMBER
""")
    for module in ("own_reader", "own_part", "own_part.more"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    for number in (1, 2):
        for path in paths:
            path.write_text(f"NUMBER = {number}\n")
            os.utime(path, (1_700_000_000, 1_700_000_000))
        assert importlib.import_module(last).NUMBER == 1  # which Python has kept, and which stays imported
        beside = tuple(map(str, paths))
        code = Code("own_reader:read", str(tmp_path / "own_reader.py"), READER, ("", str(number)), beside)
        assert code("") == (number, number, number)
        for module in ("own_part", "own_part.more"):
            sys.modules.pop(module, None)
        assert importlib.import_module(last).NUMBER == 1


def test_a_script_that_runs_stays_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "own_script.py"
    script.write_text("NUMBER = 1\n")
    (tmp_path / "own_beside.py").write_text("from own_script import NUMBER\ndef read(path): return NUMBER\n")
    running = ModuleType("__main__")
    running.__file__ = str(script)
    monkeypatch.setitem(sys.modules, "__main__", running)
    code = Code("own_beside:read", str(tmp_path / "own_beside.py"), READER, ("", ""), (str(script),))
    for module in ("own_beside", "own_script"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    assert code("") == 1
    assert sys.modules["__main__"] is running


def test_modules_of_the_process_are_imported_anew_and_what_was_made_of_them_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    beside, file = tmp_path / "own_helper.py", tmp_path / "own_user.py"
    beside.write_text("STATE = []\nclass Helper: pass\n")
    file.write_text("import own_helper\ndef read(path): return own_helper\n")
    for module in ("own_user", "own_helper"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    mine = importlib.import_module("own_helper")
    mine.STATE.append("mine")
    made = mine.Helper()
    code = Code("own_user:read", str(file), READER, ("a", "b"), (str(beside),))
    theirs: Any = code("")
    assert theirs is code("") is sys.modules["own_helper"] is not mine
    assert (mine.STATE, theirs.STATE) == (["mine"], [])
    assert isinstance(made, mine.Helper)
    assert not isinstance(made, theirs.Helper)
