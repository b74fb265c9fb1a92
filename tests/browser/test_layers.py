"""The layers of the enlarged image, pixel by pixel: what NumPy finds has the colour of its legend."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from segscore import Classes, SegscoreWarning, compare, evaluate
from segscore.classes.colours import CHANGES, ERRORS
from support.masks_on_disk import write
from support.serving import expect

SHOWN = 2


@pytest.fixture(scope="module")
def reports(masks, sides, tmp_path_factory):
    """Reports of two models on the same two images, and their comparison."""
    folder = tmp_path_factory.mktemp("layers")
    names = [name for name, _ in sides[0].worst(SHOWN)]
    chosen = [side.select(names) for side in sides]
    for side, label in zip(chosen, ("v1", "v2"), strict=True):
        side.write_report(folder / f"{label}.html", images=masks.target)
    compare(*chosen, labels=("v1", "v2"), resamples=99).write_report(folder / "both.html")
    return folder, chosen


def opened(open_page, path, place=0, view="desktop"):
    page = open_page(path, view)
    page.locator("#cards .strip").nth(place).click()
    expect(page.locator("#viewer .painted").first).to_be_visible()
    return page


def drawn(page, title):
    """Return the pixels of a layer: red, green, blue, alpha."""
    url = page.locator(f'#viewer canvas[aria-label="{title}"]').evaluate("canvas => canvas.toDataURL()")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGBA"))


def legend(page):
    """Return the colours of the kinds of pixels, by what they are called."""
    entries = page.locator("#viewer-kinds li[data-kind]").evaluate_all(
        "all => all.map(one => [one.textContent, getComputedStyle(one.querySelector('rect')).fill])"
    )
    return {name: (*map(int, re.findall(r"\d+", fill)), 255) for name, fill in entries}


def only(page, name):
    page.locator(".class-row .only", has_text=re.compile(f"^{re.escape(name)}$")).click()


def listed(page):
    return page.locator("#viewer-classes .only").all_inner_texts()


def indices(side, name, which):
    """Return a mask as indices of classes: K where a prediction is none, K + 1 where a target is ignored."""
    with Image.open(getattr(side.files[name], which)) as file:
        mask = np.asarray(file)
    found = np.full(mask.shape, len(side.classes) + (which == "target"))
    for i, label in enumerate(side.classes.labels):
        found[mask == label] = i
    return found


def painted(kinds, colours):
    """Return the pixels of kinds, given by name."""
    names, at = np.unique(kinds, return_inverse=True)
    return np.array([colours[str(name)] for name in names], dtype=np.uint8)[at.reshape(kinds.shape)]


def expected_errors(t, p, count):
    return np.where(
        t > count, "ignored", np.where(p == count, "no class", np.where(t != p, "wrong", "correct"))
    )


@pytest.mark.parametrize("which", [0, 1])
def test_missed_false_and_right_pixels_of_each_class(reports, open_page, which):
    folder, sides = reports
    side = sides[which]
    page = opened(open_page, folder / f"v{which + 1}.html")
    for place in range(SHOWN):
        if place:
            page.keyboard.press("a")
            page.keyboard.press("ArrowRight")
            expect(page.locator("#viewer .painted").first).to_be_visible()
        name = page.locator("#viewer-title").inner_text()
        t, p = (indices(side, name, what) for what in ("target", "pred"))
        colours = legend(page)
        assert [*colours] == ["correct", "wrong", "no class", "ignored"]
        assert [colour[:3] for colour in colours.values()] == [*ERRORS.values()]
        np.testing.assert_array_equal(
            drawn(page, "Errors"), painted(expected_errors(t, p, len(side.classes)), colours)
        )
        classes = [one for one in listed(page) if one in side.classes.names]
        assert classes == [
            one for i, one in enumerate(side.classes.names) if (t == i).any() or (p == i).any()
        ]
        for one in classes:
            only(page, one)
            i, colours = side.classes.names.index(one), legend(page)
            scored = t <= len(side.classes)
            states = [(t == i) & (p == i), (t == i) & (p != i), scored & (t != i) & (p == i)]
            kinds = np.select(states, ["correct", "missed", "false"], "another class")
            np.testing.assert_array_equal(drawn(page, "Errors"), painted(kinds, colours))
            texts = page.locator("#viewer-split p").all_inner_texts()
            for text, word, state in zip(texts, ("Missed", "False"), states[1:], strict=True):
                assert text.startswith(f"{word} {state.sum():,} pixel")
            for text, of, other in zip(
                page.locator("#viewer-split ul").all_inner_texts(), states[1:], (p, t), strict=True
            ):
                found = np.bincount(other[of], minlength=1)
                shown = [int(part.replace(",", "")) for part in re.findall(r"[\d,]+$", text, re.MULTILINE)]
                assert shown[:6] == sorted(found[found > 0].tolist(), reverse=True)[:6]
            row = page.locator(".class-row", has=page.locator(f'[aria-label="Show {one}"]'))
            iou = side.images.iou[side.names.index(name), i]
            assert row.locator(".figures-of").all_inner_texts() == [f"{iou:.4f}", f"{(t == i).sum():,}"]


def test_one_confusion_and_the_class_that_it_is_with(reports, open_page):
    folder, (side, _) = reports
    page = opened(open_page, folder / "v1.html")
    name = page.locator("#viewer-title").inner_text()
    t, p = (indices(side, name, what) for what in ("target", "pred"))
    palette = {
        one: tuple(pixel) for one, pixel in zip(t.ravel(), drawn(page, "Target").reshape(-1, 4), strict=True)
    }
    palette |= {
        one: tuple(pixel)
        for one, pixel in zip(p.ravel(), drawn(page, "Prediction").reshape(-1, 4), strict=True)
    }
    # Each pixel of a mask has the colour of its class, and no other one.
    assert len({*palette.values()}) == len(palette)
    np.testing.assert_array_equal(
        drawn(page, "Target"), painted(t, {str(i): one for i, one in palette.items()})
    )
    page.keyboard.press("w")
    colours = legend(page)
    wrong = (t <= len(side.classes)) & (t != p)
    expected = painted(expected_errors(t, p, len(side.classes)), colours)
    expected[wrong] = [palette[one] for one in p[wrong]]
    np.testing.assert_array_equal(drawn(page, "Errors"), expected)
    i = int(np.argmax(np.bincount(t[wrong], minlength=len(side.classes))))
    only(page, side.classes.names[i])
    colours = legend(page)
    missed, false = wrong & (t == i), wrong & (p == i)
    expected = painted(np.where((t == i) & (p == i), "correct", "another class"), colours)
    expected[missed] = [palette[one] for one in p[missed]]
    expected[false] = [palette[one] for one in t[false]]
    np.testing.assert_array_equal(drawn(page, "Errors"), expected)
    page.keyboard.press("w")
    first = page.locator("#viewer-split .confusion").first
    j = int(np.argmax(np.bincount(p[missed])))
    assert side.classes.names[j] in first.inner_text()
    first.click()
    kinds = np.select([(t == i) & (p == i), (t == i) & (p == j)], ["correct", "missed"], "another class")
    np.testing.assert_array_equal(drawn(page, "Errors"), painted(kinds, legend(page)))
    first.click()
    assert first.get_attribute("aria-pressed") == "false"
    assert (drawn(page, "Errors")[false] == legend(page)["false"]).all()


def test_changes_of_each_class(reports, open_page):
    folder, sides = reports
    page = opened(open_page, folder / "both.html")
    assert "shown at 400 x 300 of 480 x 360 pixels" in page.locator("#viewer-scores").inner_text()
    name, count = page.locator("#viewer-title").inner_text(), len(sides[0].classes)
    large = indices(sides[0], name, "target"), *(indices(side, name, "pred") for side in sides)
    rows, columns = (((np.arange(n) + 0.5) * 1.2).astype(int) for n in (300, 400))
    t, a, b = (mask[np.ix_(rows, columns)] for mask in large)
    colours = legend(page)
    assert {one: colour[:3] for one, colour in colours.items()} == dict(CHANGES)
    states = [t > count, (a == t) & (b == t), b == t, a == t]
    kinds = np.select(states, ["ignored", "right in both", "fixed", "broken"], "wrong in both")
    np.testing.assert_array_equal(drawn(page, "Change"), painted(kinds, colours))
    for one in [one for one in listed(page) if one in sides[0].classes.names]:
        only(page, one)
        i = sides[0].classes.names.index(one)
        was, now = ((t == i) == (side == i) for side in (a, b))
        none = (t > count) | ((t != i) & (a != i) & (b != i))
        kinds = np.select(
            [none, was & now, now, was],
            ["another class", "right in both", "fixed", "broken"],
            "wrong in both",
        )
        np.testing.assert_array_equal(drawn(page, "Change"), painted(kinds, legend(page)))


def test_classes_that_are_off_are_seen_through(reports, open_page):
    folder, (side, _) = reports
    page = opened(open_page, folder / "v1.html", view="dark")
    name = page.locator("#viewer-title").inner_text()
    t, p = (indices(side, name, what) for what in ("target", "pred"))
    off = [one for one in listed(page) if one in side.classes.names][:2]
    for one in off:
        page.get_by_label(f"Show {one}", exact=True).uncheck()
    hidden = [side.classes.names.index(one) for one in off]
    for title, mask in (("Target", t), ("Prediction", p)):
        np.testing.assert_array_equal(drawn(page, title)[..., 3] == 0, np.isin(mask, hidden))
    kinds = expected_errors(t, p, len(side.classes))
    kinds = np.where(np.isin(t, hidden) & np.isin(p, hidden), "classes that are off", kinds)
    np.testing.assert_array_equal(drawn(page, "Errors"), painted(kinds, legend(page)))
    # Over the photograph, what is of no class that is on is seen through, too.
    page.keyboard.press("o")
    np.testing.assert_array_equal(drawn(page, "Errors")[..., 3] == 0, kinds == "classes that are off")
    page.keyboard.press("a")
    np.testing.assert_array_equal(
        drawn(page, "Errors")[..., 3] == 0, expected_errors(t, p, len(side.classes)) == "correct"
    )
    page.keyboard.press("n")
    assert not drawn(page, "Target")[..., 3].any()
    assert not page.locator("#viewer-classes input:checked").count()


def test_many_classes_no_class_and_equal_colours(tmp_path, open_page):
    random = np.random.default_rng(0)
    names = [f"class {i}" for i in range(40)]
    classes = Classes(names, ignore=[255], colours={7: (255, 0, 255), 9: (20, 22, 24)})
    labels = [*range(0, 40, 3), 7]
    t, p = random.choice([*labels, 255], (2, 20, 30))
    p[p == 255] = 77
    write(tmp_path / "target", {"a.png": t})
    write(tmp_path / "pred", {"a.png": p})
    with pytest.warns(SegscoreWarning, match="no class"):
        ev = evaluate(pred=tmp_path / "pred", target=tmp_path / "target", classes=classes, progress=False)
    ev.write_report(tmp_path / "report.html")
    page = opened(open_page, tmp_path / "report.html")
    assert listed(page) == [*(names[i] for i in sorted(labels)), "no class", "ignored"]
    kinds = np.select([t == 255, p == 77, t != p], ["ignored", "no class", "wrong"], "correct")
    np.testing.assert_array_equal(drawn(page, "Errors"), painted(kinds, legend(page)))
    only(page, "no class")
    np.testing.assert_array_equal(drawn(page, "Prediction")[..., 3] > 0, p == 77)
    kinds = np.where((p == 77) & (t != 255), "false", "another class")
    np.testing.assert_array_equal(drawn(page, "Errors"), painted(kinds, legend(page)))
    only(page, "ignored")
    np.testing.assert_array_equal(drawn(page, "Target")[..., 3] > 0, t == 255)
    only(page, "class 7")
    assert drawn(page, "Target")[t == 7].tolist() == [[255, 0, 255, 255]] * (t == 7).sum()


def test_what_is_right_is_the_ground_on_cards_as_well(reports, open_page):
    for view, ground in (("desktop", "rgb(222, 228, 232)"), ("dark", "rgb(34, 42, 48)")):
        for name, part, legend_of in (("v1", "errors", "errors"), ("both", "change", "changes")):
            page = open_page(reports[0] / f"{name}.html", view)
            chip = page.locator(f'[aria-label="Colours of {legend_of}"] rect').first
            assert chip.evaluate("chip => getComputedStyle(chip).fill") == ground
            picture = page.locator(f'#cards img[data-part="{part}"]').first
            assert picture.evaluate("image => getComputedStyle(image).backgroundColor") == ground
