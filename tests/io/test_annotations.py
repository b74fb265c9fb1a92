"""Annotations as label maps: what is painted, by which rule and in which order, and what is said of it."""

from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, Classes, ClassesError, FileFormatError
from segscore._core import Masks, decode_mask
from segscore.io.annotations.drafts import ellipse
from segscore.io.annotations.reading import LabelMaps, read_annotations
from segscore.io.annotations.record import runs_of, spread
from support.annotated import (
    CAR,
    DOG,
    HEIGHT,
    WIDTH,
    bits,
    classes_of,
    coco,
    corners,
    labels,
    planes,
    written,
)
from support.refused import refused


def maps(found: LabelMaps) -> dict[str, list[list[int]]]:
    """Return the labels of PNG files by what they are called."""
    decoded = (decode_mask(one, "", max_pixels=1 << 20, colours=False)[0] for one in found.contents)
    return {file: labels.tolist() for file, labels in zip(found.files, decoded, strict=True)}


def test_objects_become_labels_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = read_annotations(written(tmp_path, coco()))
    assert (found.names, found.format, found.files) == (
        ("car", "dog"),
        "coco",
        (f"{tmp_path}/annotations.json",),
    )
    assert [each.tolist() for each in planes(found)] == [bits(CAR).tolist(), bits(DOG).tolist()]
    assert (found.classes.names, found.classes.labels) == (("background", "car", "dog"), (0, 3, 7))
    made = found.label_maps()
    assert maps(made) == {"a.png": labels((3, CAR), (7, DOG)).tolist(), "sub/b.png": [[0] * 3] * 2}
    assert made.facts == (
        "2 objects of 2 classes in 2 images (1 crowd among them), read as COCO's JSON",
        "painted as COCO does, later ones of the file on top",
        "6 of 16 covered pixels are claimed by objects of several classes",
        "pixels of no object are `background`",
    )
    assert (str(found), repr(found)) == ("\n".join(made.facts[:2]), "<Annotations in COCO's JSON: 2 images>")
    assert [str(blob) for blob in made.masks()] == [
        f"{tmp_path}/annotations.json/{file}" for file in made.files
    ]


def test_objects_outside_of_their_image_are_told(tmp_path: Path) -> None:
    away = [{"image_id": 4, "category_id": 3, "segmentation": [corners(x, 0, 2, 2)]} for x in (WIDTH, -2, -1)]
    found = read_annotations(written(tmp_path, coco(annotations=away)))
    assert found.images[0].masks.pixels().tolist() == [0, 0, 2]
    assert found.facts[2:] == ("2 objects with no pixel within the image",)


def test_what_lies_on_top_can_be_chosen(tmp_path: Path) -> None:
    inner = {"image_id": 4, "category_id": 7, "segmentation": [corners(2, 1, 2, 2)]}
    content = coco()
    content["annotations"] = [inner, content["annotations"][0]]
    path = written(tmp_path, content)
    found = [read_annotations(path, order=order).label_maps() for order in ("file", "area")]
    file, area = (maps(one)["a.png"] for one in found)
    assert file == labels((3, CAR)).tolist()
    assert area == labels((3, CAR), (7, (2, 1, 2, 2))).tolist()
    assert "smaller ones on top" in read_annotations(path, order="area").facts[1]
    assert refused(ArgumentError, read_annotations, path, order="top") == (
        "there is no order of painting `top`\nhint: the nearest are `file`, `area`, `z`"
    )


def test_rules_of_painting_have_names(tmp_path: Path) -> None:
    outline = np.random.default_rng(5).uniform(0, 20, 14)
    image = {"id": 4, "file_name": "a.jpg", "height": 20, "width": 20}
    one = {"image_id": 4, "category_id": 3, "segmentation": [outline.tolist(), corners(1, 1, 4, 3)]}
    path = written(tmp_path, coco(images=[image], annotations=[one]))
    own = Masks.read(20, 20, [[outline, np.array(corners(1, 1, 4, 3), float)]]).planes()
    assert planes(read_annotations(path))[0].tolist() == own[0].tolist()
    from PIL import Image, ImageDraw

    picture = Image.new("L", (20, 20))
    for part in (outline.tolist(), corners(1, 1, 4, 3)):
        ImageDraw.Draw(picture).polygon(part, outline=1, fill=1)
    by_pillow = read_annotations(path, paint="pillow")
    assert planes(by_pillow)[0].tolist() == (np.asarray(picture) > 0).tolist()
    assert by_pillow.facts[1] == "painted as Pillow does, as LabelMe has it, later ones of the file on top"
    assert planes(by_pillow)[0].sum() > own[0].sum()
    assert refused(ArgumentError, read_annotations, path, paint="skia") == (
        "there is no rule of painting `skia`\nhint: the nearest are `coco`, `pillow`, `opencv`"
    )


