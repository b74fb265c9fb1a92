"""From a version of a model to its evaluation results, and to a comparison, by the keyboard alone.

Controls are found by the words on them: *Evaluation dataset*, *Evaluate with a new dataset*, *Evaluate*,
*Evaluation results*. A task is as long as the keys that do something: going from one control to the next,
and typing, are not counted.
"""

import re
import shutil

import pytest

from segscore import Workspace, compare, evaluate
from segscore.app.tasks import Task
from support import chromium
from support.applications import add_dataset, hurry, write_project
from support.serving import expect, job, origin_of, served, visit

RESULTS = "Evaluation results"
NEW = "Evaluate with a new dataset"


def folders_of(dialog):
    """Return the folders that are offered below a field."""
    return dialog.get_by_role("listbox", name="Folders").get_by_role("option")


class Keyboard:
    """Somebody who has no pointer, and how often something was done with a key."""

    def __init__(self, page):
        self.page = page
        self.done = 0

    def reach(self, control):
        """Go from control to control until this one is in use."""
        expect(control).to_be_visible()
        for _ in range(150):
            if control.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{control} cannot be reached with the keyboard")

    def press(self, control, key="Enter"):
        """Use a control."""
        self.reach(control)
        self.page.keyboard.press(key)
        self.done += 1

    def choose(self, control, text):
        """Choose a line of a control by its first letters."""
        self.reach(control)
        self.page.keyboard.type(text)
        self.done += 1

    def write(self, control, text):
        """Fill in a field, whatever is in it."""
        self.reach(control)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def task(self):
        """Return how many keys did something since this was asked the last time."""
        done, self.done = self.done, 0
        return done


@pytest.fixture
def project(masks, tmp_path):
    """Folders of real masks: targets, which stand for photographs as well, and what two models predict."""
    for name, folder in (("masks", masks.target), *((v, masks.folder / f"pred-{v}") for v in ("v1", "v2"))):
        (tmp_path / name).mkdir()
        for path in sorted(folder.iterdir())[:8]:
            shutil.copy(path, tmp_path / name)
    return tmp_path


@pytest.fixture
def empty(project, monkeypatch):
    """An application without anything in it, in the folder of the project."""
    monkeypatch.chdir(project)
    with served(Workspace.init(project)) as application:
        yield application


