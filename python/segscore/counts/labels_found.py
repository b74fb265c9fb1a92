"""Label values that masks hold, before there are classes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from segscore._core import Tally
from segscore.classes import causes, instances
from segscore.classes.labels import FOREGROUND, Colour
from segscore.counts.counting import Progress
from segscore.counts.failures import Failure
from segscore.counts.palettes import differing, told_colours
from segscore.counts.rows import by_label
from segscore.counts.settling import counted_cases, painted_images
from segscore.io.cases import Cases, Masks, nodata_labels
from segscore.io.left_out import LEFT_OUT
from segscore.io.lists import ListLike
from segscore.io.masks import MAX_PIXELS, Read
from segscore.io.patterns import of_each_class
from segscore.io.reading import Reading
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
    names: Mapping[int, str] = field(default_factory=dict)
    """The classes that files of their own are named after, by the labels that they were given here."""
    left_out: str = ""
    """Which files were left out, and why, if some were."""
    palettes: str = ""
    """How palettes differ, if they do."""
    nodata: tuple[int, ...] = ()
    """Labels of targets that their files call no data, sorted."""
    colours: Mapping[int, tuple[Colour, ...]] = field(default_factory=dict)
    """The colours behind indices that are used in targets; several where palettes differ."""

    codes: tuple[str, str] | None = None
    """What is said of labels of targets that look like codes of instances, and what to do."""
    pattern: str | None = None
    """One under which each class has a file of its own, if names and labels look so."""
    two_kinds: bool = False
    """Whether some targets are of 0 and 1 and others of 0 and 255."""
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
    list: ListLike | None = None,
    read: Read | None = None,
    resize: Literal["nearest"] | None = None,
    names: Iterable[str] | None = None,
    dims: Dims = PLANES,
    max_pixels: int = MAX_PIXELS,
    storage_options: Mapping[str, Any] | None = None,
    threads: int | None = None,
    progress: Progress = True,
) -> LabelsFound:
    """Return the label values of predictions and targets; the parameters are those of `evaluate`."""
    reading = Reading(
        pairing=pairing,
        list=list,
        read=read,
        resize=resize,
        names=names,
        dims=dims,
        max_pixels=max_pixels,
        storage_options=storage_options,
    )
    return labels_of(find_images(pred, target, reading, None), reading, threads, progress)


def labels_of(
    found: Cases,
    reading: Reading,
    threads: int | None = None,
    progress: Progress = True,
    *,
    alone: bool = False,
) -> LabelsFound:
    """Return the label values of masks that were found, or of targets `alone`, each its own prediction."""
    counted = counted_cases(found.cases, None, reading, threads=threads, progress=progress)
    first = found.cases[0]
    total = Tally()
    images_with: Counter[int] = Counter()
    for image in counted:
        if image.pairs is not None:
            total.add(image.pairs)
            images_with.update(set(image.pairs.columns()[0].tolist()))
    target_labels, pred_labels, pixels = total.snapshot().columns()
    painted = painted_images(counted)
    of_first = (counted[0].palettes[1] if counted else None) or b""
    in_target = by_label(target_labels, pixels, slice(None))
    images = sum(image.pairs is not None for image in counted)
    lonely = [*images_with.values()].count(1)
    return LabelsFound(
        target=in_target,
        pred=by_label(pred_labels, pixels, slice(None)),
        images=images,
        failures=tuple(image.failure for image in counted if image.failure is not None),
        missing=found.missing,
        extra=found.extra,
        names=found.class_names,
        left_out=found.provenance.get(LEFT_OUT, ""),
        places=tuple(mask for mask in (first.pred, first.target) if isinstance(mask, str)),
        palette=tuple(zip(*(of_first[part::3] for part in range(3)), strict=True)),
        palettes=differing(painted, None, alone=alone),
        nodata=tuple(sorted(nodata_labels(found.cases) & in_target.keys())),
        colours=told_colours(painted),
        codes=None if found.class_names else instances.told(in_target.keys(), images, lonely),
        pattern=of_each_class([image.name for image in counted], found.provenance)
        if causes.holds_foreground(in_target.keys())
        else None,
        two_kinds=in_target.keys() <= {0, 1, FOREGROUND}
        and causes.two_kinds(
            set(image.pairs.columns()[0].tolist()) for image in counted if image.pairs is not None
        ),
    )
