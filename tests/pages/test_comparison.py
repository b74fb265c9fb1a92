"""The page of a comparison: its numbers are those of the comparison, its pictures those of the masks."""

import math
from dataclasses import replace

import numpy as np
import pytest

import segscore
from segscore import Classes, Evaluator, OutputError, compare
from segscore.classes.colours import CHANGES
from segscore.pages.changes import change_of
from segscore.pages.comparison import comparison_page
from segscore.results.compared_text import verdict
from support.masks_on_disk import pixels, png, write
from support.pages import Page, assert_closed
from support.refused import refused

CLASSES = Classes(["road", "sky", "car", "boat", "rail", "sea"], not_in_mean=[4, 5])
"""No image has a boat; only predictions have a rail."""


def evaluated(right, *, images=80, seed=0, first=0):
    """Return an evaluation in which a share of the pixels is right; targets depend on the names alone."""
    judge, noise = Evaluator(CLASSES), np.random.default_rng(seed)
    for i in range(first, first + images):
        target = np.random.default_rng(i).integers(3, size=500)
        target[:20] = 5
        wrong = noise.random(500) > right - 0.1 * (i % 3)
        pred = np.where(wrong, np.where(target == 1, 4, (target + 1 + seed) % 3), target)
        judge.add(pred=pred, target=target, name=f"{'ab'[i % 2]}_{i:03d}")
    return judge.result()


@pytest.fixture(scope="module")
def found():
    return compare(evaluated(0.7), evaluated(0.8, seed=1), labels=("v1", "v2"))


@pytest.fixture(scope="module")
def page(found):
    return Page(comparison_page(found, attributes={"town": r"^(\w)_"}))


def signed(value):
    return f"{value:+.4f}"


def interval(one):
    return f"{signed(one.low)} to {signed(one.high)}"


def cells(one):
    """Return the texts of both scores, their difference and its interval."""
    return [f"{one.a:.4f}", f"{one.b:.4f}", signed(one.difference), interval(one)]


def beyond_chance(one):
    return ("better" if one.difference > 0 else "worse") if one.significant else "no"


def test_the_page_holds_everything_and_forbids_the_rest(page):
    assert_closed(page)
    assert page.panels == ["summary", "classes", "images", "pictures", "confusion", "scenarios", "origin"]


def test_the_sentence_and_the_numbers_of_the_whole_are_those_of_the_comparison(found, page):
    summary = page.id("summary")
    assert summary.one("h1").text == "v2 compared with v1"
    assert summary.one("p", class_="verdict").text.replace(" ", "") == (
        verdict(found).replace("`", "") + "."
    ).replace(" ", "")
    rows = page.id("headline-table").rows()
    differences = [one for one in found.differences if "." not in one.name]
    assert [row[1:7] for row in rows] == [
        [*cells(one), f"{one.p:.4f}", beyond_chance(one)] for one in differences
    ]
    assert page.id("count-better").text == str(len(found.better))
    assert page.id("count-worse").text == str(len(found.worse))
    assert summary.one(data_metric="mean_iou").text == signed(found["mean_iou"].difference)


def test_classes_are_listed_by_their_gain_and_those_in_no_target_say_so(found, page):
    rows = page.id("class-table").rows()
    known = sorted(found.classes, key=lambda one: -one.difference)
    assert [row[0] for row in rows] == [
        *(one.name[4:] for one in known),
        "boat absent",
        "rail only predicted",
    ]
    for row, one in zip(rows, known, strict=False):
        assert row[1:7] == [*cells(one), f"{one.p:.4f}", beyond_chance(one)]
    assert rows[-2][1] == "— undefined: the class is in no target"
    assert rows[-1][1:3] == ["0.0000", "0.0000"]
    ways = [one.difference > 0 for one in known if one.significant]
    chips = page.id("class-table").every("span", class_="name")
    titles = [span.attributes["title"] for span in chips]
    assert sorted(titles) == sorted(f"{name} (label {i})" for i, name in enumerate(CLASSES.names))
    lede = page.id("classes").one("p", class_="lede").text
    assert f"Beyond chance {sum(ways)} got better and {len(ways) - sum(ways)} worse" in lede
    assert f"all {len(found.differences)} metrics and classes together" in lede


def test_images_are_in_the_order_of_their_change(found, page):
    data = page.data("images")
    change = found.b - found.a
    order = np.argsort(-change, kind="stable")
    assert data["labels"] == ["v1", "v2"]
    assert data["names"] == [found.names[i] for i in order]
    np.testing.assert_allclose(data["a"], found.a[order], atol=5e-5)
    np.testing.assert_allclose(data["b"], found.b[order], atol=5e-5)
    np.testing.assert_allclose(data["change"], change[order], atol=5e-7)
    assert page.pairs("images")["median change"] == signed(np.median(change))


