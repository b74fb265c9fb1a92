"""Kaggle's run lengths: pairs by columns, rows without objects, classes, sizes, and what is wrong."""

from pathlib import Path

import numpy as np

from segscore import FileFormatError
from segscore.io.annotations.reading import read_annotations
from support.annotated import CAR, DOG, HEIGHT, WIDTH, bits, classes_of, findings, planes, written
from support.refused import refused

SIZE = (WIDTH, HEIGHT)


def pairs(mask: np.ndarray) -> str:
    """Return starts from 1 and lengths of a mask, by columns."""
    flat = [0, *mask.T.ravel().astype(int).tolist(), 0]
    starts = [i for i in range(1, len(flat)) if flat[i] > flat[i - 1]]
    ends = [i for i in range(1, len(flat)) if flat[i] < flat[i - 1]]
    return " ".join(f"{start} {end - start}" for start, end in zip(starts, ends, strict=True))


def test_a_row_is_an_object(tmp_path: Path) -> None:
    rows = [f"a.jpg,{pairs(bits(CAR))}", "b.jpg,", "c.jpg,-1", f"a.jpg,{pairs(bits(DOG))}"]
    text = "\r\n".join(["ImageId,EncodedPixels", *rows, ""])
    found = read_annotations(written(tmp_path, text, "train.csv"), size=SIZE)
    assert (found.format, found.names, len(found.images[1].objects)) == ("kaggle", ("object",), 0)
    assert [one.image.name for one in found.images] == ["a", "b", "c"]
    assert [one.tolist() for one in planes(found)] == [bits(CAR).tolist(), bits(DOG).tolist()]
    assert found.facts[0] == "2 objects of 1 class in 3 images, read as Kaggle's run lengths"


def test_columns_of_other_names_and_classes(tmp_path: Path) -> None:
    text = f'\ufeffimg_extra,id,class,rle\nx,a,dog,"{pairs(bits(DOG))}"\nx,a,car,{pairs(bits(CAR))}\n\n'
    found = read_annotations(written(tmp_path, text, "a.csv"), "kaggle", size=SIZE)
    assert (found.names, classes_of(found)) == (("car", "dog"), ["dog", "car"])


def test_runs_in_any_order(tmp_path: Path) -> None:
    found = read_annotations(written(tmp_path, "ImageId,EncodedPixels\na,7 2 1 2 3 1\n", "a.csv"), size=SIZE)
    assert planes(found)[0].tolist() == bits((0, 0, 1, 3), (1, 0, 1, 2)).tolist()


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    rows = [
        "a",
        "b,1 2 3",
        "b,1 x",
        "b,0 2",
        "b,1 0",
        "b,47 3",
        "b,1 3 3 2",
        "b,1 99999999999999999999",
        "../c,",
        "b,9 4",
    ]
    path = written(tmp_path, "ImageId,EncodedPixels\n" + "\n".join(rows), "a.csv")
    assert findings(path, size=SIZE) == [
        "line 2: expected 2 fields, found 1",
        "line 3: expected pairs of a start and a length, found 3 numbers",
        "line 4: expected pairs of a start and a length, found '1 x'",
        "line 5: expected starts from 1 on, found 0",
        "line 6: expected lengths of 1 or more, found 0",
        "line 7: expected pixels 1 to 6 x 8 = 48, found 49; is it the `size` of the images?",
        "line 8: expected runs that do not overlap, found them do so at pixel 3",
        "line 9: expected pairs of a start and a length, found '1 99999999999999999999'",
        "../c: expected the name of an image, found '../c'",
    ]
    relative = written(tmp_path, "ImageId, EncodedPixels\na,20 2 4 3 4 2\n", "b.csv")
    assert refused(FileFormatError, lambda: read_annotations(relative, size=SIZE)) == (
        f"{relative}, line 2: expected runs that do not overlap, found them do so at pixel 4\n"
        "hint: where starts are counted from the end of the run before, as in SIIM-ACR, count them from "
        "pixel 1"
    )
    assert findings(path)[1] == "line 3: expected the size of b, which the file does not say"


def test_other_tables_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "name,r,g,b\ncar,1,2,3\n", "a.csv")
    assert findings(path) == [": expected annotations of a format that is known, found others"]
    assert findings(path, "kaggle") == [
        ": expected columns such as ImageId and EncodedPixels, found name, r, g, b"
    ]
    assert findings(written(tmp_path, "", "b.csv"), "kaggle") == [
        ": expected columns such as ImageId and EncodedPixels, found none"
    ]
    (tmp_path / "c.csv").write_bytes(b"ImageId,EncodedPixels\n\xff,")
    assert findings(tmp_path / "c.csv") == [": expected text in UTF-8, found other bytes"]
