"""The tables of conventions and of instances, and the tools that they stand for: how far numbers differ.

`python benches/peers_agree.py` prints them as Markdown; the exit code is 1 where one differs by more than its
tool's own rounding, or where `--all` is given and a package is missing. Tools that are no package are run
from checkouts of their repositories in the folder of `--files`, as OWNER/NAME.
"""

import argparse
import sys
from pathlib import Path
from time import perf_counter

from boundary_datasets import CHECKOUT
from boundary_datasets import scores_differ as boundaries_differ
from cityscapes_datasets import KINDS as KINDS_OF_CITYSCAPES
from cityscapes_datasets import scores_differ as cityscapes_differs
from cityscapes_datasets import weighted_differ
from coco_datasets import KINDS as KINDS_OF_OBJECTS
from coco_datasets import scores_differ
from convention_checks import KINDS, compare, tolerance
from convention_files import in_files
from convention_peers import PEERS, missing
from instance_checks import Difference, masks_differ
from lesion_checks import table as lesions_table
from lvis_datasets import KINDS as KINDS_OF_LVIS
from lvis_datasets import scores_differ as lvis_differs
from microscopy_checks import table as cells_table
from panoptic_checks import table as segments_table
from segscore.errors import import_failure
from segscore.scores.conventions.tools import CONVENTIONS


def main() -> int:
    """Compare, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=300, help="a convention")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="conventions whose name begins so")
    parser.add_argument("--all", action="store_true", help="fail where a package is missing")
    parser.add_argument("--files", type=Path, help="a folder with checkouts")
    options = parser.parse_args()
    peers = PEERS | ({} if options.files is None else in_files(options.files))
    print(f"Datasets of {len(KINDS)} kinds in turn: {', '.join(KINDS)}.\n")
    print("| convention | package | datasets | refused | departs | largest difference | allowed | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    failed = False
    for name, convention in CONVENTIONS.items():
        if name not in peers or not name.startswith(options.only or ""):
            continue
        peer = peers[name]
        if peer.version is None:
            print(f"| {name} | {peer.package}, not installed | 0 | | | | | |")
            continue
        begin = perf_counter()
        found = compare(convention, peer, options.datasets, options.seed)
        seconds = perf_counter() - begin
        failed |= not found.largest <= tolerance(convention)
        print(
            f"| {name} | {peer.package} {peer.version} | {found.datasets} | {found.refused} | "
            f"{found.departed} | "
            f"{found.largest:.1g} | {tolerance(convention):.0e} | {seconds:.1f} |",
            flush=True,
        )
    for table in (segments_table, cells_table, lesions_table):
        for line, differs in table(options.files, options.datasets, options.seed, options.only or ""):
            print(line, flush=True)
            failed |= differs
    unchecked = [name for name in CONVENTIONS if name not in peers]
    print(f"\nNot compared: {', '.join(unchecked)}.")
    failed |= not instances_agree(options.datasets, options.seed, options.files)
    if missing():
        print(f"Not installed: {', '.join(missing())}.")
    return int(failed or (options.all and bool(missing())))


def instances_agree(rounds: int, seed: int, files: Path | None) -> bool:
    """Compare masks and scores of objects with pycocotools, print, and return whether nothing differs."""
    if failure := import_failure("pycocotools"):
        print(f"Masks of objects are not compared: pycocotools {failure}.\n")
        return True
    differences: list[Difference] = [*masks_differ(rounds, seed), *scores_differ(rounds, seed)]
    print(f"\n{KINDS_OF_OBJECTS} {KINDS_OF_LVIS} {KINDS_OF_CITYSCAPES}\n")
    for name, package, compared in (
        ("LVIS", "lvis", lvis_differs),
        ("Cityscapes", "cityscapesscripts", cityscapes_differs),
        ("Cityscapes by pixels", "cityscapesscripts", weighted_differ),
    ):
        if failure := import_failure(package):
            print(f"Scores of {name} are not compared: {package} {failure}.\n")
        else:
            differences += compared(rounds, seed)
    if files is None or not (files / CHECKOUT).is_dir():
        print(f"Bands of objects are not compared: --files has no {CHECKOUT}.\n")
    else:
        differences += boundaries_differ(rounds, seed, files)
    print("| of objects, against the tools that define them | compared | differ |\n|---|---|---|")
    for one in differences:
        print(f"| {one.what} | {one.compared} | {one.differ} |")
    print()
    return not any(one.differ for one in differences)


if __name__ == "__main__":
    sys.exit(main())
