"""Files of objects that were drawn: their classes are those of the label maps that are painted of them."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from segscore.base.values import is_int
from segscore.classes.folding import is_background, is_void
from segscore.classes.labels import Colour
from segscore.classes.tables.rows import Arguments

MOST_LABEL = 65_535
"""Labels above it fit into no gray PNG."""
_BACKGROUND = "background"
_VOID = 255


def arguments(
    names: Sequence[str], numbers: Sequence[int] = (), colours: Mapping[str, Colour] = MappingProxyType({})
) -> Arguments:
    """Return classes of which 0 is the background, and others have the numbers of the file.

    Where it has none, or one is 0, they are counted from 1 in its order, which no model need know. What is
    called void is ignored. Colours that do not tell classes apart are left out.
    """
    void = [name for name in names if is_void(name)]
    background = next(filter(is_background, names), _BACKGROUND)
    things = [name for name in names if name not in void and name != background]
    known = dict(zip(names, numbers, strict=True)) if numbers else {}
    own = [known.get(name, 0) for name in things]
    usable = bool(own) and all(0 < number <= MOST_LABEL for number in own) and len({*own}) == len(own)
    labels = own if usable else [*range(1, len(things) + 1)]
    ignored = next((label for label in (_VOID, *range(MOST_LABEL, 0, -1)) if label not in labels), 0)
    kept = [background, *things]
    painted = {[0, *labels][kept.index(name)]: own for name, own in colours.items() if name in kept}
    return {
        "names": kept,
        "labels": [0, *labels],
        "colours": painted if len({*painted.values()}) == len(painted) else {},
        "ignore": [ignored] if void else [],
        "void_names": void,
        "confirmed": usable,
    }


def is_coco(table: dict[str, Any]) -> bool:
    """Whether an object of JSON is COCO's file of annotations, of objects or panoptic."""
    return isinstance(table.get("images"), list) and "annotations" in table


def is_panoptic(table: dict[str, Any]) -> bool:
    """Whether COCO's file of annotations is panoptic, whose pixels are in PNG files."""
    own = table["annotations"]
    return isinstance(own, list) and any(isinstance(one, dict) and "segments_info" in one for one in own)


def is_datumaro(table: dict[str, Any]) -> bool:
    """Whether an object of JSON is Datumaro's file of annotations."""
    return isinstance(table.get("items"), list) and isinstance(table.get("categories"), dict)


def parents(categories: Iterable[Any], annotations: object) -> frozenset[int]:
    """Return the places of COCO's categories that others are of and no object is, as Roboflow has them."""
    categories = [one if isinstance(one, dict) else {} for one in categories]
    ids = {
        one.get("category_id")
        for one in (annotations if isinstance(annotations, list) else ())
        if isinstance(one, dict) and is_int(one.get("category_id"))
    }
    others = {own for one in categories if isinstance(own := one.get("supercategory"), str)}
    return frozenset(
        place
        for place, one in enumerate(categories)
        if one.get("supercategory") in (None, "none", "")
        and isinstance(name := one.get("name"), str)
        and name in others
        and is_int(own := one.get("id"))
        and own not in ids
    )
