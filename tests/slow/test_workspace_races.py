"""Workspaces and their runs under several processes at once, and under processes that are killed."""

import json
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kills import killed_and_resumed, small_project
from segscore import Workspace
from segscore.workspace.runs import pending
from segscore.workspace.store.store import Store
from support.some_runs import add_images, looks, names_of, run, write_images
from support.workspaces import add_many, write_project

pytestmark = pytest.mark.slow

PROCESSES, VERSIONS, KILLS = 8, 25, 15


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    write_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    return Workspace.init(tmp_path)


def content(ws: Workspace) -> list[tuple[object, ...]]:
    """Return what the index says, without a look at the files."""
    with closing(sqlite3.connect(ws.path / ".segscore/index.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return connection.execute("SELECT * FROM versions ORDER BY number").fetchall()


def work_at_once(work: Callable[..., None], *given: tuple[Any, ...]) -> None:
    """Do some work in a process of its own for each of what is given."""
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=work, args=arguments) for arguments in given]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * len(given)


def test_processes_that_add_versions_at_once_lose_none(ws: Workspace) -> None:
    work_at_once(add_many, *((str(ws.path), i, VERSIONS) for i in range(PROCESSES)))
    rows = Store(ws.path).rows("dataset")
    assert [row.number for row in rows] == list(range(1, PROCESSES * VERSIONS + 1))
    versions = {row.version for row in rows}
    counted = PROCESSES * (VERSIONS // 2)
    named = {f"w{worker}-{i}" for worker in range(PROCESSES) for i in range(0, VERSIONS, 2)}
    assert versions == named | {f"v{i}" for i in range(1, counted + 1)}
    before = content(ws)
    (ws.path / ".segscore/index.db").unlink()
    assert ws.reindex() == PROCESSES * VERSIONS
    assert content(ws) == before


LOOP = """
import sys
from segscore import Workspace
ws = Workspace(sys.argv[1])
print("ready", flush=True)
while True:
    made = ws.datasets.add(
        "streets", images="image", targets="target", classes=2, ignore_index=255, progress=False
    )
    print(made.version, flush=True)
"""


def test_kills_at_random_moments_leave_whole_versions_only(ws: Workspace) -> None:
    moments = random.Random(0)
    promised = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", LOOP, str(ws.path)], stdout=subprocess.PIPE, text=True, cwd=ws.path
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0, 0.15))
        os.kill(process.pid, signal.SIGKILL)
        printed = process.stdout.read().split()
        process.wait()
        process.stdout.close()
        # Each version that is there is whole, and each that was promised is there.
        names = [row.version for row in Store(ws.path).rows("dataset")]
        assert names == [f"v{i}" for i in range(1, len(names) + 1)]
        promised += len(printed)
        assert not printed or printed[-1] in names
        for path in (ws.path / ".segscore").glob("datasets/*/*.json"):
            assert json.loads(path.read_bytes())["version"] == path.stem
        before = content(ws)
        assert ws.reindex() == len(names)
        assert content(ws) == before
        if names:
            ws.datasets["streets", names[-1]].check(verify=True)
    assert promised
    assert not list((ws.path / ".segscore").rglob("*.part"))


def test_those_who_look_do_not_take_one_another_for_somebody_at_work(tmp_path: Path) -> None:
    pending.locked(tmp_path / "lock.db", 0).close()
    work_at_once(looks, *[(str(tmp_path), 3_000)] * 4)
    with pending.Pending(tmp_path, {}):
        assert pending.is_held(tmp_path)
    assert not pending.is_held(tmp_path)


# Runs

RUN_KILLS, RUNS = 10, 20


@pytest.mark.parametrize(("model", "batch"), [("slow", 1), ("several", 8)])
def test_runs_that_are_killed_end_as_if_they_never_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, batch: int
) -> None:
    monkeypatch.chdir(tmp_path)
    ws = small_project(tmp_path, 25)
    first = ws.run(model, "small", progress=False)
    finished, met = killed_and_resumed(ws, model, "small", kills=RUN_KILLS, longest=0.5, seed=1)
    sys.modules.pop("slow_net")
    assert first.options["batch"] == batch
    assert first.predictions is not None
    # Otherwise the kills would have met nothing.
    assert finished >= 2
    assert met >= RUN_KILLS // 3


MANY = """
import sys
from segscore import Workspace
ws = Workspace(".")
for _ in range(int(sys.argv[2])):
    print(ws.run(sys.argv[1], "noise", again=True, progress=False).id)
"""


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
    before = content(ws)
    listed = str(found)
    os.unlink(ws.path / ".segscore/index.db")
    assert ws.reindex() == PROCESSES * RUNS + PROCESSES + 1
    assert content(ws) == before
    assert str(Workspace(tmp_path).runs()) == listed
    assert run(ws, "net0", again=True).id == f"r{PROCESSES * RUNS + 1}"
