"""Hostile names in the application: nothing runs, nothing is asked for, nothing breaks the layout."""

import pytest

from support import chromium
from support.hostile_workspace import hostile_workspace
from support.serving import served, visit


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    with served(hostile_workspace(tmp_path_factory.mktemp("hostile"))) as application:
        yield application


@pytest.mark.parametrize("view", ["desktop", "phone"])
@pytest.mark.parametrize("path", ["/", "/runs", "/runs/r1", "/compare?run=r1&run=r2", "/matrix"])
def test_nothing_runs_and_nothing_breaks(open_page, hostile, path, view):
    page = visit(open_page, hostile, view, path)
    page.wait_for_load_state("networkidle")
    chromium.assert_fits(page)
    assert page.locator("h1").count() == 1
