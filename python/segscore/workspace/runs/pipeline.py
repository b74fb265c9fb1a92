"""Images of a dataset go through a model and are counted with their targets, several stages at once.

While the model runs on one batch, the next images are read and the last predictions are counted. What is
known of an image afterwards is an `Outcome`; where outcomes are kept is not known here.
"""

import traceback
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from segscore.base.wording import many, show, with_kind
from segscore.classes.classes import Classes
from segscore.counts.channels import labels_told
from segscore.counts.counted import Counted
from segscore.counts.failures import Failure
from segscore.counts.id_maps import IdMaps
from segscore.counts.logits import checked_axis, labels_of_logits
from segscore.counts.measures import NOTHING, Measures
from segscore.counts.measuring import measured
from segscore.counts.pairs import count_given
from segscore.counts.settling import counted_cases
from segscore.counts.spacings import own_spacing
from segscore.counts.thresholds import values_of
from segscore.errors import OutputError, SegscoreError
from segscore.io.arrays import as_labels
from segscore.io.by_class import Parts
from segscore.io.cases import Case
from segscore.io.reading import Reading, read_labels
from segscore.predict import Prediction, Predictor
from segscore.workspace.runs.keeping import keep_prediction
from segscore.workspace.store.digests import File, bytes_as_registered

_WAITING = 2
"""Batches that wait to be counted, at most: their class scores take room."""
_ROOM = 1 << 29
"""Bytes of images that are read ahead, and of predictions that wait; one batch of each, however large."""
_TRACEBACKS = 20
"""Those that a run keeps, at most."""
_LONGEST_TRACEBACK = 20_000
"""Characters that are kept of one, from its end."""


@dataclass(frozen=True)
class Outcome:
    """What an image of a run came to."""

    index: int
    """Of the image in the dataset."""
    counted: Counted
    """Its pair counts, or why there are none."""
    traceback: str | None = None
    """Where the model failed, if it did."""


class ReplacedError(Exception):
    """A file does not hold what was registered, so that no score of it is one of this dataset or model."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


@dataclass(frozen=True)
class Work:
    """What is to be done with every image."""

    names: tuple[str, ...]
    images: tuple[str, ...]
    """Paths of the photographs, if a model is to see them."""
    targets: tuple[str | Parts, ...]
    """Paths of the masks, or of those that each class has."""
    registered: Mapping[str, File]
    """What images, targets and predictions that are files were when they were registered, by their paths."""
    classes: Classes
    reading: Reading
    """How targets are read."""
    of_preds: Reading
    """How predictions that are files are read, and class scores of a single channel."""
    kept: Path | None
    """The folder in which predictions are kept."""
    threads: int
    """How many may read and count, beside the one of the model."""
    measures: Measures = NOTHING
    """What is measured of shapes."""
    ids: IdMaps | None = None
    """What ids in masks are, where these are maps of ids."""

    def content(self, path: str) -> bytes:
        """Return what a file holds, or raise ReplacedError unless it is what was registered.

        Its size and time do not say that: archives and images of containers bring others with the same ones.
        """
        found = bytes_as_registered(path, self.registered[path])
        if found is None:
            raise ReplacedError(path)
        return found

    def check(self, mask: str | Parts) -> None:
        """Raise ReplacedError unless the files of a mask hold what was registered."""
        for path in mask.paths if isinstance(mask, Parts) else (mask,):
            self.content(path)

    def failed(self, index: int, error: Exception) -> Outcome:
        """Return the outcome of an image for what was raised about it."""
        if isinstance(error, OutputError):
            raise error  # It says nothing about the image, and the next one would meet it, too.
        if not isinstance(error, SegscoreError):
            said = with_kind(error, show(str(error)) if str(error) else "")
            failure = Failure(self.names[index], said, "the traceback of the run says where it was raised")
            return Outcome(index, Counted(failure.name, None, failure), _traceback(error))
        failure = Failure.of(self.names[index], error)
        # What shows a failure says which image it is of.
        failure = replace(failure, message=failure.message.removeprefix(f"{show(failure.name)}: "))
        return Outcome(index, Counted(failure.name, None, failure))

    def failed_by_model(self, index: int, error: Exception) -> Outcome:
        """Return the outcome of an image on which the model failed, with the traceback of its own code."""
        cause = error.__cause__
        if not isinstance(error, SegscoreError) or cause is None or isinstance(cause, SegscoreError):
            return self.failed(index, error)
        return replace(self.failed(index, error), traceback=_traceback(cause))


def first_tracebacks(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Return the first tracebacks by image; the last of them says how many more there were."""
    there = [(one.counted.name, one.traceback) for one in outcomes if one.traceback is not None]
    found = dict(there[:_TRACEBACKS])
    if (left_out := len(there) - len(found)) > 0:
        found[there[_TRACEBACKS - 1][0]] += f"\n({many(left_out, 'traceback')} of other images left out)\n"
    return found


