"""Pages know what others have changed: the command line, and other applications."""

import re

from segscore import Workspace
from support.applications import Visitor, add_dataset, workspace_of


def test_the_state_tells_of_changes_from_elsewhere(tmp_path):
    workspace_of(tmp_path, images=2)
    elsewhere = Workspace(tmp_path)
    with Visitor(Workspace(tmp_path)) as visitor:
        seen = {}

        def kinds():
            now = dict(part.split("=") for part in visitor.get("/state").json()["stamp"].split(" "))
            found = [kind for kind, text in now.items() if seen.get(kind) != text]
            seen.update(now)
            return found

        assert kinds() == ["jobs", "datasets", "models", "runs"]
        assert kinds() == []
        for page in ("/", "/runs", "/runs/r9", "/datasets/new", "/nowhere"):
            (stamp,) = re.findall(r'data-stamp="([^"]*)"', visitor.get(page).text)
            assert stamp == visitor.get("/state").json()["stamp"]
        elsewhere.models.add("new", predictions=tmp_path / "better")
        assert kinds() == ["models"]
        add_dataset(elsewhere, "avenues")
        assert kinds() == ["datasets"]
        elsewhere.run("net", "streets", progress=False)
        assert kinds() == ["runs"]
        elsewhere.note("r1", "seen")
        assert kinds() == ["runs"]
        elsewhere.remove("r1")
        assert kinds() == ["runs"]
        visitor.sent("/jobs/dismiss", up_to="1")
        assert kinds() == []


def test_a_page_is_as_old_as_its_stamp(tmp_path, monkeypatch):
    workspace = workspace_of(tmp_path, images=2)
    with Visitor(workspace) as visitor:
        before = visitor.get("/state").json()["stamp"]
        listing = type(workspace.datasets).listing

        def later(datasets):
            monkeypatch.undo()
            found = listing(datasets)
            workspace.models.add("late", predictions=tmp_path / "better")
            return found

        monkeypatch.setattr(type(workspace.datasets), "listing", later)
        text = visitor.get("/datasets").text
        assert f'data-stamp="{before}"' in text
        assert visitor.get("/state").json()["stamp"] != before
