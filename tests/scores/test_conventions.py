"""Conventions: other tools' numbers from the same counts, and what is said of them.

A tool that is not installed is skipped, and named in the header of the run; with ``SEGSCORE_PEERS=all`` it
fails. `pip install --group peers` installs all of them.
"""

import json
import math
import os
import pickle
import re
import warnings
from itertools import chain

import numpy as np
import pytest

from convention_checks import compare, tolerance
from convention_files import in_files
from convention_peers import PEERS, missing
from segscore import Classes, ConfusionMatrix, Evaluator
from segscore.classes.folding import IGNORED
from segscore.errors import ArgumentError
from segscore.scores.conventions.averaging import Convention
from segscore.scores.conventions.tools import CONVENTIONS
from support.processes import python
from support.refused import refused

NAN = float("nan")
PRED = [[[0, 0, 1, 0], [1, 1, 0, 2]], [[0, 2, 1, 1], [1, 1, 0, 1]]]
TARGET = [[[0, 0, 0, 0], [1, 1, 255, 255]], [[0, 0, 1, 1], [1, 1, 1, 1]]]

MEASURED = {
    "mmseg": 0.44973549246788025,  # mmsegmentation 1.2.2
    "huggingface": 0.44973544973544977,  # evaluate, metrics/mean_iou/mean_iou.py edb83af92486
    "detectron2": 0.6746031746031746,  # sem_seg_evaluation.py 70f454304e1a
    "torchvision": NAN,  # references/segmentation/utils.py 44c17392ff02
    "torchmetrics": 0.44973546266555786,  # torchmetrics 1.9.0
    "torchmetrics-micro": 0.6470588445663452,
    "torchmetrics-weighted": 0.6893424391746521,
    "torchmetrics-mean-iou": 0.5166667103767395,
    "torchmetrics-dice": 0.6491342186927795,
    "torchmetrics-dice-micro": 0.7916666269302368,
    "torchmetrics-dice-weighted": 0.8224567174911499,
    "torchmetrics-dice-global": 0.5340909361839294,
    "monai-iou": 0.6458333730697632,  # MONAI 1.6.1
    "monai-iou-keep-empty": 0.6979166269302368,
    "monai-dice": 0.7665584683418274,
    "monai-dice-foreground": 0.8545454740524292,
    "monai-dice-keep-empty": 0.7582792043685913,
    "smp-micro": 0.6470588445663452,  # segmentation-models-pytorch 0.6.0
    "smp-macro": 0.3373016119003296,
    "smp-macro-1": 0.5873016119003296,
    "smp-micro-imagewise": 0.6571428775787354,
    "smp-micro-imagewise-1": 0.6571428775787354,
    "smp-macro-imagewise": 0.3229166865348816,
    "smp-macro-imagewise-1": 0.6979166865348816,
    "smp-weighted": 0.6893424391746521,
    "sklearn": 0.44973544973544977,  # scikit-learn 1.9.1
    "sklearn-labels": 0.3373015873015873,
    "sklearn-micro": 0.6470588235294118,
    "sklearn-weighted": 0.6893424036281178,
    "keras": 0.44973549246788025,  # Keras 3.15.1
    "ignite": 0.33730158730158727,  # pytorch-ignite 0.5.5
    "cityscapes": 0.44973544973544977,  # cityscapesScripts 2.3.0
    "ade20k": 0.3373015873015873,  # evaluationCode/utils_eval.py 1d0a94b3918c
    "bdd100k": 0.6746031746031746,  # bdd100k/eval/seg.py d75ed3c4263b
    "nnunet-dice": NAN,  # nnU-Net 2.8.1
    "nnunet-iou": NAN,
}
"""What the tools say of `PRED` and `TARGET` with four classes and 255 ignored."""


@pytest.fixture
def ev():
    """Return two images: class 2 is only predicted, class 3 is nowhere."""
    judge = Evaluator(["ground", "road", "car", "sky"], ignore_index=255)
    for i, (pred, target) in enumerate(zip(PRED, TARGET, strict=True)):
        judge.add(pred=pred, target=target, name=f"frame_{i}")
    return judge.result()


