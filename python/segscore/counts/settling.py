"""What the labels of counted images mean: palettes, codes and channels that all images tell together.

How each image is counted is the business of `counting`.
"""

from collections.abc import Sequence
from dataclasses import replace

from segscore._core import PairCounts, stack
from segscore.classes.classes import Classes
from segscore.counts.channels import as_told
from segscore.counts.counted import Counted
from segscore.counts.counting import Progress, counted_as_read
from segscore.counts.failures import Failure
from segscore.counts.id_maps import IdMaps
from segscore.counts.measures import NOTHING, Measures
from segscore.counts.measuring import not_measured
from segscore.counts.palettes import NO_PALETTES, Decisions, Painted, codes_said, decided, decisions, decoded
from segscore.errors import SegscoreError
from segscore.io.cases import Case
from segscore.io.reading import Reading


def counted_cases(
    cases: Sequence[Case],
    classes: Classes | None,
    reading: Reading,
    *,
    of_preds: Reading | None = None,
    threads: int | None,
    progress: Progress,
    measures: Measures = NOTHING,
    ids: IdMaps | None = None,
) -> list[Counted]:
    """Return what each case comes to, in the order of the cases; labels are not checked.

    Predictions are read as `of_preds` says, if they are not read as targets are. Where the classes are not
    known yet, pixels in colours are read as labels, and indices of palettes as they are. Where masks hold ids
    of objects, `ids` says what these are. Other arguments are those of `evaluate`.
    """
    of_preds = reading if of_preds is None else of_preds
    counted = counted_as_read(
        cases,
        None if ids is not None else classes,
        reading,
        of_preds=of_preds,
        threads=threads,
        progress=progress,
        measures=NOTHING if ids is not None else measures,
        ids=ids,
    )
    scores = [of_preds.threshold is not None or case.class_axis is not None for case in cases]
    return settled(classes, counted, scores)


def settled(classes: Classes | None, counted: list[Counted], scores: Sequence[bool]) -> list[Counted]:
    """Return what was counted of all images with the labels that are meant, which all of them tell together.

    `scores` says of which images the predictions are scores, which have neither palettes nor codes. The list
    that is given may change.
    """
    before = [image.pairs for image in counted]
    for i, told in as_told(classes, [image.pairs for image in counted]).items():
        name = counted[i].name
        counted[i] = (
            replace(counted[i], pairs=told)
            if isinstance(told, PairCounts)
            else Counted(name, None, Failure.of(name, told))
        )
    if classes is None:
        return counted
    counted = _decoded(classes, _as_meant(classes, counted), scores)
    return [_as_measured(image, pairs) for image, pairs in zip(counted, before, strict=True)]


def _as_measured(image: Counted, before: PairCounts | None) -> Counted:
    """Return an image, or its failure if its labels became others after it had been measured."""
    if not image.measured or image.pairs is before or image.pairs is None:
        return image
    return Counted(image.name, None, Failure.of(image.name, not_measured()))


def painted_images(counted: Sequence[Counted]) -> list[Painted]:
    """Return the images whose labels are indices of palettes, on one side at least."""
    return [
        (image.name, image.pairs, image.palettes)
        for image in counted
        if image.pairs is not None and image.palettes != NO_PALETTES
    ]


def _as_meant(classes: Classes, counted: list[Counted]) -> list[Counted]:
    """Return what was counted with the rows that palettes mean, where their colours decide."""
    painted = painted_images(counted) if classes.colours else []
    if not painted:
        return counted
    found = decisions(classes, painted)
    decide = any(decision for of in found for decision in of.values())
    return [_meant(image, found) for image in counted] if decide else counted


def _meant(image: Counted, found: Decisions) -> Counted:
    if image.pairs is None or image.palettes == NO_PALETTES:
        return image
    try:
        pairs = decided(image.pairs, image.palettes, found)
    except SegscoreError as error:
        return Counted(image.name, None, Failure.of(image.name, error))
    return image if pairs is image.pairs else replace(image, pairs=pairs)


def _decoded(classes: Classes, counted: list[Counted], scores: Sequence[bool]) -> list[Counted]:
    """Return what was counted with the labels of codes; `scores` are images whose predictions have none."""
    if classes.label_rule is None and classes.pred_label_rule is None:
        return counted
    _, target, pred, _ = stack([image.pairs for image in counted if image.pairs is not None])
    said = codes_said(classes, target, pred)  # what one image leaves open, another one may tell
    found = []
    for image, given in zip(counted, scores, strict=True):
        if image.pairs is None:
            found.append(image)
            continue
        try:
            found.append(replace(image, pairs=decoded(classes, image.pairs, scores=given, said=said)))
        except SegscoreError as error:
            found.append(Counted(image.name, None, Failure.of(image.name, error)))
    return found
