"""Shards of a run: processes that see some of the images each, of which the last one ends the run."""

import sys
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, EvaluationError, Workspace, WorkspaceError
from segscore.workspace import Run, Unfinished
from segscore.workspace.runs import agreement
from segscore.workspace.runs.environment import environment
from support.command_line import failed
from support.command_line import run as command
from support.masks_on_disk import write
from support.refused import refused, warned
from support.some_runs import NAMES, SIZE, add_function, interrupted, kept, run, same_counts


def shard(ws: Workspace, number: int, shards: int = 3, **options: Any) -> Run | Unfinished:
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


def test_no_more_shards_than_images(ws: Workspace) -> None:
    add_function(ws)
    hint = "make at most 7: the workspace holds all shards to the number of the first one"
    said = f"there are {{}} shards, and noise:v1 has 7 images\nhint: {hint}"
    assert refused(ArgumentError, shard, ws, 1, 100_000) == said.format("100,000")
    assert failed(command("run", "net", "--on", "noise", "--shard", "8/8")) == said.format("8")
    assert ws.unfinished() == []
    for number in range(1, 8):
        last = shard(ws, number, 7)
    assert isinstance(last, Run)


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


SAME = (
    "\nhint: give all shards of a run the same options and versions; for another run, let r1 end first, or "
)
REMOVE = "remove it: `segscore rm r1`"


@pytest.mark.parametrize(
    ("first", "other", "had", "has"),
    [
        ({}, {"keep_predictions": False}, "`keep_predictions=True`", "`keep_predictions=False`"),
        ({"keep_predictions": False}, {}, "`keep_predictions=False`", "`keep_predictions=True`"),
        ({}, {"shards": 4}, "3 shards", "4 shards"),
        ({}, {"batch": 2}, "`batch=1`", "`batch=2`"),
        ({}, {"resize": "nearest"}, "no `resize`", '`resize="nearest"`'),
        (
            {"boundary": 1},
            {"resize": "nearest", "batch": 7},
            "`batch=1` and no `resize` and measures of bands of 1 px",
            '`batch=7` and `resize="nearest"` and measures of nothing but pixels',
        ),
    ],
)
def test_a_shard_that_differs_is_refused_before_any_work(
    ws: Workspace, first: dict[str, Any], other: dict[str, Any], had: str, has: str
) -> None:
    lines = ("def labels(image):", "with open('seen', 'a') as file:", "    file.write('x')")
    Path("nets.py").write_text("\n    ".join((*lines, "return image[..., 0] % 3")))
    add_function(ws)
    assert isinstance(shard(ws, 1, **first), Unfinished)
    seen = Path("seen").read_text()
    assert refused(ArgumentError, shard, ws, 2, **other) == (
        f"run r1 of net:v1 on noise:v1 was begun by other shards with {had}, and this one is with {has}"
        f"{SAME}{REMOVE}"
    )
    assert Path("seen").read_text() == seen
    assert [one.id for one in ws.unfinished()] == ["r1"]
    for number in (2, 3):
        last = shard(ws, number, **first)
    same(last, run(ws, again=True, **first))


def test_shards_of_another_dataset_or_model_may_differ(ws: Workspace) -> None:
    add_function(ws)
    add_function(ws, "half", "other", class_axis=0)
    shard(ws, 1)
    found = ws.run_shard("other", "noise", 1, 4, keep_predictions=False, progress=False)
    assert found.id == "r2"


