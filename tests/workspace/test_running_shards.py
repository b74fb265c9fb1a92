"""Shards of a run: processes that see some of the images each, of which the last one ends the run."""

import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from segscore import ArgumentError, EvaluationError, Workspace
from segscore.workspace import Run, Unfinished
from support.command_line import failed
from support.command_line import run as command
from support.refused import refused
from support.some_runs import NAMES, add_function, interrupted, kept, run, same_counts


def shard(ws: Workspace, number: int, shards: int = 3, **options: object) -> Run | Unfinished:
    return ws.run_shard("net", "noise", number, shards, progress=False, **options)


def same(found: Run | Unfinished, expected: Run) -> None:
    """Check that two runs came to the same, and keep the same."""
    assert isinstance(found, Run)
    assert same_counts(found.evaluation, expected.evaluation)
    assert str(found.evaluation) == str(expected.evaluation)
    assert found.metrics == expected.metrics
    assert (found.predictions is None) == (expected.predictions is None)
    if found.predictions is not None:
        assert kept(found).keys() == kept(expected).keys()


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("function", ["labels", "batch"])
def test_the_last_shard_ends_the_run(ws: Workspace, function: str, keep: bool) -> None:
    batches = {"takes": "batch"} if function == "batch" else {}
    add_function(ws, function, **batches)
    given = {"batch": 2, "keep_predictions": keep}
    one, two = (shard(ws, number, **given) for number in (3, 1))
    assert isinstance(one, Unfinished)
    assert isinstance(two, Unfinished)
    assert (one.id, one.done, one.total, one.held) == ("r1", 2, 7, False)
    assert (two.id, two.done) == ("r1", 5)  # batches of 2, 2, 2 and 1
    last = shard(ws, 2, **given)
    same(last, run(ws, again=True, **given))
    assert (last.id, ws.unfinished()) == ("r1", [])
    again = shard(ws, 1, **given)
    assert isinstance(again, Run)
    assert again.id == "r2"  # the latest finished run of the same


def test_what_lost_shards_left_is_run_by_whoever_goes_on(ws: Workspace) -> None:
    add_function(ws)
    shard(ws, 2)
    found = run(ws)
    assert found.id == "r1"
    same(found, run(ws, again=True))


def test_shards_go_on_with_a_run_that_was_interrupted(ws: Workspace) -> None:
    add_function(ws)
    left = interrupted(ws, at=4)
    for number in (1, 2, 3):
        last = shard(ws, number)
    assert (last.id, ws.unfinished()) == (left.id, [])
    same(last, run(ws, again=True))


def test_a_shard_whose_images_are_known_is_not_run_again(ws: Workspace) -> None:
    lines = (
        "def labels(image):",
        "with open('seen', 'a') as file:",
        "    file.write('x')",
        "return image[..., 0] % 3",
    )
    Path("nets.py").write_text("\n    ".join(lines))
    add_function(ws)
    for _ in range(2):
        found = shard(ws, 1)
    assert isinstance(found, Unfinished)
    assert found.done == len(Path("seen").read_text()) == 3


def test_images_that_all_fail_are_an_error_of_the_last_shard(ws: Workspace) -> None:
    Path("nets.py").write_text("def labels(image):\n    raise ValueError('no')\n")
    add_function(ws)
    assert isinstance(shard(ws, 1, 2), Unfinished)
    with pytest.raises(EvaluationError, match="none of 7 images could be scored"):
        shard(ws, 2, 2)
    assert ws.unfinished() == []


def test_shards_that_are_none(ws: Workspace) -> None:
    add_function(ws)
    for number, shards in ((0, 3), (4, 3), (1.0, 3), (True, 3)):
        assert refused(ArgumentError, shard, ws, number, shards) == (
            f"there is no shard {number!r} of {shards!r}\nhint: the first of 16 shards is 1 of 16"
        )
    assert ws.unfinished() == []


def test_jobs_at_the_same_time_end_one_run(ws: Workspace) -> None:
    add_function(ws)
    base = [sys.executable, "-m", "segscore", "run", "net", "--on", "noise", "--no-progress", "--shard"]
    jobs = [Popen([*base, f"{i}/4"], stdout=PIPE, stderr=PIPE, text=True) for i in range(1, 5)]
    said = [job.communicate(timeout=90) for job in jobs]
    assert [job.returncode for job in jobs] == [0] * 4, said
    assert [errors for _, errors in said] == [""] * 4
    ended = [text for text, _ in said if text.startswith("run r1: net:v1 on noise:v1\n")]
    others = [text for text, _ in said if text not in ended]
    assert len(ended) == 1
    assert all(text.startswith("run r1: ") and "are done; the last shard ends it" in text for text in others)
    same(ws.runs()["r1"], run(ws, again=True))
    assert sorted(kept(ws.runs()["r1"])) == sorted(NAMES)


def test_the_command_says_how_far_the_run_is(ws: Workspace) -> None:
    add_function(ws)
    told = command("run", "net", "--on", "noise", "--no-progress", "--shard", "1/2")
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout == "run r1: 4 of 7 images are done; the last shard ends it\n"
    assert "interrupted; `segscore run net:v1 --on noise:v1` goes on with it" in " ".join(
        command("runs").stdout.split()
    )
    assert command("run", "net", "--on", "noise", "--no-progress", "--shard", "2/2").stdout.startswith(
        "run r1: net:v1 on noise:v1\n"
    )
    assert failed(command("run", "net", "--on", "noise", "--shard", "3/2")) == (
        "`--shard` is '3/2', expected K/N\n"
        "hint: such as 3/16 for the third of 16 shards; the first one is 1/16"
    )
