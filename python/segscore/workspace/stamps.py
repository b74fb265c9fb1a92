"""Whether anything in a workspace has changed, told from its folders alone: no file is read or written.

It is asked for again and again by whoever shows a workspace that others change meanwhile.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from zlib import crc32

from segscore.errors import SegscoreError
from segscore.workspace.runs import pending
from segscore.workspace.runs.folders import VERSION
from segscore.workspace.runs.run import NOTE
from segscore.workspace.runs.tags import TAGS
from segscore.workspace.store.disk import FOLDER, entries


def stamps(root: Path) -> dict[str, str]:
    """Return a short text for the datasets, the models and the runs of a workspace, in this order.

    It is another one whenever a version was added, or a run has begun, been noted, tagged, interrupted, gone
    on with, ended or removed; how far a run is changes none.
    """
    folder = root / FOLDER
    found: dict[str, list[tuple[object, ...]]] = {
        "datasets": [*_changed(folder / "datasets"), *_changed(folder / "links")],
        "models": [*_changed(folder / "models")],
        "runs": [_state(path) for path in entries(folder / "runs")],
    }
    return {kind: f"{crc32(''.join(sorted(map(repr, facts))).encode()):x}" for kind, facts in found.items()}


def _changed(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the names in a folder, each with the time at which a name was last added to or taken from it."""
    for path in entries(folder):
        yield ascii(path.name), _time(path)


def _state(folder: Path) -> tuple[str, int, int, int, bool, bool]:
    ended, is_pending = _time(f"{folder}/{VERSION}.json"), pending.is_pending(folder)
    held = False
    if is_pending and not ended:
        with suppress(SegscoreError):  # which listings of it say
            held = pending.is_held(folder)
    return ascii(folder.name), ended, _time(f"{folder}/{NOTE}"), _time(f"{folder}/{TAGS}"), is_pending, held


def _time(path: str | Path) -> int:
    """Return when something was last changed, in nanoseconds; 0 where it is not there."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
