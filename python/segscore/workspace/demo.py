"""Two workspaces of made-up data in which models were run, so that there is something to show at once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

import segscore.demo.organs as volumes
from segscore.demo import cells
from segscore.demo.folders import make_folders, move_up, unfinished
from segscore.demo.photographs import Weather, photograph, png
from segscore.demo.streets import CLASSES, IMAGES, SEED, VERSIONS, predicted, street, write_mask
from segscore.errors import NOT_INSTALLED, import_failure
from segscore.io.folders import whole
from segscore.io.writing import write_file
from segscore.workspace.workspace import Workspace

FOLDER = "segscore-demo-workspace"
"""Where the workspaces are made by default."""
STREETS, EVENINGS = "streets", "evenings"
"""The folders of both workspaces, and the datasets in them."""
_NET, _ORGANS, _CELLS = "net", "organs", "cells"
_SEEDS = {
    STREETS: {f"street_{i:02d}": i for i in range(IMAGES)},
    EVENINGS: {f"evening_{i:02d}": IMAGES + i for i in range(IMAGES // 2)},
}
"""The images of each dataset, and what they are drawn from."""
_WEATHER: Mapping[str, Sequence[Weather]] = {STREETS: ("sun", "rain", "sun", "fog"), EVENINGS: ("evening",)}
_SQUARES = {
    "r1": "Each pixel by itself: it finds small things, and leaves holes in large ones.",
    "r2": "The mean of 7 x 7 pixels: smoother, but persons are lost. Look at the images in fog.",
    "r3": "The same model in the evening, on a dataset of another workspace.",
}
_MOVED = {
    "r1": "Borders are moved far, and many things are lost.",
    "r2": "Borders are moved less, and fewer things are lost.",
    "r3": "The same on a dataset of another workspace.",
}
_VOLUMES = {"r4": "Volumes in millimetres: look at the distances."}
_OBJECTS = {
    "r5": "Objects, one by one: look at those that are missed and split.",
    "r6": "Fewer cells are missed, and outlines fit better.",
}


class DemoWorkspace(NamedTuple):
    """What was made."""

    workspace: Workspace
    """The one to look at; it has linked the dataset of the other one."""
    other: Workspace
    instead: tuple[tuple[str, str], ...]
    """What was made in place of something else, for want of which package, and what brings that."""


def write_workspaces(folder: Path) -> DemoWorkspace:
    """Make two workspaces in a folder that is empty or not there, and run models in the first one.

    Where that fails, nothing is left in the folder.
    """
    full = "is not empty, and the workspaces of the demo are always new"
    with whole(folder), unfinished(folder, full=full) as made:
        instead = _write(made)
        move_up(made / EVENINGS)
        # The link to it is broken by now. This workspace is the one that tells that all is there.
        Workspace(made / STREETS).link(folder / EVENINGS, EVENINGS)
        move_up(made / STREETS)
    return DemoWorkspace(Workspace(folder / STREETS), Workspace(folder / EVENINGS), instead)


def _write(folder: Path) -> tuple[tuple[str, str], ...]:
    """Write both workspaces, and return what was made in place of something else."""
    here, there = folder / STREETS, folder / EVENINGS
    make_folders(folder, (here, there))
    ws, other = Workspace.init(here), Workspace.init(there)
    _add_images(ws, STREETS)
    _add_images(other, EVENINGS)
    ws.link(there, EVENINGS)
    absent = {called: why for package, called in _RUNS_ONNX.items() if (why := import_failure(package))}
    for version in VERSIONS:
        if absent:
            _add_predictions(ws, version)
        else:
            _add_onnx(ws, version)
        ws.run(f"{_NET}:{version}", STREETS, boundary=0.02, distances=True, progress=False)
    ws.run(_NET, EVENINGS, progress=False)
    _add_organs(ws)
    spacing = None if volumes.with_nifti() else volumes.SPACING_MM
    ws.run(_ORGANS, _ORGANS, distances=True, spacing=spacing, progress=False)
    _add_cells(ws)
    for version in cells.VERSIONS:
        ws.run(f"{_CELLS}:{version}", _CELLS, progress=False)
    for run, text in {**(_MOVED if absent else _SQUARES), **_VOLUMES, **_OBJECTS}.items():
        ws.note(run, text)
    ws.tag("r1", "baseline")
    return tuple(_instead(absent))


_RUNS_ONNX = {"onnxruntime": "onnxruntime", "PIL": "Pillow"}
"""Packages that models are run with, and what they are called."""


def _instead(absent: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if absent:
        said = f"folders of predictions stand for the ONNX models, {_for_want_of(absent)}"
        yield said, "`pip install 'segscore[run]'`"
    if why := import_failure("nibabel"):
        said = f"volumes are `.npy` files, {_for_want_of({'nibabel': why})}"
        yield said, "`pip install 'segscore[volumes]'`"


def _for_want_of(absent: Mapping[str, str]) -> str:
    """Return what is lacking, packages with why they cannot be imported."""
    if set(absent.values()) == {NOT_INSTALLED}:
        return f"for want of {' and '.join(absent)}"
    return "as " + " and ".join(f"{package} {why}" for package, why in absent.items())


def _add_images(ws: Workspace, name: str) -> None:
    """Write photographs, targets, classes and what the weather was, and add them as a dataset."""
    images, targets = ws.path / "images", ws.path / "targets"
    make_folders(ws.path, (images, targets))
    attributes = ["name,weather"]
    for image, seed in _SEEDS[name].items():
        target = street(np.random.default_rng((SEED, seed)))
        weather = _WEATHER[name][seed % len(_WEATHER[name])]
        seen = photograph(np.random.default_rng((SEED, seed, 1)), target, weather)
        write_mask(targets / f"{image}.png", target)
        write_file(images / f"{image}.png", png(seen))
        attributes.append(f"{image},{weather}")
    write_file(ws.path / "weather.csv", "\n".join([*attributes, ""]).encode())
    write_file(ws.path / "classes.toml", CLASSES.encode())
    ws.datasets.add(
        name,
        images=images,
        targets=targets,
        classes=ws.path / "classes.toml",
        attributes=ws.path / "weather.csv",
        progress=False,
    )


def _add_onnx(ws: Workspace, version: str) -> None:
    """Copy an ONNX file of the package, and add it as a version of a model."""
    file = f"{_NET}-{version}.onnx"
    write_file(ws.path / file, (Path(volumes.__file__).parent / file).read_bytes())
    ws.models.add(_NET, onnx=ws.path / file, options={"scale": 1 / 255})


def _add_predictions(ws: Workspace, version: str) -> None:
    """Write predictions for the images of both datasets, and add them as a version of a model."""
    folder = ws.path / f"pred-{version}"
    make_folders(ws.path, (folder,))
    for image, seed in (*_SEEDS[STREETS].items(), *_SEEDS[EVENINGS].items()):
        rng = np.random.default_rng((SEED, seed))
        write_mask(folder / f"{image}.png", predicted(rng, street(rng), **VERSIONS[version]))
    ws.models.add(_NET, predictions=folder)


def _add_organs(ws: Workspace) -> None:
    """Write volumes and what a model made of them, and add both."""
    targets, predictions = ws.path / "volumes", ws.path / "pred-volumes"
    for i in range(volumes.VOLUMES):
        target, pred = volumes.organs(np.random.default_rng((SEED, i, 2)))
        volumes.write_volume(targets, f"patient_{i}", target)
        volumes.write_volume(predictions, f"patient_{i}", pred)
    classes = ws.path / "organs.toml"
    write_file(classes, volumes.CLASSES.encode())
    ws.datasets.add(_ORGANS, targets=targets, classes=classes, dims=3, progress=False)
    ws.models.add(_ORGANS, predictions=predictions)


def _add_cells(ws: Workspace) -> None:
    """Write images of cells, their outlines and what two versions of a model find, and add all of them."""
    images, annotations = ws.path / "cells", ws.path / "cells.json"
    make_folders(ws.path, (images,))
    drawn = {}
    for i in range(cells.IMAGES):
        name = f"cells_{i:02d}"
        drawn[name] = cells.cells(np.random.default_rng((cells.SEED, i)))
        seen = cells.photograph(np.random.default_rng((cells.SEED, i, 1)), drawn[name])
        write_file(images / f"{name}.png", png(seen))
    write_file(annotations, json.dumps(cells.dataset(drawn)).encode())
    ws.datasets.add(_CELLS, targets=annotations, images=images, instances="coco", progress=False)
    for number, (version, skill) in enumerate(cells.VERSIONS.items()):
        found = cells.results(np.random.default_rng((cells.SEED, number, 2)), drawn, skill)
        write_file(ws.path / f"cells-{version}.json", found)
        ws.models.add(_CELLS, predictions=ws.path / f"cells-{version}.json", version=version)
