"""Names that try to be markup, scripts or templates: pages show them, and they do nothing."""

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from segscore import Classes, Failure, compare
from segscore.base.wording import visible
from segscore.io.places import Files
from segscore.pages.comparison import comparison_page
from segscore.pages.page import asset, assets
from segscore.pages.report import report_page
from support.applications import Visitor
from support.hostile_names import FILE_NAMES, HOSTILE_NAMES, OF_PAGES
from support.hostile_workspace import CLASSES, evaluation_of, hostile_workspace
from support.pages import Page, assert_closed

TITLE = HOSTILE_NAMES["JSON in a script element"]
NAMES = [*HOSTILE_NAMES.values(), *OF_PAGES]


def hostile_evaluation():
    return replace(
        evaluation_of(Classes(NAMES), 1, NAMES),
        groups=tuple(NAMES[i % 5] for i in range(len(NAMES))),
        failures=tuple(Failure(f"{name}!", name, name) for name in NAMES),
        extra=tuple(NAMES),
        provenance={name: name for name in NAMES},
        files={name: Files(*[f"/nowhere/{name}"] * 3) for name in NAMES},
    )


ABOUT = {f"{name}?": name for name in NAMES}
ATTRIBUTES = {TITLE: lambda _: "x"}


@pytest.fixture(scope="module")
def shown():
    ev = hostile_evaluation()
    return ev, Page(report_page(ev, title=TITLE, about=ABOUT, notes=NAMES, attributes=ATTRIBUTES))


