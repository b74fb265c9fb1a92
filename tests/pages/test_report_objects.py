"""The panel of objects of a report: numbers of the whole, and what became of the objects of each class."""

import pytest

from segscore import Evaluation, Evaluator, InstanceEvaluator
from segscore.pages.report import report_page
from support.hostile_names import HOSTILE_NAMES
from support.instances import NAMES, drawn
from support.pages import Page


@pytest.fixture(scope="module")
def ev() -> Evaluation:
    judge = InstanceEvaluator([*NAMES, "bus"], things=["car", "person"])
    for seed in range(12):
        judge.add(**drawn(seed), name=f"frame_{seed:02}")
    return judge.result()


def test_objects_of_each_class_are_counted(ev: Evaluation) -> None:
    page = Page(report_page(ev))
    assert page.panels[:3] == ["summary", "objects", "crops"]
    assert "shapes" not in page.panels
    said = page.pairs("objects")
    assert said["mean PQ"].startswith(f"{ev.panoptic.mean_pq:.4f}")
    assert said["mean PQ of stuff"].startswith(f"{ev.panoptic.stuff.mean_pq:.4f}")
    assert "no interval: too few images (12)" in said["mean PQ"]
    rows = page.id("object-table").rows()
    titles = [heading.text for heading in page.id("object-table").every("th", scope="col")]
    assert titles == [
        *("class", "PQ", "SQ", "RQ", "F1 at 0.5", "F1 at 0.75"),
        *("matched", "missed", "invented", "split", "merged"),
    ]
    found = {row[0]: row[1:] for row in rows}
    assert list(found) == ["car", "person", "sky stuff"]  # there is no bus
    panoptic = ev.panoptic
    assert found["car"][0] == f"{panoptic.pq['car']:.4f}"
    assert found["car"][5:8] == [str(int(of[0])) for of in (panoptic.tp, panoptic.fn, panoptic.fp)]
    matching = ev.shapes.matching
    split = matching.objects.label[matching.split()].tolist()
    assert [found[name][8] for name in found] == [str(split.count(i)) for i in range(3)]
    assert sum(int(found[name][9]) for name in found) == len(matching.merged())
    assert "objects of targets matched above an IoU of 0.5" in page.id("objects").text


def first_numbers(ev: Evaluation) -> dict[str, str]:
    """Return the numbers that stand out in a report, the largest one first."""
    found = Page(report_page(ev)).id("summary").one("dl", class_="figures").every(class_="figure")
    return {one.one("dt").text: one.one(class_="big").text for one in found}


def test_panoptic_quality_stands_first(ev: Evaluation) -> None:
    assert first_numbers(ev) == {
        "mean PQ": f"{ev.panoptic.mean_pq:.4f}",
        "mean PQ of things": f"{ev.panoptic.things.mean_pq:.4f}",
        "mean PQ of stuff": f"{ev.panoptic.stuff.mean_pq:.4f}",
        "mean IoU": f"{ev.metric('mean_iou'):.4f}",
    }


def columns_of(ev: Evaluation) -> list[str]:
    """Return the titles of the first two columns of the table of objects, and the cells of its first row."""
    table = Page(report_page(ev)).id("object-table")
    return [*[one.text for one in table.every("th", scope="col")][1:3], *table.rows()[0][1:3]]


def test_lesions_and_cells_stand_first() -> None:
    target, pred = [[1, 1, 0, 1, 0, 0]], [[1, 0, 0, 0, 0, 1]]
    lesions = Evaluator(["background", "lesion"], components=True)
    lesions.add(target=target, pred=pred, name="a")  # one of two is found, one is invented
    said = first_numbers(lesions.result())
    assert list(said) == [
        *("mean F1 at any overlap", "mean object recall at any overlap"),
        *("mean object precision at any overlap", "foreground IoU"),
    ]
    assert list(said.values()) == ["0.5000", "0.5000", "0.5000", "0.2500"]
    assert columns_of(lesions.result()) == ["F1 at any", "PQ", "0.5000", "0.0000"]
    cells = InstanceEvaluator(["cell"], outside="background")
    cells.add(target=[[1, 1, 1, 2, 2, 0]], pred=[[1, 1, 0, 2, 2, 3]], name="a")  # two of IoU 2/3 and 1
    said = first_numbers(cells.result())
    assert list(said) == ["mean F1 at IoU 0.5", "mean PQ", "mean SQ", "foreground IoU"]
    assert list(said.values()) == ["0.8000", "0.6667", "0.8333", "0.6667"]
    assert columns_of(cells.result()) == ["F1 at 0.5", "PQ", "0.8000", "0.6667"]


def test_where_no_object_is_its_numbers_have_none() -> None:
    judge = InstanceEvaluator(["car", "sky"], things=["car"])
    judge.add(target=[[0, 0]], pred=[[0, 0]], target_segments={}, pred_segments={}, name="a")
    (first, *_) = Page(report_page(judge.result())).id("summary").every(class_="figure")
    assert first.one("dt").text == "mean PQ"
    assert [one.text for one in first.every("span", class_="small")] == ["no class of the mean is present"]


def test_names_of_classes_are_texts() -> None:
    names = list(HOSTILE_NAMES.values())
    judge = InstanceEvaluator(names)
    segments = dict(enumerate(names, start=1))
    judge.add(target=[[*segments]], pred=[[*segments]], target_segments=segments, pred_segments=segments)
    page = Page(report_page(judge.result()))
    assert len(page.id("object-table").rows()) == len(names)


def test_pixels_alone_have_no_panel_of_objects() -> None:
    judge = Evaluator(2)
    judge.add(pred=[[0, 1]], target=[[0, 1]])
    assert "objects" not in Page(report_page(judge.result())).panels
