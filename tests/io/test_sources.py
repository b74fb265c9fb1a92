"""Which files folders, glob patterns and lists stand for, seen through `pair`."""

import os
import pickle
import re
from pathlib import Path

import pytest

from segscore.errors import ArgumentError, PairingError
from segscore.io import sources
from segscore.io.kinds import MASK_SUFFIXES
from segscore.io.pairing import Pair, pair
from segscore.io.sources import find_files
from support.empty_files import fill, names, refusal
from support.refused import refused

MASKS = (
    ".bmp, .gif, .mha, .mhd, .nhdr, .nii, .nii.gz, .npy, .npz, .nrrd, .pbm, .pgm, .png, .pnm, .ppm, .tif, "
    ".tiff, .webp"
)

# Folders


def test_folders_are_matched_by_relative_path_without_ending(p: Path, t: Path) -> None:
    fill(p, "b.png", "a/x.npy", "a/deep/y.tif", "more.png", "zz/only.PNG")
    fill(t, "b.PNG", "a/x.tiff", "a/deep/y.png", "lost.png", "a/gone.npy")
    found = pair(p, str(t))
    assert found.pairs == (
        Pair("a/deep/y", f"{p}/a/deep/y.tif", f"{t}/a/deep/y.png"),
        Pair("a/x", f"{p}/a/x.npy", f"{t}/a/x.tiff"),
        Pair("b", f"{p}/b.png", f"{t}/b.PNG"),
    )
    assert found.missing == ("a/gone", "lost")
    assert found.extra == ("more.png", "zz/only.PNG")
    assert found.left_out == ()
    assert found.pattern is None
    assert pickle.loads(pickle.dumps(found)) == found


