"""Makes pages of notebooks, with what their code says: ``python docs/notebook_pages.py NOTEBOOK``.

Notebooks are kept without outputs, so that a page never shows what another segscore said. Each runs in an
empty folder and by plain Python: results are shown as text, where Jupyter would lay them out.
"""

import ast
import io
import json
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(sphinx: "Sphinx") -> dict[str, bool]:
    """Let Sphinx read notebooks, as the Markdown that their pages are."""
    sphinx.add_source_suffix(".ipynb", "markdown")
    sphinx.connect("source-read", _fill)
    return {"parallel_read_safe": False}  # the folder is that of the whole process


def _fill(sphinx: "Sphinx", name: str, content: list[str]) -> None:
    path = Path(sphinx.env.doc2path(name))
    if path.suffix == ".ipynb":
        content[0] = page(path)


def page(path: Path) -> str:
    """Run a notebook, and return its page as Markdown."""
    return "\n".join(_parts(path))


def _parts(path: Path) -> Iterator[str]:
    names: dict[str, Any] = {"__name__": "__main__"}
    with TemporaryDirectory() as folder, chdir(folder):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                yield f"{source}\n"
                continue
            yield f"```python\n{source}\n```\n"
            if said := _run(source, names):
                yield f"```text\n{said}\n```\n"
    yield f"This page is a notebook: {{download}}`{path.name}`.\n"


def _run(source: str, names: dict[str, Any]) -> str:
    """Run the code of a cell, and return what it prints, and what its last line is where that is a value."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    said = io.StringIO()
    with redirect_stdout(said):
        exec(compile(tree, "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
            if value is not None:
                print(repr(value))
    return said.getvalue().rstrip()


if __name__ == "__main__":
    print(page(Path(sys.argv[1]).resolve()))
