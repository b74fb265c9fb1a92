"""Names that a module of Python has, read from its code: which may be called, and which surely not.

Nothing is imported or run, so that what is said is a guess where code decides: such a name may be called.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from segscore.base.naming import arg
from segscore.base.wording import show
from segscore.errors import ArgumentError, unknown
from segscore.io.code import Code
from segscore.io.functions import split_name


@dataclass(frozen=True)
class Names:
    """The names of a module."""

    callable: frozenset[str]
    """Functions, classes, and all that may be one."""
    others: dict[str, str]
    """What cannot be called: a module, or a value; with what it is, in words."""
    open: bool
    """Whether there may be further names, which are known only once the module runs."""


_VALUES = (ast.Constant, ast.Dict, ast.JoinedStr, ast.List, ast.Set, ast.Tuple)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_GIVERS = frozenset({"globals", "locals", "vars", "exec"})
"""What a module may give itself names with."""


def names_of(tree: ast.Module) -> Names:
    """Return the names that a module has once it has run."""
    may: set[str] = set()
    others: dict[str, str] = {}
    for node in _outside_functions(tree):
        if isinstance(node, _SCOPES):
            may.add(node.name)
            # A function may give the module names when it is called.
            may |= {name for one in ast.walk(node) if isinstance(one, ast.Global) for name in one.names}
        elif isinstance(node, ast.Import):
            others |= {alias.asname or alias.name.split(".")[0]: "the module" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            may |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign) and isinstance(node.value, _VALUES):
            others |= {one.id: "the value" for one in node.targets if isinstance(one, ast.Name)}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            may.add(node.id)
    return Names(
        frozenset(may - {"*"}),
        {name: what for name, what in others.items() if name not in may},
        not may.isdisjoint({"*", "__getattr__"})
        or any(isinstance(node, ast.Name) and node.id in _GIVERS for node in ast.walk(tree)),
    )


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is in a module, but not within its functions and classes, nor names of plain values."""
    for child in ast.iter_child_nodes(node):
        yield child
        if isinstance(child, _SCOPES):
            continue
        if isinstance(child, ast.Assign) and isinstance(child.value, _VALUES):
            # `a, b = 1, f` gives names to what is in a tuple, which may be called.
            for target in child.targets:
                if not isinstance(target, ast.Name):
                    yield from _outside_functions(target)
            continue
        yield from _outside_functions(child)


def check_function(code: Code, argument: str) -> None:
    """Raise ArgumentError if the code says that there is no such function."""
    if not code.file.endswith(".py"):
        return  # compiled, of which only a run tells names
    module, name = split_name(code.name)
    try:
        with open(code.file, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError) as error:
        raise ArgumentError(
            f"{arg(argument)}: {show(code.file)}: cannot be read as Python: {error}",
            "check the file that defines the function",
        ) from error
    function, _, method = name.partition(".")
    _check(names_of(tree), function, module, code, argument)
    if method and (inside := _class(tree, function)) is not None:
        _check(names_of(inside), method.partition(".")[0], f"{module}:{function}", code, argument)


def _check(found: Names, name: str, where: str, code: Code, argument: str) -> None:
    # What a star brings along is known only once the module runs.
    if name in found.callable or (name not in found.others and found.open):
        return
    if name in found.others:
        raise ArgumentError(
            f"{arg(argument)}: expected a function, found {found.others[name]} `{name}` in {show(code.file)}",
            code.use.what,
        )
    if found.callable:
        raise unknown(f"function in {where}", name, sorted(found.callable))
    raise ArgumentError(
        f"{arg(argument)}: {show(code.file)} defines nothing, expected the function `{name}`",
        code.use.what,
    )


def _class(tree: ast.Module, name: str) -> ast.Module | None:
    """Return what stands in a class, if that is all of it; None where other code may add to it."""
    given = [node for node in ast.walk(tree) if isinstance(node, _SCOPES) and node.name == name]
    plain = {id(used) for node in ast.walk(tree) if (used := _used(node)) is not None}
    others = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in plain]
    if len(given) != 1 or not isinstance(given[0], ast.ClassDef) or any(one.id == name for one in others):
        return None
    found = given[0]
    return None if found.bases or found.keywords or found.decorator_list else ast.Module(found.body, [])


def _used(node: ast.AST) -> ast.expr | None:
    """Return what is called in a part of code, or asked for an attribute, which changes nothing of it."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        return node.value
    return node.func if isinstance(node, ast.Call) else None
