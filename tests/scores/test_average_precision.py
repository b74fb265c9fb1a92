"""Average precision of objects: what pycocotools 2.0.11 says of one dataset, and the faults that it has.

`benches/peers_agree.py` compares random datasets with pycocotools itself.
"""

import numpy as np

from segscore.errors import ArgumentError
from support.coco_files import TWELVE, TWELVE_WITHOUT_IMAGE_2, annotations, results, scored
from support.refused import refused


def test_the_twelve_numbers_are_those_of_pycocotools() -> None:
    assert scored(annotations(), results()).numbers.tolist() == list(TWELVE)


def test_images_count_as_often_as_their_weights_say() -> None:
    assert scored(annotations(), results(), [1, 0, 1]).numbers.tolist() == list(TWELVE_WITHOUT_IMAGE_2)
    target, single = annotations(), results()
    for number, one in enumerate(single):
        one["score"] += number * 1e-3  # no two of them are the same
    pred = list(single)
    for image in (1, 2, 5):
        for copy in range(1, image):  # image 1 once, image 2 twice, image 5 five times
            new = image + 100 * copy
            target["images"].append({**next(i for i in target["images"] if i["id"] == image), "id": new})
            more = [{**one, "image_id": new} for one in target["annotations"] if one["image_id"] == image]
            for one in more:
                one["id"] = len(target["annotations"]) + 1
                target["annotations"].append(one)
            pred += [{**one, "image_id": new} for one in single if one["image_id"] == image]
    ours, copied = scored(annotations(), single, [1, 2, 5]), scored(target, pred)
    np.testing.assert_array_equal(ours.recall, copied.recall)
    np.testing.assert_array_equal(ours.precision, copied.precision)


def test_a_number_of_one_class_threshold_and_area() -> None:
    found = scored(annotations(), results())
    dog = found.precision[0, :, 0, 0, 2]
    assert found.mean(0.5, label=0) == np.mean(dog)
    assert found.mean(0.75, area="small", label=0) == np.mean(found.precision[5, :, 0, 1, 2])
    assert found.mean_recall(1, threshold=0.5, label=1) == found.recall[0, 1, 0, 0]
    assert np.isnan(found.mean(area="large", label=0))


def test_what_coco_does_not_ask_for_is_no_other_number() -> None:
    found = scored(annotations(), results())
    assert found.mean(0.1 + 0.6) == found.mean(0.7)
    for call, said in (
        (lambda: found.mean(0.72), "an IoU of 0.72\nhint: it is at 0.5, 0.55, … and 0.95"),
        (lambda: found.mean(float("nan")), "an IoU of nan\nhint: it is at 0.5, 0.55, … and 0.95"),
    ):
        assert refused(ArgumentError, call) == f"there is no average precision at {said}"
    assert refused(ArgumentError, lambda: found.mean_recall(5)) == (
        "there is no average precision of 5 predictions\nhint: it is of 1, 10 or 100"
    )
    assert refused(ArgumentError, lambda: found.mean(area="smal")) == (  # type: ignore[arg-type]
        "there is no range of areas `smal`\nhint: the nearest are `small`, `all`"
    )


def test_the_text_is_that_of_coco() -> None:
    lines = str(scored(annotations(), results())).splitlines()
    assert len(lines) == 12
    assert lines[0] == " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.362"
    assert lines[1] == " Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.488"
    assert lines[7] == " Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets= 10 ] = 0.633"
    nothing = str(scored(annotations(), [])).splitlines()
    assert nothing[0].endswith(" = 0.000")
    without = {**annotations(), "annotations": []}
    assert str(scored(without, results())).splitlines()[3].endswith("area= small | maxDets=100 ] = -1.000")


def test_an_annotation_may_have_the_id_0() -> None:
    # pycocotools takes 0 for "not matched", and gives a perfect model 0.25.
    target = annotations()
    target["annotations"] = [
        {**target["annotations"][number], "id": number, "category_id": 1} for number in range(2)
    ]
    masks = [one["segmentation"] for one in target["annotations"]]
    pred = [{**results()[1], "segmentation": mask, "category_id": 1} for mask in masks]
    assert scored(target, pred).numbers[:2].tolist() == [1, 1]


def test_a_false_positive_in_an_image_without_objects_counts() -> None:
    target = annotations()
    target["annotations"] = target["annotations"][:1]
    pred = [results()[0], {**results()[5], "score": 0.95}]
    assert scored(target, pred).mean(0.5) == 0.5


def test_what_a_file_says_to_ignore_is_heeded_where_that_is_asked_for() -> None:
    target = annotations()
    target["annotations"] = [{**target["annotations"][0], "ignore": 1}, target["annotations"][3]]
    pred = [results()[0], {**results()[5], "segmentation": target["annotations"][1]["segmentation"]}]
    assert scored(target, pred[1:]).mean_recall() == 0.5
    # It lies in 0.9 of what is ignored: above that it is a false positive, which comes first.
    heeded = scored(target, pred, heed_ignore=True)
    assert heeded.numbers[[0, 1, 8]].round(12).tolist() == [0.95, 1, 1]
