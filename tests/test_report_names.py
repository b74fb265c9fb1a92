"""Names that try to be markup, scripts or templates: a page shows them, and they do nothing."""

from dataclasses import replace

import numpy as np
import pytest

from pages import Page, assert_closed
from results import HOSTILE
from segscore import Classes, Evaluator, Failure
from segscore.files import Files
from segscore.render.names import visible
from segscore.report import report_page

NAMES = [
    *HOSTILE,
    "</script><script>document.title='run'</script>",
    "</style><style>body{display:none}",
    "<!--",
    "-->",
    "]]>",
    '"><img src=x onerror=run()>',
    "' onmouseover='run()",
    "javascript:run()",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{# note #}",
    "${7*7}",
    "`back`tick`",
    "=cmd|' /C calc'!A0",
    "&lt;b&gt;",
    "\u2028line\u2029",
    "\u200bzero width",
    "😀" * 20,
    "مرحبا",
    "a\0b",
    "constructor",
    "__proto__",
    "</title><script>run()</script>",
    "</template>",
    "</option></select>",
    "\\u003cscript\\u003e",
]


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
    text = report_page(
        hostile, title=NAMES[2], about=about, notes=NAMES, attributes={NAMES[2]: lambda _: "x"}
    )
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
    assert page.root.one("title").children == [visible(NAMES[2])]
    assert page.root.one("h1").children == [visible(NAMES[2])]


def test_templates_in_names_are_not_run(shown):
    _, page = shown
    assert "49" not in [dd.text for dd in page.id("summary").every("dd")]
    assert "{{ 7 * 7 }}" in page.id("summary").text
