"""Rules of surfaces: other tools' distances from the same surfaces, and what is said of them.

A tool that is not installed is skipped; with ``SEGSCORE_PEERS=all`` it fails.
"""

import copy
import json
import os
import pickle
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from math import inf, isnan, nan
from typing import get_args

import numpy as np
import pytest

from segscore import Classes, Evaluator
from segscore.errors import ArgumentError
from segscore.scores.conventions import surface_rules
from segscore.scores.conventions.surface_rules import OWN, SURFACE_RULES, Of
from segscore.scores.surface_cells import SurfaceCells
from support.refused import refused
from surface_checks import KINDS, Agreement, agrees, compare, datasets, tolerance
from surface_elements import EXACT, bands, voxels
from surface_peers import PEERS, in_folder

TARGET, PRED = np.zeros((2, 2, 8, 8), np.uint8)
TARGET[0, 1:6, 1:5], TARGET[0, 6:, 6:] = 1, 2
PRED[0, 1:7, 2:6], PRED[0, 3, 3], PRED[0, 5:, 7:] = 1, 0, 2
TARGET[1, :4, :4], TARGET[1, 5:, 5:] = 1, 2
PRED[1, 1:5, :4] = 1  # class 2 is missed

MEASURED = {
    "monai": {  # MONAI 1.6.1
        "hd": [1.4142135381698608, 1.0, 1.0, inf, inf],
        "hd95": [1.0414212942123413, 1.0, 1.0, nan, 1.0103553533554077],
        "assd": [0.7095215916633606, 0.4285714328289032, 0.5, inf, inf],
        "asd": [0.7586427927017212, 0.3333333432674408, 0.5, inf, inf],
        "nsd": [0.9696969985961914, 1.0, 1.0, 0.0, 0.7424242496490479],
    },
    "monai-subvoxels": {"nsd": [0.9448797106742859, 1.0, 1.0, 0.0, 0.7362199425697327]},
    "medpy": {  # MedPy 0.5.2
        "hd": [1.4142135623730951, 1.0, 1.0, nan],
        "hd95": [1.0, 1.0, 1.0, nan],
        "assd": [0.709521623102215, 0.42857142857142855, 0.5, nan],
        "asd": [0.7586428190722682, 0.3333333333333333, 0.5, nan],
    },
    "panoptica": {  # panoptica 2.1.7
        "hd": [1.4142135623730951, 1.0, 1.0, nan],
        "hd95": [1.0, 1.0, 1.0, nan],
        "assd": [0.7007499809647055, 0.41666666666666663, 0.5, nan],
        "nsd": [0.9736842105263158, 1.0, 1.0, nan],
    },
    "torchmetrics": {"hd": [1.4142135381698608, 1.0, 1.0, inf, inf]},  # torchmetrics 1.9.0
    "surface-distance": {  # surface_distance/metrics.py 1f805cea4468
        "hd": [2.0, 1.0, 1.0, inf],
        "hd95": [2.0, 1.0, 1.0, inf],
        "asd": [0.8614757265557017, 0.35355339059327373, 0.5, nan],
        "asd_target": [0.7202883700126227, 0.35355339059327373, 0.5, inf],
        "nsd": [0.9448796976971146, 1.0, 1.0, 0.0],
    },
    "metrics-reloaded": {  # metrics/pairwise_measures.py ca3d352798dc
        "hd": [1.4142135623730951, 1.0, 1.0, nan],
        "assd": [0.709521623102215, 0.42857142857142855, 0.5, nan],
        "hd95": [1.0414213562373087, 1.0, 1.0, nan],
        "masd": [0.7007499809647055, 0.41666666666666663, 0.5, nan],
        "nsd": [0.9696969696969697, 1.0, 1.0, nan],
    },
}
"""What the tools say of `PRED` and `TARGET`, of both classes in both images; then what they say of all."""


