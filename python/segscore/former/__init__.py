"""Where names were before they came into packages: this folder is part of the path of `segscore`.

Pickles name the modules of classes for good. What documents named is handed on with a warning, and goes with
the next minor version.
"""

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module


def handed_on(old: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return the `__getattr__` of a module whose names have other homes now, by their names."""

    def get(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {old!r} has no attribute {name!r}")
        warnings.warn(f"`{old}.{name}` is now `{homes[name]}.{name}`", DeprecationWarning, stacklevel=2)
        return getattr(import_module(homes[name]), name)

    return get
