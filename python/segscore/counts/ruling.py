"""How masks of one call are read and compared."""

from dataclasses import dataclass

from segscore.classes.classes import Classes
from segscore.counts.measures import NOTHING, Measures
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

    @property
    def resize(self) -> bool:
        """Whether predicted labels of another size are resized to their targets."""
        return self.of_preds.resize is not None

    @property
    def in_core(self) -> bool:
        """Whether pairs of PNG may be counted by the core alone."""
        plain = self.of_preds.read is None and self.of_targets.read is None
        return plain and self.of_preds.threshold is None and not self.measures
