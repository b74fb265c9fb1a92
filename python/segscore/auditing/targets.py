"""What looks wrong with targets alone, whatever is predicted: each is counted with itself."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from segscore.auditing import findings_of
from segscore.auditing.files import copies, header_of
from segscore.auditing.limits import limits_of
from segscore.auditing.results import MASKS, Audit, Finding
from segscore.auditing.seen import Seen
from segscore.auditing.truth import truth_of
from segscore.classes.classes import Classes
from segscore.counts.counting import Progress
from segscore.counts.doubts import PALETTES
from segscore.counts.id_maps import IdMaps
from segscore.counts.palettes import differing
from segscore.counts.settling import counted_cases, painted_images
from segscore.counts.table import table_of
from segscore.errors import SegscoreError
from segscore.io.annotations.targets import annotated
from segscore.io.arrays import as_labels
from segscore.io.blobs import Blob, Fetching, most_bytes
from segscore.io.by_class import Parts, names_used, numbers_of
from segscore.io.cases import Case, nodata_labels
from segscore.io.elsewhere import check_options, given_side
from segscore.io.fetched import FETCHES, is_elsewhere
from segscore.io.left_out import LEFT_OUT, left_out_text
from segscore.io.reading import Reading
from segscore.io.sources import SourceLike
from segscore.io.stacks import Layer, images_alone
from segscore.io.targets import named_targets

if TYPE_CHECKING:
    from segscore.io.annotations.reading import Annotations

_KINDS = frozenset(
    {
        "unknown-labels",
        "void-not-ignored",
        "not-scored",
        "palette-colours",
        "palettes-differ",
        "transposed",
        "images-last",
        "one-hot",
        "mask-per-class",
        "misplaced",
        "unconfirmed-labels",
        "foreground-ignored",
        "void-in-class",
        "no-data-scored",
        "resized-mask",
        "jpeg-mask",
        "void-by-name",
        "one-class",
        "never-present",
        "left-out-files",
    }
)
"""Kinds of findings that say something of targets; others are of predictions, which are the targets here."""


def audit_targets(
    names: Sequence[str],
    targets: Sequence[object],
    classes: Classes,
    reading: Reading,
    *,
    files: Sequence[object],
    threads: int | None,
    progress: Progress,
    left_out: str = "",
    ids: IdMaps | None = None,
) -> Audit:
    """Return what looks wrong with the targets of a dataset, all of which are read.

    `files` are what tells the files of images apart, such as their digests; `left_out` says which are none.
    Where targets hold ids of objects, `ids` says what these are.
    """
    cases = [Case(name, mask, mask) for name, mask in zip(names, targets, strict=True)]
    with reading.ready() as ready:
        counted = counted_cases(cases, classes, ready, threads=threads, progress=progress, ids=ids)
        headers = [header_of(target, ready.read) for target in targets]
    images = [image for image in counted if image.pairs is not None]
    palettes = differing(painted_images(counted), classes, alone=True)
    seen = Seen(
        classes=classes,
        names=tuple(image.name for image in images),
        table=table_of(images),
        failures=tuple(image.failure for image in counted if image.failure is not None),
        told={PALETTES: palettes} if palettes else {},
        nodata=nodata_labels(cases),
        provenance={LEFT_OUT: left_out} if left_out else {},
    )
    findings = (one for one in findings_of(seen) if one.kind in _KINDS)
    limits = tuple(one for one in limits_of(seen) if one.kind == MASKS)
    return Audit((*findings, *_doubled(names, files)), truth_of(seen, headers), limits)


def audit_alone(
    target: "SourceLike | Annotations",
    classes: Classes,
    reading: Reading,
    *,
    threads: int | None,
    progress: Progress,
) -> Audit:
    """Return what looks wrong with targets that are no dataset of a workspace; errors are those of `pair`."""
    check_options(reading.storage_options, target)
    drawn = None if reading.read is not None else annotated(target, reading.max_pixels)
    masks_of_all = target if drawn is None else drawn.label_maps(classes).masks()
    given = given_side("target", masks_of_all, reading.storage_options, opened=reading.read is None)
    named = named_targets(given, reading.pairing, classes.names, reading.list, suffixes=reading.suffixes)
    numbers = numbers_of(classes, names_used(named.parts), of_pred=False)
    masks = [
        Parts(named.parts[path], numbers) if path in named.parts else path for path in named.paths.values()
    ]
    cases = [Case(name, mask, mask) for name, mask in zip(named.paths, masks, strict=True)]
    cases = images_alone(cases, reading, classes)
    digest = partial(_digest, Fetching(most_bytes(reading.max_pixels)), reading.max_pixels)
    with ThreadPoolExecutor(FETCHES if any(map(is_elsewhere, cases)) else 1) as pool:
        files = [*pool.map(digest, [case.target for case in cases])]
    return audit_targets(
        [case.name for case in cases],
        [case.target for case in cases],
        classes,
        reading,
        files=files,
        threads=threads,
        progress=progress,
        left_out=left_out_text(named.left_out),
    )


def _digest(fetching: Fetching, most: int, mask: Any) -> object:
    """Return what tells the files or labels of a mask apart; one that cannot be read is like no other."""
    from hashlib import file_digest, sha256

    digests: list[object] = []
    for path in mask.paths if isinstance(mask, Parts) else (mask,):
        try:
            with ExitStack() as held:
                if isinstance(path, Layer):
                    labels = np.ascontiguousarray(as_labels(path.read(most), "target"))
                    digests.append([labels.dtype.str, labels.shape, sha256(labels.data).hexdigest()])
                elif isinstance(path, Blob):
                    digests.append(sha256(fetching.content(path, held)).hexdigest())
                else:
                    digests.append(file_digest(held.enter_context(open(path, "rb")), "sha256").hexdigest())
        except (OSError, SegscoreError):
            digests.append(id(path))
    return digests


def _doubled(names: Sequence[str], files: Sequence[object]) -> Iterator[Finding]:
    """Yield the note that images have the same files; counts of few labels cannot tell that."""
    found: dict[str, list[str]] = {}
    for name, own in zip(names, files, strict=True):
        found.setdefault(repr(own), []).append(name)
    doubled = [name for group in found.values() if len(group) > 1 for name in group]
    if doubled:
        yield copies(doubled, "have the same files as another one")
