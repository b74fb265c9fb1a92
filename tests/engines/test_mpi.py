"""MPI: two ranks beside the first one make what one process does, by an executor or by a few lines."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.processes import ended

TESTS = Path(__file__).parents[1]
EXECUTOR = """
import sys
from pathlib import Path

if __name__ == "__main__":
    from mpi4py.futures import MPIPoolExecutor
    from segscore import ArgumentError, evaluate
    from support.engines import check
    from support.sharded import labels

    with MPIPoolExecutor() as executor:
        check(executor, Path(sys.argv[1]))
        try:
            evaluate(pred=["a"], target=["b"], classes=3, read=lambda path: path, executor=executor)
        except ArgumentError as error:
            print(str(error).partition(":")[0])
    print("the same")
"""
RANKS = """
import sys, warnings
from pathlib import Path
from mpi4py import MPI
import segscore
from support.sharded import assert_same, broken

comm = MPI.COMM_WORLD
warnings.simplefilter("ignore")
options = comm.bcast(broken(Path(sys.argv[1])) if comm.rank == 0 else None)
plan = segscore.plan(**options)
parts = comm.gather(plan.shards(comm.size)[comm.rank].evaluate())
if comm.rank == 0:
    assert_same(plan.merge(parts), segscore.evaluate(**options))
    print("the same")
"""


@pytest.fixture
def run(needing: Callable[[str], None], tmp_path: Path) -> Callable[..., list[str]]:
    """Return a function that runs code on three ranks, and returns the lines that it prints."""
    needing("mpi")

    def run(code: str, *options: str) -> list[str]:
        script = tmp_path / "script.py"
        script.write_text(code)
        as_root = ["--allow-run-as-root"] if os.geteuid() == 0 else []
        ranks = ["mpirun", *as_root, "--oversubscribe", "-n", "3", sys.executable]
        env = {**os.environ, "PYTHONPATH": str(TESTS)}
        found = ended([*ranks, *options, str(script), str(tmp_path / "masks")], env=env)
        assert found.returncode == 0, found.stdout + found.stderr
        return found.stdout.splitlines()

    return run


def test_an_executor_makes_what_one_process_does(run: Callable[..., list[str]]) -> None:
    assert run(EXECUTOR, "-m", "mpi4py.futures") == ["`read`", "the same"]


def test_ranks_make_what_one_process_does(run: Callable[..., list[str]]) -> None:
    assert run(RANKS) == ["the same"]