@pytest.fixture(scope="module")
def compared():
    found = compare(*[hostile_evaluation()] * 2, labels=(NAMES[-1], NAMES[len(NAMES) // 2]))
    options = {"about": (ABOUT, ABOUT), "notes": (NAMES, NAMES), "attributes": ATTRIBUTES}
    return found, Page(comparison_page(found, **options))


@pytest.mark.parametrize("which", ["shown", "compared"])
def test_no_name_is_markup(request, which):
    _, page = request.getfixturevalue(which)
    assert_closed(page)
    kinds = {element.name for element in page.root.every()}
    assert len(list(page.root.every("script"))) == 1 + len(list(page.root.every(type="application/json")))
    assert len(list(page.root.every("style"))) == 1
    assert not kinds & {"img", "iframe", "object", "embed", "base", "form", "template", "b"}


def test_every_name_of_a_comparison_is_shown_as_it_is(compared):
    found, page = compared
    shown = {th.attributes["data-value"] for th in page.id("class-table").one("tbody").every("th")}
    assert shown == {visible(name) for name in NAMES}
    for label in found.labels:
        assert visible(label) in page.root.one("h1").children[0]


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
        # Each is JSON of `json_block`, or a script of the package.
        assert set(in_scripts) <= {
            "{{ block }}",
            "{{ strip.kept|json }}",
            "{{ viewer|json }}",
            "{{ script }}",
            "",
        }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A workspace of hostile names, in which a model fails with all of them as well."""
    folder = tmp_path_factory.mktemp("hostile")
    workspace = hostile_workspace(folder)
    names = list(FILE_NAMES.values())
    (folder / "hostile_model.py").write_text(f"def predict(image):\n    raise ValueError({names!r})\n")
    workspace.models.add("three", python="hostile_model:predict")
    with Visitor(workspace) as visitor:
        assert visitor.evaluated("three", "hostile").state == "failed"
        yield visitor


ADDRESSES = [
    "/",
    "/runs",
    "/runs/r1",
    "/evaluation?model=one&dataset=hostile",
    "/evaluation?model=three&dataset=hostile",
    "/evaluation?model=one&dataset=%3Cscript%3E",
    "/evaluate/dataset?model=one&workspace=%3Cscript%3Ealert(1)%3C/script%3E%22%20onclick=x",
    "/runs/r1/images",
    "/runs/r1/images?view=table&target=0&find=%3Cb%3E",
    "/runs/r1/images?image=0",
    "/compare?run=r1&run=r2",
    "/matrix",
    "/datasets",
    "/models/new",
    "/runs/r9",
]
TAGS = """
    a body button caption circle code datalist dd details dialog div dl dt em fieldset figure footer
    form g h1 h2 h3 head header html img input kbd label legend li line link main meta nav noscript ol
    optgroup option output p path pre progress rect script section select small span strong summary svg
    table tbody td text textarea tfoot th thead time title tr ul br
"""
"""Elements that pages of the application are made of."""
OWN_ADDRESSES = ("/", "#", "data:,", "data:image/png;base64,", "data:image/jpeg;base64,")


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_hostile_name_is_never_markup(hostile, address):
    answer = hostile.get(address)
    page = Page(answer.text)
    for entry in page.tags:
        if not isinstance(entry, tuple):
            continue
        tag, attributes = entry
        assert tag != "comment", entry
        assert tag in TAGS.split(), entry
        for name, value in attributes:
            assert not name.startswith("on"), entry
            assert name not in ("style", "srcdoc", "formaction", "http-equiv"), entry
            if name in ("href", "src", "action"):
                assert value.startswith(OWN_ADDRESSES), entry
    scripts = [element.attributes for element in page.root.every("script")]
    assert all("src" in one or one.get("type") == "application/json" for one in scripts)


def test_every_class_can_be_chosen_in_the_matrix(hostile):
    run = hostile.workspace.runs()["r1"]
    page = Page(hostile.get("/matrix").text)
    values = [option.attributes["value"] for option in page.root.every("option")]
    of_classes = [value for value in values if value.startswith("iou.")]
    assert len(of_classes) == len(CLASSES)
    for value, name in zip(of_classes, CLASSES, strict=True):
        assert value.isascii()
        assert value.isprintable()
        answer = hostile.get("/matrix", params={"metric": value})
        assert answer.status_code == 200
        shown = " ".join(Page(answer.text).texts)
        assert f"{run.metric(f'iou.{name}'):.4f}" in shown
        assert f"IoU of {visible(name)}: " in shown


def test_hostile_names_are_shown_as_they_are(hostile):
    shown = "".join(Page(hostile.get("/runs/r1").text).texts)
    for name in [name for name in HOSTILE_NAMES.values() if name.isprintable()][:20]:
        assert name in shown
    worst = hostile.workspace.runs()["r1"].evaluation.worst(3)
    for name, _ in worst:
        assert visible(name) in shown


SENT = {attack: name for attack, name in HOSTILE_NAMES.items() if not re.search("[\ud800-\udfff]", name)}
"""What a browser can send: no half of a character."""


@pytest.fixture(scope="module")
def plain(hostile):
    """The page that answers a form in which a plain text is wrong."""
    return Page(hostile.form("/models/new", name="plain!", kind="onnx", source="x", mean="plain!").text)


TOLD = ("p", "/p", "code", "div", "/div", "ul", "li", "/li", "a", "/a", "strong")
"""Elements that say what is wrong; how much that is depends on the text."""


def _fixed(page):
    """Return the elements of a page, in their order, but for those that say what is wrong."""
    tags = (entry[0] if isinstance(entry, tuple) else entry for entry in page.tags)
    return [tag for tag in tags if tag not in TOLD]


@pytest.mark.parametrize("text", SENT.values(), ids=SENT)
def test_hostile_texts_in_forms_come_back_as_texts(hostile, plain, text):
    answer = hostile.form("/models/new", name=text, kind="onnx", source=text, mean=text)
    assert answer.status_code == 400
    found, expected = (_fixed(page) for page in (Page(answer.text), plain))
    assert found == expected


ASKED = {"/runs": "find", "/matrix": "metric", "/datasets/new": "model", "/compare": "run", "/": "x"}


@pytest.mark.slow
@pytest.mark.parametrize("text", SENT.values(), ids=SENT)
def test_hostile_texts_in_addresses_have_an_answer(hostile, text):
    for address, name in ASKED.items():
        answer = hostile.get(address, params={name: text})
        assert answer.status_code in (200, 400, 404)
        assert all(
            not attribute.startswith("on")
            for entry in Page(answer.text).tags
            if isinstance(entry, tuple) and entry[0] != "comment"
            for attribute, _ in entry[1]
        )
