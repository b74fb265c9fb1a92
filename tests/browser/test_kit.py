"""The checks of every page find what they are there for, and panels take large and broken inputs."""

import os
import re
import shutil
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from segscore import Classes, compare
from segscore.counts.table import Table
from segscore.evaluation.evaluation import Evaluation
from support import chromium
from support.processes import ended
from support.serving import expect

OUTSIDE = "https://example.com/x"
FINE = """<!doctype html><html lang="en"><head><title>Fine</title>
<meta name="viewport" content="width=device-width">
<style>
body { background: white; color: black }
a { color: inherit }
@media (prefers-color-scheme: dark) { body { background: black; color: white } }
@media print { nav { display: none } }
</style></head>
<body><nav aria-label="main"><a href="#x">To the end</a></nav><main><h1>Fine</h1><p id="x">Text</p>
<img alt="dot" src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==">
<script>fetch(URL.createObjectURL(new Blob(["x"])))</script></main></body></html>"""


@pytest.fixture
def write(tmp_path):
    def written(body):
        path = tmp_path / "page.html"
        path.write_text(f"<!doctype html><html lang=en><title>t</title><body>{body}", encoding="utf-8")
        return path

    return written


def problems(browser, address, origin=None, expected=1):
    """Return what is found in a page, once there are as many problems as expected."""
    _, watch = chromium.open_watched(browser, address, origin=origin)
    watch.wait(expected)
    return watch.close()


def test_a_page_without_fault_passes_in_every_view(open_page, view, tmp_path):
    (tmp_path / "fine.html").write_text(FINE)
    page = open_page(tmp_path / "fine.html", view)
    chromium.assert_accessible(page)
    chromium.assert_fits(page)
    shown = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert shown == ("rgb(0, 0, 0)" if view == "dark" else "rgb(255, 255, 255)")
    assert page.get_by_role("navigation").count() == (0 if view == "print" else 1)
    assert page.evaluate("innerWidth") == {"phone": 390, "print": 794, "enlarged": 720}.get(view, 1440)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("<script>console.error('no')</script>", ["console error: no"]),
        ("<script>console.log('fine')</script>", []),
        ("<script>throw new Error('no')</script>", ["page error: no"]),
        ("<script>Promise.reject(new Error('late'))</script>", ["page error: late"]),
        ("<script>alert('ran')</script>", ["dialog: ran"]),
        ("<script>frames.x.y()</script>", ["page error: Cannot read properties of undefined (reading 'y')"]),
        (f"<link rel=preconnect href={OUTSIDE}>", [f"request outside: {OUTSIDE}"]),
        (f"<link rel=dns-prefetch href={OUTSIDE}>", [f"request outside: {OUTSIDE}"]),
        (f"<a href={OUTSIDE}>a link that nobody follows</a>", []),
    ],
)
def test_what_a_page_does_is_found(browser, write, body, found):
    assert problems(browser, write(body), expected=len(found) - body.startswith("<link")) == found


def test_all_that_a_page_loads_from_outside_is_found(browser, write):
    body = f"""
        <img alt="" src={OUTSIDE}/image> <script src={OUTSIDE}/script></script>
        <link rel=stylesheet href={OUTSIDE}/sheet> <iframe src={OUTSIDE}/frame></iframe>
        <style>@font-face {{ font-family: f; src: url({OUTSIDE}/font) }}
        body {{ font-family: f; background: url({OUTSIDE}/background) }}</style>
        <script>
        fetch("{OUTSIDE}/fetch").catch(() => 0)
        navigator.sendBeacon("{OUTSIDE}/beacon")
        new WebSocket("wss://example.com/x/socket")
        open("{OUTSIDE}/window")
        </script>
        <img alt="" src=http://127.0.0.1:1/x/neighbour> text"""
    found = problems(browser, write(body), expected=13)  # and two kinds of errors in the console
    assert {line.split("/x/")[-1] for line in found if line.startswith("request outside: ")} == {
        *("background", "beacon", "fetch", "font", "frame", "image", "neighbour"),
        *("script", "sheet", "socket", "window"),
    }


