"""Results of all images in one file, held against annotations in another one: what each image comes to."""

from collections.abc import Generator, Sequence

import numpy as np

from segscore.base.wording import many, show
from segscore.counts.counted import NO_PAIRS, Counted
from segscore.errors import WorkspaceError
from segscore.evaluation.coco_files import detections_of
from segscore.workspace.runs.pipeline import Outcome, Work


def detected(work: Work, results: str, batches: Sequence[Sequence[int]]) -> Generator[list[Outcome]]:
    """Yield the outcomes of batches of images; both files are read once, as they were registered."""
    if not batches:
        return
    target = str(work.targets[0])
    contents = work.content(target), work.content(results)
    found = detections_of(contents, (target, results), classes=work.classes, threads=work.threads)
    if found.names != work.names:
        raise WorkspaceError(
            f"{show(target)}: expected the {many(len(work.names), 'image')} of the dataset, found others",
            "add the annotations as a new version",
        )
    for batch in batches:
        yield [
            Outcome(
                i,
                Counted(
                    work.names[i],
                    NO_PAIRS,
                    measured=(found.objects.take(np.array([i])), found.overlaps.take(np.array([i]))),
                ),
            )
            for i in batch
        ]
