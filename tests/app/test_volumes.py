"""Volumes in the application: where their slices are, and where not."""

import numpy as np
import pytest

from segscore import Workspace
from support.applications import Visitor
from support.masks_on_disk import png, write
from support.pages import Page
from support.workspaces import add_dataset

RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.integers(0, 2, (2, 4, 6, 7))


@pytest.fixture
def visitor(tmp_path):
    for name, target in zip("ab", TARGETS, strict=True):
        first, second = (np.where(RANDOM.random(target.shape) < 0.4, 0, target) for _ in range(2))
        write(
            tmp_path,
            {
                f"image/{name}.png": png(np.zeros((6, 7, 3), int), 8, 2),
                f"target/{name}.npy": target,
                f"v1/{name}.npy": first,
                f"v2/{name}.npy": second,
            },
        )
    workspace = Workspace.init(tmp_path / "own")
    options = {"images": tmp_path / "image", "targets": tmp_path / "target"}
    add_dataset(workspace, **options, classes=2, dims=3)
    for version in ("v1", "v2"):
        workspace.models.add("net", version=version, predictions=tmp_path / version)
        workspace.run(f"net:{version}", "streets", progress=False)
    with Visitor(workspace) as visitor:
        yield visitor


def test_slices_are_in_comparisons_and_in_the_file_of_a_run(visitor):
    answer = visitor.get("/runs/r1/pictures/0/target")
    assert (answer.status_code, answer.text) == (404, "slices of volumes are in the report of the run")
    assert visitor.get("/runs/r1/pictures/0/photograph").status_code == 200
    for address in ("/compare?run=r1&run=r2", "/runs/r1/report.html"):
        page = Page(visitor.get(address).text)
        assert len(list(page.id("cards").every(class_="slide"))) == 6