def test_one_evaluation_has_the_mean_iou_of_every_tool(ev):
    explanation = ev.explain()
    assert {result.name for result in explanation.results} == {*MEASURED, "segscore", "segscore-image"}
    for name, value in MEASURED.items():
        # Tools that compute with 32 bits are off by their own rounding.
        assert explanation[name].value == pytest.approx(value, rel=2e-7, nan_ok=True), name
        assert ev.scores_as(name).value == pytest.approx(explanation[name].value, abs=0, nan_ok=True)
    ious = {
        round(r.value, 4) for r in explanation.results if r.convention.metric == "iou" and r.value == r.value
    }
    assert len(ious) == 11


def test_segscores_own_numbers_are_among_them(ev):
    assert ev.scores_as("segscore").value == ev.scores.mean_iou
    assert ev.scores_as("segscore-image").value == ev.mean_image_iou
    assert ev.confusion.scores_as("segscore").value == ev.scores.mean_iou
    assert ev.scores_as("segscore").differences == ()


def test_values_of_classes_are_those_that_the_tool_gives(ev):
    iou = [4 / 7, 7 / 9]
    for name, rest in (
        ("mmseg", [0, NAN]),
        ("detectron2", [NAN, NAN]),
        ("bdd100k", [0, 0]),
        ("ade20k", [0, 0]),
    ):
        values = ev.scores_as(name).per_class
        np.testing.assert_allclose(values, [*iou, *rest], rtol=1e-15)
        assert not values.flags.writeable
    # The means over images: class 1 in both images, class 2 as well, class 0 is the background.
    values = ev.scores_as("nnunet-iou").per_class
    np.testing.assert_allclose(values, [NAN, (2 / 3 + 5 / 6) / 2, 0, NAN], rtol=1e-15)
    assert ev.scores_as("torchmetrics").per_class is None


def test_numbers_are_given_as_the_tool_gives_them(ev):
    given = {name: ev.scores_as(name).given for name in ("mmseg", "detectron2", "ade20k", "sklearn")}
    assert given["mmseg"] == 44.97  # what IoUMetric returns
    assert given["detectron2"] == pytest.approx(67.46031746)
    assert (given["ade20k"], given["sklearn"]) == (0.3373, ev.scores_as("sklearn").value)


# What is said


def test_each_difference_is_one_sentence(ev):
    own = ev.scores_as("segscore")
    assert own.says == (
        "Mean IoU over 4 classes, from the summed counts of 2 images; a class that is nowhere is left out."
    )
    detectron2 = ev.confusion.scores_as("detectron2")
    assert detectron2.says == (
        "Mean IoU over 4 classes, from the summed counts; a class that is not in the target is left out."
    )
    assert detectron2.differences == (
        "A class that is only predicted is left out, instead of counting 0 (1 class here).",
        "It is given as per cent.",
    )
    assert ev.scores_as("smp-micro-imagewise").says == (
        "IoU of the counts summed over 4 classes in each of 2 images, averaged."
    )
    assert ev.scores_as("nnunet-dice").says == (
        "Mean Dice of each class over its images, then over 3 classes, from 2 images; "
        "a class that is nowhere is left out."
    )
    assert ev.scores_as("nnunet-dice").differences == (
        "It is Dice, which for the same counts is never lower than IoU.",
        "It averages the images of each class, then the classes.",
        "A class that is in no image makes it NaN, instead of being left out.",
        "The first class is taken for the background and left out.",
    )
    for result in ev.explain().results:
        assert all(re.fullmatch(r"[A-Z][^\n]*\.", said) for said in (*result.differences, result.says))
        same_rule = result.name in ("segscore", "huggingface", "torchmetrics", "cityscapes")
        assert bool(result.differences) != same_rule, result.name


def test_what_becomes_of_predictions_that_are_no_class_is_said_where_there_are_any():
    cm = ConfusionMatrix(Classes(["road", "sky", "void"], not_in_mean=[2]))
    with pytest.warns(match="no class"):
        cm.update(pred=[0, 0, 7, 1], target=[0, 0, 0, 1])
    assert cm.scores_as("keras").differences[:2] == (
        "It takes in what these classes leave out of means (1 class here).",
        "Pixels whose prediction is no class are dropped, instead of being missed (1 pixel here).",
    )
    assert cm.scores_as("keras").value == pytest.approx(1, abs=2e-7)
    assert cm.scores_as("mmseg").value == pytest.approx((2 / 3 + 1) / 2)
    assert cm.scores_as("ignite").differences[2] == (
        "Predictions that are no class are not foreseen; they count as missed here (1 pixel here)."
    )


