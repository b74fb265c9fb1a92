"""Tables of classes of other tools: what each of them means, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import segscore
from segscore.classes.classes import Classes
from segscore.cli import app
from segscore.errors import ClassesError

XML = """<View>
  <Image name="image" value="$image"/>
  <!-- what is marked -->
  <BrushLabels name="tag" toName="image">
    <Label value="road" background="#FFA39E"/><Label value="sky"/>
  </BrushLabels>
</View>"""
TABLES = {
    "labelmap.txt": "# label:color_rgb:parts:actions\nroad:128,64,128::\nsky:70,130,180:cloud,sun:fly\n",
    "label_colors.txt": "128 64 128\troad\n 70 130 180  sky\n",
    "class_dict.csv": "name,r,g,b\nroad,128,64,128\nsky, 70, 130, 180\n\n",
    "_classes.csv": "Pixel Value, Class\n0, road\n1, sky\n",
    "config.xml": XML,
    "parsed.json": json.dumps(
        {"tag": {"type": "BrushLabels", "to_name": ["image"], "labels": ["road", "sky"]}}
    ),
    "dataset_meta.json": json.dumps(
        {"label_map": {"0": "road", "1": "sky"}, "segmentation_colors": [[128, 64, 128], [70, 130, 180]]}
    ),
    "datumaro.json": json.dumps(
        {
            "categories": {
                "label": {"labels": [{"name": "road", "parent": ""}, {"name": "sky", "parent": ""}]},
                "mask": {"colormap": [{"label_id": 1, "r": 70, "g": 130, "b": 180}]},
            }
        }
    ),
    "id2label.json": json.dumps({"1": "sky", "0": "road"}),
    "config.json": json.dumps({"model_type": "segformer", "id2label": {"0": "road", "1": "sky"}}),
    "dataset.json": json.dumps({"labels": {"road": 0, "sky": 1}, "channel_names": {"0": "CT"}}),
    "first.json": json.dumps({"labels": {"0": "road", "1": "sky"}, "modality": {"0": "CT"}}),
}
ROAD, SKY = (128, 64, 128), (70, 130, 180)
COLOURS = {
    **{name: {0: ROAD, 1: SKY} for name in ("labelmap.txt", "label_colors.txt", "class_dict.csv")},
    "dataset_meta.json": {0: ROAD, 1: SKY},
    "datumaro.json": {1: SKY},
}
WITHOUT_NUMBERS = {"labelmap.txt", "label_colors.txt", "class_dict.csv", "config.xml", "parsed.json"}


@pytest.mark.parametrize("name", TABLES)
def test_each_table_says_the_same_classes(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("\ufeff" + TABLES[name])
    classes = Classes.of(path)
    assert (classes.names, classes.labels, classes.ignore) == (("road", "sky"), (0, 1), ())
    assert dict(classes.colours) == COLOURS.get(name, {})
    assert classes.confirmed == (name not in WITHOUT_NUMBERS)


@pytest.mark.parametrize("name", ["id2label.json", "_classes.csv", "dataset.json"])
def test_a_table_is_taken_by_its_name_on_the_command_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(TABLES[name])
    np.save("target.npy", np.array([[0, 0, 1, 1]], np.uint8))
    np.save("pred.npy", np.array([[0, 1, 1, 1]], np.uint8))
    given = [
        "evaluate",
        "--pred",
        "pred.npy",
        "--target",
        "target.npy",
        "--classes",
        name,
        "--json",
        "out.json",
    ]
    assert CliRunner().invoke(app, given).exit_code == 0
    assert segscore.evaluate(pred="pred.npy", target="target.npy", classes=name).scores.iou["sky"] == 2 / 3
    assert json.loads(Path("out.json").read_text())["mean_iou"] == (1 / 2 + 2 / 3) / 2


def table(tmp_path: Path, name: str, text: str | bytes) -> Classes:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return Classes.of(path)


def test_labels_of_regions_that_do_not_meet_are_one_class_and_ignore_is_ignored(tmp_path: Path) -> None:
    given = {"labels": {"background": 0, "organ": [1, 2], "cyst": 3, "ignore": 4}}
    classes = table(tmp_path, "dataset.json", json.dumps(given))
    assert classes.names == ("background", "organ", "cyst")
    assert (classes.all_labels, classes.ignore) == (((0,), (1, 2), (3,)), (4,))


def test_classes_of_cvat_may_have_no_colour_and_no_comment(tmp_path: Path) -> None:
    classes = table(tmp_path, "labelmap.txt", "road:::\nsky:70,130,180::\n")
    assert (classes.names, dict(classes.colours)) == (("road", "sky"), {1: SKY})


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


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "", "expected a table of classes, found an empty file"),
        ("a.txt", b"\xff\xfe\x00", "expected text, found bytes that are none: "),
        ("a.txt", "road\nsky\n", "expected a table of classes, found road on its first line"),
        ("a.txt", "0 0 0 road\n1 1 sky", "line 2: expected `r g b name`, found 1 1 sky"),
        (
            "a.txt",
            "0 0 999 road",
            "line 1: expected a colour of three numbers from 0 to 255, found 0 0 999",
        ),
        ("a.txt", "road:::\n\nsky", "line 3: expected `name:r,g,b:parts:actions`, found sky"),
        ("a.csv", "name,r,g,b\nroad,1,2", "line 2: expected 4 values (name, r, g, b), found road, 1, 2"),
        ("a.csv", "Pixel Value,Class\nx,road", "line 2: expected a whole number, found x"),
        ("a.csv", f"Pixel Value,Class\n{'9' * 5000},road", "line 2: expected a whole number, found "),
        ("a.csv", "Pixel Value,Class\n", "expected a table of classes, found one without classes"),
        ("a.csv", "name,r,g,b\nroad,1,2,3\nroad,4,5,6", "class name `road` is given twice"),
        ("a.json", "{", "no JSON: "),
        ("a.json", "[" * 100_000, "no JSON: "),
        ("a.json", "[1]", "expected a table of classes, found a list in JSON"),
        ("a.json", '{"a": 1}', "expected a table of classes, found JSON with the keys a"),
        ("a.json", '{"0": "road", "0": "sky"}', "the key 0 is given twice"),
        ("a.json", '{"id2label": [1]}', "expected `id2label` to be an object of ids and names"),
        ("a.json", '{"id2label": {"0": 1}}', "`id2label`: expected a name for 0, found 1"),
        ("a.json", '{"id2label": {"0.5": "road"}}', "`id2label`: expected a whole number, found 0.5"),
        ("a.json", '{"labels": {"a": true}}', "label a: expected a whole number, found True"),
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
        ("a.json", '{"categories": {}}', "`categories`: expected labels with names, found none: "),
        ("a.json", '{"categories": {"label": {"labels": []}, "mask": [1]}}', "`categories`: expected labels"),
        (
            "a.json",
            '{"a": {"type": "BrushLabels"}}',
            "expected a table of classes, found JSON with the keys a",
        ),
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
