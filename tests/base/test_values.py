"""Frozen results stay as they were made, through pickle and copies, and properties are computed once."""

import copy
import dataclasses
import importlib
import pickle
import pkgutil
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import segscore
from segscore import Classes, Evaluator, InstanceEvaluator
from segscore.auditing import Limit
from segscore.base.values import Computed, Frozen, lazy, lowest
from segscore.io.places import FileColumns, FilesAsGiven
from segscore.scores.matching import Threshold
from segscore.workspace import Unfinished, compare_runs
from segscore.workspace.registry.models import TrainedOn
from support import coco_files
from support.applications import workspace_of
from support.loops import ABSENT


def frozen(base: type = Frozen) -> Iterator[type]:
    """Yield the classes of results: what stands on `Frozen`, and what nothing else stands on.

    Other tests may have made some up, also of those of segscore.
    """
    for below in base.__subclasses__():
        if below.__module__.startswith("segscore."):
            yield from list(frozen(below)) or [below]


for module in pkgutil.walk_packages(segscore.__path__, "segscore."):
    if module.name not in ABSENT:
        importlib.import_module(module.name)
FROZEN = sorted({one.__name__ for one in frozen()})
NAMES = [*FROZEN, "Difference", "Failure", "GateResult", "Groups", "Interval"]
"""And the plain parts of results."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One result of each class, by the name of the class, of images that have every oddity."""
    classes = Classes(["road", "car", "sky"], ignore=[255], colours={0: (1, 2, 3)})
    judges, random = (Evaluator(classes), Evaluator(classes)), np.random.default_rng(0)
    for i in range(40):
        target = random.choice([0, 1, 1, 255], 50)
        for judge in judges:
            judge.add(pred=random.integers(2, size=50), target=target, name=f"{'ab'[i % 2]}_{i}")
    ev, other = (judge.result() for judge in judges)
    audit = ev.audit()
    compared = segscore.compare(ev, other, resamples=1_000)
    made = [ev, ev.classes, ev.scores, ev.table, ev.cells, ev.images, ev.fine_grained, ev.fine_grained.iou]
    made += [ev.fine_grained.iou.quantile(50), ev.correct_at(0.5), ev.correct_curve(), audit, audit.truth]
    made += [ev.regions({"all": [0, 1]}), ev.explain(), ev.scores_as("mmseg"), ev.group_by(r"^(\w)_")]
    made += [
        ev.confidence_interval(resamples=1_000),
        ev.check({"mean_iou": 0.5})[0],
        compared,
        compared.differences[0],
    ]
    made += [segscore.Failure("a", "b", None), *audit.findings, Limit("a", "b")]
    pred, target = [np.array([[0, 1]]), np.array([[9, 1]])], [np.array([[0, 0]]), np.array([[1, 7]])]
    plan = segscore.plan(pred=pred, target=target, classes=2, groups=["a", "b"], on_error="skip")
    made += [plan, shard := plan.shards(1)[0], part := shard.evaluate(), part.terms]
    ws = workspace_of(tmp_path_factory.mktemp("results"))
    made += [run := ws.run("net", "streets", progress=False), ws.datasets["streets"], ws.models["net"]]
    made += [ws.evaluation(run.id).files, FilesAsGiven({"a": ("b.png", None)}, {"": "/"})]
    made += [TrainedOn("a", None, {"b": "c"}), Unfinished("r9", options={"resize": None})]
    options: dict[str, Any] = {
        "boundary": 1,
        "segments": True,
        "distances": True,
        "spacing": (1, 1),
        "surface": "voxels",
    }
    shaped = Evaluator(["background", "liver"], **options)
    shaped.add(pred=[[0, 1, 0, 0]], target=[[0, 0, 0, 1]])
    shapes = shaped.result().shapes
    lesions = Evaluator(["background", "liver"], components=True, dilation=1)
    lesions.add(pred=[[1, 0, 0, 0]], target=[[1, 1, 0, 0]])
    found = lesions.result()
    objects = InstanceEvaluator(["background", "liver"], boundary=1)
    scored = {"pred_segments": {1: 1}, "target_segments": {2: 1}, "scores": {1: 0.5}}
    objects.add(pred=[[1, 0, 0, 0]], target=[[2, 2, 0, 0]], **scored)
    bands = [one for one in objects.result().measured if one.kind in ("object_bands", "overlap_bands")]
    of_lesions = {"instances": "components", "components": True, "dilation": 1, "band": 1}
    measures = dataclasses.replace(shapes.measures, **of_lesions)
    measured = (*shapes.measured, *found.measured, *bands)
    shapes = dataclasses.replace(shapes, measured=measured, measures=measures)
    made += [shapes.matching, shapes.matching.at(Threshold()), shapes.panoptic, shapes.panoptic.all]
    made += [shapes.panoptic.images]
    made += [objects.result().average_precision("cityscapes")]
    made += [coco_files.scored(coco_files.annotations(), coco_files.results())]
    made += [*shapes.measured, shapes, shapes.boundary, shapes.boundary.images, shapes.surface]
    made += [shapes.surface.images, shapes.surface.images.cells, shapes.surface.mean_hausdorff()]
    made += [shapes.boundary.errors]
    made += [shaped.result().surface_as("monai")]
    made += [found.lesions_as("brats-met"), found.objects_by_size((10, 100)), found.listed_objects()]
    made += [found.average_precision("cellpose")]
    made += [grid := dataclasses.replace(ws.runs().grid(), runs={})]  # a run is equal to itself alone
    made += [dataclasses.replace(ws.runs().trend("net"), grid=grid)]
    ws.run("net", "streets", again=True, progress=False)
    made += [dataclasses.replace(compare_runs(ws.runs()), runs=())]
    return {type(one).__name__: one for one in made}


