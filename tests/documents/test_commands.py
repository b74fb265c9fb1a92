"""Commands on pages parse, their options are there, and what is shown of them is what they say."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from command_pages import commands, is_group
from typer.main import get_command

from segscore.cli import app
from segscore.demo import write_demo
from support.command_line import printed
from support.documents import PAGES, all_blocks

COMMAND = get_command(app)
ABOUT_THE_PROJECT = {"docs/changelog.md", "docs/contributing.md", "docs/notes.md"}
OF_OTHERS = {"--array", "--field", "--group", "--jq", "--method", "--no-deps", "--paginate", "--repo"}
"""Options of other programs that pages name."""


OF_NAMES = {"segscore COMMAND -h", "segscore explain", "segscore merge"}
"""What names a command and is no whole one."""


def typed() -> Iterator[tuple[str, str]]:
    """Yield the commands in blocks of shell and of workflows and in sentences, with where they stand."""
    for block in all_blocks():
        code = block.code
        if block.language == "yaml":
            code = re.sub(r"\n\s+", " ", code.replace(">\n", ""))
        if block.language in ("sh", "yaml"):
            for line in code.splitlines():
                for part in re.findall(r"(?:^|&& |- run: *)(segscore .*?)(?= &&|$)", line):
                    yield block.page, part
    for page in PAGES.keys() - ABOUT_THE_PROJECT:
        for part in re.findall(r"`(segscore [^`…]*)`", PAGES[page].read_text()):
            command = " ".join(part.split())
            if command not in OF_NAMES:
                yield page, command


def words(command: str) -> list[str]:
    """Return the words of a command without its name, and without where its output goes."""
    before, _, _ = command.partition(" > ")
    return shlex.split(before, comments=True)[1:]


def parse(command: Any, args: list[str], parent: Any = None) -> str:
    """Parse the words of a command as it does when it is called; return its path."""
    context = command.make_context(command.name, args, parent)
    if not is_group(command):
        return str(context.command_path)
    _, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
    return parse(found, rest, context)


TYPED = sorted(set(typed()))


def test_pages_have_commands():
    assert len(TYPED) >= 50


@pytest.mark.parametrize(("page", "command"), TYPED, ids=lambda text: text[:60])
def test_a_command_parses(page, command):
    assert parse(COMMAND, words(command)).startswith("segscore ")


def options() -> set[str]:
    """Return the options of all commands."""
    of_all = [one for command, context in commands() for one in command.get_params(context)]
    return {option for one in of_all for option in (*one.opts, *one.secondary_opts)} | {"--version"}


@pytest.mark.parametrize("page", sorted(PAGES.keys() - ABOUT_THE_PROJECT))
def test_options_that_are_named_are_there(page):
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGES[page].read_text()))
    assert named - OF_OTHERS <= options()


SHOWN = [block for block in all_blocks() if block.language == "text" and block.code.startswith("$ ")]


def test_outputs_are_shown():
    assert {block.page for block in SHOWN} >= {"docs/start.md"}


@pytest.mark.parametrize("block", SHOWN, ids=lambda block: f"{block.page}:{block.line}")
def test_what_is_shown_of_a_command_is_what_it_says(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_demo(tmp_path / "segscore-demo")
    command, _, output = block.code.removeprefix("$ ").partition("\n")
    assert printed(*words(command)) == output