def evaluated(surface="voxels", **options):
    classes = Classes(["background", "liver", "tumour"], not_in_mean=[0])
    judge = Evaluator(classes, distances=True, surface=surface, **options)
    for i, (pred, target) in enumerate(zip(PRED, TARGET, strict=True)):
        judge.add(pred=pred, target=target, name=f"case_{i}")
    return judge.result()


@pytest.mark.parametrize("name", SURFACE_RULES)
def test_one_evaluation_has_the_numbers_of_every_tool(name):
    rule = SURFACE_RULES[name]
    said = evaluated(rule.surface).surface_as(name)
    assert set(said.images) == set(rule.readings) == set(MEASURED[name])
    for key, values in MEASURED[name].items():
        ours = [*said.images[key][:, 1:].ravel(), *([said.means[key]] if rule.mean else [])]
        # Tools that compute with 32 bits are off by their own rounding.
        assert ours == pytest.approx(values, rel=2e-7 if rule.float32 else 1e-15, nan_ok=True), key
        assert np.isnan(said.images[key][:, 0]).all()
        assert not said.images[key].flags.writeable


def test_rules_with_the_readings_of_segscore_have_its_numbers():
    ev = evaluated()
    images = ev.surface.images
    own = {"hd": images.hausdorff(), "hd95": images.hausdorff(95), "assd": images.assd()}
    own |= {"masd": images.masd(), "nsd": images.dice(1.0)}
    both = images.there.all(axis=-1)
    for rule in SURFACE_RULES.values():
        if rule.surface == "voxels":
            said = ev.surface_as(rule.name)
            for key in said.images.keys() & OWN.keys():
                alike = np.allclose(said.images[key][both], own[key][both], rtol=1e-15, atol=0)
                # That of medpy and panoptica is of both surfaces together, and so on.
                assert alike == (rule.readings[key].of == OWN[key].of), (rule.name, key)


def test_nothing_to_average_is_what_the_tool_makes_of_it():
    judge = Evaluator(["background", "liver"], distances=True)
    judge.add(pred=[[0, 0]], target=[[0, 1]])
    ev = judge.result()
    # A model that finds nothing has the best HD95 that there is.
    assert ev.surface_as("monai").means == {"hd": inf, "hd95": 0.0, "assd": inf, "asd": inf, "nsd": 0.0}
    judge.add(pred=[[0, 0]], target=[[0, 0]], name="empty")
    assert isnan(judge.result().surface_as("torchmetrics").means["hd"])  # It raises an error.
    assert ev.surface_as("torchmetrics").means["hd"] == inf
    assert ev.surface_as("medpy").means == {}


def test_a_tolerance_is_held_to_as_the_tool_does():
    judge = Evaluator(["background", "liver"], distances=True, surface="voxels", spacing=(1, 0.1))
    judge.add(pred=[[1, 0, 0, 0]], target=[[0, 0, 0, 1]])
    ev = judge.result()  # Three steps of 0.1 are more than 0.3 in 64 bits, and the same in 32.
    assert ev.surface.dice(0.3)["liver"] == 1
    said = {name: ev.surface_as(name, tolerance=0.3) for name in ("monai", "metrics-reloaded")}
    assert [one.images["nsd"][0, 1] for one in said.values()] == [1, 0]
    assert [one.tolerance for one in said.values()] == [0.3, 0.3]
    assert ev.surface_as("monai").tolerance == 1.0


def test_a_copy_has_the_same_numbers():
    said = evaluated().surface_as("monai")
    for copied in (pickle.loads(pickle.dumps(said)), copy.deepcopy(said)):
        np.testing.assert_equal(dict(copied.images), dict(said.images))
        assert (copied.means, copied.differences, copied.unit) == (said.means, said.differences, "px")
        assert not any(values.flags.writeable for values in copied.images.values())


