"""A report full of hostile names: they are shown, nothing runs or leaves, and nothing breaks the layout."""

from dataclasses import replace

import numpy as np
import pytest

from segscore import Classes, Evaluator, Failure
from segscore.base.wording import visible
from segscore.io.places import Files
from support import chromium
from support.hostile_names import HOSTILE_NAMES

NAMES = tuple(HOSTILE_NAMES.values())


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    random = np.random.default_rng(0)
    judge = Evaluator(Classes(NAMES))
    for name in NAMES:
        target = random.integers(len(NAMES), size=500)
        judge.add(pred=np.where(random.random(500) < 0.7, target, 1), target=target, name=name)
    ev = judge.result()
    files = {name: Files(f"/nowhere/{name}", f"/nowhere/{name}", f"/nowhere/{name}") for name in ev.names}
    hostile = replace(
        ev,
        failures=tuple(Failure(f"{name}!", name, name) for name in NAMES),
        extra=NAMES,
        provenance={name: name for name in NAMES},
        files=files,
    )
    path = tmp_path_factory.mktemp("names") / "report.html"
    hostile.write_report(
        path,
        title=NAMES[0],
        about={name: name for name in NAMES},
        notes=NAMES,
        attributes={NAMES[0]: dict(zip(ev.names, NAMES, strict=True))},
    )
    return path


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_names_are_shown_and_do_nothing(report, open_page, view):
    page = open_page(report, view)
    shown = page.locator("#class-table tbody th").evaluate_all("all => all.map(one => one.dataset.value)")
    assert shown == [visible(name) for name in NAMES]
    chromium.assert_fits(page)
    chromium.assert_accessible(page)


def test_names_do_nothing_where_scripts_show_them(report, open_page):
    page = open_page(report)
    matrix, said = page.locator("#matrix"), page.locator("#matrix-sentence")
    matrix.focus()
    for i, name in enumerate(NAMES):
        assert (
            f" of {visible(name)} pixels were called {visible(NAMES[i])}, which is right"
            in said.text_content()
        )
        matrix.press("ArrowRight")
        matrix.press("ArrowDown")
    page.get_by_label("Classes in images", exact=True).select_option(index=3)
    for index in (0, 1, 30):
        page.get_by_label("by", exact=True).select_option(index=index)
    page.get_by_label("best", exact=True).check()
    page.get_by_label("Filter").fill("<")
    page.locator("#class-table thead button").first.click()
    chromium.assert_fits(page)
