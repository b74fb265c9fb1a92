"""Workspaces under several processes at once, and under processes that are killed."""

import json
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from segscore import Workspace
from segscore.workspace.store.store import Store
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


def test_processes_that_add_versions_at_once_lose_none(ws: Workspace) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=add_many, args=(str(ws.path), i, VERSIONS)) for i in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
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
