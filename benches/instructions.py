"""Instructions that the main works of the core take, against those that are kept in `instructions.toml`.

`python benches/instructions.py` has valgrind count them, prints them as Markdown, and ends with exit code 1
where a work takes over 3 % more than is kept. Unlike times they are the same on a machine that is busy, so
that a change which costs is found when it is made. They say nothing of memory, and valgrind knows no AVX-512:
the kernels are the portable one and that of AVX2. The works are those of `instructions.rs`, compiled as the
package is.
"""

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
KEPT = Path(__file__).with_suffix(".toml")
MOST = 0.03
"""Share by which a work may take more than is kept."""
_HEAD = "# Instructions of each work by kernel: `python benches/instructions.py --keep` writes this file.\n"


class Counts(NamedTuple):
    """Instructions of each work, and by what they were made and counted."""

    tools: dict[str, str]
    """What compilers and valgrind say of their versions."""
    works: dict[str, dict[str, int]]
    """By kernel and name."""

    def flat(self) -> dict[str, int]:
        """Return the instructions by kernel and name in one."""
        return {f"{kernel}: {name}": n for kernel, works in self.works.items() for name, n in works.items()}


def counted() -> Counts:
    """Compile the works and count."""
    tools = {tool: _said(tool, "--version").splitlines()[0] for tool in ("rustc", "cc", "valgrind")}
    compiled = ("cargo", "bench", "--locked", "--bench", "instructions", "--no-run")
    build = _said(*compiled, "--message-format", "json")
    made = [json.loads(line) for line in build.splitlines()]
    (binary,) = [one["executable"] for one in made if one.get("executable")]
    with TemporaryDirectory() as folder:
        out = Path(folder) / "sums"
        border = "--dump-before=*instructions::border*"
        done = _said("valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}", border, binary)
        # A sum ends at each border: that of preparing a work, that of the work, and so on.
        sums = [_total(out.with_suffix(f".{2 * i}")) for i in range(1, 1 + len(done.splitlines()))]
    works: dict[str, dict[str, int]] = {}
    for line, total in zip(done.splitlines(), sums, strict=True):
        kernel, _, name = line.partition(": ")
        works.setdefault(kernel, {})[name] = total
    return Counts(tools, works)


def _said(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    return done.stdout


def _total(dump: Path) -> int:
    (line,) = [line for line in dump.read_text().splitlines() if line.startswith("totals: ")]
    return int(line.removeprefix("totals: "))


def kept() -> Counts:
    """Read the file."""
    found = tomllib.loads(KEPT.read_text())
    works = {name: value for name, value in found.items() if isinstance(value, dict)}
    return Counts({name: value for name, value in found.items() if name not in works}, works)


def keep(counts: Counts) -> None:
    """Write the file."""
    blocks = [_HEAD + "\n".join(f'{tool} = "{version}"' for tool, version in counts.tools.items())]
    for kernel, works in counts.works.items():
        blocks.append("\n".join([f"[{kernel}]", *(f'"{name}" = {total}' for name, total in works.items())]))
    KEPT.write_text("\n\n".join(blocks) + "\n")


def table(now: Counts, before: Counts) -> str:
    """Return a row for each work as Markdown."""
    rows = ["| work | instructions | kept | more |", "|---|---|---|---|"]
    old = before.flat()
    for work, total in now.flat().items():
        change = [f"{old[work]:,}", f"{total / old[work] - 1:+.1%}"] if work in old else ["-", "-"]
        rows.append(f"| {' | '.join([work, f'{total:,}', *change])} |")
    return "\n".join(rows)


def faults(now: Counts, before: Counts) -> list[str]:
    """Return what must not be, a line each, and what can be done about it."""
    new, old = now.flat(), before.flat()
    found = [f"not counted, but kept: {work}" for work in old if work not in new]
    found += [f"not kept: {work}" for work in new if work not in old]
    for work, total in new.items():
        if work in old and total > old[work] * (1 + MOST):
            share = f"{total / old[work] - 1:.1%} more"
            found.append(f"{work}: {total:,} instructions, kept are {old[work]:,}: {share}")
    if found and now.tools != before.tools:
        then, here = (", ".join(one.tools.values()) for one in (before, now))
        found.append(f"Kept are those of {then}; here is {here}, which alone may make the difference.")
    if found:
        found.append(
            "If this is meant, `python benches/instructions.py --keep` writes the new counts; "
            "say in the commit what they buy."
        )
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, print or keep, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="write what is counted to instructions.toml")
    options = parser.parse_args(arguments)
    now = counted()
    if options.keep:
        keep(now)
    before = kept()
    print(table(now, before))
    found = faults(now, before)
    print(*found, sep="\n", file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
