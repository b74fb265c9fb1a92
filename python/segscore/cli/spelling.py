"""How arguments are spelled on the command line: names of options, values, and the hints of messages.

Messages and hints are worded where the fact is known, as Python spells it; nothing is printed here.
"""

import shlex
from collections.abc import Collection
from contextvars import ContextVar

from segscore.base.limits import whole_number
from segscore.base.naming import Argument, Face, spelled
from segscore.base.wording import shortened
from segscore.errors import ArgumentError

_OPTIONS = {
    "ignore_index": "--ignore",
    "margin": "--fail-unless-not-worse-by",
    "masks": "--from",
    "tolerances": "--tolerance",
}
"""Arguments whose option has another name."""
PARAMETERS: ContextVar[Collection[str]] = ContextVar("PARAMETERS", default=())
"""Those of the command that runs."""
OF_VERSIONS = {
    **dict.fromkeys(("pred_classes", "pairing", "class_axis", "threshold"), "model add"),
    **dict.fromkeys(("classes", "ignore_index", "dims"), "dataset add"),
}
"""Arguments that versions in a workspace keep, and the command that gives them."""
_SIDES = ("pred", "target")
"""What some commands have an option for, and others several, or none."""


def on_command_line(text: str) -> str:
    """Return a message or hint as the command line spells what it names."""
    return spelled(text, COMMAND_LINE)


def _argument(argument: Argument) -> str:
    name, value = _option_of(argument.name), argument.value
    where = _elsewhere(argument.name, name)
    if value is None or value is True:  # a switch has no value
        return f"`{name}`{where}"
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"`{name} {shlex.quote(text)}`{where}"


def _elsewhere(argument: str, name: str) -> str:
    """Return which command has an option, where the present one is of a workspace and has not."""
    here = PARAMETERS.get()
    if "workspace" not in here or argument in here or name[2:].replace("-", "_") in here:
        return ""
    command = OF_VERSIONS.get(argument)
    return "" if command is None else f" of `segscore {command}`"


def _option_of(argument: str) -> str:
    """Return the name of the option for an argument; that of a side only if the present command has it."""
    if argument not in _SIDES:
        return option(argument)
    return next((option(name) for name in (argument, f"{argument}s") if name in PARAMETERS.get()), argument)


COMMAND_LINE = Face("command_line", _argument)


def option(argument: str) -> str:
    """Return the name of the option for an argument."""
    return _OPTIONS.get(argument, f"--{argument.replace('_', '-')}")


def labels(texts: list[str] | None) -> list[int] | None:
    """Return the label values of all `--ignore`, or raise ArgumentError."""
    if texts is None:
        return None
    try:
        return [whole_number(part) for text in texts for part in text.split(",")]
    except ValueError:
        raise ArgumentError(
            f"`--ignore` is {shortened(','.join(texts))!r}, expected label values", "write 255, or 254,255"
        ) from None
