"""How long the pages of the application take: to the first byte, and until they can be used in a browser.

`python benches/pages.py` makes workspaces of 26, 5,000 and 100,000 images and of 1,000 runs, and prints each
page in milliseconds: to the first byte, as the first page after a start of the application, by the clock and
of processors; again; and in Chromium until its scripts have run; and its bytes. With sizes, such as
`10000x150`, it makes those of so many images and classes. It fails where a page asks another machine
or has an error.
"""

import http.client
import logging
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from made_runs import add_dataset, add_model, add_run, forget_intervals
from segscore import Workspace
from segscore.app.server import Application

SIZES = ((26, 11), (5_000, 19), (100_000, 19))
"""Images and classes of the workspaces that are made."""
RUNS = 1_000
_CHILD = "--started"
_FILES = ("picture", "report", "its intervals")
_SETTLED = 1.0
"""Seconds after a start, in which templates are made ready: nobody is as quick."""
_SEVERAL = 3
"""Runs that are compared at once."""
_REPEATED = 3
"""How often a page is asked for again, of which the least counts."""
_TIMES = """() => {
    const [shown] = performance.getEntriesByType("navigation")
    return shown.domContentLoadedEventEnd
}"""


@dataclass(frozen=True)
class Timed:
    """A page: what it is, and where."""

    title: str
    address: str


def pages_of(workspace: Workspace) -> list[Timed]:
    """Return the pages of a workspace; those of runs are of its last ones."""
    runs = [run.id for run in workspace.runs()]
    one, two = runs[-2:]
    several = "&".join(f"run={run}" for run in runs[-_SEVERAL:])
    return [
        Timed("models", "/"),
        Timed("runs", "/runs"),
        Timed("matrix", "/matrix"),
        Timed("datasets", "/datasets"),
        Timed("dataset, new", "/datasets/new"),
        Timed("dataset", "/dataset?name=streets:v1"),
        Timed("model", "/model?name=net"),
        Timed("model, new", "/models/new"),
        Timed("evaluate", "/evaluate/new?model=net:v1"),
        Timed("run", f"/runs/{two}"),
        Timed("its images", f"/runs/{two}/images"),
        Timed("of a confusion", f"/runs/{two}/images?target=0&pred=1&view=table"),
        Timed("picture", f"/runs/{two}/pictures/0/photograph"),
        Timed("report", f"/runs/{two}/report.html"),
        Timed("comparison", f"/compare?run={one}&run={two}"),
        Timed("its intervals", f"/compare?run={one}&run={two}&intervals=now"),
        Timed("several runs", f"/compare?{several}"),
    ]


@contextmanager
def served(workspace: Workspace) -> Iterator[Application]:
    """Serve a workspace in a thread, as if the application had been started just now."""
    application = Application.of(workspace, 0)
    # What a browser no longer waits for is broken off at the end.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    thread = Thread(target=application.answer, daemon=True)
    thread.start()
    try:
        yield application
    finally:
        application.stop()
        thread.join(20)
        application.close()


def let_in(application: Application) -> tuple[str, str]:
    """Return the host of an application and the cookie of a browser that was let in."""
    parts = urlsplit(application.address)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=600)) as connection:
        connection.request("GET", f"/?{parts.query}")
        answer = connection.getresponse()
        return parts.netloc, answer.headers["set-cookie"].partition(";")[0]


def asked(host: str, cookie: str, address: str) -> tuple[float, int]:
    """Return milliseconds to the first byte of a page, and its bytes."""
    with closing(http.client.HTTPConnection(host, timeout=600)) as connection:
        connection.connect()
        began = time.perf_counter()
        connection.request("GET", address, headers={"cookie": cookie})
        answer = connection.getresponse()
        took = 1000 * (time.perf_counter() - began)
        content = answer.read()
    if answer.status != http.client.OK:
        raise SystemExit(f"{address}: answered {answer.status}: {content[:200]!r}")
    return took, len(content)


class Times(NamedTuple):
    """What a page took: milliseconds, the first time also of processors; and its bytes."""

    first: float
    used: float
    again: float
    size: int


def started(folder: str, address: str) -> None:
    """Print what a page takes that is the first one that a new process is asked for."""
    with served(Workspace(folder)) as application:
        host, cookie = let_in(application)
        time.sleep(_SETTLED)
        used = time.process_time()
        first, size = asked(host, cookie, address)
        used = 1000 * (time.process_time() - used)
        again = min(asked(host, cookie, address)[0] for _ in range(_REPEATED))
    print(first, used, again, size)


