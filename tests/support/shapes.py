"""Evaluations whose shapes were measured, with what is hard to show, for tests. Nothing here is a test."""

import numpy as np

from segscore import Classes, Evaluator

IMAGES = 40


def shaped(shift=1, *, classes=("road", "car", "sign", "tree"), images=IMAGES, **options):
    """Return images of a road and a car that is predicted some pixels beside its place.

    In the first image the car is missed, in the second and the third one a sign is invented; a tree is
    nowhere.
    """
    options = {"boundary": 2, "distances": True, **options}
    judge = Evaluator(Classes(classes), **options)
    for i in range(images):
        target = np.zeros((24, 32), dtype=np.uint8)
        target[6:18, 8:20] = 1
        pred = np.zeros_like(target)
        at = 8 + shift + i % 3
        if i:
            pred[6:18, at : at + 12] = 1
        if i in (1, 2):
            pred[20:22, 2:5] = 2
        judge.add(pred=pred, target=target, name=f"{'day' if i % 2 else 'night'}_{i:02d}")
    return judge.result()
