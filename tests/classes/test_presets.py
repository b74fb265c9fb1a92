"""Presets: all of them load, name their sources, and agree with well-known facts of the datasets."""

import re
import tomllib
from importlib.resources import files

import numpy as np
import pytest

from segscore.classes import presets
from segscore.classes.classes import Classes
from segscore.results.confusion import ConfusionMatrix

PRESETS = {
    "ade20k-150": (150, (0,)),
    "bdd100k": (19, (255,)),
    "binary": (2, ()),
    "binary-255": (2, ()),
    "binary-any": (2, ()),
    "camvid-11": (11, (11,)),
    "camvid-11-colours": (11, (11,)),
    "camvid-32": (31, (30,)),
    "cityscapes": (19, (-1, 0, 1, 2, 3, 4, 5, 6, 9, 10, 14, 15, 16, 18, 29, 30)),
    "cityscapes-instance-ids": (19, (-1, 0, 1, 2, 3, 4, 5, 6, 9, 10, 14, 15, 16, 18, 29, 30)),
    "cityscapes-train-ids": (19, (255,)),
    "coco-stuff-171": (171, (255,)),
    "loveda": (7, (0,)),
    "mapillary-vistas-65": (65, (65,)),
    "nyuv2-40": (40, (0,)),
    "pascal-context-59": (59, (0,)),
    "pascal-voc": (21, (255,)),
    "potsdam": (6, (0,)),
}
"""The number of classes and the ignored labels of each preset."""
# The columns `id` and `trainId` of cityscapesScripts/helpers/labels.py.
TRAIN_IDS = {label: i for i, label in enumerate([7, 8, 11, 12, 13, 17, *range(19, 29), 31, 32, 33])}


def test_there_are_these_presets():
    assert set(presets.names()) == set(PRESETS)
    assert list(presets.names()) == sorted(presets.names())


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_is_whole(name):
    classes = Classes.of(name)
    assert classes.name == name
    assert (len(classes), classes.ignore) == PRESETS[name]
    assert classes.title
    assert len(set(classes.names)) == len(set(classes.labels)) == len(classes)
    assert list(classes.labels) == sorted(classes.labels)
    assert not set(classes.labels) & set(classes.ignore)
    assert all(classes_name == classes_name.strip() for classes_name in classes.names)
    assert classes.pred_labels is None
    assert classes.not_in_mean == ()
    assert Classes.of(name) is classes


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_names_the_commit_that_it_was_read_from(name):
    source = Classes.of(name).source
    if name.startswith("binary"):
        assert source == ("segscore",)
    else:
        pattern = r"https://github\.com/[\w.-]+/[\w.-]+/blob/[0-9a-f]{40}/[\w./-]+"
        assert source
        assert all(re.fullmatch(pattern, address) for address in source)


@pytest.mark.parametrize("name", PRESETS)
def test_targets_of_each_preset_are_counted(name):
    classes = Classes.of(name)
    labels = np.array([*classes.labels, *classes.ignore])
    cm = ConfusionMatrix(name)
    cm.update(pred=np.resize(classes.labels, len(labels)), target=labels)
    np.testing.assert_array_equal(np.diag(cm.counts), 1)
    assert cm.ignored == len(classes.ignore)
    assert cm.scores.mean_iou == 1


@pytest.mark.parametrize("name", PRESETS)
def test_each_prediction_space_is_usable(name):
    classes = Classes.of(name)
    for space in classes.prediction_spaces:
        cm = ConfusionMatrix(name, pred_classes=space.name)
        cm.update(pred=np.array(space.labels), target=np.array(classes.labels))
        np.testing.assert_array_equal(cm.counts, np.eye(len(classes)), err_msg=space.name)
        assert space.labels != classes.labels


def test_datasets_whose_predictions_usually_differ_say_so():
    spaces = {name: [s.name for s in Classes.of(name).prediction_spaces] for name in PRESETS}
    assert {name: found for name, found in spaces.items() if found} == {
        "ade20k-150": ["zero-based"],
        "cityscapes": ["train-ids"],
        "cityscapes-instance-ids": ["train-ids"],
        "cityscapes-train-ids": ["label-ids"],
        "coco-stuff-171": ["train-ids"],
        "loveda": ["zero-based"],
        "nyuv2-40": ["zero-based"],
        "pascal-context-59": ["zero-based"],
        "potsdam": ["zero-based"],
    }
    for name, found in spaces.items():
        for space in Classes.of(name).prediction_spaces:
            if space.name in ("zero-based", "train-ids"):
                assert space.labels == tuple(range(PRESETS[name][0])), found


