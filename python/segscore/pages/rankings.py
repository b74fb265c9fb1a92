"""What both reports rank and how much of it, and the photographs of images."""

from dataclasses import replace

from segscore.base.naming import arg
from segscore.base.wording import show
from segscore.errors import PairingError
from segscore.io.absolute import absolute_path
from segscore.io.kinds import IMAGE_SUFFIXES
from segscore.io.pairing import pair
from segscore.io.places import Files
from segscore.io.sides import IMAGES
from segscore.io.sources import SourceLike, find_files
from segscore.results.evaluated import Evaluated, with_files

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
