"""What a version of a dataset is kept as: its content, and the line of lists."""

from collections.abc import Mapping
from typing import Any

from segscore.auditing.results import Truth
from segscore.classes.classes import Classes
from segscore.workspace.registry.datasets import KIND, digest_of_content
from segscore.workspace.store.store import Row, Store


def keep(
    store: Store,
    name: str,
    version: str | None,
    *,
    content: Mapping[str, Any],
    truth: Truth,
    classes: Classes,
) -> Row:
    """Keep a version of a dataset, of which content and truth are known."""
    summary: dict[str, Any] = {
        "images": truth.images,
        "pixels": truth.pixels,
        "void": truth.void,
        "classes": len(classes),
        "classes_name": classes.name,
    }
    return store.add(KIND, name, version, digest=digest_of_content(content), summary=summary, content=content)