def _traceback(error: BaseException) -> str:
    text = "".join(traceback.format_exception(error))
    left_out = len(text) - _LONGEST_TRACEBACK
    return text if left_out <= 0 else f"({left_out:,} characters left out)\n{text[left_out:]}"


def predicted(work: Work, predictor: Predictor, batches: Sequence[Sequence[int]]) -> Generator[list[Outcome]]:
    """Yield the outcomes of batches of images, in their order.

    The model runs in the thread of the caller, so that an interrupt reaches a function of the user.
    """
    todo = iter(batches)
    longest = max(map(len, batches), default=0)
    reading: deque[tuple[Sequence[int], list[Future[Any]]]] = deque()
    counting: deque[tuple[Future[list[Outcome]], int]] = deque()
    pool = ThreadPoolExecutor(work.threads, "segscore-run")
    largest: int | None = None  # image so far; what is not read yet is taken to be as large

    def room() -> bool:
        ahead = [future for _, futures in reading for future in futures]
        if not ahead:
            return True
        if largest is None or len(ahead) >= longest + work.threads:
            return False
        return sum(_size(future.result()) if future.done() else largest for future in ahead) < _ROOM

    def read_ahead() -> None:
        while room() and (batch := next(todo, None)) is not None:
            reading.append((batch, [pool.submit(_read, work, predictor, i) for i in batch]))

    try:
        read_ahead()
        while reading:
            batch, futures = reading.popleft()
            read_ahead()
            images = [future.result() for future in futures]
            largest = max(largest or 0, *map(_size, images))
            made = _predict(work, predictor, batch, images)
            counting.append((pool.submit(_count, work, made), sum(_size(one) for _, one in made)))
            while counting and (
                len(counting) > _WAITING or sum(size for _, size in counting) > _ROOM or counting[0][0].done()
            ):
                yield counting.popleft()[0].result()
        while counting:
            yield counting.popleft()[0].result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def compared(
    work: Work, predictions: Mapping[str, str | Parts], batches: Sequence[Sequence[int]]
) -> Generator[list[Outcome]]:
    """Yield the outcomes of batches of images whose predictions are files already, by the images' names."""
    for batch in batches:
        there = [i for i in batch if work.names[i] in predictions]
        with ThreadPoolExecutor(work.threads, "segscore-digest") as pool:
            masks = [mask for i in there for mask in (predictions[work.names[i]], work.targets[i])]
            deque(pool.map(work.check, masks), maxlen=0)
        counted = counted_cases(
            [
                Case(work.names[i], predictions[work.names[i]], work.targets[i], work.of_preds.class_axis)
                for i in there
            ],
            work.classes,
            work.reading,
            of_preds=work.of_preds,
            threads=work.threads,
            progress=False,
            measures=work.measures,
            ids=work.ids,
        )
        found = dict(zip(there, counted, strict=True))
        yield [
            Outcome(i, found[i])
            if i in found
            else Outcome(i, Counted(work.names[i], None, Failure.missing(work.names[i])))
            for i in batch
        ]


