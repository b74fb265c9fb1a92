"""What is to be run: a model, a dataset, and the options that decide the result.

Nothing is run here, and nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import is_int
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.id_maps import IdMaps
from segscore.counts.measure_options import MeasureOptions
from segscore.counts.measures import NOTHING, Measures
from segscore.counts.measuring import check_measurable
from segscore.counts.spacings import with_own_spacings
from segscore.counts.widths import band_of
from segscore.errors import ArgumentError, FileFormatError, flag
from segscore.evaluation.coco_files import MEASURES_OF_FILES
from segscore.evaluation.instance_images import check_maps_alone
from segscore.io.cases import Case
from segscore.io.photographs import COLOURS, is_gray
from segscore.io.reading import checked_resize, read_by
from segscore.io.shapes import PLANES, Dims
from segscore.predict import Predictor
from segscore.predict.options import FORMS
from segscore.text.names import listed
from segscore.workspace.registry.datasets import Dataset
from segscore.workspace.registry.models import Model
from segscore.workspace.runs.environment import environment
from segscore.workspace.store.digests import digest_of

_BATCH = 8
"""Images that a function is given at once, if it takes several."""
_MOST_BATCH = 4096
_LOOKED_AT = 1000
"""Photographs whose headers are read before a run, at most."""
_RESULTS = "file of results"
_PANOPTIC = "panoptic file"
"""What models of objects are, as messages say it."""
MEASURES = "measures"
"""The option of runs that holds what is measured of shapes; there is none where nothing is."""


@dataclass(frozen=True)
class Plan:
    """What is to be run, and the digest that the same run is known by."""

    model: Model
    dataset: Dataset
    classes: Classes
    options: Mapping[str, Any]
    keep: bool
    measures: Measures = NOTHING
    """Which the options hold in plain values, if anything is measured."""

    @property
    def ids(self) -> IdMaps | None:
        """What ids in masks are, where these are maps of ids; both sides have the segments of targets."""
        maps = self.dataset.id_maps
        return None if maps is None else replace(maps, band=self.measures.band)

    @property
    def key(self) -> str:
        """SHA-256 of model, dataset and options: equal runs have equal ones.

        Versions of equal content have runs of their own, so that each run says which ones it is of.
        """
        model, dataset = ((one.reference, one.digest) for one in (self.model, self.dataset))
        return run_digest(model, dataset, self.options)

    @property
    def provenance(self) -> dict[str, str]:
        """What its evaluation says that it is made of."""
        of = {"model": self.model.reference, "dataset": self.dataset.reference}
        return of | read_by(targets=self.dataset.reading, predictions=self.model.reading)

    def about(self) -> dict[str, Any]:
        """Return what is known of the run before it begins, as JSON can say it."""
        model, dataset = self.model, self.dataset
        return {
            "key": self.key,
            "model": {"name": model.name, "version": model.version, "digest": model.digest},
            "dataset": {"name": dataset.name, "version": dataset.version, "digest": dataset.digest},
            "options": dict(self.options),
            "keep": self.keep,
            "environment": environment(),
            "total": len(dataset.names),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def planned(
    model: Model,
    dataset: Dataset,
    *,
    resize: Literal["nearest"] | None,
    batch: int | None,
    keep: bool,
    measures: MeasureOptions,
) -> Plan:
    """Return the plan of a run, with all options as they will be, or refuse one."""
    checked_resize(resize)
    keep = flag("keep_predictions", keep)
    check_photographs(model, dataset.reference, there=dataset.images is not None, dims=dataset.dims)
    if batch is not None and (not is_int(batch) or not 1 <= batch <= _MOST_BATCH):
        raise ArgumentError(
            f"{arg('batch')} is {brief(batch)}, expected 1 to {_MOST_BATCH:,}", "how many images at once"
        )
    if batch is None:
        batch = _BATCH if model.options.get("takes") == "batch" else 1
    reader = dataset.reading.reader
    options: dict[str, Any] = {"resize": resize, **({"read": reader} if reader else {})}
    if dataset.id_maps is not None:
        return _of_ids(model, dataset, dataset.id_maps, options, measures)
    if dataset.instances or model.is_results:
        return _of_objects(model, dataset, resize=resize, measures=measures)
    if model.form != "predictions":
        options |= {"batch": int(batch), "interpolation": "bilinear"}
    classes = Classes.of(dataset.classes, pred_classes=model.options.get("pred_classes"))
    measured = shapes_planned(dataset, classes, measures)
    if measured:
        options[MEASURES] = measured.to_dict()
    return Plan(model, dataset, classes, options, keep and model.form != "predictions", measured)


def _of_ids(
    model: Model, dataset: Dataset, ids: IdMaps, options: dict[str, Any], measures: MeasureOptions
) -> Plan:
    """Return the plan of a run of maps of ids, or refuse one of anything else."""
    panoptic = ids.kind == "coco-panoptic"
    if model.form != "predictions" or model.is_results != panoptic or model.is_panoptic != panoptic:
        raise ArgumentError(
            f"{model.reference} is {_what(model)}, and {dataset.reference} has "
            f"{'panoptic targets' if panoptic else 'maps of ids'}",
            f"{f'a {_PANOPTIC}' if panoptic else FORMS['predictions'].message} is run on such datasets, and "
            "nothing else is",
        )
    asked = Measures.of(**measures, dims=dataset.dims)
    check_maps_alone(model.options.get("pred_classes"), model.reading, asked, strict=False)
    measured = replace(ids, band=band_of(asked.boundary)).measures
    options[MEASURES] = measured.to_dict()
    return Plan(model, dataset, dataset.classes, options, False, measured)


def _what(model: Model) -> str:
    """Return what a model is, as messages say it."""
    if model.is_results:
        return f"a {_PANOPTIC if model.is_panoptic else _RESULTS}"
    return FORMS[model.form].message


def _of_objects(
    model: Model, dataset: Dataset, *, resize: Literal["nearest"] | None, measures: MeasureOptions
) -> Plan:
    """Return the plan of a run of results on annotations, or refuse one of anything else."""
    if not (dataset.instances and model.is_results and not model.is_panoptic):
        raise ArgumentError(
            f"{model.reference} {f'is {_what(model)}' if model.is_results else f'is no {_RESULTS}'}, and "
            f"{dataset.reference} has {'annotations' if dataset.instances else 'masks'}",
            "JSON files of results are run on datasets of annotations, and nothing else is",
        )
    if resize is not None or Measures.of(**measures):
        raise ArgumentError(
            f"{arg('resize')} and what is measured of shapes are for masks of classes, and "
            f"{dataset.reference} has annotations of objects",
            "leave them out",
        )
    options = {"resize": None, MEASURES: MEASURES_OF_FILES.to_dict()}
    return Plan(model, dataset, dataset.classes, options, False, MEASURES_OF_FILES)


def shapes_planned(dataset: Dataset, classes: Classes, measures: MeasureOptions) -> Measures:
    """Return what is measured of shapes, with the spacing of each target where it has one, or refuse it."""
    asked = Measures.of(**measures, dims=dataset.dims)
    check_measurable(asked, classes)
    targets = [Case(name, mask, mask) for name, mask in zip(dataset.names, dataset.masks, strict=True)]
    return with_own_spacings(asked, measures, targets, dataset.reading)


def measures_of(options: Mapping[str, Any]) -> Measures:
    """Return what a run with these options measures of shapes, or raise what damaged files raise."""
    try:
        return Measures.from_dict(options.get(MEASURES, {}))
    except FileFormatError as error:  # whoever reads the options knows the file that they are in
        raise ValueError(error.message) from error


def options_text(options: Mapping[str, Any]) -> str:
    """Return the options of a run in words, those that are not given left out."""
    said = [f"{name} {value}" for name, value in options.items() if value is not None and name != MEASURES]
    return ", ".join([*said, *([f"measures {measures.said}"] if (measures := measures_of(options)) else [])])


def needs_photographs(model: Model) -> bool:
    """Whether a model has to be shown photographs, and has not seen them already."""
    return model.form != "predictions"


def lacking_photographs(*, there: bool, dims: Dims) -> str:
    """Return why no model can be shown photographs of a dataset; an empty text if it can."""
    return "holds volumes" if dims != PLANES else "" if there else "has none"


def check_photographs(model: Model, dataset: str, *, there: bool, dims: Dims) -> None:
    """Raise ArgumentError for a model that has to be shown photographs, where a dataset has none."""
    lacking = lacking_photographs(there=there, dims=dims)
    if not lacking or not needs_photographs(model):
        return
    folder = f"run {FORMS['predictions'].message}"
    raise ArgumentError(
        f"{model.reference} is {FORMS[model.form].message}, which needs photographs, but {dataset} {lacking}",
        f"add a version with {arg('images', code='')}, or {folder}"
        if dims == PLANES
        else f"save what it makes of each volume, and {folder}",
    )


def run_digest(model: tuple[str, str], dataset: tuple[str, str], options: Mapping[str, Any]) -> str:
    """Return the SHA-256 of name and version, with digest, of model and dataset, and of options."""
    return digest_of([model, dataset, dict(options)])


def trained_images(model: Model, dataset: Dataset) -> tuple[str, ...]:
    """Return the images of a dataset that a model was trained on, told by their contents."""
    if model.trained_on is None:
        return ()
    known = set(model.trained_on.images.values())
    there = zip(dataset.names, dataset.images, strict=True) if dataset.images is not None else ()
    return tuple(name for name, file in there if file.sha256 in known)


def overlap_text(model: str, dataset: str, names: Sequence[str], total: int) -> str:
    """Return the sentence that says on which images of a dataset, one or more of all, a model was trained."""
    return (
        f"{model} was trained on {len(names):,} of {many(total, 'image')} of {dataset}: "
        f"{listed(names, limit=5, width=None)}; its scores on them say little about new images"
    )


def trained_text(plan: Plan, seen: Sequence[str]) -> str:
    """Return the sentence that says which images a model was trained on, or that nobody can know."""
    assert plan.model.trained_on is not None
    if not seen:
        return (
            f"{plan.model.reference} was trained on {plan.model.trained_on.name}; whether images of "
            f"{plan.dataset.reference} are among them cannot be told, as it has no photographs"
        )
    said = overlap_text(plan.model.reference, plan.dataset.reference, seen, len(plan.dataset.names))
    return f"{said}\nhint: evaluate on images that are not among those of {plan.model.trained_on.name}"


def gray_text(plan: Plan, predictor: Predictor) -> str:
    """Return the sentence that says how many gray photographs a model is given as colours, if there are any.

    A function may look at what it is given by itself. Of many photographs as many are looked at as take no
    time that anybody waits for, from all over the dataset.
    """
    if predictor.bands != COLOURS:
        return ""
    every = plan.dataset.image_paths or ()
    paths = every[:: -(-len(every) // _LOOKED_AT) or 1]
    gray = sum(map(is_gray, paths))
    if not gray:
        return ""
    are = "is" if gray == 1 else "are"
    of = f"{many(len(paths), 'photograph')} of {plan.dataset.reference}"
    if len(paths) < len(every):
        of += f" that were looked at, of {len(every):,},"
    return (
        f"{gray:,} of {of} {are} gray, and "
        f"{plan.model.reference} takes three colours: it is given gray as red, green and blue"
    )
