"""The application served to a browser. Nothing here is a test.

Playwright is imported where it is used, so that tests can be collected without it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

from segscore import Workspace
from segscore.app.server import Application
from support import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


@contextmanager
def served(workspace: Workspace) -> Iterator[Application]:
    """Serve a workspace in a thread."""
    application = Application.of(workspace, 0)
    thread = Thread(target=application.answer, daemon=True)
    thread.start()
    try:
        yield application
    finally:
        application.stop()
        thread.join(20)
        application.close()


def origin_of(application: Application) -> str:
    """Return the address without the token."""
    return application.address.partition("/?")[0]


def visit(open_page: Callable, application: Application, view: str = "desktop", path: str = "/") -> "Page":
    """Open a page, let in by the first address."""
    origin = origin_of(application)
    page = open_page("about:blank", view, origin)
    assert page.request.get(application.address, max_redirects=0).status == 303
    page.goto(origin + path)
    return page


def job(page: "Page", title: str) -> "Locator":
    """Return a job that the page lists."""
    return page.locator(".job", has_text=title)


def expect(what: "Page | Locator") -> Any:
    """Return what is expected of a page or a part of it, with patience."""
    from playwright.sync_api import expect as expected

    expected.set_options(timeout=chromium.PATIENCE_MS)
    return expected(what)
