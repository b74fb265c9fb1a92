"""Write NOTICES.txt: the licences of the libraries that are linked into the wheel, from their own sources.

``python docs/notices.py`` is run after a change of Cargo.lock, where cargo has fetched the sources;
``tests/test_notices.py`` tells when that was forgotten.
"""

import os
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOTICES = ROOT / "NOTICES.txt"
BUILD = ("autocfg", "cc", "find-msvc-tools", "heck", "pyo3-build-config", "shlex", "target-lexicon")
MACROS = (
    "proc-macro2",
    "pyo3-macros",
    "pyo3-macros-backend",
    "quote",
    "serde_derive",
    "syn",
    "thiserror-impl",
    "unicode-ident",
)
ELSEWHERE = ("portable-atomic", "portable-atomic-util")
NOT_LINKED = frozenset({*BUILD, *MACROS, *ELSEWHERE})
"""Crates that are used while others are built, or on no processor that wheels are built for."""
HEAD = """\
segscore is licensed under Apache-2.0 OR MIT: see LICENSE-APACHE and LICENSE-MIT. Its compiled part holds the
libraries below, under the licences that follow their names, and the standard library of Rust (MIT OR
Apache-2.0, The Rust Project Contributors, https://github.com/rust-lang/rust).
"""
LINE = "-" * 80


def linked() -> list[tuple[str, str]]:
    """Return name and version of each crate that is linked, sorted."""
    with open(ROOT / "Cargo.toml", "rb") as file:
        todo = [*tomllib.load(file)["dependencies"]]
    with open(ROOT / "Cargo.lock", "rb") as file:
        packages = tomllib.load(file)["package"]
    found: set[tuple[str, str]] = set()
    while todo:
        name, _, version = todo.pop().partition(" ")
        for package in packages:
            one = package["name"], package["version"]
            if name not in NOT_LINKED and name == one[0] and version in ("", one[1]) and one not in found:
                found.add(one)
                todo += package.get("dependencies", ())
    return sorted(found)


def licence(source: Path) -> str:
    """Return the licence of a crate, MIT where it may be chosen, and that of a library within it."""
    names = ("LICENSE-MIT", "LICENSE-MIT.md", "LICENSE", "LICENSE.md")
    chosen = [next(source / name for name in names if (source / name).is_file())]
    chosen += sorted(source.glob("*/COPYING"))
    return f"\n\n{LINE}\n\n".join(path.read_text("utf-8").strip() for path in chosen)


def main() -> None:
    """Write the file."""
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    parts = [HEAD]
    for name, version in linked():
        (source,) = home.glob(f"registry/src/*/{name}-{version}")
        parts.append(f"{'=' * 80}\n{name} {version}\n{'=' * 80}\n\n{licence(source)}\n")
    NOTICES.write_text("\n".join(parts), "utf-8")


if __name__ == "__main__":
    main()
