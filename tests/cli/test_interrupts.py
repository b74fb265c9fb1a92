"""Ctrl-C at known points of commands: what they say, what is written by then, and what is left."""

import signal
from pathlib import Path
from typing import Any

import pytest

import segscore
from segscore.cli import outputs
from segscore.evaluation.evaluation import Evaluation
from segscore.io import writing
from support.command_line import evaluate

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