def test_the_table_fits_in_80_columns(ev):
    text = str(ev.explain())
    opening, table, legend = text.split("\n\n")
    assert opening == "2 images, 4 classes: the same counts under 38 conventions"
    lines = table.splitlines()
    assert lines[:3] == [
        "convention                  mean     value  as given  differs in",
        "segscore                    IoU   0.449735         —  segscore's rule",
        "segscore-image              IoU   0.645833         —  1 2",
    ]
    assert "detectron2                  IoU   0.674603   67.4603  4 5" in lines
    assert "torchvision                 IoU          —         —  6 7" in lines
    assert len(lines) == 1 + len(CONVENTIONS)
    assert legend.startswith("1. It averages the classes of each image, then the images.\n2. A class that")
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", legend, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert max(len(line) for line in text.splitlines()) <= 80


def test_an_explanation_is_also_html_and_plain_values(ev):
    page = ev.explain()._repr_html_()
    assert page.count("<tr>") == 1 + len(CONVENTIONS)
    assert '<td style="text-align: left; vertical-align: top">detectron2</td>' in page
    assert "segscore's" not in page
    values = ev.explain().to_dict()
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    assert (values["images"], values["classes"]) == (2, ["ground", "road", "car", "sky"])
    found = {row["convention"]: row for row in values["conventions"]}
    assert found["bdd100k"] == ev.scores_as("bdd100k").to_dict()
    assert found["bdd100k"]["per_class"] == [4 / 7, 7 / 9, 0.0, 0.0]
    assert found["torchvision"]["value"] is None
    again = pickle.loads(pickle.dumps(ev.explain()))
    assert again.to_dict() == values
    assert not again["bdd100k"].per_class.flags.writeable


# Errors


def test_a_matrix_refuses_what_needs_images(ev):
    assert refused(ArgumentError, ev.confusion.scores_as, "monai-dice") == (
        "the convention `monai-dice` averages over images, and a confusion matrix holds only the sums of all "
        "images\nhint: count with `segscore.evaluate` or `Evaluator`: their results keep every image, "
        "and have `scores_as` too"
    )


def test_unknown_names_are_answered_with_the_nearest(ev):
    for ask in (ev.scores_as, ev.confusion.scores_as, ev.explain().__getitem__):
        assert refused(ArgumentError, ask, "detectron").startswith(
            "there is no convention `detectron`\nhint: the nearest are `detectron2`, "
        )
    assert refused(ArgumentError, ev.scores_as, 3) == (
        "a convention is named by a text, found 3\nhint: such as 'segscore'"
    )


def test_an_import_loads_no_convention():
    found = python("import sys, segscore\nprint([name for name in sys.modules if 'convention' in name])")
    assert found.strip() == "[]"


# The slow twin


def mean_of(values, weights, mean):
    """Return the mean of one group by its definition; None where it is undefined."""
    total = count = 0.0
    for value, weight in zip(values, weights, strict=True):
        if value is None and (mean.undefined == "left out" or mean.by_target):
            continue
        w = weight if mean.by_target else 1
        total, count = total + w * (float(mean.undefined) if value is None else value), count + w
    return None if count == 0 else total / (count + mean.epsilon)


