"""The table of speeds: each work by segscore and by others, in one process, on the same data.

`python benches/table.py` prints it as Markdown. Within each round every way has one turn, so that
what disturbs the machine disturbs all; figures are medians over the rounds, and ratios are medians of the
ratios within a round. Every answer is compared with segscore's before anything is timed.
"""

import argparse
import json
import os
import platform
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from math import ceil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import segscore
from segscore import _core
from works import GROUPS, Work, same, works

_LEAST = 0.05
"""Seconds that one turn of a way lasts, at least: short works are repeated."""
_PACKAGES = (
    "numpy",
    "numba",
    "opencv-python-headless",
    "pillow",
    "scikit-learn",
    "torch",
    "torchmetrics",
    "deflate",
    "scipy",
    "monai",
    "medpy",
)


@dataclass(frozen=True)
class Measured:
    """What a work took."""

    name: str
    group: str
    unit: str
    amount: int
    usual: str
    """The usual way, which need not be installed."""
    seconds: dict[str, list[float]]
    """Of one run, in each round, by the name of the way."""
    limit: str | None
    """The way that none can be faster than, if it was measured."""
    missing: list[str]
    """Ways that could not be measured, and why."""

    @property
    def peers(self) -> dict[str, list[float]]:
        """The seconds of all ways to do the work but segscore's."""
        others = ("segscore", self.limit)
        return {name: seconds for name, seconds in self.seconds.items() if name not in others}

    def ratio(self, name: str) -> float:
        """Return how many times faster than that way segscore is."""
        pairs = zip(self.seconds[name], self.seconds["segscore"], strict=True)
        return median(theirs / ours for theirs, ours in pairs)

    def speed(self, seconds: float) -> str:
        """Return pixels a second, or microseconds for one of what is not pixels."""
        if self.unit == "px":
            return _figure(self.amount / seconds / 1e9)
        return _figure(seconds / self.amount * 1e6)

    @property
    def dimension(self) -> str:
        """What `speed` is in."""
        return "Gpx/s" if self.unit == "px" else f"us/{self.unit}"


def measured(work: Work, rounds: int, least: float) -> Measured:
    """Compare the answers of all ways of a work, then time them in turns."""
    with TemporaryDirectory() as scratch:
        data = work.data(Path(scratch))
        ways = {way.name: way for way in work.ways if way.missing is None}
        answer = ways["segscore"].run(data)
        for way in ways.values():
            if not same(way.run(data), answer, work.tolerance):
                raise SystemExit(f"{work.name}: the answer of {way.name} is not that of segscore")
        limit = work.limit if work.limit is not None and work.limit.missing is None else None
        if limit is not None:
            limit.run(data)  # what it has to find out once is not timed
            ways[limit.name] = limit
        seconds = in_turns({name: way.run for name, way in ways.items()}, data, rounds, least)
        asked = (*work.ways, work.limit)
        return Measured(
            name=work.name,
            group=work.group,
            unit=work.unit,
            amount=work.amount(data),
            usual=work.ways[1].name,
            seconds=seconds,
            limit=None if limit is None else limit.name,
            missing=[way.missing for way in asked if way is not None and way.missing is not None],
        )


def in_turns(
    calls: dict[str, Callable[[Any], object]], data: object, rounds: int, least: float
) -> dict[str, list[float]]:
    """Return the seconds of one run of each call in each round, where it is repeated for `least` seconds."""
    repeats = {name: max(1, ceil(least / _seconds(call, data, 1))) for name, call in calls.items()}
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            found[name].append(_seconds(call, data, repeats[name]))
    return found


def _seconds(call: Callable[[Any], object], data: object, repeats: int) -> float:
    begin = perf_counter()
    for _ in range(repeats):
        call(data)
    return (perf_counter() - begin) / repeats


# What is printed


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}".rstrip(".")


