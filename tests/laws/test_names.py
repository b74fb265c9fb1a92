"""Hostile names through every output: each says what it says of plain names, and nothing else happens.

Whatever is written of an evaluation is written of a twin as well, whose counts are the same and whose
names are plain; both must have the same structure.
"""

import json
import os
from dataclasses import replace

import numpy as np
import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len

from segscore import (
    ArgumentError,
    Classes,
    Evaluator,
    Failure,
    SegscoreError,
    SegscoreWarning,
    Workspace,
    compare,
    load,
)
from segscore.base.wording import visible
from segscore.text.frames import BACKENDS
from segscore.text.json import to_json
from support import command_line, hostile_names, workspaces
from support.hostile_names import FILE_NAMES, HOSTILE_NAMES
from support.hostile_workspace import evaluation_of
from support.masks_on_disk import png
from support.pages import Page
from support.results import evaluated

HOSTILE = tuple(HOSTILE_NAMES.values())
PLAIN = tuple(f"plain{i:02}" for i in range(len(HOSTILE)))


class Results:
    """What there is to be shown under these names."""

    def __init__(self, names):
        self.names = names
        self.one, self.two = (evaluation_of(Classes(names), model, names) for model in (1, 2))
        self.groups = self.one.group_by(names)
        self.regions = self.one.regions({name: [name] for name in names})
        self.comparison = compare(self.one, self.two, labels=names[:2])


@pytest.fixture(scope="module")
def hostile():
    return Results(HOSTILE)


@pytest.fixture(scope="module")
def plain():
    return Results(PLAIN)


def test_there_are_many_and_each_attacks_something_else():
    assert len(HOSTILE) == len(set(HOSTILE)) >= 60
    assert len(FILE_NAMES) >= 60
    assert len(set(FILE_NAMES.values())) == len(FILE_NAMES)


