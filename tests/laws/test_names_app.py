"""Hostile names in the pages of the application: texts are texts, and every page has an answer."""

import re

import pytest

from segscore.base.wording import visible
from support.applications import Visitor
from support.hostile_names import FILE_NAMES, HOSTILE_NAMES
from support.hostile_workspace import CLASSES, hostile_workspace
from support.pages import Page


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
    "/compare?run=r1&run=r2",
    "/matrix",
    "/datasets",
    "/models/new",
    "/runs/r9",
]
TAGS = """
    a body button caption circle code datalist dd details dialog div dl dt em fieldset figure footer
    form g h1 h2 h3 head header html img input label legend li line link main meta nav noscript ol
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
    scripts = [
        dict(attributes)
        for tag, attributes in filter(lambda e: isinstance(e, tuple), page.tags)
        if tag == "script"
    ]
    assert all("src" in one or one.get("type") == "application/json" for one in scripts)


def test_every_class_can_be_chosen_in_the_matrix(hostile):
    run = hostile.workspace.runs()["r1"]
    page = Page(hostile.get("/matrix").text)
    values = [
        dict(attributes)["value"]
        for tag, attributes in filter(lambda e: isinstance(e, tuple) and e[0] == "option", page.tags)
    ]
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


@pytest.mark.parametrize("text", SENT.values(), ids=SENT)
def test_hostile_texts_in_forms_come_back_as_texts(hostile, text):
    plain = Page(hostile.form("/models/new", name="plain!", kind="onnx", source="x").text)
    answer = hostile.form("/models/new", name=text, kind="onnx", source=text, mean=text)
    assert answer.status_code == 400
    tags = [entry[0] if isinstance(entry, tuple) else entry for entry in Page(answer.text).tags]
    expected = [entry[0] if isinstance(entry, tuple) else entry for entry in plain.tags]
    assert [tag for tag in tags if tag not in ("p", "/p", "code")] == [
        tag for tag in expected if tag not in ("p", "/p", "code")
    ]
    for address in ("/runs", "/matrix", "/datasets/new", "/compare", "/"):
        name = {"/runs": "find", "/matrix": "metric", "/datasets/new": "model", "/compare": "run"}.get(
            address, "x"
        )
        answer = hostile.get(address, params={name: text})
        assert answer.status_code in (200, 404)
        assert all(
            not attribute.startswith("on")
            for entry in Page(answer.text).tags
            if isinstance(entry, tuple) and entry[0] != "comment"
            for attribute, _ in entry[1]
        )
