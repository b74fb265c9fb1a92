"""What segscore withstands, as Markdown: kills, full disks, forks, signals, races, bad inputs, requests.

`python benches/reliability.py` does all of it anew, which takes a quarter of an hour on two processors, and
ends with exit code 1 unless everything held; `docs/reliability.md` has what it printed. With `--fuzz 300`
each fuzz target runs for so many seconds as well.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import broken
import kills
import segscore
from table import processor

ROOT = Path(__file__).parent.parent
TESTS = {
    "disks that are full at any moment, folders that nobody may write to": ["slow/test_disk.py"],
    "children of a process whose threads count": ["slow/test_forks.py"],
    "signals in the middle of a call": ["slow/test_interrupt.py", "slow/test_interrupt_shapes.py"],
    "arrays that change while they are read": ["slow/test_races.py"],
    "processes that use one workspace at once, and are killed": ["slow/test_workspace_races.py"],
    "masks, volumes and arrays that are damaged or are something else": [
        "io/test_damage.py",
        "io/test_masks_broken.py",
        "io/test_masks_tiff_broken.py",
        "io/test_masks_tiff_mutated.py",
        "io/test_volumes.py",
    ],
    "workspaces whose files are damaged": ["workspace/test_damaged.py"],
    "requests that the application must refuse": ["app/test_guard.py"],
}
"""Tests by what they do to segscore."""


class Row(NamedTuple):
    """A line of the table."""

    what: str
    times: str
    came: str
    held: bool


def killed(times: int) -> Row:
    """Kill runs of models at random moments."""
    finished, met = kills.killed_small(times)
    came = f"{finished} runs finished, all with the same bytes; databases sound after every kill"
    return Row("runs killed at random moments", f"{times} kills, {met} in the middle of a run", came, True)


def misled(datasets: int) -> Iterator[Row]:
    """Score datasets that are broken in many ways, and some that are not."""
    with ProcessPoolExecutor() as pool:
        for what, ways, number in (
            (f"datasets broken in {len(broken.WAYS)} ways", broken.WAYS, datasets),
            ("datasets that are not broken", broken.CLEAN, datasets // 10),
        ):
            made = partial(broken.outcome, ways=ways, seed=broken.SEED)
            outcomes = list(pool.map(made, range(number), chunksize=10))
            of = Counter(one.outcome for one in outcomes)
            came = ", ".join(f"{of[kind]:,} {kind}" for kind in broken.OUTCOMES)
            clean = ways is broken.CLEAN
            held = broken.wrong([], outcomes) == [] if clean else broken.wrong(outcomes, []) == []
            yield Row(what, f"{number:,}", came, held)


def tested(what: str, files: list[str]) -> Row:
    """Run tests, slow ones too."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.xml"
        command = [sys.executable, "-m", "pytest", "-m", "slow or not slow", f"--junitxml={found}"]
        command += [str(ROOT / "tests" / file) for file in files]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)  # noqa: S603
        suite = ET.parse(found).getroot().find("testsuite")  # noqa: S314 - pytest's own
    assert suite is not None
    for case in suite:
        if {part.tag for part in case} & {"failure", "error"}:
            print(f"failed: {case.get('classname')}.{case.get('name')}", file=sys.stderr)
    failed = sum(int(suite.get(kind, 0)) for kind in ("failures", "errors"))
    skipped = int(suite.get("skipped", 0))
    came = f"{failed} failed" if failed else "all pass"
    if skipped:
        came += f", {skipped} skipped, for lack of a package or a right"
    return Row(what, f"{int(suite.get('tests', 0)) - skipped} tests", came, done.returncode == 0)


def fuzzed(seconds: int) -> Iterator[Row]:
    """Run each fuzz target."""
    command = [sys.executable, "fuzz/run.py", "--seconds", str(seconds)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    for line in done.stdout.splitlines():
        name, _, said = line.partition(": ")
        times, _, came = said.partition(", ")
        if times.endswith(("runs", "files")):
            yield Row(f"fuzz target `{name}`, {seconds} s", times, came, done.returncode == 0)


def main() -> int:
    """Do it, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--datasets", type=int, default=2_000, help="that are broken")
    parser.add_argument("--fuzz", type=int, default=0, metavar="SECONDS", help="of each fuzz target")
    given = parser.parse_args()
    print(
        f"Machine: {processor()}, {os.cpu_count()} processors, {platform.system()}, Python "
        f"{platform.python_version()}, segscore {segscore.__version__}. "
        f"Date: {datetime.now(UTC):%-d %B %Y}.\n"
    )
    print("| what was done | how often | what came of it |\n|---|---|---|", flush=True)
    held = True
    for row in all_rows(given.kills, given.datasets, given.fuzz):
        print(f"| {row.what} | {row.times} | {row.came} |", flush=True)
        held &= row.held
    return not held


def all_rows(times: int, datasets: int, seconds: int) -> Iterator[Row]:
    """Do all of it, row by row."""
    yield killed(times)
    for what, files in TESTS.items():
        yield tested(what, files)
    yield from misled(datasets)
    if seconds:
        yield from fuzzed(seconds)


if __name__ == "__main__":
    sys.exit(main())
