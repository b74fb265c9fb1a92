"""Label values that masks hold, before there are classes."""

from dataclasses import dataclass
from typing import Literal

from segscore._core import Tally, read_palette
from segscore.classes import causes
from segscore.classes.labels import Colour
from segscore.counts.counting import Failure, Progress, counted_cases
from segscore.counts.rows import by_label
from segscore.errors import SegscoreError
from segscore.io.cases import Masks
from segscore.io.masks import MAX_PIXELS, Read, is_png
from segscore.io.shapes import PLANES, Dims
from segscore.io.stacks import find_images


@dataclass(frozen=True)
class LabelsFound:
    """Label values of a dataset, before it is known what they mean."""

    target: dict[int, int]
    """Pixels of each label value."""
    pred: dict[int, int]
    """Pixels of each label value."""
    images: int
    """Images that could be read."""
    failures: tuple[Failure, ...]
    """Images that could not."""
    missing: tuple[str, ...]
    """Targets without a prediction."""
    extra: tuple[str, ...]
    """Predictions without a target."""

    places: tuple[str, ...] = ()
    """Where the masks lie, as far as it is known."""
    palette: tuple[Colour, ...] = ()
    """That of the first target."""

    @property
    def presets(self) -> list[tuple[str, str]]:
        """Names of presets that something speaks for, and what it is."""
        return causes.told_presets(set(self.target), self.places, self.palette)


def find_labels(
    *,
    pred: Masks,
    target: Masks,
    pairing: str | None = None,
    read: Read | None = None,
    resize: Literal["nearest"] | None = None,
    dims: Dims = PLANES,
    max_pixels: int = MAX_PIXELS,
    threads: int | None = None,
    progress: Progress = True,
) -> LabelsFound:
    """Return the label values of predictions and targets; the parameters are those of `evaluate`."""
    found = find_images(
        pred,
        target,
        pairing,
        read=read,
        classes=None,
        dims=dims,
        max_pixels=max_pixels,
    )
    counted = counted_cases(
        found.cases,
        None,
        read=read,
        resize=resize,
        max_pixels=max_pixels,
        threads=threads,
        progress=progress,
        dims=dims,
    )
    first = found.cases[0]
    total = Tally()
    for image in counted:
        if image.pairs is not None:
            total.add(image.pairs)
    target_labels, pred_labels, pixels = total.snapshot().columns()
    return LabelsFound(
        target=by_label(target_labels, pixels, slice(None)),
        pred=by_label(pred_labels, pixels, slice(None)),
        images=sum(image.pairs is not None for image in counted),
        failures=tuple(image.failure for image in counted if image.failure is not None),
        missing=found.missing,
        extra=found.extra,
        places=tuple(mask for mask in (first.pred, first.target) if isinstance(mask, str)),
        palette=_palette(first.target),
    )


def _palette(mask: object) -> tuple[Colour, ...]:
    """Return the palette of a file, none where it has none or cannot be read."""
    if not isinstance(mask, str) or not is_png(mask):
        return ()
    try:
        return tuple(read_palette(mask, max_pixels=MAX_PIXELS) or ())
    except SegscoreError:
        return ()