def test_from_an_empty_workspace_to_a_comparison_of_two_versions(empty, project, masks, open_page):
    page = visit(open_page, empty)
    keys = Keyboard(page)
    heading = page.get_by_role("heading", level=1)

    def add_model(folder):
        keys.press(page.get_by_role("link", name="Add a model"))
        keys.write(page.get_by_label("Name", exact=True), "net")
        keys.reach(page.get_by_label("ONNX file"))
        for _ in range(2):
            page.keyboard.press("ArrowDown")
        expect(page.get_by_label(re.compile("Folder of predictions"))).to_be_checked()
        keys.write(page.get_by_label("Where it is"), folder)
        keys.press(page.get_by_role("button", name="Add the model"))
        keys.task()

    add_model("v1")

    # Folders that are no dataset yet, whose paths are completed.
    keys.press(page.get_by_role("link", name=NEW))
    dialog = page.get_by_role("dialog", name="Evaluate net:v1 with a new dataset")
    expect(dialog).to_be_visible()
    keys.reach(dialog.get_by_role("tab", selected=True))
    expect(dialog.get_by_role("tab", selected=True)).to_have_text("New folders")
    keys.write(dialog.get_by_label("Name", exact=True), "streets")
    targets = dialog.get_by_label("Folder of targets")
    keys.write(targets, "mas")
    expect(folders_of(dialog)).to_have_text(["masks/"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(targets).to_have_value("masks/")
    keys.write(dialog.get_by_label("Classes"), masks.classes)
    chromium.assert_accessible(page)
    keys.press(dialog.get_by_role("button", name="Evaluate"))
    expect(heading).to_have_text(RESULTS)
    expect(page.locator("#summary-title")).to_have_text("net:v1 on streets:v1")
    assert keys.task() == 2
    address = page.url

    # The results: IoU and Dice by class, the mean IoU, and how much reaches the threshold of 0.5.
    found = evaluate(pred=project / "v1", target=project / "masks", classes=masks.classes, progress=False)
    expect(page.locator(".figure.main .big")).to_have_text(f"{found.scores.mean_iou:.4f}")
    name = found.classes.names[0]
    row = page.locator("#classes tbody tr", has_text=name)
    expect(row).to_contain_text(f"{found.scores.iou[0]:.4f}")
    expect(row).to_contain_text(f"{found.scores.dice[0]:.4f}")
    right = found.correct_at(0.5)
    expect(page.locator("#images")).to_contain_text(f"of {right.of_images} images are correct")
    # The scripts of the panels are at work, though the page was not loaded anew.
    expect(page.locator("#distribution-chart svg")).to_be_visible()
    expect(page.get_by_role("navigation", name="Sections")).to_contain_text("Confusion matrix")
    assert page.url == address

    # Another version: one key evaluates it on the dataset that is selected for it.
    keys.press(page.get_by_role("link", name="Models", exact=True).first)
    add_model("v2")
    control = page.get_by_role("combobox", name="Evaluation dataset for net:v2")
    expect(page.get_by_role("columnheader", name="Evaluation dataset")).to_be_visible()
    expect(control).to_have_value("streets:v1")
    keys.press(page.get_by_role("button", name="Evaluate net:v2"))
    expect(heading).to_have_text(RESULTS)
    expect(page.locator("#summary-title")).to_have_text("net:v2 on streets:v1")
    assert keys.task() == 1

    # Another dataset takes one more.
    empty.state.workspace.datasets.add(
        "avenues", targets=project / "masks", classes=masks.classes, progress=False
    )
    page.reload()
    keys.choose(page.get_by_label("Evaluation dataset", exact=True), "ave")
    keys.press(page.get_by_role("button", name="Evaluate", exact=True))
    expect(page.locator("#summary-title")).to_have_text("net:v2 on avenues:v1")
    assert keys.task() == 2

    # The two versions are compared.
    keys.press(page.get_by_role("link", name="Models", exact=True).first)
    expect(control).to_have_value("avenues:v1")
    keys.press(page.get_by_role("link", name=re.compile(r"^\d\.\d{4}$")).nth(1))
    expect(heading).to_have_text("net:v2 on streets:v1")
    keys.choose(page.get_by_label("Compare with"), "r1")
    keys.press(page.get_by_role("button", name="Compare", exact=True))
    expect(heading).to_have_text("net:v2 (r2) compared with net:v1 (r1)")
    assert keys.task() == 4
    runs = empty.state.workspace.runs()
    both = compare(runs["r1"].evaluation, runs["r2"].evaluation)
    expect(page.locator("main")).to_contain_text(f"{both['mean_iou'].b:.4f}")


def test_a_dataset_of_another_workspace_is_linked_in_the_window(filled, open_page, tmp_path_factory):
    folder = tmp_path_factory.mktemp("other")
    write_project(folder / "theirs", 30)
    add_dataset(Workspace.init(folder / "theirs"), "lanes")
    page = visit(open_page, filled)
    keys = Keyboard(page)
    link = page.get_by_role("link", name=f"{NEW}: net:v1")
    keys.press(link)
    dialog = page.get_by_role("dialog", name="Evaluate net:v1 with a new dataset")
    expect(dialog.get_by_label("Dataset")).to_be_focused()
    # Escape closes it, and what opened it is in use again; a list within it goes first.
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(link).to_be_focused()
    keys.press(link)
    keys.reach(dialog.get_by_role("tab", selected=True))
    page.keyboard.press("ArrowRight")
    field = dialog.get_by_label("Folder of the other workspace")
    keys.write(field, f"{folder}/th")
    expect(folders_of(dialog)).to_have_text(["theirs/"])
    page.keyboard.press("Escape")
    expect(folders_of(dialog)).to_have_count(0)
    expect(dialog).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("there is no workspace")
    keys.write(field, f"{folder}/theirs")
    page.keyboard.press("Enter")
    part = dialog.get_by_role("tabpanel", name="Another workspace")
    expect(part.get_by_label("Dataset")).to_have_value("lanes")
    expect(part.get_by_label("Version").locator("option").first).to_have_text("the latest (v1)")
    chromium.assert_accessible(page)
    keys.press(part.get_by_role("button", name="Evaluate"))
    # Its images are as many as those of the model.
    expect(page.locator("#summary-title")).to_have_text("net:v1 on lanes:v1")
    assert filled.state.workspace.datasets["lanes"].workspace == folder / "theirs"


def test_versions_are_those_of_the_dataset_that_is_chosen(filled, open_page):
    add_dataset(filled.state.workspace, version="fixed")
    page = visit(open_page, filled)
    page.get_by_role("link", name=f"{NEW}: net:v1").click()
    dialog = page.get_by_role("dialog").get_by_role("tabpanel", name="Registered")
    versions = dialog.get_by_label("Version")
    for dataset, names in (
        ("streets", ["the latest (fixed)", "fixed", "v1"]),
        ("avenues", ["the latest (v1)", "v1"]),
    ):
        dialog.get_by_label("Dataset").select_option(dataset)
        expect(versions.locator("option")).to_have_text(names)
    dialog.get_by_label("Dataset").select_option("streets")
    versions.select_option("v1")
    dialog.get_by_role("button", name="Evaluate", exact=True).click()
    expect(page.locator("#summary-title")).to_have_text("net:v1 on streets:v1")


def test_what_is_wrong_with_a_form_is_said_in_the_window(filled, open_page):
    page = visit(open_page, filled)
    page.get_by_role("link", name=f"{NEW}: net:v1").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("tab", name="New folders").click()
    dialog.get_by_label("Name", exact=True).fill("-x")
    dialog.get_by_label("Folder of targets").fill("targets")
    dialog.get_by_label("Classes").fill("2")
    for _ in range(2):
        dialog.get_by_role("button", name="Add it and evaluate").click()
        expect(dialog.get_by_role("alert")).to_have_count(1)
        expect(dialog.get_by_role("alert")).to_be_focused()
        expect(dialog.get_by_role("alert")).to_contain_text("'-x' is no name of a dataset")
        expect(dialog.get_by_label("Folder of targets")).to_have_value("targets")
    assert filled.state.jobs.all() == ()


def test_what_is_pressed_is_clicked_though_folders_are_offered_above_it(filled, open_page):
    page = visit(open_page, filled, path="/models/new")
    page.get_by_label("Name", exact=True).fill("another")
    page.get_by_label(re.compile("Folder of predictions")).check()
    page.get_by_label("Where it is").fill(str(filled.state.workspace.path / "better"))
    expect(folders_of(page)).to_have_count(1)
    button = page.get_by_role("button", name="Add the model")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    expect(folders_of(page)).to_have_count(0)
    assert button.bounding_box() == box
    page.mouse.up()
    expect(page.get_by_label("Evaluation dataset for another:v1")).to_be_visible()


def test_what_is_selected_follows_what_is_evaluated_unless_somebody_has_chosen(filled, open_page):
    page = visit(open_page, filled)
    one, two = (page.get_by_label(f"Evaluation dataset for net:{version}") for version in ("v1", "v2"))
    expect(one).to_have_value("avenues:v1")
    two.select_option("streets:v1")
    filled.state.jobs.add(Task("streets:v1", "net:v1"))
    expect(job(page, "net:v1 on streets:v1")).to_contain_text("finished")
    expect(one).to_have_value("streets:v1")
    filled.state.jobs.add(Task("avenues:v1", "net:v2"))
    expect(job(page, "net:v2 on avenues:v1")).to_contain_text("finished")
    expect(two).to_have_value("streets:v1")


def test_results_come_by_themselves_and_nothing_moves(filled, open_page):
    page = visit(open_page, filled)
    page.get_by_label("Evaluation dataset for patient:v1").select_option("streets:v1")
    page.get_by_role("button", name="Evaluate patient:v1").click()
    state = page.locator("#state")
    expect(state).to_contain_text(re.compile(r"[2-9] of 30 images"))
    for told in (r"[\d.]+ images/s", r"\d+ s left", r"mean IoU so far [01]\.\d{4}"):
        expect(state).to_contain_text(re.compile(told))
    address = page.url
    page.get_by_role("button", name="Cancel").click()
    expect(state).to_contain_text("run r1 can go on")
    assert page.url == address
    page.get_by_role("button", name="Go on").click()
    expect(state).to_contain_text("running patient:v1 on streets:v1")
    expect(page.get_by_role("button", name="Go on")).to_have_count(0)
    control = page.get_by_label("Evaluation dataset", exact=True)
    control.select_option("avenues:v1")
    control.focus()
    page.set_viewport_size({"width": 1440, "height": 260})
    page.wait_for_function("() => innerHeight === 260")  # a busy Chromium resizes it later
    page.evaluate("window.scrollTo(0, 60)")
    page.wait_for_function("() => scrollY === 60")
    before = control.bounding_box()
    hurry(filled.state.workspace)
    expect(page.locator("#summary-title")).to_have_text("patient:v1 on streets:v1")
    expect(page.locator("#told")).to_have_text(
        re.compile(r"^patient:v1 on streets:v1: finished, run r1, mean IoU ")
    )
    assert control.bounding_box()["y"] == pytest.approx(before["y"], abs=1)
    expect(control).to_be_focused()
    expect(control).to_have_value("avenues:v1")
    assert page.url == address
    expect(page.locator("#matrix svg, #matrix canvas").first).to_be_visible()
    # A result that is read stays, also when there is another one.
    filled.state.jobs.wait(
        filled.state.jobs.add(Task("streets:v1", "patient:v1", options={"again": True})).number
    )
    expect(page.locator("#banner")).to_contain_text("A job has come further. Show what is new")
    expect(state).to_contain_text("run r1")


def test_a_failure_is_said_on_the_page_of_results(filled, open_page):
    page = visit(open_page, filled)
    page.get_by_role("button", name="Evaluate failing:v1").click()
    expect(page.locator("#state")).to_contain_text("the first 20 images all failed, so the run was ended:")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    chromium.assert_usable(page, "desktop")


def test_without_scripts_the_link_leads_to_the_same_forms(browser, filled):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(filled.address)
    page.goto(origin_of(filled))
    page.get_by_role("link", name=f"{NEW}: net:v2").click()
    expect(page.locator("h1")).to_have_text("Evaluate net:v2 with a new dataset")
    for title in ("Registered", "Another workspace", "New folders"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    page.get_by_label("Dataset", exact=True).select_option("streets")
    page.get_by_role("button", name="Evaluate", exact=True).click()
    expect(page.locator("h1")).to_have_text(RESULTS)
    filled.state.jobs.wait(1)
    page.reload()
    expect(page.locator("#summary-title")).to_have_text("net:v2 on streets:v1")
    context.close()
