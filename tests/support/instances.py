"""Made-up maps of ids with the classes of their segments. Nothing here is a test."""

from typing import Any

import numpy as np

NAMES = ("car", "person", "sky")


def drawn(seed: int, classes: int = 3, *, crowds: bool = True, void: bool = True) -> dict[str, Any]:
    """Return the arguments of one image: blobs, of which some are moved, called otherwise, split or lost."""
    random = np.random.default_rng(seed)
    shape = int(random.integers(6, 28)), int(random.integers(6, 40))
    target, pred = np.zeros(shape, np.int64), np.zeros(shape, np.uint32)
    ids = random.permutation(np.arange(1, 400))[:40].tolist()
    of_target: dict[int, Any] = {}
    of_pred: dict[int, Any] = {}
    if not void:
        target[:], pred[:] = 1000, 2000
        of_target[1000] = of_pred[2000] = NAMES[0]
    for _ in range(int(random.integers(0, 9))):
        label = NAMES[random.integers(classes)]
        top, left = int(random.integers(shape[0])), int(random.integers(shape[1]))
        high, wide = (int(one) for one in random.integers(1, 14, 2))
        if random.random() < 0.9:
            one = ids.pop()
            target[top : top + high, left : left + wide] = one
            of_target[one] = (label, "crowd") if crowds and random.random() < 0.25 else label
        if random.random() < 0.9:
            top, left = (max(0, start + int(random.integers(-1, 2))) for start in (top, left))
            called = label if random.random() < 0.8 else NAMES[random.integers(classes)]
            parts = (0, wide // 2) if random.random() < 0.2 and wide > 1 else (0,)
            for start, end in zip(parts, (*parts[1:], wide), strict=True):
                one = ids.pop()
                pred[top : top + high, left + start : left + end] = one
                of_pred[one] = called
    of_target = {one: of for one, of in of_target.items() if (target == one).any()}
    of_pred = {one: of for one, of in of_pred.items() if (pred == one).any()}
    scores = {one: float(random.random()) for one in of_pred}
    return {
        "target": target,
        "pred": pred,
        "target_segments": of_target,
        "pred_segments": of_pred,
        "scores": scores,
    }


def panoptic_by_hand(images: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Return the sum of IoU, TP, FP and FN of each class, by masks of single segments."""
    found: dict[str, list[float]] = {name: [0.0, 0, 0, 0] for name in NAMES}
    for image in images:
        target, pred = image["target"], image["pred"]
        of_target = {
            one: of if isinstance(of, tuple) else (of, "") for one, of in image["target_segments"].items()
        }
        void = target == 0
        hit: set[tuple[str, int]] = set()
        for one, (name, kind) in of_target.items():
            for other, called in image["pred_segments"].items():
                if called != name or kind == "crowd":
                    continue
                both = ((target == one) & (pred == other)).sum()
                union = ((target == one) | (pred == other) & ~void).sum()
                if both / union > 0.5:
                    found[name][0] += both / union
                    found[name][1] += 1
                    hit |= {("target", one), ("pred", other)}
        for other, called in image["pred_segments"].items():
            crowds = [one for one, (name, kind) in of_target.items() if (name, kind) == (called, "crowd")]
            excused = void | (target == crowds[-1]) if crowds else void
            own = pred == other
            found[called][2] += ("pred", other) not in hit and (own & excused).sum() / own.sum() <= 0.5
        for one, (name, kind) in of_target.items():
            found[name][3] += kind != "crowd" and ("target", one) not in hit
    return found
