"""Formulas of segmentation scores, each in one place with its source; pure functions on vectors of counts.

Of a confusion matrix they need the diagonal and the margins, never the matrix itself, so 65,536 classes
cost 65,536 numbers. The same four names stand in every signature:

- ``tp``: int64 (..., K), pixels of a class that are predicted as that class (the diagonal);
- ``target``: int64 (..., K), pixels whose target is the class (sums of rows);
- ``pred``: int64 (..., K), pixels that are predicted as the class (sums of columns);
- ``total``: int64 (...), all pixels, the sum of ``target``.

Leading axes hold separate cases, such as images or resamples. ``pred`` may sum to less than ``total``: the
other pixels have a prediction that is no class, which is one more column ("none") without a diagonal cell.
They are false negatives of their target's class. A total may reach 2**62. Results are float64, and NaN where
a formula is 0/0; no epsilon is ever added. Of counts that are fractions, in arrays of objects, results are
exact fractions, but for `mcc` and `f_beta`.

Names of classes, policies and texts may not live here; NumPy is all that is imported.
"""

import numpy as np

from segscore.base.values import Bools, Floats, Ints


def iou(tp: Ints, target: Ints, pred: Ints) -> Floats:
    """Return the intersection over union of each class, also called Jaccard index.

    0 to 1; NaN for a class that is in neither target nor prediction.

    ``TP / (TP + FP + FN)``, where the union is ``target + pred - tp``. P. Jaccard, "The distribution of the
    flora in the alpine zone", New Phytologist 11 (1912); as a measure of segmentation: M. Everingham et al.,
    "The PASCAL Visual Object Classes (VOC) Challenge", IJCV 88 (2010).

    Examples
    --------
    >>> iou(np.array([6, 1]), np.array([8, 2]), np.array([7, 3])).round(4).tolist()
    [0.6667, 0.25]
    """
    # False positives first: target + pred alone may exceed int64.
    return ratio(tp, target + (pred - tp))


def dice(tp: Ints, target: Ints, pred: Ints) -> Floats:
    """Return the Dice coefficient of each class, which is its F1 score.

    0 to 1; NaN for a class that is in neither target nor prediction.

    ``2 TP / (2 TP + FP + FN)``, which is ``2 IoU / (1 + IoU)``. L. R. Dice, "Measures of the amount of
    ecologic association between species", Ecology 26 (1945).

    Examples
    --------
    >>> dice(np.array([6, 1]), np.array([8, 2]), np.array([7, 3])).tolist()
    [0.8, 0.4]
    """
    # Halves, as twice the pixels may exceed int64.
    return ratio(tp, target / 2 + pred / 2)


def precision(tp: Ints, pred: Ints) -> Floats:
    """Return the share of the pixels predicted as a class that are of it.

    0 to 1; NaN for a class that is never predicted.

    ``TP / (TP + FP)``. C. J. van Rijsbergen, "Information Retrieval", 2nd ed. (1979), chapter 7.

    Examples
    --------
    >>> precision(np.array([6, 0]), np.array([8, 0])).tolist()
    [0.75, nan]
    """
    return ratio(tp, pred)


def recall(tp: Ints, target: Ints) -> Floats:
    """Return the share of the pixels of a class that are predicted as it, also called sensitivity.

    0 to 1; NaN for a class without target pixels.

    ``TP / (TP + FN)``; pixels whose prediction is no class are among the FN. C. J. van Rijsbergen,
    "Information Retrieval", 2nd ed. (1979), chapter 7. Its mean over classes is called mean accuracy.

    Examples
    --------
    >>> recall(np.array([6, 0]), np.array([8, 0])).tolist()
    [0.75, nan]
    """
    return ratio(tp, target)


def specificity(tp: Ints, target: Ints, pred: Ints, total: Ints | int) -> Floats:
    """Return the share of the pixels outside a class that are not predicted as it.

    0 to 1; NaN where every pixel is of the class.

    ``TN / (TN + FP)``. J. Yerushalmy, "Statistical problems in assessing methods of medical diagnosis",
    Public Health Reports 62 (1947). Near 1 for every rare class, however badly it is predicted.

    Examples
    --------
    >>> specificity(np.array([6]), np.array([8]), np.array([7]), 12).tolist()
    [0.75]
    """
    negative = np.expand_dims(total, -1) - target
    return ratio(negative - (pred - tp), negative)


def f_beta(tp: Ints, target: Ints, pred: Ints, beta: float) -> Floats:
    """Return the F-beta score of each class: precision and recall in one number.

    `beta` says how many times more recall weighs than precision: 0 gives precision, 1 Dice, infinity recall.
    0 to 1; NaN for a class that is in neither target nor prediction.

    ``1 / (a / precision + (1 - a) / recall)`` with ``a = 1 / (1 + beta**2)``, which is
    ``TP / (TP + a FP + (1 - a) FN)`` and therefore 0, not undefined, where precision alone is undefined.
    C. J. van Rijsbergen, "Information Retrieval", 2nd ed. (1979), chapter 7.

    Examples
    --------
    >>> f_beta(np.array([6]), np.array([8]), np.array([12]), 2.0).round(6).tolist()
    [0.681818]
    """
    weight = 1.0 / (1.0 + float(beta) * float(beta))
    # Sums of what is not negative: nothing cancels, and a perfect class is exactly 1.
    return ratio(tp, tp + weight * (pred - tp) + (1.0 - weight) * (target - tp))


