"""Paths from the root, and what is said where the folder that they begin at was deleted."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore.counts.new_classes import new_classes
from segscore.errors import ArgumentError
from segscore.io.absolute import absolute_path, real_path
from support.refused import refused

GONE = (
    "the current folder is no longer there, so that nothing can be found from it\n"
    "hint: go to another folder, and name files and folders by whole paths"
)


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder that was deleted; above it lie masks and a workspace."""
    for side in ("pred", "target"):
        (tmp_path / side).mkdir()
        np.save(tmp_path / side / "a.npy", np.array([[0, 1]]))
    segscore.Workspace.init(tmp_path / "ws")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    return tmp_path


def scored() -> segscore.Evaluation:
    return segscore.evaluate(pred=np.array([[0, 1]]), target=np.array([[0, 1]]), classes=2)


@pytest.mark.parametrize(
    "ask",
    [
        lambda _: absolute_path("a"),
        lambda _: real_path("a"),
        lambda _: segscore.evaluate(pred="a", target="b", classes=2),
        lambda _: segscore.audit(pred="a", target="b", classes=2),
        lambda _: new_classes("a"),
        lambda _: segscore.Workspace("ws"),
        lambda _: segscore.Workspace.init("ws"),
        lambda above: segscore.Workspace(above / "ws").datasets.add("d", images="a", targets="b", classes=2),
        lambda above: segscore.Workspace(above / "ws").models.add("m", predictions="a"),
        lambda above: segscore.Workspace(above / "ws").models.add("m", python="made_up:function"),
        lambda _: scored().save("a.npz"),
        lambda _: scored().write_report("a.html"),
    ],
)
def test_a_current_folder_that_is_gone(gone: Path, ask: Callable[[Path], object]) -> None:
    assert refused(ArgumentError, ask, gone) == GONE


def test_whole_paths_need_no_current_folder(gone: Path) -> None:
    pred, target = str(gone / "pred"), str(gone / "target")
    assert segscore.evaluate(pred=pred, target=target, classes=2).scores.mean_iou == 1
    assert not segscore.audit(pred=pred, target=target, classes=2).findings
    scored().save(gone / "ev.npz")
    assert segscore.load(gone / "ev.npz") == scored()
