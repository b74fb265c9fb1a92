"""Objects as files of LVIS, and what lvis 0.5.3 says of them. Nothing here is a test."""

from typing import Any

from support.coco_files import annotations as of_coco
from support.coco_files import results

THIRTEEN = (
    0.40371287128712874,
    0.5420792079207921,
    0.4158415841584158,
    0.3448019801980198,
    0.5883663366336633,
    0.6999999999999998,
    0.6896039603960396,
    0.11782178217821782,
    -1.0,
    0.4833333333333333,
    0.36666666666666664,
    0.675,
    0.7,
)
"""The numbers of `annotations` and `results`; -1 where one is undefined."""
THIRTEEN_FLOODED = (
    0.42475247524752474,
    0.5,
    0.5,
    0.3069306930693069,
    0.6767326732673267,
    0.6999999999999998,
    0.6138613861386139,
    0.23564356435643558,
    -1.0,
    0.4333333333333333,
    0.31666666666666665,
    0.675,
    0.7,
)
"""Those of `annotations` and `flooded`."""


def annotations() -> dict[str, Any]:
    """Return what a file of annotations of LVIS holds, anew.

    Nobody looked for dogs in image 5; image 1 may have more cats and image 2 more dogs; one cat is ignored.
    """
    target = of_coco()
    target["categories"] = [
        {"id": 3, "name": "cat", "frequency": "c"},
        {"id": 1, "name": "dog", "frequency": "r"},
        {"id": 8, "name": "owl", "frequency": "f"},
    ]
    for image in target["images"]:
        image["neg_category_ids"] = {1: [8], 2: [], 5: []}[image["id"]]
        image["not_exhaustive_category_ids"] = {1: [3], 2: [1], 5: []}[image["id"]]
    for one in target["annotations"]:
        del one["iscrowd"]
    target["annotations"][4]["ignore"] = 1
    return target


def flooded() -> list[dict[str, Any]]:
    """Return results with 301 predictions in image 2, of which the last one is the best dog."""
    pred = results()
    of_image = [one for one in pred if one["image_id"] == 2]
    dog = of_image[0]
    few = [one for one in pred if one["image_id"] != 2]
    return [*few, *({**dog, "category_id": 8, "score": 0.85} for _ in range(300)), dog]
