"""Maps of ids of an image for its pictures, read anew, and the classes of their ids."""

from os.path import isfile

import numpy as np

from segscore.base.values import Ints
from segscore.classes.folding import is_background
from segscore.counts.class_maps import hold_colours
from segscore.counts.id_maps import ids_of, relabelled
from segscore.errors import ArgumentError
from segscore.io.addresses import is_address
from segscore.io.masks import Read, read_mask
from segscore.results.evaluated import Evaluated


def ids_in(path: str | None, read: Read | None) -> Ints:
    """Return the map of ids in a file, or raise an error if it cannot be read."""
    if path is None:
        raise ArgumentError("no picture is made of arrays")
    if is_address(path):
        raise ArgumentError("masks that are elsewhere are not fetched for pictures")
    if not isfile(path):
        raise ArgumentError("the masks are no longer where they were")
    found = np.asarray(read_mask(path, read=read, colours=True))
    # Ids of maps that are no colours stay as short as they are.
    return ids_of(found.astype(np.int64)) if hold_colours(found) else found


def labels_of_ids(evaluation: Evaluated, name: str, side: int, ids: Ints) -> Ints:
    """Return the label of the class of each id of a map, as pair counts have it.

    What is no object is the background, where a class is that, or ignored.
    """
    classes, objects = evaluation.classes, evaluation.shapes.matching.objects
    image = evaluation.names.index(name)
    rows = np.arange(objects.offsets[image], objects.offsets[image + 1])
    rows = rows[objects.side[rows] == side]
    values = np.array(classes.labels, dtype=np.int64)
    outside = next((i for i, one in enumerate(classes.names) if is_background(one)), None)
    ignored = (*classes.all_ignored, 0)[0]
    none = ignored if outside is None else int(values[outside])
    # A segment that is no object is of an ignored class.
    own = np.append(0, objects.id[rows])
    return relabelled(ids, own, [none, *values[objects.label[rows]].tolist()], ignored)
