"""How a run ends: what is written of it, in which order, and how an equal one that has ended is found."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from typing import Any

from segscore.base.wording import show
from segscore.evaluation.evaluation import Evaluation
from segscore.results import saved
from segscore.text.numbers import plain
from segscore.workspace.runs import pending
from segscore.workspace.runs.environment import packages
from segscore.workspace.runs.folders import KIND, VERSION
from segscore.workspace.runs.pending import Pending
from segscore.workspace.runs.run import EVALUATION, PREDICTIONS, metrics_of
from segscore.workspace.store.disk import sync_names
from segscore.workspace.store.store import Store, hint_of


def finished(store: Store, key: str, *, keep: bool) -> str | None:
    """Return the id of the latest finished run of this digest; those without an evaluation do not count.

    With `keep`, neither do those without predictions.
    """
    for row in reversed([row for row in store.rows(KIND) if row.digest == key]):
        path = store.path(KIND, row.name, VERSION).with_name(EVALUATION)
        if keep and not path.with_name(PREDICTIONS).is_dir():
            continue
        if path.is_file():
            return row.name
        store.warn(
            f"run {row.name} is passed over: {show(str(path))}: its evaluation is not there"
            f"\nhint: {hint_of(KIND, row.name)}"
        )
    return None


def finish(
    store: Store,
    held: Pending,
    evaluation: Evaluation,
    *,
    trained_images: Sequence[str],
    tracebacks: Mapping[str, str],
    threads: int,
) -> None:
    """Write a run: what belongs to it first, and last the manifest, without which it does not count."""
    path = held.folder / EVALUATION
    saved.write(evaluation, path)
    kept = held.folder / PREDICTIONS
    for folder in [held.folder, *(path for path in (kept, *kept.rglob("*")) if path.is_dir())]:
        sync_names(folder)
    known = pending.about(held.folder)
    assert known is not None
    summary = {
        **{name: known[0][name] for name in ("model", "dataset", "options", "started")},
        "images": len(evaluation.names),
        "failures": len(evaluation.failures),
        "trained_images": list(trained_images),
        "metrics": plain(metrics_of(evaluation, None)),
    }
    content = {
        "evaluation": hashlib.sha256(path.read_bytes()).hexdigest(),
        "environment": _environment(threads),
        "tracebacks": dict(tracebacks),
    }
    store.add(KIND, held.folder.name, VERSION, digest=known[0]["key"], summary=summary, content=content)
    held.end()


def _environment(threads: int) -> dict[str, Any]:
    """Return what the result may depend on beside model, dataset and options."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "threads": threads,
        "packages": packages(),
    }
