"""The table of rules of surfaces and the tools that they stand for: how far their numbers differ.

`python benches/surfaces_agree.py` prints it as Markdown; the exit code is 1 where one differs by more than
its tool's own rounding or was not compared at all, or where `--all` is given and a package is missing. Tools
that are no package are run from checkouts of their repositories in the folder of `--files`, as OWNER/NAME.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

import surface_elements
from segscore.scores.conventions.surface_rules import SURFACE_RULES
from surface_checks import KINDS, agrees, compare, tolerance
from surface_peers import PEERS, absent, in_folder

CHECKS: tuple[tuple[str, str, Callable[..., tuple[int, float]], float, str], ...] = (
    (
        "distances of voxels, six spacings without rounding",
        "SciPy, `distance_transform_edt`",
        partial(surface_elements.voxels, spacings=surface_elements.EXACT),
        0,
        "",
    ),
    (
        "distances of voxels, three with rounding",
        "SciPy, `distance_transform_edt`",
        partial(surface_elements.voxels, spacings=surface_elements.ROUNDED),
        4e-16,
        "",
    ),
    (
        "distances and areas of corners",
        "surface-distance",
        surface_elements.corners,
        1e-12,
        "google-deepmind/surface-distance",
    ),
    ("pixels of bands", "OpenCV, `erode`", surface_elements.bands, 0, ""),
    (
        "F of objects within the image",
        "DAVIS, `f_measure`",
        surface_elements.davis,
        1e-12,
        "davisvideochallenge/davis2017-evaluation",
    ),
)
"""What is compared, with which program, how far it may be off, and the checkout that it needs."""


def main() -> int:
    """Compare, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=300, help="a rule")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="rules whose name begins so, or `elements`")
    parser.add_argument("--all", action="store_true", help="fail where a package is missing")
    parser.add_argument("--files", type=Path, help="a folder with checkouts")
    options = parser.parse_args()
    peers = PEERS | ({} if options.files is None else in_folder(options.files))
    print(f"Masks of {len(KINDS)} kinds in turn, of 2 and 3 dimensions: {', '.join(KINDS)}.\n")
    print(
        "| rule | package | number | datasets | compared | errors | largest difference | allowed | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    failed = False
    for name, rule in SURFACE_RULES.items():
        if name not in peers or not name.startswith(options.only):
            continue
        peer = peers[name]
        if peer.version is None:
            continue
        begin = perf_counter()
        found, kinds = compare(rule, peer, options.datasets, options.seed)
        seconds = perf_counter() - begin
        for number, agreement in found.items():
            failed |= not agrees(agreement.compared, agreement.largest, tolerance(rule))
            print(
                f"| {name} | {peer.package} {peer.version} | {number} | {kinds.total()} | "
                f"{agreement.compared} | {agreement.raised} | {agreement.largest:.1g} | "
                f"{tolerance(rule):.0e} | {seconds:.1f} |",
                flush=True,
            )
    if "elements".startswith(options.only):
        failed |= _elements(options.datasets, options.seed, options.files)
    print(f"\nNot compared: {', '.join(name for name in SURFACE_RULES if name not in peers)}.")
    if absent():
        print(f"Not installed: {', '.join(absent())}.")
    return int(failed or (options.all and bool(absent())))


def _elements(count: int, seed: int, folder: Path | None) -> bool:
    """Print how elements of surfaces and bands agree with what defines them; return whether some do not."""
    print("\n| elements | defined by | shapes | compared | largest difference | allowed | seconds |")
    print("|---|---|---|---|---|---|---|")
    failed = False
    for title, program, run, allowed, repository in CHECKS:
        if repository and (folder is None or not (folder / repository).is_dir()):
            continue
        begin = perf_counter()
        options = (folder,) if repository else ()
        compared, largest = run(count, seed, *options)
        failed |= not agrees(compared, largest, allowed)
        print(
            f"| {title} | {program} | {count} | {compared:,} | {largest:.1g} | {allowed:.1g} | "
            f"{perf_counter() - begin:.1f} |",
            flush=True,
        )
    return failed


if __name__ == "__main__":
    sys.exit(main())
