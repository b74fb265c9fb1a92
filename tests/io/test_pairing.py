"""Pairing: what belongs to what, what is listed, and what every refusal says."""

import os
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segscore.errors import ArgumentError, PairingError
from segscore.io.pairing import Pair, missing_error, pair
from support.empty_files import fill, names, refusal

CITY = ["aachen_000000_000019", "bonn_000001_000019"]


@pytest.mark.parametrize(
    ("pattern", "preds", "targets", "expected"),
    [
        ("{id}_gt", ["a", "x/b"], ["a_gt", "x/b_gt"], ["a", "x/b"]),
        ("{id}_pred:{id}_gt", ["a_pred"], ["a_gt"], ["a"]),
        ("pred_{id}:gt_{id}", ["pred_1"], ["gt_1"], ["1"]),
        ("{id}.png", ["a"], ["a"], ["a"]),
        ("{id}_p.PNG:{id}.png", ["a_p"], ["a"], ["a"]),
        ("{id}/pred:{id}/gt", ["s1/pred", "s2/pred"], ["s1/gt", "s2/gt"], ["s1", "s2"]),
        ("*/{id}:*/{id}", ["run/a", "b"], ["a", "val/x/b"], ["a", "b"]),
        ("v2/{id}:{id}", ["v2/a", "v1/a"], ["a"], ["a"]),
        ("{id}_*:{id}", ["a_0.93", "b_0_1"], ["a", "b"], ["a", "b"]),
        ("*_{id}", ["7", "8"], ["x_y_7", "z_8"], ["7", "8"]),
        ("a:{id}", ["1"], ["a:1"], ["1"]),
        ("{id}[x]", ["1"], ["1[x]"], ["1"]),
        ("{id}.pred:{id}.gt", ["a.pred"], ["a.gt"], ["a"]),
        ("*/{id}_gtFine_labelIds", CITY, [f"{c.split('_')[0]}/{c}_gtFine_labelIds" for c in CITY], CITY),
        ("{id}_x", ["new\nline"], ["new\nline_x"], ["new\nline"]),
    ],
)
def test_patterns(
    p: Path, t: Path, pattern: str, preds: list[str], targets: list[str], expected: list[str]
) -> None:
    fill(p, *[f"{name}.png" for name in preds])
    fill(t, *[f"{name}.png" for name in targets])
    found = pair(p, t, pattern)
    assert names(found) == expected
    assert (found.missing, found.left_out, found.pattern) == ((), (), pattern)


def test_files_that_a_pattern_does_not_describe_are_listed(p: Path, t: Path) -> None:
    fill(p, "a_pred.png", "b_pred.png", "a.png", "a_pred.npy")
    fill(t, "a_labelIds.png", "a_color.png", "c_labelIds.png", "_labelIds.png")
    found = pair(p, t, "{id}_pred.png:{id}_labelIds")
    assert found.pairs == (Pair("a", f"{p}/a_pred.png", f"{t}/a_labelIds.png"),)
    assert found.missing == ("c",)
    assert found.extra == ("a.png", "a_pred.npy", "b_pred.png")
    assert [one.file for one in found.left_out] == ["_labelIds.png", "a_color.png"]


def test_an_ending_in_a_pattern_chooses_between_doubled_names(p: Path, t: Path) -> None:
    fill(p, "a.png", "a.npy")
    fill(t, "a.png")
    assert pair(p, t, "{id}.npy:{id}").pairs == (Pair("a", f"{p}/a.npy", f"{t}/a.png"),)


def test_one_folder_may_hold_both_sides_if_a_pattern_tells_them_apart(p: Path) -> None:
    fill(p, "a_pred.png", "a_gt.png")
    found = pair(p, p, "{id}_pred:{id}_gt")
    assert found.pairs == (Pair("a", f"{p}/a_pred.png", f"{p}/a_gt.png"),)
    assert (found.extra, found.left_out) == ((), ())


@pytest.mark.parametrize(
    "pattern", ["", "id", "{id}{id}", "{id}_{id}", "{id}:{id}:{id}", "{id}:a:{id}", "{}"]
)
def test_malformed_patterns(p: Path, t: Path, pattern: str) -> None:
    shown = pattern or "''"
    assert refusal(lambda: pair(p, t, pattern), ArgumentError) == (
        "`pairing`: expected a pattern for targets with one `{id}`, or PRED:TARGET with one `{id}` on each "
        f"side of one colon, found {shown}\n"
        "hint: for example '{id}_gtFine_labelIds', or '{id}_pred:{id}_gt'; a colon within a name is `*`"
    )


def test_a_pattern_is_text(p: Path, t: Path) -> None:
    pattern: str = ("{id}", "{id}")  # type: ignore[assignment]
    assert refusal(lambda: pair(p, t, pattern), ArgumentError) == (
        "`pairing`: expected a pattern as text, found tuple"
    )


