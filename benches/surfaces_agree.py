"""The table of rules of surfaces and the tools that they stand for: how far their numbers differ.

`python benches/surfaces_agree.py` prints it as Markdown; the exit code is 1 where one differs by more than
its tool's own rounding, or where `--all` is given and a package is missing. Tools that are no package are run
from checkouts of their repositories in the folder of `--files`, as OWNER/NAME.
"""

import argparse
import sys
from pathlib import Path
from time import perf_counter

from segscore.scores.conventions.surface_rules import SURFACE_RULES
from surface_checks import KINDS, compare, tolerance
from surface_peers import PEERS, absent, in_folder


def main() -> int:
    """Compare, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=300, help="a rule")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="rules whose name begins so")
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
            failed |= not agreement.largest <= tolerance(rule)
            print(
                f"| {name} | {peer.package} {peer.version} | {number} | {kinds.total()} | "
                f"{agreement.compared} | {agreement.raised} | {agreement.largest:.1g} | "
                f"{tolerance(rule):.0e} | {seconds:.1f} |",
                flush=True,
            )
    print(f"\nNot compared: {', '.join(name for name in SURFACE_RULES if name not in peers)}.")
    if absent():
        print(f"Not installed: {', '.join(absent())}.")
    return int(failed or (options.all and bool(absent())))


if __name__ == "__main__":
    sys.exit(main())
