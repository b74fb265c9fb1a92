"""Classes of public datasets, one TOML file each, and the reader of such files.

A user's own file has the same form. What the values mean is known by `segscore.classes`; here they
are only read, and what a file cannot say is refused with its name.
"""

import os
import re
from functools import cache
from os import PathLike, fspath
from typing import Any

from segscore.base.limits import MOST_JSON, content_of
from segscore.base.naming import by_face, marked
from segscore.base.pointers import way_out
from segscore.base.wording import reason, shortened
from segscore.classes.labels import PredictionSpace, label_value
from segscore.errors import ClassesError

_FOLDER = os.path.dirname(__file__)
_KEYS = (
    "name",
    "title",
    "note",
    "source",
    "ignore",
    "not_in_mean",
    "classes",
    "prediction_space",
    "confirmed",
    "label_rule",
    "like",
)
_LIKE_KEYS = tuple(key for key in _KEYS if key not in ("classes", "ignore"))
_CLASS_KEYS = ("label", "labels", "name", "colour", "colours")
TABLES = (".txt", ".csv", ".json", ".xml")
"""Endings of what other tools write; the content of a file says more."""
_FORMS = f"`.toml`, or tables of other tools, {', '.join(f'`{one}`' for one in TABLES)}"
"""What files of classes may be, as hints say it."""
_MOST_BYTES = 1 << 22
"""Of a file: the largest number of classes takes some 60 bytes for each."""
_MOST_DOTS = 1_000
"""In a line: the time to read a name with dots grows with the square of their number."""
_SPACE_KEYS = ("name", "note", "labels", "label_rule")


@cache
def names() -> tuple[str, ...]:
    """Return the names of the presets, sorted.

    Examples
    --------
    >>> "camvid-11" in names()
    True
    """
    return tuple(sorted(name.removesuffix(".toml") for name in os.listdir(_FOLDER) if name.endswith(".toml")))


def is_file(spec: str | PathLike[str]) -> bool:
    """Whether a file of classes is meant, and not a preset."""
    return not isinstance(spec, str) or "/" in spec or spec.lower().endswith((".toml", *TABLES))


def contents(spec: str | PathLike[str]) -> tuple[str, dict[str, Any]]:
    """Return what errors call a preset or a file of classes, and the arguments of `Classes` that it holds."""
    text = fspath(spec)
    return (text, _of_file(text)) if is_file(spec) else (f"preset `{text}`", _of_preset(text))


@cache
def _of_preset(name: str) -> dict[str, Any]:
    if name not in names():
        near = _near(name, names(), 3)
        meant = f"did you mean {' or '.join(f'`{n}`' for n in near)}? " if near else ""
        raise ClassesError(
            f"there is no preset `{shortened(name)}`",
            f"{meant}{by_face('`segscore classes`', forms='the field')} lists the presets; files of classes "
            f"are {_FORMS}",
        )
    content = content_of(os.path.join(_FOLDER, f"{name}.toml"), _MOST_BYTES)
    return parse(content, f"preset `{name}`")


def _near(name: str, known: tuple[str, ...], most: int) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name, known, n=most, cutoff=0.5)


def _of_file(path: str) -> dict[str, Any]:
    try:
        content = content_of(path, MOST_JSON if path.lower().endswith(".json") else _MOST_BYTES)
    except (OSError, ValueError) as error:
        if (address := re.match("[A-Za-z][A-Za-z0-9+.-]+:/", path)) is not None:
            # The rest of it may be secret.
            raise ClassesError(
                f"expected a preset or a file of this machine, found an address of {address[0]}",
                "download it, and give its path",
            ) from error
        raise ClassesError(
            f"{path}: cannot be read: {reason(error)}",
            way_out(error, f"give a preset, or the path of a file with classes: {_FORMS}"),
        ) from error
    if not _is_own(content):
        from segscore.classes import tables

        table = tables.parse(content, path, sure=path.lower().endswith(TABLES))
        if table is not None:
            return table
    return parse(content, path)


def _is_own(content: bytes) -> bool:
    """Whether a file has the form of the presets, whatever it is called."""
    try:
        return bool(_toml(content).keys() & {"classes", "like"})
    except ClassesError:
        return False


def _toml(content: bytes) -> dict[str, Any]:
    import tomllib

    dots = content.count(b".") > _MOST_DOTS
    if dots and any(line.count(b".") > _MOST_DOTS for line in content.split(b"\n")):
        raise ClassesError(
            f"expected at most {_MOST_DOTS:,} dots in a line, found more",
            "`segscore classes new` writes such a file",
        )
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # it is no text, no TOML, or has too long a number
        raise ClassesError(
            f"not TOML: {reason(error)}", "`segscore classes new` writes such a file"
        ) from error


def parse(content: bytes, where: str) -> dict[str, Any]:
    """Return the arguments of `Classes` that a TOML document holds; errors call it `where`."""
    try:
        return _arguments(_toml(content))
    except ClassesError as error:
        raise ClassesError(f"{where}: {marked(error.message)}", error.hint) from error


