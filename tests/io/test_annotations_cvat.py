"""CVAT's XML for images: outlines, ellipses, masks, z, the labels of a task, and what is wrong with files."""

from pathlib import Path

import numpy as np

from segscore.io.annotations.reading import read_annotations
from support.annotated import (
    CAR,
    DOG,
    HEIGHT,
    WIDTH,
    bits,
    classes_of,
    corners,
    findings,
    labels,
    pairs,
    planes,
    written,
)

META = (
    "<version>1.1</version><meta><task><name>x</name><labels>"
    "<label><name>dog</name><color>#ff8000</color><attributes><attribute><name>old</name></attribute></attributes></label>"
    "<label><name>car</name><type>any</type></label></labels></task></meta>"
)


def points(box: tuple[int, int, int, int]) -> str:
    return ";".join(f"{x},{y}" for x, y in pairs(corners(*box)))


def file(folder: Path, *shapes: str, meta: str = META, head: str = "") -> str:
    """Write a file with one image."""
    image = f'<image id="0" name="sub/a.jpg" width="{WIDTH}" height="{HEIGHT}">{"".join(shapes)}</image>'
    text = f'<?xml version="1.0" encoding="utf-8"?>\n{head}<annotations>{meta}{image}</annotations>'
    return written(folder, text, "annotations.xml")


def polygon(label: str, box: tuple[int, int, int, int], more: str = "") -> str:
    return f'<polygon label="{label}" source="manual" occluded="0" points="{points(box)}" {more}></polygon>'


def test_shapes_lie_by_z_and_then_in_the_order_of_the_file(tmp_path: Path) -> None:
    attribute = '<attribute name="old">yes</attribute>'
    shapes = [
        polygon("dog", DOG, 'z_order="1"').replace("></", f">{attribute}</"),
        polygon("car", CAR, 'z_order="0"'),
        '<box label="car" xtl="1" ytl="1" xbr="2" ybr="2"/>',
        '<polyline label="car" points="1,1;2,2"/>',
        '<tag label="car"/>',
    ]
    found = read_annotations(file(tmp_path, *shapes))
    assert (found.format, found.names, classes_of(found)) == ("cvat", ("dog", "car"), ["dog", "car"])
    assert (found.classes.labels, dict(found.classes.colours)) == ((0, 1, 2), {1: (255, 128, 0)})
    assert found.images[0].image.name == "sub/a"
    top = np.where(labels((2, CAR), (1, DOG)) == 0, 0, labels((2, CAR), (1, DOG)))
    from segscore._core import decode_mask

    made = found.label_maps()
    assert decode_mask(made.contents[0], "", max_pixels=99, colours=False)[0].tolist() == top.tolist()
    assert made.facts[:4] == (
        "2 objects of 2 classes in 1 image, read as CVAT's XML",
        "painted as COCO does, those of higher z on top",
        "1 left out: objects with a box and no mask",
        "1 left out: lines and points, which have no area",
    )


def test_masks_are_run_lengths_by_rows_of_their_box(tmp_path: Path) -> None:
    # Of 3 x 3 pixels: nothing, both outer ones, all.
    mask = '<mask label="car" rle="3, 1, 1, 4" left="2" top="1" width="3" height="3" z_order="0"/>'
    found = read_annotations(file(tmp_path, mask))
    expected = bits((2, 2, 1, 1), (4, 2, 1, 1), (2, 3, 3, 1))
    assert planes(found)[0].tolist() == expected.tolist()


def test_ellipses_are_nearly_round(tmp_path: Path) -> None:
    one = '<ellipse label="car" cx="3.9" cy="3" rx="3" ry="1" rotation="90"/>'
    found = read_annotations(file(tmp_path, one))
    assert found.images[0].masks.boxes().tolist() == [[3, 0, 2, 6]]


