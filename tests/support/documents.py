"""The README and the pages of `docs/` as blocks of code. Nothing here is a test."""

import ast
import doctest
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = {
    path.relative_to(ROOT).as_posix(): path
    for path in (ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")))
}
"""Every page by its path in the repository."""
_OF_TESTS = {"PIL", "fsspec", "numpy", "pyarrow", "segscore"}
"""Packages that are there wherever tests are run, as the extra `test` brings them."""
_PROMPTS = doctest.DocTestParser()


class Block(NamedTuple):
    """A fenced block of code."""

    page: str
    line: int
    """Where its code begins, from 0."""
    language: str
    code: str

    @property
    def is_session(self) -> bool:
        """Whether it is an interactive session of Python."""
        return self.language == "python" and self.code.startswith(">>>")

    @property
    def examples(self) -> list[doctest.Example]:
        """What is typed in it, and what is answered."""
        return _PROMPTS.get_examples(self.code)

    @property
    def absent(self) -> set[str]:
        """The packages that it imports, and that are not there."""
        source = "".join(example.source for example in self.examples) if self.is_session else self.code
        return {name for name in _imported(ast.parse(source)) if find_spec(name) is None}

    @property
    def others(self) -> set[str]:
        """The packages that it imports beside those which all tests have."""
        source = "".join(example.source for example in self.examples)
        return {*_imported(ast.parse(source))} - {*_OF_TESTS, *sys.stdlib_module_names}


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page in their order."""
    tokens = MarkdownIt().parse(PAGES[page].read_text())
    fences = [token for token in tokens if token.type == "fence" and token.map is not None]
    return [Block(page, token.map[0] + 1, token.info.strip(), token.content) for token in fences]


def all_blocks() -> list[Block]:
    """Return the blocks of all pages."""
    return [block for page in PAGES for block in blocks(page)]


def run_sessions(page: str, which: list[Block]) -> doctest.TestResults:
    """Run interactive sessions, which share their names, one after the other."""
    runner = doctest.DocTestRunner()
    names: dict[str, object] = {"__name__": "__main__"}
    for block in which:
        place = f"{block.page}:{block.line + 1}"
        test = doctest.DocTest(block.examples, {}, place, str(PAGES[block.page]), block.line, None)
        test.globs = names  # it has made a copy
        runner.run(test, clear_globs=False)
    return runner.summarize(verbose=False)
