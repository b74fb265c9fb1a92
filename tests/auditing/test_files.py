"""Predictions that many images share: told from chance by how many they are."""

import numpy as np

import segscore


def test_many_images_that_share_a_prediction_of_few_labels_are_no_chance() -> None:
    targets = [np.arange(1_600).reshape(40, 40) // (600 + k) for k in range(40)]

    def found(images: int, different: int) -> tuple[list[tuple[str, object]], tuple[str, ...]]:
        chosen = [targets[k % different] for k in range(images)]
        audit = segscore.audit(pred=[targets[0]] * images, target=chosen, classes=3)
        doubled = [(f.kind, f.evidence["images"]) for f in audit.findings if f.kind.startswith("doubled")]
        return doubled, tuple(map(str, audit.limits))

    for images in (10, 40):
        assert found(images, images) == ([("doubled-predictions", images)], ())
    assert found(40, 12)[0] == [("doubled-predictions", 40)]
    # Few of them, or one drawn shape in all, tell nothing, which is said.
    for images, different in ((9, 9), (40, 1)):
        doubled, limits = found(images, different)
        assert doubled == []
        assert limits[-1].startswith(f"copies among {images} predictions")