@pytest.mark.parametrize(
    "body",
    [
        f"<script>setTimeout(() => location = '{OUTSIDE}')</script>",
        f"<meta http-equiv=refresh content='0; url={OUTSIDE}'>",
    ],
)
def test_a_page_that_goes_elsewhere_is_found(browser, write, body):
    assert problems(browser, write(body))[0] == f"request outside: {OUTSIDE}"


def test_a_page_of_one_file_loads_no_other(browser, write, tmp_path):
    (tmp_path / "a.js").write_text("")
    assert problems(browser, write("<script src=a.js></script>")) == [
        f"another file: {(tmp_path / 'a.js').as_uri()}"
    ]


def test_a_local_application_may_load_from_its_own_address_only(browser, write, tmp_path):
    (tmp_path / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"></svg>')
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path))
    Thread(target=site.serve_forever, daemon=True).start()
    try:
        here, there = f"http://127.0.0.1:{site.server_port}", "http://127.0.0.1:1/x"
        picture = "<img alt='' src=/dot.svg>"
        page = f"{here}/{write(picture).name}"
        assert problems(browser, page, origin=here, expected=0) == []
        write(f"{picture}<script>fetch('{there}').catch(() => 0)</script>")
        assert problems(browser, page, origin=here)[0] == f"request outside: {there}"
    finally:
        site.shutdown()
        site.server_close()


@pytest.mark.parametrize(
    ("body", "rule", "target"),
    [
        ("<main><h1>t</h1><button></button></main>", "critical button-name", "button"),
        ("<main><h1>t</h1><p style='color: #aaa'>faint</p></main>", "serious color-contrast", "p"),
        ("<main><h1>t</h1><input></main>", "critical label", "input"),
    ],
)
def test_what_shuts_people_out_is_found(open_page, write, body, rule, target):
    page = open_page(write(body))
    with pytest.raises(AssertionError) as caught:
        chromium.assert_accessible(page)
    assert re.fullmatch(rf"{rule}: [A-Z][^:]+: {target}", str(caught.value).split("\n")[0])


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (
            "<meta name=viewport content='width=device-width, minimum-scale=1'>"
            "<p style='width: 600px'>wide</p>",
            "p. ends at 608 of 390\nthe page is 608 of 390 wide",
        ),
        # Without this tag, phones lay a page out as if they were wide, and show it small.
        ("<b>no meta</b>", "the page is 980 of 390 wide"),
    ],
)
def test_what_is_wider_than_the_window_is_found(open_page, write, body, found):
    path = write(body)
    chromium.assert_fits(open_page(path, "desktop"))
    with pytest.raises(AssertionError) as caught:
        chromium.assert_fits(open_page(path, "phone"))
    assert str(caught.value).startswith(found)


# How the fixtures judge: in a run of their own

TESTS = """
import pytest

def test_page(open_page, tmp_path):
    (tmp_path / "p.html").write_text("<!doctype html><script>console.error('no')</script>")
    open_page(tmp_path / "p.html")
"""


def run_apart(folder: Path, **environment: str) -> tuple[int, str]:
    """Run `TESTS` with the fixtures; return the exit code and what was printed."""
    here = Path(__file__).parent
    shutil.copy(here / "conftest.py", folder)
    (folder / "__init__.py").write_text("")
    (folder / "test_it.py").write_text(TESTS)
    (folder / "pytest.ini").write_text("[pytest]\n")
    # Without a folder of its own, it ends with the removal of what runs of other tests have left.
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]
    command += ["--basetemp", str(folder / "temporary"), str(folder)]
    places = f"{here.parent}:{os.environ.get('PYTHONPATH', '')}"
    found = ended(command, env={"PYTHONPATH": places, **environment})
    return found.returncode, found.stdout


def test_an_error_in_a_page_fails_its_test(browser, tmp_path):
    code, said = run_apart(tmp_path, PATH=os.environ["PATH"])
    assert code == 1
    assert "AssertionError: console error: no" in said


