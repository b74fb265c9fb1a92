"""Where files lie is known as whole paths, which are made when they are asked for."""

import pickle

import pytest

from segscore.io.places import Files, FilesAsGiven, files_of_images

GIVEN = FilesAsGiven(
    {"a": ("pred/a.png", "b.png"), "b": (None, "/data/target/b.png"), "c": ("pred/c.png", None)},
    {"pred/": "/work/pred/", "": "/work/", "/data/target/": "/data/target/"},
)


def test_paths_are_whole_and_those_that_are_not_known_are_none() -> None:
    assert dict(GIVEN) == {
        "a": Files("/work/pred/a.png", "/work/b.png"),
        "b": Files(None, "/data/target/b.png"),
        "c": Files("/work/pred/c.png"),
    }
    assert len(GIVEN) == 3
    assert "b" in GIVEN
    assert "d" not in GIVEN
    assert repr(GIVEN) == "<Files of 3 images>"
    with pytest.raises(KeyError):
        GIVEN["d"]


def test_some_of_them_and_copies_in_other_processes_are_the_same() -> None:
    some = files_of_images(GIVEN, ["c", "d", "a"])
    assert list(some) == ["c", "a"]
    assert some == {"a": GIVEN["a"], "c": GIVEN["c"]}
    assert pickle.loads(pickle.dumps(GIVEN)) == dict(GIVEN)
