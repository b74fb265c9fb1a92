"""Runs on the command line: what the commands print, and what wrong usage gets."""

import re
from pathlib import Path
from shutil import copytree

import pytest

from segscore import SegscoreWarning, Workspace
from segscore.workspace.runs import running
from support.command_line import failed
from support.command_line import run as command
from support.some_runs import add_function, add_images, names_of, run, write_images


def printed(*arguments: object, said: str = "") -> str:
    result = command(*arguments)
    moment = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d\+00:00)?"
    assert (result.exit_code, re.sub(moment, "2026-01-02 03:04", result.stderr)) == (0, said)
    return re.sub(moment, "2026-01-02 03:04", result.stdout)


@pytest.fixture
def two(ws: Workspace) -> Workspace:
    """Two models, and two datasets of which one has fewer classes."""
    add_function(ws)
    add_function(ws, "logits", "other", class_axis=0)
    add_function(ws, "last", "third", class_axis=-1)
    write_images(ws.path, names_of(4), seed=5)
    add_images(ws, "new")
    return ws


def test_from_models_and_datasets_to_a_table(two: Workspace) -> None:
    assert printed("runs") == "no run\n"
    assert printed("runs", "--grid") == "no run\n"
    page = printed("run", "net", "--on", "new", "--no-progress")
    assert page == printed("show", "r1")
    assert page.startswith("run r1: net:v1 on new:v1\n")
    before = (
        "note: r1: net:v1 on new:v1 was run before, and ended 2026-01-02 03:04\n"
        "hint: `--again` computes it anew\n"
    )
    text = printed("run", "--all", "--on", "new", "--no-progress", said=before)
    rows, grid = text.split("\n\n")[0], "\n\n".join(text.split("\n\n")[1:])
    assert rows == printed("runs").rstrip("\n")
    assert grid == printed("runs", "--grid")
    values = {one.model: f"{one.metrics['mean_iou']:.4f}" for one in two.runs()}
    assert text == (
        "run  model     dataset  mean_iou  images       ended (UTC)\n"
        f"r1   net:v1    new:v1     {values['net:v1']}       7  2026-01-02 03:04\n"
        f"r2   other:v1  new:v1     {values['other:v1']}       7  2026-01-02 03:04\n"
        f"r3   third:v1  new:v1     {values['third:v1']}       7  2026-01-02 03:04\n"
        "\n"
        "mean_iou   new:v1\n"
        f"net:v1    {values['net:v1']}*\n"
        f"other:v1   {values['other:v1']}\n"
        f"third:v1   {values['third:v1']}\n"
        "\n"
        "* the best of these on its dataset\n"
    )
    lines = printed("runs", "--sort", "iou.1", "--model", "third:v1", "--metric", "iou.1").splitlines()
    assert lines[0].split() == ["run", "model", "dataset", "iou.1", "images", "ended", "(UTC)"]
    assert lines[1].split()[:4] == ["r3", "third:v1", "new:v1", f"{two.runs()['r3'].metric('iou.1'):.4f}"]


