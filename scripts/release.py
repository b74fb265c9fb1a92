"""What must hold before a version is released, asked of the checkout and of what was built from it.

``python scripts/release.py dist v0.2.0`` looks at everything. Without the tag it rehearses: a version may be
unreleased, files may have changed, and git and wheels may be missing, which is said. It ends with exit code 1
where something is wrong.
"""

import argparse
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from parts import LIST, PLACE

ROOT = Path(__file__).parent.parent
LICENCES = ("LICENSE-APACHE", "LICENSE-MIT", "NOTICES.txt")
LINUX = ("manylinux_2_17_x86_64", "manylinux_2_17_aarch64")
ELSEWHERE = ("macosx_10_12_x86_64", "macosx_11_0_arm64", "win_amd64")
WHEELS = frozenset(
    {
        *(("cp311-abi3", system) for system in (*LINUX, "musllinux_1_2_x86_64", "musllinux_1_2_aarch64")),
        *(("cp314-cp314t", system) for system in LINUX),
        *((python, system) for python in ("cp311-abi3", "cp314-cp314t") for system in ELSEWHERE),
    }
)
"""The Python and the system of each wheel: 3.11 and all that follow with a lock, and 3.14 without it."""
MOST_BYTES = 3_400_000


class Release(NamedTuple):
    """What is to be released."""

    root: Path
    dist: Path
    """The folder with the wheels and the archive of sources."""
    tag: str | None
    """Its tag, or None for a rehearsal."""

    @property
    def version(self) -> str:
        """The version, which Cargo.toml has."""
        with open(self.root / "Cargo.toml", "rb") as file:
            return str(tomllib.load(file)["package"]["version"])

    @property
    def wheels(self) -> list[Path]:
        """The wheels that there are."""
        return sorted(self.dist.glob("*.whl"))

    def git(self, *arguments: str) -> str:
        """Return what git says of the checkout."""
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=False)
        return done.stdout.strip()


Wrong = Iterator[str]
"""What is wrong, a sentence each."""


def versions(release: Release) -> Wrong:
    """Yield where another version stands."""
    with open(release.root / "Cargo.lock", "rb") as file:
        packages = tomllib.load(file)["package"]
    (locked,) = (package["version"] for package in packages if package["name"] == "segscore")
    if locked != release.version:
        yield f"Cargo.lock has {locked}, expected {release.version}: `cargo check` writes it"
    if f"version: {release.version}" not in (release.root / "CITATION.cff").read_text("utf-8").splitlines():
        yield f"CITATION.cff has no line `version: {release.version}`"


