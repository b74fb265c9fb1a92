"""Messages that mark what they name, so that each face of segscore spells it in its own way.

Arguments are `pairing="…"` in Python, `--pairing …` on the command line and labels of fields in forms. A
message that is being worded holds marks; `said` makes a text of it that reads as Python spells them, wherever
it goes, and that `spelled` still spells for another face.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

FaceName: TypeAlias = Literal["python", "command_line", "forms"]

_BEGIN = f"\ue000{os.urandom(8).hex()}:"
_END = "\ue001"
"""What a mark stands between. Names of users may hold any characters, but not a number they cannot know."""


class Argument(NamedTuple):
    """An argument that a message names."""

    name: str
    """As Python spells it."""
    value: Any
    """What it is to be, a text, a number or a list of these; None if the message does not say it."""
    code: str | None
    """How Python writes that value."""


class Face(NamedTuple):
    """A face of segscore: its name, and how it spells an argument."""

    name: FaceName
    spell: Callable[[Argument], str]


def _in_python(argument: Argument) -> str:
    return f"`{argument.name}`" if argument.code is None else f"`{argument.name}={argument.code}`"


PYTHON = Face("python", _in_python)


class Text(str):
    """A text as Python users read it, which knows what it names; a copy of it is plain."""

    __slots__ = ("marked",)
    marked: str

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def arg(name: str, value: object = None, *, code: str | None = None) -> str:
    """Return the mark of an argument; with a value, for what it is to be.

    `code` is how Python writes that value, if not as usual; an empty one asks for a value.

    Examples
    --------
    >>> said(f"leave {arg('size')} out, or say {arg('size', 'image')}")
    'leave `size` out, or say `size="image"`'
    """
    if value is not None and code is None:
        code = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    return _mark([name, value, code])


def args(names: Iterable[str]) -> str:
    """Return the marks of several arguments, with "and" between them.

    Examples
    --------
    >>> said(args(["size", "images"]))
    '`size` and `images`'
    """
    return " and ".join(map(arg, names))


def by_face(python: str, **others: str) -> str:
    """Return the mark of words that are others for some faces, `command_line` or `forms`.

    Examples
    --------
    >>> said(by_face("`segscore runs`", forms="the page `Runs`") + " says it")
    '`segscore runs` says it'
    """
    return _mark({"python": python, **others})


def said(text: str) -> str:
    """Return a text without marks: as Python spells it, but known to `spelled`."""
    if _BEGIN not in text:
        return text
    made = Text(spelled(text, PYTHON))
    made.marked = text
    return made


def marked(text: str) -> str:
    """Return a text with its marks, to be part of another message."""
    return text.marked if isinstance(text, Text) else text


def spelled(text: str, face: Face) -> str:
    """Return a text as a face spells what it names."""
    before, *parts = marked(text).split(_BEGIN)
    for part in parts:
        mark, _, after = part.partition(_END)
        before += _spelled_mark(json.loads(mark), face) + after
    return before


def stored(text: str) -> list[Any]:
    """Return a text as JSON can keep it: parts of it, and the marks between them."""
    before, *parts = marked(text).split(_BEGIN)
    found: list[Any] = [before]
    for part in parts:
        mark, _, after = part.partition(_END)
        about = json.loads(mark)
        found += [
            about if isinstance(about, list) else {face: stored(words) for face, words in about.items()},
            after,
        ]
    return found


def restored(parts: list[Any] | str) -> str:
    """Return a text that `stored` or nobody has taken apart; of anything else, ValueError or TypeError."""
    return said(parts if isinstance(parts, str) else "".join(map(_part, parts)))


def _part(part: Any) -> str:
    if isinstance(part, dict):
        return _mark({"python": "", **{face: "".join(map(_part, words)) for face, words in part.items()}})
    if isinstance(part, list):
        name, value, code = part
        return arg(name, value, code=code)
    if not isinstance(part, str):
        raise TypeError
    return part


def _mark(about: Any) -> str:
    # In ASCII, so that neither end of a mark is within it.
    return f"{_BEGIN}{json.dumps(about)}{_END}"


def _spelled_mark(about: list[Any] | Mapping[str, str], face: Face) -> str:
    if isinstance(about, list):
        return face.spell(Argument(*about))
    return spelled(about.get(face.name, about["python"]), face)
