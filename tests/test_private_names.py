"""What begins with an underscore is read in its own module and class alone, but for the core."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "python" / "segscore"
OF_PYTHON = ("._asdict", "._replace", "os._exit")
"""What Python offers under names that look private."""


def private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("_")  # those belong to Python and notebooks


def is_self(node: ast.Attribute) -> bool:
    return ast.unparse(node.value) in ("self", "cls", "super()")


def reads(tree: ast.AST, own: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield what is read of objects under private names, but of those of the class that it is read in."""
    for node in ast.iter_child_nodes(tree):
        inside = own
        if isinstance(node, ast.ClassDef):
            named = (part for part in ast.walk(node) if private(getattr(part, "attr", "")))
            inside = frozenset(part.attr for part in named if is_self(part))
        read = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and private(node.attr)
        if read and not is_self(node) and node.attr not in own and not ast.unparse(node).endswith(OF_PYTHON):
            yield ast.unparse(node)
        yield from reads(node, inside)


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the private names that are imported from other modules of the package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("segscore"):
            parts = [*str(node.module).split("."), *(name.name for name in node.names)]
            yield from (name for name in parts if private(name) and name != "_core")


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_private_names_are_read_where_they_are_made(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert [*imported(tree), *reads(tree)] == []


def test_what_is_read_elsewhere_is_seen() -> None:
    kin = "class A:\n    def f(self, other): return self._a == other._a\n"
    tree = ast.parse(f"from segscore._core import a\nfrom segscore.b import _c\n{kin}one._a, one.__dict__")
    assert [*imported(tree), *reads(tree)] == ["_c", "one._a"]