def pixel_accuracy(tp: Ints, total: Ints | int) -> Floats:
    """Return the share of all pixels whose prediction is right.

    0 to 1; NaN without pixels.

    ``sum(TP) / total``. J. Long, E. Shelhamer, T. Darrell, "Fully convolutional networks for semantic
    segmentation", CVPR (2015), section 5.

    Examples
    --------
    >>> float(pixel_accuracy(np.array([6, 1]), 10))
    0.7
    """
    return ratio(tp.sum(axis=-1), np.asarray(total))


def class_mean(values: Floats, in_mean: Bools) -> Floats:
    """Return the mean over the classes that are defined and that the mean takes in.

    Scores are float64 (..., K); `in_mean` is bool (..., K) or (K,). NaN where no class is left.

    Of `iou` this is mean IoU, of `dice` mean Dice, of `recall` mean accuracy; every class weighs the same.
    J. Long, E. Shelhamer, T. Darrell, CVPR (2015), section 5, where every class is present.

    Examples
    --------
    >>> float(class_mean(np.array([0.5, np.nan, 1.0, 0.0]), np.array([True, True, True, False])))
    0.75
    """
    used = in_mean & (values == values)  # noqa: PLR0124 - NaN alone is not
    return ratio(np.where(used, values, 0).sum(axis=-1), used.sum(axis=-1))


def frequency_weighted_iou(tp: Ints, target: Ints, pred: Ints, in_mean: Bools) -> Floats:
    """Return the mean IoU where every class weighs as many pixels as its target has.

    Weights are shares of the target pixels of the classes that the mean takes in, bool (..., K) or (K,).
    0 to 1; NaN where none of the classes has target pixels.

    ``sum(target IoU) / sum(target)``. J. Long, E. Shelhamer, T. Darrell, "Fully convolutional networks for
    semantic segmentation", CVPR (2015), section 5.

    Examples
    --------
    >>> both = np.array([True, True])
    >>> float(frequency_weighted_iou(np.array([6, 1]), np.array([8, 2]), np.array([6, 3]), both))
    0.65
    """
    weights = np.where(in_mean, target, 0) / 1  # floats, or fractions
    weighted = np.where(weights > 0, weights * iou(tp, target, pred), 0)
    return ratio(weighted.sum(axis=-1), weights.sum(axis=-1))


def kappa(tp: Ints, target: Ints, pred: Ints, total: Ints | int) -> Floats:
    """Return Cohen's kappa: the agreement beyond what these margins give by chance.

    -1 to 1; NaN without pixels, and where target and prediction hold the same single class.

    ``(p_o - p_e) / (1 - p_e)`` with ``p_o = sum(TP) / total`` and ``p_e = sum(target pred) / total**2``.
    J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20
    (1960). Computed in his second form, ``1 - q_o / q_e``, from the shares of disagreement: with
    ``q_e = sum(target (total - pred)) / total**2`` only positive numbers are added, so a class of a few
    pixels among 2**62 does not drown.

    Examples
    --------
    >>> float(kappa(np.array([20, 15]), np.array([25, 25]), np.array([30, 20]), 50))
    0.4
    """
    everything = np.expand_dims(total, -1)
    observed = ratio(np.asarray(total) - tp.sum(axis=-1), np.asarray(total))
    expected = (ratio(target, everything) * ratio(everything - pred, everything)).sum(axis=-1)
    return np.asarray(1 - ratio(observed, expected))


def mcc(tp: Ints, target: Ints, pred: Ints, total: Ints | int) -> Floats:
    """Return the multi-class correlation coefficient R_K; with two classes, Matthews' coefficient.

    -1 to 1; NaN without pixels, and where target or prediction holds one class only.

    ``cov(t, p) / sqrt(cov(t, t) cov(p, p))`` with ``cov(t, p) = sum(TP) total - sum(target pred)``,
    ``cov(t, t) = total**2 - sum(target**2)`` and ``cov(p, p) = total**2 - sum(pred**2)``, "none" being one
    of the predictions. J. Gorodkin, "Comparing two K-category assignments by a K-category correlation
    coefficient", Computational Biology and Chemistry 28 (2004). Each is summed from terms that do not
    cancel: ``TP TN - FP FN``, ``target (total - target)`` and ``pred (total - pred)`` of every class.

    Examples
    --------
    >>> float(mcc(np.array([6, 3]), np.array([8, 4]), np.array([7, 5]), 12).round(6))
    0.478091
    """
    everything = np.expand_dims(total, -1)

    def share(pixels: Ints) -> Floats:
        return ratio(pixels, everything)

    false_pos, false_neg = pred - tp, target - tp
    true_neg = (everything - target) - false_pos
    none = everything - pred.sum(axis=-1, keepdims=True)
    shared = (share(tp) * share(true_neg) - share(false_pos) * share(false_neg)).sum(axis=-1)
    of_target = (share(target) * share(everything - target)).sum(axis=-1)
    of_pred = (share(pred) * share(everything - pred)).sum(axis=-1)
    of_pred = of_pred + (share(none) * share(everything - none)).sum(axis=-1)
    # Rounding may step over the bounds by one unit in the last place.
    return np.clip(ratio(shared, np.sqrt(of_target * of_pred)), -1.0, 1.0)


def ratio(part: Ints | Floats, whole: Ints | Floats | int) -> Floats:
    """Divide; NaN where the whole is 0."""
    above, below = np.asarray(part), np.asarray(whole)
    quotient: Floats = np.empty(np.broadcast(above, below).shape, np.result_type(above, below, np.float64))
    quotient.fill(np.nan)
    np.divide(above, below, out=quotient, where=below != 0)
    return quotient