TEXTS = {
    "evaluation": lambda results: str(results.one),
    "scores": lambda results: str(results.one.scores),
    "confusion": lambda results: str(results.one.confusion),
    "one group": lambda results: str(results.groups[results.names[34]]),
    "groups": lambda results: str(results.groups),
    "regions": lambda results: str(results.regions),
    "audit": lambda results: str(results.one.audit()),
    "conventions": lambda results: str(results.one.explain()),
    "comparison": lambda results: str(results.comparison),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_for_terminals(hostile, plain, text):
    lines = text(hostile).split("\n")
    assert all(line.isprintable() for line in lines)
    assert max(cell_len(line) for line in lines) <= 80
    assert max(cell_len(line) for line in text(plain).split("\n")) <= 80


PAGES = {
    "evaluation": lambda results: results.one._repr_html_(),
    "scores": lambda results: results.one.scores._repr_html_(),
    "conventions": lambda results: results.one.explain()._repr_html_(),
    "comparison": lambda results: results.comparison._repr_html_(),
}
DOCUMENTS = {
    "evaluation": lambda results: results.one.to_markdown(),
    "gates": lambda results: results.one.to_markdown(results.one.check({f"iou.{results.names[0]}": 0.99})),
    "scores": lambda results: results.one.scores.to_markdown(),
    "comparison": lambda results: results.comparison.to_markdown(),
}


def rendered(markdown):
    """Return what Markdown with tables, in which HTML is allowed, makes of a text."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_pages_in_notebooks(hostile, plain, page):
    found, expected = Page(page(hostile)), Page(page(plain))
    assert found.tags == expected.tags
    assert all(text.isprintable() for text in found.texts)


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_in_markdown(hostile, plain, document):
    found, expected = Page(rendered(document(hostile))), Page(rendered(document(plain)))
    assert found.tags == expected.tags
    assert document(hostile).replace("\n", "").isprintable()


@pytest.mark.parametrize("page", [PAGES["scores"], lambda results: rendered(DOCUMENTS["scores"](results))])
def test_pages_show_every_name_as_it_is(hostile, page):
    cells = {text.strip() for text in Page(page(hostile)).texts}
    assert {visible(name).strip() for name in HOSTILE} <= cells


def test_documents_in_latex(hostile, plain):
    found, expected = (results.one.to_latex().split("\n") for results in (hostile, plain))
    assert len(found) == len(expected)
    # No name adds a cell, ends a row, or begins a comment.
    for one, two in zip(found[1:], expected[1:], strict=True):
        assert [one.replace("\\&", "").count(mark) for mark in ("&", "\\\\")] == [
            two.count(mark) for mark in ("&", "\\\\")
        ]
        assert "%" not in one.replace("\\%", "") or one.startswith("% needs ")


@pytest.mark.parametrize("result", ["one", "comparison"])
def test_json_gives_every_name_back(hostile, plain, result):
    text = to_json(getattr(hostile, result).to_dict())
    assert text.isascii()
    assert text.count("\n") == to_json(getattr(plain, result).to_dict()).count("\n")
    read = json.loads(text)
    if result == "one":
        assert [row["name"] for row in read["per_class"]] == list(HOSTILE)
        assert sorted(row["name"] for row in read["images"]) == sorted(HOSTILE)


@pytest.mark.parametrize("backend", BACKENDS)
def test_frames_hold_names_as_they_are(hostile, backend):
    def writable(name):
        return name.encode("utf-8", "backslashreplace").decode("utf-8")

    classes, images = hostile.one.scores.to_frame(backend), hostile.one.images.to_frame(backend)
    column = "to_pylist" if backend == "pyarrow" else "to_list"
    assert getattr(classes["name"], column)() == [writable(name) for name in HOSTILE]
    assert sorted(getattr(images["name"], column)()) == sorted(writable(name) for name in HOSTILE)
    titles = images.column_names if backend == "pyarrow" else list(images.columns)
    assert [title for title in titles if title.startswith("iou.")] == [
        f"iou.{writable(name)}" for name in HOSTILE
    ]


def test_files_of_evaluations_give_every_name_back(hostile, tmp_path):
    names = (*HOSTILE, "", " ", "x" * 70_000)
    failures = tuple(Failure(name, name, name) for name in names)
    made = replace(
        hostile.one, failures=failures, extra=names, provenance=dict(zip(names, names, strict=True))
    )
    made.save(tmp_path / "one.npz")
    found = load(tmp_path / "one.npz")
    assert found == made
    assert found != hostile.one
    assert found.provenance == made.provenance
    assert str(found) == str(made)


# Errors and warnings, as Python shows them


def added_twice(name):
    judge = Evaluator(2)
    for _ in range(2):
        judge.add(pred=[0], target=[0], name=name)


def unknown_target(name):
    evaluated(2, {name: ([0], [9])})


ERRORS = {
    "doubled class": lambda name: Classes([name, name]),
    "doubled image": added_twice,
    "label": unknown_target,
    "preset": lambda name: Classes.of(name + "x"),
    "class": lambda name: evaluation_of(Classes([name]), 1, [name]).merge({"x": [f"{name}x"]}),
    "image": lambda name: evaluation_of(Classes([name]), 1, [name]).select([f"{name}x"]),
    "metric": lambda name: evaluation_of(Classes([name]), 1, [name]).worst(by=name),
    "gate": lambda name: evaluation_of(Classes([name]), 1, [name]).check({f"iou.{name}x": 0.5}),
    "group": lambda name: evaluation_of(Classes([name]), 1, [name]).group_by([name])[f"{name}x"],
    "file": lambda name: load(name.replace("\0", "x").replace("\ud83d", "x") + "x"),
}


@pytest.mark.parametrize("raise_error", ERRORS.values(), ids=ERRORS)
def test_errors_have_no_control_character(raise_error):
    for name in HOSTILE:
        with pytest.raises(SegscoreError) as caught:
            raise_error(name)
        assert str(caught.value).replace("\n", "").isprintable()
        assert repr(caught.value).isprintable()


def test_errors_and_warnings_keep_what_can_be_printed():
    assert str(ArgumentError("é [\x1b]\nb", "c\u202e")) == "é [\\x1b]\nb\nhint: c\\u202e"
    assert ArgumentError("\x1b", "\0").message == "\x1b"
    assert str(SegscoreWarning("é [\x1b]\nb")) == "é [\\x1b]\nb"


def test_warnings_have_no_control_character():
    for name in HOSTILE:
        judge = Evaluator(2)
        with pytest.warns(SegscoreWarning) as caught:
            judge.add(pred=[7], target=[0], name=name)
        assert str(caught[0].message).replace("\n", "").isprintable()


# The command line, on files that have such names


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Folders with one mask a name; the names are those of the classes, too."""
    monkeypatch.chdir(tmp_path)
    for side in ("pred", "target"):
        (tmp_path / side).mkdir()
        for i, name in enumerate(FILE_NAMES.values()):
            rng = np.random.default_rng((i, side == "pred"))
            mask = rng.integers(0, len(HOSTILE), (8, 8)).tolist()
            with open(os.fsencode(tmp_path / side / f"{name}.png"), "wb") as file:
                file.write(png(mask))
    (tmp_path / "pred" / f"{FILE_NAMES['colours']}.png").write_bytes(b"no mask")
    write_classes(tmp_path / "classes.toml")
    return tmp_path


def write_classes(path):
    """Write classes under hostile names; TOML knows no surrogates."""
    names = [name.encode("utf-8", "replace").decode() for name in HOSTILE]
    escaped = ["".join(f"\\U{ord(c):08X}" for c in name) for name in names]
    rows = [f'{{ label = {i}, name = "{name}" }},' for i, name in enumerate(escaped)]
    path.write_text("\n".join(["classes = [", *rows, "]"]))


def assert_shown(result, code=0):
    assert result.exit_code == code, result.output
    assert result.output.replace("\n", "").isprintable()
    return result.stdout


def test_the_command_line(folders):
    options = ("--classes", "classes.toml", "--on-error", "skip")
    shown = assert_shown(command_line.evaluate(*options, "--save", "a.npz"))
    assert shown.startswith(f"{len(FILE_NAMES) - 1} of {len(FILE_NAMES)} images scored\n")
    read = json.loads(assert_shown(command_line.evaluate(*options, "--json", "-")))
    names = {os.fsencode(name) for name in FILE_NAMES.values()}
    assert {os.fsencode(row["name"]) for row in read["images"]} < names
    assert_shown(command_line.evaluate(*options, "--summary", "-"))
    assert_shown(command_line.evaluate(), code=0)
    assert_shown(command_line.evaluate("--classes", "classes.toml"), code=2)
    assert_shown(command_line.run("explain", "a.npz"))
    assert_shown(command_line.run("compare", "a.npz", "a.npz"))
    assert_shown(command_line.run("audit", "--pred", "pred", "--target", "target", *options[:2]), code=0)


def test_attributes_and_groups_of_datasets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    workspaces.write_project(tmp_path)
    found = []
    ws = Workspace.init(tmp_path / "ws")
    for i, name in enumerate(HOSTILE):
        value = name.encode("utf-8", "replace").decode().replace('"', '""')
        (tmp_path / "a.csv").write_text(f'name,"x{value}"\nrain_1,"{value}"\nrain_2,b\nsun_1,c\n', newline="")
        dataset = workspaces.add_dataset(ws, f"d{i}", attributes="a.csv", groups=[name, "b", "c"])
        found.append(str(dataset))
    assert all(text.replace("\n", "").isprintable() for text in found)


def test_only_harmless_names_of_datasets_and_versions_are_allowed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    workspaces.write_project(tmp_path)
    ws = Workspace.init(tmp_path / "ws")
    allowed = {"__proto__", "null", "NaN"}
    for name in sorted(set(HOSTILE) - allowed):
        for names in ({"name": name}, {"name": "streets", "version": name}):
            with pytest.raises(SegscoreError) as caught:
                workspaces.add_dataset(ws, **names)
            assert str(caught.value).replace("\n", "").isprintable()


def test_names_of_files_keep_what_they_attack():
    assert hostile_names.as_file_name("a/b") == "a\u2215b"
    assert hostile_names.as_file_name("../a") == "_..\u2215a"
    assert hostile_names.as_file_name("n" * 300) is None
    assert hostile_names.as_file_name("\0") is None
    assert hostile_names.as_file_name("\ud83d") is None
    assert hostile_names.as_file_name("\udcff") == "\udcff"
