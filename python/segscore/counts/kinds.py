"""Kinds of records, by which files name what they hold; and the records of images that were counted."""

from collections.abc import Sequence

from segscore.counts.bands import Bands, Segments
from segscore.counts.counted import Counted
from segscore.counts.grown import Grown
from segscore.counts.image_spacings import Spacings
from segscore.counts.measures import Measures
from segscore.counts.object_bands import ObjectBands, OverlapBands
from segscore.counts.objects import Objects, Overlaps
from segscore.counts.record import Record
from segscore.counts.surfaces import Surfaces
from segscore.counts.table import Table
from segscore.errors import ArgumentError

KINDS: dict[str, type[Record]] = {
    kind.kind: kind
    for kind in (
        *(Table, Bands, Segments, Surfaces, Spacings, Objects, Overlaps, Grown, ObjectBands, OverlapBands),
    )
}
"""Every class of records by its kind; evaluations always have the first."""


def are_of(measured: Sequence[Record], measures: Measures) -> bool:
    """Whether these are the records of what is measured; spacings are not in older files."""
    lacking = _asked(measures) - {record.kind for record in measured}
    if lacking or not all(record.fits(measures) for record in measured):
        return False
    by_kind = {record.kind: record for record in measured}
    objects, overlaps = by_kind.get(Objects.kind), by_kind.get(Overlaps.kind)
    if not isinstance(objects, Objects) or not isinstance(overlaps, Overlaps):
        return True
    if not overlaps.are_of(objects):
        return False
    grown, bands, shared = (by_kind.get(one.kind) for one in (Grown, ObjectBands, OverlapBands))
    if isinstance(grown, Grown) and not grown.are_of(objects):
        return False
    if not isinstance(bands, ObjectBands) or not isinstance(shared, OverlapBands):
        return True
    return bands.are_of(objects) and shared.are_of(overlaps, objects, bands)


def _asked(measures: Measures) -> set[str]:
    asked = {
        Bands.kind: bool(measures.boundary),
        Segments.kind: measures.segments,
        Surfaces.kind: measures.distances,
        Objects.kind: bool(measures.instances),
        Overlaps.kind: bool(measures.instances),
        Grown.kind: measures.dilation > 0,
        ObjectBands.kind: measures.band is not None,
        OverlapBands.kind: measures.band is not None,
    }
    return {kind for kind, there in asked.items() if there}


def of_no_images(measures: Measures) -> tuple[Record, ...]:
    """Return the records of what is measured, without images."""
    return tuple(KINDS[kind].stack([]) for kind in sorted(_asked(measures)))


def measured_of(images: Sequence[Counted]) -> tuple[Record, ...]:
    """Return what was measured of images besides their pair counts, by kind, under each other."""
    by_kind: dict[str, dict[str, Record]] = {}
    for image in images:
        for record in image.measured:
            by_kind.setdefault(record.kind, {})[image.name] = record
    for kind, found in [*by_kind.items()]:
        lacking = next((image.name for image in images if image.name not in found), None)
        if lacking is not None and kind == Spacings.kind:
            del by_kind[kind]  # an earlier segscore, which kept none, measured some of the images
        elif lacking is not None:
            raise ArgumentError(
                f"`{kind}` was measured of image `{next(iter(found))}`, and not of `{lacking}`",
                "measure the same of all images",
            )
    return tuple(KINDS[kind].stack(list(found.values())) for kind, found in sorted(by_kind.items()))
