"""Runs that are killed at random moments, and many runs of many processes at once."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kills import killed_and_resumed, small_project
from segscore import Workspace
from support.some_runs import add_images, names_of, run, write_images

pytestmark = pytest.mark.slow

KILLS, PROCESSES, RUNS = 10, 8, 20


@pytest.mark.parametrize(("model", "batch"), [("slow", 1), ("several", 8)])
def test_runs_that_are_killed_end_as_if_they_never_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, batch: int
) -> None:
    monkeypatch.chdir(tmp_path)
    ws = small_project(tmp_path, 25)
    first = ws.run(model, "small", progress=False)
    finished, met = killed_and_resumed(ws, model, "small", kills=KILLS, longest=0.5, seed=1)
    sys.modules.pop("slow_net")
    assert first.options["batch"] == batch
    assert first.predictions is not None
    # Otherwise the kills would have met nothing.
    assert finished >= 2
    assert met >= KILLS // 3


MANY = """
import sys
from segscore import Workspace
ws = Workspace(".")
for _ in range(int(sys.argv[2])):
    print(ws.run(sys.argv[1], "noise", again=True, progress=False).id)
"""


def rows(ws: Workspace) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(ws.path / ".segscore/index.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return connection.execute("SELECT * FROM versions ORDER BY number").fetchall()


def test_processes_that_run_at_once_lose_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_images(tmp_path, names_of(3))
    ws = Workspace.init(tmp_path)
    add_images(ws)
    for i in range(PROCESSES):
        for name in names_of(3):
            path = Path(f"masks{i}/{name}.png")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(Path(f"target/{name}.png").read_bytes())
        Path(f"masks{i}/other.png").write_bytes(bytes(i))
        ws.models.add(f"net{i}", predictions=f"masks{i}")
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", MANY, f"net{i}", str(RUNS)], stdout=subprocess.PIPE, text=True
        )
        for i in range(PROCESSES)
    ]
    promised = {f"net{i}:v1": worker.communicate()[0].split() for i, worker in enumerate(workers)}
    assert [worker.returncode for worker in workers] == [0] * PROCESSES
    found = ws.runs()
    assert len(found) == len({one.id for one in found}) == PROCESSES * RUNS
    assert {one.id for one in found} == {f"r{i}" for i in range(1, PROCESSES * RUNS + 1)}
    for model, names in promised.items():
        assert sorted(names) == sorted(one.id for one in ws.runs(model=model))
    assert len({(one.folder / "evaluation.npz").read_bytes() for one in ws.runs(model="net3")}) == 1
    before = rows(ws)
    listed = str(found)
    os.unlink(ws.path / ".segscore/index.db")
    assert ws.reindex() == PROCESSES * RUNS + PROCESSES + 1
    assert rows(ws) == before
    assert str(Workspace(tmp_path).runs()) == listed
    assert run(ws, "net0", again=True).id == f"r{PROCESSES * RUNS + 1}"
