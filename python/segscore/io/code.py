"""The code of functions of the user: where it lies, found without running it, and how it is run from there.

What a function does with images or masks is of no concern here.
"""

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from threading import RLock
from types import CodeType, ModuleType
from typing import Any

from segscore.base.naming import arg
from segscore.base.wording import show
from segscore.errors import ArgumentError, WorkspaceError
from segscore.io.absolute import absolute_path, real_path
from segscore.io.functions import (
    Use,
    function_named,
    is_of_python,
    name_of,
    not_imported,
    refused_module,
    split_name,
)


@dataclass(frozen=True)
class Code:
    """A function of the user and the file that defines its module; nothing runs before it is called."""

    name: str
    """``package.module:function``."""
    file: str
    use: Use
    digests: tuple[str, ...] = ()
    """Of the file, and of what the module reads beside it; none where nothing is known to change."""
    beside: tuple[str, ...] = ()
    """What the module reads beside it, such as its weights and other modules."""

    @property
    def module(self) -> str:
        """The name of its module."""
        return split_name(self.name)[0]

    @property
    def root(self) -> str:
        """The folder in which its module is imported by its name."""
        parts = self.module.split(".")
        above = len(parts) - (os.path.basename(self.file) != "__init__.py")
        return absolute_path(os.path.join(os.path.dirname(self.file), *[os.pardir] * above))

    @contextmanager
    def importable(self) -> Iterator[None]:
        """Let the function import what lies beside its package, also while it runs."""
        root, finder = self.root, _Finder(self)
        sys.path.insert(0, root)
        sys.meta_path.insert(0, finder)
        try:
            yield
        finally:
            if finder in sys.meta_path:
                sys.meta_path.remove(finder)
            if root in sys.path:
                sys.path.remove(root)

    def function(self) -> Callable[[Any], Any]:
        """Return the function, imported from this file and not from where Python may find another one.

        A module that was imported before this file changed, or what it reads, is imported again.
        """
        with _LOCK, self.importable():
            self._import()
            return function_named(self.name, self.use)

    def __call__(self, given: object) -> object:
        """Return what the function returns."""
        return self.function()(given)

    def _import(self) -> None:
        module = self.module
        try:
            found = self._imported(module, sys.modules.get(module))
        except (Exception, SystemExit) as error:
            hint = f"`python -c 'import {module}'` in {show(self.root)} shows where it fails"
            raise not_imported(self.name, error, hint, self.use) from error
        if not self._is_from_here(found):
            raise WorkspaceError(
                f"{show(self.name)}: expected the module in {show(self.file)}, found "
                f"{show(str(getattr(found, '__file__', None)))}",
                "another module of this name was imported before; use this one in a process of its own",
            )
        if not self._is_known(module):
            _IMPORTED[module] = self.digests

    def _imported(self, module: str, before: ModuleType | None) -> ModuleType:
        if not self._is_known(module):
            self._forget_others(module)
        if before is None:
            importlib.invalidate_caches()
            return importlib.import_module(module)
        if self._is_from_here(before) and not self._is_known(module):
            # Whoever imported it may have done so before a file changed.
            return importlib.reload(before)
        return before

    def _forget_others(self, module: str) -> None:
        """Let what the module imports of the files beside it be imported again."""
        if not self.beside:
            return
        beside = _real_paths(self.beside)
        others = {name: one for name, one in [*sys.modules.items()] if _file_of(one) in beside}
        for name in sorted(others.keys() - {module, "__main__"}):  # a script that runs is not imported
            if not hasattr(others[name], "__path__"):
                del sys.modules[name]
            else:  # whose modules look for it
                importlib.reload(others[name])

    def _is_from_here(self, module: ModuleType) -> bool:
        return _file_of(module) == real_path(self.file)

    def _is_known(self, module: str) -> bool:
        return _IMPORTED.get(module, ())[: len(self.digests)] == self.digests


