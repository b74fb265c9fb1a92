"""Run fuzz targets for some seconds each: ``python fuzz/run.py --seconds 60``, or with names of targets.

Targets in Rust are built with AddressSanitizer and counters of what is reached, by the flags of cargo-fuzz,
which need not be there; ``RUSTC_BOOTSTRAP=1`` lets stable Rust take them. Those of what Python parses are in
``parsers.py``. A finding is kept in ``fuzz/findings`` and ends this with exit code 1: ``cargo fuzz run
TARGET FILE`` or the binary itself shows it again. What is reached is kept in ``fuzz/corpus``, from where the
next run goes on; ``--fresh`` begins anew.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import seeds

HERE = Path(__file__).parent
PLACE = "x86_64-unknown-linux-gnu"
FLAGS = (
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "-Zsanitizer=address",
    "-Cdebug-assertions",
    "--cfg=fuzzing",
)
LIMITS = ("-max_len=4096", "-rss_limit_mb=2048", "-timeout=120", "-print_final_stats=1")
"""Bytes of an input, MiB of memory, and seconds of one input: more is a finding."""


def build(quick: bool) -> Path:
    """Build the targets in Rust, hardly optimised if that is to be quick; return their folder."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")) / "fuzz"
    build_with = {**os.environ, "RUSTC_BOOTSTRAP": "1", "RUSTFLAGS": " ".join(FLAGS)}
    command = ["cargo", "build", "--quiet", "--locked", "--release", "--bins", "--target", PLACE]
    command += ["--manifest-path", str(HERE / "Cargo.toml"), "--target-dir", str(target)]
    if quick:
        command += ["--config", "profile.release.opt-level=1", "--config", "profile.release.debug=0"]
    subprocess.run(command, env=build_with, check=True)
    return target / PLACE / "release"


def fuzz(binary: Path, seconds: int, corpus: Path, first: Path) -> bool:
    """Run a target; print what came of it, and return whether it found nothing."""
    findings = HERE / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    command = [
        str(binary),
        f"-max_total_time={seconds}",
        *LIMITS,
        f"-artifact_prefix={findings}/{binary.name}-",
    ]
    environment = {**os.environ, "ASAN_OPTIONS": "detect_odr_violation=0"}
    done = subprocess.run(
        [*command, str(corpus), str(first)], env=environment, capture_output=True, text=True, check=False
    )
    reached = re.findall(r"cov: (\d+)", done.stderr)
    stats = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stderr))
    if done.returncode or not reached:
        print(done.stderr[-6000:])
    runs, peak = int(stats.get("number_of_executed_units", 0)), stats.get("peak_rss_mb", "?")
    print(
        f"{binary.name}: {runs:,} runs, {int(reached[-1]) if reached else 0:,} edges, at most {peak} MiB, "
        f"{'no finding' if done.returncode == 0 else f'exit code {done.returncode}'}",
        flush=True,
    )
    return done.returncode == 0


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description="Run fuzz targets for some seconds each.")
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"of {', '.join(seeds.TARGETS)}, parsers"
    )
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--fresh", action="store_true", help="keep no corpus")
    parser.add_argument("--quick", action="store_true", help="build in less time what then runs slower")
    given = parser.parse_args()
    names = given.targets or [*seeds.TARGETS, "parsers"]
    if unknown := {*names} - {*seeds.TARGETS, "parsers"}:
        parser.error(
            f"expected targets of {', '.join(seeds.TARGETS)}, parsers, found {', '.join(sorted(unknown))}"
        )
    well = True
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "seeds"
        seeds.write(first)
        corpora = Path(folder) / "corpus" if given.fresh else HERE / "corpus"
        binaries = build(given.quick) if {*names} - {"parsers"} else HERE
        for name in names:
            if name != "parsers":
                well &= fuzz(binaries / name, given.seconds, corpora / name, first / name)
    if "parsers" in names:
        command = [sys.executable, str(HERE / "parsers.py"), "--seconds", str(given.seconds)]
        command += ["--keep", str(HERE / "findings")]
        well &= subprocess.run(command, check=False).returncode == 0
    return not well


if __name__ == "__main__":
    sys.exit(main())
