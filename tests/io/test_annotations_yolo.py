"""Text files of YOLO: datasets and folders, names of classes, sizes, boxes, scores, and what is wrong."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import FileFormatError, SegscoreError, evaluate
from segscore.io.annotations.paths import is_annotated
from segscore.io.annotations.reading import read_annotations
from segscore.io.annotations.yolo import names_of
from support.annotated import CAR, DOG, HEIGHT, WIDTH, bits, classes_of, corners, findings, planes, written
from support.command_line import failed, run
from support.refused import refused

SIZE = WIDTH, HEIGHT


def line(label: int, box: tuple[int, int, int, int], *more: float) -> str:
    shares = np.array(corners(*box)).reshape(-1, 2) / SIZE
    return " ".join(map(str, [label, *shares.ravel().tolist(), *more]))


def dataset(folder: Path, layout: str = "labels/train") -> Path:
    """Write two images, of which one has two objects and the other no file."""
    written(
        folder, "train: images/train\nnames:\n  0: dog  # a comment\n  1: 'car: blue'\nnc: 2\n", "data.yaml"
    )
    written(folder, f"{line(1, CAR)}\n\n{line(0, DOG, 0.75)}\n0 .5 .5 .2 .2\n", f"{layout}/a.b.txt")
    images = folder / layout.replace("labels", "images")
    images.mkdir(parents=True)
    Image.new("L", SIZE).save(images / "a.b.png")
    Image.new("L", (3, 2)).save(images / "empty.jpg")
    return folder


@pytest.mark.parametrize(
    ("layout", "before"), [("labels/train", "train/"), ("train/labels", "train/"), ("labels", "")]
)
def test_a_dataset(tmp_path: Path, layout: str, before: str) -> None:
    written(tmp_path, "exported by", "README.dataset.txt")
    found = read_annotations(dataset(tmp_path, layout))
    assert (found.format, found.names) == ("yolo", ("dog", "car: blue"))
    assert [one.image.name for one in found.images] == [f"{before}a.b", f"{before}empty"]
    assert [one.image.file for one in found.images] == [f"{before}a.b.png", f"{before}empty.jpg"]
    assert [one.masks.size for one in found.images] == [(HEIGHT, WIDTH), (2, 3)]
    assert (classes_of(found), [one.score for one in found.images[0].objects]) == (
        ["car: blue", "dog"],
        [None, 0.75],
    )
    assert [one.tolist() for one in planes(found)] == [bits(CAR).tolist(), bits(DOG).tolist()]
    assert found.facts[1:] == (
        "painted as COCO does, smaller ones on top",
        "1 left out: objects with a box and no mask",
        "1 object with a score, as predictions have",
    )


def test_a_folder_of_labels_and_one_file(tmp_path: Path) -> None:
    folder = dataset(tmp_path / "data") / "labels" / "train"
    found = read_annotations(folder, "yolo")
    assert ([one.image.name for one in found.images], found.names) == (["a.b", "empty"], ("dog", "car: blue"))
    alone = read_annotations(folder / "a.b.txt", "yolo")
    assert ([one.image.name for one in alone.images], alone.images[0].masks.size) == (
        ["a.b"],
        (HEIGHT, WIDTH),
    )
    away = written(tmp_path / "away", line(7, CAR), "x.txt")
    assert findings(away, "yolo") == [": expected the size of x.jpg, which the file does not say"]
    numbered = read_annotations(away, "yolo", size=SIZE)
    assert (numbered.names, planes(numbered)[0].tolist()) == (("7",), bits(CAR).tolist())


def test_a_dataset_takes_the_place_of_targets(tmp_path: Path) -> None:
    target = dataset(tmp_path / "data")
    labels = target / "labels" / "train" / "a.b.txt"
    scored = f"{labels}, line 3: expected a target, which has no score, found the score 0.75"
    hint = "one number more than pairs of x and y is read as a score: check that none is lost"
    for options in ({}, {"instances": "coco"}):
        assert refused(FileFormatError, segscore.evaluate, pred=target, target=target, **options) == (
            f"{scored}\nhint: {hint}"
        )
    labels.write_text(labels.read_text().replace(" 0.75", ""))
    pred = tmp_path / "pred" / "train"
    pred.mkdir(parents=True)
    for name, size in (("a.b", SIZE), ("empty", (3, 2))):
        Image.new("L", size).save(pred / f"{name}.png")
    ev = segscore.evaluate(
        pred=pred.parent, target=target, classes=["bg", "dog", "car: blue"], progress=False
    )
    assert ev.confusion.counts.tolist() == [[32 + 6, 0, 0], [10, 0, 0], [6, 0, 0]]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [a, 'b, c', \"d\"]", ["a", "b, c", "d"]),
        ("nc: 2\nnames: ['a',\n  'b']\n", ["a", "b"]),
        ("names:\n- a\n- 'b # c'\nval: x", ["a", "b # c"]),
        ("names:\n\n  1: b\n  # two\n  0: it's\n", ["it's", "b"]),
        ("names: {1: 'b: c', 0: a}  # two", ["a", "b: c"]),
        ("names: {0: a,\n  1: b}\nnc: 2", ["a", "b"]),
    ],
)
def test_names_of_classes(text: str, names: list[str]) -> None:
    assert names_of(text.encode()) == names


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    lines = [
        "2 0 0 1 0 1 1",
        "x 0 0 1 0 1 1",
        "0 0 0 1 0 1",
        "0 0 0 1 0 1 nan",
        "0 .1 .1 1e9 .1 .1 .2",
        "0.5 0 0 1 0 1 1",
    ]
    folder = dataset(tmp_path)
    written(folder, "\n".join(lines), "labels/train/empty.txt")
    assert findings(folder) == [
        "/labels/train/empty.txt, line 1: expected the number of a class below 2, found 2",
        "/labels/train/empty.txt, line 2: expected a number of a class and shares of the size, found "
        "'x 0 0 1 0 1 1'",
        "/labels/train/empty.txt, line 4: expected a number of a class and shares of the size, found "
        "'0 0 0 1 0 1 nan'",
        "/labels/train/empty.txt, line 5: expected a share from 0 to 1, found 1000000000.0",
        "/labels/train/empty.txt, line 6: expected a number of a class and shares of the size, found "
        "'0.5 0 0 1 0 1 1'",
    ]
    (folder / "labels/train/empty.txt").write_bytes(b"\xff\xfe")
    assert findings(folder) == ["/labels/train/empty.txt: expected text in UTF-8, found other bytes"]
    for text, message in (
        ("nc: 2", "expected `names` of classes, found none"),
        ("names: [a", "expected a list of `names` that ends, found none"),
        ("names: {0: a", "expected a list of `names` that ends, found none"),
        ("names: []", "expected `names` as a list, or numbers from 0 with names, found '[]'"),
        ("names: {a: 0}", "expected `names` as a list, or numbers from 0 with names, found '{a: 0}'"),
        ("names: [a, b, a]", "expected `names` that differ, found a more than once"),
        ("names: [a]\nnames: [b]", "expected `names` of classes once, found them 2 times"),
        (
            "names:\n  0: a\n  0: b",
            "expected `names` as a list, or numbers from 0 with names, found [(0, 'a'), (0, 'b')]",
        ),
        ("names: a", "expected `names` as a list, or numbers from 0 with names, found 'a'"),
        ("names:\nnc: 2", "expected `names` as a list, or numbers from 0 with names, found none"),
        (
            "names:\n  0: a\n  2: b",
            "expected `names` as a list, or numbers from 0 with names, found [(0, 'a'), (2, 'b')]",
        ),
    ):
        (folder / "data.yaml").write_text(text)
        assert findings(folder)[0] == f"/data.yaml: {message}"


def test_a_folder_without_names_is_no_dataset(tmp_path: Path) -> None:
    written(tmp_path, line(0, CAR), "a.txt")
    said = (
        f"{tmp_path}: expected a `data.yaml` with the `names` of classes, found texts alone, as YOLO's\n"
        "hint: write it there: `names: [road, sky]`, in the order of the numbers in the texts"
    )
    assert refused(FileFormatError, read_annotations, tmp_path) == said
    (other := tmp_path.parent / "other.json").write_text("[]")
    for given in ({"pred": tmp_path, "target": other}, {"pred": other, "target": tmp_path}):
        assert refused(FileFormatError, segscore.evaluate, **given, instances="coco") == said


def test_shares_are_those_of_the_size(tmp_path: Path) -> None:
    outline = np.array([[-1e-3, 0], [1 + 1e-3, 0], [1.0005, 1], [0, 1.0005]])
    numbers = " ".join(map(str, outline.ravel().tolist()))
    path = written(tmp_path, f"0 {numbers}", "a.txt")
    found = read_annotations(path, "yolo", size=SIZE)
    assert found.images[0].image.objects[0].masks[0].parts[0].tolist() == [0, 0, 8, 0, 8, 6, 0, 6]
    lines = ["0 45.6 12 0.5 1 0 1", "0 0.1 0.1 0.5 1 0 -0.0011", "0 0.5 0.5 1.002 0.1", "0 3 0.5 0.1 0.1 0.9"]
    assert findings(written(tmp_path, "\n".join(lines), "a.txt"), "yolo", size=SIZE) == [
        f"line {i}: expected a share from 0 to 1, found {value}"
        for i, value in enumerate((45.6, -0.0011, 1.002, 3.0), 1)
    ]


def test_boxes_alone_are_no_masks(tmp_path: Path) -> None:
    path = written(tmp_path, "0 .5 .5 .2 .2\n1 .5 .5 .2 .2 .9", "a.txt")
    assert refused(FileFormatError, lambda: read_annotations(path, "yolo", size=SIZE)) == (
        f"{path}: none of 2 objects has a mask\nhint: scores are of masks, not of boxes"
    )


@pytest.mark.parametrize("beside", [(), ("a.jpg",), (".DS_Store", "objects.json"), ("b.txt", "notes.txt")])
def test_a_folder_of_texts_without_names_says_what_is_missing(
    tmp_path: Path, beside: tuple[str, ...]
) -> None:
    folder = tmp_path / "labels"
    folder.mkdir()
    (folder / "a.txt").write_text("0 0.1 0.1 0.9 0.1 0.9 0.9\n")
    for name in beside:
        (folder / name).write_bytes(b"")
    pred = tmp_path / "pred"
    pred.mkdir()
    np.save(pred / "a.npy", np.zeros((10, 10), np.uint8))
    said = (
        f"{folder}: expected a `data.yaml` with the `names` of classes, found texts alone, as YOLO's\n"
        "hint: write it there: `names: [road, sky]`, in the order of the numbers in the texts"
    )
    for classes in (None, 2):
        given = {"pred": pred, "target": folder, "classes": classes}
        assert refused(FileFormatError, evaluate, **given, progress=False) == said
    given = ("--pred", str(pred), "--target", str(folder), "--no-progress")
    assert failed(run("evaluate", *given)) == said
    assert failed(run("evaluate", *given, "--size", "10x10")) == said
    # The file of the whole dataset is above its folders, and no folder that holds masks is one of texts.
    (tmp_path / "data.yaml").write_text("names: [road]\n")
    assert read_annotations(folder, size=(10, 10)).names == ("road",)
    (pred / "README.txt").write_text("masks")
    assert not is_annotated(str(pred))


@pytest.mark.parametrize(
    "texts",
    [
        {"a.jpg": "", "readme.txt": "One image.\n"},
        {"notes.txt": "10 images of 2 cameras\n", "b.txt": "640 480\n"},
        {"empty.txt": ""},
        {"split.txt": "\n".join(f"{i}.png" for i in range(5_000))},
    ],
)
def test_a_folder_of_other_texts_is_none_of_yolo(tmp_path: Path, texts: dict[str, str]) -> None:
    for name, content in texts.items():
        (tmp_path / name).write_text(content)
    assert not is_annotated(str(tmp_path))
    with pytest.raises(SegscoreError) as raised:
        evaluate(pred=tmp_path, target=tmp_path, classes=2, progress=False)
    assert "data.yaml" not in str(raised.value)


def test_the_beginning_of_a_text_tells_whether_it_is_of_yolo(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"\n0 {'0.25 ' * 2_000}\n")
    assert is_annotated(str(tmp_path))
    (tmp_path / "a.txt").unlink()
    os.mkfifo(tmp_path / "a.txt")
    assert not is_annotated(str(tmp_path))


def test_a_size_of_too_many_pixels(tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text("names: [road]\n")
    (tmp_path / "a.txt").write_text("0 0.1 0.1 0.9 0.1 0.9 0.9\n")
    assert refused(FileFormatError, read_annotations, tmp_path, size=(999_999, 999_999)) == (
        f"{tmp_path}/a.txt: expected an image of at most 268,435,456 pixels, found 999999 x 999999\n"
        "hint: check the size given; if it is really so large, raise `max_pixels`"
    )


def test_a_photograph_of_too_many_pixels(tmp_path: Path) -> None:
    written(tmp_path / "labels", "0 0.1 0.1 0.9 0.1 0.9 0.9\n", "a.txt")
    for name in ("images", "given"):
        folder = tmp_path / name
        folder.mkdir()
        Image.new("L", (8, 6)).save(folder / "a.jpg")
        given = {"images": folder} if name == "given" else {}
        assert refused(FileFormatError, read_annotations, tmp_path, "yolo", max_pixels=47, **given) == (
            f"{tmp_path}/labels/a.txt: expected an image of at most 47 pixels, found 6 x 8 in "
            f"{folder}/a.jpg\n"
            "hint: raise `max_pixels` if the photograph is meant to be so large; else use a smaller one"
        )
