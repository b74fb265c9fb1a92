"""Shards that were evaluated, as columns of integers and what JSON can say: pickles and files hold these.

What is read may come from anywhere: it is checked before it is used.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from segscore.base.values import is_int, narrowed
from segscore.classes.classes import Classes
from segscore.classes.plain import classes_dict, classes_of_dict, texts
from segscore.counts.counted import Counted
from segscore.counts.fits import Fit
from segscore.counts.kinds import KINDS, are_of, measured_of
from segscore.counts.measures import Measures
from segscore.counts.record import Record
from segscore.counts.table import Table, table_of
from segscore.counts.thresholds import ScoreRange
from segscore.errors import FileFormatError
from segscore.results.kept import (
    Column,
    columns_of,
    failure_entries,
    failure_of,
    files_entries,
    files_of,
    groups_of,
    kinds_of,
    record_of,
)
from segscore.results.sharded import Place, Sharded, Terms

BESIDE: Final = ("fit", "pred_palette", "target_palette")
"""Columns with a number for each image that was counted, beside its rows; palettes are counted from 1."""


def terms_entries(terms: Terms) -> dict[str, Any]:
    """Return what JSON can say of them."""
    return {
        "classes": classes_dict(terms.classes),
        "measures": terms.measures.to_dict(),
        "strict": terms.strict,
        "skip": terms.skip,
        "scores": terms.scores,
        "provenance": dict(terms.provenance),
        "stacks": [list(shape) for shape in terms.stacks],
    }


def _terms(about: Mapping[str, Any]) -> Terms:
    """Return what `terms_entries` made into this, or raise what untrusted entries raise."""
    flags = {name: about[name] for name in ("strict", "skip", "scores")}
    if not all(isinstance(flag, bool) for flag in flags.values()):
        raise FileFormatError("what is asked of its images is not said as expected")
    provenance = about["provenance"]
    keys, said = texts(provenance), texts(provenance.values())
    return Terms(
        classes_of_dict(about["classes"]),
        Measures.from_dict(about["measures"]),
        provenance=dict(zip(keys, said, strict=True)),
        stacks=tuple(tuple(_number(side) for side in shape) for shape in about["stacks"]),
        **flags,
    )


def plain_of(part: Sharded) -> tuple[dict[str, Any], dict[str, Column]]:
    """Return everything as what JSON can say and as columns of integers."""
    about, columns = plain_images(part.counted)
    about |= {
        "place": list(part.place),
        **terms_entries(part.terms),
        "stack": part.stack,
        "groups": part.groups,
        "files": files_entries(part.files),
        "missing": part.missing,
        "extra": part.extra,
        "nodata": sorted(part.nodata()),
        "total": part.total,
    }
    return about, columns


def plain_images(counted: Sequence[Counted]) -> tuple[dict[str, Any], dict[str, Column]]:
    """Return images that were counted, which have different names, as `plain_of` returns those of a part."""
    there = [image for image in counted if image.pairs is not None]
    records = measured_of(there)
    palettes: dict[bytes, int] = {}
    numbers = [
        [0 if one is None else palettes.setdefault(one, len(palettes) + 1) for one in image.palettes]
        for image in there
    ]
    beside = np.array([[int(image.fit), *own] for image, own in zip(there, numbers, strict=True)])
    values = [image.values for image in there]
    about = {
        "records": [record.kind for record in records],
        "names": tuple(image.name for image in counted),
        "failures": failure_entries([image.failure for image in counted if image.failure is not None]),
        "palettes": [palette.hex() for palette in palettes],
        "values": values if any(one is not None for one in values) else [],
    }
    columns = columns_of([table_of(there), *records])
    columns |= dict(
        zip(BESIDE, map(narrowed, beside.reshape(-1, len(BESIDE)).T.astype(np.int64)), strict=True)
    )
    return about, columns


def fields_of(about: Mapping[str, Any], columns: Mapping[str, Column]) -> dict[str, Any]:
    """Return the fields of what `plain_of` made into this; of anything else, what untrusted entries raise."""
    terms = _terms(about)
    counted = images_of(about, columns, terms.classes, terms.measures)
    names = tuple(image.name for image in counted)
    total = about.get("total")  # which those have not that were saved before
    if total is not None and _number(total) < len(names):
        raise FileFormatError(f"expected {len(names):,} images or more in all, found {total:,}")
    stack = tuple(map(_number, about["stack"]))
    if len(stack) not in (0, len(names)) or any(number >= len(terms.stacks) for number in stack):
        raise FileFormatError("its stacks are not those of its images")
    return {
        "place": _place(about["place"]),
        "terms": terms,
        "counted": tuple(counted),
        "stack": stack,
        "groups": None if about["groups"] is None else groups_of(names, list(about["groups"])),
        "files": files_of(names, about["files"]),
        "missing": texts(about["missing"]),
        "extra": texts(about["extra"]),
        "nodata": partial(frozenset, [_label(label) for label in about["nodata"]]),
        "total": None if total is None else _number(total),
    }


def images_of(
    about: Mapping[str, Any], columns: Mapping[str, Column], classes: Classes, measures: Measures
) -> list[Counted]:
    """Return the images of what `plain_images` made; of anything else, what untrusted entries raise."""
    names = texts(about["names"])
    failures = {failure.name: failure for failure in map(failure_of, about["failures"])}
    if len(set(names)) != len(names) or failures.keys() - set(names):
        raise FileFormatError("its images are not named as expected")
    images = len(names) - len(failures)
    _, *kinds = kinds_of(about)
    table = Table.as_read(columns, images)
    records = [record_of(KINDS[kind], columns, images, classes) for kind in kinds]
    if images and not are_of(records, measures):
        raise FileFormatError("its records are not those of what was measured")
    palettes = [None, *(_palette(text) for text in about["palettes"])]
    fits, *numbers = (_numbers(columns[name], images) for name in BESIDE)
    if any(number >= len(palettes) for own in numbers for number in own):
        raise FileFormatError("an image has a palette that is not there")
    values = about["values"] or [None] * images
    if len(values) != images:
        raise FileFormatError("its values are not those of its images")
    own = zip(fits, *numbers, values, table.each(), _measured(records, images), strict=True)
    found = []
    for name in names:
        if name in failures:
            found.append(Counted(name, None, failures[name]))
            continue
        fit, pred, target, value, pairs, measured = next(own)
        found.append(
            Counted(
                name,
                pairs,
                fit=Fit(fit),
                measured=measured,
                palettes=(palettes[pred], palettes[target]),
                values=_range(value),
            )
        )
    return found


def _measured(records: Sequence[Record], images: int) -> list[tuple[Record, ...]]:
    """Return what was measured of each image besides its pair counts."""
    if not records:
        return [()] * images
    alone = [[record.one_image(*rows) for rows in record.rows_of_each()] for record in records]
    return list(zip(*alone, strict=True))


def _place(values: Any) -> Place:
    number, shards, plan = values
    found = Place(_number(number), _number(shards), *texts([plan]))
    if not 1 <= found.number <= found.shards:
        raise FileFormatError(f"expected a shard of {found.shards:,}, found {found.number:,}")
    return found


def _numbers(column: Column, images: int) -> list[int]:
    if column.dtype.kind not in "iu" or len(column) != images or (column < 0).any():
        raise FileFormatError("a column does not belong to its images")
    found: list[int] = column.tolist()
    return found


def _number(value: Any) -> int:
    if not is_int(value) or not 0 <= value < 1 << 63:
        raise FileFormatError(f"expected a number, found {value!r}")
    return value


def _label(value: Any) -> int:
    if not is_int(value):
        raise FileFormatError(f"expected a label, found {value!r}")
    return value


def _palette(text: Any) -> bytes:
    palette = bytes.fromhex(*texts([text]))
    if len(palette) % 3:
        raise FileFormatError("a palette is none")
    return palette


def _range(value: Any) -> ScoreRange | None:
    if value is None:
        return None
    low, high, threshold, largest = value
    return ScoreRange(float(low), float(high), float(threshold), _number(largest))
