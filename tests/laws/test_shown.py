"""Every result shows itself in little room, and in a notebook, where no name in it is read as HTML."""

import dataclasses
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import segscore
from segscore import Evaluator, InstanceEvaluator
from segscore.base.shown import Shown, brief, first
from segscore.base.values import Frozen
from segscore.classes.folding import Folding
from segscore.counts.record import Record
from segscore.evaluation.gathering import Gathering
from segscore.io.annotations.reading import read_annotations
from segscore.io.places import FilesAsAsked, FilesAsGiven
from segscore.predict.prediction import Prediction
from segscore.results.compared import Compared
from segscore.results.evaluated import Evaluated
from segscore.results.sharded import Sharded
from segscore.scores.conventions.images_as import ImagesAs
from segscore.scores.matching import Threshold
from segscore.scores.measured import Measured
from segscore.workspace import RunProgress, Unfinished, compare_runs
from segscore.workspace.registry.models import TrainedOn
from segscore.workspace.registry.versions import Version, Versions
from segscore.workspace.remarks import Remarks
from segscore.workspace.store.kept import Kept
from support import coco_files
from support.annotated import written
from support.hostile_names import HOSTILE_NAMES
from support.hostile_workspace import evaluation_of, hostile_workspace
from support.pages import Page

NAMES = tuple(HOSTILE_NAMES.values())
HOSTILE = NAMES[0]
BASES = {Shown, Frozen, Folding, Record, Measured, Evaluated, Compared, Kept, Remarks, Version, Versions}
BASES |= {Sharded, Gathering, ImagesAs, FilesAsAsked}
LINES, LETTERS = 20, 2_000
TAGS = {"pre", "div", "p", "br", "table", "thead", "tbody", "tr", "th", "td", "b", "em", "code", "ol", "li"}


