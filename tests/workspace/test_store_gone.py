"""A workspace that is moved away or deleted while it is used: it is said, and nothing is written there."""

import shutil
from pathlib import Path

import pytest

from segscore import Workspace, WorkspaceError
from segscore.workspace import RunProgress
from segscore.workspace.runs import running
from support.applications import Visitor, add_dataset, forgotten, until, workspace_of
from support.refused import refused

__all__ = ["forgotten"]
pytestmark = pytest.mark.usefixtures("forgotten")
PAGES = ("/", "/matrix", "/runs", "/runs/r1", "/compare", "/datasets", "/datasets/new", "/models/new")


def said(root: Path) -> str:
    return (
        f"{root}: the workspace is no longer there: no .segscore/workspace.json in it\n"
        "hint: move it back to where it was; or use it where it is now, or another one"
    )


@pytest.fixture
def gone(tmp_path: Path) -> Workspace:
    """A workspace with a run, whose `.segscore` was moved away."""
    workspace = workspace_of(tmp_path, 2)
    workspace.run("net", "streets", progress=False)
    (tmp_path / ".segscore").rename(tmp_path / "elsewhere")
    return workspace


def test_everything_says_that_the_workspace_has_gone_and_writes_nothing(gone: Workspace) -> None:
    for call in (
        lambda: list(gone.models),
        lambda: list(gone.datasets),
        gone.runs,
        gone.unfinished,
        gone.reindex,
        lambda: gone.models.add("other", predictions=gone.path / "better"),
        lambda: add_dataset(gone, "avenues"),
        lambda: gone.run("net", "streets"),
        lambda: gone.note("r1", "a"),
        lambda: gone.remove("r1"),
        lambda: gone.link(gone.path / "other", "streets"),
    ):
        assert refused(WorkspaceError, call) == said(gone.path)
    assert not (gone.path / ".segscore").exists()
    (gone.path / "elsewhere").rename(gone.path / ".segscore")
    assert [run.id for run in gone.runs()] == ["r1"]


def test_a_run_at_work_ends_when_its_workspace_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = workspace_of(tmp_path, 6)
    workspace.models.add("near", python="app_test_models:nearest")

    def move(now: RunProgress) -> None:
        if (tmp_path / ".segscore").exists() and now.done == 1:
            (tmp_path / ".segscore").rename(tmp_path / "elsewhere")

    monkeypatch.setattr(running, "SHOW_EVERY", 0.0)
    assert refused(WorkspaceError, workspace.run, "near", "streets", progress=move) == said(tmp_path)
    assert not (tmp_path / ".segscore").exists()


def test_every_page_and_form_of_the_application_says_so(gone: Workspace) -> None:
    with Visitor(gone) as visitor:
        for path in PAGES:
            answer = visitor.get(path)
            assert (path, answer.status_code) == (path, 500)
            assert "the workspace is no longer there" in answer.text
            assert str(gone.path) in answer.text
            assert "Three steps" not in answer.text
        for path, fields in (
            ("/models/new", {"name": "other", "kind": "predictions", "source": "better"}),
            ("/datasets/new", {"name": "other", "images": "a", "targets": "b", "classes": "2"}),
            ("/evaluate", {"model": "net", "dataset": "streets"}),
            ("/runs/r1/note", {"note": "a"}),
            ("/runs/r1/remove", {}),
            ("/runs/r1/again", {}),
            ("/runs/r1/go-on", {}),
        ):
            answer = visitor.form(path, **fields)
            assert (path, answer.status_code >= 400) == (path, True)
            assert "the workspace is no longer there" in answer.text
        assert not (gone.path / ".segscore").exists()


@pytest.mark.slow
def test_a_job_says_so(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, 30)
    workspace.models.add("patient", python="app_test_models:patient")
    with Visitor(workspace) as visitor:
        visitor.sent("/evaluate", model="patient", dataset="streets")
        until(lambda: visitor.jobs.all()[0].done > 1)
        (tmp_path / ".segscore").rename(tmp_path / "elsewhere")
        job = visitor.jobs.wait(1)
        assert job.state == "failed"
        assert job.problem is not None
        assert f"{tmp_path}: the workspace is no longer there" in job.problem.message
        assert not (tmp_path / ".segscore").exists()
    shutil.rmtree(tmp_path / "elsewhere")