ONE_EACH = "rename files, or give a pattern that describes one file for each name"
SORTED, ORDER = (1, 2, 10), (1, 10, 2)
"""Of numbers, and of texts."""


def doubled(side: str, where: object, *listed: str, hint: str = ONE_EACH) -> str:
    names = f"{len(listed)} name{'s' * (len(listed) > 1)}"
    lines = "".join(f"  {line}\n" for line in listed)
    start = f"`{side}`: expected one file for each name, found {names} with several in {where}"
    return f"{start}:\n{lines}hint: {hint}"


def test_doubled_names_are_all_listed(p: Path, t: Path) -> None:
    fill(p, "a.png", "a.npy", "x/b.tif", "x/b.png", "c.png", "c.npy", "d.png")
    fill(t, "a.png")
    listed = ("a: a.npy, a.png", "c: c.npy, c.png", "x/b: x/b.png, x/b.tif")
    hint = '`pairing="{id}.png:{id}"` takes the .png files only'
    assert refusal(lambda: pair(p, t)) == doubled("pred", p, *listed, hint=hint)
    assert names(pair(p, t, "{id}.png:{id}")) == ["a"]
    assert refusal(lambda: pair(t, p)).endswith('\nhint: `pairing="{id}:{id}.png"` takes the .png files only')
    assert names(pair(t, p, "{id}:{id}.png")) == ["a"]


def test_doubled_ids_under_a_pattern(p: Path, t: Path) -> None:
    fill(p, "a.png")
    fill(t, "x/a.png", "y/a.png", "b.png")
    text = doubled("target", f"{t} under the pattern */{{id}}", "a: x/a.png, y/a.png")
    assert refusal(lambda: pair(p, t, "*/{id}")) == text


def test_endings_that_differ_in_case_alone_are_doubled(p: Path, t: Path) -> None:
    fill(p, "a.png")
    fill(t, "a.PNG", "a.png")
    assert refusal(lambda: pair(p, t)) == doubled("target", t, "a: a.PNG, a.png")


def test_a_target_listed_twice() -> None:
    hint = "name images yourself, `names=[…]`, or give the folder of the files"
    text = doubled("target", "the list of 2 paths", "a: a.png, a.png", hint=hint)
    assert refusal(lambda: pair(["1.png", "2.png"], ["a.png", "a.png"])) == text


def test_lists_of_different_length() -> None:
    assert refusal(lambda: pair(["1.png"], ["1.png", "2.png"])) == (
        "expected two lists of the same length, which are matched by position, "
        "found 1 in `pred` and 2 in `target`\n"
        'hint: to match lists by name, give a pattern such as `pairing="{id}"`'
    )


@pytest.mark.parametrize(
    ("pred", "target", "what", "hint"),
    [
        ("{}", "{}", "names", 'sort both lists, or match them by name with `pairing="{id}"`'),
        (
            "s1/{}",
            "s1/{}_gt",
            "images",
            'sort both lists, or match them by name with `pairing="{id}:{id}_gt"`',
        ),
        (
            "a_{}_pred",
            "gt{}",
            "images",
            'sort both lists, or match them by name with `pairing="a_{id}_pred:gt{id}"`',
        ),
        ("{}", "0{}", "images", "give both lists in the same order"),
        ("a:{}", "{}", "images", "give both lists in the same order"),
    ],
)
def test_lists_of_the_same_images_in_different_order(pred: str, target: str, what: str, hint: str) -> None:
    preds, targets = (
        [f"{side.format(i)}.png" for i in order] for side, order in ((pred, ORDER), (target, SORTED))
    )
    assert refusal(lambda: pair(preds, targets)) == (
        f"two lists are matched by position, and these hold the same {what} in different order: "
        f"at index 1 `pred` has {preds[1]} and `target` {targets[1]}\nhint: {hint}"
    )


def test_lists_in_one_order_or_of_names_that_tell_nothing() -> None:
    for preds, targets in (
        (["1_p.png", "2_p.png", "10_p.png"], ["01.png", "02.png", "10.png"]),
        (["b.png", "a.png"], ["x.png", "y.png"]),
        (["1.png", "1.npy"], ["a.png", "b.png"]),
        (["b.png"], ["a.png"]),
    ):
        assert [row.pred for row in pair(preds, targets).pairs] == preds


# Refusals: files compared with themselves


def same(first: str, count: str = "2 of 2") -> str:
    return (
        f"`pred` and `target` are the same file in {count} pairs, the first {first}\n"
        "hint: a mask that is compared with itself is always perfect; check both paths"
    )


def test_one_folder_as_both_sides(tmp_path: Path, p: Path) -> None:
    fill(p, "a.png", "b.png")
    link = tmp_path / "link"
    link.symlink_to(p)
    assert refusal(lambda: pair(p, p)) == same(f"{p}/a.png")
    assert refusal(lambda: pair(p, link)) == same(f"{link}/a.png")
    assert refusal(lambda: pair(f"{p}/*.png", p)) == same(f"{p}/a.png")
    assert refusal(lambda: pair([p / "a.png", p / "b.png"], p)) == same(f"{p}/a.png")
    assert refusal(lambda: pair(p, tmp_path / "p", "{id}")) == same(f"{p}/a.png")


