"""Audits on the command line: of masks, of what was scored before, and what says nothing about either."""

import json
from pathlib import Path

import pytest

from segscore import Workspace
from support.command_line import failed
from support.command_line import run as command
from support.some_runs import add_function, run

SIDES = ("--pred", "target", "--target", "target")


def test_what_was_scored_is_audited_as_its_masks_are(ws: Workspace) -> None:
    add_function(ws)
    made = run(ws)
    found = command("audit", made.id)
    assert found.exit_code == 0
    assert found.stdout.startswith("audit of 7 images: ")
    assert "ground truth of 7 images" in found.stdout
    made.evaluation.save("kept.npz")
    assert command("audit", "kept.npz").stdout == found.stdout
    assert command("audit", made.id, "--json", "found.json").exit_code == 0
    expected = json.loads(json.dumps(made.evaluation.audit().to_dict()))
    kept = json.loads(Path("found.json").read_text())
    assert kept["findings"] == expected["findings"]
    assert failed(command("audit", "r9")) == "there is no run `r9`\nhint: the nearest is `r1`"


OF_MASKS = (
    "hint: an audit is of masks, `--pred DIR --target DIR --classes NAME`, of targets alone without "
    "`--pred`, or of what was scored: the file of `segscore evaluate --save`, or a run such as r12"
)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), f"`--target` and `--classes` are missing\n{OF_MASKS}"),
        (
            ("--target", "target", "--classes", "2", "--resize", "nearest", "--threshold", "0.5"),
            "`--resize` and `--threshold` belong to predictions, and none are given\nhint: add `--pred DIR`",
        ),
        (
            ("--target", "target", "--classes", "2", "--fail-on", "all"),
            "`--fail-on` is 'all'\nhint: it is error, warning or note",
        ),
        (SIDES, f"`--classes` is missing\n{OF_MASKS}"),
        (
            ("r1", *SIDES, "--resize", "nearest"),
            "`--pred`, `--target` and `--resize` belong to masks, and what was scored is given\n"
            "hint: leave out one or the other",
        ),
        (
            ("r1", "--dims", "3", "--max-pixels", "100", "--threads", "1"),
            "`--dims`, `--max-pixels` and `--threads` belong to masks, and what was scored is given\n"
            "hint: leave out one or the other",
        ),
        (
            ("image",),
            "image: expected a saved evaluation, found a folder\nhint: score the masks in it first: "
            "`segscore evaluate --save FILE.npz` writes such a file",
        ),
    ],
)
def test_what_an_audit_is_of(ws: Workspace, given: tuple[str, ...], said: str) -> None:
    assert failed(command("audit", *given)) == said


OF_RUN = "; what is known of a run is said by `segscore show r2`, `segscore explain r2`, `segscore audit r2`"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("evaluate", "r2"), f"masks are given as `--pred DIR --target DIR`{OF_RUN}"),
        (("evaluate", *SIDES, "r2"), f"masks are given as `--pred DIR --target DIR`{OF_RUN}"),
        (("runs", "r2"), f"`segscore runs -h` lists them{OF_RUN}"),
        (("evaluate", "image", "target"), "masks are given as `--pred DIR --target DIR`"),
        (("reindex", "image"), "`segscore reindex -h` lists them"),
    ],
)
def test_a_word_that_is_no_option_is_named_before_an_option_that_is_missing(
    ws: Workspace, given: tuple[str, ...], said: str
) -> None:
    word = next(one for one in given[1:] if one in ("r2", "image"))
    assert failed(command(*given)) == (
        f"`segscore {given[0]}` takes options alone, found {word}\nhint: {said}"
    )


@pytest.mark.parametrize(
    ("given", "found", "lists"),
    [
        (("evaluate", *SIDES, "--boundary", "1", "--boundary=5"), "`--boundary` 2 times", True),
        (("evaluate", "--list", "a", *SIDES, "--list", "a", "--list", "a"), "`--list` 3 times", False),
        (("model", "add", "new", "--onnx", "a", "--onnx", "b"), "`--onnx` 2 times", False),
        (
            ("dataset", "show", "a", "--workspace=.", "--verify", "--workspace=..", "--verify"),
            "`--workspace` 2 times",
            False,
        ),
        (
            ("evaluate", *SIDES, "--tolerances", "1", "--json=a", "--tolerance=5", "--json", "b"),
            "`--tolerance` and `--tolerances` 2 times, `--json` 2 times",
            True,
        ),
        (
            ("evaluate", *SIDES, "--progress", "--no-progress"),
            "`--progress` and `--no-progress` 2 times",
            False,
        ),
    ],
)
def test_an_option_of_one_value_that_is_given_more_than_once_is_refused(
    ws: Workspace, given: tuple[str, ...], found: str, lists: bool
) -> None:
    assert failed(command(*given)) == (
        f"expected each option once, found {found}\n"
        f"hint: write it once{'; several values stand together, as in 1,5' * lists}"
    )


def test_a_switch_may_be_given_twice(ws: Workspace) -> None:
    names = command("dataset", "list").stdout
    assert names.startswith("dataset")
    again = command("dataset", "show", next(iter(ws.datasets)), "--verify", "--verify")
    assert again.stdout.endswith("all files are as they were when it was added\n")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("compare", "a", "b", "c"), "takes 2 words and options, found c as well"),
        (("show", "r1", "r2", "r3"), "takes 1 word and options, found r2 as well"),
    ],
)
def test_a_word_too_many_is_named(ws: Workspace, given: tuple[str, ...], said: str) -> None:
    name = f"`segscore {given[0]}`"
    assert failed(command(*given)) == f"{name} {said}\nhint: `segscore {given[0]} -h` lists what it takes"


def test_help_is_shown_whatever_else_is_given(ws: Workspace) -> None:
    assert command("evaluate", "r2", "-h").stdout.startswith("Usage: segscore evaluate ")
