"""What pairing says when nothing or too little matches, and which patterns it proposes."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segscore.errors import PairingError
from segscore.io.pairing import missing_error, pair
from support.empty_files import fill, names, refusal

GENERIC = (
    "describe the names with `pairing`, for example '{id}_gtFine_labelIds' for targets "
    "whose predictions are {id}, or '{id}_pred:{id}_gt'"
)


def hint(p: Path, t: Path) -> str:
    """Return what is proposed, whether nothing or too little matches."""
    try:
        error = missing_error(pair(p, t))
    except PairingError as nothing:
        error = nothing
    assert error.hint is not None
    return error.hint


def test_no_pair_matches(p: Path, t: Path) -> None:
    fill(p, "a.png", "b.png", "c.png", "d.png")
    fill(t, "x.png")
    assert refusal(lambda: pair(p, t)) == (
        "expected predictions and targets of the same name, found none:\n"
        f"  `pred`: 4 files in {p}: a.png, b.png, c.png, …\n"
        f"  `target`: 1 file in {t}: x.png\n"
        f"hint: {GENERIC}"
    )


def test_no_pair_matches_under_a_pattern(p: Path, t: Path) -> None:
    fill(p, "a_pred.png", "b_pred.png")
    fill(t, "a_gt.png", "a\n.png")
    assert refusal(lambda: pair(p, f"{t}/*", "{id}_gt")) == (
        "expected predictions and targets of the same id under the pattern {id}_gt, found none:\n"
        f"  `pred`: 2 files in {p}, 2 of them as the pattern says: a_pred.png, b_pred.png\n"
        f"  `target`: 2 files in {t}/*, 1 of them as the pattern says: 'a\\n.png', a_gt.png\n"
        'hint: `pairing="{id}_pred:{id}_gt"` would match 1 of 1 targets and leave out 1 other file'
    )


def test_missing_predictions_are_all_listed(p: Path, t: Path) -> None:
    fill(p, "50.png", "extra.png")
    fill(t, *[f"{i}.png" for i in range(1, 51)], "new\nline.png")
    found = pair(p, t)
    assert found.extra == ("extra.png",)
    listed = "".join(f"\n  {i}" for i in sorted(map(str, range(1, 50)))) + "\n  'new\\nline'"
    assert str(missing_error(found)) == (
        f"50 of 51 targets have no prediction in {p}:{listed}\n"
        'hint: add what is missing, or score the rest with `on_error="skip"`'
    )


def test_a_better_pattern_is_proposed_and_not_applied(p: Path, t: Path) -> None:
    fill(p, "a.png", *[f"{i:03d}_pred.png" for i in range(20)])
    fill(t, "a.png", *[f"{i:03d}.png" for i in range(20)], "020.png")
    found = pair(p, t)
    assert names(found) == ["a"]
    assert missing_error(found).hint == '`pairing="{id}_pred:{id}"` would match 20 of 22 targets'


def test_a_pattern_that_matches_no_more_is_not_proposed(p: Path, t: Path) -> None:
    fill(p, "a.png", "c_new.png")
    fill(t, "a.png", "c.png")
    assert hint(p, t) == 'add what is missing, or score the rest with `on_error="skip"`'


@pytest.mark.parametrize(
    ("preds", "targets", "pattern"),
    [
        ("{i:04d}", "{i:04d}_gtFine_labelIds", "{id}_gtFine_labelIds"),
        ("{i:04d}_leftImg8bit", "{i:04d}_gtFine_labelIds", "{id}_leftImg8bit:{id}_gtFine_labelIds"),
        ("pred_{i}", "mask_{i}", "pred_{id}:mask_{id}"),
        ("camvid_pred_{i}", "camvid_gt_{i}", "camvid_pred_{id}:camvid_gt_{id}"),
        ("img{i}", "gt{i}", "img{id}:gt{id}"),
        ("{i}", "city{c}/{i}", "*/{id}"),
        ("v2/{i}", "{i}", "v2/{id}:{id}"),
        ("city{c}/{i}_pred", "city{c}/{i}_gt", "{id}_pred:{id}_gt"),
        ("city{c}_{i}_leftImg8bit", "city{c}/city{c}_{i}_gt", "{id}_leftImg8bit:*/{id}_gt"),
        ("case{i}/pred", "case{i}/label", "{id}/pred:{id}/label"),
        ("a b{i}'s", "a b{i}", "{id}'s:{id}"),
    ],
)
def test_the_pattern_that_would_match_is_proposed(
    p: Path, t: Path, preds: str, targets: str, pattern: str
) -> None:
    fill(p, *[preds.format(i=i, c=i % 3) + ".png" for i in range(50)])
    fill(t, *[targets.format(i=i, c=i % 3) + ".png" for i in range(50)])
    assert hint(p, t) == f'`pairing="{pattern}"` would match 50 of 50 targets'
    assert len(pair(p, t, pattern).pairs) == 50


def test_quotes_and_backslashes_in_a_proposal_are_escaped(p: Path, t: Path) -> None:
    fill(p, "1.png", "2.png")
    fill(t, '1"\\.png', '2"\\.png')
    assert hint(p, t) == '`pairing="{id}\\"\\\\"` would match 2 of 2 targets'


def test_equal_proposals_are_all_printed(p: Path, t: Path) -> None:
    fill(p, *[f"{i:03d}.png" for i in range(9)])
    fill(t, *[f"{i:03d}_{kind}.png" for i in range(9) for kind in ("color", "instanceIds", "labelIds")])
    assert hint(p, t) == (
        "each of these would match more:\n"
        '  `pairing="{id}_color"`: 9 of 9 targets and leave out 18 other files\n'
        '  `pairing="{id}_instanceIds"`: 9 of 9 targets and leave out 18 other files\n'
        '  `pairing="{id}_labelIds"`: 9 of 9 targets and leave out 18 other files'
    )


def test_patterns_that_agree_by_chance_are_not_proposed(p: Path, t: Path) -> None:
    fill(p, *[f"street_{i:02d}.png" for i in range(24)])
    fill(t, *[f"Seq05VD_f{i:05d}.png" for i in range(0, 5100, 30)])
    assert hint(p, t) == (
        "describe the names with `pairing`, for example '{id}_gtFine_labelIds' for targets whose predictions "
        "are {id}, or '{id}_pred:{id}_gt'"
    )
    fill(p, *[f"night_f{i:05d}.png" for i in range(0, 600, 30)])  # which is one pattern, whatever else agrees
    assert hint(p, t) == '`pairing="night_{id}:Seq05VD_{id}"` would match 20 of 170 targets'


FLAT = [f"{i:03d}_{name}.png" for i in range(3) for name in "abc"]
FOLDERS = [f"{name}/{i:03d}.png" for i in range(3) for name in "abc"]
WHOLE = [f"{i:03d}.png" for i in range(3)]


@pytest.mark.parametrize(
    ("preds", "targets", "present", "pattern", "tasks"),
    [
        (WHOLE, FLAT, None, "{id}_{class}", False),
        (FLAT, WHOLE, None, "{id}_{class}:{id}", False),
        (FOLDERS, FLAT, None, "{class}/{id}:{id}_{class}", False),
        (FLAT, FLAT, "{id}_{class}", "{id}_{class}:{id}_{class}", False),
        (FLAT, FLAT, "{id}_{class}", "{id}_{class}:{id}_{class}", True),
        (WHOLE, FLAT[:-1], None, "{id}_{class}", False),
    ],
)
def test_files_of_known_classes_are_proposed_as_one_mask(
    p: Path, t: Path, preds: list[str], targets: list[str], present: str | None, pattern: str, tasks: bool
) -> None:
    fill(p, *preds), fill(t, *targets)
    known = {"by_class": True, "classes": None if tasks else ["a", "b", "c", "1"], "tasks": tasks}
    number = 9 if tasks else 3
    told = refusal(lambda: pair(p, t, present, **known))
    assert told.endswith(f'\nhint: `pairing="{pattern}"` would match {number} of {number} targets')
    assert len(pair(p, t, pattern, **known).pairs) == number


def test_both_are_proposed_where_classes_may_be_names_of_images(p: Path, t: Path) -> None:
    fill(p, *FLAT), fill(t, *[file.replace(".", "_gt.") for file in FLAT])
    told = refusal(lambda: pair(p, t, by_class=True, classes=["a", "b", "c"]))
    assert told.endswith(
        "\nhint: each of these would match more:\n"
        '  `pairing="{id}_gt"`: 9 of 9 targets\n'
        '  `pairing="{id}_{class}:{id}_{class}_gt"`: 3 of 3 targets'
    )


def test_a_list_limits_what_a_pattern_would_match(p: Path, t: Path) -> None:
    fill(p, *WHOLE), fill(t, *FLAT)
    told = refusal(
        lambda: pair(p, t, "{id}_{class}:{id}_{class}", by_class=True, classes="abc", list=["001"])
    )
    assert told.endswith('\nhint: `pairing="{id}_{class}"` would match 1 of 1 targets')


def test_many_files_of_classes_hide_no_image(p: Path, t: Path) -> None:
    classes = [f"class{i}" for i in range(30)]
    fill(p, *WHOLE), fill(t, *[f"{i:03d}_{name}.png" for i in range(3) for name in classes])
    told = refusal(lambda: pair(p, t, by_class=True, classes=classes))
    assert told.endswith('\nhint: `pairing="{id}_{class}"` would match 3 of 3 targets')


def test_no_pattern_is_proposed_that_leaves_out_files_of_classes(p: Path, t: Path) -> None:
    fill(p, *WHOLE), fill(t, *FLAT, *[f"{i:03d}_A1.png" for i in range(3)])
    told = refusal(lambda: pair(p, t, by_class=True, classes=["a", "b", "c"]))
    assert told.endswith(
        '\nhint: files that are named after classes are described as in `pairing="{id}:{id}_{class}"`'
    )


def test_tasks_of_one_side_alone_have_no_pattern(p: Path, t: Path) -> None:
    fill(p, *WHOLE), fill(t, *FLAT)
    assert refusal(lambda: pair(p, t, "{id}:{id}_{class}", by_class=True, tasks=True)) == (
        "expected predictions and targets of the same id under the pattern {id}:{id}_{class}, found none:\n"
        f"  `pred`: 3 files in {p}, 3 of them as the pattern says: 000.png, 001.png, 002.png\n"
        f"  `target`: 9 files in {t}, 9 masks as the pattern says: 000_a.png, 000_b.png, 000_c.png, …\n"
        "hint: each file of a class is a mask of its own, called after image and class: these are to match "
        "on both sides; or give the names of the classes"
    )


def test_names_of_images_are_no_names_of_classes(p: Path, t: Path) -> None:
    fill(p, "pred_a.png", "pred_b.png", "pred_2.png"), fill(t, "gt_a.png", "gt_b.png", "gt_2.png")
    told = refusal(lambda: pair(p, t, by_class=True, classes=["0", "1", "2", "a", "b"]))
    assert told.endswith('\nhint: `pairing="pred_{id}:gt_{id}"` would match 3 of 3 targets')


@pytest.mark.parametrize(
    ("preds", "targets"), [("Frame", "frame"), ("n\u0303", "\u00f1"), ("f_1", "f_0001"), ("X_07", "x_7")]
)
def test_other_spelling_is_named(p: Path, t: Path, preds: str, targets: str) -> None:
    fill(p, f"{preds}.png", "same.png")
    fill(t, f"{targets}.png", "same.png")
    assert hint(p, t) == (
        "1 of these targets has a prediction whose name differs only in upper and lower case, "
        f"leading zeros or the encoding of accents, such as {preds} for {targets}; rename one side"
    )


def test_names_full_of_pattern_characters_are_no_trap(p: Path, t: Path) -> None:
    fill(p, *[f"{'a*' * 60}{i}.png" for i in range(20)], "{id}_1.png", "x:2.png")
    fill(t, *[f"{'a*' * 60}b{i}.png" for i in range(20)], "{id}_{id}_1.png", "y:2.png")
    assert hint(p, t) == GENERIC


@given(
    st.lists(st.sampled_from(["img", "_", "seq", "7", "/", "v2", "-", "."]), max_size=4).map("".join),
    st.sampled_from(["", "_pred", "_leftImg8bit", ".seg", "/out"]),
    st.sampled_from(["", "gt_", "masks/", "seq_"]),
    st.sampled_from(["", "_gt", "_labelIds", "/mask"]),
    st.integers(1, 40),
    st.integers(0, 3),
)
def test_a_proposal_keeps_its_promise(
    start: str, end: str, target_start: str, target_end: str, count: int, width: int
) -> None:
    start = start.strip("/.").replace("//", "/")
    preds = [f"p/{start}{i:0{width}d}{end}.png" for i in range(count)]
    targets = [f"t/{target_start}{i:0{width}d}{target_end}.png" for i in range(count + 2)]
    try:
        found = pair(preds, targets, "{id}")
    except PairingError as error:
        text, already = str(error), 0
    else:
        text, already = str(missing_error(found)), len(found.pairs)
    for pattern, pairs, total in re.findall(r'`pairing="(.*)"`.* (\d+) of (\d+) targets', text):
        better = pair(preds, targets, pattern)
        assert len(better.pairs) == int(pairs) > already
        assert len(better.pairs) + len(better.missing) == int(total)
