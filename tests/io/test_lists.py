"""Lists that choose the images: what a line may be, and that a wrong one is never passed over."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from segscore import ArgumentError, FileFormatError, PairingError
from segscore.io.pairing import pair
from segscore.io.targets import named_targets
from support.refused import refused

CITY = [f"{city}/{city}_0_{i}" for city in ("aachen", "bonn") for i in range(3)]
"""Images as Cityscapes calls them."""
ROOT = "leftImg8bit/val"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Predictions, photographs and targets of Cityscapes' kind, and flat ones of VOC's."""
    for name in CITY:
        for file in (
            f"pred/{name}.png",
            f"{ROOT}/{name}_leftImg8bit.png",
            f"gtFine/val/{name}_gtFine_ids.png",
        ):
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).touch()
    for side in ("flat", "masks"):
        (tmp_path / side).mkdir()
        for i in range(4):
            (tmp_path / side / f"2007 {i}.png").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def of_list(
    given: str | bytes | Sequence[str], pred: str, target: str, pattern: str | None = None
) -> list[str]:
    if isinstance(given, str | bytes):
        Path("val.txt").write_bytes(given if isinstance(given, bytes) else given.encode())
        given = "val.txt"
    found = pair(pred, target, pattern, list=given)
    assert found.extra == found.left_out == ()
    for row in found.pairs:
        key = row.name.rpartition("/")[2]
        assert all(key in path for path in row[1:])
    return [row.name for row in found.pairs]


@pytest.mark.parametrize(
    "text",
    [
        "2007 3\n2007 1\n",
        "2007 1.png\n2007 3.jpg",
        "# val\r\n\r\n2007 3\r\n  2007 1  \r\n",
        b"\xef\xbb\xbf2007 1\n2007 3\n",
        "2007 1\r\n2007 3".encode("utf-16"),
        "JPEGImages/2007 1.jpg\nJPEGImages/2007 3.jpg\n",
        "/masks/2007 1.png\n./masks/2007 3.png",
        "JPEGImages/2007 1.jpg,Seg/2007 1.png\nJPEGImages/2007 3.jpg,Seg/2007 3.png\n",
        "JPEGImages/2007 1.jpg\tSeg/2007 1.png\nJPEGImages/2007 3.jpg\tSeg/2007 3.png\n",
        ["2007 3", "2007 1"],
    ],
)
def test_the_images_of_a_list_count_in_the_usual_order(folder: Path, text: str | bytes | list[str]) -> None:
    assert of_list(text, "flat", "masks") == ["2007 1", "2007 3"]


IDS = "{id}_gtFine_ids"
CHOSEN = [CITY[1], CITY[4]]


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("{0}", IDS),
        ("val/{0}", IDS),
        ("{0}_gtFine_ids.png", IDS),
        ("gtFine/val/{0}_gtFine_ids.png", IDS),
        (ROOT + "/{0}_leftImg8bit.png gtFine/val/{0}_gtFine_ids.png", IDS),
        (ROOT + "/{0}_leftImg8bit.png\tgtFine/val/{0}_gtFine_ids.png", IDS),
        ("runs/{0}.png {0}_gtFine_ids.png", None),
        ("/net/pred/{0}.png /data/gt/{0}_gtFine_ids.png", None),
    ],
)
def test_names_and_pairs_of_cityscapes(folder: Path, line: str, pattern: str | None) -> None:
    text = "\n".join(line.format(name) for name in reversed(CHOSEN))
    expected = CHOSEN if pattern else [f"{name}_gtFine_ids" for name in CHOSEN]
    if pattern is None:
        Path("val.txt").write_text(text)
        found = pair("pred", "gtFine/val", list="val.txt")
        assert found.pairs == tuple(
            (f"{name}_gtFine_ids", f"pred/{name}.png", f"gtFine/val/{name}_gtFine_ids.png") for name in CHOSEN
        )
    else:
        assert of_list(text, "pred", "gtFine/val", pattern) == expected


def test_pairs_of_unlike_names_are_compared_as_they_are_listed(folder: Path) -> None:
    for text in ("flat/2007 1.png,masks/2007 2.png", "flat/2007 1.png\tmasks/2007 2.png\r\n"):
        Path("val.txt").write_text(text)
        (row,) = pair("flat", "masks", list="val.txt").pairs
        assert row == ("2007 2", "flat/2007 1.png", "masks/2007 2.png")