def test_the_files_hold_nothing_that_is_not_read():
    """Names of ignored labels are for people alone; every other key has become part of the classes."""
    for name in presets.names():
        table = tomllib.loads(files("segscore.classes.presets").joinpath(f"{name}.toml").read_text("utf-8"))
        classes = Classes.of(name)
        if "like" in table:
            assert Classes.of(table["like"]).names == classes.names
            continue
        own = [tuple(entry.get("labels", [entry.get("label")])) for entry in table["classes"]]
        assert own == list(classes.all_labels)
        assert [entry["name"] for entry in table["classes"]] == list(classes.names)
        ignored = [entry for entry in table.get("ignore", []) if isinstance(entry, dict)]
        given = (
            (e["label"], e.get("colours", [e.get("colour")]))
            for e in [*table["classes"], *ignored]
            if "label" in e
        )
        colours = {label: tuple(map(tuple, own)) for label, own in given if own != [None]}
        assert colours == classes.all_colours


def test_camvid_has_32_colours_for_32_and_for_12_labels():
    """The groups are those of the table that the preset names."""
    fine, coarse = Classes.of("camvid-32"), Classes.of("camvid-11-colours")
    assert fine.label_of_colour.keys() == coarse.label_of_colour.keys()
    assert len(fine.label_of_colour) == 32
    assert (coarse.names, coarse.labels) == (Classes.of("camvid-11").names, Classes.of("camvid-11").labels)
    named = dict(zip(fine.labels, fine.names, strict=True)) | {30: "Void"}
    groups = {
        name: {named[fine.label_of_colour[colour]] for colour in coarse.all_colours[label]}
        for label, name in zip(coarse.labels, coarse.names, strict=True)
    }
    assert groups["building"] == {"Archway", "Bridge", "Building", "Tunnel", "Wall"}
    assert groups["sign_symbol"] == {"SignSymbol", "Misc_Text", "TrafficLight"}
    assert groups["car"] == {"Car", "OtherMoving", "SUVPickupTruck", "Train", "Truck_Bus"}
    assert groups["pedestrian"] == {"Animal", "CartLuggagePram", "Child", "Pedestrian"}
    assert groups["bicyclist"] == {"Bicyclist", "MotorcycleScooter"}
    assert sum(map(len, groups.values())) == 31


FACTS = {
    "ade20k-150": {
        1: "wall",
        2: "building",
        3: "sky",
        4: "floor",
        5: "tree",
        13: "person",
        21: "car",
        150: "flag",
    },
    "bdd100k": {0: "road", 10: "sky", 13: "car", 18: "bicycle"},
    "binary": {0: "background", 1: "foreground"},
    "binary-255": {0: "background", 255: "foreground"},
    "binary-any": {0: "background", 1: "foreground"},
    "camvid-32": {0: "Animal", 4: "Building", 17: "Road", 21: "Sky", 31: "Wall"},
    "camvid-11": {
        **dict(enumerate(["sky", "building", "pole", "road", "pavement", "tree", "sign_symbol", "fence"])),
        8: "car",
        9: "pedestrian",
        10: "bicyclist",
    },
    "cityscapes": {
        7: "road",
        8: "sidewalk",
        11: "building",
        23: "sky",
        24: "person",
        26: "car",
        33: "bicycle",
    },
    "cityscapes-train-ids": {0: "road", 1: "sidewalk", 8: "vegetation", 13: "car", 18: "bicycle"},
    "coco-stuff-171": {0: "person", 2: "car", 12: "stop sign", 89: "toothbrush", 91: "banner", 181: "wood"},
    "loveda": {
        1: "Background",
        2: "Building",
        3: "Road",
        4: "Water",
        5: "Barren",
        6: "Forest",
        7: "Agricultural",
    },
    "mapillary-vistas-65": {0: "Bird", 13: "Road", 19: "Person", 27: "Sky", 55: "Car", 64: "Ego Vehicle"},
    "nyuv2-40": {1: "wall", 2: "floor", 5: "chair", 22: "ceiling", 38: "otherstructure", 40: "otherprop"},
    "pascal-context-59": {1: "aeroplane", 2: "bag", 37: "person", 47: "sky", 59: "wood"},
    "pascal-voc": {
        0: "background",
        1: "aeroplane",
        7: "car",
        8: "cat",
        12: "dog",
        15: "person",
        20: "tvmonitor",
    },
    "potsdam": {1: "Impervious surfaces", 2: "Building", 3: "Low vegetation", 4: "Tree", 5: "Car"},
}


