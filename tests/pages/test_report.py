"""The report: every panel, and that its numbers are those of the results."""

import dataclasses
import json
import re
import warnings
from unittest.mock import Mock

import numpy as np
import pytest
from jinja2 import UndefinedError

import segscore
from segscore import Classes, Evaluator, OutputError
from segscore.pages.page import Panel, asset, assets, json_block, page, rendered
from segscore.pages.panels import matrix
from segscore.pages.report import report_page
from segscore.results.summary import of_evaluation
from segscore.results.verdict import verdict
from segscore.scores.similarity import by_similarity
from segscore.scores.summary import class_rows
from support.masks_on_disk import write
from support.pages import Page, assert_closed
from support.results import evaluated

PANELS = ["summary", "classes", "confusion", "images", "sizes", "scenarios", "pictures", "conventions"]
DASH = "—"


def evaluation(images=30, classes=("road", "car", "sky", "tree", "boat"), seed=0, **options):
    """Return random images: class 3 is never predicted, 4 is nowhere, 9 is predicted and no class."""
    random = np.random.default_rng(seed)
    judge = Evaluator(Classes(classes, ignore=[255]), **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i in range(images):
            target = random.choice([0, 0, 0, 1, 2, 2, 3, 255], 200)
            pred = np.where(random.random(200) < 0.3 + 0.01 * i, target, random.choice([0, 1, 2, 9], 200))
            pred = np.where((pred == 255) | (pred == 3), 0, pred)
            judge.add(pred=pred, target=target, name=f"{'day' if i % 3 else 'night'}_{i:02d}")
    return judge.result()


@pytest.fixture(scope="module")
def ev():
    return evaluation()


@pytest.fixture(scope="module")
def shown(ev):
    return Page(
        report_page(
            ev,
            attributes={"time": lambda name: name.split("_")[0]},
            about={"model": "street:2"},
            notes=["7 images were trained on"],
            title="Street 2",
        )
    )


def test_panels_stand_in_their_order(shown):
    assert shown.panels == PANELS
    titles = [shown.id(f"{name}-title").text for name in PANELS]
    assert titles[:2] == ["Street 2", "Classes"]
    links = {link.attributes["href"]: link.text for link in shown.root.one("nav").every("a")}
    assert links == {f"#{name}": title for name, title in zip(PANELS[1:], titles[1:], strict=True)}


def test_a_page_holds_all_that_it_needs(shown):
    assert_closed(shown)
    text = report_page(evaluation(3))
    assert set(re.findall(r"\w+://[^\s\"']*", text)) == {"http://www.w3.org/2000/svg"}


def test_headlines_are_those_of_the_scores_with_their_intervals(ev, shown):
    said = shown.pairs("summary")
    for label, name in (
        ("mean IoU", "mean_iou"),
        ("mean Dice", "mean_dice"),
        ("pixel accuracy", "pixel_accuracy"),
        ("mean accuracy", "mean_accuracy"),
    ):
        interval = ev.confidence_interval(name)
        figure = next(f for f in shown.root.every(class_="figure") if f.one("dt").text == label)
        assert figure.one(class_="big").text == f"{getattr(ev.scores, name):.4f}"
        assert f"95 % interval {interval.low:.4f} to {interval.high:.4f}" in figure.text
        assert figure.one(class_="big").attributes["title"] == f"{getattr(ev.scores, name):.6f}"
        assert said[label].startswith(f"{getattr(ev.scores, name):.4f} 95 %")  # and not once more in full
    assert said["mean image IoU"] == f"{ev.mean_image_iou:.6f}"
    assert said["model"] == "street:2"


def test_the_summary_says_what_the_text_output_says(ev, shown):
    text, words = shown.id("summary").text, of_evaluation(ev)
    assert "30 images scored" in text
    assert "7 images were trained on" in text
    assert text.count(f"{ev.scores.pixels:,} pixels") == 1
    sums_up = verdict(ev, ev.confidence_interval())
    assert re.search(r"^Mean IoU 0\.\d{3} \(0\.\d{3} to 0\.\d{3}\)\. Weakest: ", sums_up)
    assert shown.root.one(class_="verdict").text.replace(" .", ".") == sums_up.replace("`", "")
    for sentence in (words.coverage[0], *words.facts):
        assert re.sub(r"\W+", "", sentence) in re.sub(r"\W+", "", text)
    for finding in ev.findings:
        assert re.sub(r"\W+", "", finding.message) in re.sub(r"\W+", "", text)
    assert any(finding.severity == "warning" for finding in ev.findings)


def test_the_table_of_classes_is_that_of_the_text_output(ev, shown):
    table = shown.id("class-table")
    rows = table.rows()
    assert [row[0] for row in rows] == ["road", "car", "sky", "tree", "boat absent"]
    expected, _ = class_rows(ev.scores, limit=None)
    in_target = (ev.cells.target > 0) & (ev.cells.label == 1)
    assert rows[1][-1] == str(in_target.sum())
    for row, texts in zip(rows, expected, strict=True):
        cells = [row[1], *row[3:6], row[6]]
        for cell, text in zip(cells, texts[1:], strict=True):
            assert cell == text or (text == DASH and cell.startswith(f"{DASH} undefined: "))
    low = ev.confidence_interval("iou.car")
    assert rows[1][2] == f"{low.low:.3f} to {low.high:.3f}"
    assert rows[3][4] == f"{DASH} undefined: the class is never predicted"
    assert rows[4][1] == f"{DASH} undefined: the class is in neither target nor prediction"
    values = [
        float(td.attributes["data-value"] or "nan")
        for td in table.every("td")
        if "data-value" in td.attributes
    ]
    assert ev.scores.iou[0] in values
    foot = [cell.text for cell in table.one("tfoot").every("td")]
    assert foot[0] == f"{ev.scores.mean_iou:.4f}"


def test_the_matrix_is_that_of_the_counts(ev, shown):
    data = shown.data("confusion")
    present = np.flatnonzero(ev.scores.present)
    assert data["names"] == [ev.classes.names[i] for i in present]
    found = np.zeros((len(present), len(present) + 1), dtype=np.int64)
    for target, pred, pixels in np.array(data["cells"]).reshape(-1, 3):
        found[target, pred] = pixels
    counts = ev.confusion.counts[np.ix_(present, present)]
    np.testing.assert_array_equal(found[:, :-1], counts)
    np.testing.assert_array_equal(found[:, -1], ev.confusion.missed[present])
    np.testing.assert_array_equal(data["target"], ev.scores.target[present])
    np.testing.assert_array_equal(data["pred"], [*ev.scores.pred[present], ev.scores.missed.sum()])
    rows = shown.id("confusion-table").rows()
    wrong = np.column_stack([ev.confusion.counts, ev.confusion.missed])
    np.fill_diagonal(wrong, 0)
    assert [row[2] for row in rows] == [
        f"{n:,}" for n in sorted(wrong[wrong > 0].tolist(), reverse=True)[:15]
    ]
    t, p = np.unravel_index(wrong.argmax(), wrong.shape)
    assert rows[0][:2] == [ev.classes.names[t], [*ev.classes.names, "no class"][p]]
    assert rows[0][3] == f"{wrong[t, p] / ev.scores.target[t]:.2%}"
    assert rows[0][4] == f"{wrong[t, p] / wrong.sum():.2%}"


def test_the_matrix_has_its_classes_by_similarity_and_by_the_largest_confusions(ev, shown):
    data = shown.data("confusion")
    cells = np.array(data["cells"]).reshape(-1, 3).T
    kept = cells[1] < len(data["names"])
    assert data["similar"] == by_similarity(*cells[:, kept], np.array(data["target"]))
    assert data["index"] == np.flatnonzero(ev.scores.present).tolist()
    assert (data["others"], data["right"]) == (0, 0)
    wrong = np.column_stack([ev.confusion.counts, ev.confusion.missed])
    np.fill_diagonal(wrong, 0)
    ordered = np.argsort(-wrong.ravel(), kind="stable")
    seen = [i for key in ordered.tolist() for i in divmod(key, len(ev.classes) + 1) if i in data["index"]]
    assert [data["index"][i] for i in data["most"]] == list(dict.fromkeys(seen))


def test_of_too_many_classes_the_others_are_one(monkeypatch):
    monkeypatch.setattr(matrix, "MAX_CLASSES", 2)
    counts = np.array([[5, 0, 0, 0], [0, 6, 9, 1], [0, 2, 7, 0], [1, 0, 0, 8]])
    target, pred = (np.repeat(part.ravel(), counts.ravel()) for part in np.indices((4, 4)))
    data = Page(report_page(evaluated(4, [(pred, target)]))).data("confusion")
    assert data["names"] == ["1", "2"]
    assert (data["others"], data["right"]) == (2, 13)
    assert (data["target"], data["pred"]) == ([16, 9, 14], [8, 16, 15, 0])
    assert np.array(data["cells"]).reshape(-1, 3).tolist() == [
        [0, 0, 6],
        [0, 1, 9],
        [0, 2, 1],
        [1, 0, 2],
        [1, 1, 7],
        [2, 2, 14],
    ]


def test_the_threshold_counts_as_the_curve_does(ev, shown):
    data, curve, correct = shown.data("images"), ev.correct_curve(), ev.correct_at(0.5)
    np.testing.assert_array_equal(data["images"], curve.images)
    np.testing.assert_array_equal(data["cells"], curve.cells)
    assert (data["ofImages"], data["ofCells"]) == (curve.of_images, curve.of_cells)
    for one in data["classes"]:
        i = ev.classes.names.index(one["name"])
        np.testing.assert_array_equal(one["cells"], curve.class_cells[:, i])
        assert one["of"] == curve.of_class_cells[i]
    assert (data["images"][50], data["cells"][50]) == (correct.images, correct.cells)
    assert shown.id("images-share").text == f"{correct.images:,}"
    assert shown.id("cells-of").text == f"of {correct.of_cells:,} classes in images are correct"
    assert shown.pairs("images")["mean image IoU"] == f"{ev.mean_image_iou:.4f}"


def test_scenarios_are_the_groups(ev, shown):
    rows = shown.id("scenario-table-1").rows()
    groups = ev.group_by(lambda name: name.split("_")[0])
    assert [row[0] for row in rows] == ["day", "night"]
    for row, part in zip(rows, groups.values(), strict=True):
        interval = part.confidence_interval()
        assert row[1:4] == [
            str(len(part.names)),
            f"{part.scores.mean_iou:.4f}",
            f"{interval.low:.4f} to {interval.high:.4f}"
            if interval.reason is None
            else f"{DASH} undefined: {interval.reason}",
        ]
        worst = int(np.nanargmin(np.where(part.classes.in_mean, part.scores.iou, np.nan)))
        assert row[6] == f"{part.classes.names[worst]} {part.scores.iou[worst]:.4f}"


def test_a_scenario_without_a_class_of_the_mean_has_no_worst_one():
    judge = Evaluator(Classes(["road", "car"], ignore=[9]))
    judge.add(pred=[0, 1], target=[0, 0], name="a")
    judge.add(pred=[0, 1], target=[9, 9], name="b")
    found = Page(report_page(judge.result(), attributes={"kind": ["some", "none"]}))
    rows = found.id("scenario-table-1").rows()
    assert [row[-1] for row in rows] == [
        f"{DASH} undefined: no class of the mean has an IoU in these images",
        "car 0.0000",
    ]


def test_what_intervals_take_for_granted_is_said_once():
    judge = segscore.Evaluator(["road", "sky"])
    for i in range(60):
        judge.add(pred=[[0, 1, i % 2]], target=[[0, 1, i % 3 % 2]], name=f"film{i % 3}/frame{i:03}")
    ev = judge.result()
    assert str(ev.confidence_interval()).endswith(", if images are independent)")
    text = Page(report_page(ev)).id("summary").text
    assert text.count("Intervals hold if images are independent.") == 1
    alone = dataclasses.replace(ev, names=tuple(f"frame{i:03}" for i in range(60)))
    assert "Intervals hold" not in Page(report_page(alone)).id("summary").text


def test_groups_of_an_evaluation_are_scenarios_and_units_of_its_intervals(ev):
    grouped = dataclasses.replace(ev, groups=tuple(name.split("_")[0] for name in ev.names))
    found = Page(report_page(grouped))
    assert [row[0] for row in found.id("scenario-table-1").rows()] == ["day", "night"]
    assert "No intervals: too few groups (2)." in found.id("summary").text
    assert not list(Page(report_page(ev)).root.every(id="scenarios"))


def test_of_many_groups_the_first_are_shown():
    ev = evaluation(230)
    found = Page(report_page(ev, attributes={"number": list(range(230))}))
    rows = found.id("scenario-table-1").rows()
    assert [row[0] for row in rows] == [str(i) for i in range(200)]
    assert "30 more are not shown." in found.id("scenarios").text
    assert rows[0][3] == f"{DASH} undefined: too few images (1)"
    assert rows[60][3] == f"{DASH} undefined: only the first groups have one"


def test_rankings_are_those_of_worst_and_best(ev, shown):
    data = shown.data("pictures")

    def named(entries):
        return tuple((data["names"][i], score) for i, score in entries)

    assert data["rankings"][0]["title"] == "mean image IoU"
    for ranking in data["rankings"]:
        by = ranking["title"].replace("IoU of ", "iou.").replace("mean image IoU", "mean_image_iou")
        for way in ("worst", "best"):
            expected = tuple((name, f"{score:.4f}") for name, score in getattr(ev, way)(8, by))
            assert named(ranking[way]) == expected
    titles = [ranking["title"].removeprefix("IoU of ") for ranking in data["rankings"][1:]]
    assert titles == sorted(titles, key=lambda name: ev.scores.iou[ev.classes.names.index(name)])


def test_conventions_are_those_of_the_explanation(ev, shown):
    rows = shown.id("convention-table").rows()
    assert [row[0] for row in rows] == [result.name for result in ev.explain().results]
    for row, result in zip(rows, ev.explain().results, strict=True):
        assert row[2] == (f"{result.value:.6f}" if result.value == result.value else row[2])
        assert result.says in row[4]


def test_images_that_were_not_scored_are_said_first(tmp_path):
    write(tmp_path / "pred", {"a.png": [[0, 1]], "b.png": b"", "c.png": [[1, 1]]})
    write(tmp_path / "target", {f"{name}.png": [[0, 1]] for name in "abcd"})
    ev = segscore.evaluate(
        pred=tmp_path / "pred", target=tmp_path / "target", classes=2, on_error="skip", progress=False
    )
    found = Page(report_page(ev)).id("summary").text
    assert "Evaluation of pred 2 of 4 images scored" in found
    assert found.index("Not scored") < found.index("What the numbers cover")
    assert f"b: {tmp_path}/pred/b.png" in found
    assert "d: there is no prediction of this name" in found


def test_a_binary_task_shows_its_foreground_first():
    found = Page(report_page(evaluated("binary", [([[0, 1], [1, 1]], [[0, 1], [0, 1]])])))
    labels = [figure.one("dt").text for figure in found.root.every(class_="figure")]
    assert labels[:3] == ["foreground IoU", "foreground Dice", "mean IoU"]
    assert "No intervals: too few images (1)." in found.id("summary").text


@pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")
def test_nothing_scored_is_a_page_of_reasons():
    judge = Evaluator(3, ignore_index=255)
    judge.add(pred=[[0, 1]], target=[[255, 255]], name="a")
    judge.add(pred=[[0, 1]], target=[[255, 255]], name="b")
    found = Page(report_page(judge.result()))
    assert found.panels == ["summary", "classes", "confusion", "conventions"]
    text = found.id("summary").text
    assert "mean IoU — undefined: no pixel is scored" in text
    for name in ("summary", "classes", "confusion"):
        assert "nan" not in found.id(name).text.lower()


def test_one_class():
    found = Page(report_page(evaluated(["road"], [([[0, 0]], [[0, 0]])])))
    assert "No scored pixel is wrong." in found.id("confusion").text
    assert found.data("confusion")["cells"] == [0, 0, 2]


@pytest.mark.slow
def test_many_classes():
    found = Page(report_page(evaluated(2_000, [(np.arange(2_000)[:, None], np.arange(2_000)[::-1, None])])))
    data = found.data("confusion")
    assert (len(data["names"]), data["others"]) == (400, 1_600)
    assert len(data["target"]) == len(data["pred"]) - 1 == 401
    assert sum(data["cells"][2::3]) == sum(data["target"]) == sum(data["pred"]) == 2_000
    assert len(found.id("class-table").rows()) == 1_000
    assert "1,000 more classes are not shown." in found.id("classes").text


def test_a_report_is_written_whole_or_not_at_all(ev, tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    ev.write_report(path)
    before = path.read_bytes()
    assert before.endswith(b"</html>")
    monkeypatch.setattr("os.replace", Mock(side_effect=OSError(28, "No space left on device")))
    with pytest.raises(OutputError, match="cannot be written: No space left on device"):
        ev.write_report(path)
    assert path.read_bytes() == before


def test_a_server_gives_the_same_panels_with_files_of_its_own():
    body = rendered("conventions.html", rows=[], number=0, tools=0)
    panel = Panel("one", "<b>", body, data={"a": "</script>"}, scripts=("table.js", "common.js"))
    found = Page(page([panel], title="t", static="/static/"))
    scripts = [script.attributes.get("src") for script in found.root.every("script")]
    assert scripts == [None, "/static/common.js", "/static/theme.js", "/static/table.js"]
    sheets = [link.attributes["href"] for link in found.root.every("link", rel="stylesheet")]
    assert sheets == ["/static/page.css", "/static/panels.css"]
    assert found.data("one") == {"a": "</script>"}
    assert found.id("one-title").text == "<b>"
    assert not list(found.root.every("style"))
    assert {"page.css", "common.js"} <= set(assets())
    assert "use strict" in asset("common.js")


@pytest.mark.parametrize("text", ["</script>", "<!--", "&amp;", "\u2028\u2029", "'\"\\", "\udcff", "\0"])
def test_data_never_ends_its_block(text):
    block = str(json_block({"text": text}))
    assert not set("<>&\u2028\u2029") & set(block)
    assert json.loads(block) == {"text": text}


def test_a_template_with_a_value_that_is_missing_is_an_error():
    with pytest.raises(UndefinedError):
        rendered("conventions.html", rows=[])