@pytest.mark.parametrize("line", ["a b", "a,b.png", "a.png\tb", "masks/a.png masks/b.png", "val/a val/b"])
def test_two_images_on_one_line_are_no_pair(folder: Path, line: str) -> None:
    for name in ("flat/a.png", "masks/a.png", "flat/b.png", "masks/b.png"):
        Path(name).touch()
    shown = repr(line) if "\t" in line else line
    said = (
        "`list`: expected a name or the two paths of a pair in each line of %s, found two names of images in "
        f"line 1: {shown}\nhint: write one name a line"
    )
    hint = "; a pair of unlike names has the folders of both sides: flat/a.png,masks/b.png"
    Path("val.txt").write_text(f"{line}\n")
    assert refused(PairingError, pair, "flat", "masks", list="val.txt") == said % "val.txt" + hint
    assert refused(PairingError, pair, "flat", "masks", list=[line]) == said % "1 name" + hint
    assert refused(PairingError, named_targets, "masks", None, (), "val.txt") == said % "val.txt"
    Path("val.txt").write_text(hint.rpartition(" ")[2])  # which can be followed
    assert pair("flat", "masks", list="val.txt").pairs == (("b", "flat/a.png", "masks/b.png"),)
    Path("flat/a.png").unlink()  # also where an image has no prediction, which would not be missing
    assert refused(PairingError, pair, "flat", "masks", list=[line]) == said % "1 name"


def test_a_list_of_photographs_chooses_targets_through_them(folder: Path) -> None:
    Path("val.txt").write_text("\n".join(f"{ROOT}/{name}_leftImg8bit.png" for name in CHOSEN))
    found = pair(
        ROOT, "gtFine/val", "{id}_leftImg8bit:{id}_gtFine_ids", suffixes=None, images=True, list="val.txt"
    )
    assert [row.name for row in found.pairs] == CHOSEN


def test_a_prediction_that_a_list_names_and_is_not_there_is_missing(folder: Path) -> None:
    Path("flat/2007 2.png").unlink()
    Path("val.txt").write_text("2007 1\n2007 2\n")
    assert pair("flat", "masks", list="val.txt").missing == ("2007 2",)
    Path("val.txt").write_text("flat/2007 1.png,2007 1\nflat/2007 2.png,2007 2\n")
    assert pair("flat", "masks", list="val.txt").missing == ("2007 2",)


def test_names_that_are_missing_are_shown_with_their_lines(folder: Path) -> None:
    other = "\nhint: files there are called as 2007 0 is, with or without ending"
    Path("val.txt").write_text("2007 1\n\n" + "".join(f"x{i}\n" for i in range(5)))
    assert refused(PairingError, pair, "flat", "masks", list="val.txt") == (
        "`list`: 5 of 6 names in val.txt are not in masks:\n"
        "  line 3: x0\n  line 4: x1\n  line 5: x2\n  and 2 more" + other
    )
    Path("val.txt").write_text("flat/2007 1.png,masks/2007 1.png\nx,y\n")
    assert refused(PairingError, pair, "flat", "masks", list="val.txt") == (
        "`list`: 1 of 2 names in val.txt is not in masks:\n  line 2: y" + other
    )
    # Folders that are not there must be the same in all lines.
    Path("val.txt").write_text("a/2007 1\nb/2007 2\n")
    assert refused(PairingError, pair, "flat", "masks", list="val.txt") == (
        "`list`: 2 of 2 names in val.txt are not in masks:\n  line 1: a/2007 1\n  line 2: b/2007 2" + other
    )
    Path("val.txt").write_text("2007_0  1\n2007_1 -1\n")
    assert refused(PairingError, pair, "flat", "masks", list="val.txt") == (
        "`list`: 2 of 2 names in val.txt are not in masks:\n  line 1: 2007_0  1\n  line 2: 2007_1 -1\n"
        "hint: these are flags of one class, as VOC has in ImageSets/Main; take a list of names, such as "
        "those in ImageSets/Segmentation"
    )


@pytest.mark.parametrize("second", ["2007 1", "2007 1.png", "masks/2007 1.png"])
def test_a_name_that_is_there_twice(folder: Path, second: str) -> None:
    Path("val.txt").write_text(f"2007 1\n2007 2\n{second}\n2007 2\n")
    assert refused(PairingError, pair, "flat", "masks", list="val.txt") == (
        "`list`: 2007 1 is in val.txt more than once, in lines 1 and 3, and 1 other\n"
        "hint: an image is scored once: remove the other lines"
    )


