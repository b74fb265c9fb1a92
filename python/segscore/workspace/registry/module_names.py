"""Names that a module of Python has, read from its code: which may be called, and which surely not.

Nothing is imported or run, so that what is said is a guess where code decides: such a name may be called.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass


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
        not may.isdisjoint({"*", "__getattr__"}),
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
