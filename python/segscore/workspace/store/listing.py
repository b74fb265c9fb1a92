"""Versions by their names: lines of listings, and what is said of a name or version that there is not.

Which versions there are is known to the index; what they hold stands in modules of their own.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from segscore.base.wording import short, visible
from segscore.errors import ArgumentError, SegscoreError, SegscoreWarning, unknown
from segscore.text.numbers import DASH
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table
from segscore.workspace.store.names import adding
from segscore.workspace.store.store import Row


@dataclass(frozen=True)
class Listed:
    """A line of a listing."""

    name: str
    """Of the dataset or model."""
    versions: tuple[str, ...]
    """Oldest first; empty for a link that is broken."""
    added: str = ""
    """When the latest version was, ISO 8601 in UTC."""
    digest: str = ""
    """Of the latest version."""
    summary: Mapping[str, Any] = field(default_factory=dict)
    """Facts about the latest version."""
    workspace: Path | None = None
    """The folder of the workspace that it is linked from, None for one's own."""
    problem: str | None = None
    """Why a link is broken."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "summary", MappingProxyType(dict(self.summary)))


def listed(rows: list[Row], workspace: Path | None = None) -> list[Listed]:
    """Return a line for each name, sorted by name."""
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    return [
        Listed(name, tuple(row.version for row in of), of[-1].added, of[-1].digest, of[-1].summary, workspace)
        for name, of in sorted(by_name.items())
    ]


def latest_dataset(listing: Sequence[Listed]) -> str:
    """Return the version that was added last, which is evaluated on if none is chosen, or nothing."""
    there = [line for line in listing if line.versions]
    if not there:
        return ""
    last = max(there, key=lambda line: line.added)
    return f"{last.name}:{last.versions[-1]}"


def found_row(kind: str, rows: list[Row], name: str, version: str | None) -> Row:
    """Return the row of a version, the last one if none is named, or raise ArgumentError."""
    if version is None:
        return rows[-1]
    for row in rows:
        if row.version == version:
            return row
    raise unknown(f"version of {kind} {name}", version, [row.version for row in reversed(rows)])


def warn_of_same(kind: str, before: list[Row], row: Row) -> None:
    """Warn if a version that was just added holds what an earlier one does."""
    same = [earlier.version for earlier in before if earlier.digest == row.digest]
    if same:
        warnings.warn(SegscoreWarning(same_text(kind, row.name, row.version, same[-1])), stacklevel=4)


def same_text(kind: str, name: str, version: str, earlier: str) -> str:
    """Return what is said of a version that holds what an earlier one does."""
    return f"{kind} {name}: version {version} holds the same as version {earlier}"


def not_found(kind: str, name: str, known: list[str]) -> SegscoreError:
    """Return the error for a name that there is not."""
    if known:
        return unknown(kind, name, known)
    return ArgumentError(f"there is no {kind} `{name}`, nor any other {kind}", f"{adding(kind)} adds one")


def datasets_text(lines: Sequence[Listed], *, width: int = WIDTH) -> str:
    """Return one row a dataset, and below them the links that are broken."""
    working = [line for line in lines if line.problem is None]
    rows = [
        (
            line.name,
            line.versions[-1],
            f"{len(line.versions):,}",
            _number(line.summary, "images"),
            _number(line.summary, "classes"),
            _number(line.summary, "pixels"),
            line.added[:10],
        )
        for line in working
    ]
    titles = ("dataset", "latest", "versions", "images", "classes", "pixels", "added")
    blocks = [table(titles, rows, width, left=(0, 1))] if rows else [["no dataset yet"]]
    from_others = [
        f"{line.name} is linked from {visible(str(line.workspace))}" for line in working if line.workspace
    ]
    broken = [line.problem.split("\n") for line in lines if line.problem is not None]
    blocks += [
        [part for sentence in lone for part in wrapped(visible(sentence), width)]
        for lone in (from_others, *broken)
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def models_text(lines: Sequence[Listed], *, width: int = WIDTH) -> str:
    """Return one row a model."""
    if not lines:
        return "no model yet"
    rows = [
        (
            line.name,
            line.versions[-1],
            f"{len(line.versions):,}",
            visible(str(line.summary.get("form", DASH))),
            visible(str(line.summary.get("trained_on") or DASH)),
            short(line.digest),
            line.added[:10],
        )
        for line in lines
    ]
    titles = ("model", "latest", "versions", "kind", "trained on", "digest", "added")
    return "\n".join(table(titles, rows, width, left=(0, 1, 3, 4, 5)))


def _number(summary: Any, key: str) -> str:
    value = summary.get(key)
    return f"{value:,}" if isinstance(value, int) else DASH