def changelog(release: Release) -> Wrong:
    """Yield what else the changelog begins with."""
    headings = re.findall(r"^## (.*)$", (release.root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    dated = re.fullmatch(rf"{re.escape(release.version)} \(\d{{4}}-\d\d-\d\d\)", headings[0])
    if not dated and (release.tag is not None or headings[0] != "Unreleased"):
        yield f"CHANGELOG.md begins with `## {headings[0]}`, expected `## {release.version} (YYYY-MM-DD)`"


def tag(release: Release) -> Wrong:
    """Yield how the tag is none of what is checked out."""
    if release.tag is None:
        return
    if release.tag != f"v{release.version}":
        yield f"the tag is {release.tag}, expected v{release.version}"
    if release.git("rev-parse", f"{release.tag}^{{commit}}") != release.git("rev-parse", "HEAD"):
        yield f"{release.tag} is no tag of the commit that is checked out"
    if changed := release.git("status", "--porcelain", "--untracked-files=no"):
        yield f"files differ from the commit: {', '.join(line.split()[-1] for line in changed.splitlines())}"


def built_for(wheel: Path) -> tuple[str, str]:
    """Return the Python and the system that the name of a wheel ends with, the last of several."""
    *_, python, abi, systems = wheel.stem.split("-")
    return f"{python}-{abi}", systems.split(".")[-1]


def every_wheel(release: Release) -> Wrong:
    """Yield wheels that are missing, and that nobody expects."""
    found = [built_for(wheel) for wheel in release.wheels]
    for python, system in sorted({*found} - WHEELS):
        yield f"nobody expects a wheel for {python} on {system}"
    if release.tag is not None:
        for python, system in sorted(WHEELS - {*found}):
            yield f"there is no wheel for {python} on {system}"


def contents_of_wheels(release: Release) -> Wrong:
    """Yield what wheels lack, and what they should not have."""
    for wheel in release.wheels:
        about = f"segscore-{release.version}.dist-info"
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            if f"{about}/METADATA" not in names:
                yield f"{wheel.name} is not of version {release.version}"
                continue
            cores = [name for name in names if re.fullmatch(r"segscore/_core\.\S+\.(so|pyd)", name)]
            if len(cores) != 1 and "segscore/_core.pyd" not in names:
                yield f"{wheel.name} has {len(cores)} compiled cores, expected 1"
            for name in ("segscore/py.typed", "segscore/_core.pyi", f"{about}/sboms/segscore.cyclonedx.json"):
                if name not in names:
                    yield f"{wheel.name} has no {name}"
            for name in filter(LIST.fullmatch, names):
                if PLACE.search(archive.read(name).decode()):
                    yield f"{wheel.name} says where it was built, in {name}: `python scripts/parts.py`"
            for licence in LICENCES:
                name = f"{about}/licenses/{licence}"
                if name not in names or archive.read(name) != (release.root / licence).read_bytes():
                    yield f"{wheel.name} does not have {licence} as it is here"
            if others := {name.split("/")[0] for name in names} - {"segscore", about}:
                yield f"{wheel.name} has more than the package: {', '.join(sorted(others))}"
        if wheel.stat().st_size > MOST_BYTES:
            yield f"{wheel.name} has {wheel.stat().st_size:,} bytes, expected {MOST_BYTES:,} at most"


def contents_of_sources(release: Release) -> Wrong:
    """Yield what the archive of sources lacks, and what it should not have."""
    found = sorted(path.name for path in release.dist.glob("*.tar.gz"))
    if found != [f"segscore-{release.version}.tar.gz"]:
        yield f"expected the archive segscore-{release.version}.tar.gz, found: {', '.join(found) or 'none'}"
        return
    with tarfile.open(release.dist / found[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    kept = {*release.git("ls-files").splitlines()}
    for name in ("Cargo.lock", "README.md", "src/lib.rs", "tests/conftest.py", *LICENCES):
        if name not in names:
            yield f"{found[0]} has no {name}"
    if kept or release.tag is not None:
        for name in sorted(names - kept - {"PKG-INFO"}):
            yield f"{found[0]} has {name}, which git does not have"
    for name in sorted(one for one in names if one.startswith(".ci/")):
        yield f"{found[0]} has {name}, which is for CI alone"


CHECKS: dict[str, Callable[[Release], Wrong]] = {
    "the version is the same everywhere": versions,
    "the changelog begins with it and its day": changelog,
    "the tag is that of the version and of what is checked out": tag,
    "there is a wheel for each Python and system, and no other": every_wheel,
    "wheels have their core, types, licences and list of parts, no place, and few bytes": contents_of_wheels,
    "the archive of sources has what git has, but not what is for CI alone": contents_of_sources,
}
"""What must hold, and what finds out."""


def main(arguments: list[str] | None = None) -> int:
    """Look at everything, say what was looked at and what is wrong, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("dist", type=Path, help="the folder with the wheels and the archive of sources")
    parser.add_argument("tag", nargs="?", help="the tag of the release; without it, this is a rehearsal")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout")
    given = parser.parse_args(arguments)
    release = Release(given.root, given.dist, given.tag)
    code = 0
    for claim, check in CHECKS.items():
        wrong = list(check(release))
        print(f"{'wrong' if wrong else 'right'}: {claim}")
        for sentence in wrong:
            print(f"  {sentence}")
            code = 1
    if release.tag is None:
        missing = len(WHEELS - {built_for(wheel) for wheel in release.wheels})
        there = "" if release.git("ls-files") else ", of a folder that git does not know"
        print(f"this was a rehearsal{there}, without a tag and without {missing} of {len(WHEELS)} wheels")
    return code


if __name__ == "__main__":
    sys.exit(main())
