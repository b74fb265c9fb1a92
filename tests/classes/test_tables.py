"""Tables of classes of other tools: what each of them means, and what is refused."""

import json
import time
from pathlib import Path

import pytest

from segscore.classes.classes import Classes
from segscore.errors import ClassesError
from support.foreign_tables import COLOURED, COLOURS, IGNORED, ROAD, SKY, TABLES, VOID, WITHOUT_NUMBERS


@pytest.mark.parametrize("name", TABLES)
def test_each_table_says_the_same_classes(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("\ufeff" + TABLES[name])
    classes = Classes.of(path)
    assert (classes.names, classes.labels, classes.ignore) == (
        ("road", "sky"),
        (0, 1),
        IGNORED.get(name, ()),
    )
    assert dict(classes.colours) == COLOURS.get(name, {})
    assert classes.confirmed == (name not in WITHOUT_NUMBERS)


def table(tmp_path: Path, name: str, text: str | bytes) -> Classes:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return Classes.of(path)


@pytest.mark.parametrize("name", VOID)
def test_what_a_table_calls_void_is_ignored_in_its_place(name: str, tmp_path: Path) -> None:
    text, void = VOID[name]
    classes = table(tmp_path, name, text)
    assert (classes.names[1:], classes.labels, classes.ignore) == (("sky",), (0, 2), (1,))
    assert classes.void_names == (void,)
    assert {label: classes.colours[label] for label in classes.colours} == (
        {0: ROAD, 1: (1, 2, 3), 2: SKY} if name in COLOURED else {}
    )
    assert classes.ignoring(0).with_predictions([0, 1]).void_names == (void,)


@pytest.mark.parametrize("name", ["background", "other", "unknown", "avoid", "voids", "ignore me", "clutter"])
def test_what_may_be_a_class_is_one(name: str, tmp_path: Path) -> None:
    classes = table(tmp_path, "a.csv", f"name,r,g,b\nroad,0,0,0\n{name},1,1,1\n")
    assert (classes.names, classes.ignore, classes.void_names) == (("road", name), (), ())


def test_labels_of_regions_that_do_not_meet_are_one_class_and_ignore_is_ignored(tmp_path: Path) -> None:
    given = {"labels": {"background": 0, "organ": [1, 2], "cyst": 3, "ignore": 4}}
    classes = table(tmp_path, "dataset.json", json.dumps(given))
    assert classes.names == ("background", "organ", "cyst")
    assert (classes.all_labels, classes.ignore) == (((0,), (1, 2), (3,)), (4,))


def test_classes_of_cvat_may_have_no_colour_and_no_comment(tmp_path: Path) -> None:
    classes = table(tmp_path, "labelmap.txt", "road:::\nsky:70,130,180::\n")
    assert (classes.names, dict(classes.colours)) == (("road", "sky"), {1: SKY})


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("ending", ["", ".TXT", ".JSON", ".dat", ".toml"])
def test_the_content_says_what_a_table_is_and_not_its_name(name: str, ending: str, tmp_path: Path) -> None:
    expected = table(tmp_path, name, TABLES[name])
    found = table(tmp_path, f"classes{ending}", TABLES[name])
    assert (found, found.confirmed) == (expected, expected.confirmed)


@pytest.mark.parametrize("name", ["a", "a.TOML", "a.dat"])
def test_what_is_no_table_is_read_as_a_file_of_our_own(name: str, tmp_path: Path) -> None:
    assert table(tmp_path, name, 'classes = [{ label = 3, name = "a" }]').labels == (3,)
    for content in ("[1", "road: 1\nsky: 2", "{", b"\xff"):
        with pytest.raises(ClassesError, match="no JSON" if content == "{" else "not TOML"):
            table(tmp_path, name, content)


def test_lines_of_cvat_may_have_spaces_and_no_ends(tmp_path: Path) -> None:
    head = "# label:color_rgb:parts:actions\n"
    for lines in (
        "road: 128, 64, 128 ::\nsky:70 ,130,180",
        f"{head}road:128,64,128\nsky:70,130,180:",
        f"{head}road:128,64,128:\nsky: 70,130,180",
    ):
        assert table(tmp_path, "labelmap.txt", lines).colours == {0: ROAD, 1: SKY}
    assert table(tmp_path, "labelmap.txt", f"{head}road\nsky:").names == ("road", "sky")


def test_classes_of_labelme_are_counted_from_its_background(tmp_path: Path) -> None:
    classes = table(tmp_path, "labels.txt", "__ignore__\n_background_\ncar\n\n")
    assert (classes.names, classes.labels, classes.ignore) == (("_background_", "car"), (0, 1), (-1, 255))
    classes = table(tmp_path, "class_names.txt", "_background_\ncar")
    assert (classes.names, classes.labels, classes.ignore) == (("_background_", "car"), (0, 1), ())


def test_a_label_of_two_brushes_is_one_class_and_xml_may_say_what_is_no_markup(tmp_path: Path) -> None:
    text = """<?xml version="1.0"?>
    <!-- not <!DOCTYPE a> --><View><Style><![CDATA[ .a > b { color: red } ]]></Style><!-- <! -->
    <PolygonLabels name="a" toName="i"><Label value="road"/><Label value="sky"/></PolygonLabels>
    <BrushLabels name="b" toName="i"><Label value="sky"/><Label value="car"/></BrushLabels></View>"""
    assert table(tmp_path, "a.xml", text).names == ("road", "sky", "car")


def test_names_of_datumaro_without_a_colour_are_classes_as_well(tmp_path: Path) -> None:
    meta = {"labels": ["road", "sky", "car"], "label_map": {"0": "road", "1": "sky"}}
    classes = table(tmp_path, "a.json", json.dumps(meta | {"segmentation_colors": [ROAD, SKY]}))
    assert (classes.names, classes.labels) == (("road", "sky", "car"), (0, 1, 2))
    assert classes.colours == {0: ROAD, 1: SKY}
    by_id = {"label_map": {"1": "sky"}, "segmentation_colors": [ROAD, SKY, ROAD]}
    assert table(tmp_path, "a.json", json.dumps(meta | by_id)).colours == {1: SKY}
    assert table(tmp_path, "a.json", '{"labels": ["road", "sky"]}').names == ("road", "sky")


def test_ids_of_coco_may_have_gaps(tmp_path: Path) -> None:
    given = [{"id": 13, "name": "stop sign"}, {"id": 11, "name": "fire hydrant"}]
    assert table(tmp_path, "a.json", json.dumps(given)).labels == (13, 11)


def test_what_a_table_may_lack(tmp_path: Path) -> None:
    for text in (
        '{"label_map": {"0": "a"}, "segmentation_colors": []}',
        '{"categories": {"label": {"labels": [{"name": "a"}]}, "mask": null}}',
        '{"a": {"to_name": ["x"]}, "b": {"type": "BrushLabels"}, '
        '"c": {"type": "BrushLabels", "labels": ["a"]}}',
    ):
        assert table(tmp_path, "a.json", text).names == ("a",)


def test_a_file_of_our_own_may_be_called_as_it_likes(tmp_path: Path) -> None:
    assert table(tmp_path, "a.txt", 'classes = [{ label = 3, name = "a" }]').labels == (3,)
    assert table(tmp_path, "a.csv", 'like = "camvid-11"').names == Classes.of("camvid-11").names


def test_label_values_may_have_gaps(tmp_path: Path) -> None:
    assert table(tmp_path, "_classes.csv", "Pixel Value,Class\n255, sky\n7,road").labels == (255, 7)
    assert table(tmp_path, "a.json", '{"id2label": {"255": "sky", "7": "road"}}').labels == (7, 255)


def test_long_tables_are_refused_soon(tmp_path: Path) -> None:
    doubled = "{" + ",".join(f'"{k}": "{k}"' for k in [*range(100_000), 99_999]) + "}"
    begin = time.monotonic()
    for name, text in (("a.json", doubled), ("a.xml", " " * 1_000_000 + "<View/>")):
        with pytest.raises(ClassesError, match=r"99999 is given twice|XML without any of"):
            table(tmp_path, name, text)
    assert time.monotonic() - begin < 10


def datumaro(*colours: dict[str, int]) -> str:
    """Return a table of Datumaro of one label, with these entries of its map of colours."""
    return json.dumps(
        {"categories": {"label": {"labels": [{"name": "a"}]}, "mask": {"colormap": [*colours]}}}
    )


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "", "expected a table of classes, found an empty file"),
        ("a.json", '[{"id": 0, "name": "void"}]', "expected a table of classes, found one of void alone"),
        ("a.txt", b"\xff\xfe\x00", "expected text, found bytes that are none: "),
        ("a.txt", "road\nsky\n", "expected a table of classes, found road on its first line"),
        ("a.txt", "0 0 0 road\n1 1 sky", "line 2: expected `r g b name`, found 1 1 sky"),
        (
            "a.txt",
            "0 0 999 road",
            "line 1: expected a colour of three numbers from 0 to 255, found 0 0 999",
        ),
        ("a.txt", "road:::\n\nsky:1,2", "line 3: expected `name:r,g,b:parts:actions`, found sky:1,2"),
        ("a.csv", "name,r,g,b\nroad,1,2", "line 2: expected 4 values (name, r, g, b), found road, 1, 2"),
        ("a.csv", "Pixel Value,Class\nx,road", "line 2: expected a whole number from 0, found x"),
        ("a.csv", f"Pixel Value,Class\n{'9' * 5000},road", "line 2: expected a whole number from 0, found "),
        ("a.csv", "Pixel Value,Class\n", "expected a table of classes, found one without classes"),
        ("a.csv", "name,r,g,b\nroad,1,2,3\nroad,4,5,6", "class name `road` is given twice"),
        ("a.json", "{", "no JSON: "),
        ("a.json", "[" * 100_000, "no JSON: "),
        ("a.json", "[1]", "expected a table of classes, found a list in JSON"),
        ("a.json", "[]", "expected a table of classes, found a list in JSON"),
        ("a.json", "{}", "expected a table of classes, found an object without keys in JSON"),
        ("a.json", '{"a": 1}', "expected a table of classes, found JSON with the keys a"),
        ("a.json", '{"0": "road", "0": "sky"}', "the key 0 is given twice"),
        ("a.json", '{"id2label": [1]}', "expected `id2label` to be an object of ids and names"),
        ("a.json", '{"id2label": {"0": 1}}', "`id2label`, 0: expected a name, found 1"),
        ("a.json", '{"id2label": {"0.5": "road"}}', "`id2label`: expected a whole number from 0, found 0.5"),
        ("a.json", '{"labels": {"a": true}}', "label a: expected a whole number from 0, found True"),
        (
            "a.json",
            '{"labels": {"whole": [1, 2], "core": [2]}}',
            "label 2 belongs to the regions whole and core, which overlap",
        ),
        (
            "a.json",
            '{"label_map": {"0": "a"}, "segmentation_colors": [[1, 2, 3], [4, 5, 6]]}',
            "expected as many `segmentation_colors` as names, 1, found 2",
        ),
        ("a.json", '{"categories": {}}', "`categories`: expected `label` with `labels`, found none"),
        (
            "a.json",
            '{"categories": {"label": {"labels": []}, "mask": [1]}}',
            "`categories`: expected `label`",
        ),
        (
            "a.json",
            '{"a": {"type": "BrushLabels"}}',
            "expected a table of classes, found JSON with the keys a",
        ),
        (
            "a.json",
            '{"labels": ["a", "b", "c"], "label_map": {"0": "a", "2": "c"}, '
            '"segmentation_colors": [[1, 2, 3], [4, 5, 6]]}',
            "`segmentation_colors`: the colour of c, id 2, is [4, 5, 6] in the order of `label_map`, "
            "and none by id",
        ),
        (
            "a.json",
            '{"label_map": {"1": "b", "0": "a"}, "segmentation_colors": [[1, 2, 3], [4, 5, 6]]}',
            "`segmentation_colors`: the colour of b, id 1, is [1, 2, 3] in the order of `label_map`, "
            "and [4, 5, 6] by id",
        ),
        (
            "a.json",
            '{"labels": ["a"], "label_map": {"0": "b"}}',
            "id 0 is b in `label_map`, and a in `labels`",
        ),
        ("a.json", '{"labels": [1, null]}', "`labels[0]`: expected a name, found 1"),
        ("a.json", '{"label_map": {"-1": "a"}}', "`label_map`: expected a whole number from 0, found -1"),
        (
            "a.json",
            '{"label_map": {"0": "a"}, "segmentation_colors": [[1, 2]]}',
            "`segmentation_colors[0]`: expected a colour of three numbers from 0 to 255, found [1, 2]",
        ),
        (
            "a.json",
            '{"categories": {"label": {"labels": [{"name": null}]}}}',
            "`labels[0]`: expected a name, found None",
        ),
        (
            "a.json",
            '{"categories": {"label": {"labels": [{}]}}}',
            "`labels[0]`: expected an object with `name`, found {}",
        ),
        (
            "a.json",
            datumaro({"label_id": 1, "r": 1, "g": 2, "b": 3}),
            "`colormap[0]`: expected a `label_id` of one of 1 label, found 1",
        ),
        (
            "a.json",
            datumaro({"label_id": -1, "r": 1, "g": 2, "b": 3}),
            "`colormap[0]`: expected a whole number from 0, found -1",
        ),
        (
            "a.json",
            datumaro({"label_id": 0, "r": 1, "g": 2}),
            "`colormap[0]`: expected a whole number from 0, found None",
        ),
        (
            "a.json",
            datumaro(*2 * [{"label_id": 0, "r": 1, "g": 2, "b": 3}]),
            "`colormap[1]`: `label_id` 0 is given twice",
        ),
        ("a.json", '{"a": {"type": "BrushLabels", "labels": [1]}}', "`labels`: expected a name, found 1"),
        ("a.json", '{"label_config": 1}', "`label_config`: expected a name, found 1"),
        ("a.json", '[{"name": "a"}]', "`categories[0]`: expected a whole number from 0, found None"),
        (
            "a.json",
            '[{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]',
            "label 1 is given twice",
        ),
        (
            "a.json",
            '{"classes": [{"title": "a", "color": "red"}]}',
            "`classes[0]`: expected a `color` such as #F6FF00, found 'red'",
        ),
        ("a.txt", "__ignore__\n\nroad", "line 2: expected a name, found an empty line"),
        ("a.txt", "__ignore__\n# road", "line 2: expected a name, found # road"),
        ("a.xml", "<View/>", "expected a table of classes, found XML without any of `BrushLabels`, "),
        ("a.xml", "<View><BrushLabels><Label/></BrushLabels></View>", "expected a `value` of each `Label`"),
        ("a.xml", "<View>", "no XML: "),
        (
            "a.xml",
            '<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>',
            "expected a table of classes, found XML with declarations of its own, which are not read",
        ),
    ],
)
def test_what_is_damaged_or_no_table_is_told_with_its_place(
    name: str, text: str | bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ClassesError) as caught:
        table(tmp_path, name, text)
    assert str(caught.value).startswith(f"{tmp_path / name}: {message}")
    assert caught.value.hint
