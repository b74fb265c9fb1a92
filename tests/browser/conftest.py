"""What tests of pages share: a browser for all of them, and pages that are watched."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from segscore.demo import write_demo
from support import chromium

_CAMVID = Path(__file__).parents[3] / "shared" / "data" / "camvid"


class Masks(NamedTuple):
    """A folder with `pred-v1` and `pred-v2`, the targets, and the classes."""

    folder: Path
    target: Path
    classes: str


@pytest.fixture(scope="package")
def masks(tmp_path_factory) -> Masks:
    """Real masks; where they are missing, those of the demo."""
    if _CAMVID.is_dir():
        return Masks(_CAMVID, _CAMVID / "target", "camvid-11")
    demo = write_demo(tmp_path_factory.mktemp("masks") / "demo")
    return Masks(demo.target.parent, demo.target, str(demo.classes))


@pytest.fixture(scope="package")
def browser() -> Iterator[object]:
    """Chromium, started once; without it tests skip, or fail if `SEGSCORE_DEMAND_BROWSER` is 1."""
    lacking = chromium.lacking()
    if lacking is not None:
        (pytest.fail if chromium.demanded() else pytest.skip)(lacking)
    with chromium.started() as running:
        yield running


@pytest.fixture
def open_page(browser) -> Iterator[Callable]:
    """Return a function that opens an address or a file, as `chromium.open_watched` does.

    The test fails at its end if any page had an error, a dialog or a request that leaves it.
    """
    watches = []

    def opened(address, view="desktop", origin=None):
        page, watch = chromium.open_watched(browser, address, view, origin)
        watches.append(watch)
        return page

    yield opened
    problems = [problem for watch in watches for problem in watch.close()]
    assert not problems, "\n".join(problems)


@pytest.fixture(params=chromium.VIEWS)
def view(request) -> str:
    """Each way in which a page is looked at."""
    return request.param
