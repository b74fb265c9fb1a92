"""Scores as Markdown and LaTeX: the whole text, and names that try to be more than text."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from segscore import Classes, Failure, Finding, GateResult
from segscore.base.wording import visible
from segscore.results.summary import evaluation_markdown
from segscore.text import latex, markdown
from support.pages import Page
from support.results import HOSTILE, evaluation_of, scores_of

TABLE = """\
| class | IoU | Dice | precision | recall | of target |
| :--- | ---: | ---: | ---: | ---: | ---: |
| road | 0.9000 | 0.9474 | 0.9878 | 0.9101 | 90.82% |
| sky | — | — | — | — | absent |
| a\\|b\\_c | 0.0000 | 0.0000 | 0.0000 | 0.0000 | 9.18% |
| **mean** | 0.4500 | 0.4737 |  | 0.4551 |  |"""
COVERAGE = "mean over 2 of 3 classes: \\`sky\\` is absent from target and prediction"


@pytest.fixture
def scores():
    return scores_of(Classes(["road", "sky", "a|b_c"]), [[81, 0, 8, 0], [0, 0, 0, 0], [1, 0, 0, 8]])


def test_scores_as_markdown(scores):
    assert scores.to_markdown() == f"{TABLE}\n\n{COVERAGE}"


def test_scores_as_latex(scores):
    assert scores.to_latex() == (
        "% mean over 2 of 3 classes: `sky` is absent from target and prediction\n"
        "% needs \\usepackage{booktabs}\n"
        "\\begin{tabular}{lrrrrr}\n"
        "\\toprule\n"
        "class & IoU & Dice & precision & recall & of target \\\\\n"
        "\\midrule\n"
        "road & 0.9000 & 0.9474 & 0.9878 & 0.9101 & 90.82\\% \\\\\n"
        "sky & --- & --- & --- & --- & absent \\\\\n"
        "a\\textbar{}b\\_c & 0.0000 & 0.0000 & 0.0000 & 0.0000 & 9.18\\% \\\\\n"
        "\\midrule\n"
        "mean & 0.4500 & 0.4737 &  & 0.4551 &  \\\\\n"
        "\\bottomrule\n"
        "\\end{tabular}"
    )


def test_all_classes_are_exported():
    scores = scores_of(Classes([f"c{i}" for i in range(1001)]), np.eye(1001, 1002, dtype=np.int64))
    assert scores.to_markdown().count("\n| c") == scores.to_latex().count("\nc") - 1 == 1001


def test_the_page_of_an_evaluation(scores):
    page = evaluation_markdown(
        evaluation_of(
            scores,
            requested=4,
            failures=(Failure("<b>", "file is empty", "write `it` again"),),
            provenance={"pred": "runs/v_2", "target": "val"},
            findings=(Finding("shifted", "labels < 5", {}, "x"), Finding("never-present", "y", {}, "z")),
        ),
        gates=[GateResult("mean_iou", True, "fine"), GateResult("iou.a|b_c", False, "0, 0.5 below 0.5")],
    )
    assert page == (
        "## Scores of runs/v\\_2\n"
        "\n"
        "3 of 4 images scored\n"
        "\n"
        "audit: 1 suspicion: labels \\< 5 (see \\`segscore audit\\` or ev.audit())\n"
        "\n"
        "Mean IoU 0.45. Weakest: \\`a\\|b\\_c\\` 0.00. All wrong pixels are \\`road\\` called \\`sky\\`.\n"
        "\n"
        "| gate | result | value |\n"
        "| :--- | :--- | :--- |\n"
        "| mean\\_iou | passed | fine |\n"
        "| iou.a\\|b\\_c | **failed** | 0, 0.5 below 0.5 |\n"
        "\n"
        "| score | value |\n"
        "| :--- | ---: |\n"
        "| mean IoU | 0.450000 |\n"
        "| mean Dice | 0.473684 |\n"
        "| mean accuracy | 0.455056 |\n"
        "| pixel accuracy | 0.826531 |\n"
        "| frequency-weighted IoU | 0.817347 |\n"
        "| kappa | 0.254252 |\n"
        "| MCC | 0.270516 |\n"
        "| mean image IoU | 0.500000 |\n"
        "| mean image Dice | 0.250000 |\n"
        "\n"
        f"{TABLE}\n"
        "\n"
        "- 98 pixels scored, none ignored\n"
        "- 8 pixels missed (8.16% of the scored): predicted as no class\n"
        "\n"
        "Not scored:\n"
        "\n"
        "- \\<b\\>: file is empty\n"
        "\n"
        "- hint: write \\`it\\` again\n"
        "\n"
        f"{COVERAGE}"
    )
    of_arrays = evaluation_markdown(evaluation_of(scores))
    assert of_arrays.startswith("## Scores\n\n3 images scored\n\nMean IoU 0.45. ")


# What Markdown makes of a name

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


NAMES = [
    *HOSTILE,
    *("| a | b |", "\\|", "\\\\|", "*a* _b_ `c` ~~d~~", "[a](b)", "![a](b)", "<!-- a", "&lt;&#124;"),
    *("# a", "12) a", "- a", "+ a", "- - -", "> a", "    a", "===", "$a$", "^a^", "{a}", "a\\"),
    *("<https://a.b>", "\u2028", "a:--"),
]


def rendered(source):
    """Return the names of the elements that Markdown becomes, and the texts in them."""
    page = Page(READER.render(source))
    return [element.name for element in page.root.every()], [text for text in page.texts if text.strip("\n")]


def assert_literal(name):
    shown = visible(name).strip()
    cell = rendered("\n".join(markdown.table(("class", "IoU"), [(markdown.escape(name), "1")])))
    assert cell[0] == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    assert cell[1] == ["class", "IoU", shown, "1"]
    assert rendered(f"- {markdown.escape(name)}")[0] == ["ul", "li"]
    assert rendered(markdown.escape(name))[1] == [shown]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_are_literal_in_markdown(name):
    assert_literal(name)


@given(st.text("abc019 |\\`*_{}[]<>#~&!$^@:;\"'()+-.=/%\n\r\t\0", min_size=1).filter(str.strip))
def test_any_name_is_literal_in_markdown(name):
    assert_literal(name)


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("https://a.b", "https\\://a.b"),
        ("www.a.b", "www\\.a.b"),
        ("a@b.c", "a\\@b.c"),
        ("mailto:a", "mailto\\:a"),
        ("of: which", "of: which"),
    ],
)
def test_addresses_are_no_links_where_bare_ones_would_be(name, escaped):
    assert markdown.escape(name) == escaped


# What LaTeX makes of a name


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("a_b & 50% #1 $x$ {y}", "a\\_b \\& 50\\% \\#1 \\$x\\$ \\{y\\}"),
        ("\\input{x}", "\\textbackslash{}input\\{x\\}"),
        ("a~b^c", "a\\textasciitilde{}b\\textasciicircum{}c"),
        ("^^M", "\\textasciicircum{}\\textasciicircum{}M"),
        ("<a|b>", "\\textless{}a\\textbar{}b\\textgreater{}"),
        ("marking--zebra---x", "marking-{}-zebra-{}-{}-x"),
        ("traffic-light", "traffic-light"),
        ("[2pt]", "{[}2pt{]}"),
        ("*", "{*}"),
        ("``a''", "\\textasciigrave{}\\textasciigrave{}a\\textquotesingle{}\\textquotesingle{}"),
        ("two\nlines\x00", "two\\textbackslash{}nlines\\textbackslash{}x00"),
        ("道路", "道路"),
    ],
)
def test_names_are_literal_in_latex(name, escaped):
    assert latex.escape(name) == escaped


@example("\\")
@given(st.text(min_size=1))
def test_no_name_leaves_a_special_character_in_latex(name):
    left = latex.escape(name)
    for command in (*latex._LITERAL.values(), "-{}"):
        left = left.replace(command, "")
    assert not set(left) & set("\\&%$#_{}~^\n\r\0")