def test_classes_are_those_of_objects_where_no_task_lists_them(tmp_path: Path) -> None:
    found = read_annotations(file(tmp_path, polygon("dog", DOG), polygon("car", CAR), meta=""))
    assert (found.names, classes_of(found)) == (("car", "dog"), ["dog", "car"])


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    def mask(rle: str, left: int = 0) -> str:
        return f'<mask label="car" rle="{rle}" left="{left}" top="0" width="2" height="2"/>'

    shapes = [
        polygon("cow", CAR),
        '<polygon label="car" points="1,2;3,4"/>',
        '<polygon label="car" points="1,2;3;4,5"/>',
        '<polygon label="car" points="1,2;3,nan;4,5"/>',
        '<polygon label="car" z_order="top" points="1,2;3,4;4,5"/>',
        mask("1, 2"),
        mask("0, 4, 0, 1, 2, 2"),
        mask("1, -2, 5"),
        mask("4", 7),
        '<ellipse label="car" cx="4"/>',
        '<polygon label="car" points="1,2;3,4;4,9999999"/>',
    ]
    path = file(tmp_path, *shapes)
    assert findings(path) == [
        "image 1, polygon 1: expected a class that the file lists, found 'cow'",
        "image 1, polygon 2: expected 3 points or more, found 2",
        "image 1, polygon 3: expected points such as 1.5,2;3,4, found '1,2;3;4,5'",
        "image 1, polygon 4: expected points such as 1.5,2;3,4, found '1,2;3,nan;4,5'",
        "image 1, polygon 5: expected a whole number, found 'top'",
        "image 1, mask 6: expected run lengths that add up to 2 x 2 = 4 pixels, found 3 in 2 numbers",
        "image 1, mask 7: expected run lengths that add up to 2 x 2 = 4 pixels, found 9 in 6 numbers",
        "image 1, mask 8: expected run lengths such as 3, 5, 7, found '1, -2, 5'",
        "image 1, mask 9: expected a mask within its image of 6 x 8, found 2 x 2 pixels at 0, 7",
        "image 1, ellipse 10: expected numbers as `cx` and `cy` and `rx` and `ry`, found "
        "{'cx': '4', 'cy': None, 'rx': None, 'ry': None}",
        "image 1, polygon 11: expected points of polygons within 1,000,000 pixels, found 9999999 as number 5",
    ]


def test_images_of_one_name_are_called_by_the_subsets_of_a_project(tmp_path: Path) -> None:
    def image(name: str, subset: str, label: str) -> str:
        size = f'height="{HEIGHT}" width="{WIDTH}"'
        return f'<image name="{name}" subset="{subset}" {size}>{polygon(label, CAR)}</image>'

    def project(*images: str) -> str:
        return written(tmp_path, f"<annotations>{''.join(images)}</annotations>", "project.xml")

    a, b = image("a.jpg", "Train", "car"), image("b.jpg", "Train", "car")
    found = read_annotations(project(a, b, image("a.jpg", "Test", "dog")))
    assert [(one.image.name, one.image.file) for one in found.images] == [
        ("Train/a", "Train/a.jpg"),
        ("Train/b", "Train/b.jpg"),
        ("Test/a", "Test/a.jpg"),
    ]
    assert [classes_of(found, i) for i in range(3)] == [["car"], ["car"], ["dog"]]
    assert [one.image.name for one in read_annotations(project(a, b)).images] == ["a", "b"]
    other = project(a, image("a.png", "Test", "car"))
    assert [one.image.name for one in read_annotations(other).images] == ["Train/a", "Test/a"]
    assert findings(project(a, image("a.png", "Train", "car"))) == [
        "image 2: expected images of different names, found Train/a twice"
    ]
    bare = a.replace(' subset="Train"', "")
    assert findings(project(bare, bare)) == ["image 2: expected images of different names, found a twice"]


def test_what_may_grow_without_bound_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    assert findings(file(tmp_path, head=bomb)) == [
        ": expected XML without a document type, found one, which may define what grows without bound"
    ]
    deep = written(tmp_path, f"<annotations>{'<a>' * 200}", "deep.xml")
    assert findings(deep) == [": expected at most 128 elements within each other, found more"]


def test_other_files_are_refused(tmp_path: Path) -> None:
    track = "<annotations><track id='0' label='car'/></annotations>"
    for text, message in (
        ("<annotation><folder/></annotation>", "expected `annotations` of CVAT, found `annotation`"),
        ("{}", "expected XML, found something else: not well-formed (invalid token): line 1, column 0"),
        (track, "expected images, found a track of a video: export as CVAT for images"),
        (
            "<annotations><image name='a.jpg' width='8' height='2.5'/></annotations>",
            ", image 1: expected a whole number, found '2.5'",
        ),
        (
            "<annotations><image width='8' height='2'/></annotations>",
            ", image 1: expected the name of an image, found ''",
        ),
        (
            '<?xml version="1.0" encoding="x-none"?><annotations/>',
            "expected XML in UTF-8, found something else: unknown encoding: x-none",
        ),
    ):
        path = written(tmp_path, text, "annotations.xml")
        found = findings(path, "cvat")
        assert len(found) == 1
        assert found[0].removeprefix(": ").startswith(message.removeprefix(", "))