def test_a_trailing_slash_and_a_relative_path_change_nothing(
    p: Path, t: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(p, "a.png")
    fill(t, "a.png")
    monkeypatch.chdir(p)
    assert pair(".", "../t/").pairs == (Pair("a", "./a.png", "../t/a.png"),)


def test_hidden_and_other_files_are_passed_over(p: Path, t: Path) -> None:
    fill(p, "a.png", "._a.png", ".cache/b.png", "notes.txt", "Thumbs.db", "c.png.part")
    fill(t, "a.png", ".b.png", ".git/x.png", "polygons.json", "png")
    found = pair(p, t)
    assert (names(found), found.missing, found.extra) == (["a"], (), ())


def test_a_hidden_folder_may_be_named(tmp_path: Path, t: Path) -> None:
    assert names(pair(fill(tmp_path / ".cache", "a.png"), fill(t, "a.png"))) == ["a"]


def test_any_file_counts_without_suffixes(p: Path, t: Path) -> None:
    fill(p, "a.jpg", "b.dcm", "c", ".d")
    fill(t, "a.mat", "b.nii", "c", ".d")
    assert names(pair(p, t, suffixes=None)) == ["a", "b", "c"]


def test_dots_belong_to_the_name_but_for_the_last(p: Path, t: Path) -> None:
    fill(p, "v1.2/a.b.png", "v1.2/c.npy")
    fill(t, "v1.2/a.b.npy", "v1.2/c.png")
    assert names(pair(p, t)) == ["v1.2/a.b", "v1.2/c"]


def test_case_is_never_folded_in_names(p: Path, t: Path) -> None:
    found = pair(fill(p, "A.png", "b.png"), fill(t, "a.png", "b.png"))
    assert (names(found), found.missing, found.extra) == (["b"], ("a",), ("A.png",))


@pytest.mark.parametrize(
    "name",
    ["new\nline", "tab\t", " space ", "sur\udcff", "[0-9]", "a*b?", "{id}", "[red]x[-]", "'\"`$", "ü", "-x"],
)
def test_names_may_hold_any_character(p: Path, t: Path, name: str) -> None:
    fill(p, f"{name}.png", f"{name}/x.png")
    fill(t, f"{name}.png", f"{name}/x.png")
    assert sorted(names(pair(p, t))) == sorted([name, f"{name}/x"])
    assert names(pair(p / name, t / name)) == ["x"]
    assert names(pair([f"{p}/{name}.png"], t)) == [name]


# Symbolic links


def test_linked_files_and_folders_count(tmp_path: Path, p: Path, t: Path) -> None:
    fill(tmp_path / "store", "1.png", "2.png")
    fill(p, "a.png", "one/1.png", "one/2.png", "two/1.png", "two/2.png")
    t.mkdir()
    (t / "a.png").symlink_to(tmp_path / "store/1.png")
    (t / "one").symlink_to(tmp_path / "store")
    (t / "two").symlink_to(tmp_path / "store")
    assert names(pair(p, t)) == ["a", "one/1", "one/2", "two/1", "two/2"]


def test_a_link_to_nowhere_counts_so_that_no_target_gets_lost(p: Path, t: Path) -> None:
    fill(p, "a.png", "b.png", "c.png")
    fill(t, "a.png")
    (t / "b.png").symlink_to(t / "nowhere.png")
    (t / "c.png").symlink_to(t / "c.png")
    assert names(pair(p, t)) == ["a", "b", "c"]


def test_links_that_lead_back_are_not_followed(p: Path, t: Path) -> None:
    fill(p, "a.png", "x/b.png", "y/c.png")
    fill(t, "a.png", "x/b.png", "y/c.png")
    (p / "loop").symlink_to(p)
    (p / "x" / "up").symlink_to("..")
    assert names(pair(p, t)) == ["a", "x/b", "y/c"]
    assert names(pair(f"{p}/**/*.png", t)) == ["a", "x/b", "y/c"]


def test_a_maze_of_links_ends_in_an_error(p: Path, t: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(t, "a.png")
    for i in range(5):
        fill(p / str(i), "a.png")
        for k in range(5):
            (p / str(i) / f"to{k}").symlink_to(p / str(k))
    monkeypatch.setattr(sources, "MAX_LINKED_FOLDERS", 20)
    message = refusal(lambda: pair(p, t))
    assert re.sub(r"last in \S+", "last in FOLDER", message) == (
        f"`pred`: expected at most 20 links to folders below {p}, found more, the last in FOLDER\n"
        "hint: links that lead into each other multiply; remove them, or use a glob pattern"
    )


def test_pipes_are_no_masks(p: Path, t: Path) -> None:
    fill(p, "a.png")
    fill(t, "a.png")
    os.mkfifo(t / "b.png")
    assert pair(p, t).missing == ()


# Glob patterns


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.png", ["a", "b1"]),
        ("**/*.png", ["a", "b1", "x/c", "x/y/d", "z/y/e"]),
        ("**", ["a", "b1", "n", "x/c", "x/y/d", "z/y/e"]),
        ("*", ["a", "b1", "n"]),
        ("*/*.png", ["x/c"]),
        ("*/y/*", ["x/y/d", "z/y/e"]),
        ("**/y/**/*.png", ["x/y/d", "z/y/e"]),
        ("**/**/d.png", ["x/y/d"]),
        ("b[0-9].png", ["b1"]),
        ("b[!0]*", ["b1"]),
        ("?.png", ["a"]),
        ("[a-c]*.png", ["a", "b1"]),
        (".h*/*.png", [".hidden/h"]),
        ("x/*.png", ["c"]),
        ("x//**/*.png", ["c", "y/d"]),
    ],
)
def test_glob_patterns(p: Path, t: Path, pattern: str, expected: list[str]) -> None:
    fill(
        p, "a.png", "b1.png", "n.npy", "x/c.png", "x/y/d.png", "z/y/e.png", ".hidden/h.png", "o.txt", ".i.png"
    )
    fill(t, *[f"{name}.png" for name in expected])
    found = pair(f"{p}/{pattern}", [f"{t}/{name}.png" for name in expected] + [f"{t}/none.png"])
    assert sorted(names(found)) == sorted(expected)
    assert (found.missing, found.extra) == ((f"{t}/none",), ())


