"""Folders of predictions that are probability maps or class scores, as models of a workspace."""

from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, Classes, EvaluationError, SegscoreWarning, Workspace, evaluate
from segscore._core import PairCounts
from segscore.counts.counted import Counted
from segscore.counts.measures import NOTHING
from segscore.counts.thresholds import ScoreRange
from segscore.workspace.runs.pending import Pending
from segscore.workspace.runs.pipeline import Outcome
from support.command_line import run
from support.masks_on_disk import write
from support.refused import refused
from support.workspaces import TARGETS, add_dataset, write_project

RANDOM = np.random.default_rng(0)
SHARES = {name: RANDOM.integers(0, 256, (2, 3)) for name in TARGETS}
LOGITS = {name: RANDOM.standard_normal((2, 2, 3)).astype(np.float32) for name in TARGETS}


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    folder = tmp_path / "project"
    write_project(folder)
    write(folder, {f"gray/{name}.png": values for name, values in SHARES.items()})
    write(folder, {f"scores/{name}.npy": values for name, values in LOGITS.items()})
    monkeypatch.chdir(folder)
    made = Workspace.init(folder)
    add_dataset(made)
    return made


def test_a_folder_of_probability_maps_is_run_with_its_threshold(ws: Workspace) -> None:
    done = run("model", "add", "gray", "--predictions", "gray", "--threshold", "0.4")
    assert done.exit_code == 0, done.stderr
    found = ws.run("gray", "streets", progress=False)
    labels = [(values / 255 >= 0.4).astype(int) for values in SHARES.values()]
    expected = evaluate(
        pred=labels, target=list(map(np.array, TARGETS.values())), classes=2, ignore_index=255
    )
    assert ws.evaluation(found.id).table == expected.table
    assert {files.pred for files in ws.evaluation(found.id).files.values()} == {None}


def test_a_folder_of_class_scores_is_run_with_its_axis(ws: Workspace) -> None:
    ws.models.add("net", predictions="scores", options={"class_axis": 0})
    found = ws.run("net", "streets", progress=False)
    labels = [scores.argmax(axis=0) for scores in LOGITS.values()]
    expected = evaluate(
        pred=labels, target=list(map(np.array, TARGETS.values())), classes=2, ignore_index=255
    )
    assert ws.evaluation(found.id).table == expected.table
    ws.models.add("plain", predictions="scores")
    assert "`pred` is float32, expected bools or integers" in refused(
        EvaluationError, ws.run, "plain", "streets", progress=False
    )
    assert refused(ArgumentError, ws.models.add, "x", predictions="scores", options={"class_axis": 1}) == (
        "`class_axis` is 1\nhint: it is 1 for (n, K, h, w) or -1 for (n, h, w, K) of an ONNX output, 0 for "
        "(K, h, w) or -1 for (h, w, K) of a function or a file"
    )


def saying(ws: Workspace, model: str) -> list[str]:
    """Return what a run warns of; its evaluation finds the same."""
    with pytest.warns(SegscoreWarning) as found:
        done = ws.run(model, "streets", progress=False)
    said = [str(one.message).partition("\n")[0] for one in found]
    assert [finding.message for finding in ws.evaluation(done.id).doubts] == said
    return said


PERCENTS = "the values of predictions go from 0 to 100, and the threshold 0.5 looks like one of probabilities"


def test_a_threshold_of_another_scale_is_told_of_folders_and_models(ws: Workspace) -> None:
    percents = {f"percents/{name}.npy": np.linspace(0, 100, 6).reshape(2, 3) for name in TARGETS}
    write(Path.cwd(), percents)
    ws.models.add("files", predictions="percents", options={"threshold": 0.5})
    assert saying(ws, "files") == [PERCENTS]
    Path("percents.py").write_text(
        "import numpy as np\n"
        "def scores(image):\n"
        "    return np.linspace(0, 100, image[..., 0].size, dtype=np.float32).reshape(1, *image.shape[:2])\n"
    )
    ws.models.add("net", python="percents:scores", options={"threshold": 0.5, "class_axis": 0})
    assert saying(ws, "net") == [PERCENTS]


def test_what_is_kept_of_a_run_that_goes_on_holds_palettes_and_values(tmp_path: Path) -> None:
    pairs = PairCounts.from_columns(*np.ones((3, 1), np.int64))
    made = [
        Outcome(0, Counted("a", pairs, palettes=(None, bytes(6)), values=ScoreRange(0.0, 1.5, 0.5, 255))),
        Outcome(1, Counted("b", pairs)),
    ]
    with Pending(tmp_path, {}) as held:
        held.keep(made)
        found = held.outcomes(["a", "b"], Classes(["x", "y"]), NOTHING)
    assert [(one.counted.palettes, one.counted.values) for one in found.values()] == [
        ((None, bytes(6)), ScoreRange(0.0, 1.5, 0.5, 255)),
        ((None, None), None),
    ]
