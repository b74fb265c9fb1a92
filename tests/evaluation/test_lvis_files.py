"""Files of LVIS as an evaluation: its average precision, by name, in texts and JSON, and what does not count.

`benches/peers_agree.py` compares random datasets with lvis itself.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import segscore
from segscore import ArgumentError, Evaluation, FileFormatError
from segscore.io.annotations.reading import read_annotations
from support.coco_files import results
from support.lvis_files import THIRTEEN, THIRTEEN_FLOODED, annotations, flooded
from support.pages import object_tooltips
from support.refused import refused
from support.yolo_files import write_yolo


def evaluated(folder: Path, target: Any = None, pred: Any = None, instances: Any = "lvis") -> Evaluation:
    """Return the evaluation of files in a folder."""
    contents = {"target": target or annotations(), "pred": results() if pred is None else pred}
    for side, content in contents.items():
        (folder / f"{side}.json").write_text(json.dumps(content))
    sides = {side: folder / f"{side}.json" for side in contents}
    return segscore.evaluate(**sides, instances=instances, progress=False)


def test_the_thirteen_numbers_are_those_of_lvis(tmp_path: Path) -> None:
    ev = evaluated(tmp_path)
    found = ev.average_precision("lvis")
    assert np.nan_to_num(found.numbers, nan=-1).tolist() == list(THIRTEEN)
    assert str(found).splitlines()[6] == (
        " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=300 catIds=  r] = 0.690"
    )
    flood = evaluated(tmp_path, pred=flooded())
    numbers = flood.average_precision("lvis").numbers
    assert np.nan_to_num(numbers, nan=-1).tolist() == list(THIRTEEN_FLOODED)
    # Parts and files of it have the same.
    assert (ev.select(["5"]) + ev.select(["1", "2"])).average_precision("lvis").mean() == THIRTEEN[0]
    ev.save(tmp_path / "ev.npz")
    again = segscore.load(tmp_path / "ev.npz")
    assert again == ev
    assert again.metric("mean_ap") == THIRTEEN[0]


def test_others_do_not_heed_what_lvis_says(tmp_path: Path) -> None:
    ev, other = evaluated(tmp_path), evaluated(tmp_path, instances="coco")
    numbers = ev.average_precision("coco").numbers
    np.testing.assert_array_equal(numbers, other.average_precision("coco").numbers)
    assert numbers[0] != THIRTEEN[0]


def test_means_are_by_frequency(tmp_path: Path) -> None:
    found = evaluated(tmp_path).average_precision("lvis")
    assert found.mean(frequency="r") == found.mean(label=0) == THIRTEEN[6]
    assert found.mean(0.5, frequency="c") == found.mean(0.5, label=1)
    assert np.isnan(found.mean(frequency="r", label=1))
    assert found.mean_recall(frequency="c") == found.mean_recall(300, label=1)
    assert refused(ArgumentError, lambda: found.mean(frequency="x")) == (  # type: ignore[arg-type]
        "there is no frequency of classes `x`\nhint: the nearest are `r`, `c`, `f`"
    )


def test_numbers_that_have_names_are_those_of_lvis(tmp_path: Path) -> None:
    ev = evaluated(tmp_path)
    assert [ev.metric(name) for name in ("ap", "ap50", "ap75", "ap.cat")] == [*THIRTEEN[:3], THIRTEEN[7]]
    assert [one.passed for one in ev.check({"ap": 0.4, "ap.cat": 0.4})] == [True, False]
    found = ev.to_dict()["detections"]
    assert "coco" not in found
    assert found["lvis"][7] == {
        "name": "AP",
        "iou": "0.50:0.95",
        "area": "all",
        "detections": 300,
        "value": THIRTEEN[7],
        "classes": "c",
    }
    ev.write_report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "is found, as LVIS has it." in page
    said = object_tooltips(page)
    assert said["AP"].endswith("over recalls and over IoU from 0.5 to 0.95, as LVIS has it")
    assert said["AP75"] == "the same at an IoU of 0.75, as LVIS has it"
    assert said["invented"].endswith("match no target, but for those where the class was not looked for")
    assert "COCO" not in page
    lines = str(ev).splitlines()
    assert "AP     0.50:0.95     all        r         300  0.6896" in lines
    said = refused(ArgumentError, lambda: segscore.compare(ev, evaluated(tmp_path, instances="coco")))
    assert "objects are detections by the rules of `lvis` in a, detections in b, and masks" in said


def test_what_nobody_looked_for_is_no_error(tmp_path: Path) -> None:
    ev = evaluated(tmp_path)
    # Of dogs there is one in image 5, where nobody looked for them, and one beside the targets of image 1.
    assert ev.metric("object_precision.dog@0.5") == 3 / 4
    # The cats of image 1 may be more than there are targets of, and one of image 2 is ignored.
    assert ev.metric("object_precision.cat@0.5") == 1
    text = " ".join(str(ev).split())
    assert (
        "1 prediction of a class that nobody looked for in its image not scored, as by LVIS' own tool" in text
    )
    assert "where the class was not looked for not counted" in text
    assert "1 target with `ignore` not counted" in text
    text = " ".join(str(evaluated(tmp_path, pred=flooded())).split())
    assert "1 prediction beyond the first 300 of an image not scored, as by LVIS' own tool" in text


def test_files_that_do_not_say_it_are_refused(tmp_path: Path) -> None:
    target = annotations()
    del target["images"][0]["neg_category_ids"]
    del target["categories"][1]["frequency"]
    assert refused(FileFormatError, lambda: evaluated(tmp_path, target)) == (
        f"{tmp_path}/target.json, categories[1]: expected a `frequency` of r, c or f, found none\n"
        f"{tmp_path}/target.json, images[0]: expected `neg_category_ids`, found none\n"
        "hint: export the file again with the tool that it is from"
    )
    ev = evaluated(tmp_path, target, instances="coco")
    assert refused(ArgumentError, lambda: ev.average_precision("lvis")) == (
        "files were not read as those of LVIS, which say what classes were looked for in an image\n"
        'hint: evaluate them with `instances="lvis"`'
    )
    assert refused(ArgumentError, lambda: ev.average_precision("coco").mean(frequency="r")) == (
        'no file says how frequent classes are\nhint: LVIS\' files do: `average_precision("lvis")`'
    )


@pytest.mark.parametrize("way", ["coco", "lvis"])
def test_thresholds_may_be_others(tmp_path: Path, way: str) -> None:
    ev = evaluated(tmp_path)
    own, few = ev.average_precision(way), ev.average_precision(way, thresholds=[0.5, 0.8])
    assert few.mean(0.8) == own.mean(0.8)
    assert few.mean() == np.mean(own.precision[[0, 6]][..., 0, -1][own.precision[[0, 6]][..., 0, -1] > -1])
    assert [line.iou for line in few.lines][:3] == ["0.50:0.80", "0.50", "0.50:0.80"]
    assert 0 < ev.average_precision(way, thresholds=0.25).mean() <= 1
    assert ev.average_precision(way, (one for one in (0.5, 0.8))).mean() == few.mean()
    assert refused(ArgumentError, lambda: few.mean(0.75)) == (
        "there is no average precision at an IoU of 0.75\nhint: it is at 0.5 and 0.8"
    )
    hint = "hint: expected at most 16 IoU that rise, above 0 and up to 1, such as [0.5, 0.75]"
    for wrong, shown in (
        ([0.5, 0.5], "[0.5, 0.5]"),
        ([], "[]"),
        ([0], "[0]"),
        ([0.5, float("nan")], "[0.5, nan]"),
        ("0.5", "'0.5'"),
        ({0.5: 1}, "{0.5: 1}"),
        ([one / 32 for one in range(1, 18)], "[0.03125, 0.0625, 0.09375, 0.125, 0.15625, 0.1875, ...]"),
    ):
        said = refused(ArgumentError, lambda wrong=wrong: ev.average_precision(way, thresholds=wrong))
        assert said == f"`thresholds` is {shown}\n{hint}"


def test_numbers_of_predictions_may_be_others_with_coco(tmp_path: Path) -> None:
    pred = results() * 3
    for number, one in enumerate(pred):
        pred[number] = {**one, "score": one["score"] - number * 1e-3}
    ev = evaluated(tmp_path, pred=pred)
    few = ev.average_precision("coco", detections=[2, 500])
    assert few.mean(detections=500) == ev.average_precision("coco").mean()
    assert few.mean(detections=2) == ev.average_precision("coco", detections=[2]).mean()
    assert few.mean(detections=2) != few.mean()
    assert [one.detections for one in few.lines] == [500] * 6 + [2, 500] + [500] * 3
    assert refused(ArgumentError, lambda: few.mean_recall(10)) == (
        "there is no average precision of 10 predictions\nhint: it is of 2 or 500"
    )
    hint = "hint: expected how many predictions of a class in an image count, rising, such as [1, 10, 100]"
    for wrong in ([0], [10, 1], [], [1.5], [1 << 40]):
        said = refused(ArgumentError, lambda wrong=wrong: ev.average_precision("coco", detections=wrong))
        assert said == f"`detections` is {wrong}\n{hint}"
    assert refused(ArgumentError, lambda: ev.average_precision("lvis", detections=[5])) == (
        "`detections` cannot be given with LVIS' average precision, which is of 300\n"
        "hint: COCO's is of as many of a class in an image as one likes"
    )


def test_predictions_may_be_annotations_and_targets_may_not(tmp_path: Path) -> None:
    target = annotations()
    # Predictions of one score are in the order of images, which other formats have as their files do.
    target["images"].sort(key=lambda image: image["id"])
    own = evaluated(tmp_path, target)
    write_yolo(tmp_path / "yolo", target, results())
    given = {"target": tmp_path / "target.json", "pred": tmp_path / "yolo", "instances": "lvis"}
    found = segscore.evaluate(**given, progress=False).average_precision("lvis")
    assert np.array_equal(found.precision, own.average_precision("lvis").precision)
    drawn = read_annotations(tmp_path / "target.json")
    assert refused(ArgumentError, lambda: segscore.evaluate(**{**given, "target": drawn})) == (
        "`target` is annotations of another format, which do not say what classes were looked for\n"
        'hint: score them with `instances="coco"`, or give LVIS\' own file'
    )
