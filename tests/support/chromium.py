"""Chromium under Playwright, and what must be true of every page. Nothing here is a test.

Playwright and axe-core are imported where they are used, so that tests can be collected without them.
"""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, WebError

VIEWS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "print": {"viewport": {"width": 794, "height": 1123}},  # A4 at 96 dots an inch
    "enlarged": {"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2},  # a desktop at 200 %
}
"""How a page is looked at."""

PATIENCE_MS = 60_000
"""How long a page may take to show what a test waits for, on a busy machine."""

_INSIDE = r"(?:about|blob|data|file):"
_HINTS = "link[rel~=preconnect], link[rel~=dns-prefetch]"
"""Links by which a page reaches for another machine without a request that could be seen."""
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "experimental"]
"""All rules of axe-core but those of level AAA, which no standard asks whole pages to meet."""

_WIDE = """width => {
    const root = document.documentElement
    const room = Math.min(width, root.clientWidth)
    if (root.scrollWidth <= room) return []
    const end = element => Math.round(element.getBoundingClientRect().right)
    return [...document.body.querySelectorAll("*")]
        .filter(element => end(element) > room)
        .slice(0, 5)
        .map(element => `${element.localName}.${element.className} ends at ${end(element)} of ${room}`)
        .concat(`the page is ${root.scrollWidth} of ${room} wide`)
}"""


def program() -> str | None:
    """Return the path of Chromium, or None where there is none.

    The one without windows draws, runs and prints pages alike, and takes half of the time for a context.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    return next(filter(None, map(shutil.which, names)), None)


def lacking() -> str | None:
    """Return a sentence on what browser tests need and do not find, or None."""
    packages = {"playwright": "playwright", "axe_playwright_python": "axe-playwright-python"}
    missing = [package for module, package in packages.items() if find_spec(module) is None]
    if program() is None:
        missing.append("chromium")
    if not missing:
        return None
    return (
        f"browser tests need {', '.join(missing)}: "
        "pip install --group browser-test and apt-get install chromium-headless-shell fonts-dejavu-core"
    )


def demanded() -> bool:
    """Whether a browser that is missing is an error instead of a skip."""
    return os.environ.get("SEGSCORE_DEMAND_BROWSER", "") == "1"


@contextmanager
def started() -> Iterator["Browser"]:
    """Run Chromium."""
    from playwright.sync_api import sync_playwright

    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # nothing is ever asked outside
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # which Chromium cannot set up for the superuser
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=arguments)
        yield browser
        browser.close()


class Watch:
    """What goes wrong in the pages of one context: errors, dialogs, and requests that leave.

    A page from a file may load nothing but itself: a report is one file. A page from `origin`, such as
    ``http://127.0.0.1:8000``, may load what it likes from there.

    Attributes
    ----------
    problems : list of str
        One a finding, in order of time; none twice.
    """

    def __init__(self, context: "BrowserContext", origin: str | None = None) -> None:
        self.problems: list[str] = []
        self._context = context
        own = "" if origin is None else rf"|[a-z]+://{re.escape(urlsplit(origin).netloc)}(?:[/?#]|$)"
        # What matches is a pattern, as Playwright asks a function by a message for each request.
        self._leaving = re.compile(f"^(?!{_INSIDE}{own})")
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("dialog", self._dialog)
        context.on("request", self._request)
        context.on("page", lambda page: page.on("websocket", lambda socket: self._left(socket.url)))
        context.route(self._leaving, lambda route: route.abort())

    def wait(self, problems: int = 1) -> None:
        """Wait until this many problems are found, or until nobody can expect more."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while len(self.problems) < problems and time.monotonic() < end:
            self._context.pages[0].wait_for_timeout(20)

    def close(self) -> list[str]:
        """Close the context; return the problems."""
        for page in self._context.pages if not self.problems else []:  # a page that leaves cannot be asked
            links = page.locator(_HINTS).evaluate_all("links => links.map(link => link.href)")
            for link in links:
                self._left(link)
        self._context.close()
        return self.problems

    def _found(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def _left(self, address: str) -> None:
        if self._leaving.match(address):
            self._found(f"request outside: {address}")

    def _request(self, request: "Request") -> None:
        self._left(request.url)
        if request.url.startswith("file:") and not request.is_navigation_request():
            self._found(f"another file: {request.url}")

    def _console(self, message: "ConsoleMessage") -> None:
        if message.type == "error":
            self._found(f"console error: {message.text}")

    def _error(self, error: "WebError") -> None:
        self._found(f"page error: {error.error}")

    def _dialog(self, dialog: "Dialog") -> None:
        self._found(f"dialog: {dialog.message}")
        dialog.dismiss()


def open_watched(
    browser: "Browser", address: str | Path, view: str = "desktop", origin: str | None = None
) -> tuple["Page", Watch]:
    """Open an address or a file in a context of its own, in one of `VIEWS`."""
    context = browser.new_context(**VIEWS[view], locale="en-GB", timezone_id="UTC")
    context.set_default_timeout(PATIENCE_MS)
    watch = Watch(context, origin)
    page = context.new_page()
    if view == "print":
        page.emulate_media(media="print")
    page.goto(address.as_uri() if isinstance(address, Path) else address)
    return page, watch


def printed(page: "Page") -> bytes:
    """Return the page as PDF, on A4."""
    return page.pdf(format="A4", print_background=True)


def assert_accessible(page: "Page") -> None:
    """Check that axe-core finds nothing serious or critical, in any rule but those of level AAA."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}
    if page.evaluate("window.axe === undefined"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("options => axe.run(options).then(found => found.violations)", options)
    grave = [
        f"{violation['impact']} {violation['id']}: {violation['help']}: {' '.join(map(str, node['target']))}"
        for violation in found
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]
    assert not grave, "\n".join(grave)


def assert_fits(page: "Page") -> None:
    """Check that nothing makes the page wider than the window: whoever reads must not scroll sideways."""
    assert page.viewport_size is not None
    wide = page.evaluate(_WIDE, page.viewport_size["width"])
    assert not wide, "\n".join(wide)


def assert_usable(page: "Page", view: str) -> None:
    """Check that a page fits and is accessible, with what is folded closed and, but on paper, open."""
    assert_fits(page)
    assert_accessible(page)
    unfolded = False
    for folded in page.locator("details > summary").all() if view != "print" else []:
        if folded.is_visible():  # what is always open in a wide window has none
            folded.click()
            unfolded = True
    if unfolded:
        assert_fits(page)
        assert_accessible(page)
