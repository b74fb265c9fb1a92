"""Runs that are killed at random moments and gone on with, until they end as an undisturbed one.

After every kill the databases are sound, every run that was ever finished is there with the same bytes, and
what was interrupted can go on. `python benches/kills.py 200` does it with two small functions as models, and
`python benches/kills.py 200 WORKSPACE MODEL DATASET` with any that there is; the runs it makes are removed.
"""

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from segscore import Workspace

WORK = """
import sys
from segscore import Workspace
from segscore.workspace.runs import running
running._KEEP_EVERY = float(sys.argv[4])
ws = Workspace(sys.argv[1])
print("ready", flush=True)
while True:
    print(ws.run(sys.argv[2], sys.argv[3], again=True, progress=False).id, flush=True)
"""
SLOW = """
import time
def predict(image):
    time.sleep(0.004)
    return image[..., 0] % 3
def several(images):
    return [predict(image) for image in images]
"""
KEEP_EVERY = 0.02
"""Seconds between two outcomes that are kept: shorter than usual, so that more of it is killed."""


def killed_and_resumed(
    ws: Workspace, model: str, dataset: str, *, kills: int, longest: float, seed: int
) -> tuple[int, int]:
    """Kill runs of a model at random moments; return how many were finished, and how many kills met one.

    `longest` is how many seconds a process is given at most.
    """
    moments = random.Random(seed)  # noqa: S311 - no secret
    undisturbed = content(ws.run(model, dataset, again=True, progress=False).folder)
    known = {run.id for run in ws.runs()}
    before, met = set(known), 0
    for _ in range(kills):
        command = [sys.executable, "-c", WORK, str(ws.path), model, dataset, str(KEEP_EVERY)]
        with subprocess.Popen(  # noqa: S603 - the command is this file's own
            command, stdout=subprocess.PIPE, text=True, cwd=ws.path
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0, longest))
            os.kill(process.pid, signal.SIGKILL)
            promised = process.stdout.read().split()
        check_databases(ws)
        runs = {run.id: run for run in ws.runs()}
        # What was finished is there, and what is there was finished.
        assert known | set(promised) <= runs.keys(), (known, promised, runs.keys())
        for name in runs.keys() - known:
            assert content(runs[name].folder) == undisturbed, name
        assert len(ws.unfinished()) <= 1, ws.unfinished()
        assert not any(left.held or left.problem for left in ws.unfinished()), ws.unfinished()
        met += len(ws.unfinished())
        known = set(runs)
    last = ws.run(model, dataset, again=True, progress=False)
    assert content(last.folder) == undisturbed
    assert ws.unfinished() == []
    ws.reindex()
    made = [run for run in ws.runs() if run.id not in before]
    assert {run.id for run in made} == (known | {last.id}) - before
    for run in made:
        left = set(os.listdir(run.folder)) - {"evaluation.npz", "intervals.kept", "predictions", "run.json"}
        assert not left, (run.id, left)
        ws.remove(run.id)
    return len(made), met


def content(folder: Path) -> dict[str, str]:
    """Return the digests of what a run has made: its evaluation and its predictions."""
    paths = [folder / "evaluation.npz", *folder.glob("predictions/**/*")]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.is_file()
    }


def check_databases(ws: Workspace) -> None:
    """Raise an error if the index or a run that can go on is not sound."""
    folder = ws.path / ".segscore"
    for path in (folder / "index.db", *folder.glob("runs/*/pending.db")):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], path


def small_project(folder: Path, images: int) -> Workspace:
    """Make a workspace with a dataset of small images and functions that take some milliseconds an image.

    The model `slow` is given one image at once, `several` is given eight.
    """
    import numpy as np
    from PIL import Image

    numbers = np.random.default_rng(0)
    for side in ("image", "target"):
        (folder / side).mkdir()
    for i in range(images):
        image = numbers.integers(0, 256, (24, 32, 3), np.uint8)
        Image.fromarray(image).save(folder / "image" / f"{i:02d}.png")
        Image.fromarray(image[..., 1] % 3).save(folder / "target" / f"{i:02d}.png")
    (folder / "slow_net.py").write_text(SLOW)
    ws = Workspace.init(folder)
    ws.datasets.add("small", images=folder / "image", targets=folder / "target", classes=3, progress=False)
    os.chdir(folder)
    ws.models.add("slow", python="slow_net:predict")
    ws.models.add("several", python="slow_net:several", options={"takes": "batch"})
    return ws


def killed_small(kills: int) -> tuple[int, int]:
    """Kill runs of both functions of a small project; return their sums of what `killed_and_resumed` says."""
    with tempfile.TemporaryDirectory() as folder:
        ws = small_project(Path(folder), 25)
        half = kills // 2
        one = killed_and_resumed(ws, "slow", "small", kills=kills - half, longest=0.6, seed=0)
        other = killed_and_resumed(ws, "several", "small", kills=half, longest=0.6, seed=1)
        os.chdir("/")  # out of what is removed
    return one[0] + other[0], one[1] + other[1]


def main(arguments: list[str]) -> None:
    """Do it, and print what came out."""
    kills = int(arguments[0])
    begin = time.monotonic()
    if len(arguments) == 1:
        finished, met = killed_small(kills)
    else:
        ws = Workspace(arguments[1])
        first = time.monotonic()
        ws.run(arguments[2], arguments[3], progress=False)
        one = max(0.5, time.monotonic() - first)
        finished, met = killed_and_resumed(
            ws, arguments[2], arguments[3], kills=kills, longest=1.5 * one, seed=0
        )
    print(
        f"{kills} kills, {met} of them in the middle of a run; {finished} runs finished, all with the same "
        "bytes; none was lost, and the databases were sound after every kill: "
        f"{time.monotonic() - begin:.0f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
