"""Messages and hints name options of the command that says them, and what a hint names can be given."""

import json
import re
import shlex
from pathlib import Path

import pytest

import segscore
from support.command_line import printed, run
from support.masks_on_disk import write
from support.planted import CLASSES, mapped, scenes

ORDERS = {
    "in another order": {0: 3, 1: 0, 2: 1, 3: 4, 4: 2},
    "one too high": {label: label + 1 for label in range(5)},
    "one too low, in bytes": {label: (label - 1) % 256 for label in range(5)},
    "times ten": {label: 10 * label for label in range(5)},
}


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("evaluate --pred nowhere --target target --classes 2", "--pred"),
        ("evaluate --pred pred --target nowhere", "--target"),
        ("audit --pred pred --target nowhere --classes 2", "--target"),
        ("dataset add streets --images target --targets nowhere --classes 2", "--targets"),
        ("model add net --predictions nowhere", "--predictions"),
        ("classes new --from nowhere", "--from"),
    ],
)
def test_a_folder_that_is_not_there_is_called_by_the_option_of_the_command(
    folders: Path, command: str, option: str
) -> None:
    printed("init")
    said = run(*shlex.split(command)).stderr.splitlines()[0]
    assert said == f"error: `{option}`: expected a folder, a file or a glob pattern, found nothing at nowhere"


@pytest.mark.parametrize("name", ORDERS)
def test_the_label_values_of_a_hint_can_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    preds, targets = scenes()
    for folder, masks in (("pred", [mapped(mask, ORDERS[name]) for mask in preds]), ("target", targets)):
        write(tmp_path / folder, {f"{i:02}.png": mask for i, mask in enumerate(masks)})
    given = ("--pred", "pred", "--target", "target", "--classes", "5", "--ignore", "255", "--no-progress")
    hint = re.search(r"`--pred-classes ([0-9,]+)`", " ".join(printed("audit", *given).split()))
    assert hint is not None
    scores = json.loads(printed("evaluate", *given, "--pred-classes", hint[1], "--json", "-"))
    meant = segscore.evaluate(pred=preds, target=targets, classes=CLASSES).scores
    assert scores["mean_iou"] == pytest.approx(meant.mean_iou)
