"""A metric that is added to the table is in every output, without another line anywhere."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore import ConfusionMatrix, Evaluation, plots
from segscore.pages.comparison import comparison_page
from segscore.pages.report import report_page
from segscore.results.compared_text import verdict
from segscore.results.gates import not_worse
from segscore.scores import metrics
from segscore.scores.metric import METRICS
from segscore.scores.metric_row import Metric
from segscore.workspace.exports import image_columns, run_columns
from support.applications import Visitor, text_of, workspace_of
from support.command_line import run
from support.pages import Page

MISS = Metric(
    "miss_rate",
    "miss rate",
    "class",
    lambda counts: 1 - metrics.recall(counts.tp, counts.target),
    "the class is in no target here",
    "share of the target that is not found",
    better="lower",
    column=True,
)
ERROR = Metric(
    "mean_miss_rate",
    "mean miss rate",
    "whole",
    lambda counts: metrics.class_mean(MISS.formula(counts), counts.in_mean),
    "nothing is there to miss",
    "mean over classes of what is not found",
    better="lower",
    mean_of="miss_rate",
    card=True,
    column=True,
)


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METRICS, MISS.name, MISS)
    monkeypatch.setitem(METRICS, ERROR.name, ERROR)


def evaluated(right: float, seed: int = 0) -> Evaluation:
    random, judge = np.random.default_rng(seed), segscore.Evaluator(["road", "sky"])
    for i in range(40):
        target = random.integers(0, 2, 50)
        judge.add(pred=np.where(random.random(50) < right, target, 1 - target), target=target, name=f"{i:02}")
    return judge.result()


@pytest.fixture
def ev() -> Evaluation:
    return evaluated(0.8)


def test_texts_tables_and_plain_values(ev: Evaluation) -> None:
    mean, of_road = 1 - ev.scores.mean_accuracy, 1 - ev.scores.recall[0]
    for text in (str(ev), str(ev.scores), ev.to_markdown(), ev._repr_html_(), ev.scores._repr_html_()):
        assert f"mean miss rate {mean:.6f}" in text.replace(" | ", " ")
        assert "miss rate" in text
        assert f"{of_road:.4f}" in text
    for table in (ev.to_latex(), ev.scores.to_markdown()):
        assert f"{of_road:.4f}" in table
        assert f"{mean:.4f}" in table
    values = json.loads(json.dumps(ev.to_dict()))
    assert values["mean_miss_rate"] == pytest.approx(mean)
    assert values["per_class"][0]["miss_rate"] == pytest.approx(of_road)
    assert values["images"][0]["mean_miss_rate"] == ev.images.metric("mean_miss_rate")[0]
    assert "miss_rate" in ev.scores.to_frame("pandas").columns


def test_columns_and_ranks_of_images(ev: Evaluation) -> None:
    columns = ev.images.columns()
    of_first = ev.select([ev.names[0]]).scores
    assert columns["mean_miss_rate"][0] == pytest.approx(1 - of_first.mean_accuracy)
    assert columns["miss_rate.sky"][0] == pytest.approx(1 - of_first.recall[1])
    for shown in (str(ev.images), str(ev.group_by(lambda _: "all"))):
        assert "mean miss rate" in shown
    assert f"{1 - ev.scores.mean_accuracy:.4f}" in str(ev.group_by(lambda _: "all"))
    (worst,), (best,) = ev.worst(1, by="miss_rate.sky"), ev.best(1, by="miss_rate.sky")
    assert (worst[1], best[1]) == (columns["miss_rate.sky"].max(), columns["miss_rate.sky"].min())


def test_gates_intervals_and_comparisons_heed_that_lower_is_better(ev: Evaluation) -> None:
    value = ev.metric("mean_miss_rate")
    passed, failed = ev.check({"mean_miss_rate": 0.5, "miss_rate.sky": 0.01})
    assert (passed.passed, passed.sentence) == (True, f"{value:.6f}, at most 0.5 is asked for, on 40 images")
    assert not failed.passed
    assert failed.sentence.endswith("above 0.01, on 40 images")
    interval = ev.confidence_interval("mean_miss_rate")
    assert interval.low < value < interval.high


def test_what_is_worse_is_what_has_more_of_it() -> None:
    found = segscore.compare(evaluated(0.9), evaluated(0.6))
    assert found["mean_miss_rate"].difference > 0
    assert "mean_miss_rate" in str(found)
    assert "mean_miss_rate" in {one["name"] for one in found.to_dict()["differences"]}
    assert "mean_miss_rate +" in not_worse(found).sentence
    mirrored = replace(found, differences=tuple(replace(one, better="lower") for one in found.differences))
    assert verdict(found).startswith("b is worse than a")
    assert verdict(mirrored).startswith("b is better than a")
    assert "; better in `road` and `sky`" in verdict(mirrored)
    summary = Page(comparison_page(found)).id("summary")
    (row,) = [row for row in summary.every("tr") if row.text.startswith("mean miss rate")]
    assert "worse" in row.text


def test_cards_and_classes_of_a_page_and_charts(ev: Evaluation) -> None:
    page = Page(report_page(ev))
    summary, classes = page.id("summary").text, page.id("classes").text
    assert "mean miss rate" in summary
    assert ERROR.explained in summary
    assert "miss rate" in classes
    axes = plots.scores(ev, metric="miss_rate")
    assert axes.get_xlabel() == "miss_rate"
    assert axes.get_title(loc="left").startswith("mean_miss_rate 0.2")
    cm = ConfusionMatrix(["road"])
    cm.update(pred=[0], target=[0])
    assert plots.scores(cm, metric="miss_rate").get_xlabel() == "miss_rate"


def test_runs_of_a_workspace_and_the_application(tmp_path: Path) -> None:
    ws = workspace_of(tmp_path)
    for version in ("v1", "v2"):
        ws.run(f"net:{version}", "streets", progress=False)
    values = {run.id: run.metrics["mean_miss_rate"] for run in ws.runs()}
    assert [run.id for run in ws.runs(sort="mean_miss_rate")] == sorted(values, key=values.get)
    grid = ws.runs().grid("mean_miss_rate")
    assert "mean_miss_rate" in str(grid)
    result = run("runs", "--workspace", str(tmp_path), "--sort", "mean_miss_rate")
    assert "mean_miss_rate" in result.stdout
    found = list(ws.runs())
    assert run_columns(found)["mean_miss_rate"].tolist() == [run.metrics["mean_miss_rate"] for run in found]
    assert "mean_miss_rate" in image_columns(found)
    with Visitor(ws) as visitor:
        shown = text_of(visitor.get("/matrix?metric=mean_miss_rate"))
        assert "mean miss rate" in shown
        assert f"{min(values.values()):.4f}" in shown
        assert "mean miss rate" in text_of(visitor.get(f"/runs/{found[0].id}"))
