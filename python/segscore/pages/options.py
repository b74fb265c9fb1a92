"""What the pages of an evaluation and of a comparison are given: checks of their options, and nothing else.

Numbers and patterns are checked where they are used.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict

from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import is_int
from segscore.errors import ArgumentError
from segscore.io.groups import By
from segscore.io.masks import Read
from segscore.io.sources import SourceLike

THUMBNAILS = 24
"""Images that are shown as pictures unless a number is given."""
MAX_THUMBNAILS = 1_000


def checked_options(
    given: Mapping[str, Any], known: Iterable[str], names: Sequence[str], *, sides: int = 1
) -> dict[str, Any]:
    """Return the options of a page, in which attributes are no functions any more.

    `about` and `notes` are pairs where a page has two sides, one for each model. An option that is not
    `known` is a TypeError, one of the wrong kind an ArgumentError.
    """
    for name in given:
        if name not in known:
            raise TypeError(f"write_report() got an unexpected keyword argument {name!r}")
    options = dict(given)
    if options.get("title") is not None and not isinstance(options["title"], str):
        raise _wrong("title", "text", options["title"], 'such as `title="Night scenes"`')
    if options.get("read") is not None and not callable(options["read"]):
        raise _wrong("read", "a function", options["read"], "it is given a path and returns an array")
    if options.get("image_pairing") is not None and options.get("images") is None:
        raise ArgumentError(f"{arg('image_pairing')} needs {arg('images')}", "name the folder of photographs")
    for name, check in (("about", _check_about), ("notes", _check_notes)):
        if name in options:
            for one in _of_sides(name, options[name], sides):
                check(one)
    if options.get("attributes") is not None:
        options["attributes"] = _attributes(options["attributes"], names)
    return options


def _wrong(name: str, expected: str, found: object, hint: str) -> ArgumentError:
    return ArgumentError(f"{arg(name)}: expected {expected}, found {brief(found)}", hint)


def _of_sides(name: str, given: object, sides: int) -> Sequence[object]:
    if sides == 1:
        return (given,)
    if isinstance(given, tuple | list) and len(given) == sides:
        return given
    raise _wrong(name, "a pair", given, "one for the first model, and one for the second")


def _check_about(given: object) -> None:
    hint = 'such as `{"model": "net v2"}`'
    if given is None:
        return
    if not isinstance(given, Mapping):
        raise _wrong("about", "a mapping of texts", given, hint)
    for key, value in given.items():
        for text in (key, value):
            if not isinstance(text, str):
                raise _wrong("about", "texts", text, hint)


def _check_notes(given: object) -> None:
    hint = 'such as `["some images were trained on"]`'
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise _wrong("notes", "a list of texts", given, hint)
    for note in given:
        if not isinstance(note, str):
            raise _wrong("notes", "texts", note, hint)


def _attributes(given: object, names: Sequence[str]) -> dict[str, By]:
    hint = 'such as `{"weather": {"a": "rain", "b": "sun"}}`'
    if not isinstance(given, Mapping):
        raise _wrong("attributes", "a mapping from titles", given, hint)
    found: dict[str, By] = {}
    for title, by in given.items():
        if not isinstance(title, str):
            raise _wrong("attributes", "titles that are texts", title, hint)
        found[title] = _called(title, by, names) if callable(by) else by
    return found


def _called(title: str, by: Callable[[str], Any], names: Sequence[str]) -> By:
    found = {}
    for name in names:
        try:
            found[name] = by(name)
        except (Exception, SystemExit) as error:
            raise ArgumentError(
                f"the function of attribute `{title}` failed for image `{name}`: "
                f"{type(error).__name__}: {error}",
                "it is given the name of an image and returns the name of a group",
            ) from error
    return found


class _Options(TypedDict, total=False):
    images: SourceLike | None
    image_pairing: str | None
    attributes: Mapping[str, By] | None
    title: str | None
    thumbnails: int
    read: Read | None


class ReportOptions(_Options, total=False):
    """What `write_report` takes beside the evaluation and the path."""

    about: Mapping[str, str] | None
    notes: Sequence[str]


class ComparisonOptions(_Options, total=False):
    """What `write_comparison` takes beside the comparison and the path."""

    about: tuple[Mapping[str, str], Mapping[str, str]]
    notes: tuple[Sequence[str], Sequence[str]]


def check_thumbnails(count: int) -> None:
    """Check that a number of images, 0 to 1,000, is to be shown as pictures."""
    if not is_int(count) or not 0 <= count <= MAX_THUMBNAILS:
        raise ArgumentError(
            f"{arg('thumbnails')} is {brief(count)}", f"it is a number of images, 0 to {MAX_THUMBNAILS:,}"
        )
