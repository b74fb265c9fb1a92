"""Functions of the user by their names: models and readers of masks. They are code, which runs as it is.

Where the code lies is the business of `code`; what a function returns is of no concern here.
"""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from segscore.base.naming import arg
from segscore.base.wording import show
from segscore.errors import ArgumentError


class Use(NamedTuple):
    """What a function is for."""

    what: str
    """What it takes and returns."""
    given: str
    """What it is called with."""
    example: str
    """Such a module and function."""
    kind: str
    """Of the error, where its module cannot be imported."""


MODEL = Use(
    "a model is a function that takes an image and returns labels or class scores",
    "an image",
    "models:predict",
    "model",
)
READER = Use(
    "a reader is a function that takes a path and returns an array of labels",
    "a path",
    "masks:read",
    "reader",
)

OF_CODE = {MODEL.kind, READER.kind}
"""Kinds of errors of which the cause is one of the user's code."""


def is_of_python(module: str, file: str | None) -> bool:
    """Whether a module, and its file if it has one, is of Python itself: its functions know no masks.

    `os.remove`, called with the path of each image, is neither model nor reader.
    """
    from sysconfig import get_path

    own = tuple(os.path.join(os.path.realpath(get_path(name)), "") for name in ("stdlib", "platstdlib"))
    named = module.partition(".")[0] in sys.stdlib_module_names
    return named and (file is None or os.path.realpath(file).startswith(own))


def refused_module(module: str, use: Use) -> ArgumentError:
    """Return the error for a module of Python itself."""
    return ArgumentError(
        f"expected a function of your own, found one of {show(module)}, which comes with Python",
        use.what,
    )


def not_imported(name: str, error: BaseException, hint: str, use: Use) -> ArgumentError:
    """Return the error for a function whose module fails while it is imported."""
    return ArgumentError(
        f"{show(name)}: the module cannot be imported: {type(error).__name__}: {error}", hint, kind=use.kind
    )


def split_name(name: str, argument: str | None = None) -> tuple[str, str]:
    """Return the module and the function of ``package.module:function``; messages name the argument."""
    module, _, function = name.partition(":")
    parts = (*module.split("."), *function.split("."))
    if all(part.isidentifier() for part in parts) and not module.endswith(".py"):
        return module, function
    place = "" if argument is None else f"{arg(argument)}: "
    hint = _module_of_file(name)
    raise ArgumentError(
        f"{place}expected the name of a function as `package.module:function`, found "
        f"{'' if hint is None else 'a file: '}{show(name)}",
        hint or "a colon stands between the module and what is in it",
    )


def _module_of_file(name: str) -> str | None:
    """Return the hint for ``folder/file.py:function``: modules are named as Python imports them."""
    file, _, function = name.rpartition(":")
    if not file.endswith(".py"):
        return None
    folder, _, module = file.removesuffix(".py").removeprefix("./").rpartition("/")
    parts = folder.split("/") if folder else []
    inside = all(part.isidentifier() for part in parts)
    called = ".".join([*parts, module] if inside else [module])
    return f"name its module: `{called}:{function}`" + (
        "" if inside else f", with {show(folder)} in PYTHONPATH"
    )


def name_of(call: Callable[..., Any]) -> str:
    """Return what messages and results call a function: its module and its name there."""
    own = call if hasattr(call, "__qualname__") else type(call)
    return f"{getattr(own, '__module__', '?')}:{own.__qualname__}"


def function_named(name: str, use: Use) -> Callable[[Any], Any]:
    """Return the function of a name, ``package.module:function``, which is imported, or say why not."""
    module, attributes = split_name(name)
    try:
        found: Any = import_module(module)
    except (Exception, SystemExit) as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == module.partition(".")[0]
        hint = (
            "add its folder to PYTHONPATH, or install its package"
            if missing
            else f"`python -c 'import {module}'` shows where it fails"
        )
        raise not_imported(name, error, hint, use) from error
    if is_of_python(module, getattr(found, "__file__", None)):
        raise refused_module(module, use)
    for attribute in attributes.split("."):
        if not hasattr(found, attribute):
            known = [
                word
                for word, value in getattr(found, "__dict__", {}).items()
                if callable(value) and word[0] != "_"
            ]
            raise ArgumentError(
                f"{show(name)}: there is no {show(attribute)}",
                f"it has {', '.join(sorted(known)[:8])}" if known else "nothing in it can be called",
            )
        found = getattr(found, attribute)
    if not callable(found):
        raise ArgumentError(
            f"{show(name)}: expected a function, found {type(found).__name__}",
            f"name something that can be called with {use.given}",
        )
    call: Callable[[Any], Any] = found
    return call