def _size(held: object) -> int:
    """Return the bytes of an image or a prediction; what is none takes no room."""
    if isinstance(held, Prediction):
        held = held.labels if held.logits is None else held.logits
    return held.nbytes if isinstance(held, np.ndarray) else 0


def _read(work: Work, predictor: Predictor, index: int) -> Any:
    """Return the image, its path for a model that reads by itself, or the error that says why not."""
    path = work.images[index]
    content = work.content(path)
    if predictor.takes_paths:
        return path
    try:
        return predictor.decoded(content, path)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with an image stays with it
        return error


def _predict(
    work: Work, predictor: Predictor, batch: Sequence[int], images: Sequence[Any]
) -> list[tuple[int, Prediction | Outcome]]:
    """Return for each image its prediction, or the outcome that says why there is none."""
    made: dict[int, Prediction | Outcome] = {
        i: work.failed(i, image)
        for i, image in zip(batch, images, strict=True)
        if isinstance(image, Exception)
    }
    good = [(i, image) for i, image in zip(batch, images, strict=True) if i not in made]
    try:
        found = predictor.batch([image for _, image in good], names=[work.names[i] for i, _ in good])
        made |= {i: prediction for (i, _), prediction in zip(good, found, strict=True)}
    except Exception as error:  # noqa: BLE001 - as above
        # One image that fails takes no other with it.
        made |= (
            {good[0][0]: work.failed_by_model(good[0][0], error)}
            if len(good) == 1
            else dict(_predict(work, predictor, [i], [image])[0] for i, image in good)
        )
    return [(i, made[i]) for i in batch]


def _count(work: Work, made: Sequence[tuple[int, Prediction | Outcome]]) -> list[Outcome]:
    return [one if isinstance(one, Outcome) else _counted(work, index, one) for index, one in made]


def _counted(work: Work, index: int, prediction: Prediction) -> Outcome:
    name, classes, reading = work.names[index], work.classes, work.reading
    work.check(work.targets[index])
    try:
        mask, palette = read_labels(work.targets[index], reading, colours=classes.in_colours)
        target = as_labels(mask, "target", classes=len(classes), dims=reading.dims)
        target = labels_told(classes, "target", target)
        height, width = target.shape if target.ndim == 2 else (0, 0)
        if prediction.logits is not None:  # of the shape that the model returned
            single = work.of_preds.threshold is not None
            checked_axis(prediction.class_axis, prediction.logits.shape, len(classes), single=single)
        given = prediction.given((height, width))
        values = None
        if "logits" in given:
            given["threshold"] = work.of_preds.threshold
            values = values_of(given["logits"], given["threshold"])
            if work.kept is not None:
                given = {"pred": labels_of_logits(classes, **given, threads=1)}
                classes = replace(classes, pred_label_rule=None)  # channels are classes, and no codes
        # Several are counted at once, each by one thread.
        pairs, fit = count_given(
            classes,
            target=target,
            resize=work.of_preds.resize is not None,
            **given,
            dims=reading.dims,
            threads=1,
            palettes=(None, palette),
        )
        case = Case(name, given.get("pred"), work.targets[index])
        spacing = own_spacing(case, work.measures, work.of_preds, reading)
        own = measured(
            work.measures,
            classes,
            pairs,
            target=target,
            **given,
            dims=reading.dims,
            spacing=spacing,
            threads=1,
        )
        if work.kept is not None:
            keep_prediction(work.kept, name, given["pred"])
    except Exception as error:  # noqa: BLE001 - as above
        return work.failed(index, error)
    counted = Counted(name, pairs, fit=fit, palettes=(None, palette), values=values, measured=own)
    return Outcome(index, counted)
