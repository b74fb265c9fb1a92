"""Files of images by name: those in columns are what a dict of them is."""

import pickle

import pytest

from segscore.io.places import FileColumns, Files, files_of_images, photographs_in, with_contents

PREDS = {"a": "preds/a.png", "c": "preds/c.png"}
MADE = FileColumns(
    places={"a": 0, "c": 2},
    preds=PREDS.get,
    targets=["targets/a.png", "targets/b.png", None],
    images=["images/a.jpg", "images/b.jpg", "images/c.jpg"],
)
PLAIN = {
    "a": Files("preds/a.png", "targets/a.png", "images/a.jpg"),
    "c": Files("preds/c.png", None, "images/c.jpg"),
}


def content(path: str) -> bytes:
    return path.encode()


def test_they_are_those_of_a_dict() -> None:
    assert dict(MADE) == PLAIN
    assert (len(MADE), list(MADE), "c" in MADE, "b" in MADE) == (2, ["a", "c"], True, False)
    assert MADE.get("b") is None
    with pytest.raises(KeyError):
        MADE["b"]
    assert repr(MADE) == "<Files of 2 images>"
    assert dict(pickle.loads(pickle.dumps(MADE))) == PLAIN


@pytest.mark.parametrize("files", [MADE, PLAIN], ids=["columns", "dict"])
def test_both_are_chosen_counted_and_given_contents_alike(files: FileColumns | dict[str, Files]) -> None:
    assert dict(files_of_images(files, ["c", "b"])) == {"c": PLAIN["c"]}
    assert photographs_in(files) == 2
    assert photographs_in({name: Files(one.pred, one.target) for name, one in files.items()}) == 0
    found = with_contents(files, content)
    assert dict(found) == PLAIN
    assert [one.contents for one in found.values()] == [content, content]
    assert all(one.contents is None for one in files.values())


def test_a_prediction_is_looked_up_when_it_is_asked_for() -> None:
    asked: list[str] = []
    made = FileColumns(places={"a": 0, "b": 1}, preds=asked.append, targets=[None, None], images=None)
    assert (len(made), photographs_in(made), "a" in made, asked) == (2, 0, True, [])
    assert (made["b"], asked) == (Files(), ["b"])
