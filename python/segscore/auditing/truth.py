"""The facts about the ground truth, from the rows of every image."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from segscore.auditing.files import Header
from segscore.auditing.results import Truth
from segscore.auditing.seen import Seen
from segscore.classes import IGNORED


def truth_of(seen: Seen, headers: Iterable[Header | None] = ()) -> Truth:
    """Return the facts about the ground truth.

    Parameters
    ----------
    seen : Seen
        What was counted.
    headers : iterable of Header or None
        Those of the targets, where they are known.
    """
    table, count, images = seen.table, len(seen.classes), len(seen.names)
    index, _ = seen.classes.fold(table.target, table.pred)
    classed = index >= 0
    class_pixels = np.zeros(count, np.int64)
    np.add.at(class_pixels, index[classed], table.pixels[classed])
    held = np.unique(table.image[classed] * count + index[classed])
    labels, at = np.unique(table.target, return_inverse=True)
    values = np.unique(table.image * max(len(labels), 1) + at) // max(len(labels), 1)
    one = np.flatnonzero(np.bincount(values, minlength=images) == 1)
    known = [header for header in headers if header is not None]
    return Truth(
        names=seen.classes.names,
        images=images,
        pixels=int(table.pixels.sum()),
        void=int(table.pixels[index == IGNORED].sum()),
        class_pixels=class_pixels,
        class_images=np.bincount(held % count, minlength=count).astype(np.int64),
        one_value=tuple(seen.names[i] for i in one.tolist()),
        sizes=dict(Counter(header.shape for header in known).most_common()),
        forms=dict(Counter(header.form for header in known).most_common()),
    )