def test_the_images_that_changed_most_are_ranked_overall_and_by_class(found, page):
    data = page.data("pictures")
    overall, *by_class = data["rankings"]
    assert overall["title"] == "mean image IoU"
    for way, changes in (("gained", found.better), ("lost", found.worse)):
        assert [(data["names"][place], text) for place, text in overall[way]] == [
            (one.name, f"{one.a:.3f} to {one.b:.3f} ({one.b - one.a:+.3f})") for one in changes[:8]
        ]
    one, two = (
        side.images.iou[[side.names.index(name) for name in found.names]] for side in found.evaluations
    )
    for ranking in by_class:
        i = CLASSES.names.index(ranking["title"].removeprefix("IoU of "))
        gain = (two - one)[:, i]
        best = found.names[int(np.nanargmax(gain))]
        assert data["names"][ranking["gained"][0][0]] == best
        assert ranking["gained"][0][1].endswith(f"({np.nanmax(gain):+.3f})")
    assert "There are no pictures" in page.id("pictures").text


def test_confusions_are_those_of_both_matrices(found, page):
    before, after = (
        np.column_stack([side.confusion.counts, side.confusion.missed]) for side in found.evaluations
    )
    change = (after - before) * (1 - np.eye(6, 7, dtype=np.int64))
    less, more = page.id("confusion").every("table")
    for table, sign in ((less, -1), (more, 1)):
        rows = table.rows()
        assert len(rows) == min(12, np.count_nonzero(sign * change > 0))
        t, p = np.unravel_index(np.argmax(sign * change), change.shape)
        assert rows[0] == [
            CLASSES.names[t],
            CLASSES.names[p],
            f"{change[t, p]:+,}",
            f"{before[t, p]:,}",
            f"{after[t, p]:,}",
        ]


def test_scenarios_are_the_comparisons_of_their_images(found, page):
    rows = page.id("scenario-table-1").rows()
    assert [row[:2] for row in rows] == [["a", "40"], ["b", "40"]]
    for row in rows:
        part = compare(*(side.select(lambda name, row=row: name[0] == row[0]) for side in found.evaluations))
        assert row[2:] == cells(part["mean_iou"])


def test_groups_that_are_drawn_are_scenarios_and_too_few_say_so():
    one, two = evaluated(0.7), evaluated(0.8, seed=1)
    page = Page(comparison_page(compare(one, two, groups=r"^(\w)_")))
    assert "No intervals: too few groups (2)." in page.id("summary").text
    assert page.id("headline-table").rows()[0][4] == "— undefined: too few groups (2)"
    assert [row[0] for row in page.id("scenario-table-1").rows()] == ["a", "b"]
    told = "with 2 groups no p-value is below 0.5"
    assert "not tested" in page.id("summary").text
    assert f"there is no p: {told}" in page.id("summary").text
    assert page.id("headline-table").rows()[0][5] == f"— undefined: {told}"


def test_images_that_only_one_has_are_left_out_and_named():
    one, two = evaluated(0.7), evaluated(0.8, seed=1, first=5)
    found = compare(one, two, on="common", labels=("v1", "v2"))
    page = Page(comparison_page(found))
    said = page.id("origin")
    assert "Only the 75 images that both have are compared" in said.text
    assert said.text.count("5 images left out, as the other evaluation lacks them") == 2
    assert [li.text for details in said.every("details") for li in details.every("li")] == [
        *found.only[0],
        *found.only[1],
    ]
    assert len(page.data("images")["names"]) == 75
    first = one.select(found.names).scores
    assert f"{first.pixels - first.tp.sum():,} pixels are wrong under v1" in page.id("confusion").text


def test_equal_evaluations_are_said_to_be_equal():
    one = evaluated(0.7)
    page = Page(comparison_page(compare(one, one)))
    assert "have the same counts in every image; they may be one and the same." in page.id("summary").text
    assert page.id("count-same").text == "80"
    assert page.panels == ["summary", "classes", "images", "confusion", "origin"]
    assert {row[3] for row in page.id("headline-table").rows()} == {"+0.0000"}