def of_new_process(folder: Path, address: str) -> Times:
    """Return what a page takes right after a start of the application."""
    arguments = [sys.executable, __file__, _CHILD, str(folder), address]
    told = subprocess.run(arguments, check=True, capture_output=True, text=True)  # noqa: S603 - our own
    first, used, again, size = told.stdout.split()
    return Times(float(first), float(used), float(again), int(size))


def timed(workspace: Workspace, browser: Any) -> Iterator[tuple[str, Times, float | None]]:
    """Yield each page with its times, and how long it takes in a browser, where it has been shown before."""
    for page in pages_of(workspace):
        found, usable = of_new_process(workspace.path, page.address), None
        if browser is not None and page.title not in _FILES:
            with served(workspace) as application:
                host, cookie = let_in(application)
                usable = in_browser(browser, host, cookie, page.address)
        yield page.title, found, usable


@contextmanager
def let_into(browser: Any, host: str, cookie: str) -> Iterator[tuple[Any, list[str]]]:
    """Yield a page of a browser that has been let in, and what goes wrong in it: errors, requests outside.

    Pictures that are missing are none: the masks of made runs are not those that were counted.
    """
    name, _, value = cookie.partition("=")
    wrong: list[str] = []
    with browser.new_context() as context:
        context.add_cookies([{"name": name, "value": value, "url": f"http://{host}"}])
        page = context.new_page()
        page.on("request", lambda one: wrong.append(one.url) if _is_outside(one.url, host) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        yield page, wrong


def in_browser(browser: Any, host: str, cookie: str, address: str) -> float:
    """Return milliseconds from asking for a page until its scripts have run."""
    with let_into(browser, host, cookie) as (page, wrong):
        page.goto(f"http://{host}{address}", wait_until="domcontentloaded", timeout=600_000)
        took = float(page.evaluate(_TIMES))
        page.wait_for_load_state("load", timeout=600_000)
        if wrong:
            raise SystemExit(f"{address}: {wrong[0]}")
    return took


def _is_outside(url: str, host: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob", "about") and parts.netloc != host


def shown(title: str, workspace: Workspace, browser: Any) -> None:
    """Print the table of a workspace."""
    print(f"\n{title}\n\n| page | first | of processors | again | usable | bytes |\n|{'---|' * 6}")
    for name, took, usable in timed(workspace, browser):
        times = (took.first, took.used, took.again, usable)
        cells = ["" if one is None else f"{one:,.0f}" for one in times]
        print(f"| {name} | {' | '.join(cells)} | {took.size:,} |", flush=True)


def made(folder: Path, images: int, classes: int, runs: int = _SEVERAL) -> Workspace:
    """Return a workspace with a dataset and runs on it; those of few have their intervals kept."""
    folder.mkdir()
    workspace = Workspace.init(folder)
    model, dataset = add_model(workspace), add_dataset(workspace, "streets", images, classes)
    for seed in range(runs):
        add_run(workspace, model, dataset, seed, intervals=runs == _SEVERAL)
    return workspace


@contextmanager
def started_browser() -> Iterator[Any]:
    """Yield Chromium, or None where it or Playwright is not installed."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield None
        return
    import shutil

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def main() -> None:
    """Make workspaces, and print the tables of their pages."""
    if sys.argv[1:2] == [_CHILD]:
        warnings.simplefilter("ignore")
        started(*sys.argv[2:4])
        return
    wanted = [tuple(map(int, size.split("x"))) for size in sys.argv[1:]]
    print(f"milliseconds; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    warnings.simplefilter("ignore")
    with TemporaryDirectory() as folder, started_browser() as browser:
        for images, classes in wanted or SIZES:
            workspace = made(Path(folder) / f"{images}", images, classes)
            shown(f"{images:,} images, {classes} classes", workspace, browser)
            forget_intervals(workspace)
            shown(f"{images:,} images, {classes} classes, intervals not kept", workspace, browser)
        if not wanted:
            shown(f"{RUNS:,} runs", made(Path(folder) / "runs", 26, 11, RUNS), browser)


if __name__ == "__main__":
    main()
