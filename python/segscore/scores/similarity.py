"""The order of classes in which those that are taken for each other stand side by side."""

import numpy as np

from segscore.base.values import Ints


def by_similarity(target: Ints, pred: Ints, pixels: Ints, whole: Ints) -> list[int]:
    """Return the K classes in an order that depends on nothing but these counts.

    `target`, `pred` and `pixels` are the cells of a confusion matrix, int64 (M,), each given once, and
    `whole` the pixels of the classes' targets, int64 (K,); a prediction K is no class. Two classes are as
    alike as the shares of each that are called the other add up to. The most alike are joined first, each
    with all that were joined to it before, turned so that the two come as close as can be; of equal ones
    those that come first in the order of the classes. What is never taken for another stays where it is.
    """
    count = len(whole)
    between = (target != pred) & (pred < count)
    t, p = target[between], pred[between]
    keys, place = np.unique(np.minimum(t, p) * count + np.maximum(t, p), return_inverse=True)
    alike = np.zeros(len(keys))
    # Two shares at most are added up, so that it does not matter which comes first.
    np.add.at(alike, place, pixels[between] / whole[t])
    chains = [[i] for i in range(count)]
    for key in keys[np.argsort(-alike, kind="stable")].tolist():
        a, b = divmod(key, count)
        one, two = chains[a], chains[b]
        if one is two:
            continue
        if 2 * one.index(a) < len(one) - 1:
            one.reverse()
        if 2 * two.index(b) > len(two) - 1:
            two.reverse()
        joined = [*one, *two]
        for i in joined:
            chains[i] = joined
    # Each chain stands where its first class does, and begins with the one of its ends that comes first.
    order: list[int] = []
    for i, chain in enumerate(chains):
        if i == min(chain):
            order += chain if chain[0] <= chain[-1] else chain[::-1]
    return order