def test_findings_failures_and_facts_of_both_are_shown(found):
    failed = segscore.Failure("c_1", "c_1: no such mask", None)
    one = replace(found.evaluations[0], failures=(failed,), provenance={"pred": "runs/v1"})
    told = replace(found, evaluations=(one, found.evaluations[1]))
    page = Page(
        comparison_page(
            told,
            title="Night",
            about=({"model": "net:v1"}, {"model": "net:v2"}),
            notes=((), ["3 images were trained on"]),
        )
    )
    said = page.id("origin").text
    assert "net:v1" in said
    assert "net:v2" in said
    assert "runs/v1" in said
    assert "80 of 81 images scored" in said
    assert "c_1: no such mask" in said
    for side in found.evaluations:
        assert side.findings
        for finding in side.findings:
            assert finding.message.replace("`", "") in said.replace(" ,", ",")
    assert page.root.one("h1").text == "Night"
    assert "v2 3 images were trained on" in page.id("summary").text


@pytest.fixture
def on_disk(tmp_path):
    target = np.array([[0, 0, 1, 255], [0, 0, 1, 1]], dtype=np.uint8)
    first = np.array([[0, 1, 0, 1], [0, 0, 0, 1]], dtype=np.uint8)
    second = np.array([[0, 0, 0, 1], [1, 0, 1, 9]], dtype=np.uint8)
    for folder, mask in (("target", target), ("v1", first), ("v2", second)):
        write(tmp_path / folder, {f"{name}.png": mask for name in "pq"})
    classes = Classes(["road", "sky"], ignore=[255])
    return tuple(
        segscore.evaluate(pred=tmp_path / v, target=tmp_path / "target", classes=classes, progress=False)
        for v in ("v1", "v2")
    )


@pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")
def test_a_picture_says_what_was_fixed_and_what_was_broken(on_disk):
    picture = change_of(on_disk, "p")
    names = {colour: name for name, colour in CHANGES.items()}
    told = [[names[tuple(pixel)] for pixel in row] for row in pixels(picture.change).tolist()]
    assert told == [
        ["right in both", "fixed", "wrong in both", "ignored"],
        ["broken", "right in both", "fixed", "broken"],
    ]
    assert (picture.size, picture.full_size, picture.reasons) == ((4, 2), (4, 2), ())
    page = Page(comparison_page(compare(*on_disk, labels=("v1", "v2"))))
    assert [img.attributes["data-part"] for img in page.root.every("img")] == [
        "target",
        "a",
        "b",
        "change",
    ] * 2


@pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")
def test_masks_of_one_model_that_moved_are_said_and_the_others_shown(on_disk, tmp_path):
    (tmp_path / "v1" / "p.png").write_bytes(png(np.zeros((2, 4), dtype=np.uint8)))
    picture = change_of(on_disk, "p")
    assert picture.reasons == (("a", "the masks have changed since they were scored"),)
    assert (picture.change, picture.a) == (b"", b"")
    assert picture.target
    assert picture.b
    page = Page(comparison_page(compare(*on_disk, labels=("v1", "v2"))))
    expected = "Masks of v1 cannot be shown for 1 image: the masks have changed since they were scored."
    assert expected in page.id("pictures").text


@pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")
def test_a_target_is_shown_alone_where_the_predictions_of_both_are_missing(on_disk, tmp_path):
    before = change_of(on_disk, "p")
    for side in ("v1", "v2"):
        (tmp_path / side / "p.png").unlink()
    picture = change_of(on_disk, "p")
    assert picture.reasons == tuple((side, "the masks are no longer where they were") for side in "ab")
    assert (picture.target, picture.size, picture.full_size) == (before.target, (4, 2), (4, 2))
    assert (picture.a, picture.b, picture.change) == (b"", b"", b"")
    said = Page(comparison_page(compare(*on_disk, labels=("v1", "v2")))).id("pictures").text
    assert "Predictions cannot be shown for 1 image: the masks are no longer where they were." in said
    write(tmp_path / "target", {"p.png": np.zeros((2, 4), dtype=np.uint8)})
    assert change_of(on_disk, "p").target == b""


def test_the_page_is_written_or_an_error_says_why_not(found, tmp_path):
    found.write_report(tmp_path / "c.html", title="T")
    assert Page((tmp_path / "c.html").read_text()).root.one("title").text == "T"
    assert refused(OutputError, found.write_report, tmp_path / "no" / "c.html") == (
        f"{tmp_path / 'no'}: there is no such folder to write to\nhint: make it, or name another one"
    )


def test_undefined_scores_are_dashes_with_reasons():
    judge = [Evaluator(["road", "sky"], ignore_index=9) for _ in "ab"]
    for i in range(12):
        for one in judge:
            one.add(pred=[0], target=[9], name=f"{i}")
    found = compare(*(one.result() for one in judge))
    assert math.isnan(found["mean_iou"].difference)
    page = Page(comparison_page(found))
    assert "images" not in page.panels
    row = page.id("headline-table").rows()[0]
    assert row[3] == "— undefined: undefined in one of the models or in both"
    assert "NaN" not in page.root.text
    assert "nan" not in page.id("summary").text
