"""The facts about the ground truth, from the rows of every image."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from segscore.auditing.files import Header
from segscore.auditing.results import Truth
from segscore.auditing.seen import Seen
from segscore.classes.folding import IGNORED


def truth_of(seen: Seen, headers: Iterable[Header | None] = ()) -> Truth:
    """Return the facts about the ground truth; headers are those of the targets, where they are known."""
    table, count = seen.table, len(seen.classes)
    class_pixels, class_images = np.zeros(count, np.int64), np.zeros(count, np.int64)
    for _, target, _ in seen.cells.blocks():
        class_pixels += target.sum(axis=0)
        class_images += (target > 0).sum(axis=0)
    target, _, pixels = seen.rows
    filled = np.flatnonzero(np.diff(table.offsets))
    starts = table.offsets[filled]
    one = np.minimum.reduceat(table.target, starts) == np.maximum.reduceat(table.target, starts)
    known = [header for header in headers if header is not None]
    return Truth(
        names=seen.classes.names,
        images=len(seen.names),
        pixels=int(pixels.sum()),
        void=int(pixels[seen.folded[0] == IGNORED].sum()),
        class_pixels=class_pixels,
        class_images=class_images,
        one_value=tuple(seen.names[i] for i in filled[one].tolist()),
        sizes=dict(Counter(header.shape for header in known).most_common()),
        forms=dict(Counter(header.form for header in known).most_common()),
    )