def test_notes_failures_and_what_was_interrupted(two: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("image/000.png").write_bytes(b"nothing")
    with pytest.warns(SegscoreWarning, match="cannot be read"):
        add_images(two, "new")
    given = ("run", "net", "--on", "new", "--no-progress")
    fact = (
        "r1: net:v1 on new:v2: 1 of 7 images could not be scored:\n"
        f"  000: {two.path}/image/000.png: expected an image (BMP, JPEG, PNG, TIFF, WEBP), found "
        "something else\n"
        "hint: its scores are those of the 6 others; `--again` tries all of them again"
    )
    told = command(*given)
    assert told.exit_code == 2  # as `evaluate` ends, although the run is kept
    assert told.stderr == f"error: {fact}, `--on-error skip` leaves these out with exit code 0\n"
    assert "6 of 7 images scored" in told.stdout
    before = (
        "note: r1: net:v1 on new:v2 was run before, and ended 2026-01-02 03:04\n"
        "hint: `--again` computes it anew\n"
    )
    printed(*given, "--on-error", "skip", said=f"{before}warning: {fact}\n")
    assert printed("note", "r1", "one image is\x1b[31m damaged") == ""
    lines = printed("runs").splitlines()
    assert lines[0].split() == ["run", "model", "dataset", "mean_iou", "images", "failed", "ended", "(UTC)"]
    assert lines[1].split()[4:6] == ["6", "1"]
    assert lines[2:] == ["", "r1: one image is\\x1b[31m damaged"]
    assert "note: one image is\\x1b[31m damaged\n" in printed("show", "r1")
    monkeypatch.setattr(running, "SHOW_EVERY", 0.0)

    def stop(now: running.RunProgress) -> None:
        if now.done >= 4:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        run(two, "other", "new", progress=stop)
    (left,) = two.unfinished()
    assert printed("runs").splitlines()[4:] == [
        "",
        f"r2: other:v1 on new:v2, {left.done} of 7 images, interrupted; `segscore run other:v1 --on",
        "  new:v2` goes on with it",
    ]
    assert failed(command("show", "r2")) == (
        f"run r2 is not finished: {left.done} of 7 images\nhint: `segscore runs` says how it goes on"
    )
    # One that is wrong removes none of the others.
    assert failed(command("rm", "r1", "r9")) == "there is no run `r9`\nhint: the nearest is `r1`"
    assert printed("rm", "r1", "r2") == "run r1 removed\nrun r2 removed\n"
    assert printed("runs") == "no run\n"


def test_runs_that_fail_take_no_other_with_them(two: Workspace) -> None:
    Path("target/000.png").write_bytes(Path("target/002.png").read_bytes())
    result = command("run", "net", "other", "--on", "new", "--on", "noise", "--no-progress")
    assert result.exit_code == 2
    assert result.stderr.count("changed since it was added") == 4
    assert result.stderr.endswith("error: 4 of 4 runs failed\n")
    add_images(two, "new")
    result = command("run", "--all", "--on", "new", "--on", "noise", "--no-progress")
    assert result.exit_code == 2
    assert result.stderr.endswith("error: 3 of 6 runs failed\n")
    assert [one.dataset for one in two.runs()] == ["new:v2"] * 3
    assert "third:v1" in result.stdout


def test_predictions_that_are_missing_end_runs_as_they_end_evaluations(two: Workspace) -> None:
    copytree("target", "few")
    Path("few/000.png").unlink()
    two.models.add("few", predictions="few")
    result = command("run", "few", "other", "--on", "new", "--no-progress")
    of_run = (
        "r1: few:v1 on new:v1: 1 of 7 images could not be scored:\n"
        "  000: there is no prediction of this name\n"
    )
    assert (result.exit_code, result.stderr.startswith(f"error: {of_run}")) == (2, True)
    assert [one.failures for one in two.runs()] == [1, 0]
    result = command("run", "few", "other", "--on", "new", "--no-progress", "--on-error", "skip")
    assert (result.exit_code, f"warning: {of_run}" in result.stderr) == (0, True)
    sides = ("--pred", "few", "--target", "target", "--classes", "3", "--ignore", "255")
    assert failed(command("evaluate", *sides)).startswith("1 of 7 targets has no prediction in few:")
    assert command("evaluate", *sides, "--on-error", "skip").exit_code == 0


def test_a_version_of_several_names_is_run_once(two: Workspace) -> None:
    names = ["net", "net:v1", "other"]
    page = printed("run", *names, "--on", "new", "--on", "new:v1", "--on", "new", "--no-progress")
    assert [line.split()[:3] for line in page.splitlines()[1:3]] == [
        ["r1", "net:v1", "new:v1"],
        ["r2", "other:v1", "new:v1"],
    ]
    assert page.splitlines()[3] == ""


def test_wrong_usage(two: Workspace) -> None:
    assert failed(command("run", "--on", "new")) == (
        "no model is named\nhint: name one as an argument (net, other, third), or all with `--all`"
    )
    assert failed(command("run", "net")) == (
        "no dataset is named\nhint: name one with `--on` (new, noise), or all with `--all`"
    )
    assert failed(command("run", "net", "--on", "new", "--on-error", "stop")) == (
        '`--on-error` is \'stop\'\nhint: it is "raise" or "skip"'
    )
    assert failed(command("run", "net", "--on", "new", "--resize", "linear")) == (
        "`--resize` is 'linear'\nhint: it is \"nearest\", or left out"
    )
    for name in ("show", "rm"):
        none = "there is no run `r1`, nor any other\nhint: `segscore run` makes one"
        assert failed(command(name, "r1")) == none
    other = Workspace.init("other")
    assert failed(command("run", "--all", "--workspace", other.path)) == (
        "there is no model to run\nhint: add one with `segscore model add`"
    )


@pytest.mark.filterwarnings("ignore:.*holds the same as version:segscore.SegscoreWarning")
def test_a_warning_of_images_that_were_trained_on(two: Workspace) -> None:
    two.models.add("net", python="nets:labels", trained_on="new")
    result = command("run", "net", "--on", "new", "--no-progress")
    assert result.exit_code == 0
    assert result.stderr.startswith("warning: net:v2 was trained on 7 of 7 images of new:v1: `000`, ")
    with pytest.warns(SegscoreWarning):
        run(two, "net", "new")
    lines = printed("runs").splitlines()
    assert lines[1].split()[5] == "*"
    assert lines[-1] == "* images among them that the model was trained on"
    assert "net:v2 was trained on 7 of 7 images of new:v1: `000`, " in printed("show", "r1")
