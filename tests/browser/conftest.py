"""What tests of pages share: a browser for all of them, and pages that are watched."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from segscore import Evaluation, SegscoreWarning, evaluate
from segscore.demo import write_demo
from support import chromium
from support.applications import add_dataset, workspace_of
from support.serving import served
from support.some_runs import interrupted

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
def sides(masks) -> tuple[Evaluation, Evaluation]:
    """The evaluations of two model versions."""
    v1, v2 = (
        evaluate(pred=masks.folder / f"pred-{v}", target=masks.target, classes=masks.classes, progress=False)
        for v in ("v1", "v2")
    )
    return v1, v2


@pytest.fixture(scope="package")
def shown(masks, sides) -> dict[str, Any]:
    """What else pages about them show; the targets stand for photographs: what they show does not matter."""
    half = sides[0].names[len(sides[0].names) // 2]
    attributes = {"half": lambda name: "first" if name < half else "second"}
    return {"images": masks.target, "attributes": attributes}


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


@pytest.fixture
def filled(tmp_path):
    """An application with models that work, fail, and take their time, and two datasets."""
    workspace = workspace_of(tmp_path, images=30)
    for name in ("patient", "slow", "failing"):
        workspace.models.add(name, python=f"app_test_models:{name}")
    add_dataset(workspace, "avenues")
    with served(workspace) as application:
        yield application


@pytest.fixture(scope="package")
def computed(tmp_path_factory):
    """An application with two runs of each kind, and one that was interrupted."""
    workspace = workspace_of(tmp_path_factory.mktemp("computed"), images=30)
    workspace.models.add("near", python="app_test_models:nearest", trained_on="streets")
    for model in ("net:v1", "net:v2"):
        workspace.run(model, "streets", progress=False)
    with pytest.warns(SegscoreWarning, match="was trained on 30 of 30 images of streets:v1"):
        workspace.run("near", "streets", progress=False)
    workspace.note("r1", "a first try,\nwith half of the images")
    with pytest.warns(SegscoreWarning):
        interrupted(workspace, "near", "streets", at=1, again=True)
    del sys.modules["app_test_models"]  # which other tests have elsewhere
    with served(workspace) as application:
        yield application
