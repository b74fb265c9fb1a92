"""Folders that are told while somebody types a path: names alone, to nobody else, and not too many."""

import json
import os

import pytest

from segscore import Workspace
from segscore.app import folders
from segscore.app.folders import folders_of
from segscore.base.limits import MOST_TEXT
from support.applications import Visitor
from support.hostile_names import FILE_NAMES


@pytest.fixture
def here(tmp_path):
    """A folder with folders and other things in it."""
    for name in ("images", "Imagery", "masks/deep", ".hidden", "i mage"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "image.txt").write_text("a secret")
    (tmp_path / "link").symlink_to(tmp_path / "masks")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    os.mkfifo(tmp_path / "imaginary")
    return tmp_path


def paths(typed: str, here: object) -> list[str]:
    """Return the paths that are told."""
    return [folder["path"] for folder in folders_of(typed, str(here))["folders"]]


def test_folders_that_begin_as_the_text_does_are_told_as_it_was_typed(here, monkeypatch):
    assert paths("", here) == ["i mage/", "Imagery/", "images/", "link/", "masks/"]
    # Those that are written as it is come first.
    assert paths("im", here) == ["images/", "Imagery/"]
    assert paths("Im", here) == ["Imagery/", "images/"]
    assert paths("masks/", here) == paths("  masks/", here) == ["masks/deep/"]
    assert paths("link/d", here) == ["link/deep/"]
    assert paths("masks/../ima", here) == ["masks/../images/", "masks/../Imagery/"]
    assert paths(f"{here}/mas", "/nowhere") == [f"{here}/masks/"]
    assert paths(".", here) == [".hidden/"]
    monkeypatch.setenv("HOME", str(here))
    assert paths("~/mask", "/nowhere") == ["~/masks/"]
    assert folders_of("im", str(here)) == {
        "folders": [{"path": "images/", "shown": "images"}, {"path": "Imagery/", "shown": "Imagery"}],
        "said": "",
    }


def test_no_file_is_named(here):
    assert paths("image.", here) == []
    assert "secret" not in json.dumps(folders_of("", str(here)))
    assert "txt" not in json.dumps(folders_of("", str(here)))


def test_what_cannot_be_listed_says_why(here, monkeypatch):
    assert folders_of("nowhere/", str(here)) == {"folders": [], "said": "No such file or directory"}
    assert folders_of("image.txt/", str(here)) == {"folders": [], "said": "Not a directory"}
    assert folders_of("round/", str(here)) == {"folders": [], "said": "Too many levels of symbolic links"}
    assert folders_of("zz", str(here)) == {"folders": [], "said": "no folder in it begins like this"}
    assert folders_of(f"{'a' * 300}/", str(here)) == {"folders": [], "said": "File name too long"}
    for odd in ("a" * (MOST_TEXT + 1), "a\0/", "a\nb/", "\udcff/"):
        assert folders_of(odd, str(here)) == {"folders": [], "said": "this is no path of a folder"}

    # Tests may run as one who may read everything.
    def locked(folder):
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr(os, "scandir", locked)
    assert folders_of("masks/", str(here)) == {"folders": [], "said": "Permission denied"}


def test_names_that_no_field_can_hold_are_left_out_and_others_are_made_visible(tmp_path):
    for name in FILE_NAMES.values():
        (tmp_path / name).mkdir()
    os.mkdir(os.fsencode(tmp_path) + b"/no text \xff")
    (tmp_path / "two\nlines").mkdir()
    (tmp_path / "mirrored \u202e name").mkdir()
    told = folders_of("", str(tmp_path))["folders"]
    found = {folder["path"] for folder in told}
    every = set(os.listdir(tmp_path))
    assert found == {f"{name}/" for name in every if folders.is_text(name) and not name.startswith(".")}
    assert "mirrored \u202e name/" in found
    assert not any("\n" in path or "\udcff" in path for path in found)
    assert all(folder["shown"].isprintable() for folder in told)
    assert "mirrored \\u202e name" in [folder["shown"] for folder in told]
    json.dumps(told).encode()


def test_of_very_many_some_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "_TOLD", 3)
    for i in range(7):
        (tmp_path / f"scan_{i}").mkdir()
    assert folders_of("s", str(tmp_path)) == {
        "folders": [{"path": f"scan_{i}/", "shown": f"scan_{i}"} for i in range(3)],
        "said": "and 4 more: type on",
    }
    monkeypatch.setattr(folders, "_LOOKED_AT", 2)
    found = folders_of("s", str(tmp_path))
    assert len(found["folders"]) == 2
    assert found["said"] == "there are more than 2 entries: not all were looked at"


def test_folders_are_told_to_nobody_else(tmp_path):
    (tmp_path / "images").mkdir()
    workspace = Workspace.init(tmp_path)
    with Visitor(workspace) as visitor:
        answer = visitor.get("/folders", params={"path": f"{tmp_path}/i"})
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["folders"] == [{"path": f"{tmp_path}/images/", "shown": "images"}]
        # A relative path begins where the application was started.
        assert visitor.get("/folders").json()["folders"] == [{"path": "images/", "shown": "images"}]
        for said, query in (
            ("this is no path of a folder", "path=a%00b/"),
            ("No such file or directory", "path=a%ff/"),
        ):
            assert visitor.get(f"/folders?{query}").json() == {"folders": [], "said": said}
        assert visitor.get(f"/folders?path={'a' * 9000}").status_code == 414
        for headers in (
            {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
            {"origin": "https://evil.example"},
            {"host": "evil.example"},
        ):
            refused = visitor.get("/folders", headers=headers)
            assert refused.status_code in (403, 421)
            assert "images" not in refused.text
    with Visitor(workspace, let_in=False) as stranger:
        refused = stranger.get("/folders", params={"path": f"{tmp_path}/"})
        assert (refused.status_code, "images" in refused.text) == (403, False)
