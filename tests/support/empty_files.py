"""Files without content, and what pairing says of them, for the tests of pairing. Nothing here is a test."""

import os
from collections.abc import Callable
from pathlib import Path

from segscore.errors import PairingError
from segscore.io.pairing import Pairing
from support.refused import refused


def fill(folder: Path, *files: str) -> Path:
    """Make empty files, with their folders."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        path = os.path.join(folder, file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w"):
            pass
    return folder


def names(pairing: Pairing) -> list[str]:
    """Return the names of the pairs."""
    return [row.name for row in pairing.pairs]


def refusal(call: Callable[[], object], kind: type[Exception] = PairingError) -> str:
    """Return the whole text of the error that a call raises."""
    return refused(kind, call)