def test_opencv_paints_by_its_own_rule(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    outline = [1.9, 1.2, 6.7, 1.8, 4.1, 4.9]
    one = {"image_id": 4, "category_id": 3, "segmentation": [outline]}
    found = read_annotations(written(tmp_path, coco(annotations=[one])), paint="opencv")
    picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(picture, [np.array([[1, 1], [6, 1], [4, 4]], np.int32)], 1)
    assert planes(found)[0].tolist() == (picture > 0).tolist()


@pytest.mark.parametrize("absent", ["pillow", "opencv"])
def test_what_a_rule_needs_is_said(tmp_path: Path, absent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    package = {"pillow": "PIL.ImageDraw", "opencv": "cv2"}[absent]
    monkeypatch.setitem(__import__("sys").modules, package, None)
    said = refused(ArgumentError, read_annotations, written(tmp_path, coco()), paint=absent)
    assert said.startswith(f'`paint="{absent}"` needs {"Pillow" if absent == "pillow" else "OpenCV"}, which ')


def test_masks_of_all_forms_are_read(tmp_path: Path) -> None:
    text = Masks.read(HEIGHT, WIDTH, [[np.array(corners(*CAR), float)]]).strings()[0].decode()
    forms = [
        {"size": [HEIGHT, WIDTH], "counts": text},
        {"size": [HEIGHT, WIDTH], "counts": runs_of(bits(CAR), 0, 0, HEIGHT, WIDTH).tolist()},
        [corners(1, 1, 2, 3), corners(3, 1, 2, 3)],
        [],
        None,
    ]
    objects = [{"image_id": 4, "category_id": 3, "segmentation": form} for form in forms]
    found = read_annotations(written(tmp_path, coco(annotations=objects)))
    assert [each.tolist() for each in planes(found)] == [bits(CAR).tolist()] * 3
    assert found.facts[2:] == ("2 left out: objects with a box and no mask",)


def test_run_lengths_of_pixels_of_a_box() -> None:
    rng = np.random.default_rng(3)
    for x, y, height, width in (
        (0, 0, 3, 4),
        (2, 1, 3, 4),
        (-2, 3, 9, 2),
        (6, 5, 4, 4),
        (0, 0, HEIGHT, WIDTH),
    ):
        for box in (
            rng.random((height, width)) < 0.5,
            np.zeros((height, width), bool),
            np.ones((height, width), bool),
        ):
            whole = np.zeros((40, 40), bool)
            whole[10 + y : 10 + y + height, 10 + x : 10 + x + width] = box
            expected = whole[10 : 10 + HEIGHT, 10 : 10 + WIDTH]
            runs = runs_of(box, x, y, HEIGHT, WIDTH)
            assert Masks.read(HEIGHT, WIDTH, [runs]).planes()[0].tolist() == expected.tolist()
    assert spread(np.array([1, 2, 0, 3]), 2, 3).tolist() == [[False, True, True], [True, True, True]]


def test_other_classes_are_the_same_by_their_names(tmp_path: Path) -> None:
    found = read_annotations(written(tmp_path, coco()))
    other = Classes(["dog", "sky", "car"], [0, 1, 2], ignore=[255])
    image = labels((2, CAR), (1, DOG))
    expected = np.where(image == 0, 255, np.where(image == 1, 0, image))
    made = found.label_maps(other)
    assert maps(made)["a.png"] == expected.tolist()
    assert made.facts[-1] == "pixels of no object are ignored (255)"
    where = f"{tmp_path}/annotations.json"
    assert refused(ClassesError, found.label_maps, Classes(["car", "bg"])) == (
        f"{where}: 1 class of the file is in no class of `classes`: dog\n"
        "hint: classes are the same by their names; `segscore classes new --from` writes those of the file"
    )
    assert refused(ClassesError, found.label_maps, Classes(["car", "dog"])) == (
        f"{where}: pixels of no object are of no class of `classes`\n"
        "hint: name a class `background`, or leave such pixels out with `ignore_index=255`"
    )
    assert refused(ClassesError, found.label_maps, Classes(["bg", "car", "dog"], [-1, 2, 3])) == (
        f"{where}: expected labels of 0 to 65,535 for classes of objects, found -1\n"
        "hint: label maps of objects are gray images"
    )


def test_codes_that_a_rule_decodes_are_no_labels_of_objects(tmp_path: Path) -> None:
    found = read_annotations(written(tmp_path, coco()))
    ids = Classes(["bg", "car", "dog"], [0, 1, 2], label_rule="value // 1000 where value >= 1000")
    assert maps(found.label_maps(ids))["a.png"] == labels((1, CAR), (2, DOG)).tolist()
    codes = Classes(["bg", "car", "dog"], [0, 1, 2], label_rule="value // 10")
    assert refused(ClassesError, found.label_maps, codes) == (
        f"{tmp_path}/annotations.json: `classes` make another label of pixels of 1, by the rule value // 10\n"
        "hint: label maps of objects hold labels and no codes: give classes without a rule"
    )


def test_void_is_ignored(tmp_path: Path) -> None:
    categories = [{"id": 3, "name": "car"}, {"id": 7, "name": "__ignore__"}]
    found = read_annotations(written(tmp_path, coco(categories=categories)))
    assert maps(found.label_maps())["a.png"] == labels((3, CAR), (255, DOG)).tolist()
    assert found.label_maps().facts[-1] == "pixels of `__ignore__` are ignored (255)"
    assert refused(ClassesError, found.label_maps, Classes(["bg", "car"])) == (
        f"{tmp_path}/annotations.json: __ignore__ is no class by its name, and no label is ignored\n"
        "hint: say which one is, as `ignore_index=255`; or call a class so, if it is one"
    )


def test_a_parent_that_owns_nothing_is_no_class(tmp_path: Path) -> None:
    categories = [
        {"id": 0, "name": "dog", "supercategory": "none"},
        {"id": 3, "name": "car", "supercategory": "dog"},
        {"id": 7, "name": "dog", "supercategory": "dog"},
    ]
    found = read_annotations(written(tmp_path, coco(categories=categories)))
    assert (found.names, found.numbers, classes_of(found)) == (("car", "dog"), (3, 7), ["car", "dog"])
    assert found.facts[2:] == ("1 left out: category `dog`, which others are of and no object is",)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    one = {"image_id": 4, "category_id": 3}
    content = coco(
        images=[
            *coco()["images"],
            {"id": 4, "file_name": "c.jpg", "height": 1, "width": 1},
            {"id": 5, "file_name": "../c.jpg", "height": 1, "width": 1},
            {"id": 6, "file_name": "d.jpg", "height": 1, "width": 1 << 20},
            {"id": 7, "file_name": "a.png", "height": 1, "width": 1},
            {"id": 8, "file_name": "e.jpg", "height": 0, "width": 3},
        ],
        annotations=[
            {**one, "image_id": 44},
            {**one, "category_id": None},
            {**one, "iscrowd": 2},
            {**one, "segmentation": [[1, 2, 3, 4]]},
            {**one, "segmentation": [[1, 2, "x", 4, 5, 6]]},
            {**one, "segmentation": [[1, 2, 2e6, 4, 5, 6]]},
            {**one, "segmentation": {"size": [8, 6], "counts": "0"}},
            {**one, "segmentation": {"size": [6, 8], "counts": "0"}},
            {**one, "segmentation": {"size": [6, 8], "counts": [1.5]}},
            {**one, "segmentation": {"size": [6, 8], "counts": "\ud800"}},
            {**one, "segmentation": 7},
            "car",
        ],
        categories=[
            *coco()["categories"],
            {"id": 3, "name": "cat"},
            {"id": 4, "name": "car"},
            {"id": 5, "name": "\ud800"},
        ],
    )
    path = written(tmp_path, content)
    said = refused(FileFormatError, read_annotations, path, max_pixels=1 << 19).splitlines()
    assert [line.removeprefix(path)[2:] for line in said[:20]] == [
        "categories[2]: expected an `id` of its own, found 3 again",
        "categories[3]: expected a `name` of its own, found 'car' again",
        "categories[4]: expected the name of a class, found '\\ud800'",
        "images[2]: expected an `id` of its own, found 4 again",
        "images[4]: expected an image of at most 524,288 pixels, found 1 x 1048576",
        "images[6]: expected a height and a width of an image, found 0 and 3",
        "annotations[0]: expected an `image_id` of `images`, found 44",
        "annotations[1]: expected a whole number as `category_id`, found none",
        "annotations[2]: expected 0 or 1 as `iscrowd`, found 2",
        "annotations[4]: expected a list of points, found 'x' in it",
        "annotations[6]: expected a mask of 6 x 8, as its image is, found a `size` of [8, 6]",
        "annotations[8]: expected run lengths as `counts`, found [1.5]",
        "annotations[9]: expected run lengths as `counts`, found '\\ud800'",
        "annotations[10]: expected polygons or run lengths, found 7",
        "annotations[11]: expected an object, found 'car'",
        "images[3]: expected the name of an image, found '../c.jpg'",
        "images[5]: expected images of different names, found a twice",
        "annotations[3]: expected polygons of three points or more, found 4 numbers",
        "annotations[5]: expected points of polygons within 1,000,000 pixels, found 2000000 as number 2",
        "annotations[7]: expected run lengths that add up to 6 x 8 = 48 pixels, found 0",
    ]
    assert said[20:] == ["hint: export the file again with the tool that it is from"]


def test_panoptic_files_are_told(tmp_path: Path) -> None:
    content = coco(annotations=[{"image_id": 4, "file_name": "a.png", "segments_info": []}])
    assert refused(FileFormatError, read_annotations, written(tmp_path, content)) == (
        f"{tmp_path}/annotations.json: expected annotations of objects, found COCO's panoptic format, whose "
        'pixels are in PNG files\nhint: `segscore.evaluate` reads them with `instances="coco-panoptic"`'
    )


def test_many_findings_end_early(tmp_path: Path) -> None:
    path = written(tmp_path, coco(annotations=[0] * 20_000))
    said = refused(FileFormatError, read_annotations, path).splitlines()
    assert (len(said), said[20]) == (22, "and 9,980 more findings")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected JSON, found something else: Expecting property name enclosed in double quotes"),
        ('{"images": NaN}', "expected JSON, found something else: NaN is no number"),
        ("[" * 100_000, "expected JSON, found brackets that are nested too deep"),
        ("1" * 10_000, "expected JSON, found something else: Exceeds the limit"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    assert refused(FileFormatError, read_annotations, path).startswith(f"{path}: {message}")


def test_what_cannot_be_told_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, {"a": 1})
    assert refused(FileFormatError, read_annotations, path).splitlines()[0] == (
        f"{path}: expected annotations of a format that is known, found others"
    )
    assert refused(FileFormatError, read_annotations, written(tmp_path, coco(images=[], annotations=[]))) == (
        f"{path}: there are no images in it\nhint: name the file that has them"
    )
    assert refused(FileFormatError, read_annotations, path, "coco").splitlines()[0] == (
        f"{path}: there are no images in it"
    )
    assert refused(ArgumentError, read_annotations, path, "cvta").startswith(
        "there is no format of annotations `cvta`\nhint: the nearest "
    )
    assert refused(ArgumentError, read_annotations, path, size=(3, 0)) == (
        "`size` is (3, 0), expected a width and a height\nhint: such as (640, 480)"
    )


def test_sizes_are_those_of_the_images_where_files_say_none(tmp_path: Path) -> None:
    from PIL import Image

    content = coco()
    for image in content["images"]:
        del image["height"], image["width"]
    path = written(tmp_path, content)
    assert refused(FileFormatError, read_annotations, path) == (
        f"{path}, images[0]: expected the size of a.jpg, which the file does not say\n"
        f"{path}, images[1]: expected the size of sub/b.jpg, which the file does not say\n"
        "hint: `read_annotations` takes `size=(640, 480)`, or the folder of the images as `images`"
    )
    assert [one.masks.size for one in read_annotations(path, size=(8, 6)).images] == [(6, 8), (6, 8)]
    (tmp_path / "images" / "sub").mkdir(parents=True)
    Image.new("L", (8, 6)).save(tmp_path / "images" / "a.png")
    Image.new("L", (5, 4)).save(tmp_path / "images" / "sub" / "b.jpg")
    found = read_annotations(path, images=tmp_path / "images")
    assert [one.masks.size for one in found.images] == [(6, 8), (4, 5)]
    Image.new("L", (9, 9)).save(tmp_path / "a.jpg")
    Image.new("L", (7, 7)).save(tmp_path / "b.jpg")
    assert [one.masks.size for one in read_annotations(path).images] == [(9, 9), (7, 7)]


def test_points_of_ellipses_lie_on_them() -> None:
    for across, down, degrees in ((30, 10, 0), (4, 400, 90), (0.5, 0.2, 30)):
        points = ellipse(5, 6, across, down, degrees).reshape(-1, 2) - (5, 6)
        along = points @ [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]
        beside = points @ [-np.sin(np.radians(degrees)), np.cos(np.radians(degrees))]
        np.testing.assert_allclose((along / across) ** 2 + (beside / down) ** 2, 1)
        middle = (points + np.roll(points, 1, axis=0)) / 2
        assert np.hypot(*middle.T).min() > min(across, down) - 0.1