COLOURS = {
    "ade20k-150": {1: (120, 120, 120), 3: (6, 230, 230), 13: (150, 5, 61)},
    "camvid-11": {0: (128, 128, 128), 3: (128, 64, 128), 8: (64, 0, 128), 10: (0, 128, 192), 11: (0, 0, 0)},
    "camvid-11-colours": {1: (128, 0, 0), 4: (0, 0, 192), 11: (0, 0, 0)},
    "camvid-32": {0: (64, 128, 64), 17: (128, 64, 128), 30: (0, 0, 0), 31: (64, 192, 0)},
    "cityscapes": {7: (128, 64, 128), 11: (70, 70, 70), 24: (220, 20, 60), 26: (0, 0, 142), 0: (0, 0, 0)},
    "cityscapes-train-ids": {0: (128, 64, 128), 13: (0, 0, 142)},
    "loveda": {1: (255, 255, 255), 2: (255, 0, 0), 4: (0, 0, 255), 6: (0, 255, 0)},
    "mapillary-vistas-65": {0: (165, 42, 42), 13: (128, 64, 128), 27: (70, 130, 180), 55: (0, 0, 142)},
    "pascal-voc": {0: (0, 0, 0), 8: (64, 0, 0), 15: (192, 128, 128), 255: (224, 224, 192)},
    "potsdam": {1: (255, 255, 255), 2: (0, 0, 255), 4: (0, 255, 0), 5: (255, 255, 0), 6: (255, 0, 0)},
}


@pytest.mark.parametrize("name", PRESETS)
def test_names_and_colours_of_labels(name):
    classes = Classes.of(name)
    named = dict(zip(classes.labels, classes.names, strict=True))
    for facts, found in ((FACTS, named), (COLOURS, classes.colours)):
        assert {label: found.get(label) for label in facts.get(name, {})} == facts.get(name, {})


def test_cityscapes_and_its_train_ids_are_the_same_classes():
    raw, train = Classes.of("cityscapes"), Classes.of("cityscapes-train-ids")
    assert raw.names == train.names
    assert dict(zip(raw.labels, train.labels, strict=True)) == TRAIN_IDS
    colours = dict(raw.colours)
    assert {TRAIN_IDS[label]: colours[label] for label in TRAIN_IDS} == {
        i: train.colours[i] for i in range(19)
    }
    assert set(raw.labels) | set(raw.ignore) == set(range(-1, 34))
    bdd = Classes.of("bdd100k")
    assert (bdd.names, bdd.labels, dict(bdd.colours)) == (train.names, train.labels, dict(train.colours))


def test_colours_of_pascal_voc_are_those_of_its_formula():
    """VOClabelcolormap.m: bits of the label, three at a time, are the highest of red, green and blue."""
    for label, colour in Classes.of("pascal-voc").colours.items():
        expected = [sum((label >> (3 * i + part) & 1) << (7 - i) for i in range(3)) for part in range(3)]
        assert colour == tuple(expected)


def test_coco_stuff_leaves_out_the_labels_that_were_never_annotated():
    labels = Classes.of("coco-stuff-171").labels
    assert set(range(182)) - set(labels) == {11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90}
    assert sum(label < 91 for label in labels) == 80
    assert sum(label > 90 for label in labels) == 91


@pytest.mark.parametrize("name", ["ade20k-150", "nyuv2-40", "pascal-context-59"])
def test_labels_that_begin_at_one_have_no_gap(name):
    assert Classes.of(name).labels == tuple(range(1, len(Classes.of(name)) + 1))