def test_only_the_number_that_is_asked_for_is_computed(monkeypatch):
    said, asked = evaluated().surface_as("medpy"), []
    of_both = SurfaceCells.of_both
    monkeypatch.setattr(SurfaceCells, "of_both", lambda *given: asked.append(given) or of_both(*given))
    monkeypatch.setattr(SurfaceCells, "hausdorff", None)
    assert said.images["hd95"][0, 1] == 1.0
    assert said.images["hd95"] is said.images["hd95"]
    assert len(asked) == 1


# What is said


def test_each_difference_is_one_sentence():
    assert evaluated().surface_as("panoptica").differences == (
        "A structure that is missed raises an error in `Metric.HD`, where segscore's is infinite (1 here).",
        "A structure that is missed hangs on its place in `Metric.HD95`, where segscore's is infinite "
        "(1 here).",
        "A structure that is missed is NaN in `Metric.ASSD`, where segscore's is infinite (1 here).",
        "A structure that is missed is NaN in `Metric.NSD`, where segscore's is 0 (1 here).",
        "A structure that is invented raises an error in `Metric.HD`, where segscore's is infinite.",
        "A structure that is invented hangs on its place in `Metric.HD95`, where segscore's is infinite.",
        "A structure that is invented is NaN in `Metric.ASSD`, where segscore's is infinite.",
        "A structure that is invented is NaN in `Metric.NSD`, where segscore's is 0.",
        "A structure that neither side has raises an error in `Metric.HD`, `Metric.HD95`, where segscore's "
        "is NaN.",
        "`Metric.HD95` is the percentile of the distances of both surfaces together.",
        "`Metric.ASSD` is the mean of the means of both surfaces.",
        "`Metric.NSD` is the mean of the shares of both surfaces.",
        "It is given one mask at a time, and has no mean.",
        "Its evaluator gives it pairs of instances, and each class here is one instance in an image.",
        "By itself it takes the smallest spacing as the tolerance of `Metric.NSD`, and 0.5 without one.",
    )
    averaged = "It averages the classes of each image, then the images; what is NaN is left out."
    assert averaged in evaluated().surface_as("monai").differences
    averaged = "It averages every class in every image at once."
    assert averaged in evaluated().surface_as("torchmetrics").differences


@pytest.mark.parametrize("of", get_args(Of))
def test_every_way_to_read_a_number_is_said(of, monkeypatch):
    rule = SURFACE_RULES["medpy"]
    changed = replace(rule, readings={"hd": replace(rule.readings["hd"], of=of)})
    monkeypatch.setattr(surface_rules, "SURFACE_RULES", {"medpy": changed})
    said = [one for one in evaluated().surface_as("medpy").differences if one.startswith("`hd` is the ")]
    assert len(said) == (of != OWN["hd"].of)


def test_it_prints_a_table():
    text = str(evaluated().surface_as("monai"))
    assert text.startswith(
        "MONAI 1.6.1: surfaces of voxels, in px, nsd at 1 px\n\n"
        "number  called                                    mean  classes in images\n"
        "hd      HausdorffDistanceMetric()                  inf                  4\n"
        "hd95    HausdorffDistanceMetric(percentile=95)  1.0104                  3\n"
    )
    assert max(map(len, text.splitlines())) <= 80
    assert repr(evaluated().surface_as("medpy")) == "<SurfaceAs medpy: hd, hd95, assd, asd>"


def test_it_can_be_written_as_json():
    said = evaluated().surface_as("monai")
    found = json.loads(json.dumps(said.to_dict(), allow_nan=False))
    assert (found["convention"], found["tool"]) == ("monai", "MONAI 1.6.1")
    assert found["images"]["hd95"] == [[None, 1.0414213562373087, 1.0], [None, 1.0, None]]
    assert found["calls"]["assd"] == "SurfaceDistanceMetric(symmetric=True)"
    assert found["differences"] == list(said.differences)


