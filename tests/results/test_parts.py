"""Selections and groups of images are what the images alone come to."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import segscore
from segscore import ArgumentError, Evaluation, Failure, FileFormatError, load
from segscore.results.selecting import taken
from support import hints
from support.random_masks import classes_of, evaluation_of, masks
from support.refused import refused

CLASSES = classes_of(3)
NAMES = ["fog_1", "rain_1", "rain_2", "sun_1", "sun_2"]
PAIRS = masks(3, 5, CLASSES, 12)
EV = evaluation_of(PAIRS, CLASSES, NAMES)


def only(*indices: int) -> Evaluation:
    return evaluation_of([PAIRS[i] for i in indices], CLASSES, [NAMES[i] for i in indices])


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.lists(st.booleans(), min_size=1, max_size=8).filter(any))
def test_a_selection_is_the_evaluation_of_its_images(seed: int, chosen: list[bool]) -> None:
    pairs = masks(seed, len(chosen), CLASSES)
    ev = evaluation_of(pairs, CLASSES)
    names = [name for name, take in zip(ev.names, chosen, strict=True) if take]
    expected = evaluation_of([pair for pair, take in zip(pairs, chosen, strict=True) if take], CLASSES, names)
    for which in (
        names,
        names[::-1],
        set(names),
        np.array(names),
        names.__contains__,
        chosen,
        np.array(chosen),
    ):
        found = ev.select(which)
        assert found == expected
        assert found.scores == expected.scores
        assert found.provenance["selection"] == f"{len(names)} of {len(chosen)} image{'s'[: len(chosen) > 1]}"
        np.testing.assert_array_equal(found.images.mean_image_iou, expected.images.mean_image_iou)


def test_any_true_value_of_a_function_selects_and_selections_are_selected_from() -> None:
    found = EV.select(re.compile("rain|sun").match)
    assert found == only(1, 2, 3, 4)
    again = found.select(lambda name: name.endswith("2"))
    assert again == only(2, 4)
    assert again.provenance["selection"] == "2 of 4 of 5 images"


def test_what_could_not_be_scored_is_in_no_selection_but_said(tmp_path: Path) -> None:
    ev = Evaluation(
        CLASSES,
        EV.names,
        EV.table,
        failures=(Failure("x", "damaged", None),),
        extra=("y",),
        resized=2,
        provenance={"pred": "p"},
    )
    found = ev.select(["rain_1", "sun_1"])
    assert (found.failures, found.extra, found.resized, found.requested) == ((), (), 0, 2)
    assert found.provenance == {
        "pred": "p",
        "selection": "2 of 5 images (1 more could not be scored)",
        "resized": "2 predictions among all 5 images were resized (nearest)",
    }
    assert found.to_dict()["derived"] == {key: found.provenance[key] for key in ("selection", "resized")}
    assert ev.to_dict()["derived"] == {}
    text = str(found)
    assert "a selection of 2 of 5 images (1 more could not be scored)\n" in text
    assert "2 predictions among all 5 images were resized (nearest)\n" in text
    found.save(tmp_path / "a.npz")
    assert load(tmp_path / "a.npz") == found
    assert str(load(tmp_path / "a.npz")) == text
    every = Evaluation(CLASSES, EV.names, EV.table, resized=5).select(["rain_1", "sun_1"])
    assert (every.resized, "resized" in every.provenance) == (2, False)


NOTHING = "no image is selected: 0 of 5\nhint: `ev.names` lists the images, `ev.images` has their scores"
WAYS = "hint: give a list of names, a function from a name to True or False, or one True or False an image"


@pytest.mark.parametrize(
    ("which", "message"),
    [
        (["rain_3"], "there is no image `rain_3`\nhint: the nearest are `rain_2`, `rain_1`"),
        ([3], "an image is named by a text, found 3\nhint: such as 'fog_1'"),
        (["sun_1", "sun_1"], "image `sun_1` is selected twice\nhint: name each image once"),
        ("sun_1", f"images are selected by 'sun_1'\n{WAYS}"),
        (3, f"images are selected by 3\n{WAYS}"),
        ([True, False], f"expected one True or False for each of 5 images, found 2\nhint: {hints.IN_ORDER}"),
        *((nothing, NOTHING) for nothing in ([], [False] * 5, lambda name: False)),
    ],
)
def test_what_selects_no_image_is_an_error(which: object, message: str) -> None:
    assert refused(ArgumentError, EV.select, which) == message


def test_images_without_rows_are_taken_too() -> None:
    ev = evaluation_of([(np.empty(0, int), np.empty(0, int)), *PAIRS[:2]], CLASSES, ["a", "b", "c"])
    found = taken(ev, np.array([0, 2]))
    assert (found.names, found.table.offsets[:2].tolist()) == (("a", "c"), [0, 0])
    assert found.select(["c"]).scores == ev.select(["c"]).scores


# Groups

WEATHER = ["fog", "rain", "rain", "sun", "sun"]


@pytest.mark.parametrize(
    "by",
    [
        WEATHER,
        np.array(WEATHER),
        dict(zip([*NAMES, "other"], [*WEATHER, "snow"], strict=True)),
        lambda name: name.split("_")[0],
        r"^(\w+)_",
        re.compile("([a-z]+)"),
        r"^(?P<group>\w+)_(?P<number>\d)",
    ],
)
def test_groups_are_selections_in_sorted_order(by: object) -> None:
    found = EV.group_by(by)  # type: ignore[arg-type]
    assert list(found) == ["fog", "rain", "sun"]
    assert dict(found) == {"fog": only(0), "rain": only(1, 2), "sun": only(3, 4)}
    assert found["rain"].provenance == {"selection": "2 of 5 images", "group": "rain"}
    assert sum((part.confusion for part in found.values()), start=0) == EV.confusion


def test_groups_of_numbers_are_sorted_as_numbers() -> None:
    found = EV.group_by(np.array([10, 9, 2, 10, 9]))
    assert list(found) == [2, 9, 10]
    assert found[10] == only(0, 3)
    inner = found[10].group_by(lambda name: name[0])
    assert inner["s"].provenance == {"selection": "1 of 2 of 5 images", "group": "10, s"}


def test_a_group_is_looked_up_as_in_any_mapping() -> None:
    found = EV.group_by(WEATHER)
    assert ("rain" in found, "rian" in found, [] in found) == (True, False, False)
    assert (found.get("snow"), found.get("snow", 3), len(found)) == (None, 3, 3)
    assert found == EV.group_by(r"^(\w+)_")
    assert repr(found) == "<Groups of images: 'fog': 1, 'rain': 2, 'sun': 2>"
    assert refused(ArgumentError, found.__getitem__, "rian") == (
        "there is no group `rian`\nhint: the nearest is `rain`"
    )


def test_the_table_of_groups_stays_within_its_columns() -> None:
    long = "the class with the longest of all names"
    classes = segscore.Classes([long, "sky", "car"], CLASSES.labels, ignore=[9], not_in_mean=[11])
    mask = np.array([10, 10, 12, 12])
    ev = evaluation_of([(mask[[0, 2, 2, 2]], mask), (mask, mask)], classes)
    groups = ev.group_by(["a very long name of a group of images", "\x1b[31m"])
    assert str(groups) == (
        "group          images  mean IoU  mean Dice  pixel accuracy  worst class\n"
        "\\x1b[31m            1    1.0000     1.0000          1.0000  the cl…names 1.0000\n"
        "a very…images       1    0.5833     0.7333          0.7500  the cl…names 0.5000"
    )
    nothing = evaluation_of([(np.array([10]), np.array([9]))], CLASSES).group_by(["x"])
    assert str(nothing).splitlines()[1].split() == ["x", "1", "—", "—", "—", "—"]


PARENTHESES = 'hint: such as r"^(\\w+)_": what matches within the parentheses is the group of the image'


@pytest.mark.parametrize(
    ("by", "message"),
    [
        (
            {"sun_1": "sun"},
            "`fog_1`, `rain_1`, `rain_2` and 1 more have no group\n"
            "hint: give each image a group, or `select` those that have one",
        ),
        (WEATHER[:2], f"expected one group for each of 5 images, found 2\nhint: {hints.IN_ORDER}"),
        (lambda name: None, "the group of `fog_1` is None\nhint: a group is named by a text or an integer"),
        (
            [1, 1, 1, "a", 1],
            "`fog_1` is in group 1, `sun_1` in group 'a'\nhint: name all groups by texts, or all by integers",
        ),
        (
            3,
            "images are grouped by 3\n"
            "hint: give a mapping, a function, a regular expression or one group an image",
        ),
        (
            r"(\w)\1",
            f"`(\\w)\\1` finds no group: `fog_1`, `rain_1`, `rain_2` and 2 more have none\n{PARENTHESES}",
        ),
        (
            r"^\w+_",
            f"expected a regular expression with one group, found 0 in `^\\w+_`\n{PARENTHESES}",
        ),
        (
            "(",
            f"`(` is no regular expression: missing ), unterminated subpattern at position 0\n{PARENTHESES}",
        ),
    ],
)
def test_what_gives_no_groups_is_an_error(by: object, message: str) -> None:
    assert refused(ArgumentError, EV.group_by, by) == message


@pytest.mark.parametrize(
    "arguments", [{}, {"by": WEATHER, "csv": "a", "column": "b"}, {"csv": "a"}, {"column": "b"}]
)
def test_groups_come_from_one_place(arguments: dict[str, object]) -> None:
    assert refused(ArgumentError, EV.group_by, **arguments) == (
        'images are grouped by `by`, or by `csv` and `column`\nhint: such as `csv="a.csv", column="weather"`'
    )


# Tables of attributes


def test_groups_are_read_from_a_csv_file(tmp_path: Path) -> None:
    path = tmp_path / "attributes.csv"
    rows = "\r\n".join(
        f'{i},"{weather}, wet",{name}' for i, (name, weather) in enumerate(zip(NAMES, WEATHER, strict=True))
    )
    path.write_bytes(f"\ufeffid,weather,image\r\n{rows}\r\n\r\n8,snow,train_1\r\n9,fog,train_1\r\n".encode())
    found = EV.group_by(csv=path, column="weather", key="image")
    assert {name: part.names for name, part in found.items()} == {
        "fog, wet": ("fog_1",),
        "rain, wet": ("rain_1", "rain_2"),
        "sun, wet": ("sun_1", "sun_2"),
    }


def test_undecodable_names_are_read_as_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"name,weather\na\xff,fo\xffg\n")
    ev = evaluation_of(PAIRS[:1], CLASSES, ["a\udcff"])
    assert list(ev.group_by(csv=tmp_path / "a.csv", column="weather")) == ["fo\udcffg"]


LINES = "".join(f"{name},{weather}\n" for name, weather in zip(NAMES, WEATHER, strict=True))


def no_column(name, found, hint):
    return f"expected one column `{name}`, found {found}\nhint: {hint}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", no_column("name", 0, "the file is empty")),
        (f"image,weather\n{LINES}", no_column("name", 0, "its columns are `image`, `weather`")),
        (f"name,city\n{LINES}", no_column("weather", 0, "its columns are `name`, `city`")),
        ("name,weather,weather\n", no_column("weather", 2, "its columns are `name`, `weather`, `weather`")),
        (
            f"name,weather\n{LINES}sun_1,fog\n",
            "two lines are of image `sun_1`\nhint: each image has one line",
        ),
        (
            f"name,weather\n{LINES}x,y,z\n",
            "expected 2 cells in each line, found 3 in `x`\n"
            "hint: cells that hold a comma stand in double quotes",
        ),
        (
            "name,weather\nfog_1,fog\nrain_1,rain\nsun_1,sun\nsun_2,sun\n",
            "`rain_2` has no line\nhint: its names are such as `fog_1`",
        ),
        (
            "name,weather\n",
            "`fog_1`, `rain_1`, `rain_2` and 2 more have no line\nhint: it has no lines but the titles",
        ),
    ],
)
def test_a_csv_file_that_does_not_fit_is_an_error(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    assert refused(FileFormatError, EV.group_by, csv=path, column="weather") == f"{path}: {message}"


def test_a_csv_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text(f"name,weather\n{'x' * 200_000},y\n")
    for name, why in (
        ("a.csv", "No such file or directory"),
        ("b.csv", "field larger than field limit (131072)"),
    ):
        assert refused(FileFormatError, EV.group_by, csv=tmp_path / name, column="weather") == (
            f"{tmp_path}/{name}: cannot be read: {why}\nhint: give the path of a CSV file"
        )