def head(real: Path | None, rounds: int) -> list[str]:
    """Return what a reader must know to judge the figures."""
    found = []
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    masks = "made, from fixed seeds" if real is None else "real, but for noise, updates and the demo"
    facts = [
        f"{processor()}, {_core.available_threads()} processors usable, "
        f"load {os.getloadavg()[0]:.1f} at the start",
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"segscore {segscore.__version__}, {', '.join(found)}",
        f"masks: {masks}; one thread, but where it says two; medians of {rounds} rounds in which the ways "
        "take turns",
        "`PNG folders` include listing, pairing, reading, decoding and scores, with the files in the "
        "system's cache; all other works start from what is in memory, without decoding",
        "`of the limit`: speed as a share of that of bringing the same bytes in, on one thread, in the same "
        "rounds: reading both arrays (`max()`), or reading the files and inflating them with libdeflate",
    ]
    return [f"- {fact}" for fact in facts]


def processor() -> str:
    """Return what the machine calls its processor."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def row(work: Measured) -> str:
    """Return the row of a work in the main table."""
    middle = {name: median(seconds) for name, seconds in work.seconds.items()}
    cells = [work.name, f"{work.speed(middle['segscore'])} {work.dimension}"]
    usual = work.usual if work.usual in work.peers else None
    best = min(work.peers, key=lambda name: middle[name], default=None)
    for name in (usual, best):
        if name is None:
            cells += ["-", "-"]
        else:
            cells += [f"{work.speed(middle[name])} ({name})", _figure(work.ratio(name))]
    if work.limit is None:
        cells.append("-")
    else:
        cells.append(f"{work.ratio(work.limit):.0%} of {work.speed(middle[work.limit])}")
    return f"| {' | '.join(cells)} |"


def details(work: Measured) -> list[str]:
    """Return the rows of a work in the table of all ways."""
    rows = []
    for name, seconds in work.seconds.items():
        speeds = work.speed(median(seconds)), work.speed(min(seconds))
        rows.append(f"| {work.name} | {name} | {' | '.join(speeds)} | {work.dimension} |")
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Print the table of speeds as Markdown.")
    parser.add_argument("--data", type=Path, help="folder of real masks, with camvid and camvid-1920 in it")
    parser.add_argument("--labels", type=Path, help="NIfTI file of many labels, such as those of a brain")
    parser.add_argument("--only", default=",".join(GROUPS), help=f"groups of works, of {','.join(GROUPS)}")
    parser.add_argument("--rounds", type=int, default=9, help="rounds that are timed (default: 9)")
    parser.add_argument(
        "--least", type=float, default=_LEAST, help="seconds of a turn, at least (default: 0.05)"
    )
    parser.add_argument("--json", type=Path, help="file for all figures")
    options = parser.parse_args(arguments)
    segscore.set_num_threads(1)  # as all others; works with more threads say so
    groups = options.only.split(",")
    if unknown := set(groups) - set(GROUPS):
        parser.error(f"unknown groups {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    if options.data is not None and not (options.data / "camvid-1920").is_dir():
        parser.error(f"no camvid-1920 in {options.data}")
    lines = head(options.data, options.rounds)
    print(*lines, "", sep="\n")
    print("| work | segscore | usual way | times faster | best other way | times faster | of the limit |")
    print("|---|---|---|---|---|---|---|", flush=True)
    done = []
    for work in works(options.data, labels=options.labels):
        if work.group in groups:
            done.append(measured(work, options.rounds, options.least))
            print(row(done[-1]), flush=True)
    print("\nEvery way: the median and the fastest of the rounds.\n")
    print("| work | way | median | fastest | |", "|---|---|---|---|---|", sep="\n")
    print(*(line for work in done for line in details(work)), sep="\n")
    missing = sorted({way for work in done for way in work.missing})
    print(f"\nNot measured: {'; '.join(missing) or 'nothing'}.")
    if options.json is not None:
        options.json.write_text(
            json.dumps({"head": lines, "works": [asdict(work) for work in done]}, indent=1)
        )


if __name__ == "__main__":
    main()
