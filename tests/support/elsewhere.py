"""Masks that are elsewhere: the same two sides in a folder, a store, archives and tables.

Nothing here is a test.
"""

import io
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import fsspec
import numpy as np

from segscore import Evaluation, evaluate
from support.masks_on_disk import png, write

CLASSES = 3
NAMES = ("a", "b/c", "b/d")


def masks(seed: int) -> dict[str, bytes]:
    """Return PNG files by their names."""
    labels = np.random.default_rng(seed).integers(0, CLASSES, (len(NAMES), 5, 7)).astype(np.uint8)
    return {name: png(mask) for name, mask in zip(NAMES, labels, strict=True)}


PRED, TARGET = masks(1), masks(2)
FILES = {
    "a.png": b"1",
    "b/c.png": b"22",
    "b/d/e.png": b"333",
    "b/run[3].png": b"4",
    ".hidden/f.png": b"",
    "b/.g.png": b"",
    "h.txt": b"",
}
"""What lies in a folder that is searched, of which hidden files are passed over."""


def in_folder(folder: Path) -> Evaluation:
    """Return the evaluation of the two sides in two folders."""
    for side, files in (("pred", PRED), ("target", TARGET)):
        write(folder / side, {f"{name}.png": content for name, content in files.items()})
    return scored(pred=folder / "pred", target=folder / "target")


def scored(**options: Any) -> Evaluation:
    """Return an evaluation of masks of these classes."""
    return evaluate(**{"classes": CLASSES, "progress": False, **options})


def stored(where: str, files: Mapping[str, bytes]) -> str:
    """Write files with their endings to a folder of the store in memory, and return its address."""
    system = fsspec.filesystem("memory")
    if system.exists(f"/{where}"):
        system.rm(f"/{where}", recursive=True)
    for name, content in files.items():
        system.pipe(f"/{where}/{name}", content)
    return f"memory://{where}"


def with_endings(files: Mapping[str, bytes], ending: str = ".png") -> dict[str, bytes]:
    """Return files by names with an ending."""
    return {f"{name}{ending}": content for name, content in files.items()}


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write a zip file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, files: Mapping[str, bytes | tarfile.TarInfo]) -> Path:
    """Write a tar file; what is no bytes is a member without content."""
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # who is not taken at once asks again after a second


@contextmanager
def served(folder: Path, handler: type[SimpleHTTPRequestHandler] = Quiet) -> Iterator[str]:
    """Serve a folder by HTTP on this machine, and yield its address."""
    with _Server(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
