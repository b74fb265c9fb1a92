"""Names that try to be markup, scripts or templates: a page shows them, and they do nothing."""

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from segscore import Classes, Evaluator, Failure
from segscore.base.wording import visible
from segscore.io.places import Files
from segscore.pages.page import asset, assets
from segscore.pages.report import report_page
from support.hostile_names import HOSTILE_NAMES, OF_PAGES
from support.pages import Page, assert_closed

TITLE = HOSTILE_NAMES["JSON in a script element"]
NAMES = [*HOSTILE_NAMES.values(), *OF_PAGES]


@pytest.fixture(scope="module")
def shown():
    random = np.random.default_rng(1)
    judge = Evaluator(Classes(NAMES))
    for name in NAMES:
        target = random.integers(len(NAMES), size=400)
        judge.add(pred=np.where(random.random(400) < 0.8, target, 0), target=target, name=name)
    plain = judge.result()
    hostile = replace(
        plain,
        groups=tuple(NAMES[i % 5] for i in range(len(NAMES))),
        failures=tuple(Failure(f"{name}!", name, name) for name in NAMES),
        extra=tuple(NAMES),
        provenance={name: name for name in NAMES},
        files={
            name: Files(f"/nowhere/{name}", f"/nowhere/{name}", f"/nowhere/{name}") for name in plain.names
        },
    )
    about = {f"{name}?": name for name in NAMES}
    text = report_page(hostile, title=TITLE, about=about, notes=NAMES, attributes={TITLE: lambda _: "x"})
    return hostile, Page(text)


def test_no_name_is_markup(shown):
    _, page = shown
    assert_closed(page)
    kinds = {element.name for element in page.root.every()}
    assert len(list(page.root.every("script"))) == 1 + len(list(page.root.every(type="application/json")))
    assert len(list(page.root.every("style"))) == 1
    assert not kinds & {"img", "iframe", "object", "embed", "base", "form", "template", "b"}


def test_every_name_is_shown_as_it_is(shown):
    ev, page = shown
    names = [visible(name) for name in ev.classes.names]
    assert [th.attributes["data-value"] for th in page.id("class-table").one("tbody").every("th")] == names
    assert page.data("confusion")["names"] == names
    assert set(page.data("pictures")["names"]) <= {visible(name) for name in ev.names}
    said = page.id("summary")
    for name in NAMES:
        assert any(dd.children == [visible(name)] for dd in said.every("dd"))
    assert page.root.one("title").children == [visible(TITLE)]
    assert page.root.one("h1").children == [visible(TITLE)]


def test_templates_in_names_are_not_run(shown):
    _, page = shown
    text = page.id("summary").text
    assert HOSTILE_NAMES["template of Jinja"] in text
    assert "49" not in [dd.text for dd in page.id("summary").every("dd")]


MARKUP = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|srcdoc|cssText"
)


@pytest.mark.parametrize("name", [name for name in assets() if name.endswith(".js")])
def test_no_script_makes_markup_of_a_text(name):
    # The application renews parts of a page from pages of its own server, whose templates escape every text.
    text = asset(name).replace("new DOMParser()", "") if name == "app.js" else asset(name)
    assert not re.search(MARKUP, text)
    assert 'setAttribute("style"' not in asset(name)


def test_no_template_lets_a_text_through():
    templates = list(Path(str(files("segscore.pages") / "templates")).rglob("*.html"))
    assert len(templates) >= 8
    for template in templates:
        text = template.read_text("utf-8")
        assert not re.search(r"\|\s*safe|autoescape|\sstyle=|\son\w+=|javascript:", text), template.name
        assert not re.search(r"=\{\{", text), "attributes stand in quotes"
        in_scripts = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
        assert set(in_scripts) <= {"{{ block }}", "{{ script }}", ""}
