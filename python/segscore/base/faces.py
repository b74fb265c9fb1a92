"""Names that a package hands on when they are first used, so that an import loads what is needed and no more.

For type checkers they are imported where the package says so; they see nothing of this.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module


def later(
    package: str, names: Mapping[str, Iterable[str]], *, modules: Iterable[str] = ()
) -> Callable[[str], object]:
    """Return the `__getattr__` of a package that hands on names of other modules, and modules of its own."""
    homes = {name: module for module, its in names.items() for name in its}
    own = frozenset(modules)

    def found(name: str) -> object:
        if name in own:
            return import_module(f"{package}.{name}")
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return found
