"""Files that somebody may take for masks: those that are not read fail with their image, or are listed."""

from pathlib import Path

import pytest

from segscore import EvaluationError, Workspace, audit, evaluate, load
from segscore.counts.labels_found import find_labels
from segscore.counts.new_classes import new_classes
from segscore.errors import PairingError
from segscore.io.kinds import KINDS, MASK_SUFFIXES
from segscore.io.pairing import pair
from support import hints
from support.command_line import run
from support.empty_files import fill, names
from support.masks_on_disk import write
from support.refused import refused, warned

MASK = [[0, 1], [1, 0]]
JPEG = "label values change in such files, so they cannot hold a mask: export the masks as PNG"
SAID = "1 file among the targets left out, as JPEG is not read there: c.jpg"


@pytest.fixture
def sides(tmp_path: Path) -> dict[str, Path]:
    """Return both sides of two masks; the second target is a JPEG, and a third one is nobody's."""
    write(tmp_path / "p", {"a.png": MASK, "b.png": MASK})
    write(tmp_path / "t", {"a.png": MASK, "b.jpg": b"", "c.jpg": b"", "Thumbs.db": b"", "notes.txt": b""})
    return {"pred": tmp_path / "p", "target": tmp_path / "t"}


def test_a_partner_of_a_kind_that_is_not_read_fails_on_either_side(sides: dict[str, Path]) -> None:
    said = (
        "1 of 2 images could not be scored:\n"
        f"  b: {sides['target']}/b.jpg: expected a mask, found JPEG\n"
        f"hint: {JPEG}\n"
        f"hint: {hints.SKIP}"
    )
    assert refused(EvaluationError, evaluate, **sides, classes=2) == said
    turned = {"pred": sides["target"], "target": sides["pred"]}
    assert refused(EvaluationError, evaluate, **turned, classes=2) == said


def test_what_is_left_out_is_said_of_the_scores_wherever_they_go(
    sides: dict[str, Path], tmp_path: Path
) -> None:
    found = evaluate(**sides, classes=2, on_error="skip")
    assert [failure.name for failure in found.failures] == ["b"]
    assert found.provenance["left_out"] == SAID
    assert f"\n{SAID}\n" in str(found)
    assert f"- {SAID}" in found.to_markdown()
    assert found.to_dict()["derived"] == {"left_out": SAID}
    assert [one.message for one in found.findings if one.kind == "left-out-files"] == [SAID]
    found.save(tmp_path / "a.npz")
    assert load(tmp_path / "a.npz").provenance["left_out"] == SAID
    assert SAID in run("evaluate", "--pred", sides["pred"], "--target", sides["target"]).stdout


def test_an_audit_and_a_list_of_labels_name_them(sides: dict[str, Path]) -> None:
    found = audit(**sides, classes=2)
    assert [one.message for one in found.findings if one.kind == "left-out-files"] == [SAID]
    assert found.findings[0].kind == "not-scored"
    assert find_labels(**sides).left_out == SAID


def test_new_classes_warn_of_them(sides: dict[str, Path]) -> None:
    text = "2 files among the masks left out, as JPEG is not read there: b.jpg, c.jpg"
    with warned(text):
        new_classes(str(sides["target"]))


def test_a_workspace_warns_of_them(sides: dict[str, Path], tmp_path: Path) -> None:
    workspace = Workspace.init(tmp_path / "ws")
    images = write(tmp_path / "images", {"a.png": MASK, "x.gif": b""})
    (sides["target"] / "b.jpg").unlink()
    text = f"1 file among the images left out, as GIF is not read there: x.gif; {SAID}"
    with warned(text):
        workspace.datasets.add("d", images=images, targets=sides["target"], classes=2)
    write(sides["pred"], {"c.tga": b""})
    with warned("1 file among the predictions left out, as TGA is not read there: c.tga"):
        workspace.models.add("m", predictions=sides["pred"])


def test_a_dataset_refuses_a_target_that_cannot_be_read(sides: dict[str, Path], tmp_path: Path) -> None:
    workspace = Workspace.init(tmp_path / "ws")
    (sides["target"] / "c.jpg").unlink()
    given = {"images": sides["pred"], "targets": sides["target"], "classes": 2}
    assert refused(EvaluationError, workspace.datasets.add, "d", **given) == (
        "1 of 2 targets cannot be read:\n"
        f"  b: {sides['target']}/b.jpg: expected a mask, found JPEG\n"
        f"hint: {JPEG}"
    )


@pytest.mark.parametrize("suffix", sorted(KINDS.keys() - MASK_SUFFIXES))
@pytest.mark.parametrize("images", [1, 3, 30])
def test_every_kind_is_listed_or_fails(p: Path, t: Path, suffix: str, images: int) -> None:
    fill(p, *[f"{i}.png" for i in range(images)], "there.png")
    fill(t, *[f"{i}.png" for i in range(images)], f"there{suffix.upper()}", f"lone{suffix}", f"0{suffix}")
    found = pair(p, t)
    assert len(names(found)) == images + 1
    assert found.pairs[-1].target == f"{t}/there{suffix.upper()}"
    assert sorted(one.file for one in found.left_out) == sorted([f"0{suffix}", f"lone{suffix}"])
    assert (found.missing, found.extra) == ((), ())


def test_two_files_that_are_not_read_may_belong_together(p: Path, t: Path) -> None:
    found = pair(fill(p, "a.png", "b.dcm"), fill(t, "a.png", "b.jpg"))
    assert names(found) == ["a", "b"]


def test_a_pattern_chooses_among_files_that_are_not_read(p: Path, t: Path) -> None:
    found = pair(fill(p, "a.png", "b.png"), fill(t, "a_gt.png", "b_gt.jpg", "b.jpg", "a.png"), "{id}_gt")
    assert names(found) == ["a", "b"]
    assert [(one.file, one.why) for one in found.left_out] == [
        ("a.png", "which the pattern does not describe"),
        ("b.jpg", "as JPEG is not read there"),
    ]


def test_what_nobody_takes_for_a_mask_stays_silent(p: Path, t: Path) -> None:
    others = ("Thumbs.db", ".DS_Store", "a.txt", "a.json", "a.xml", "a.csv", ".b.jpg")
    assert pair(fill(p, "a.png", *others), fill(t, "a.png", *others)).left_out == ()


def test_files_of_which_none_is_read_are_no_masks(p: Path, t: Path) -> None:
    assert refused(PairingError, pair, fill(p, "a.png"), fill(t, "a.dcm")).endswith(
        f"in {t}, found 1 of other kinds, such as a.dcm\n"
        "hint: save masks as PNG, or give `read=` a function that takes a path and returns an array of labels"
    )
