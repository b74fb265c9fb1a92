"""How arguments are spelled on the command line: names of options, values, and the hints of messages.

Messages and hints are worded where the fact is known, as Python spells it; nothing is printed here.
"""

import re
import shlex

from segscore.base.wording import Spellings, respelled, unescaped
from segscore.errors import ArgumentError

_SPELLINGS: Spellings = (
    (r"`ignore_index=\[?(-?\d[-\d, ]*)\]?`", lambda m: f"`--ignore {m[1].replace(' ', '')}`"),
    (r"`ignore_index`", lambda _: "`--ignore`"),
    (
        r'`(image_pairing|on_error|pairing|pred_classes|resize)="((?:[^"\\]|\\.)*)"`',
        lambda m: f"`{option(m[1])} {shlex.quote(unescaped(m[2]))}`",
    ),
    (r'`on="common"`', lambda _: "`--on common`"),
    (r"`groups`", lambda _: "`--groups`"),
    (r"`image_pairing`", lambda _: "`--image-pairing`"),
    (r"`margin`", lambda _: "`--fail-unless-not-worse-by`"),
    (
        r"`(attributes|batch|channels|class_axis|fail_under|files|images|layout|level|max_pixels|mean|on|on_error"
        r"|onnx|output|pairing|port|pred_classes|predictions|python|resamples|resize|scale|seed|size|std|strict|takes"
        r"|targets|threads"
        r"|threshold|thumbnails|trained_on)`",
        lambda m: f"`{option(m[1])}`",
    ),
    (r"`Workspace\.find` looks", lambda _: "a command without `--workspace` looks"),
    (r"`read=`", lambda _: "`segscore.evaluate(read=…)`"),
)
"""How arguments, which messages and hints spell as Python does, are written on the command line."""


def on_command_line(text: str) -> str:
    """Return a message or hint with its arguments spelled as options."""
    return respelled(text, _SPELLINGS)


def hints_on_command_line(text: str) -> str:
    """Return a report whose hints, which stand on lines of their own, are for the command line."""
    return re.sub(r"(?m)^  hint: .*", lambda line: on_command_line(line[0]), text)


def option(argument: str) -> str:
    """Return the name of the option for an argument."""
    return f"--{argument.replace('_', '-')}"


def number_or_name(text: str) -> int | str:
    """Return the value of `--classes`: a number of classes, or a preset or file."""
    return int(text) if text.isdecimal() else text


def labels(texts: list[str] | None) -> list[int] | None:
    """Return the label values of all `--ignore`, or raise ArgumentError."""
    if texts is None:
        return None
    try:
        return [int(part) for text in texts for part in text.split(",")]
    except ValueError:
        raise ArgumentError(
            f"`--ignore` is {','.join(texts)!r}, expected label values", "write 255, or 254,255"
        ) from None
