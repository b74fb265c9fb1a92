"""How masks of one call are read and compared."""

from dataclasses import dataclass

from segscore.classes.classes import Classes
from segscore.counts.counted import Counted
from segscore.counts.id_maps import IdMaps
from segscore.counts.measures import NOTHING, Measures
from segscore.io.arrays import as_labels
from segscore.io.reading import Reading


@dataclass(frozen=True)
class Rules:
    """How masks are read and compared; see :func:`segscore.evaluate`."""

    classes: Classes | None
    colours: bool
    of_preds: Reading
    """How predictions are read."""
    of_targets: Reading
    threads: int
    measures: Measures = NOTHING
    ids: IdMaps | None = None
    """What maps hold that are of ids and not of labels."""

    @property
    def resize(self) -> bool:
        """Whether predicted labels of another size are resized to their targets."""
        return self.of_preds.resize is not None

    @property
    def in_core(self) -> bool:
        """Whether pairs of PNG may be counted by the core alone."""
        plain = self.of_preds.read is None and self.of_targets.read is None
        maps = bool(self.measures) or (self.ids is not None and self.ids.band is not None)
        return plain and self.of_preds.threshold is None and not maps

    def finished(self, counted: Counted, maps: tuple[object, object] | None = None) -> Counted:
        """Return what an image comes to whose labels, of these maps of target and prediction, may be ids."""
        if self.ids is None:
            return counted
        arrays = maps and (as_labels(maps[0], "target"), as_labels(maps[1], "pred"))
        return self.ids.counted(counted, arrays)
