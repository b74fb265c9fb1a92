"""Ctrl-C at known points of commands: what they say, what is written by then, and what is left."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import segscore
from segscore import cli
from segscore.cli import convert, outputs
from segscore.evaluation.evaluation import Evaluation
from segscore.io import writing
from segscore.io.annotations import writing as converting
from support.annotated import coco
from support.annotated import written as annotations
from support.command_line import evaluate, failed, run

FILES = ("--classes", "classes.toml", "--save", "v1.npz", "--report", "v1.html", "--json", "v1.json")
EARLIER = "note: {} is of an earlier command: this one has written nothing to it\n"


def interrupt(*_: object, **__: object) -> Any:
    """Do what Ctrl-C does, at this very point."""
    signal.raise_signal(signal.SIGINT)


def written(folder: Path) -> set[str]:
    """Return the files that a command has made beside its inputs, also hidden ones."""
    return {path.name for path in folder.iterdir()} - {"pred", "target", "classes.toml"}


def test_nothing_is_written_where_intervals_are_interrupted(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folders / "v1.html").write_text("<html>")
    monkeypatch.setattr(Evaluation, "confidence_interval", interrupt)
    result = evaluate(*FILES)
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == "interrupted\n" + EARLIER.format("v1.html")
    assert written(folders) == {"v1.html"}
    assert (folders / "v1.html").read_text() == "<html>"


def test_what_was_saved_before_a_report_is_interrupted_is_whole_and_said(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folders / "v1.html").write_text("<html>")
    monkeypatch.setattr(outputs, "_write_report", interrupt)
    result = evaluate(*FILES)
    assert (result.exit_code, result.stderr) == (
        130,
        "note: `v1.npz` is written\ninterrupted\n" + EARLIER.format("v1.html"),
    )
    assert written(folders) == {"v1.npz", "v1.html"}
    assert (folders / "v1.html").read_text() == "<html>"
    assert segscore.load("v1.npz").names == ("a", "b")


def test_a_file_that_is_being_written_is_not_there(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_room = outputs.check_room

    def checked(path: str) -> None:
        with monkeypatch.context() as undisturbed:
            undisturbed.setattr(writing.os, "fsync", lambda _: None)
            check_room(path)

    monkeypatch.setattr(outputs, "check_room", checked)
    monkeypatch.setattr(writing.os, "fsync", interrupt)
    result = evaluate(*FILES)
    assert (result.exit_code, result.stderr, written(folders)) == (130, "interrupted\n", set())


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("last", ["a.png", "b.png", "classes.toml"])
def test_an_interrupted_convert_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str, there: bool
) -> None:
    source, out = annotations(tmp_path, coco()), tmp_path / "made" / "out"
    if there:
        out.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    write_file, seen = converting.write_file, []

    def write(path: Path | str, content: bytes) -> None:
        write_file(path, content)
        seen.append(Path(path).name)
        if seen[-1] == last:
            interrupt()

    command = ("convert", source, "--to", "masks", "--out", out)
    with monkeypatch.context() as disturbed:
        disturbed.setattr(converting, "write_file", write)
        disturbed.setattr(convert, "write_file", write)
        result = run(*command)
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")
    assert seen[-1] == last
    assert sorted(tmp_path.rglob("*")) == before
    assert run(*command).exit_code == 0
    assert sorted(path.name for path in out.rglob("*.*")) == ["a.png", "b.png", "classes.toml"]


def test_a_convert_that_is_refused_leaves_what_was_there(tmp_path: Path) -> None:
    source, out = annotations(tmp_path, coco()), tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    said = failed(run("convert", source, "--to", "masks", "--out", out))
    assert said.startswith(f"{out}: expected a new or an empty folder, found mine.txt in it\n")
    assert (out / "mine.txt").read_text() == "mine"
    said = failed(run("convert", source, "--to", "masks", "--out", f"{tmp_path}/new/o\0t"))
    assert said.endswith(": cannot be made a folder: embedded null byte\nhint: name another one")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([Path(source).name, "out"])


def test_an_interrupt_while_a_command_is_imported_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_command", interrupt)
    result = run("evaluate")
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")


@pytest.mark.parametrize("place", ["app", "import_module"])
def test_an_interrupt_before_any_command_is_said(place: str) -> None:
    code = f"""
import os, signal, segscore.cli
os.environ["_SEGSCORE_COMPLETE"] = "show_bash"
segscore.cli.{place} = lambda *_: signal.raise_signal(signal.SIGINT)
segscore.cli.main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_an_interrupt_while_numpy_is_imported_looks_like_no_failure_of_a_gate(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("raise KeyboardInterrupt\n")
    command = [sys.executable, "-c", "import segscore.cli"]
    done = subprocess.run(
        command, capture_output=True, check=False, env=os.environ | {"PYTHONPATH": str(tmp_path)}
    )
    assert done.returncode == -signal.SIGINT
    assert b"KeyboardInterrupt" in done.stderr
    assert b"panicked" not in done.stderr
