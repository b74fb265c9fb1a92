"""`segscore evaluate --components`: lesions of files of volumes and images, gates, and what is saved."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

import segscore
from segscore.counts.measures import Measures
from support.command_line import run


def files(folder: Path) -> tuple[str, ...]:
    """Write three lesions, one of which is missed and one touches another at a corner; return the options."""
    target = [[1, 1, 0, 0, 0, 1], [0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]]
    pred = [[1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1]]
    for side, labels in (("target", target), ("pred", pred)):
        (folder / side).mkdir()
        Image.fromarray(np.array(labels, dtype=np.uint8)).save(folder / side / "a.png")
    folders = "--pred", str(folder / "pred"), "--target", str(folder / "target")
    return "evaluate", *folders, "--classes", "binary", "--no-progress", "--components"


def test_lesions_are_judged_and_saved(tmp_path: Path) -> None:
    saved, options = str(tmp_path / "ev.npz"), files(tmp_path)
    gates = "object_recall.foreground@any=0.6,f1@0.5=0.3"
    done = run(*options, "--save", saved, "--connectivity", "4", "--dilation", "1", "--fail-under", gates)
    assert done.exit_code == 1
    assert "Mean F1 at any overlap 0.40" in done.stdout
    assert "gate failed: object_recall.foreground@any: 0.333333, 0.266667 below 0.6" in done.stdout
    assert "gate passed: f1@0.5: 0.400000, at least 0.3 is asked for" in done.stdout
    ev = segscore.load(saved)
    assert ev.measures == Measures.of(components=True, connectivity=4, dilation=1)
    assert ev.panoptic.fn.tolist() == [0, 2]


def test_neighbours_are_all_around(tmp_path: Path) -> None:
    done = run(*files(tmp_path))
    assert done.exit_code == 0
    # Those that touch at a corner are one, of which the prediction has two thirds.
    assert "1 of 2 objects of targets matched above an IoU of 0.5, 1 missed" in done.stdout


def test_what_does_not_go_together(tmp_path: Path) -> None:
    options = files(tmp_path)
    done = run(*options[:-1], "--connectivity", "8")
    assert done.exit_code == 2
    assert "`--connectivity` is given without `--components`" in done.stderr
    done = run(*options, "--connectivity", "eight")
    assert done.exit_code == 2
    assert "`--connectivity` is 'eight', expected a number" in done.stderr
    done = run(*options[:5], "--components", "--instances", "ids", "--no-progress")
    assert done.exit_code == 2
    assert "`--components` cannot be given with `--instances`" in done.stderr


def test_rules_of_others_are_shown(tmp_path: Path) -> None:
    saved = str(tmp_path / "ev.npz")
    assert run(*files(tmp_path), "--dilation", "1", "--save", saved).exit_code == 0
    ev = segscore.load(saved)
    for options, found in (
        (("--lesions-as", "brats-met"), ev.lesions_as("brats-met")),
        (("--lesions-as", "panoptica"), ev.lesions_as("panoptica")),
        (("--average-precision", "stardist"), ev.average_precision("stardist")),
    ):
        out = tmp_path / f"{found.name}.json"
        done = run("explain", saved, *options, "--json", str(out))
        assert done.stdout == f"{found}\n"
        assert json.loads(out.read_text()) == found.to_dict()
    done = run("explain", saved, "--lesions-as", "panoptica", "--average-precision", "coco")
    assert done.exit_code == 2
    assert "`--lesions-as` and `--average-precision` cannot be given together" in done.stderr
    done = run("explain", saved, "--average-precision", "coco")
    assert "predicted objects have no scores" in done.stderr
