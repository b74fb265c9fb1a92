"""What both reports rank and how much of it, and the photographs of images."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from segscore.base.naming import arg
from segscore.base.values import Bools, Ints
from segscore.base.wording import show, visible
from segscore.counts.distance_options import shown_number
from segscore.errors import PairingError
from segscore.io.absolute import absolute_path
from segscore.io.kinds import IMAGE_SUFFIXES
from segscore.io.pairing import pair
from segscore.io.places import Files
from segscore.io.sides import IMAGES
from segscore.io.sources import SourceLike, find_files
from segscore.pages.panels.given import Ranking
from segscore.results.copies import with_files
from segscore.results.evaluated import Evaluated
from segscore.scores import metrics
from segscore.scores.images import RankedImage, ranks
from segscore.scores.main import MAIN_PIXELS
from segscore.scores.metric import METRICS

RANKED = 8
"""Images of a ranking, at each end."""
MAX_CLASSES = 400
"""Of more classes, images are ranked by the overall score alone."""
MAX_CELLS = 1 << 25
"""Of more classes and images as well: their scores would take 256 MB for each model."""
MAX_SCENARIOS = 200
"""Groups of one attribute that are shown, at most."""
MAX_INTERVALS = 60
"""Groups of one attribute that have an interval, at most: each has resamples of its own."""


def ranks_classes(classes: int, images: int) -> bool:
    """Whether images are ranked by the score of each class as well, which takes too much memory for many."""
    return classes <= MAX_CLASSES and classes * images <= MAX_CELLS


def with_photographs(
    evaluation: Evaluated, images: SourceLike | None, pattern: str | None = None
) -> Evaluated:
    """Return the evaluation with the places of its images' photographs, if they are asked for.

    The pattern says how their names differ from those of the targets; see `write_report`. Where no photograph
    is found, or none belongs to an image, that is an error.
    """
    if images is None:
        return evaluation
    if pattern is None:
        source = find_files(IMAGES, images, IMAGE_SUFFIXES)
        known = set(evaluation.names)
        places = {name: path for name, path in zip(source.names, source.paths, strict=True) if name in known}
        if not places:
            raise PairingError(
                f"no photograph in {source.where} has the name of an image: found "
                f"{show(source.names[0])}, expected such as {show(evaluation.names[0])}",
                f"where the names differ, give a pattern: {arg('image_pairing')}",
            )
    else:
        targets = {files.target: name for name, files in evaluation.files.items() if files.target is not None}
        found = pair(images, list(targets), pattern, suffixes=None, images=True, argument="image_pairing")
        places = {targets[one.target]: one.pred for one in found.pairs}
    files = dict(evaluation.files)
    for name, path in places.items():
        files[name] = replace(files.get(name, Files()), image=absolute_path(path))
    return with_files(evaluation, files)


def rankings_of(evaluation: Evaluated) -> Iterator[Ranking]:
    """Yield the worst and the best images: overall, and of each class by IoU, or objects, and by surfaces."""
    worst, best = (getattr(evaluation, way)(RANKED) for way in ("worst", "best"))
    yield Ranking(None, worst, best, metric=evaluation.main.image)
    if not ranks_classes(len(evaluation.classes), len(evaluation.names)):
        return
    order = _worst_first(evaluation)
    yield from (_by_pixels if evaluation.main == MAIN_PIXELS else _by_objects)(evaluation, order)
    yield from _by_shapes(evaluation, order)


def _worst_first(evaluation: Evaluated) -> list[int]:
    """Return the classes in the order of their numbers, those without one last."""
    main = evaluation.main
    values = np.asarray(evaluation.scores.iou)
    if main != MAIN_PIXELS:
        values = np.array([evaluation.metric(main.of_class(name)) for name in evaluation.classes.names])
    order: list[int] = np.argsort(np.where(np.isnan(values), 2.0, values), kind="stable").tolist()
    return order


def _by_objects(evaluation: Evaluated, order: Sequence[int]) -> Iterator[Ranking]:
    """Yield rankings by the objects of each class, in this order of the classes."""
    images, main = evaluation.images, evaluation.main
    for i in order:
        name = main.image_of_class(evaluation.classes.names[i])
        worst, best = (images.ranked(RANKED, name, best=way) for way in (False, True))
        if worst:
            yield Ranking(i, worst, best, metric=name)


def _by_pixels(evaluation: Evaluated, order: Sequence[int]) -> Iterator[Ranking]:
    """Yield rankings by the IoU of each class, in this order of the classes."""
    cells, names = evaluation.cells, evaluation.names
    places = cells.places()
    iou, all_wrong = metrics.iou(cells.tp, cells.target, cells.pred), cells.wrong_of_class
    for i in order:
        # As `Evaluation.worst` ranks them, without looking through all cells anew for each class.
        at = places[i]
        if not len(at):
            continue
        values, wrong = iou[at], all_wrong[at]
        found = [
            tuple(
                RankedImage((names[cells.image[at[j]]], float(values[j])), bool(cells.target[at[j]] > 0))
                for j in ranks(values, wrong, best=best, count=RANKED).tolist()
            )
            for best in (False, True)
        ]
        yield Ranking(i, found[0], found[1], metric=f"iou.{evaluation.classes.names[i]}")


def _by_shapes(evaluation: Evaluated, order: Sequence[int]) -> Iterator[Ranking]:
    """Yield rankings by surfaces of each class that was measured, in this order of the classes."""
    measures = evaluation.measures
    if not measures.distances:
        return
    images, tolerance = evaluation.surface.images, measures.tolerances[0]
    infinite = "missed"
    if measures.within is not None:
        infinite += f", or farther than {measures.within:g} {measures.unit}"
    wrong, in_target = _dense(evaluation)
    for name, values in (
        ("hd95", images.hausdorff(95)),
        (f"surface_dice@{shown_number(tolerance)}", images.dice(tolerance)),
    ):
        metric = METRICS[name.partition("@")[0]]
        end = f" at {shown_number(tolerance)} {measures.unit}" if not metric.unit else f" in {measures.unit}"
        for i in order:
            defined = np.flatnonzero(~np.isnan(values[:, i]))
            if not len(defined):
                continue
            of, wrong_ = values[defined, i], wrong[defined, i]
            ranked = [
                tuple(
                    RankedImage((evaluation.names[defined[j]], float(of[j])), bool(in_target[defined[j], i]))
                    for j in ranks(metric.sign * of, wrong_, best=best, count=RANKED).tolist()
                )
                for best in (False, True)
            ]
            title = f"{metric.label} of {visible(evaluation.classes.names[i])}{end}"
            of_class = f"{metric.name}.{evaluation.classes.names[i]}{name.removeprefix(metric.name)}"
            yield Ranking(i, ranked[0], ranked[1], title, metric.digits, of_class, infinite)


def _dense(evaluation: Evaluated) -> tuple[Ints, Bools]:
    """Return the wrong pixels of each class in each image, and whether the target has it, (n, K) each."""
    cells = evaluation.cells
    shape = len(evaluation.names), len(evaluation.classes)
    wrong, in_target = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_)
    wrong[cells.image, cells.label] = cells.wrong_of_class
    in_target[cells.image, cells.label] = cells.target > 0
    return wrong, in_target
