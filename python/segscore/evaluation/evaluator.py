"""Evaluator: images come one by one, from an inference loop, and an `Evaluation` comes out."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal, Self

from segscore.base.foreign import JUDGING, Translated, translated
from segscore.base.shown import Shown
from segscore.classes.classes import Classes, ClassesLike
from segscore.counts.checks import check_labels, not_the_same
from segscore.counts.counting import Counted, checked_resize
from segscore.counts.pairs import count_given
from segscore.errors import ArgumentError, SegscoreWarning
from segscore.evaluation.assembling import assemble
from segscore.evaluation.evaluation import Evaluation


class Evaluator(Shown, Translated):
    """Scores images one by one, for example inside an inference loop.

    Parameters
    ----------
    classes, ignore_index, pred_classes, strict
        As for :class:`segscore.ConfusionMatrix`.
    resize : "nearest", optional
        Resize predictions of another size to their targets.

    Raises
    ------
    ClassesError, ArgumentError
        If the classes, or `resize`, are not usable.

    Notes
    -----
    Evaluators of parts of a dataset (of other processes or machines, sent by pickle) are added with
    ``+``; the result does not depend on how the images were split.

    Examples
    --------
    >>> judge = Evaluator(2)
    >>> judge.add(pred=[0, 1, 1], target=[0, 0, 1], name="frame_07")
    >>> judge.result().scores.pixel_accuracy
    0.6666666666666666
    """

    _foreign = JUDGING

    @translated
    def __init__(
        self,
        classes: ClassesLike,
        *,
        ignore_index: int | Iterable[int] | None = None,
        pred_classes: ClassesLike | Sequence[int] | None = None,
        strict: bool = False,
        resize: Literal["nearest"] | None = None,
    ) -> None:
        self._classes = Classes.of(classes, ignore_index, pred_classes)
        self._strict = strict
        self._resize = checked_resize(resize)
        self._warned = False
        self._named: dict[str, Counted] = {}
        self._unnamed: list[Counted] = []

    @property
    def classes(self) -> Classes:
        """The classes, with everything that is ignored."""
        return self._classes

    def __len__(self) -> int:
        """Return the number of images so far."""
        return len(self._named) + len(self._unnamed)

    @translated
    def add(
        self,
        *,
        target: object,
        pred: object = None,
        logits: object = None,
        class_axis: int | None = None,
        threshold: float | None = None,
        name: str | None = None,
    ) -> None:
        """Count one image.

        Parameters
        ----------
        target, pred, logits, class_axis, threshold
            Label values, or label values and class scores, as for
            :meth:`segscore.ConfusionMatrix.update`. Class scores are never resized.
        name : str, optional
            Of the image. If not given it is the number of those without a name so far, and comes
            before all that have one.

        Raises
        ------
        ArgumentError
            If an image of this name was added before; and as for
            :meth:`segscore.ConfusionMatrix.update`.
        ShapeError, DtypeError, LabelError
            As for :meth:`segscore.ConfusionMatrix.update`. An image that raises is not added.
        """
        if name is not None and not isinstance(name, str):
            raise ArgumentError(f"`name` is of type {type(name).__name__}", "name images by texts")
        pairs, resized = count_given(
            self._classes,
            target=target,
            pred=pred,
            logits=logits,
            class_axis=class_axis,
            threshold=threshold,
            resize=self._resize,
        )
        warning = check_labels(self._classes, pairs.columns(), where=lambda _: name, strict=self._strict)
        if warning and not self._warned:
            # Before anything changes, because a filter may turn the warning into an error.
            warnings.warn(SegscoreWarning(warning), stacklevel=3)
            self._warned = True
        counted = Counted(name or "", pairs, resized=resized)
        if name is None:
            self._unnamed.append(counted)
        elif self._named.setdefault(name, counted) is not counted:
            raise _doubled(name)

    def result(self) -> Evaluation:
        """Return the evaluation of the images so far; later ones do not change it.

        Raises
        ------
        EvaluationError
            If there are no images.
        ArgumentError
            If an image is named as one without a name is numbered.
        """
        unnamed, named = list(self._unnamed), dict(self._named)
        numbered = {str(i): replace(counted, name=str(i)) for i, counted in enumerate(unnamed)}
        both = numbered.keys() & named.keys()
        if both:
            raise _doubled(min(both))
        counted = [*numbered.values(), *(named[name] for name in sorted(named))]
        return assemble(self._classes, counted)

    def __add__(self, other: object) -> Self:
        """Return an evaluator of the images of both.

        Raises
        ------
        ArgumentError
            If the classes differ, or both have an image of one name.
        """
        if not isinstance(other, Evaluator):
            return NotImplemented
        if self._classes != other._classes:
            raise not_the_same("evaluators", self._classes, other._classes)
        both = self._named.keys() & other._named.keys()
        if both:
            raise _doubled(min(both))
        made = type(self)(self._classes, strict=self._strict or other._strict)
        made._resize = self._resize or other._resize
        made._warned = self._warned or other._warned
        made._named = self._named | other._named
        made._unnamed = self._unnamed + other._unnamed
        return made

    def __radd__(self, other: object) -> Self:
        """Let `sum` begin with 0."""
        return self + type(self)(self._classes) if other == 0 else NotImplemented

    def __getstate__(self) -> dict[str, object]:
        # As of one moment: another thread may add images while what is kept of these is written.
        return {**vars(self), "_named": dict(self._named), "_unnamed": list(self._unnamed)}

    def __repr__(self) -> str:
        """Return a short form with the number of images."""
        return f"<Evaluator of {self._classes}: {len(self):,} images>"


def _doubled(name: str) -> ArgumentError:
    return ArgumentError(f"an image named `{name}` was added before", "names are all different")
