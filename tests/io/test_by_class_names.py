"""Names that look as if each class had a file of its own, where nobody has said so: what is proposed."""

from pathlib import Path

import numpy as np
import pytest

from segscore import LabelError, PairingError, audit, evaluate
from segscore.io.patterns import of_each_class
from support.command_line import run
from support.masks_on_disk import write
from support.refused import refused

CAT = np.array([[1, 1, 0, 0]])
LOOK = "if each class has a file, as names look: {}; else "


@pytest.mark.parametrize(
    ("form", "given", "pattern"),
    [
        ("{id}_{of}", None, "{id}_{class}:{id}_{class}"),
        ("{of}/{id}", None, "{class}/{id}:{class}/{id}"),
        ("{of}-7_{id}", None, "{class}-{id}:{class}-{id}"),
        ("{id}_{of}_gt", "{id}_gt:{id}_gt", "{id}_{class}_gt:{id}_{class}_gt"),
    ],
)
def test_files_that_look_like_those_of_one_class_each_are_told_the_pattern(
    tmp_path: Path, form: str, given: str | None, pattern: str
) -> None:
    masks = {"cat": CAT * 255, "dog": (1 - CAT) * 255}
    files = {f"{form.format(id=i, of=name)}.png": mask for i in range(3) for name, mask in masks.items()}
    paths = {side: str(write(tmp_path / side, files)) for side in ("pred", "target")}
    sides = {**paths, "pairing": given}
    hint = LOOK.format(f'`pairing="{pattern}"`') + 'masks of 0 and 255 are the preset "binary-255"'
    assert refused(LabelError, evaluate, **sides, classes=2).endswith(f"\nhint: {hint}")
    assert hint in [finding.hint for finding in audit(**sides, classes=2).findings]
    options = ("--pred", paths["pred"], "--target", paths["target"])
    listed = run("evaluate", *options, *(() if given is None else ("--pairing", given)))
    assert f"each class may have a file, as names look: `--pairing '{pattern}'`" in " ".join(
        listed.stdout.split()
    )
    assert listed.stdout.endswith(f" --pairing '{pattern}'\n")
    # What is said leads on: first to names of classes, and then to scores.
    counted = refused(PairingError, evaluate, **paths, pairing=pattern, classes=2)
    assert counted.endswith(
        "hint: a number of classes gives them no names: name them as `classes=['cat', 'dog']`, or in a file, "
        "which `segscore classes new` starts"
    )
    told = run("evaluate", *options, "--pairing", pattern, "--classes", "2")
    assert told.stderr.endswith("name them in a file, which `segscore classes new` starts\n")
    assert evaluate(**paths, pairing=pattern, classes=["cat", "dog"]).scores.mean_iou == 1.0


@pytest.mark.parametrize(
    "names",
    [
        ["1_cat", "2_cat", "3_dog"],
        ["1_cat", "1_dog", "2_cat"],
        ["1_cat", "1_dog"],
        ["a_cat_1", "a_dog_1", "b_cat_2", "b_dog_2"],
        ["1_cat", "1_dog", "cat/2", "dog/2"],
        ["1", "2"],
        [],
    ],
)
def test_names_that_do_not_look_so(names: list[str]) -> None:
    assert of_each_class(names, {"pred": "p"}) is None


def test_names_that_are_of_no_files_or_of_such_a_pattern_tell_nothing() -> None:
    names = ["1_cat", "1_dog", "2_cat", "2_dog"]
    assert of_each_class(names, {"pred": "p"}) == "{id}_{class}:{id}_{class}"
    assert of_each_class(names, {}) is None
    assert of_each_class(names, {"pred": "p", "pairing": "{class}/{id}"}) is None