def test_one_file_of_a_folder_within_the_other(p: Path) -> None:
    fill(p, "gt/a.png", "gt/b.png", "pred/b.png")
    assert refusal(lambda: pair(p, p / "gt", "*t/{id}:{id}")) == same(f"{p}/gt/a.png")
    assert names(pair(p, p / "gt", "pred/{id}:{id}")) == ["b"]


def test_two_lists_may_ask_for_it() -> None:
    assert pair(["a.png"], ["a.png"]).pairs == (Pair("a", "a.png", "a.png"),)


# Properties


WORD = st.text(alphabet="ab01_-. é\n*[{", min_size=1, max_size=5).filter(lambda word: word[0] != ".")
NAME = st.lists(WORD, min_size=1, max_size=3).map("/".join)
ENDING = st.sampled_from([".png", ".npy", None])


class Shuffled:
    """A directory listing in another order, as another file system would give it."""

    def __init__(self, folder: str, seed: int) -> None:
        with REAL_SCANDIR(folder) as entries:
            self.entries = sorted(entries, key=lambda entry: entry.name)
        random.Random(seed).shuffle(self.entries)

    def __enter__(self) -> Iterator[os.DirEntry[str]]:
        return iter(self.entries)

    def __exit__(self, *_: object) -> None:
        pass


REAL_SCANDIR = os.scandir


def build(root: str, files: Iterable[str]) -> None:
    """Make the files that can exist together (a name may be a file or a folder, not both)."""
    os.mkdir(root)
    for file in sorted(files):
        try:
            os.makedirs(os.path.dirname(f"{root}/{file}"), exist_ok=True)
            with open(f"{root}/{file}", "x"):
                pass
        except OSError:
            continue


def outcome(pred: str, target: str, pattern: str | None) -> object:
    try:
        found = pair(pred, target, pattern)
    except PairingError as error:
        return str(error)
    return found, str(missing_error(found))


@given(
    st.dictionaries(NAME, st.tuples(ENDING, ENDING), max_size=12),
    st.sampled_from([None, "{id}", "*/{id}", "{id}a:{id}", "{id}.png:{id}.npy"]),
)
def test_every_file_is_in_one_place_whatever_the_order_of_listing(
    files: dict[str, tuple[str | None, str | None]], pattern: str | None
) -> None:
    with TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        build(f"{root}/p", [name + ending for name, (ending, _) in files.items() if ending])
        build(f"{root}/t", [name + ending for name, (_, ending) in files.items() if ending])
        results = []
        for seed in (1, 2):
            patch.setattr(os, "scandir", lambda folder, seed=seed: Shuffled(folder, seed))
            results.append(outcome(f"{root}/p", f"{root}/t", pattern))
        assert results[0] == results[1]
        if isinstance(results[0], str):
            return
        found = pair(f"{root}/p", f"{root}/t", pattern)
        assert list(found.pairs) == sorted(found.pairs)
        assert len({row.name for row in found.pairs}) == len(found.pairs)
        assert not {row.name for row in found.pairs} & set(found.missing)
        used = {row.pred for row in found.pairs}
        assert used.isdisjoint(f"{root}/p/{file}" for file in found.extra)
        assert len(used) + len(found.extra) == len(found.pred.files)
        described = len(found.pairs) + len(found.missing)
        assert described + len(found.left_out) == len(found.target.files)


@given(st.lists(NAME, min_size=1, max_size=12, unique=True), st.randoms())
def test_lists_with_a_pattern_do_not_depend_on_order(files: list[str], chance: random.Random) -> None:
    preds = [f"p/{file}.png" for file in files] + ["p/q.png", "p/0/q.png"]
    targets = [f"t/{file}.npy" for file in files] + ["t/r.npy", "t/0/r.npy"]
    first = pair(sorted(preds), sorted(targets), "p/{id}:t/{id}")
    chance.shuffle(preds)
    chance.shuffle(targets)
    assert pair(preds, targets, "p/{id}:t/{id}") == first
    assert names(first) == sorted(files)


@given(NAME, WORD, WORD, WORD)
def test_a_pattern_finds_the_id_between_any_texts(name: str, before: str, after: str, other: str) -> None:
    before, after, other = (re.sub(r"[*{]", "+", text) for text in (before, after, other))
    preds = [f"p/{other}{name}.npy", "p/0/-.npy", "p/-.npy"]
    targets = [f"t/{before}{name}{after}x.png", "t/0/-.png", "t/-.png"]
    assert names(pair(preds, targets, f"p/{other}{{id}}:t/{before}{{id}}{after}x")) == [name]
