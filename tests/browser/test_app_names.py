"""Hostile names in the application: nothing runs, nothing is asked for, nothing breaks the layout."""

import numpy as np
import pytest

import chromium
from applications import png_of
from hostile_names import FILE_NAMES, HOSTILE_NAMES
from masks_on_disk import png
from segscore import Classes, Workspace
from serving import served, visit

PRINTED = [name for name in HOSTILE_NAMES.values() if name.isprintable()]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder, random = tmp_path_factory.mktemp("hostile"), np.random.default_rng(0)
    for side in ("images", "targets", "one", "two"):
        (folder / side).mkdir()
    for name in FILE_NAMES.values():
        target = random.integers(0, len(PRINTED), (12, 12)).astype(np.uint8)
        (folder / "images" / f"{name}.png").write_bytes(png_of(np.zeros((12, 12, 3), np.uint8)))
        (folder / "targets" / f"{name}.png").write_bytes(png(target))
        for side in ("one", "two"):
            wrong = random.random(target.shape) < 0.5
            (folder / side / f"{name}.png").write_bytes(png(np.where(wrong, 0, target).astype(np.uint8)))
    workspace = Workspace.init(folder)
    sides = {"images": folder / "images", "targets": folder / "targets"}
    workspace.datasets.add("hostile", **sides, classes=Classes(PRINTED), progress=False)
    for side in ("one", "two"):
        workspace.models.add(side, predictions=folder / side)
        workspace.run(side, "hostile", progress=False)
    workspace.note("r1", "\n".join(PRINTED))
    with served(workspace) as application:
        yield application


@pytest.mark.parametrize("view", ["desktop", "phone"])
@pytest.mark.parametrize("path", ["/", "/runs", "/runs/r1", "/compare?run=r1&run=r2", "/matrix"])
def test_nothing_runs_and_nothing_breaks(open_page, hostile, path, view):
    page = visit(open_page, hostile, view, path)
    page.wait_for_load_state("networkidle")
    chromium.assert_fits(page)
    assert page.locator("h1").count() == 1