@pytest.mark.parametrize(
    ("demanded", "code", "said"),
    [("0", 0, r"SKIPPED \[1\] .*"), ("1", 1, "Failed: ")],
    ids=["skips", "fails"],
)
def test_a_machine_without_a_browser_says_what_is_missing(tmp_path, demanded, code, said):
    found = run_apart(tmp_path, PATH="/nowhere", SEGSCORE_DEMAND_BROWSER=demanded)
    assert found[0] == code
    missing = r"browser tests need .*chromium: pip install --group browser-test"
    assert re.search(said + missing, found[1])


TOOLS = {
    "confusion": "#matrix-tools",
    "images": "#distribution-tools",
    "sizes": "#size-charts",
    "pictures": "#picture-tools",
}
"""What is shown of each panel once its script has run."""


def dense(classes):
    """Return an evaluation of two images in which every class is called every other one."""
    target, pred = (part.ravel() for part in np.indices((classes, classes)))
    pixels = np.where(target == pred, 5_000, 1 + (target + pred) % 50)
    table = Table(np.arange(3) * len(target), *(np.tile(one, 2) for one in (target, pred, pixels)))
    return Evaluation(Classes([f"class {i}" for i in range(classes)]), ("frame_0", "frame_1"), table)


def many(images, seed):
    """Return an evaluation of images of two classes, each with a score of its own."""
    wrong = np.random.default_rng(seed).integers(1, 900, images)
    columns = np.tile([[0, 0], [0, 1], [1, 1]], (images, 1)).T
    pixels = np.stack([1_000 - wrong, wrong, np.full(images, 1_000)], axis=1).ravel()
    names = tuple(f"frame_{i:06}" for i in range(images))
    return Evaluation(Classes(["road", "sky"]), names, Table(np.arange(images + 1) * 3, *columns, pixels))


def test_the_heat_map_of_400_dense_classes_is_drawn_and_what_follows_works(open_page, tmp_path):
    dense(400).write_report(tmp_path / "report.html")
    page = open_page(tmp_path / "report.html")
    page.locator("#matrix").focus()
    expect(page.locator("#matrix-sentence")).to_contain_text("which is right")
    for tools in TOOLS.values():
        expect(page.locator(tools)).to_be_visible()


def test_a_comparison_of_100_000_images_is_drawn_and_what_follows_works(open_page, tmp_path):
    images = 100_000
    found = compare(many(images, 1), many(images, 2), labels=("v1", "v2"), resamples=99)
    found.write_report(tmp_path / "comparison.html")
    page = open_page(tmp_path / "comparison.html")
    expect(page.locator("#chart-both svg")).to_be_visible()
    expect(page.locator("#picture-tools")).to_be_visible()
    page.locator("#image-charts").focus()
    page.keyboard.press("End")
    expect(page.locator("#image-sentence")).to_contain_text(f"{images:,} of {images:,}")


@pytest.mark.parametrize("panel", TOOLS)
def test_a_panel_that_fails_says_so_and_leaves_the_others_alone(browser, tmp_path, panel):
    dense(5).write_report(tmp_path / "report.html")
    page, watch = chromium.open_watched(browser, "about:blank")
    page.add_init_script(f"""
        const found = Document.prototype.getElementById;
        Document.prototype.getElementById = function (id) {{
            const block = found.call(this, id);
            return id === "data-{panel}" ? {{ textContent: "{{}}" }} : block;
        }};
    """)
    page.goto((tmp_path / "report.html").as_uri())
    warned = page.locator(f"#{panel} .notice.warning")
    expect(warned).to_contain_text("Something of this part does not work: ")
    expect(page.locator(".notice.warning", has_text="does not work")).to_have_count(1)
    for other in TOOLS.keys() - {panel}:
        expect(page.locator(TOOLS[other])).to_be_visible()
    expect(page.locator("#theme")).to_be_visible()
    problems = watch.close()
    assert len(problems) == 1
    assert problems[0].startswith("console error: TypeError")
