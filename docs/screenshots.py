"""Makes the pictures of the documents from the demo: ``python docs/screenshots.py``.

With a folder, ``python docs/screenshots.py FOLDER``, it makes pictures of every page of the application and
of the report there, from top to bottom, on a desktop and on a phone, so that all of them can be looked at.

Chromium, the group ``browser-test`` and the extras ``app`` and ``run`` are needed. The photographs are made
up from the demo's labels, so that no picture shows anybody's data.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias
from urllib.parse import urlencode, urljoin

import numpy as np
from PIL import Image, ImageFilter
from playwright.sync_api import BrowserContext, Page, sync_playwright

from segscore import Workspace
from segscore.demo import write_demo

PICTURES = Path(__file__).parent / "pictures"
Size: TypeAlias = tuple[int, int]
DESKTOP, PHONE = (1440, 1000), (390, 844)
MODEL, DATASET = "unet", "street-scenes"
PATIENT = "patient"
TAKING_TIME = """
import time

def predict(image):
    time.sleep(1.5)
    return (image[:, :, 2] > 127).astype("uint8")
"""
ALL_PICTURES = """() => Promise.all([...document.images].map((image) => {
    image.loading = "eager"
    return image.decode().catch(() => null)
}))"""
"""Pictures are asked for as they come into sight; this waits for all of them."""


class Shown(NamedTuple):
    """A page to take a picture of: where it is, and what is done there first."""

    path: str
    prepare: Callable[[Page], None] | None = None
    whole: bool = True


def pages_of(ws: Workspace) -> dict[str, Shown]:
    """Return every page of the application by the name of its picture; the last ones have a run at work."""
    a, b, *others = (run.id for run in ws.runs())
    dataset = ws.runs()[a].dataset.partition(":")[0]
    model = ws.runs()[a].model.partition(":")[0]
    every = [("run", run) for run in (a, b, *others)]
    images = f"/runs/{b}/images"
    at_work = urlencode({"model": f"{PATIENT}:v1", "dataset": f"{dataset}:v1"})
    done = urlencode({"model": f"{model}:v2", "dataset": f"{dataset}:v1"})
    return {
        "home": Shown("/"),
        "new-dataset": Shown("/", _open_dialog, whole=False),
        "evaluation-done": Shown(f"/evaluation?{done}"),
        "run": Shown(f"/runs/{b}"),
        "run-shapes": Shown(f"/runs/{others[-1]}" if others else f"/runs/{a}"),
        "images": Shown(images),
        "images-table": Shown(f"{images}?view=table"),
        "images-worst": Shown(f"{images}?target=4&wrong=1&order=worst"),
        "image": Shown(f"{images}?image=3"),
        "viewer": Shown(images, _open_viewer, whole=False),
        "viewer-layers": Shown(images, _open_layers, whole=False),
        "matrix": Shown("/matrix"),
        "runs": Shown("/runs"),
        "compare": Shown(f"/compare?{urlencode(every[:2])}"),
        "compare-choose": Shown("/compare"),
        "compare-four": Shown(f"/compare?{urlencode(every[:4])}"),
        "model": Shown(f"/model?{urlencode({'name': model})}"),
        "model-version": Shown(f"/model?{urlencode({'name': f'{model}:v2'})}"),
        "datasets": Shown("/datasets"),
        "dataset": Shown(f"/dataset?{urlencode({'name': dataset})}"),
        "form-model": Shown("/models/new"),
        "form-dataset": Shown("/datasets/new"),
        "form-shapes": Shown(f"/evaluate/new?{urlencode({'model': f'{model}:v2'})}"),
        "missing": Shown("/runs/r999"),
        "evaluation-before": Shown(f"/evaluation?{at_work}"),
        "home-at-work": Shown("/", _evaluate_slowly),
        "evaluation-at-work": Shown(f"/evaluation?{at_work}"),
        "job": Shown("/jobs/1"),
    }


def _open_dialog(page: Page) -> None:
    page.get_by_role("link", name="Evaluate with a new dataset").first.click()
    page.get_by_role("tab", name="New folders").click()


def _open_viewer(page: Page) -> None:
    page.locator(".card button").first.click()
    page.locator("#viewer").wait_for()


def _open_layers(page: Page) -> None:
    """Show the errors alone over the photograph."""
    _open_viewer(page)
    page.keyboard.press("4")


def _to_pictures(page: Page) -> None:
    page.locator("#pictures").evaluate("section => section.scrollIntoView()")


def _evaluate_slowly(page: Page) -> None:
    """Begin a run, if none is at work, and come back to the page."""
    if page.locator("#jobs .job").count() == 0:
        home = page.url
        page.get_by_role("button", name=f"Evaluate {PATIENT}").click()
        page.wait_for_timeout(6000)
        page.goto(home)


def made_photographs(targets: Path, images: Path) -> None:
    """Write something like a photograph for each target: a colour for each label, soft edges, and noise."""
    images.mkdir()
    random = np.random.default_rng(0)
    tones = random.integers(60, 200, (256, 3), np.uint8)
    for path in sorted(targets.glob("*.png")):
        scene = Image.fromarray(tones[np.asarray(Image.open(path))]).filter(ImageFilter.GaussianBlur(1.5))
        noise = random.normal(0, 9, (*np.asarray(scene).shape[:2], 1))
        Image.fromarray(np.clip(np.asarray(scene) + noise, 0, 255).astype(np.uint8)).save(images / path.name)


def made_workspace(folder: Path) -> Workspace:
    """Make a workspace in which two versions of a model were run on the demo's images."""
    demo = folder / "segscore-demo"
    write_demo(demo)
    made_photographs(demo / "target", demo / "image")
    ws = Workspace.init(folder / "project")
    ws.datasets.add(
        DATASET,
        images=demo / "image",
        targets=demo / "target",
        classes=demo / "classes.toml",
        progress=False,
    )
    for version in ("v1", "v2"):
        ws.models.add(MODEL, version=version, predictions=demo / f"pred-{version}")
        ws.run(f"{MODEL}:{version}", DATASET, progress=False)
    return ws


