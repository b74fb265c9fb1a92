"""Random volumes of lesions, and how far segscore's numbers are from those of challenges and tools.

BraTS' script is read from a checkout in the folder of `--files`; panoptica is a package.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

import segscore
from convention_files import load_alone
from convention_peers import version_of
from segscore.scores.conventions.lesion_rules import LESION_RULES

KINDS = ("blobs", "voxels", "dense", "empty", "large")
Pairs = list[tuple[Any, Any]]
"""A target and a prediction of each case, uint8 masks of one foreground."""
BRATS = "rachitsaluja/BraTS-2023-Metrics/metrics.py"


def cases(seed: int) -> Iterator[Pairs]:
    """Yield datasets of a few cases without end, of each kind in turn."""
    random = np.random.default_rng(seed)
    while True:
        for kind in KINDS:
            yield [_case(random, kind) for _ in range(int(random.integers(1, 4)))]


def _case(random: np.random.Generator, kind: str) -> tuple[Any, Any]:
    shape = tuple(random.integers(6, 26, 3).tolist())
    both = np.zeros((2, *shape), np.uint8)
    count = int(random.integers(0, 25 if kind == "dense" else 6))
    for _ in range(0 if kind == "empty" and random.random() < 0.3 else count):
        start = [int(random.integers(side)) for side in shape]
        most = {"voxels": 2, "large": 12}.get(kind, 6)
        size = random.integers(1, most, 3).tolist()
        for mask in both:
            if random.random() < (0.5 if kind == "empty" else 0.8):
                moved = [max(0, one + int(random.integers(-2, 3))) for one in start]
                mask[tuple(slice(one, one + high) for one, high in zip(moved, size, strict=True))] = 1
    if kind == "empty":
        both[int(random.integers(2))] = 0
    return both[0], both[1]


def ours(dataset: Pairs, name: str) -> dict[str, Any]:
    """Return segscore's numbers of each case."""
    steps = LESION_RULES[name].dilation
    judge = segscore.Evaluator(["background", "lesion"], dims=3, components=True, dilation=steps)
    for target, pred in dataset:
        judge.add(target=target, pred=pred)
    return {key: values[:, 1] for key, values in judge.result().lesions_as(name).images.items()}


@cache
def _script(path: Path) -> Any:
    """Return BraTS' script, which is given arrays in place of files and is not asked of surfaces."""
    script = load_alone(path)
    script.nib = SimpleNamespace(load=lambda mask: mask)
    script.surface_distance = SimpleNamespace(
        compute_surface_distances=lambda *_: None, compute_robust_hausdorff=lambda *_: 0.0
    )
    return script


def brats(files: Path, dataset: Pairs, name: str) -> dict[str, Any]:
    """Return the numbers of BraTS' script: of its lists of lesions, by the formula with which it ends."""
    rule, script = LESION_RULES[name], _script(files / BRATS)
    found: dict[str, list[float]] = {"dice": [], "tp": [], "fn": [], "fp": []}
    for target, pred in dataset:
        as_files = [
            SimpleNamespace(
                get_fdata=lambda mask=mask: mask.astype(float),
                header=SimpleNamespace(get_zooms=lambda: (1.0, 1.0, 1.0)),
            )
            for mask in (pred * 3, target * 3)
        ]
        _, _, fp, _, lesions, *_ = script.get_LesionWiseScores(*as_files, "ET", rule.dilation)
        kept = [(parts, dice) for parts, _, volume, dice, _ in lesions if volume > rule.least]
        all_of = len(kept) + len(fp)
        found["dice"].append(sum(dice for _, dice in kept) / all_of if all_of else 1.0)
        found["tp"].append(sum(len(parts) > 0 for parts, _ in kept))
        found["fn"].append(sum(len(parts) == 0 for parts, _ in kept))
        found["fp"].append(len(fp))
    return {key: np.array(values, dtype=float) for key, values in found.items()}


def panoptica(_: Path, dataset: Pairs, __: str) -> dict[str, Any]:
    """Return the numbers of panoptica of each case."""
    from panoptica import (
        ConnectedComponentsInstanceApproximator,
        InputType,
        Metric,
        NaiveThresholdMatching,
        Panoptica_Evaluator,
    )

    judge = Panoptica_Evaluator(
        expected_input=InputType.SEMANTIC,
        instance_approximator=ConnectedComponentsInstanceApproximator(),
        instance_matcher=NaiveThresholdMatching(),
        instance_metrics=[Metric.DSC, Metric.IOU],
        global_metrics=[],
    )
    names = {"pq": "pq", "sq": "sq", "rq": "rq", "sq_dsc": "sq_dsc", "pq_dsc": "pq_dsc"}
    names |= {"tp": "tp", "fn": "fn", "fp": "fp"}
    found: dict[str, list[float]] = {key: [] for key in names}
    for target, pred in dataset:
        (result,) = judge.evaluate(pred, target, verbose=False).values()
        for key, name in names.items():
            value = getattr(result, name)
            found[key].append(np.nan if value is None else float(value))
    return {key: np.array(values) for key, values in found.items()}


class Peer(NamedTuple):
    """A rule, what it is read from, and the tool."""

    name: str
    source: str
    run: Callable[[Path, Pairs, str], dict[str, Any]]

    def version(self, files: Path | None) -> str | None:
        """Return the version of its package, "" for a file; None where it is not there."""
        if self.source == BRATS:
            return "" if files is not None and (files / BRATS).is_file() else None
        return version_of(self.source)


PEERS = (
    *(Peer(name, BRATS, brats) for name in LESION_RULES if name.startswith("brats")),
    Peer("panoptica", "panoptica", panoptica),
)


def table(files: Path | None, count: int, seed: int, only: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a table of all rules, and whether each differs by more than rounding."""
    yield f"\nDatasets of lesions of {len(KINDS)} kinds in turn: {', '.join(KINDS)}.\n", False
    yield "| rule | from | datasets | largest difference | allowed | seconds |", False
    yield "|---|---|---|---|---|---|", False
    allowed = 1e-12
    for peer in PEERS:
        if not peer.name.startswith(only):
            continue
        version = peer.version(files)
        if version is None:
            yield f"| {peer.name} | {peer.source}, not there | 0 | | | |", False
            continue
        source = f"{peer.source} {version}".strip()
        begin, largest = perf_counter(), 0.0
        for _, dataset in zip(range(count), cases(seed), strict=False):
            theirs = peer.run(files or Path(), dataset, peer.name)
            for key, values in ours(dataset, peer.name).items():
                if (np.isnan(values) != np.isnan(theirs[key])).any():
                    largest = np.inf
                largest = max(largest, float(np.nan_to_num(np.abs(values - theirs[key])).max(initial=0)))
        yield (
            f"| {peer.name} | {source} | {count} | {largest:.1g} | {allowed:.0e} | "
            f"{perf_counter() - begin:.1f} |",
            not largest <= allowed,
        )
