"""The summed confusion matrix as the cells that hold pixels, and the confusions in it by their size."""

from typing import NamedTuple

import numpy as np

from segscore.base.values import Ints
from segscore.counts.rows import joined
from segscore.results.evaluated import Evaluated


class Pairs(NamedTuple):
    """The cells that hold pixels, int64 (M,) each; a prediction that is no class has the index K."""

    target: Ints
    pred: Ints
    pixels: Ints

    def confusions(self) -> Ints:
        """Return the cells in which pixels are wrong, the largest first, equal ones as the classes are."""
        wrong = np.flatnonzero(self.target != self.pred)
        return wrong[np.argsort(-self.pixels[wrong], kind="stable")]


def pairs_of(evaluation: Evaluated) -> Pairs:
    """Return the cells of the summed matrix with pixels that are scored, by target, then by prediction."""
    classes = evaluation.classes
    target, pred, pixels = evaluation.table.sum.columns()
    target, pred = classes.fold(target, pred)
    scored = target >= 0
    width = len(classes) + 1
    (keys,), sums = joined([target[scored] * width + pred[scored]], pixels[scored])
    return Pairs(*np.divmod(keys, width), sums)
