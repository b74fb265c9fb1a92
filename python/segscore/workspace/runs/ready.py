"""What makes the predictions of a run, loaded and checked: a model, or files of masks."""

from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from segscore.base.naming import arg
from segscore.base.wording import many
from segscore.classes.causes import BINARY
from segscore.counts.id_maps import IdMaps
from segscore.counts.logits import LABELS_AS_SCORES
from segscore.errors import ArgumentError
from segscore.io.by_class import Parts
from segscore.io.reading import Reading
from segscore.predict import Predictor
from segscore.workspace.runs.objects import detected
from segscore.workspace.runs.pipeline import Outcome, Work, compared, predicted
from segscore.workspace.runs.plans import Plan
from segscore.workspace.runs.predictors import panoptic_predictions, prediction_files, predictor_of
from segscore.workspace.store.digests import CHANGED, bytes_as_registered

_COMPARED = 64
"""Images of a folder of predictions that are counted together."""


@dataclass(frozen=True)
class Ready:
    """What makes the predictions of a run: a model that is loaded, or files by the names of images."""

    predictor: Predictor | None
    files: Mapping[str, str | Parts]
    reading: Reading
    """How targets are read."""
    of_preds: Reading
    """How predictions are read that are files, or class scores of a single channel."""
    results: str = ""
    """The file with the results of all images, for annotations of objects."""
    ids: IdMaps | None = None
    """What ids in masks are, where these are maps of ids."""

    @staticmethod
    def of(plan: Plan, running: ExitStack, threads: int) -> "Ready":
        """Load what makes predictions, and what reads masks; it may import more until `running` ends."""
        if plan.model.code is not None:
            running.enter_context(plan.model.code.importable())
        reading, of_preds = (running.enter_context(one.reading.ready()) for one in (plan.dataset, plan.model))
        if plan.model.is_panoptic:
            return _of_panoptic(plan, reading, of_preds)
        if plan.model.is_results:
            return Ready(None, {}, reading, of_preds, results=plan.model.path)
        if plan.model.form == "predictions":
            files = prediction_files(plan.model, plan.dataset, plan.classes)
            return Ready(None, files, reading, of_preds, ids=plan.ids)
        predictor = predictor_of(plan.model, threads)
        _check_channels(plan, predictor)
        return Ready(predictor, {}, reading, of_preds)

    def batches(self, plan: Plan, known: Collection[int]) -> list[Sequence[int]]:
        """Return the batches with an image that is not known; what is in a batch never depends on that.

        A model may round differently for other neighbours, and a run that goes on is to end as one that
        never stopped.
        """
        size = _COMPARED
        if self.predictor is not None:
            # A model that takes a batch of fixed length is given as many.
            fixed = getattr(getattr(self.predictor, "input", None), "batch", None)
            size = fixed or plan.options["batch"]
        total = len(plan.dataset.names)
        whole = [range(start, min(start + size, total)) for start in range(0, total, size)]
        return [batch for batch in whole if not all(i in known for i in batch)]

    def dealt(self, batches: Sequence[Sequence[int]], shards: int) -> list[list[Sequence[int]]]:
        """Return the batches of each of so many shards: whole ones for a model, and single images else.

        Files of predictions are counted one by one, so that nothing hangs on which are in a batch.
        """
        if self.predictor is not None:
            return [[*batches[i::shards]] for i in range(shards)]
        images = [*chain.from_iterable(batches)]
        every = [images[i::shards] for i in range(shards)]
        return [[own[at : at + _COMPARED] for at in range(0, len(own), _COMPARED)] for own in every]

    def parts_of(self, batches: Sequence[Sequence[int]]) -> int:
        """Return how many shards can have something to do, at most."""
        return len(batches) if self.predictor is not None else sum(map(len, batches))

    def work(self, plan: Plan, kept: Path | None, threads: int) -> Work:
        """Return what is to be done with every image; predictions are kept in a folder, if there is one."""
        dataset = plan.dataset
        return Work(
            names=dataset.names,
            images=dataset.image_paths or (),
            targets=dataset.masks,
            registered={**plan.model.by_path(), **dataset.by_path()},
            classes=plan.classes,
            reading=self.reading,
            of_preds=replace(self.of_preds, resize=plan.options["resize"], dims=dataset.dims),
            kept=kept,
            threads=threads,
            measures=plan.measures,
            ids=self.ids,
        )

    def parts(
        self, plan: Plan, batches: Sequence[Sequence[int]], kept: Path | None, *, threads: int
    ) -> Generator[list[Outcome]]:
        """Yield the outcomes of batches of images."""
        work = self.work(plan, kept, threads)
        if self.results:
            return detected(work, self.results, batches)
        if self.predictor is None:
            return compared(work, self.files, batches)
        return predicted(work, self.predictor, batches)


def _of_panoptic(plan: Plan, reading: Reading, of_preds: Reading) -> Ready:
    """Return the maps of ids of a panoptic file, which is read as it was registered."""
    file = plan.model.files[0]
    if (content := bytes_as_registered(plan.model.path, file)) is None:
        raise plan.model.changed({file.path: CHANGED})
    files, segments = panoptic_predictions(plan.model, plan.dataset, content)
    ids = plan.ids
    assert ids is not None
    sides = {name: (ids.segments[name][0], segments[name]) for name in files}
    return Ready(None, files, reading, of_preds, ids=replace(ids, segments=sides))


def _check_channels(plan: Plan, predictor: Predictor) -> None:
    classes, single = len(plan.classes), plan.model.options.get("threshold") is not None
    if predictor.classes in (None, classes) or (predictor.classes == 1 and single):
        return
    raise ArgumentError(
        f"{plan.model.reference} gives scores of {many(predictor.classes, 'channel')}, but "
        f"{plan.dataset.reference} has {many(classes, 'class')}",
        "channel k holds the scores of the k-th class; run it on a dataset with its own classes"
        if predictor.classes != 1
        else f"scores of one channel need a threshold: add the model with {arg('threshold', 0.5)}"
        if classes == BINARY
        else LABELS_AS_SCORES,
    )
