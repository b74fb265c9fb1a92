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
_SHAPE = b"\x12\x17\n\x15\x08\x01\x12\x11\n\x03\x12\x01n\n\x02\x08\x03\n\x02\x08\x02\n\x02\x08\x04"
ONNX = (
    b'\x08\x08:S\n\x12\n\x01x\x12\x01y"\x08Identity:\x00\x12\x01gZ\x1c\n\x01x'
    + _SHAPE
    + b"b\x1c\n\x01y"
    + _SHAPE
    + b"B\x04\n\x00\x10\x11"
)
"""The bytes of an ONNX model that returns its input of shape (n, 3, 2, 4), for which `onnx` is not needed."""
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
