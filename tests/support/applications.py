"""The application for tests: a small project to show, and who is let in. Nothing here is a test."""

import os
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from segscore import SegscoreWarning, Workspace
from segscore.app.jobs import Job, Jobs
from segscore.app.site import site
from segscore.app.state import State
from support.masks_on_disk import pillow, png
from support.pages import Page

PORT = 8571
ORIGIN = f"http://127.0.0.1:{PORT}"
TOKEN = "the-token-of-the-tests"
CLASSES = """
name = "streets"
ignore = [255]
classes = [
  { label = 0, name = "road", colour = [128, 64, 128] },
  { label = 1, name = "sky", colour = [70, 130, 180] },
]
"""
MODELS = """
import pathlib
import time

HURRY = pathlib.Path(__file__).with_name("hurry")

def wait(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not HURRY.exists():
        time.sleep(0.01)

def nearest(image):
    return (image[:, :, 2] > 127).astype("uint8")

def patient(image):
    print("what a model prints is no message")
    wait(0.3)
    return nearest(image)

def slow(image):
    wait(0.7)
    return patient(image)

def stuck(image):
    time.sleep(1000)

def failing(image):
    raise RuntimeError("out of <b>memory</b>")

def leaving(image):
    raise SystemExit(3)

def crashing(image):
    import os
    os.abort()
"""
SIZE = (20, 30)


def hurry(workspace: Workspace) -> None:
    """Let models that take their time take none any more."""
    (workspace.path / "hurry").touch()


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Let the next test import the module of models, which is another one in each folder."""
    yield
    sys.modules.pop("app_test_models", None)


def png_of(pixels: np.ndarray) -> bytes:
    """Return a photograph as PNG."""
    return pillow(Image.fromarray(pixels))


def write_project(folder: Path, images: int = 6) -> None:
    """Write photographs, targets, predictions of two models, functions and classes."""
    random = np.random.default_rng(0)
    for side in ("images", "targets", "better", "worse"):
        (folder / side).mkdir(parents=True)
    for i in range(images):
        name = f"{'rain' if i % 2 else 'sun'}_{i:03}.png"
        target = np.zeros(SIZE, np.uint8)
        target[: 6 + i % 8] = 1
        photograph = np.full((*SIZE, 3), 60, np.uint8)
        photograph[target == 1] = (90, 140, 220)
        (folder / "images" / name).write_bytes(png_of(photograph))
        for side, share in (("better", 0.05), ("worse", 0.2)):
            flipped = random.random(SIZE) < share
            (folder / side / name).write_bytes(png(np.where(flipped, 1 - target, target)))
        target[:, 0] = 255
        (folder / "targets" / name).write_bytes(png(target))
    (folder / "classes.toml").write_text(CLASSES)
    (folder / "app_test_models.py").write_text(MODELS)


def workspace_of(folder: Path, images: int = 6) -> Workspace:
    """Return a workspace with a dataset and a model of two versions."""
    write_project(folder, images)
    workspace = Workspace.init(folder)
    add_dataset(workspace)
    for side in ("worse", "better"):
        workspace.models.add("net", predictions=folder / side)
    return workspace


def add_dataset(workspace: Workspace, name: str = "streets", **options: object) -> None:
    """Add the dataset of the project, or another version of it."""
    folder = workspace.path
    usual = {"images": folder / "images", "targets": folder / "targets", "classes": folder / "classes.toml"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegscoreWarning)  # another version may hold the same
        workspace.datasets.add(name, **{**usual, "groups": r"^(\w+?)_", "progress": False, **options})


class Visitor(TestClient):
    """A browser with the application in it; it has been let in unless that is not wanted."""

    def __init__(self, workspace: Workspace, *, let_in: bool = True) -> None:
        self.state_ = State(workspace, Jobs(workspace.path), here=str(workspace.path))
        super().__init__(site(self.state_, port=PORT, token=TOKEN), base_url=ORIGIN, follow_redirects=False)
        if let_in:
            assert self.get(f"/?token={TOKEN}").status_code == 303

    @property
    def jobs(self) -> Jobs:
        return self.state_.jobs

    @property
    def workspace(self) -> Workspace:
        return self.state_.workspace

    def form(self, address: str, **fields: str) -> object:
        """Send a form, as a page of the application does."""
        headers = {"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded"}
        return self.post(address, content=urlencode(fields), headers=headers)

    def sent(self, address: str, **fields: str) -> str:
        """Send a form that is right; return the address of the next page."""
        answer = self.form(address, **fields)
        assert answer.status_code == 303, answer.text.partition("<main")[2][:1000]
        return answer.headers["location"]

    def evaluated(self, model: str, dataset: str = "streets", **fields: str) -> Job:
        """Evaluate a model; return the job once it has ended."""
        model, known = (
            of[name].reference
            for of, name in ((self.workspace.models, model), (self.workspace.datasets, dataset))
        )
        address = self.sent("/evaluate", model=model, dataset=dataset, **fields)
        assert address == f"/evaluation?{urlencode({'model': model, 'dataset': known})}"
        return self.jobs.wait(self.jobs.all()[-1].number)

    def close(self) -> None:
        self.jobs.close()
        super().close()


def text_of(answer):
    """Return the texts of a page, with single blanks."""
    assert answer.status_code == 200, answer.text
    return " ".join(" ".join(Page(answer.text).texts).split())


def rows_of(answer, table):
    """Return the texts of the cells of a table, by its id."""
    assert answer.status_code == 200, answer.text
    return Page(answer.text).id(table).rows()


def attributes(answer, tag, name):
    """Return an attribute of each element of this name."""
    tags = [entry for entry in Page(answer.text).tags if isinstance(entry, tuple)]
    return [dict(attrs).get(name) for found, attrs in tags if found == tag]


def shown(answer):
    """Return the texts of a page, with single blanks."""
    return " ".join("".join(Page(answer.text).texts).split())


def until(true: object, seconds: float = 30.0) -> None:
    """Wait until a function returns something true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def is_alive(process: int) -> bool:
    """Whether a process is there, and not only its exit code.

    It holds its locks until the last of its threads is gone, also where the first one has ended.
    """
    try:
        status = Path(f"/proc/{process}/stat").read_text()
        threads = len(os.listdir(f"/proc/{process}/task"))
    except OSError:
        return False
    return threads > 1 or status.rpartition(")")[2].split()[0] != "Z"
