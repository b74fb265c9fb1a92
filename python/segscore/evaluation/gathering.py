"""What is counted of images one by one, until an `Evaluation` is made of it."""

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from segscore.auditing.results import warning_text
from segscore.base.foreign import JUDGING, Translated
from segscore.base.shown import Shown
from segscore.classes.classes import Classes
from segscore.counts.checks import not_the_same
from segscore.counts.counted import Counted
from segscore.counts.measures import NOTHING, Measures, unlike
from segscore.errors import ArgumentError, SegscoreWarning
from segscore.evaluation.assembling import assemble, unsaid
from segscore.evaluation.evaluation import Evaluation
from segscore.results.sent import images_of, plain_images


class Gathering(Shown, Translated):
    """Base of evaluators: images with names and without, which add up, and go to other processes."""

    _foreign = JUDGING
    _classes: Classes
    _measures: Measures = NOTHING
    _warned = False
    _told: frozenset[str] = frozenset()  # doubts of all images together
    _labels_checked: ClassVar[bool] = False  # of each image, before it is added

    def __init__(self) -> None:
        self._named: dict[str, Counted] = {}
        self._unnamed: list[Counted] = []

    @property
    def classes(self) -> Classes:
        """The classes, with everything that is ignored."""
        return self._classes

    def __len__(self) -> int:
        """Return the number of images so far."""
        return len(self._named) + len(self._unnamed)

    def _put(self, found: Sequence[Counted], names: Sequence[str], *, tile: bool = False) -> None:
        """Add images of these names, all or none of them."""
        added: list[str] = []
        for name, image in zip(names, found, strict=True):
            counted = image.named(name, tile=tile)
            if self._named.setdefault(name, counted) is not counted:
                for other in added:
                    del self._named[other]
                raise _doubled(name)
            added.append(name)

    def result(self) -> Evaluation:
        """Return the evaluation of the images so far; later ones do not change it.

        What all of them say together against how they are read is warned of, as :func:`evaluate` does, once.

        Raises
        ------
        EvaluationError
            If there are no images.
        ArgumentError
            If an image is named as one without a name is numbered.
        """
        unnamed, named = list(self._unnamed), dict(self._named)
        numbered = {str(i): counted.named(str(i)) for i, counted in enumerate(unnamed)}
        both = numbered.keys() & named.keys()
        if both:
            raise _doubled(min(both))
        counted = [*numbered.values(), *(named[name] for name in sorted(named))]
        made = assemble(self._classes, counted, measures=self._measures, checked=self._labels_checked)
        for finding in unsaid(made, self._told):
            # Before it is taken for said, because a filter may turn the warning into an error.
            warnings.warn(SegscoreWarning(warning_text(finding)), stacklevel=2)
            self._told |= {finding.kind}
        return made

    def _empty(self, other: Self) -> Self:
        """Return one without images, with the options of both, or raise ArgumentError where they differ."""
        raise NotImplementedError

    def _sum(self, other: Self) -> Self:
        """Return one with the images of both, or raise ArgumentError."""
        if self._classes != other._classes:
            raise not_the_same("evaluators", self._classes, other._classes)
        both = self._named.keys() & other._named.keys()
        if both:
            raise _doubled(min(both))
        made = self._empty(other)
        if self._measures != other._measures:
            raise ArgumentError(
                f"two evaluators with {unlike(vars(self._measures), vars(other._measures))} cannot be added",
                "make both with the same options",
            )
        made._measures = self._measures
        made._warned = self._warned or other._warned
        made._told = self._told | other._told
        made._named = self._named | other._named
        made._unnamed = self._unnamed + other._unnamed
        return made

    def __radd__(self, other: object) -> Self:
        """Let `sum` begin with 0."""
        return self._sum(self._empty(self)) if other == 0 else NotImplemented

    def __getstate__(self) -> dict[str, object]:
        # As of one moment: another thread may add images while what is kept of these is written.
        unnamed, named = list(self._unnamed), dict(self._named)
        numbered = [image.named(str(i)) for i, image in enumerate([*unnamed, *named.values()])]
        tiles = {name for name, image in named.items() if image.tile}
        state = {name: value for name, value in vars(self).items() if name not in ("_named", "_unnamed")}
        # Columns take a fraction of what single rows do.
        return {**state, "_images": (len(unnamed), tuple(named), tiles, *plain_images(numbered))}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        images = vars(self).pop("_images", None)
        if images is None:  # of what was pickled before it held columns
            return
        unnamed, names, tiles, about, columns = images
        found = images_of(about, columns, self._classes, self._measures)
        self._unnamed = [image.named("") for image in found[:unnamed]]
        self._named = {
            name: image.named(name, tile=name in tiles)
            for name, image in zip(names, found[unnamed:], strict=True)
        }

    def __repr__(self) -> str:
        """Return a short form with the number of images."""
        return f"<{type(self).__name__} of {self._classes}: {len(self):,} images>"


def checked_name(name: object) -> None:
    """Raise ArgumentError unless it names an image, or is None."""
    if name is not None and not isinstance(name, str):
        raise ArgumentError(f"`name` is of type {type(name).__name__}", "name images by texts")


def _doubled(name: str) -> ArgumentError:
    return ArgumentError(f"an image named `{name}` was added before", "names are all different")
