"""Stand-ins for the packages of trackers. Nothing here is a test."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest


class Tracker:
    """A run, a client or a writer that remembers what it was given."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)
        self.told: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in ("log", "log_batch", "log_artifact", "add_scalar"):
            raise AttributeError(name)
        return lambda *given, **named: self.told.append((name, *given, named))


def none_begun(*_: Any, **__: Any) -> None:
    """Fail: no run is to be begun."""
    pytest.fail("a run was begun")


def of_mlflow(monkeypatch: pytest.MonkeyPatch, active: Any, begin: Callable[[], Any] = none_begun) -> Tracker:
    """Put a stand-in in the place of mlflow; return its client."""
    client = Tracker()
    module = SimpleNamespace(
        active_run=lambda: active,
        MlflowClient=lambda: client,
        entities=SimpleNamespace(Metric=lambda key, value, timestamp, step: (key, value, step)),
        start_run=begin,
    )
    monkeypatch.setitem(sys.modules, "mlflow", module)
    return client


class Artifact:
    """Of wandb; it reads the file at once, as wandb copies it."""

    def __init__(self, name: str, **given: str) -> None:
        self.name, self.given = name, given
        self.files: dict[str, str] = {}

    def add_file(self, path: str, name: str) -> None:
        """Read a file under a name."""
        self.files[name] = Path(path).read_text()


def of_wandb(monkeypatch: pytest.MonkeyPatch, active: Any, begin: Callable[..., Any] = none_begun) -> None:
    """Put a stand-in in the place of wandb."""
    module = SimpleNamespace(run=active, Artifact=Artifact, init=begin)
    monkeypatch.setitem(sys.modules, "wandb", module)
