"""Masks in colours whose red and blue are exchanged: every way in says so."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segscore
from support.command_line import run
from support.masks_on_disk import pillow, write
from support.painted import CLASSES, COLOURS, painted
from support.planted import scenes
from support.refused import refused

HINT = (
    "red and blue look exchanged, as OpenCV has them (BGR): all colours are known without that. Exchange "
    "them where the masks are written, as `cv2.imwrite(path, mask[..., ::-1])` does"
)
TOML = "classes = [\n" + "".join(
    f'  {{ label = {i}, name = "{name}", colour = {COLOURS[i].tolist()} }},\n'
    for i, name in enumerate(CLASSES.names)
)
TOML += f"]\nignore = [{{ label = 255, colour = {COLOURS[255].tolist()} }}]\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for side, masks in zip(("pred", "target"), scenes(), strict=True):
        for i, mask in enumerate(masks[:3]):
            exchanged = Image.fromarray(COLOURS[mask][..., ::-1].copy())
            forms = {side: painted(mask), f"{side}-bgr": exchanged}
            write(tmp_path, {f"{name}/{i}.png": pillow(form) for name, form in forms.items()})
    Path("classes.toml").write_text(TOML)
    return tmp_path


@pytest.mark.usefixtures("files")
def test_exchanged_targets_are_refused_with_the_cause() -> None:
    told = refused(segscore.LabelError, segscore.evaluate, pred="pred", target="target-bgr", classes=CLASSES)
    message, hint = told.split("\nhint: ")
    assert message.startswith("`target` holds the labels colour (180, 130, 70)")
    assert hint == HINT
    (finding,) = (
        one
        for one in segscore.audit(pred="pred", target="target-bgr", classes=CLASSES).findings
        if one.severity == "error"
    )
    assert (finding.kind, finding.hint) == ("unknown-labels", HINT)
    given = "--target", "target-bgr", "--classes", "classes.toml"
    assert run("evaluate", "--pred", "pred", *given).stderr.endswith(f"\nhint: {HINT}\n")
    run("init")
    assert run("dataset", "add", "d", "--targets", *given[1:]).stderr.endswith(f"\nhint: {HINT}\n")


@pytest.mark.usefixtures("files")
def test_exchanged_predictions_are_told_with_the_cause() -> None:
    with pytest.warns(segscore.SegscoreWarning) as caught:
        found = segscore.evaluate(pred="pred-bgr", target="target", classes=CLASSES)
    assert [str(one.message).partition("\nhint: ")[2] for one in caught] == [HINT]
    # Two colours have as much red as blue.
    preds, targets = (np.array(side[:3]) for side in scenes())
    assert found.scores.missed.sum() == (np.isin(preds, [0, 3, 4]) & (targets != 255)).sum()
    (finding,) = (one for one in found.findings if one.kind == "unknown-predictions")
    assert finding.hint == HINT


@pytest.mark.usefixtures("files")
def test_colours_as_they_should_be_are_told_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = segscore.evaluate(pred="pred", target="target", classes=CLASSES)
    expected = segscore.evaluate(pred=scenes()[0][:3], target=scenes()[1][:3], classes=CLASSES)
    assert np.array_equal(found.confusion.counts, expected.confusion.counts)
