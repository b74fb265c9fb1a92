"""Tables in JSON: Hugging Face, Datumaro, nnU-Net, COCO, Supervisely and Label Studio."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from segscore.base.wording import many, reason, shortened, show
from segscore.classes.folding import is_void
from segscore.classes.labels import Colour
from segscore.classes.tables import drawn, label_studio
from segscore.classes.tables.rows import (
    KNOWN,
    Arguments,
    Row,
    arguments,
    as_written,
    colour,
    name,
    number,
    unknown,
)
from segscore.errors import ClassesError

_LIST = re.compile(r"\s*\[\s*\{")
_HEX = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)


def is_list(text: str) -> bool:
    """Whether a text is a list of objects; other brackets are a head of TOML."""
    return _LIST.match(text) is not None


def read(text: str) -> Arguments:
    """Return what a table in JSON says."""
    try:
        table = json.loads(text, object_pairs_hook=_unique)
    except ClassesError:
        raise
    except (ValueError, RecursionError) as error:
        raise ClassesError(f"no JSON: {reason(error)}", KNOWN) from error
    if isinstance(table, list):
        if not table or not all(isinstance(entry, dict) and "name" in entry for entry in table):
            raise unknown("a list in JSON")
        table = {"categories": table}
    for is_it, of_table in _FORMS:
        if is_it(table):
            return of_table(table)
    keys = ", ".join(map(show, [*table][:5]))
    raise unknown(f"JSON with the keys {keys}" if keys else "an object without keys in JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, of which no key is given twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        doubled = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ClassesError(f"the key {show(shortened(doubled))} is given twice", "give each one once")
    return found


def _named(table: object, what: str) -> Iterable[Row]:
    """Read an object of label values and names."""
    if not isinstance(table, dict):
        raise ClassesError(f"expected `{what}` to be an object of ids and names", 'write {"0": "road"}')
    for key, own in table.items():
        yield Row(name(own, f"`{what}`, {show(shortened(key))}"), number(key, f"`{what}`"))


def _entries(table: object, what: str, key: str) -> Iterable[tuple[dict[str, Any], str]]:
    """Read a list of objects, each of which has a name, and say where each stands."""
    if not isinstance(table, list):
        raise ClassesError(f"`{what}`: expected a list, found {shortened(repr(table))}", KNOWN)
    for k, entry in enumerate(table):
        if not isinstance(entry, dict) or key not in entry:
            raise ClassesError(
                f"`{what}[{k}]`: expected an object with `{key}`, found {shortened(repr(entry))}", KNOWN
            )
        yield entry, f"`{what}[{k}]`"


# One format each


def _of_hugging_face(table: dict[str, Any]) -> Arguments:
    """Read `id2label` of a model's or a dataset's config, or a file of nothing else."""
    return arguments(sorted(_named(table.get("id2label", table), "id2label"), key=lambda row: row.label or 0))


def _of_datumaro_meta(table: dict[str, Any]) -> Arguments:
    """Read `dataset_meta.json`: all names in their order, and ids with names of those that have a colour.

    Colours stand in the order of `label_map` where Datumaro writes them, and are found by id where it reads
    them: what differs between the two is refused.
    """
    mapped = list(_named(table.get("label_map", {}), "label_map"))
    names = _all_names(table.get("labels"), mapped)
    given = table.get("segmentation_colors") or []
    if not isinstance(given, list) or (given and len(given) not in (len(mapped), len(names))):
        raise ClassesError(
            f"expected as many `segmentation_colors` as names, {len(mapped)}, found "
            f"{len(given) if isinstance(given, list) else show(shortened(str(given)))}",
            "give each class a colour, or leave them out",
        )
    colours: dict[int, Colour] = {}
    for place, row in enumerate(mapped if given else ()):
        label = row.label or 0
        by_id = given[label] if label < len(given) else None
        in_order = given[place] if len(given) == len(mapped) else by_id
        if in_order != by_id:
            raise ClassesError(
                f"`segmentation_colors`: the colour of {show(row.name)}, id {label}, is {in_order} in the "
                f"order of `label_map`, and {'none' if by_id is None else by_id} by id",
                "name all ids from 0 in `label_map`, in their order, with a colour for each",
            )
        if in_order is not None:
            colours[label] = colour(in_order, f"`segmentation_colors[{place}]`")
    return arguments(Row(one, label, colours.get(label)) for label, one in names.items())


def _all_names(labels: object, mapped: list[Row]) -> dict[int, str]:
    """Return all names by id: `labels` has all of them, and `label_map` some."""
    if labels is None:
        return {row.label or 0: row.name for row in mapped}
    if not isinstance(labels, list):
        raise ClassesError(f"`labels`: expected a list of names, found {shortened(repr(labels))}", KNOWN)
    names = {k: name(one, f"`labels[{k}]`") for k, one in enumerate(labels)}
    for row in mapped:
        if names.get(row.label or 0) != row.name:
            there = names.get(row.label or 0)
            raise ClassesError(
                f"id {row.label} is {show(row.name)} in `label_map`, and "
                f"{'none' if there is None else show(there)} in `labels`",
                "give each id one name",
            )
    return names


def _of_datumaro(table: dict[str, Any]) -> Arguments:
    """Read the categories of Datumaro's own format, which stand in the order of their ids."""
    names, colours = _categories_of_datumaro(table)
    return arguments(Row(one.strip(), k, colours.get(k)) for k, one in enumerate(names))


