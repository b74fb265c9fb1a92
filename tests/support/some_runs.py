"""A project with a few images and models of each kind, for tests of runs. Nothing here is a test."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import Evaluation, Workspace
from segscore.workspace import Run, RunProgress
from segscore.workspace.registry.datasets import Dataset
from segscore.workspace.runs import pending
from segscore.workspace.runs.folders import Unfinished

SIZE = (6, 8)
NETS = """
import numpy as np

def labels(image):
    return image[..., 0] % 3

def path(where):
    from PIL import Image
    return np.asarray(Image.open(where))[..., 0] % 3

def batch(images):
    return [image[..., 0] % 3 for image in images]

def logits(image):
    return np.stack([image[..., k] for k in range(3)]).astype(np.float32)

def last(image):
    return image.astype(np.float64)

def half(image):
    return logits(image)[:, ::2, ::2].astype(np.float16)

def one(image):
    return image[..., :1].astype(np.float32) / 255
"""
"""Functions that are models of three classes; `one` is of two."""


def write_images(folder: Path, names: Sequence[str], seed: int = 0) -> None:
    """Write images of noise and targets of three classes and void, also in folders below."""
    random = np.random.default_rng(seed)
    for name in names:
        image = random.integers(0, 256, (*SIZE, 3), np.uint8)
        target = np.where(random.random(SIZE) < 0.7, image[..., 0] % 3, random.integers(0, 3, SIZE))
        target[random.random(SIZE) < 0.1] = 255
        for side, array in (("image", image), ("target", target.astype(np.uint8))):
            path = folder / side / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(array).save(path)


def names_of(count: int) -> list[str]:
    """Return names of images, some of them in a folder."""
    return [f"{'city/' if i % 2 else ''}{i:03d}" for i in range(count)]


NAMES = sorted(names_of(7))
"""The names of the dataset of `ws`."""


def add_images(ws: Workspace, name: str = "noise", **options: Any) -> Dataset:
    """Add the images of a project as a dataset."""
    usual = {"images": ws.path / "image", "targets": ws.path / "target", "progress": False}
    return ws.datasets.add(name, **{**usual, "classes": 3, "ignore_index": 255, **options})


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace in the current folder, with a dataset of 7 images and the module `nets`."""
    monkeypatch.delenv("SEGSCORE_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    write_images(tmp_path, names_of(7))
    Path("nets.py").write_text(NETS)
    made = Workspace.init(tmp_path)
    add_images(made)
    yield made
    for module in [name for name in sys.modules if name.partition(".")[0] in ("nets", "beside")]:
        del sys.modules[module]


def run(ws: Workspace, model: str = "net", dataset: str = "noise", **options: Any) -> Run:
    """Run a model on a dataset in silence."""
    return ws.run(model, dataset, **{"progress": False, **options})


def stopping(at: int, error: BaseException) -> Callable[[RunProgress], None]:
    """Return a function for progress that raises an error once so many images are done."""

    def tell(now: RunProgress) -> None:
        if now.done >= at:
            raise error

    return tell


def interrupted(
    ws: Workspace, model: str = "net", dataset: str = "noise", at: int = 3, **options: Any
) -> Unfinished:
    """Begin a run, end it once so many images are done, and return what is left of it."""
    with pytest.raises(InterruptedError):
        run(ws, model, dataset, progress=stopping(at, InterruptedError()), **options)
    return ws.unfinished()[-1]


def add_function(ws: Workspace, function: str = "labels", name: str = "net", **options: Any) -> None:
    """Add a function of the module `nets` as a model."""
    ws.models.add(name, python=f"nets:{function}", options=options)


def kept(found: Run) -> dict[str, Any]:
    """Return the predictions that a run kept, by the names of the images."""
    folder = found.predictions
    assert folder is not None
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).with_suffix("").as_posix(): np.load(path)
        if path.suffix == ".npy"
        else np.asarray(Image.open(path))
        for path in paths
    }


def pixels(folder: Path, names: Sequence[str]) -> list[Any]:
    """Return images or targets by name."""
    return [np.asarray(Image.open(folder / f"{name}.png")) for name in names]


def of_images(ws: Workspace, call: Callable[[Any], Any]) -> dict[str, Any]:
    """Return what a function makes of each image of the dataset."""
    return {name: call(image) for name, image in zip(NAMES, pixels(ws.path / "image", NAMES), strict=True)}


def evaluated(ws: Workspace, predictions: dict[str, Any], classes: Any = 3, **options: Any) -> Evaluation:
    """Return what `segscore.evaluate` makes of predictions."""
    targets = pixels(ws.path / "target", list(predictions))
    return segscore.evaluate(
        pred=list(predictions.values()),
        target=targets,
        classes=classes,
        ignore_index=255,
        progress=False,
        **options,
    )


def same_counts(found: Evaluation, expected: Evaluation) -> bool:
    """Whether the counts of all images are the same, whatever these are called."""
    return len(found.names) == len(expected.names) and all(
        np.array_equal(getattr(found.table, column), getattr(expected.table, column))
        for column in ("offsets", "target", "pred", "pixels")
    )


def looks(folder: str, times: int) -> None:
    """Look whether anybody is at work; for a process of its own."""
    for _ in range(times):
        if pending.is_held(Path(folder)):
            raise SystemExit(1)
