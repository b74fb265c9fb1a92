"""`--read module:function`: masks of other formats on the command line are what `read=` makes of them."""

import sys
from pathlib import Path

import numpy as np
import pytest

from segscore import audit, evaluate, load
from support import hints
from support.command_line import printed, run

RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.integers(0, 2, (3, 5, 6))
PREDS = np.where(RANDOM.random(TARGETS.shape) < 0.3, 1 - TARGETS, TARGETS)
READING = ("--pred", "pred", "--target", "gt", "--read", "own_reader:of_text")
CODE = """
import numpy as np

def of_text(path):
    with open(path) as file:
        return np.array([list(map(int, line)) for line in file.read().split()])

NUMBER = 7
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Masks as texts of digits, and a module beside them that reads these."""
    for side, masks in (("pred", PREDS), ("gt", TARGETS)):
        (tmp_path / side).mkdir()
        for i, mask in enumerate(masks):
            rows = ["".join(map(str, row)) for row in mask.tolist()]
            (tmp_path / side / f"{i}.txt").write_text("\n".join(rows))
    (tmp_path / "own_reader.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "own_reader", raising=False)
    return tmp_path


def test_evaluate_reads_masks_with_a_function() -> None:
    printed("evaluate", *READING, "--classes", 2, "--save", "e.npz")
    assert load("e.npz").table == evaluate(pred=list(PREDS), target=list(TARGETS), classes=2).table


def test_without_classes_the_labels_it_reads_are_shown() -> None:
    text = printed("evaluate", *READING)
    assert "labels of 3 images" in text
    assert text.endswith("next: segscore classes new --from gt --read own_reader:of_text > classes.toml\n")


def test_audit_reads_masks_with_a_function() -> None:
    expected = audit(pred=list(PREDS), target=list(TARGETS), classes=2).truth
    assert f"{expected.images} images" in printed("audit", *READING, "--classes", 2)


def test_classes_new_reads_masks_with_a_function() -> None:
    made = printed("classes", "new", "--from", "gt", "--read", "own_reader:of_text")
    share = (TARGETS == 0).mean()
    assert f'  {{ label = 0, name = "class 0" }},  # {share:.2%} of the pixels' in made


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "os:remove",
            "expected a function of your own, found one of os, which comes with Python\n"
            "hint: a reader is a function that takes a path and returns an array of labels",
        ),
        (
            "own_reader",
            "`--read`: expected the name of a function as `package.module:function`, found own_reader\n"
            f"hint: {hints.COLON}",
        ),
        (
            "own_reader.py:of_text",
            "`--read`: expected the name of a function as `package.module:function`, found a file: "
            "own_reader.py:of_text\n"
            "hint: name its module: `own_reader:of_text`",
        ),
        ("own_reader:of_txt", "own_reader:of_txt: there is no of_txt\nhint: it has of_text"),
        (
            "own_reader:NUMBER",
            "own_reader:NUMBER: expected a function, found int\n"
            "hint: name something that can be called with a path",
        ),
        (
            "no_such_reader:read",
            "`--read`: there is no module no_such_reader in the current folder, or on the path of Python\n"
            f"hint: {hints.OWN_MODULE.format('masks:read')}",
        ),
    ],
)
def test_what_is_no_reader(folder: Path, name: str, said: str) -> None:
    sides = ("--pred", "pred", "--target", "gt", "--read", name)
    for command in (
        ("evaluate", *sides, "--classes", 2),
        ("evaluate", *sides),
        ("audit", *sides, "--classes", 2),
        ("classes", "new", "--from", "gt", "--read", name),
    ):
        assert run(*command).stderr == f"error: {said}\n"
    assert len([*folder.glob("*/*.txt")]) == 6


def test_the_path_of_modules_gets_the_current_folder_once(folder: Path) -> None:
    for _ in range(2):
        printed("audit", *READING, "--classes", 2)
    assert sys.path.count(str(folder)) == 1


def test_a_current_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    sides = ("--pred", tmp_path / "pred", "--target", tmp_path / "gt")
    result = run("evaluate", *sides, "--classes", 2, "--read", "own_reader:of_text")
    assert result.stderr.startswith("error: the current folder is no longer there")


def test_results_are_not_written_over_masks_that_a_function_reads() -> None:
    for command in ("evaluate", "audit"):
        result = run(command, *READING, "--classes", 2, "--json", "gt/1.txt")
        assert "gt/1.txt: expected a file to write, found one that the result is made from" in result.stderr