COPIES = {"pickle": lambda one: pickle.loads(pickle.dumps(one)), "deepcopy": copy.deepcopy, "copy": copy.copy}


def held(one: object) -> Iterator[tuple[str, object]]:
    """Yield the name and the value of each field of a result, and of the results that it holds."""
    for field in dataclasses.fields(one):  # type: ignore[arg-type]
        value = getattr(one, field.name)
        yield field.name, value
        for inner in value if isinstance(value, tuple) else [value]:
            if isinstance(inner, Frozen):
                yield from held(inner)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_a_copy_holds_the_same_and_cannot_be_written_to(
    results: dict[str, Any], name: str, copied: Callable[[Any], Any]
) -> None:
    one = results[name]
    other = copied(one)
    assert type(other) is type(one)
    if type(one).__eq__ is not object.__eq__:
        assert other == one
    for (field, before), (same_field, after) in zip(held(one), held(other), strict=True):
        assert field == same_field
        assert type(before) is type(after), field
        if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
            np.testing.assert_array_equal(after, before)
            assert not before.flags.writeable, field
            assert not after.flags.writeable, field
        if isinstance(before, int | str):
            assert after == before, field
        if isinstance(before, Mapping) and name != "Groups":
            assert isinstance(before, MappingProxyType), field
            np.testing.assert_equal(dict(after), dict(before))
            for one_of in after.values():
                assert not isinstance(one_of, np.ndarray) or not one_of.flags.writeable, field


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_a_copy_of_a_mapping_is_read_only(results: dict[str, Any], copied: Callable[[Any], Any]) -> None:
    ev = results["Evaluation"]
    for mapping in (ev.provenance, ev.files, ev.records):
        assert (type(copied(mapping)), copied(mapping)) == (MappingProxyType, mapping)


@pytest.mark.parametrize("name", FROZEN)
def test_no_name_can_be_given_another_value(results: dict[str, Any], name: str) -> None:
    for written in ("mean_iou", "anything", *vars(results[name])):
        message = f"^cannot assign to field '{written}'$"
        with pytest.raises(dataclasses.FrozenInstanceError, match=message):
            setattr(results[name], written, 1.0)


def test_a_matrix_keeps_what_it_is_given_under_names_that_scores_do_not_have() -> None:
    matrix = segscore.ConfusionMatrix(2)
    matrix.epoch = 3  # type: ignore[attr-defined]  # as a class derived from it does
    assert vars(matrix)["epoch"] == 3
    for written in ("mean_iou", "iou", "to_dict"):
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"^cannot assign to field '{written}'$"):
            setattr(matrix, written, 1.0)


