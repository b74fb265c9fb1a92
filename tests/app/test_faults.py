"""Forms with several wrong fields: each is said at its field, and all of them at once."""

import pytest

from segscore.app.faults import Faults, Filled, FormError
from segscore.app.page import Notice
from segscore.base.naming import arg
from segscore.errors import ArgumentError
from support.applications import Visitor, workspace_of
from support.pages import Page
from support.refused import refused


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    with Visitor(workspace_of(tmp_path_factory.mktemp("faults"), images=2)) as visitor:
        yield visitor


def wrong(answer):
    """Return the wrong fields of a page in its order, each with what is said of it."""
    assert answer.status_code == 400
    page = Page(answer.text).root
    found = {}
    for one in page.every():
        if one.attributes.get("aria-invalid") == "true":
            said = one.attributes["aria-describedby"].split()[0]
            found[one.attributes["name"]] = page.one(id=said).text
            assert page.one(id=f"field-{one.attributes['name']}") is one
    focused = [one.attributes["name"] for one in page.every() if "autofocus" in one.attributes]
    assert focused == [*found][:1]
    (summary,) = page.every("div", role="alert")
    assert [link.attributes["href"] for link in summary.every("a")] == [f"#field-{name}" for name in found]
    assert all(found[link.attributes["href"][7:]].startswith(link.text) for link in summary.every("a"))
    return found, summary.text


AGAIN = "fill it in, and send the form again"


def test_a_model_with_many_wrong_fields_says_all_of_them(visitor):
    fields = {"name": "<b>", "version": "a b", "kind": "predictions", "source": "nowhere", "size": "1.5"}
    fields |= {"trained_on": "none", "layout": "x", "scale": "1/255"}
    found, summary = wrong(visitor.form("/models/new", **fields))
    whole = "write whole numbers with commas between them, such as 512,1024"
    assert list(found) == ["name", "version", "source", "trained_on", "scale", "size", "layout"]
    assert found["name"].startswith("'<b>' is no name of a model a name has 1 to 64 letters")
    assert found["version"].startswith("'a b' is no name of a version")
    assert found["source"].startswith(
        "Where it is : expected a folder or a glob pattern, found nothing at now"
    )
    assert found["trained_on"] == (
        "Trained on : there is neither a dataset nor a folder none the datasets are streets"
    )
    assert found["size"] == f"Size is '1.5', expected 2 whole numbers {whole}"
    assert found["scale"].startswith("there is no option of a folder of predictions scale")
    assert summary.startswith("7 things are wrong in the form. '<b>' is no name of a model")
    assert list(visitor.workspace.models) == ["net"]


def test_a_dataset_with_many_wrong_fields_says_all_of_them(visitor):
    fields = {"name": "", "targets": "nowhere", "classes": "cityscape", "ignore": "x", "groups": "("}
    fields |= {"list": str(visitor.workspace.path), "model": "net:v1", "boundary": "x", "within": "y"}
    found, summary = wrong(visitor.form("/datasets/new", **fields))
    assert list(found) == ["name", "classes", "ignore", "groups", "list", "boundary", "within"]
    assert found["name"] == f"Name is empty, expected letters, digits, - , _ and . {AGAIN}"
    assert found["list"].startswith("List of images : expected a file, found a folder at ")
    assert summary.startswith("7 things are wrong in the form. Name is empty")
    assert not visitor.jobs.all()


def test_what_is_measured_is_checked_one_by_one_and_together(visitor):
    fields = {"model": "net:v1", "dataset": "streets:v1"}
    found, _ = wrong(visitor.form("/evaluate/new", **fields, spacing="a", within="b", dataset_="x"))
    assert list(found) == ["spacing", "within"]
    found, _ = wrong(visitor.form("/evaluate/new", **fields, distances="on", surface="x", within="-1"))
    assert list(found) == ["surface", "within"]
    assert found["surface"] == 'What surfaces are is \'x\' it is "voxels" or "area"'
    # What goes only with a band is no fault where the band is one.
    found, summary = wrong(visitor.form("/evaluate/new", **fields, boundary="-3px", segments="on"))
    assert list(found) == ["boundary"]
    assert summary == "'-3px' is no width of a band"
    assert found["boundary"].startswith(f"{summary} 5 or 5px are pixels")
    found, _ = wrong(visitor.form("/evaluate/new", model="net:v1", dataset="avenue", tolerances="x"))
    assert list(found) == ["dataset", "tolerances"]