def within(one: object, known: dict[type, object]) -> None:
    """Add a result, and the first of each kind that it holds or hands out, to those that are known."""
    if isinstance(one, tuple | list):
        for part in one[:3]:
            within(part, known)
    if not isinstance(one, Shown | segscore.ConfusionMatrix) or type(one) in known:
        return
    known[type(one)] = one
    names = [name for name, value in vars(type(one)).items() if isinstance(value, property)]
    if dataclasses.is_dataclass(one):
        names += [field.name for field in dataclasses.fields(one)]
    for name in names:
        within(getattr(one, name), known)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[type, object]:
    """One result of each kind, each with hostile names wherever it has any."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {type(one): one for one in made(tmp_path_factory.mktemp("ws"))}


def made(folder: Path) -> Iterator[object]:
    images = [f"{NAMES[i % len(NAMES)]}_{i}" for i in range(500)]
    one, two = (evaluation_of(segscore.Classes(NAMES, name=HOSTILE), model, images, 40) for model in (1, 2))
    known: dict[type, object] = {}
    groups = {name: NAMES[i % len(NAMES)] for i, name in enumerate(one.names)}
    within([one], known)
    within([segscore.compare(one, two, labels=(HOSTILE, NAMES[1] * 100))], known)
    for part in (
        *(one.images, one.fine_grained, one.fine_grained.iou, one.fine_grained.iou.quantile(5), one.table),
        *(one.cells, one.audit(), one.explain(), one.correct_at(0.5), one.correct_curve(), one.confusion),
        *(one.regions({name: [name] for name in NAMES}), one.group_by(groups), one.confidence_interval()),
        *(one.check({f"iou.{NAMES[0]}": 0.3})[0], one.scores_as("mmseg"), Evaluator(one.classes)),
        segscore.Failure(HOSTILE, HOSTILE, HOSTILE),
        Prediction(labels=np.zeros((400, 400), np.uint8)),
        RunProgress(HOSTILE, 1, 2, 0, 0.5, 1.0, 0),
        Unfinished("r9", HOSTILE, HOSTILE),
    ):
        within([part], known)
    options: dict[str, Any] = {"distances": True, "spacing": (1, 1), "surface": "voxels"}
    judge = Evaluator(segscore.Classes(NAMES, name=HOSTILE), boundary=(1, 2), segments=True, **options)
    judge.add(pred=[[0, 1, 0, 0]], target=[[0, 0, 0, 1]], name=HOSTILE)
    measured = judge.result()
    shapes, along = measured.shapes, measured.boundary
    for part in (*shapes.measured, shapes, shapes.measures, along, along.images, along.errors):
        within([part], known)
    within([shapes.surface, shapes.surface.images, shapes.surface.mean_hausdorff()], known)
    within([shapes.surface.images.cells], known)
    within([measured.surface_as("monai")], known)
    objects = InstanceEvaluator(segscore.Classes(NAMES, name=HOSTILE), boundary=1)
    segments = {1: NAMES[0]}
    both = {"pred_segments": segments, "target_segments": segments, "scores": {1: 0.5}}
    objects.add(pred=[[1]], target=[[1]], **both, name=HOSTILE)
    found = objects.result()
    matching, panoptic = found.shapes.matching, found.panoptic
    within([found.average_precision("cityscapes"), found.listed_objects(0.5)], known)
    for part in (objects, *found.measured, matching, matching.at(Threshold()), panoptic, panoptic.images):
        within([part], known)
    within([panoptic.things, coco_files.scored(coco_files.annotations(), coco_files.results())], known)
    lesions = Evaluator(segscore.Classes(NAMES, name=HOSTILE), components=True, dilation=1)
    lesions.add(pred=[[0, 1, 0, 0]], target=[[0, 0, 0, 1]], name=HOSTILE)
    parts = lesions.result()
    within(parts.measured, known)
    within([parts.lesions_as("brats-met"), parts.objects_by_size((10, 100))], known)
    within([parts.average_precision("cellpose")], known)
    within([read_annotations(written(folder, hostile_annotations()))], known)
    masks = {"pred": [[[0, 1]]], "target": [[[0, 0]]], "names": [HOSTILE], "groups": [HOSTILE]}
    plan = segscore.plan(**masks, classes=segscore.Classes(NAMES, name=HOSTILE))
    within([plan, plan.shards(3)[0], plan.shards(3)[0].evaluate()], known)
    ws = hostile_workspace(folder)
    dataset, model = ws.datasets["hostile"], ws.models["one"]
    for part in (ws, ws.runs(), ws.runs()[0], ws.runs().grid(), ws.datasets, ws.models, dataset, model):
        within([part], known)
    within([ws.runs().trend(ws.runs()[0].model.partition(":")[0]), compare_runs(list(ws.runs())[:3])], known)
    within([ws.evaluation(ws.runs()[0].id).files, FilesAsGiven({"a": ("b.png", None)}, {"": "/"})], known)
    within([ws.datasets.diff("hostile:v1", "hostile:v1"), TrainedOn(HOSTILE, None, {})], known)
    yield from known.values()


def hostile_annotations() -> dict[str, Any]:
    """Return an image of each class whose name can be in JSON, as COCO has them."""
    names = {name for name in NAMES if name.strip() and name.isascii()}
    found = coco_files.annotations()
    found["categories"] += [{"id": 100 + i, "name": name} for i, name in enumerate(sorted(names))]
    return found


def subclasses(of: type) -> set[type]:
    return {of}.union(*(subclasses(one) for one in of.__subclasses__()))


def test_a_result_of_each_kind_is_tested_here(results: dict[type, object]) -> None:
    expected = {one for one in subclasses(Shown) - BASES if one.__module__.startswith("segscore.")}
    assert {one.__name__ for one in expected} - {one.__name__ for one in results} == set()


def test_results_show_themselves_in_little_room(results: dict[type, object]) -> None:
    for kind, one in results.items():
        text = repr(one)
        assert len(text.splitlines()) <= LINES, kind
        assert len(text) <= LETTERS, kind
        assert text.isprintable(), kind
        assert " object at 0x" not in text, kind


def test_names_are_no_html_in_notebooks(results: dict[type, object]) -> None:
    for kind, one in results.items():
        page = Page(one._repr_html_())  # type: ignore[attr-defined]
        assert {tag[0] if isinstance(tag, tuple) else tag for tag in page.tags} <= TAGS, kind
        assert all(line.isprintable() for text in page.texts for line in text.split("\n")), kind


def test_what_has_no_table_of_its_own_is_its_text_in_a_notebook() -> None:
    class Named(Shown):
        def __str__(self) -> str:
            return "<b>a</b> & b\n\x1b[31mc"

    assert Named()._repr_html_() == "<pre>&lt;b&gt;a&lt;/b&gt; &amp; b\n\\x1b[31mc</pre>"


def test_texts_of_images_name_the_lowest() -> None:
    judge = Evaluator(["road", "sky"])
    for i in range(12):
        judge.add(pred=[0] * i + [1] * (12 - i), target=[0] * 12, name=f"frame_{i:02}")
    images = judge.result().images
    assert repr(images) == "<ImageScores of 12 images: mean image IoU 0.0000 to 0.9167>"
    lines = str(images).split("\n")
    assert lines[:2] == [
        "image     pixels  pixel accuracy  mean image IoU  mean image Dice",
        "frame_00      12          0.0000          0.0000           0.0000",
    ]
    assert lines[-2:] == ["", "the lowest 10 of 12 images by mean image IoU"]
    assert len(lines) == 13


def test_what_is_long_is_cut() -> None:
    assert brief("a" * 100) == f"'{'a' * 17}...{'a' * 18}'"
    assert first(list("abcde")) == "a, b, c, d, …"
    assert first(list("abcd")) == "a, b, c, d"