class _Finder:
    """Finds the module of a function in its file, and has it and the files beside it run as they are now."""

    def __init__(self, code: Code) -> None:
        self._module, self._file = code.module, code.file
        self._beside = _real_paths(code.beside)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: object = None,  # noqa: ARG002 - Python gives it
    ) -> ModuleSpec | None:
        file: str | None = self._file
        if fullname != self._module:
            found = PathFinder.find_spec(fullname, path) if self._beside else None
            file = found.origin if found is not None and found.has_location else None
            if file is None or real_path(file) not in self._beside:
                return None
        if file is None or not file.endswith(".py"):
            return None
        from importlib.util import spec_from_file_location

        return spec_from_file_location(fullname, file, loader=_Source(fullname, file))


class _Source(SourceFileLoader):
    """Runs what the file holds now; Python keeps what it once held while its size and time are the same."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _file_of(module: ModuleType) -> str | None:
    file = getattr(module, "__file__", None)
    return real_path(file) if isinstance(file, str) else None


def _real_paths(paths: Sequence[str]) -> frozenset[str]:
    return frozenset(map(real_path, paths))


_LOCK = RLock()
_IMPORTED: dict[str, tuple[str, ...]] = {}
"""The digests of modules that were imported here, as they were then."""


def code_of(given: object, use: Use, *, argument: str, folders: Sequence[tuple[str, str]] = ()) -> Code:
    """Return the code of a function, or of a name, which is looked for in the current folder first.

    Then come these folders, each with what messages call it, and the path of Python. Nothing is imported, and
    so it is not known whether there is a function of such a name.
    """
    if not isinstance(given, str):
        return _code_of_function(given, use, argument)
    module, _ = split_name(given, argument)
    folders = [(absolute_path(os.curdir), "in the current folder"), *folders]
    found = _spec(module, [folder for folder, _ in folders])
    file = found.origin if found is not None and found.has_location else None
    if is_of_python(module, file):
        raise refused_module(module, use)
    if file is None:
        places = "".join(f"{words}, " for _, words in folders)
        raise ArgumentError(
            f"{arg(argument)}: there is no module {show(module)} {places}or on the path of Python",
            f"name a module of your own, written in Python: `my_project.{use.example}`",
        )
    return Code(given, absolute_path(file), use)


def _code_of_function(given: object, use: Use, argument: str) -> Code:
    """Return the code of a function that others find by its name, or say why they would not."""
    if not callable(given):
        raise ArgumentError(
            f"{arg(argument)}: expected a function or its name, found {type(given).__name__}",
            f"such as `my_project.{use.example}`",
        )
    name = name_of(given)
    module, _, function = name.partition(":")
    found: Any = sys.modules.get(module)
    file = getattr(found, "__file__", None)
    for part in function.split("."):
        found = getattr(found, part, None)
    if found is given and is_of_python(module, file):
        raise refused_module(module, use)
    if found is not given or file is None or module == "__main__":
        raise ArgumentError(
            f"{arg(argument)}: expected a function that a module has under its own name, found {show(name)}",
            "its name and its file are kept, not the function: write it in a module of your own, outside of "
            "other functions, and import it from there",
        )
    return Code(name, absolute_path(file), use)


def _spec(module: str, folders: Sequence[str]) -> ModuleSpec | None:
    """Return where Python finds a module, with folders before its own path; packages are not imported."""
    importlib.invalidate_caches()
    first, *others = module.split(".")
    found = PathFinder.find_spec(first, [*folders, *sys.path])
    if found is None:  # such as a package that is installed in place
        finders = (finder for finder in sys.meta_path if hasattr(finder, "find_spec"))
        found = next(filter(None, (finder.find_spec(first, None) for finder in finders)), None)
    for part in others:
        if found is None or found.submodule_search_locations is None:
            return None
        # By its own name alone, as with the whole one Python asks for packages that are not imported.
        found = PathFinder.find_spec(part, list(found.submodule_search_locations))
    return found