def test_a_shard_under_other_versions_is_refused(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    add_function(ws)
    shard(ws, 1)
    monkeypatch.setattr(agreement, "environment", lambda: {**environment(), "numpy": "1.0"})
    assert refused(ArgumentError, shard, ws, 2) == (
        f"run r1 of net:v1 on noise:v1 was begun by other shards under numpy {np.__version__} (now 1.0)"
        f"{SAME}{REMOVE}"
    )
    assert [one.done for one in ws.unfinished()] == [3]


def test_the_first_shard_that_goes_on_with_a_run_says_what_all_others_have(ws: Workspace) -> None:
    add_function(ws)
    interrupted(ws, at=1)
    assert isinstance(shard(ws, 1, keep_predictions=False), Unfinished)
    assert refused(ArgumentError, shard, ws, 2) == (
        "run r1 of net:v1 on noise:v1 was begun by other shards with `keep_predictions=False`, and this one "
        f"is with `keep_predictions=True`{SAME}{REMOVE}"
    )
    for number in (2, 3):
        last = shard(ws, number, keep_predictions=False)
    assert isinstance(last, Run)
    assert last.predictions is None


def test_a_shard_that_is_tried_again_after_the_end_is_told_which_run_that_was(ws: Workspace) -> None:
    add_function(ws)
    for number in (1, 2):
        ended = shard(ws, number, 2, again=True)  # there is none yet
    assert isinstance(ended, Run)
    assert refused(ArgumentError, shard, ws, 1, 2, again=True) == (
        "run r1 of net:v1 on noise:v1 has ended, and with `again=True` this shard would begin another one\n"
        'hint: leave `again=True` out to be given run r1; `after="r1"` of all shards computes it anew'
    )
    assert ws.unfinished() == []
    assert shard(ws, 1, 2).id == "r1"
    # One that was interrupted says which one is meant.
    interrupted(ws, at=1, again=True)
    assert isinstance(shard(ws, 1, 2, again=True), Unfinished)
    assert shard(ws, 2, 2).id == "r2"


def test_all_shards_that_come_after_a_run_are_of_the_next_one(ws: Workspace) -> None:
    add_function(ws)
    expected = run(ws)
    none = "there is no such finished run of net:v1 on noise:v1"
    assert refused(ArgumentError, shard, ws, 1, 2, after="r7") == (
        f"`after` is r7, and {none}\nhint: the latest one is r1"
    )
    assert isinstance(shard(ws, 1, 2, after="r1"), Unfinished)
    assert refused(ArgumentError, shard, ws, 2, 2) == (
        'run r2 of net:v1 on noise:v1 was begun by other shards with `after="r1"`, and this one is with no '
        f"`after`{SAME}{REMOVE}".replace("r1 end", "r2 end").replace("rm r1", "rm r2")
    )
    for number in (2, 1, 2):
        found = shard(ws, number, 2, after="r1")
        assert found.id == "r2"
        same(found, expected)
    assert refused(ArgumentError, ws.run_shard, "net", "noise", 1, 2, after=3) == (
        "`after` is 3, expected the id of a run\nhint: such as r12"
    )
    add_function(ws, "half", "other", class_axis=0)
    assert refused(ArgumentError, ws.run_shard, "other", "noise", 1, 2, after="r1") == (
        "`after` is r1, and there is no such finished run of other:v1 on noise:v1\n"
        "hint: leave it out for the first run of these"
    )


def test_a_run_after_which_others_cannot_come_says_how_it_differs(ws: Workspace) -> None:
    add_function(ws)
    run(ws, boundary=1, keep_predictions=False)
    assert refused(ArgumentError, shard, ws, 1, 2, after="r1", resize="nearest", keep_predictions=False) == (
        "`after` is r1, which was run with no `resize` and measures of bands of 1 px, and this shard is with "
        '`resize="nearest"` and measures of nothing but pixels\n'
        "hint: give all shards the options of r1; for others, leave `after` out"
    )
    base = ("run", "net", "--on", "noise", "--no-progress", "--shard", "2/2", "--after", "r1")
    assert failed(command(*base, "--boundary", "1")) == (
        "`--after` is r1, which was run with `--no-keep-predictions`, and this shard is with "
        "`--keep-predictions`\nhint: give all shards the options of r1; for others, leave `--after` out"
    )
    run(ws)
    assert failed(command(*base)) == (
        "`--after` is r1, which was run with `--no-keep-predictions` and measures of bands of 1 px, and this "
        "shard is with `--keep-predictions` and measures of nothing but pixels\n"
        "hint: give all shards the options of r1; for others, the latest run is r2"
    )
    assert ws.unfinished() == []
    # What is kept and need not be makes no other run.
    assert isinstance(shard(ws, 1, 2, after="r2", keep_predictions=False), Unfinished)


def test_a_run_that_ends_or_goes_while_a_shard_is_at_work(ws: Workspace) -> None:
    lines = (
        "import os",
        "def labels(image):",
        "    if os.path.exists('call'):",
        "        os.remove('call')",
        "        import segscore",
        "        ws = segscore.Workspace('.')",
        "        ws.remove('r2') if os.path.exists('remove') else ws.run('net', 'noise', progress=False)",
        "    return image[..., 0] % 3",
    )
    Path("nets.py").write_text("\n".join(lines))
    add_function(ws)
    Path("call").touch()
    found = shard(ws, 1)
    assert isinstance(found, Run)
    assert (found.id, ws.unfinished()) == ("r1", [])
    ws.remove("r1")
    for name in ("call", "remove"):
        Path(name).touch()
    assert refused(WorkspaceError, shard, ws, 1) == (
        "run r2 was removed while shard 1 of 3 was at work on it\nhint: run the same shard again"
    )
    assert ws.unfinished() == []
    assert isinstance(shard(ws, 1), Unfinished)


@pytest.mark.parametrize("shards", [2, 3])
def test_shards_of_masks_that_are_there_have_a_fair_part_of_the_images(ws: Workspace, shards: int) -> None:
    masks = np.random.default_rng(3).integers(0, 3, (len(NAMES), *SIZE)).astype(np.uint8)
    write(Path("made"), {f"{name}.png": mask for name, mask in zip(NAMES, masks, strict=True)})
    ws.models.add("net", predictions="made")
    first = shard(ws, 1, shards)
    assert isinstance(first, Unfinished)
    assert first.done == -(-len(NAMES) // shards)
    for number in range(2, shards + 1):
        last = shard(ws, number, shards)
    same(last, run(ws, again=True))


def test_batches_that_stay_whole_are_said_where_shards_have_none(ws: Workspace) -> None:
    add_function(ws, "batch", takes="batch")
    said = "7 images go in 1 batch, which stay whole: 2 of 3 shards have none"
    hint = "\nhint: give all shards a smaller `batch`, or make fewer"
    with warned(f"{said}{hint}", __file__):
        assert isinstance(ws.run_shard("net", "noise", 2, 3, progress=False), Unfinished)
    with warned(f"{said}{hint}"):
        assert isinstance(shard(ws, 1), Run)
    found = shard(ws, 1, 2, batch=4)
    assert isinstance(found, Unfinished)
    assert found.done == 4


def test_the_command_says_which_options_differ_and_what_computes_anew(ws: Workspace) -> None:
    add_function(ws)
    base = ("run", "net", "--on", "noise", "--no-progress")
    command(*base, "--shard", "1/2")
    assert failed(command(*base, "--shard", "2/2", "--no-keep-predictions", "--resize", "nearest")) == (
        "run r1 of net:v1 on noise:v1 was begun by other shards with `--keep-predictions` and no `--resize`, "
        f"and this one is with `--no-keep-predictions` and `--resize nearest`{SAME}{REMOVE}"
    )
    command(*base, "--shard", "2/2")
    assert failed(command(*base, "--shard", "2/2", "--again")) == (
        "run r1 of net:v1 on noise:v1 has ended, and with `--again` this shard would begin another one\n"
        "hint: leave `--again` out to be given run r1; `--after r1` of all shards computes it anew"
    )
    ended = ws.runs()["r1"].ended
    assert command(*base, "--shard", "2/2").stderr == (
        f"note: r1: net:v1 on noise:v1 was run before, and ended {ended}\n"
        "hint: `--after r1` of all shards computes it anew\n"
    )
    for number, begins in (
        (1, "run r2: 4 of 7 images are done; the last"),
        (2, "run r2: net:v1 on noise:v1"),
    ):
        assert command(*base, "--shard", f"{number}/2", "--after", "r1").stdout.startswith(begins)
    assert failed(command(*base, "--after", "r1")) == (
        "`--after` needs `--shard`\nhint: `--again` computes a run anew"
    )