def test_what_is_no_list(folder: Path) -> None:
    def said(content: bytes) -> str:
        Path("val.txt").write_bytes(content)
        return refused(FileFormatError, pair, "flat", "masks", list="val.txt")

    empty = (
        "`list`: expected a name in each line of val.txt, found none\n"
        "hint: write one name a line; lines that begin with # are comments"
    )
    assert said(b"") == said(b"\xef\xbb\xbf# nothing\n \n") == empty
    binary = (
        "`list`: expected a text file of names, found a binary file at val.txt\nhint: write one name a line"
    )
    assert said(b"\x89PNG\r\n\0\0") == said(b"\xff\xfe\0\xd8") == binary
    assert said(b"a,b\nd,e,f") == (
        "`list`: expected a name or two paths in each line of val.txt, found 3 columns in line 2: d,e,f\n"
        "hint: write one name a line, or the two paths of a pair"
    )
    assert refused(FileFormatError, pair, "flat", "masks", list="/dev/zero") == (
        "`list`: /dev/zero cannot be read: it holds more than 134,217,728 bytes\n"
        "hint: give the path of a text file of names"
    )
    assert refused(FileFormatError, pair, "flat", "masks", list="masks") == (
        "`list`: masks cannot be read: Is a directory\nhint: give the path of a text file of names"
    )
    assert refused(ArgumentError, pair, "flat", "masks", list=7) == (
        "`list` is of type int\nhint: give the path of a file, or a list of names"
    )
    assert refused(ArgumentError, pair, ["a.png"], ["b.png"], list=["a"]) == (
        "`list` is given with two lists of paths\n"
        "hint: it chooses files of folders; leave out of both lists what is not to be scored"
    )


@pytest.mark.parametrize(("pred", "target"), [(".", "."), ("flat", "."), (".", "masks"), ("../here", ".")])
def test_pairs_of_one_folder_are_told_by_their_folders(folder: Path, pred: str, target: str) -> None:
    """What is a prediction is no image of a target, though the folder of targets holds it as well."""
    if pred == "../here":
        (folder.parent / "here").unlink(missing_ok=True)
        (folder.parent / "here").symlink_to(folder)
    Path("val.txt").write_text("flat/2007 1.png,masks/2007 2.png\nflat/2007 2.png,masks/2007 3.png\n")
    found = pair(pred, target, list="val.txt").pairs
    assert [[path.rpartition("/")[2] for path in row[1:]] for row in found] == [
        ["2007 1.png", "2007 2.png"],
        ["2007 2.png", "2007 3.png"],
    ]


ONE_EACH = "`{0}`: expected one file for each name, found 1 name with several in {1}:\n  2007 2: 2007 2.npy, "
ONE_EACH += '2007 2.png\nhint: `pairing="{2}"` takes the .png files only'


@pytest.mark.parametrize("side", ["flat", "masks"])
def test_names_that_several_files_have_matter_only_in_the_list(folder: Path, side: str) -> None:
    Path(side, "2007 2.npy").touch()
    assert of_list("2007 1\n2007 3\n", "flat", "masks") == ["2007 1", "2007 3"]
    assert of_list("flat/2007 1.png,masks/2007 1.png\n", "flat", "masks") == ["2007 1"]
    argument, pattern = ("pred", "{id}.png:{id}") if side == "flat" else ("target", "{id}:{id}.png")
    said = ONE_EACH.format(argument, side, pattern)
    for text in ("2007 1\n2007 2\n", "flat/2007 1,masks/2007 1\nflat/2007 2,masks/2007 2\n"):
        Path("val.txt").write_text(text)
        assert refused(PairingError, pair, "flat", "masks", list="val.txt") == said
        assert of_list(text, "flat", "masks", pattern) == ["2007 1", "2007 2"]  # so the hint can be followed
    # A line with its ending names one file.
    assert of_list("flat/2007 2.png,masks/2007 2.png\n", "flat", "masks") == ["2007 2"]


def test_targets_alone_that_several_files_have_matter_only_in_the_list(folder: Path) -> None:
    Path("masks/2007 2.npy").touch()
    assert [*named_targets("masks", None, (), ["2007 1"]).paths] == ["2007 1"]
    said = ONE_EACH.format("target", "masks", "{id}:{id}.png")
    assert refused(PairingError, named_targets, "masks", None, (), ["2007 2"]) == said
    assert refused(PairingError, named_targets, "masks", None, ()) == said


@pytest.mark.parametrize("side", ["flat", "masks"])
def test_files_of_a_class_that_are_there_twice_matter_only_in_the_list(folder: Path, side: str) -> None:
    for one in ("flat", "masks"):
        for name in ("0_cat.png", "0_dog.png", "1_cat.png", "1_dog.png"):
            Path(one, name).touch()
        for i in range(4):
            Path(one, f"2007 {i}.png").unlink()
    Path(side, "1_dog.npy").touch()
    pattern = "{id}_{class}:{id}_{class}"
    assert [row.name for row in pair("flat", "masks", pattern, list=["0"], by_class=True).pairs] == ["0"]
    argument = "pred" if side == "flat" else "target"
    for names in (["1"], ["0", "1"], None):
        assert refused(PairingError, pair, "flat", "masks", pattern, list=names, by_class=True) == (
            f"`{argument}`: expected one file for each class of an image, found several:\n"
            "  1: 1_dog.npy, 1_dog.png\n"
            "hint: rename files, or give a pattern that describes one of them"
        )
