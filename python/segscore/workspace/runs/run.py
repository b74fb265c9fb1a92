"""Finished runs: what is kept of each, and how it is written and read.

How a run comes about is in `running`; a run never changes, but for its note and tags.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from segscore.base.naming import PYTHON, Face
from segscore.base.values import lazy
from segscore.base.wording import many, short, show, visible
from segscore.counts.measures import Measures
from segscore.errors import ArgumentError, FileFormatError, SegscoreError, WorkspaceError
from segscore.evaluation.evaluation import Evaluation
from segscore.evaluation.parts import load
from segscore.io.writing import remove_parts, write_file
from segscore.results.flat import shown_names
from segscore.results.groups import Groups, groups_text
from segscore.results.summary import evaluation_text
from segscore.scores.main import MAIN_PIXELS, first_shown
from segscore.scores.titles import metric_title
from segscore.statistics.intervals import Interval
from segscore.text.plain import WIDTH, wrapped
from segscore.workspace.registry.collections import Datasets
from segscore.workspace.registry.datasets import Dataset
from segscore.workspace.runs.folders import KIND, VERSION, changing, reference_of, there
from segscore.workspace.runs.plans import measures_of, options_text, overlap_text, run_digest
from segscore.workspace.runs.tags import TAGS, read_tags, unreadable
from segscore.workspace.store.disk import (
    checked_number,
    checked_string,
    checked_text,
    reading,
    removing,
)
from segscore.workspace.store.kept import Kept
from segscore.workspace.store.store import Row, Store, hint_of

EVALUATION, PREDICTIONS, NOTE = "evaluation.npz", "predictions", "note.txt"
_LONGEST_NOTE = 10_000

_GROUPS = 8
"""Groups, or values of an attribute, that are shown."""


@dataclass(frozen=True, eq=False, repr=False)
class Run(Kept):
    """A model that was run on a dataset; it never changes, but for its note and tags.

    Attributes
    ----------
    id : str
        Such as ``r12``; it is never given twice.
    model, dataset : str
        Name and version of each: ``net:v2``.
    model_digest, dataset_digest : str
        SHA-256 of what they were.
    options : mapping
        What else decides the result.
    digest : str
        SHA-256 of model, dataset and options; the same run has the same one.
    started, ended : str
        When, ISO 8601 in UTC.
    images, failures : int
        Number of images that were scored, and of those that could not be.
    trained_images : tuple of str
        Images among them that the model was trained on.
    metrics : mapping of str to float
        Headline metrics, the IoU of each class as ``iou.NAME``, and what was measured of shapes as a whole;
        NaN where undefined.
    """

    id: str
    model: str
    dataset: str
    model_digest: str
    dataset_digest: str
    options: Mapping[str, Any]
    digest: str
    started: str
    ended: str
    images: int
    failures: int
    trained_images: tuple[str, ...]
    metrics: Mapping[str, float]
    _store: Store = field(repr=False)

    @property
    def _identity(self) -> tuple[str, ...]:
        return self.id, self.started, self.digest

    @property
    def folder(self) -> Path:
        """Where everything that is kept of it lies."""
        return self._store.path(KIND, self.id, VERSION).parent

    def changing(self) -> AbstractContextManager[None]:
        """Let one process at a time change what is kept of runs; see `folders.changing`."""
        return changing(self._store)

    @lazy
    def manifest(self) -> Mapping[str, Any]:
        """Return what its file says, ``environment`` and ``tracebacks`` of functions that failed included.

        Raises
        ------
        FileFormatError
            If it is not as it was written.
        """
        found = self._store.manifest(KIND, self.id, VERSION)
        with _reading(self._store, self.id):
            made_by, tracebacks = found["environment"], found["tracebacks"]
            checked_number(made_by["threads"])
            for text in (found["segscore"], found["evaluation"], made_by["python"], made_by["platform"]):
                checked_text(text)
            for pair in (*made_by["packages"].items(), *tracebacks.items()):
                checked_string(pair[1])
        return MappingProxyType(found)

    @lazy
    def evaluation(self) -> Evaluation:
        """Return the counts of every image, and everything that is read from them.

        Where the files of its images lie is not known to it, but to `Workspace.evaluation`.

        Raises
        ------
        FileFormatError
            If its file is not as it was written.
        """
        path = self.folder / EVALUATION
        digest = self.manifest["evaluation"]
        with reading(path, f"the evaluation of run {self.id}", hint_of(KIND, self.id)):
            if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                raise ValueError
        return load(path)

    def read(self) -> Evaluation | None:
        """Return its evaluation, as what goes over many runs asks; None if it is damaged, with a warning."""
        try:
            return self.evaluation
        except (FileFormatError, WorkspaceError) as error:
            self._store.leave_out(self.id, error)
            return None

    def registered(self) -> Dataset | None:
        """Return the version that it was made on; None if that is gone, or another one has its name."""
        try:
            dataset = Datasets(self._store)[self.dataset]
        except SegscoreError:
            return None
        return dataset if dataset.digest == self.dataset_digest else None

    @property
    def model_versions(self) -> tuple[str, ...]:
        """The versions of its model that there are, the oldest first; none if the model is gone."""
        return tuple(row.version for row in self._store.rows("model", self.model.partition(":")[0]))

    @property
    def model_number(self) -> int:
        """Which version of its model was added when, counted in the workspace; 0 if the model is gone."""
        name, _, version = self.model.partition(":")
        rows = self._store.rows("model", name)
        return next((row.number for row in rows if row.version == version), 0)

    @property
    def measures(self) -> Measures:
        """What was measured of shapes."""
        return measures_of(self.options)

    @property
    def main(self) -> str:
        """The name of what it is judged by, such as ``mean_iou``; of objects such as ``mean_ap``."""
        # What objects are judged by is kept first.
        return next(iter(self.metrics), MAIN_PIXELS.whole) if self.measures.instances else MAIN_PIXELS.whole

    @property
    def score(self) -> float:
        """The number that it is judged by; NaN where that is undefined."""
        return self.metrics.get(self.main, math.nan)

    @property
    def comparable(self) -> bool:
        """Whether all images were scored, and the model was trained on none of them."""
        return not self.failures and not self.trained_images

    @lazy
    def interval(self) -> Interval | None:
        """Return how sure its first headline metric is; None for one image, which says nothing of others."""
        if self.images < 2:
            return None
        first = first_shown(self.evaluation.measures, self.evaluation.classes)
        return self.evaluation.confidence_interval(first)

    @property
    def overlap(self) -> str:
        """How many of its images the model was trained on, and which, as a sentence; empty for none."""
        if not self.trained_images:
            return ""
        return overlap_text(self.model, self.dataset, self.trained_images, self.images + self.failures)

    @property
    def predictions(self) -> Path | None:
        """The folder with a mask for each image, named as the image is; None if none were kept."""
        folder = self.folder / PREDICTIONS
        return folder if folder.is_dir() else None

    @property
    def note(self) -> str:
        """What was written about it; empty if nothing was, or with a warning if it cannot be read."""
        path = self.folder / NOTE
        try:
            return path.read_text("utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            self._store.warn(
                f"the note of run {self.id} is left out: {show(str(path))}: cannot be read: {reason}"
                f'\nhint: write it anew: `segscore note {self.id} "TEXT"`'
            )
            return ""

    @property
    def tags(self) -> tuple[str, ...]:
        """What it is found by again, sorted; none, with a warning, if they cannot be read."""
        try:
            return read_tags(self.folder)
        except (OSError, ValueError) as error:
            self._store.warn(unreadable(self.id, self.folder / TAGS, error))
            return ()

    def metric(self, name: str) -> float:
        """Return any metric of the dataset, such as ``mean_iou`` or ``precision.car``.

        Raises
        ------
        ArgumentError
            If there is no such metric.
        """
        if name in self.metrics:
            return self.metrics[name]
        return metrics_of(self.evaluation, [name])[name]

    def find(self, name: str) -> float | None:
        """Return a metric, None if the classes of the dataset lack it, or with a warning if it is damaged."""
        try:
            return self.metric(name)
        except ArgumentError:
            return None
        except (FileFormatError, WorkspaceError) as error:
            self._store.leave_out(self.id, error, "numbers of run {} are")
            return None

    def __str__(self) -> str:
        """Return its page, in 80 columns."""
        return run_text(self)

    def __repr__(self) -> str:
        """Return a short form with the number that it is judged by."""
        value = f"{metric_title(self.main)} {self.score:.6f}"
        return f"<Run {self.id}: {self.model} on {self.dataset}, {value}>"


def run_of(store: Store, row: Row) -> Run:
    """Return a run from the index, or raise FileFormatError if what it says cannot be."""
    with _reading(store, row.name):
        about = row.summary
        if type(about["options"]) is not dict:
            raise TypeError
        measures_of(about["options"])  # which raises where it cannot be
        made = Run(
            id=row.name,
            model=reference_of(about["model"]),
            dataset=reference_of(about["dataset"]),
            model_digest=checked_text(about["model"]["digest"]),
            dataset_digest=checked_text(about["dataset"]["digest"]),
            options=about["options"],
            digest=row.digest,
            started=checked_text(about["started"]),
            ended=row.added,
            images=checked_number(about["images"], 1),
            failures=checked_number(about["failures"]),
            trained_images=tuple(map(checked_string, about["trained_images"])),
            metrics={
                name: float("nan") if value is None else float(value)
                for name, value in about["metrics"].items()
            },
            _store=store,
        )
        of = (made.model, made.model_digest), (made.dataset, made.dataset_digest)
        if run_digest(*of, made.options) != made.digest:
            raise ValueError
        return made


def damage(store: Store, name: str) -> SegscoreError | None:
    """Return why a run that has ended cannot be read; None if it can be, or is not there."""
    if there(store, name) is None or not store.path(KIND, name, VERSION).exists():
        return None
    try:
        store.manifest(KIND, name, VERSION)
        for row in store.rows(KIND, name):
            run_of(store, row)
    except SegscoreError as error:
        return error
    return None


def _reading(store: Store, run: str) -> AbstractContextManager[None]:
    """Turn what a damaged manifest raises into the error that says so."""
    return reading(store.path(KIND, run, VERSION), f"the manifest of run {run}", hint_of(KIND, run))


def write_note(store: Store, run: Run, text: str) -> None:
    """Write what is to be said about a run; an empty text removes it."""
    if not isinstance(text, str) or len(text) > _LONGEST_NOTE:
        raise ArgumentError(
            f"expected a note of at most {_LONGEST_NOTE:,} characters, found "
            f"{f'{len(text):,}' if isinstance(text, str) else type(text).__name__}",
            "write what is longer in a file of its own, and name it in the note",
        )
    path = run.folder / NOTE
    with changing(store):
        remove_parts(run.folder)
        if text:
            write_file(path, text.encode("utf-8", "backslashreplace"))
        else:
            with removing(path):
                path.unlink(missing_ok=True)


def metrics_of(evaluation: Evaluation, names: Sequence[str] | None) -> dict[str, float]:
    """Return metrics of the dataset by name: those that each run keeps, or those named."""
    if names is None:
        names = shown_names(evaluation.measures, evaluation.classes)
    return {name: evaluation.metric(name) for name in names}


def partial_text(run: Run) -> str:
    """Return how many images were scored, where some could not be; else nothing."""
    return f"{run.images:,} of {many(run.images + run.failures, 'image')}" if run.failures else ""


def run_text(
    run: Run,
    *,
    slices: Mapping[str, Groups[Evaluation]] = MappingProxyType({}),
    width: int = WIDTH,
    face: Face = PYTHON,
) -> str:
    """Return the page of a run: what it was made of, its scores, and a few rows of each of its slices."""
    facts = [
        f"run {run.id}: {run.model} on {run.dataset}",
        f"model {short(run.model_digest)}, dataset {short(run.dataset_digest)}, "
        f"started {run.started}, ended {run.ended}",
    ]
    environment = run.manifest["environment"]
    packages = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    facts.append(
        f"segscore {run.manifest['segscore']}, Python {environment['python']}, {packages}, "
        f"threads {environment['threads']}, {environment['platform']}"
    )
    facts.append(f"options: {options_text(run.options)}")
    if run.trained_images:
        facts.append(run.overlap)
    facts.append("no predictions were kept" if run.predictions is None else f"predictions: {run.predictions}")
    if run.tags:
        facts.append(f"tags: {', '.join(run.tags)}")
    if run.note:
        facts += f"note: {run.note}".replace("\n", "\n  ").split("\n")
    lines = [line for fact in facts for line in wrapped(visible(fact), width)]
    tracebacks = run.manifest["tracebacks"]
    if tracebacks:
        name, text = next(iter(tracebacks.items()))
        of = "" if len(tracebacks) == 1 else f", the first of {len(tracebacks):,}"
        lines += ["", f"where the model failed on {visible(name)}{of}:"]
        lines += [f"  {visible(line)}" for line in text.rstrip().split("\n")]
    scores = evaluation_text(
        run.evaluation,
        next_step=f"`segscore compare {run.id} OTHER` compares two runs, `segscore runs` lists them",
        interval=run.interval,
        face=face,
    )
    parts = [
        groups_text(groups, title=title.removeprefix("attribute."), limit=_GROUPS, width=width)
        for title, groups in slices.items()
    ]
    # What the mean covers, and what can be done next, stays last.
    body, _, last = scores.rpartition("\n\n")
    return "\n\n".join(["\n".join(lines), body, *parts, last])
