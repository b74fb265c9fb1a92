"""A small project: images, targets and their classes, for tests of workspaces. Nothing here is a test."""

import os
from pathlib import Path

from segscore import Workspace
from segscore.workspace.registry.datasets import Dataset
from support.command_line import CLASSES
from support.masks_on_disk import png

TARGETS = {
    "rain_1": [[0, 0, 1], [1, 255, 1]],
    "rain_2": [[0, 0, 0], [0, 0, 0]],
    "sun_1": [[1, 1, 1], [0, 1, 1]],
}
ATTRIBUTES = "name,camera,city\nrain_1,left,Bonn\nrain_2,right,Bonn\nsun_1,left,Ulm\nmoon,left,Ulm\n"
ONNX = b"\x08\x08"
"""The bytes of an ONNX file that says its version and nothing else; it can be added, but not run."""
OLD_NS = 1_700_000_000_000_000_000
"""A time when files settled long ago."""


def write_project(folder: Path) -> None:
    """Write folders `image` and `target` with three files each, `classes.toml` and `attributes.csv`."""
    for side in ("image", "target"):
        (folder / side).mkdir(parents=True)
        for name, labels in TARGETS.items():
            path = folder / side / f"{name}.png"
            path.write_bytes(png(labels))
            os.utime(path, ns=(OLD_NS, OLD_NS))
    (folder / "classes.toml").write_text(CLASSES)
    (folder / "attributes.csv").write_text(ATTRIBUTES)


def add_dataset(ws: Workspace, name: str = "streets", **options: object) -> Dataset:
    """Add the dataset of the project in the current folder."""
    usual = {"images": "image", "targets": "target", "classes": "classes.toml", "progress": False}
    return ws.datasets.add(name, **{**usual, **options})  # type: ignore[arg-type]


def add_many(root: str, worker: int, versions: int) -> None:
    """Add versions of a dataset, every other one named by the worker; for a process of its own."""
    ws = Workspace(root)
    for i in range(versions):
        version = None if i % 2 else f"w{worker}-{i}"
        add_dataset(
            ws, images=f"{root}/image", targets=f"{root}/target", classes=2, ignore_index=255, version=version
        )