def test_a_fault_of_no_field_of_the_page_is_said_at_the_top_with_its_hint(visitor):
    answer = visitor.form("/datasets/new", name="new", model="nett", targets="t", classes="2", ignore="x")
    found, summary = wrong(answer)
    assert list(found) == ["ignore"]
    assert summary.startswith("2 things are wrong in the form. there is no model nett")
    assert "the nearest is net" in summary.replace("` ", "").replace(" `", "")


def test_a_form_without_a_page_of_its_own_says_all_as_well(visitor):
    answer = visitor.form("/evaluate", model="", dataset="streetz", resize="cubic")
    texts = [one.text for one in Page(answer.text).root.every("div", class_="problem")]
    assert answer.status_code == 400
    assert texts == [
        "resize is 'cubic', expected nearest or nothing write it like this, or leave it empty",
        f"Model is empty, expected the name of one {AGAIN}",
        "there is no dataset streetz the nearest is streets",
    ]


def test_faults_are_collected_by_the_field_that_they_name():
    faults = Faults()
    faults.check()
    for fields, message in (
        (("classes", "ignore"), f"{arg('ignore_index')} has no 7"),
        (("classes", "ignore"), "there is no preset x"),
        ((), f"{arg('target')}: nothing, but {arg('images')}"),
        ((), "something is wrong"),
    ):
        with faults.at(*fields):
            raise ArgumentError(message, f"see {arg('dims')}")
    with pytest.raises(FormError) as caught:
        faults.check()
    assert [fault.field for fault in caught.value.faults] == ["ignore", "classes", "targets", ""]
    assert str(caught.value) == (
        "`ignore_index` has no 7\nthere is no preset x\n`target`: nothing, but `images`\nsomething is wrong\n"
        "hint: see `dims`"
    )


def test_arguments_are_checked_together_until_the_rest_is_right():
    calls = []

    def check(given):
        calls.append(sorted(given))
        if "a" in given:
            raise ArgumentError(f"{arg('a')} is wrong")
        if "b" in given and "a" not in given:
            raise ArgumentError(f"{arg('b')} is given without {arg('a')}")
        if "c" in given:
            raise ArgumentError("option `c` is wrong")

    faults = Faults()
    faults.each(check, {"a": 1, "b": 2, "c": 3, "d": 4})
    whole = [call for call in calls if call in (["a", "b", "c", "d"], ["b", "c", "d"], ["c", "d"], ["d"])]
    assert whole == [["a", "b", "c", "d"], ["b", "c", "d"], ["c", "d"], ["d"], ["d"]]
    assert refused(FormError, faults.check) == "`a` is wrong\noption `c` is wrong"

    def never(given):
        raise ArgumentError("no option is right")

    faults = Faults()
    faults.each(never, {"a": 1})
    assert refused(FormError, faults.check) == "no option is right"


def test_a_form_lists_its_faults_in_the_order_of_the_page():
    one, two, three = (Notice(text) for text in ("one", "two", "three"))
    form = Filled({"a": " ", "b": "x"}, [("b", one), ("hidden", two), ("a", three)])
    assert form.concerns("b")
    assert form.concerns("a")  # which is empty, but wrong
    assert not form.concerns("c")
    assert [form.faults(name) for name in ("a", "c", "b")] == [[three], [], [one]]
    assert [form.is_first(name) for name in "abc"] == [True, False, False]
    assert form.summary == [("", two), ("a", three), ("b", one)]
