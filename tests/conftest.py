"""What several test modules share: arrays in every layout of memory, and counts by their definition."""

import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import settings

from convention_peers import missing
from segscore.classes.classes import Classes
from support.command_line import write_folders
from support.results import scores_of
from surface_peers import absent

# Whoever is started in the background of a shell ignores interrupts, and so do all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["support.some_runs"]
"""Whose fixture is `ws`."""

Array = npt.NDArray[np.generic]
Layout = Callable[[Array], Array]


def pytest_configure(config: pytest.Config) -> None:
    """Let laws be tried on fewer examples where slow tests are left out."""
    usual = config.getoption("markexpr") == "not slow"
    settings.register_profile("segscore", deadline=None, max_examples=40 if usual else 100)
    settings.load_profile("segscore")


def pytest_report_header() -> str:
    """Say which of the tools that conventions stand for are compared."""
    return f"peers not installed, so not compared: {', '.join(sorted({*missing(), *absent()})) or 'none'}"


def _reversed(values: Array) -> Array:
    turned = (slice(None, None, -1),) * values.ndim
    return values[turned].copy()[turned]


def _stepped(values: Array) -> Array:
    room = np.zeros([3 * n if n > 1 else n for n in values.shape], dtype=values.dtype)
    view = room[(..., *(slice(1, None, 3) if n > 1 else slice(None) for n in values.shape))]
    view[...] = values
    return view


def _unaligned(values: Array) -> Array:
    room = np.zeros(values.nbytes + 1, dtype=np.uint8)
    view = np.ndarray(values.shape, values.dtype, buffer=room, offset=1)
    view[...] = values
    return view


def _in_a_record(values: Array) -> Array:
    room = np.zeros(values.shape, dtype=[("before", "u1"), ("label", values.dtype), ("after", "u2")])
    room["label"] = values
    return room["label"]


def _read_only(values: Array) -> Array:
    view = values.copy()
    view.flags.writeable = False
    return view


def _swapped(values: Array) -> Array:
    return values.astype(values.dtype.newbyteorder("S"))


_LAYOUTS: dict[str, Layout] = {
    "C": np.array,
    "Fortran": lambda values: np.array(values, order="F"),
    "negative strides": _reversed,
    "steps of three": _stepped,
    "unaligned": _unaligned,
    "inside records": _in_a_record,
    "read-only": _read_only,
    "other byte order": _swapped,
    "other byte order, negative strides": lambda values: _reversed(_swapped(values)),
}


@pytest.fixture(scope="session")
def layouts() -> dict[str, Layout]:
    """All functions from an array to an array with the same values, elsewhere in memory."""
    return _LAYOUTS


@pytest.fixture
def p(tmp_path: Path) -> Path:
    """Return where the predictions of a test of pairing go."""
    return tmp_path / "p"


@pytest.fixture
def t(tmp_path: Path) -> Path:
    """Return where its targets go."""
    return tmp_path / "t"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders `pred` and `target` with two masks each, and `classes.toml`, in the current folder."""
    monkeypatch.chdir(tmp_path)
    write_folders(tmp_path)
    return tmp_path


@pytest.fixture
def street():
    """Return scores with a class of every kind: right, missed, only predicted, confused, absent, left out."""
    # road 9000 of 9100 right, 100 missed; sky 800 of 850, 50 taken for fence; fence is only predicted;
    # pole has 50 pixels, all taken for road; bicyclist is nowhere; void is left out of the mean.
    names = ["road", "sky", "fence", "pole", "bicyclist", "void"]
    matrix = np.zeros((6, 7), dtype=np.int64)
    matrix[0, 0], matrix[0, 6], matrix[1, 1], matrix[1, 2], matrix[3, 0] = 9000, 100, 800, 50, 50
    matrix[5, 5] = 1000
    return scores_of(Classes(names, ignore=[255], not_in_mean=[5]), matrix, ignored=1000)
