"""Images a second of masks that are elsewhere: a store in memory, a server, a slow server, archives, a table.

`python benches/elsewhere.py` prints, for each place, what `evaluate` takes and what fetching, decoding by
Pillow and counting by NumPy take, one image after the other: images a second, and milliseconds of processors
an image. The server is a process of its own on this machine; the slow one waits 30 milliseconds before it
answers. Counts are the same, or nothing is printed.
"""

import io
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
from PIL import Image
from pyarrow import parquet

import segscore
from made_masks import SMALL, VOID, scenes
from segscore._core import encode_mask
from segscore.io.archives import members
from segscore.io.columns import column

IMAGES = 300
ROUNDS = 3
CLASSES = 11
SLOW = 0.03
SIDES = ("pred", "target")
_SERVER = "--server"

Read = Callable[[str], bytes]


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder, and under `/slow` the same after a while."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer, perhaps later."""
        if self.path.startswith("/slow/"):
            self.path = self.path.removeprefix("/slow")
            time.sleep(SLOW)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 128


def serve(folder: str) -> None:
    """Serve a folder, and print where."""
    with _Server(("127.0.0.1", 0), partial(_Handler, directory=folder)) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder in another process, and yield its address."""
    command = [sys.executable, __file__, _SERVER, str(folder)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as process:  # noqa: S603 - it is this file
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def in_turn(read: Read, addresses: dict[str, list[str]]) -> Any:
    """Return the matrix of images that are fetched, decoded and counted one after the other."""
    counts = np.zeros((CLASSES, CLASSES), np.int64)
    for pair in zip(*(addresses[side] for side in SIDES), strict=True):
        pred, target = (np.asarray(Image.open(io.BytesIO(read(address)))) for address in pair)
        scored = target != VOID
        cells = target[scored].astype(np.int64) * CLASSES + pred[scored]
        counts += np.bincount(cells, minlength=CLASSES**2).reshape(CLASSES, CLASSES)
    return counts


def evaluated(**sides: Any) -> Any:
    """Return the matrix of masks that are elsewhere."""
    classes = segscore.Classes([str(i) for i in range(CLASSES)], ignore=[VOID])
    return segscore.evaluate(**sides, classes=classes, progress=False).confusion.counts


def timed(work: Callable[[], Any], expected: Any) -> tuple[float, float]:
    """Return images a second and milliseconds of processors an image, the best of some rounds."""
    seconds, processors = [], []
    for _ in range(ROUNDS):
        begun, busy = time.perf_counter(), time.process_time()
        counts = work()
        processors.append(time.process_time() - busy)
        seconds.append(time.perf_counter() - begun)
        assert (counts == expected).all()
    return IMAGES / min(seconds), 1000 * min(processors) / IMAGES


def written(folder: Path) -> dict[str, dict[str, bytes]]:
    """Write the masks to folders, archives and a table, and return them."""
    pairs = scenes(SMALL, IMAGES)
    files = {
        side: {f"{i:05}.png": encode_mask(mask) for i, mask in enumerate(getattr(pairs, side))}
        for side in SIDES
    }
    for side, masks in files.items():
        (folder / side).mkdir()
        with (
            zipfile.ZipFile(folder / f"{side}.zip", "w") as packed,
            tarfile.open(folder / f"{side}.tar", "w") as tar,
        ):
            for name, content in masks.items():
                (folder / side / name).write_bytes(content)
                packed.write(folder / side / name, name)
                tar.add(folder / side / name, name)
        fsspec.filesystem("memory").pipe({f"/{side}/{name}": content for name, content in masks.items()})
    rows = {side: [*masks.values()] for side, masks in files.items()}
    parquet.write_table(
        pa.table({**rows, "name": [*files["pred"]]}), folder / "a.parquet", row_group_size=100
    )
    return files


def _fetched(address: str) -> bytes:
    system, path = fsspec.url_to_fs(address)
    return bytes(system.cat_file(path))


def main() -> None:
    """Print the table."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        files = written(folder)
        expected = evaluated(**{side: folder / side for side in SIDES})
        with served(folder) as host:
            where = {"memory": "memory:/", "server": host, "slow server": f"{host}/slow"}
            addresses = {
                place: {side: [f"{start}/{side}/{name}" for name in files[side]] for side in SIDES}
                for place, start in where.items()
            }
            archives = {side: zipfile.ZipFile(folder / f"{side}.zip") for side in SIDES}
            in_zip = {side: [f"{side}/{name}" for name in files[side]] for side in SIDES}
            works = {
                "folders of this machine": (
                    lambda: evaluated(**{side: folder / side for side in SIDES}),
                    partial(
                        in_turn,
                        lambda path: Path(path).read_bytes(),
                        {side: [str(folder / side / name) for name in files[side]] for side in SIDES},
                    ),
                ),
                **{
                    place: (partial(evaluated, **of), partial(in_turn, _fetched, of))
                    for place, of in addresses.items()
                },
                "zip": (
                    lambda: evaluated(**{side: members(folder / f"{side}.zip") for side in SIDES}),
                    partial(
                        in_turn, lambda path: archives[path.split("/")[0]].read(path.split("/")[1]), in_zip
                    ),
                ),
                "tar": (lambda: evaluated(**{side: members(folder / f"{side}.tar") for side in SIDES}), None),
                "Parquet": (
                    lambda: evaluated(
                        **{side: column(folder / "a.parquet", side, names="name") for side in SIDES}
                    ),
                    None,
                ),
            }
            print(f"{IMAGES} images of 360 x 480; images a second, ms of processors an image")
            for place, (ours, theirs) in works.items():
                one = timed(ours, expected)
                other = timed(theirs, expected) if theirs is not None else (np.nan, np.nan)
                print(
                    f"{place:24} {one[0]:8.0f} {one[1]:7.2f}   in turn {other[0]:8.0f} {other[1]:7.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    if sys.argv[1:2] == [_SERVER]:
        serve(sys.argv[2])
    else:
        main()