def _arguments(table: dict[str, Any]) -> dict[str, Any]:
    if (like := _text(table, "like")) is not None:
        _only(table, _LIKE_KEYS, "a file that is like a preset")
        own = _about(table)
        return _of_preset(like) | {key: own[key] for key in own if key in table} | _spaces(table)
    _only(table, _KEYS, "the file")
    entries = _tables(table, "classes")
    for entry in entries:
        _only(entry, _CLASS_KEYS, "a class")
        if not entry.keys() & {"label", "labels"} or "name" not in entry:
            raise ClassesError(f"class {entry} has no label or no name", 'write { label = 0, name = "road" }')
    ignored = [entry if isinstance(entry, dict) else {"label": entry} for entry in _list(table, "ignore")]
    out: list[int] = []
    for entry in ignored:
        _only(entry, _CLASS_KEYS, "an ignored label")
        if not entry.keys() & {"label", "labels"}:
            raise ClassesError(f"ignored {entry} has no label", 'write 255 or { label = 255, name = "void" }')
        for value in _labels(entry):
            label = label_value("ignored label", value)
            if label in out:
                raise ClassesError(f"ignored label {label} is given twice", "give each label once")
            out.append(label)
    colours = {
        label_value("label", _labels(entry)[0]): _colours(entry)
        for entry in [*entries, *ignored]
        if entry.keys() & {"colour", "colours"}
    }
    return {
        "names": [entry["name"] for entry in entries],
        "labels": [_labels(entry) for entry in entries],
        "ignore": out,
        "colours": colours,
        **_about(table),
        **_spaces(table, needed=True),
    }


def _about(table: dict[str, Any]) -> dict[str, Any]:
    """Return what a file says besides classes, ignored labels and prediction spaces."""
    confirmed = table.get("confirmed", True)
    if not isinstance(confirmed, bool):
        raise ClassesError(
            f"expected `confirmed` to be true or false, found {confirmed!r}",
            "write confirmed = true once the label values are those of the model",
        )
    return {
        "not_in_mean": _list(table, "not_in_mean"),
        **{key: _text(table, key) for key in ("name", "title", "note", "label_rule")},
        "source": table.get("source", []),
        "confirmed": confirmed,
    }


def _labels(entry: dict[str, Any]) -> list[Any]:
    """Return the label values of a class, or of what is ignored."""
    if "label" in entry:
        if "labels" in entry or isinstance(entry["label"], list):
            raise ClassesError(
                f"expected one `label`, or several `labels`, in {entry}", "write labels = [1, 255]"
            )
        return [entry["label"]]
    return _list(entry, "labels") or [None]


def _colours(entry: dict[str, Any]) -> Any:
    """Return the colour of a class, or a list of its colours."""
    if "colour" not in entry:
        given = _list(entry, "colours", "[[128, 0, 0], [64, 0, 64]]")
        return given if all(isinstance(one, list) for one in given) else [given]
    if "colours" in entry:
        raise ClassesError(f"expected `colour` or `colours`, found both in {entry}", "give all as `colours`")
    return entry["colour"]


def _spaces(table: dict[str, Any], *, needed: bool = False) -> dict[str, Any]:
    if not needed and "prediction_space" not in table:
        return {}
    entries = _tables(table, "prediction_space", needed=False)
    return {"prediction_spaces": [_space(entry) for entry in entries]}


def _space(entry: dict[str, Any]) -> PredictionSpace:
    _only(entry, _SPACE_KEYS, "a prediction space")
    if "name" not in entry or "labels" not in entry:
        raise ClassesError(f"prediction space {entry} has no name or no labels", "give it both")
    name = _text(entry, "name") or ""
    labels = tuple(tuple(own) if isinstance(own, list) else own for own in _list(entry, "labels"))
    return PredictionSpace(name, labels, _text(entry, "note"), _text(entry, "label_rule"))


def _only(table: dict[str, Any], known: tuple[str, ...], what: str) -> None:
    for key in table:
        if key not in known:
            near = _near(key, known, 1)
            raise ClassesError(
                f"{what} has the key `{key}`, which means nothing",
                f"did you mean `{near[0]}`?" if near else f"the keys are {', '.join(known)}",
            )


def _tables(table: dict[str, Any], key: str, *, needed: bool = True) -> list[dict[str, Any]]:
    value = table.get(key, None if needed else [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        found = "none" if value is None else repr(value)
        raise ClassesError(
            f"expected `{key}` to be a list of tables, found {found}",
            "begin each one with [[prediction_space]]"
            if key == "prediction_space"
            else 'write one line a class: { label = 0, name = "road" }',
        )
    return value


def _list(table: dict[str, Any], key: str, example: str = "[255]") -> list[Any]:
    value = table.get(key, [])
    if not isinstance(value, list):
        raise ClassesError(f"expected `{key}` to be a list, found {value!r}", f"write {key} = {example}")
    return value


def _text(table: dict[str, Any], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise ClassesError(f"expected `{key}` to be a text, found {value!r}", f'write {key} = "…"')
    return value