# What is refused


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "surface-distance",
            "`surface-distance` takes surfaces of area, and those of voxels were measured\n"
            'hint: evaluate with `surface="area"`',
        ),
        (
            "simpleitk",
            "`simpleitk` takes distances of all voxels of a structure, and only its surface was measured\n"
            "hint: `medpy` and `monai` take the same surface as segscore, and name their numbers alike",
        ),
        (
            "davis",
            "`davis` has no boundary where an object ends with the image, and rows do not tell that end from "
            "others\n"
            "hint: `boundary_f1@3` is an F of the whole boundary, within 3 pixels",
        ),
        (
            "monia",
            "there is no convention `monia`\nhint: the nearest are `monai`, `monai-subvoxels`",
        ),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_why(name, message):
    ev = evaluated()
    assert refused(ArgumentError, ev.surface_as, name) == message


def test_all_distances_have_to_be_measured():
    ev = evaluated(within=5)
    assert refused(ArgumentError, ev.surface_as, "monai") == (
        "`monai` takes all distances, and none beyond 5 px was measured\nhint: evaluate without `within`"
    )
    judge = Evaluator(["background", "liver"])
    judge.add(pred=[[0, 1]], target=[[0, 1]])
    with pytest.raises(ArgumentError, match="distances of surfaces were not measured"):
        judge.result().surface_as("monai")


# The tools themselves

DATASETS = 14
PACKAGES = sorted({peer.package for peer in PEERS.values()})


def test_every_rule_has_a_tool_that_it_is_compared_with(tmp_path):
    for repository in ("google-deepmind/surface-distance", "csudre/MetricsReloaded"):
        (tmp_path / repository).mkdir(parents=True)
    assert PEERS.keys() | in_folder(tmp_path).keys() == SURFACE_RULES.keys()


def test_masks_are_of_every_kind_and_of_both_dimensions():
    made = [next(masks) for masks in [datasets(0)] for _ in range(2 * len(KINDS))]
    assert {(kind, data.target.ndim) for kind, data in made} == {(k, n) for k in KINDS for n in (3, 4)}


def test_a_number_that_is_wrong_is_seen():
    assert Agreement().with_one(2.0, 2.0000001).largest == pytest.approx(5e-8)
    for expected, value in ((1.0, nan), (nan, 1.0), (inf, 1.0), (1.0, None), ("error", 1.0)):
        assert Agreement().with_one(expected, value).largest == inf
    same = Agreement().with_one(nan, nan).with_one(inf, inf).with_one("error", None)
    assert same == Agreement(compared=3, raised=1, largest=0.0)
    assert agrees(3, 0.0, 0.0)
    nothing = Agreement().with_one("arbitrary", 1.0)
    assert not agrees(nothing.compared, nothing.largest, 1.0)
    assert not any(agrees(3, largest, 1.0) for largest in (1.1, inf, nan))


@pytest.mark.parametrize(
    ("package", "check"), [("scipy", partial(voxels, spacings=EXACT)), ("cv2", bands)], ids=["scipy", "cv2"]
)
def test_elements_are_those_of_the_program_that_defines_them(package, check):
    if find_spec(package) is None:
        assert os.environ.get("SEGSCORE_PEERS") != "all", f"{package} is not installed"
        pytest.skip(f"{package} is not installed, so its elements not compared")
    compared, largest = check(10, 0)
    assert compared > 100
    assert largest == 0


@pytest.mark.timeout(600)
@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_gives_the_same_numbers(package):
    names = [name for name, peer in PEERS.items() if peer.package == package]
    if PEERS[names[0]].version is None:
        assert os.environ.get("SEGSCORE_PEERS") != "all", f"{package} is not installed"
        pytest.skip(f"{package} is not installed, so {', '.join(names)} not compared")
    for name in names:
        rule, peer = SURFACE_RULES[name], PEERS[name]
        if os.environ.get("SEGSCORE_PEERS") == "all":
            assert peer.version in rule.tool, "the rule names the version that it was read in"
        found, kinds = compare(rule, peer, DATASETS)
        assert kinds.total() == DATASETS
        for key, agreement in found.items():
            assert agrees(agreement.compared, agreement.largest, tolerance(rule)), (name, key, agreement)
