"""What may change a prediction beside model, dataset and options: versions of packages.

They are no part of the digest of a run; what a run that goes on was begun under is compared with them.
"""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of

from segscore._core import __version__

_PACKAGES = ("numpy", "onnxruntime", "pillow")


def packages() -> dict[str, str]:
    """Return the versions of the packages that are installed, of those that may change a prediction."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version_of(name)
        except PackageNotFoundError:
            continue
    return found


def environment() -> dict[str, str]:
    """Return the versions of segscore and of the packages that it runs models with."""
    return {"segscore": __version__, **packages()}


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return which versions are others now, as part of a sentence; empty if none is."""
    return ", ".join(
        f"{name} {before.get(name, 'not known')} (now {now.get(name, 'not installed')})"
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    )