def add_more(ws: Workspace) -> None:
    """Add what the documents do not show: a tag and a note, boundaries, and a model that takes its time."""
    first, second = ws.runs()
    ws.tag(first.id, "baseline")
    ws.note(first.id, "What all others are held against.")
    for run in (first, second):
        ws.run(run.model, run.dataset, boundary=0.02, distances=True, progress=False)
    (ws.path / "taking_time.py").write_text(TAKING_TIME)
    sys.path.insert(0, str(ws.path))
    ws.models.add(PATIENT, python="taking_time:predict")


def take(
    context: BrowserContext,
    name: str,
    address: str,
    shown: Shown,
    *,
    size: Size = DESKTOP,
    dark: bool = False,
) -> None:
    """Take a picture for the documents of what is in sight."""
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(urljoin(address, shown.path))
    if shown.prepare is not None:
        shown.prepare(page)
    page.evaluate(ALL_PICTURES)
    page.wait_for_timeout(500)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    # 256 colours are enough for a page, and a quarter of the bytes; the few pixels of a rare one keep it.
    colours = Image.Quantize.MAXCOVERAGE
    Image.open(path).convert("RGB").quantize(256, colours).save(path, optimize=True)
    page.close()


def take_everything(context: BrowserContext, ws: Workspace, address: str, folder: Path) -> None:
    """Take pictures of the report and of all pages, whole, on a desktop and on a phone.

    What is wider than its window, or is said in the console, is printed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    report = ws.path / "report.html"
    ws.write_report(list(ws.runs())[-1].id, report)
    shown = {"report": Shown(report.as_uri()), **pages_of(ws)}
    page = context.new_page()
    page.on("pageerror", lambda error: print(f"{page.url}: {error}"))
    page.goto(address)
    for name, one in shown.items():
        for width, height in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(urljoin(address, one.path))
            if one.prepare is not None:
                one.prepare(page)
            page.evaluate(ALL_PICTURES)
            page.wait_for_timeout(500)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                print(f"{name} is {wide} px wider than {width} px")
            page.screenshot(path=folder / f"{name}-{width}.png", full_page=one.whole)
    page.close()


@contextmanager
def served(ws: Workspace) -> Iterator[str]:
    """Serve the application for as long as the block lasts, and yield the address that lets one in."""
    command = [sys.executable, "-m", "segscore", "ui", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, cwd=ws.path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield next(found[0] for line in server.stdout if (found := re.search(r"http://\S+", line)))
        finally:
            server.terminate()


def program() -> str:
    """Return the path of Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        sys.exit("no Chromium is found: apt-get install chromium fonts-dejavu-core")
    return found


def main(folder: Path | None = None) -> None:
    """Take the pictures of the documents, or, into a folder, those of every page."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        ws = made_workspace(Path(temporary))
        # Chromium cannot set up its sandbox for the superuser.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program(), args=arguments)
        context = browser.new_context()
        if folder is None:
            take_best(context, ws)
        else:
            add_more(ws)
            with served(ws) as address:
                take_everything(context, ws, address, folder)
        browser.close()


def take_best(context: BrowserContext, ws: Workspace) -> None:
    """Take the pictures of the documents."""
    report = ws.path / "report.html"
    ws.write_report(list(ws.runs())[-1].id, report)
    take(context, "report", report.as_uri(), Shown("", _to_pictures))
    take(context, "report-dark", report.as_uri(), Shown("", _to_pictures), dark=True)
    pages = pages_of(ws)
    with served(ws) as address:
        context.new_page().goto(address)  # which lets in
        take(context, "results", address, pages["evaluation-done"])
        take(context, "comparison", address, pages["compare"])
        take(context, "viewer-phone", address, pages["viewer"], size=PHONE)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
