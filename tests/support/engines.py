"""Engines that tests of executors need, and what an executor is to do on each. Nothing here is a test."""

import os
import shutil
import warnings
from concurrent.futures import Executor
from importlib.util import find_spec
from pathlib import Path

from segscore import evaluate
from support.executors import reader
from support.sharded import DATASETS, assert_same, broken

KINDS = ("broken", "palettes that decide", "stacks in files", "arrays", "shapes")
SMALL = {"dask": ("dask", "distributed"), "mpi": ("mpi4py",)}
"""Packages of engines that are installed and start within seconds."""
PACKAGES = {**SMALL, "ray": ("ray",), "spark": ("pyspark",), "torch": ("torch",)}
PROGRAMS = {"mpi": "mpirun", "spark": "java"}


def lacking(engine: str) -> str | None:
    """Return a sentence on what the tests of an engine need and do not find, or None."""
    missing = [package for package in PACKAGES[engine] if find_spec(package) is None]
    if engine in PROGRAMS and shutil.which(PROGRAMS[engine]) is None:
        missing.append(PROGRAMS[engine])
    if not missing:
        return None
    how = "pip install --group engines and apt-get install libopenmpi-dev openmpi-bin"
    if engine not in SMALL:
        how = "pip install ray pyspark torch and apt-get install openjdk-17-jre-headless"
    return f"tests of engines need {', '.join(missing)}: {how}"


def demanded(engine: str) -> bool:
    """Whether an engine that is missing is an error instead of a skip: 1 demands small ones, `all` all."""
    said = os.environ.get("SEGSCORE_DEMAND_ENGINES", "")
    return said == "all" or (said == "1" and engine in SMALL)


def check(executor: Executor, folder: Path) -> None:
    """Check that all datasets come to the same through an executor as in one process, with all warnings."""
    for kind in KINDS:
        options = DATASETS[kind](folder / kind)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            expected = evaluate(**options, progress=False)
        with warnings.catch_warnings(record=True) as again:
            warnings.simplefilter("always")
            found = evaluate(**options, progress=False, executor=executor)
        assert [str(one.message) for one in again] == [str(one.message) for one in told]
        assert_same(found, expected, page=kind == "broken")
    options = {**broken(folder / "read"), "read": reader}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same(evaluate(**options, executor=executor), evaluate(**options))