def _of_objects_of_datumaro(table: dict[str, Any]) -> Arguments:
    """Read those of its annotations, whose ids are in no label map."""
    names, colours = _categories_of_datumaro(table)
    return drawn.arguments(names, colours={names[k]: own for k, own in colours.items()})


def _categories_of_datumaro(table: dict[str, Any]) -> tuple[list[str], dict[int, Colour]]:
    """Return the names of labels as they are written, and the colours of those that have one."""
    categories = table["categories"]
    label, mask = categories.get("label"), categories.get("mask") or {}
    if not isinstance(label, dict) or not isinstance(mask, dict):
        raise ClassesError("`categories`: expected `label` with `labels`, found none", KNOWN)
    entries = _entries(label.get("labels"), "labels", "name")
    names = [as_written(entry["name"], where) for entry, where in entries]
    colours: dict[int, Colour] = {}
    for entry, where in _entries(mask.get("colormap", []), "colormap", "label_id"):
        own = number(entry["label_id"], where)
        if own >= len(names):
            raise ClassesError(
                f"{where}: expected a `label_id` of one of {many(len(names), 'label')}, found {own}",
                "ids are places in `labels`, from 0",
            )
        if own in colours:
            raise ClassesError(f"{where}: `label_id` {own} is given twice", "give each label one colour")
        colours[own] = colour([entry.get(part) for part in "rgb"], where)
    return names, colours


def _of_nnunet(table: dict[str, Any]) -> Arguments:
    """Read nnU-Net's `dataset.json`: names with label values, those of `ignore` apart, or ids with names."""
    given = table["labels"]
    if all(key.isdecimal() for key in given):  # of its first version
        return arguments(_named(given, "labels"))
    names, labels, ignore, void = [], [], [], []
    owner: dict[int, str] = {}
    for key, value in given.items():
        own = [number(one, f"label {show(key)}") for one in (value if isinstance(value, list) else [value])]
        if is_void(key):
            ignore += own
            void += [key] * (key != "ignore")  # which nnU-Net itself leaves out
            continue
        for label in own:
            if owner.setdefault(label, key) != key:
                raise ClassesError(
                    f"label {label} belongs to the regions {show(owner[label])} and {show(key)}, "
                    "which overlap",
                    "score the labels as classes of their own, written as TOML, and regions with "
                    "`Evaluation.regions`",
                )
        names.append(key)
        labels.append(own)
    return {
        "names": names,
        "labels": labels,
        "ignore": ignore,
        "void_names": void,
        "colours": {},
        "confirmed": True,
    }


def _of_coco(table: dict[str, Any]) -> Arguments:
    """Read the categories of COCO, with colours where they are panoptic, or a list of nothing else."""
    rows = []
    for entry, where in _entries(table["categories"], "categories", "name"):
        own = colour(entry["color"], where) if entry.get("color") else None
        rows.append(Row(name(entry["name"], where), number(entry.get("id"), where), own))
    return arguments(rows)


def _of_objects_of_coco(table: dict[str, Any]) -> Arguments:
    """Read the categories of COCO's annotations of objects, with the background of their label maps."""
    entries = [*_entries(table.get("categories"), "categories", "name")]
    without = drawn.parents([entry for entry, _ in entries], table["annotations"])
    rows = [
        (as_written(entry["name"], where), number(entry.get("id"), where))
        for place, (entry, where) in enumerate(entries)
        if place not in without
    ]
    return drawn.arguments([own for own, _ in rows], [own for _, own in rows])


def _of_supervisely(table: dict[str, Any]) -> Arguments:
    """Read the classes of a project's `meta.json`, whose ids are those of the server and in no mask."""
    rows = []
    for entry, where in _entries(table["classes"], "classes", "title"):
        parts = _HEX.fullmatch(str(entry.get("color", "")))
        if parts is None:
            raise ClassesError(
                f"{where}: expected a `color` such as #F6FF00, found {shortened(repr(entry.get('color')))}",
                "write red, green and blue with two digits each",
            )
        red, green, blue = (int(part, 16) for part in parts.groups())
        rows.append(Row(name(entry["title"], where), None, (red, green, blue)))
    return arguments(rows)


def _is_list_of_names(given: object) -> bool:
    return isinstance(given, list) and not any(isinstance(one, dict) for one in given)


def _begins(table: dict[str, Any], key: str, inner: str) -> bool:
    """Whether the first entry of a list is an object with such a key."""
    given = table.get(key)
    return isinstance(given, list) and bool(given) and isinstance(given[0], dict) and inner in given[0]


_FORMS: tuple[tuple[Callable[[dict[str, Any]], bool], Callable[[dict[str, Any]], Arguments]], ...] = (
    (lambda table: "id2label" in table, _of_hugging_face),
    (lambda table: bool(table) and all(key.isdecimal() for key in table), _of_hugging_face),
    (lambda table: "label_config" in table, label_studio.of_project),
    (lambda table: "label_map" in table or _is_list_of_names(table.get("labels")), _of_datumaro_meta),
    (lambda table: drawn.is_coco(table) and not drawn.is_panoptic(table), _of_objects_of_coco),
    (drawn.is_datumaro, _of_objects_of_datumaro),
    (lambda table: isinstance(table.get("categories"), dict), _of_datumaro),
    (lambda table: _begins(table, "categories", "name"), _of_coco),
    (lambda table: _begins(table, "classes", "title"), _of_supervisely),
    (lambda table: isinstance(table.get("labels"), dict), _of_nnunet),
    (lambda table: bool(label_studio.parsed(table)), label_studio.of_parsed),
)
