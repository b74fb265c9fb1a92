"""Puts the help of every command where a page has ``<!-- commands -->``, so that it is never another one."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from typer.main import get_command

from segscore.cli import app

if TYPE_CHECKING:
    from sphinx.application import Sphinx

MARK = "<!-- commands -->"


def setup(sphinx: "Sphinx") -> dict[str, bool]:
    """Let Sphinx fill in pages as it reads them."""
    sphinx.connect("source-read", _fill)
    return {"parallel_read_safe": True}


def _fill(_: "Sphinx", __: str, content: list[str]) -> None:
    if MARK in content[0]:
        content[0] = content[0].replace(MARK, page())


def page() -> str:
    """Return the help of all commands as Markdown."""
    return "\n".join(line for command, context in commands() for line in _section(command, context))


def commands(command: Any = None, parent: Any = None) -> Iterator[tuple[Any, Any]]:
    """Yield each command that can be called, in the order of the help, with its context."""
    command = command or get_command(app)
    context = command.context_class(command, info_name=command.name, parent=parent)
    if not is_group(command):
        yield command, context
        return
    for name in command.list_commands(context):
        yield from commands(command.get_command(context, name), context)


def is_group(command: Any) -> bool:
    """Whether a command has others below it."""
    return hasattr(command, "list_commands")


def _section(command: Any, context: Any) -> Iterator[str]:
    """Yield the lines about a command."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    rows = [one.get_help_record(context) for one in command.get_params(context)]
    yield f"## {context.command_path}\n\n{_text(command.help)}\n\n```text\n{usage}\n```\n"
    yield "| option | what it does |\n|---|---|"
    yield from (f"| `{_cell(row[0])}` | {_text(_cell(row[1]))} |" for row in rows if row is not None)
    yield ""


def _text(text: str) -> str:
    """Return a text of the help as Markdown, where what stands in backticks is code already."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([\\_*<\[\]])", r"\\\1", words) for words in parts[::2]]
    return "`".join(parts)


def _cell(text: str) -> str:
    """Return a text for one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
