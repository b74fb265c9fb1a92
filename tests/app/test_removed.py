"""Runs that are removed on a page can be brought back, until they are deleted for good."""

from segscore import Workspace
from segscore.app import removed
from support.applications import Visitor, until, workspace_of
from support.pages import Page


def test_a_removed_run_is_brought_back(tmp_path):
    workspace = workspace_of(tmp_path, images=2)
    workspace.run("net", "streets", progress=False)
    with Visitor(workspace) as visitor:
        assert visitor.sent("/runs/r1/remove") == "/runs?said=1"
        page = Page(visitor.get("/runs?said=1").text).root
        notice = page.one("div", class_="notice")
        assert notice.text == (
            "r1 is removed it can be brought back from here for ten minutes, as long as the application is "
            "there Bring it back"
        )
        assert notice.one("form").attributes == {"method": "post", "action": "/runs/r1/bring-back"}
        assert visitor.get("/runs/r1").status_code == 404
        assert visitor.sent("/runs/r1/bring-back") == "/runs"
        assert visitor.get("/runs/r1").status_code == 200
        again = visitor.form("/runs/r1/bring-back")
        assert again.status_code == 400
        assert "run r1 cannot be brought back" in again.text
        visitor.state_.removed.close()
        assert len(workspace.runs()) == 1  # it was brought back


def test_a_removed_run_is_deleted_after_a_while_and_at_the_end(tmp_path, monkeypatch):
    workspace = workspace_of(tmp_path, images=2)
    for model in ("net:v1", "net:v2"):
        workspace.run(model, "streets", progress=False)
    folders = [tmp_path / ".segscore" / "runs" / run for run in ("r1", "r2")]
    with Visitor(workspace) as visitor:
        visitor.sent("/runs/r1/remove")
        assert any(folders[0].iterdir())
        monkeypatch.setattr(removed, "KEPT", 0.05)
        visitor.sent("/runs/r2/remove")
        until(lambda: not any(folders[1].iterdir()))
        assert any(folders[0].iterdir())
        visitor.state_.removed.close()
        assert not any(folders[0].iterdir())
        assert visitor.form("/runs/r1/bring-back").status_code == 400
    assert len(Workspace(tmp_path).runs()) == 0
