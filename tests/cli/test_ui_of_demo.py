"""`segscore ui` shows the workspace of the demo where nothing else is meant, and says so."""

import pytest

from segscore import SegscoreError, Workspace
from segscore.app.server import Application
from support.command_line import run

NOTE = "note: no workspace is in this folder or above it, so this is the one that the demo has made\n"
NONE = (
    "error: {}: there is no workspace in this folder or above it\n"
    "hint: `segscore init` makes one; or name one by `--workspace`, or by the variable SEGSCORE_WORKSPACE\n"
)


@pytest.fixture
def said(tmp_path, monkeypatch):
    """Return a function that starts `segscore ui` and returns what it says; what it shows is its error."""
    monkeypatch.delenv("SEGSCORE_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)

    def shown(workspace, port):
        raise SegscoreError(f"shows {workspace.path.relative_to(tmp_path)}")

    monkeypatch.setattr(Application, "of", shown)
    return lambda *options: run("ui", *options).stderr


def test_the_workspace_of_the_demo_is_shown_where_there_is_no_other(said, tmp_path, monkeypatch):
    assert said() == NONE.format(tmp_path)
    Workspace.init("segscore-demo-workspace/streets")
    assert said() == f"{NOTE}error: shows segscore-demo-workspace/streets\n"
    assert "there is no workspace: no .segscore" in said("--workspace", "mine")
    monkeypatch.setenv("SEGSCORE_WORKSPACE", "mine")
    assert "there is no workspace: no .segscore" in said()
    monkeypatch.delenv("SEGSCORE_WORKSPACE")
    Workspace.init(".")
    assert said() == "error: shows .\n"
