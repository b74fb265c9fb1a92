"""Spacings of volumes: each file has its own, and both sides of an image say the same of its places."""

from collections.abc import Sequence

from segscore.base.naming import arg
from segscore.base.wording import many, show
from segscore.counts.distance_options import LEAST_STEP, MOST_STEP
from segscore.counts.measure_options import MeasureOptions
from segscore.counts.measures import HEADER, Measures
from segscore.errors import ArgumentError, MaskError
from segscore.io.by_class import Parts
from segscore.io.cases import Case
from segscore.io.kinds import is_volume
from segscore.io.reading import Reading


def with_own_spacings(
    measures: Measures, options: MeasureOptions, cases: Sequence[Case], reading: Reading
) -> Measures:
    """Return what the options ask for; with the spacing of each file, if it has one and none is given."""
    if not measures.distances or measures.spacing is not None or not _have_spacings(cases, reading):
        return measures
    own: MeasureOptions = {**options, "spacing": HEADER}
    return Measures.of(**own, dims=reading.dims)


def _have_spacings(cases: Sequence[Case], reading: Reading) -> bool:
    """Whether images are volumes in files, which have a spacing; an ArgumentError where some alone are."""
    found = [bool(_volumes(case.pred, reading) or _volumes(case.target, reading)) for case in cases]
    if all(found) or not any(found):
        return any(found)
    one, other = (cases[found.index(there)].name for there in (True, False))
    raise ArgumentError(
        f"{sum(found):,} of {many(len(found), 'image')} are volumes with a spacing in their files, such as "
        f"{show(one)}, and others have none, such as {show(other)}",
        f"give {arg('spacing')} for all, or evaluate them apart: distances in mm and in pixels make no mean",
    )


def own_spacing(
    case: Case, measures: Measures, of_preds: Reading, of_targets: Reading
) -> tuple[float, ...] | None:
    """Return the spacing in the files of an image; None if they have none, or it is not asked for.

    Raise ShapeError where volumes of an image do not lie in the same places, and MaskError where the header
    of one cannot be read, or is not what distances need.
    """
    preds, targets = _volumes(case.pred, of_preds), _volumes(case.target, of_targets)
    if not preds and not targets:
        return None
    from segscore.io.grids import alike, check_same, vector
    from segscore.io.volumes import grid_of

    grids = {path: grid_of(path) for path in (*targets, *preds)}
    for side in (preds, targets):
        for path in side[1:]:
            check_same(grids[path], grids[side[0]], names=(show(path), show(side[0])))
    if preds and targets:
        check_same(grids[preds[0]], grids[targets[0]])
    if not measures.distances:
        return None
    told = next((path for path in grids if grids[path].spacing is not None), None)
    if told is None:
        if measures.spacing != HEADER:
            return None
        raise MaskError(
            f"{show(next(iter(grids)))}: expected a spacing in its header, found none",
            f"give {arg('spacing')} as numbers, one for each axis in the order of the file; all 1 measure in "
            "voxels",
        )
    if grids[told].skewed:
        raise MaskError(
            f"{show(told)}: its axes are not at right angles, and distances are measured along them",
            "resample it to a grid with axes at right angles",
        )
    found, given = grids[told].spacing, measures.spacing
    if found is not None and not all(LEAST_STEP <= step <= MOST_STEP for step in found):
        raise MaskError(
            f"{show(told)}: its spacing is {vector(found)} mm, expected numbers from {LEAST_STEP:g} to "
            f"{MOST_STEP:g}",
            "save it with the spacing of its voxels",
        )
    if found is not None and isinstance(given, tuple) and not alike(found, given):
        raise MaskError(
            f"{show(told)}: its spacing is {vector(found)} mm, expected {vector(given)} as "
            f"{arg('spacing')} says",
            f"leave {arg('spacing')} out to measure with that of each file, in the order of the file's axes",
        )
    return found


def _volumes(mask: object, reading: Reading) -> tuple[str, ...]:
    """Return the files of a mask that are volumes with headers which are read here."""
    if reading.read is not None:
        return ()
    paths = mask.paths if isinstance(mask, Parts) else (mask,) if isinstance(mask, str) else ()
    return tuple(path for path in paths if is_volume(path))