@pytest.mark.parametrize("name", FROZEN)
def test_arrays_that_are_computed_later_can_not_be_written_to_in_a_copy(
    results: dict[str, Any], name: str
) -> None:
    one = results[name]
    kept = [key for key in dir(type(one)) if isinstance(getattr(type(one), key), lazy)]
    for key in kept:
        getattr(one, key)
    other = pickle.loads(pickle.dumps(one))
    for key in kept:
        value = getattr(other, key)
        assert not isinstance(value, np.ndarray) or not value.flags.writeable, key


def test_equal_findings_are_one_in_a_set(results: dict[str, Any]) -> None:
    finding = results["Finding"]
    assert {finding, pickle.loads(pickle.dumps(finding))} == {finding}
    assert dataclasses.replace(finding, hint="another") not in {finding}
    assert dataclasses.replace(finding, evidence={"images": 1_000}) != finding


def test_fine_grained_means_are_equal_to_themselves_alone(results: dict[str, Any]) -> None:
    # Their averages are, so that they could be equal to no other as a whole.
    means = results["FineGrained"]
    assert means == means
    assert means != copy.deepcopy(means)


class Image:
    def __init__(self, together: threading.Barrier) -> None:
        self.together = together
        self.calls = 0

    @lazy
    def labels(self) -> list[int]:
        """Label values."""
        self.calls += 1
        self.together.wait(20)
        return [0, 1]


def test_it_is_computed_once_and_kept() -> None:
    image = Image(threading.Barrier(1))
    assert image.labels is image.labels
    assert image.calls == 1
    assert Image(threading.Barrier(1)).labels is not image.labels


def test_values_of_a_mapping_are_computed_when_they_are_asked_for() -> None:
    asked: list[str] = []
    sizes = MappingProxyType(Computed(["ab", "c"], lambda key: asked.append(key) or len(key)))
    assert (list(sizes), len(sizes), "c" in sizes, sizes.get("d")) == (["ab", "c"], 2, True, None)
    assert asked == []
    assert (sizes["c"], sizes["c"]) == (1, 1)
    assert asked == ["c"]
    assert sizes == {"ab": 2, "c": 1}
    assert asked == ["c", "ab"]
    with pytest.raises(KeyError):
        sizes["d"]
    assert (repr(sizes), pickle.loads(pickle.dumps(sizes))) == ("mappingproxy({'ab': 2, 'c': 1})", sizes)


def test_the_class_shows_its_documentation() -> None:
    assert Image.labels.__doc__ == "Label values."


def test_threads_that_compute_it_at_the_same_moment_get_one_result() -> None:
    image = Image(threading.Barrier(4))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: image.labels, range(4)))
    assert image.calls == 4  # a lock would break the barrier
    assert [labels is image.labels for labels in found] == [True] * 4


@pytest.mark.parametrize("count", [0, 1, 3, 24, 25, 99, 100, 1000])
def test_the_lowest_are_the_first_ones_of_a_stable_sort(count: int) -> None:
    random = np.random.default_rng(count)
    for _ in range(20):
        first = random.choice([0.0, 0.5, 1.0, -np.inf, np.inf, np.nan], 100)
        second = random.integers(0, 3, 100)
        # Python's own sort is stable; NaN is above everything.
        keys = [
            (np.isnan(one), 0.0 if np.isnan(one) else one, other)
            for one, other in zip(first, second, strict=True)
        ]
        expected = sorted(range(100), key=keys.__getitem__)[:count]
        assert lowest(count, first, second).tolist() == expected


def test_mappings_that_stay_as_they_are_are_not_copied() -> None:
    @dataclasses.dataclass(frozen=True)
    class Held(Frozen):
        given: Mapping[str, Any]

    columns = FileColumns(places={}, preds=str, targets=[], images=None)
    assert Held(columns).given is columns
    given = {"a": 1}
    kept = Held(given).given
    given["a"] = 2
    assert kept == {"a": 1}
