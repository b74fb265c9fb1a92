"""What the application runs in a process of its own, and what that process says: plain values, as JSON.

Nothing is run here.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Task:
    """A dataset that is to be added, a model that is to be run on it, or both."""

    dataset: str
    """Name and version, or the name alone of one that is to be added."""
    model: str | None = None
    """Name and version of what is run on it; None if it is only added."""
    adding: Mapping[str, Any] | None = None
    """Arguments of `Datasets.add`, for a dataset that is not there yet."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of `Workspace.run`."""

    def __post_init__(self) -> None:
        if self.model is None and self.adding is None:
            raise ValueError("a task without work")

    def to_dict(self) -> dict[str, Any]:
        """Return it in plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Problem:
    """Why a task failed: what was raised, what can be done, and where the user's code failed."""

    message: str
    hint: str = ""
    traceback: str = ""
    """Of the user's own code, or of a defect; empty for other errors."""
    kind: str = ""
    """Of the error, see `SegscoreError`."""
