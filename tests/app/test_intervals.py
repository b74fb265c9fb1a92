"""Pages of large runs and comparisons: shown at once, and filled in with intervals that are asked for."""

from pathlib import Path

import pytest

from segscore import Workspace
from segscore.app import results
from segscore.app.cache import Cache
from segscore.pages import intervals as computing
from segscore.workspace.runs.intervals import INTERVALS
from support.applications import ORIGIN, Visitor, text_of, workspace_of
from support.pages import Page

IMAGES = 60
WAITING = "Intervals are being computed, and come into this page by themselves."


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a run of each of two models, on 60 images."""
    made = workspace_of(tmp_path_factory.mktemp("large"), IMAGES)
    for version in ("v1", "v2"):
        made.run(f"net:{version}", "streets", progress=False)
    return made


@pytest.fixture
def visitor(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    """Somebody to whom 60 images are many, with what was kept of the runs as it was once the test ends."""
    monkeypatch.setattr(results, "AT_ONCE", 0)
    files = {path: path.read_bytes() for path in workspace.path.rglob(INTERVALS)}
    assert len(files) == 2
    with Visitor(workspace) as made:
        yield made
    for path, content in files.items():
        path.write_bytes(content)


def forget(workspace: Workspace, run: str) -> Path:
    """Remove what was kept of a run; return where that was."""
    path = workspace.runs()[run].folder / INTERVALS
    path.unlink()
    return path


def marks(page: str) -> list[str]:
    """Return what is marked to be filled in, in the order of the page."""
    tags = [dict(entry[1]) for entry in Page(page).tags if isinstance(entry, tuple)]
    return [found["data-later"] for found in tags if "data-later" in found]


def froms(page: str) -> list[str]:
    """Return where a page with intervals is asked for."""
    tags = [dict(entry[1]) for entry in Page(page).tags if isinstance(entry, tuple)]
    return [found["data-later-from"] for found in tags if "data-later-from" in found]


def test_a_run_whose_intervals_were_kept_asks_for_none(visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("confidence_intervals", "intervals_of"):
        monkeypatch.setattr(computing, name, None)  # which cannot be called
    page = visitor.get("/runs/r1")
    assert page.status_code == 200
    assert marks(page.text) == []
    assert "95 % interval" in text_of(page)
    assert WAITING not in text_of(page)


def test_a_run_without_them_is_shown_at_once_and_filled_in(visitor, workspace, monkeypatch) -> None:
    path = forget(workspace, "r1")
    with monkeypatch.context() as none:
        none.setattr(computing, "confidence_intervals", None)
        page = visitor.get("/runs/r1").text
    assert WAITING in page
    assert froms(page) == ["/runs/r1?intervals=now"]
    assert not path.exists()
    answer = visitor.get("/runs/r1?intervals=now")
    filled = answer.text
    assert marks(filled) == marks(page)
    assert len(set(marks(page))) == len(marks(page))
    assert {"figure-1", "notes", "class-1", "class-2", "scenario-1-1", "scenario-1-2"} <= set(marks(page))
    assert WAITING not in filled
    assert "being computed" in page
    assert "being computed" not in filled
    assert froms(filled) == [""]
    assert path.exists()
    # From now on it is there at once, and nothing is marked.
    assert marks(visitor.get("/runs/r1").text) == []


def test_a_comparison_is_shown_at_once_and_filled_in(visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as none:
        for name in ("compare", "with_part_intervals"):
            none.setattr(results, name, None)
        page = visitor.get("/compare?run=r1&run=r2").text
    assert froms(page) == ["/compare?run=r1&run=r2&intervals=now"]
    assert marks(page)[:2] == ["verdict", "figure-1"]
    assert "whether they differ beyond chance is being computed" not in page  # two groups cannot be tested
    answer = visitor.get("/compare?run=r1&run=r2&intervals=now")
    filled = answer.text
    assert marks(filled) == marks(page)
    assert "being computed" in page
    assert "being computed" not in filled
    at_once = visitor.get("/compare?run=r1&run=r2").text
    assert (marks(at_once), "being computed" in at_once) == ([], False)


def test_what_goes_wrong_is_said_by_the_page_that_is_asked_for(visitor, workspace, monkeypatch) -> None:
    forget(workspace, "r1")
    assert WAITING in visitor.get("/runs/r1").text

    def failing(*_: object) -> None:
        raise results.ArgumentError("these cannot be computed", "why")

    monkeypatch.setattr(results, "made_intervals", failing)
    answer = visitor.get("/runs/r1?intervals=now")
    assert answer.status_code == 404
    assert "these cannot be computed" in answer.text
    assert marks(answer.text) == []


@pytest.mark.parametrize("path", ["/runs/r1?intervals=now", "/compare?run=r1&run=r2&intervals=now"])
def test_they_are_guarded_as_all_pages_are(visitor, workspace, path: str) -> None:
    assert visitor.get(path, headers={"host": "elsewhere.example"}).status_code == 421
    elsewhere = {
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "cors",
        "origin": "http://elsewhere.example",
    }
    assert visitor.get(path, headers=elsewhere).status_code == 403
    assert visitor.get(path, headers={"sec-fetch-site": "same-origin", "origin": ORIGIN}).status_code == 200
    with Visitor(workspace, let_in=False) as stranger:
        assert stranger.get(path).status_code == 403


def test_a_removed_run_is_no_page_any_more(tmp_path: Path) -> None:
    made = workspace_of(tmp_path, 6)
    made.run("net:v1", "streets", progress=False)
    with Visitor(made) as visitor:
        assert marks(visitor.get("/runs/r1?intervals=now").text)
        made.remove("r1")
        assert visitor.get("/runs/r1?intervals=now").status_code == 404
    assert not list(tmp_path.rglob(INTERVALS))


def test_a_cache_says_what_it_has() -> None:
    cache: Cache[int] = Cache(1)
    assert not cache.has("one")
    cache.get("one", lambda: 1, keep=lambda _: False)
    assert not cache.has("one")
    assert cache.get("one", lambda: 2) == 2
    assert cache.has("one")
    cache.get("two", lambda: 3)
    assert not cache.has("one")