def by_definition(rule: Convention, counts, among):
    """Return a convention's value from counts[image][class] = (tp, target, pred), in plain Python."""
    grid = [[cell for cell, taken in zip(row, among, strict=True) if taken] for row in counts]
    if "images" in rule.sums:
        grid = [[tuple(map(sum, zip(*column, strict=True))) for column in zip(*grid, strict=True)]]
    if "classes" in rule.sums:
        grid = [[tuple(map(sum, zip(*row, strict=True))) if row else (0, 0, 0)] for row in grid]

    def ratio(tp, target, pred):
        if target + pred == 0 or (target == 0 and not rule.only_predicted):
            return None
        if rule.metric == "dice":
            return 2 * tp / (target + pred)
        return tp / (target + pred - tp + rule.epsilon)

    values = [[ratio(*cell) for cell in row] for row in grid]
    weights = [[cell[1] for cell in row] for row in grid]
    for mean in rule.means:
        if mean.over == "cells":
            values = [[mean_of(chain.from_iterable(values), chain.from_iterable(weights), mean)]]
        elif mean.over == "classes":
            values = [[mean_of(v, w, mean)] for v, w in zip(values, weights, strict=True)]
        else:
            turned = zip(zip(*values, strict=True), zip(*weights, strict=True), strict=True)
            values = [[mean_of(v, w, mean) for v, w in turned]]
        weights = [[1] * len(row) for row in values]
    found = values[0][0] if values and values[0] else None
    return {"0": 0.0, "NaN": NAN}[rule.nothing] if found is None else found


@pytest.mark.parametrize("name", CONVENTIONS)
def test_averages_are_those_of_the_definition(name):
    rule, random = CONVENTIONS[name], np.random.default_rng(7)
    for _ in range(60):
        number, images = int(random.integers(1, 7)), int(random.integers(1, 5))
        classes = Classes([f"c{i}" for i in range(number)], ignore=[9], not_in_mean=[0] if number > 2 else [])
        classes = classes.ignoring(1) if number > 1 and random.random() < 0.3 else classes
        judge, counts = Evaluator(classes), []
        for _ in range(images):
            pred = random.choice([*range(number), 8], 6)
            target = random.choice(random.choice([*range(number), 9], 2), 6)
            target = np.where(random.random(6) < 0.5, np.where(pred == 8, 9, pred), target)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                judge.add(pred=pred, target=target)
            t, p = classes.fold(target, pred)
            keep = (t != IGNORED) & ((p < number) | (rule.missed != "dropped"))
            row = [(keep & (t == k) & (p == k), keep & (t == k), keep & (p == k)) for k in range(number)]
            counts.append([tuple(int(part.sum()) for part in cell) for cell in row])
        among = classes.in_mean.copy() if rule.not_in_mean else ~classes.ignored_classes
        among[0] &= rule.background
        found = judge.result().scores_as(name).value
        assert found == pytest.approx(by_definition(rule, counts, among), rel=1e-12, nan_ok=True)


def test_conventions_are_declared_in_full():
    for rule in CONVENTIONS.values():
        assert rule.tool
        assert rule.call
        assert rule.source
        assert "images" in rule.sums or rule.missed != "dropped"  # cells do not tell what was missed
        assert rule.per_class == "not given" or rule.means[-1].over == "classes"
        assert not math.isnan(rule.epsilon)


DATASETS = 300
PACKAGES = sorted({peer.package for peer in PEERS.values()})


def test_every_convention_that_was_compared_can_be_compared_again(tmp_path):
    for name in ("evaluate", "detectron2", "vision", "sceneparsing", "bdd100k"):
        owners = {"evaluate": "huggingface", "detectron2": "facebookresearch", "vision": "pytorch"}
        owner = owners.get(name, "CSAILVision" if name == "sceneparsing" else name)
        (tmp_path / owner / name).mkdir(parents=True)
    checked = {"package": set(PEERS), "file": set(in_files(tmp_path)), "read": set()}
    for kind, peers in checked.items():
        assert {c.name for c in CONVENTIONS.values() if c.checked == kind} == peers


@pytest.mark.timeout(600)
@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_gives_the_same_numbers(package):
    names = [name for name, peer in PEERS.items() if peer.package == package]
    if package in missing(names):
        assert os.environ.get("SEGSCORE_PEERS") != "all", f"{package} is not installed"
        pytest.skip(f"{package} is not installed, so {', '.join(names)} not compared")
    for name in names:
        convention, peer = CONVENTIONS[name], PEERS[name]
        if os.environ.get("SEGSCORE_PEERS") == "all":
            assert peer.version in convention.tool, "the convention names the version that it was read in"
        found = compare(convention, peer, DATASETS)
        assert found.datasets == DATASETS
        assert found.largest <= tolerance(convention), name
