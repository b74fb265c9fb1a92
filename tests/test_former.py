"""Files that an earlier segscore wrote are read as they were meant; `former/README.md` says which."""

import copy
import json
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import segscore
from segscore import Classes, Comparison, ConfusionMatrix, Evaluation, Evaluator, Scores, Workspace
from segscore.workspace.runs import pending, running
from support.applications import Visitor
from support.pages import Page
from support.told import (
    known,
    told_classes,
    told_comparison,
    told_confusion_matrix,
    told_evaluation,
    told_evaluator,
    told_scores,
    told_workspace,
)

FORMER = Path(__file__).parent / "former"
EXPECTED = json.loads((FORMER / "expected.json").read_text())
"""What the earlier version told, by the names of the functions of `told`."""
RUNS = (
    ("r1", "painter:v1", "streets", {}),
    ("r2", "painter:v2", "streets", {"resize": "nearest"}),
    ("r3", "net", "avenues", {"batch": 2}),
    ("r4", "rule", "streets", {}),
)
"""Id, model, dataset and options of each run."""

pytestmark = pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")  # some masks are odd


# Results


def assert_told(found: Any, name: str) -> None:
    assert known(found, EXPECTED[name]) == EXPECTED[name]


def unpickled(name: str) -> Any:
    return pickle.loads((FORMER / f"{name}.pickle").read_bytes())


def test_a_saved_evaluation_is_as_it_was() -> None:
    found = segscore.load(FORMER / "evaluation.npz")
    assert_told(told_evaluation(found), "evaluation")
    assert [failure.name for failure in found.failures] == ["celle_2", "essen_1"]
    assert (found.extra, found.resized) == (("gera_1.png",), 1)


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("classes", Classes, told_classes),
        ("scores", Scores, told_scores),
        ("confusion_matrix", ConfusionMatrix, told_confusion_matrix),
        ("evaluator", Evaluator, told_evaluator),
        ("evaluation", Evaluation, told_evaluation),
        ("comparison", Comparison, told_comparison),
    ],
)
def test_what_was_pickled_is_of_its_class_and_as_it_was(name: str, kind: type, told: Callable) -> None:
    found = unpickled(name)
    assert type(found) is kind
    assert_told(told(found), name)
    assert_told(told(pickle.loads(pickle.dumps(found))), name)


def test_what_was_saved_and_what_was_pickled_are_equal() -> None:
    evaluation = segscore.load(FORMER / "evaluation.npz")
    comparison = unpickled("comparison")
    assert evaluation == unpickled("evaluation") == comparison.evaluations[0]
    assert evaluation.classes == unpickled("classes")
    assert evaluation.scores == unpickled("scores")
    anew = segscore.compare(*comparison.evaluations, on="common", labels=comparison.labels, seed=1)
    expected = copy.deepcopy(EXPECTED["comparison"])
    found = known(told_comparison(anew), expected)
    for differences in (found["differences"], expected["differences"]):
        for one in differences:
            # What swaps say: so few images are swapped in each way now.
            del one["p"], one["detectable"], one["significant"]
    assert found == expected


def test_counts_that_were_pickled_go_on() -> None:
    added = EXPECTED["added"]
    evaluator, matrix = unpickled("evaluator"), unpickled("confusion_matrix")
    evaluator.add(**added)
    matrix.update(pred=added["pred"], target=added["target"])
    assert_told(told_evaluator(evaluator), "evaluator_later")
    assert_told(told_confusion_matrix(matrix), "confusion_matrix_later")
    assert evaluator.result().confusion == matrix
    assert unpickled("confusion_matrix") + matrix == matrix + unpickled("confusion_matrix")


# A workspace


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    """A copy of the workspace, in another place than where it was written."""
    shutil.copytree(FORMER / "workspace", tmp_path / "workspace")
    yield Workspace(tmp_path / "workspace")
    sys.modules.pop("former_rule", None)


def test_a_workspace_is_as_it_was_also_with_a_new_index(ws: Workspace) -> None:
    assert_told(told_workspace(ws), "workspace")
    for root in (ws.path, ws.path / "other"):
        (root / ".segscore/index.db").unlink()
    assert_told(told_workspace(Workspace(ws.path)), "workspace")
    assert ws.reindex() == 9
    assert_told(told_workspace(ws), "workspace")


def test_files_of_a_workspace_are_known_to_be_the_same(ws: Workspace) -> None:
    for dataset in ("streets", "avenues"):
        ws.datasets[dataset].check(verify=True)
    for model in ("painter:v1", "painter:v2", "net", "rule"):
        ws.models[model].check(verify=True)


@pytest.mark.parametrize(("number", "model", "dataset", "options"), RUNS)
def test_a_run_is_found_again_and_scores_the_same_anew(
    ws: Workspace, number: str, model: str, dataset: str, options: dict[str, Any]
) -> None:
    before = ws.run(model, dataset, progress=False, **options)
    assert before.id == number
    if number == "r4":  # it would go on with the one that was interrupted
        ws.remove("r5")
    anew = ws.run(model, dataset, progress=False, again=True, **options)
    assert anew.id != number
    assert anew.metrics.items() >= before.metrics.items()
    assert anew.evaluation.table == before.evaluation.table
    assert anew.evaluation.names == before.evaluation.names
    assert [one.name for one in anew.evaluation.failures] == [one.name for one in before.evaluation.failures]


def test_a_run_that_was_interrupted_goes_on(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    known = pending.about(ws.path / ".segscore/runs/r5")
    assert known is not None
    monkeypatch.setattr(running, "environment", lambda: known[0]["environment"])  # of other packages
    found = ws.run("rule", "streets", progress=False, again=True)
    assert found.id == "r5"
    assert found.metrics.items() >= ws.runs()["r4"].metrics.items()
    assert found.evaluation == ws.runs()["r4"].evaluation
    assert ws.unfinished() == []


def test_the_application_shows_a_workspace(ws: Workspace) -> None:
    columns = EXPECTED["workspace"]["columns"]
    scores = [f"{score:.4f}" for score in columns["mean_iou"]]
    models = [
        f"{name}:{version}" for name, version in zip(columns["model"], columns["model_version"], strict=True)
    ]
    with Visitor(ws) as visitor:

        def shown(address: str) -> str:
            answer = visitor.get(address)
            assert answer.status_code == 200, answer.text
            return " ".join(" ".join(Page(answer.text).texts).split())

        for address, names in (("/", columns["model"]), ("/matrix", models), ("/runs", models)):
            page = shown(address)
            for text in (*names, *scores, "streets:v1", "avenues:v1"):
                assert text in page, (address, text)
        assert "r5 : rule:v1 on streets:v1" in shown("/")
        for run, model, score in zip(columns["run"], models, scores, strict=True):
            page = shown(f"/runs/{run}")
            for text in (model, score, "road", "sky", "car"):
                assert text in page, (run, text)
            assert visitor.get(f"/runs/{run}/pictures/0/target").headers["content-type"] == "image/png"
        for text in ("9 of 12 images", "celle_2", "the PNG is truncated: it ends after its pixels"):
            assert text in shown("/runs/r1")
        assert "painted anew" in shown("/runs/r2")
        for text in ("streets v1 1 12 3", "avenues v1 1 3 3", str(ws.path / "other")):
            assert text in shown("/datasets")
        for score in (scores[1], scores[3]):
            assert score in shown("/compare?run=r2&run=r4")