def test_a_glob_pattern_may_be_relative(p: Path, t: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(p, "a.png", "b.npy")
    fill(t, "a.png")
    monkeypatch.chdir(p)
    assert pair("*.png", t).pairs == (Pair("a", "./a.png", f"{t}/a.png"),)


def test_a_path_that_exists_is_no_pattern(tmp_path: Path, t: Path) -> None:
    fill(tmp_path / "run[3]", "a.png", "x*.png", "b.npy")
    fill(t, "a.png")
    assert pair(tmp_path / "run[3]", t).extra == ("b.npy", "x*.png")
    assert pair(f"{tmp_path}/run[3]/*.png", t).extra == ("x*.png",)
    assert pair(tmp_path / "run[3]/x*.png", t / "a.png").pairs == (
        Pair("a", f"{tmp_path}/run[3]/x*.png", f"{t}/a.png"),
    )


def test_a_glob_pattern_reads_no_unrelated_folder(p: Path, t: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(p, "a/masks/1.png", "a/images/1.png", "b/masks/2.png", "c/deep/masks/3.png")
    fill(t, "a/masks/1.png", "b/masks/2.png")
    read = []
    scandir = os.scandir

    def record(folder: str) -> object:
        read.append(os.path.relpath(folder, p))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", record)
    found = pair(f"{p}/*/masks/*.png", t)
    assert names(found) == ["a/masks/1", "b/masks/2"]
    assert sorted(folder for folder in read if ".." not in folder) == [
        ".",
        "a",
        "a/masks",
        "b",
        "b/masks",
        "c",
    ]


# Lists and single files


def test_two_lists_are_matched_by_position(p: Path, t: Path) -> None:
    found = pair([f"{p}/2.png", p / "1.png"], (f"{t}/a.png", f"{t}/b.png"))
    assert found.pairs == (
        Pair("a", f"{p}/2.png", f"{t}/a.png"),
        Pair("b", f"{p}/1.png", f"{t}/b.png"),
    )


def test_files_of_a_list_are_called_by_their_own_names(p: Path, t: Path) -> None:
    assert names(pair(["1.png", "2.png"], [f"{t}/x/7.png", f"{t}/y/./8.png"])) == ["7", "8"]


def test_files_beside_a_folder_have_as_many_folders_as_it_has(p: Path, t: Path) -> None:
    fill(t, "x/1.png", "y/1.png", "x/y/1.png", "2.png")
    found = pair([f"{p}/q/x/1.npy", f"{p}/q/x/y/1.npy", "z/2.npy"], t)
    assert (names(found), found.missing) == (["2", "x/1", "x/y/1"], ("y/1",))
    assert names(pair([f"{p}/q/y/1.npy"], t)) == ["y/1"]
    assert names(pair([f"{p}/q/y/1_p.npy"], t, "{id}_p:{id}")) == ["y/1"]
    found = pair(t, [f"{p}/q/y/1_p.npy", "u/7_p.npy", "v/7_p.npy"], "{id}_p")
    assert (names(found), found.missing) == (["y/1"], ("u/7", "v/7"))


def test_a_list_with_a_folder_is_matched_by_name(p: Path, t: Path) -> None:
    fill(t, "x/1.png", "y/2.png", "y/3.png")
    found = pair([f"{p}/y/2.npy", f"{p}/x/1.npy", f"{p}/4.npy"], t)
    assert names(found) == ["x/1", "y/2"]
    assert (found.missing, found.extra) == (("y/3",), (f"{p}/4.npy",))


def test_two_lists_with_a_pattern_are_matched_by_name() -> None:
    assert pair(["b.png", "a.png"], ["x/a.png", "x/b.png"], "{id}").pairs == (
        Pair("a", "a.png", "x/a.png"),
        Pair("b", "b.png", "x/b.png"),
    )


def test_one_prediction_may_serve_several_targets() -> None:
    assert len(pair(["blank.png", "blank.png"], ["a.png", "b.png"]).pairs) == 2


def test_two_single_files_are_a_pair_whatever_they_are_called(p: Path, t: Path) -> None:
    fill(p, "result.png")
    fill(t, "truth.npy")
    assert pair(p / "result.png", t / "truth.npy").pairs == (
        Pair("truth", f"{p}/result.png", f"{t}/truth.npy"),
    )
    assert names(pair(p / "result.png", [t / "truth.npy"])) == ["truth"]


def test_a_single_file_with_a_folder_is_matched_by_name(p: Path, t: Path) -> None:
    fill(p, "a.png", "b.png")
    fill(t, "a.png")
    assert pair(p, t / "a.png").extra == ("b.png",)
    assert pair(t / "a.png", p).missing == ("b",)


# Refusals: what a side holds


def test_a_folder_that_is_not_there(tmp_path: Path, p: Path) -> None:
    fill(p, "a.png")
    gone = tmp_path / "runs" / "v2"
    expected = (
        f"expected a folder, a file or a glob pattern, found nothing at {gone}\n"
        f"hint: the nearest folder that exists is {tmp_path}"
    )
    assert refusal(lambda: pair(gone, p)) == f"`pred`: {expected}"
    assert refusal(lambda: pair(p, gone)) == f"`target`: {expected}"


def test_a_glob_pattern_in_a_folder_that_is_not_there(tmp_path: Path, p: Path) -> None:
    fill(p, "a.png")
    assert refusal(lambda: pair(p, f"{tmp_path}/no\n/such/*.png")) == (
        "`target`: expected a folder, a file or a glob pattern, found nothing at "
        f"'{tmp_path}/no\\n/such'\n"
        f"hint: the nearest folder that exists is {tmp_path}"
    )


@pytest.mark.parametrize("path", ["", "nul\0byte"])
def test_paths_that_cannot_exist(p: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(p, "a.png")
    monkeypatch.chdir(p)
    assert refusal(lambda: pair(path, p)) == (
        f"`pred`: expected a folder, a file or a glob pattern, found nothing at {path!r}\n"
        f"hint: the nearest folder that exists is {p}"
    )


def test_an_empty_folder(p: Path, t: Path) -> None:
    fill(p, ".hidden.png")
    fill(t, "a.png")
    assert refusal(lambda: pair(p, t)) == (
        f"`pred`: expected mask files ({MASKS}) in {p}, found none\n"
        "hint: check the path; hidden files are passed over"
    )
    assert refusal(lambda: pair(p, t, suffixes=None)) == (
        f"`pred`: expected files in {p}, found none\nhint: check the path; hidden files are passed over"
    )


def test_a_folder_without_masks(p: Path, t: Path) -> None:
    fill(p, "a.png")
    fill(t, "b.jpg", "a\n.jpg")
    assert refusal(lambda: pair(p, t)) == (
        f"`target`: expected mask files ({MASKS}) in {t}, found 2 of other kinds, such as 'a\\n.jpg'\n"
        "hint: label values change in such files, so they cannot hold a mask: export the masks as PNG"
    )
    fill(p, "notes.txt")
    assert refusal(lambda: pair(p / "*.txt", t)) == (
        f"`pred`: expected mask files ({MASKS}) under the pattern {p}/*.txt, found 1 of other kinds, such as "
        "notes.txt\n"
        "hint: save masks as PNG, or read other formats with `read=`, a function from a path to an array"
    )


def test_a_glob_pattern_that_matches_no_file(p: Path, t: Path) -> None:
    fill(p, "a.png", "x/b.png")
    fill(t, "a.png")
    assert refusal(lambda: pair(f"{p}/x*", t)) == (
        f"`pred`: expected mask files ({MASKS}) under the pattern {p}/x*, found none\n"
        "hint: a pattern ends in names of files, as 'runs/*/*.png' does; hidden files are passed over"
    )


def test_what_is_no_path(p: Path) -> None:
    fill(p, "a.png")
    number: str = 3  # type: ignore[assignment]
    assert refusal(lambda: pair([], p)) == "`pred`: expected at least one path, found an empty list"
    assert refusal(lambda: pair(number, p), ArgumentError) == (
        "`pred`: expected a folder, a file, a glob pattern or a list of paths, found int"
    )
    assert refusal(lambda: pair(p, ["a", number]), ArgumentError) == (
        "`target`: expected paths in the list, found int at index 1"
    )


def test_a_folder_that_cannot_be_read(p: Path, t: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(p, "a.png", "x/b.png")
    fill(t, "a.png")
    scandir = os.scandir

    def refuse(folder: str) -> object:
        if folder == f"{p}/x":
            raise PermissionError(13, "Permission denied", folder)
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    assert refusal(lambda: pair(p, t)) == (
        f"`pred`: cannot read the folder {p}/x: Permission denied\n"
        "hint: make it readable, or leave it out with a glob pattern"
    )


@pytest.mark.parametrize(
    ("name", "what", "hint"),
    [
        ("masks.zip", "an archive", "unpack it, and give the folder of what is in it"),
        ("masks.tar.GZ", "an archive", "unpack it, and give the folder of what is in it"),
        ("masks.csv", "a table", "tables name masks or hold them in a form of their own: write masks as PNG"),
        ("coco.json", "annotations", "`segscore convert` writes them as label maps, one PNG an image"),
    ],
)
@pytest.mark.parametrize("role", ["pred", "target", "images", "masks"])
def test_what_somebody_may_give_for_a_folder_is_called_by_its_name(
    tmp_path: Path, role: str, name: str, what: str, hint: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK")
    message = f"`{role}`: expected a folder, found {what} at {path}\nhint: {hint}"
    assert refused(PairingError, find_files, role, path, MASK_SUFFIXES) == message
    # With a reader of one's own anything may be a mask.
    assert find_files(role, path, None).paths == (str(path),)
    path.unlink()
    path.mkdir()
    (path / "a.png").write_bytes(b"")
    assert find_files(role, path, MASK_SUFFIXES).files == ("a.png",)
