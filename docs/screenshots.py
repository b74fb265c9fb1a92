"""Makes the pictures of the README from the demo: ``python docs/screenshots.py``.

Chromium and the extras ``browser-test``, ``app`` and ``run`` are needed. The photographs are made up from the
demo's labels, so that no picture shows anybody's data.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urljoin

import numpy as np
from PIL import Image, ImageFilter
from playwright.sync_api import BrowserContext, sync_playwright

from segscore import Workspace
from segscore.demo import write_demo

PICTURES = Path(__file__).parent / "pictures"
Size: TypeAlias = tuple[int, int]
DESKTOP, PHONE = (1440, 1000), (390, 844)


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
        "street-scenes",
        images=demo / "image",
        targets=demo / "target",
        classes=demo / "classes.toml",
        progress=False,
    )
    for version in ("v1", "v2"):
        ws.models.add("unet", version=version, predictions=demo / f"pred-{version}")
        ws.run(f"unet:{version}", "street-scenes", progress=False)
    return ws


def take(
    context: BrowserContext, name: str, address: str, *, size: Size = DESKTOP, panel: str | None = None
) -> None:
    """Take a picture of a page, from a panel on if one is named."""
    page = context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address)
    if panel is not None:
        page.locator(f"#{panel}").evaluate("section => section.scrollIntoView()")
    page.wait_for_timeout(500)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    # 256 colours are enough for a page, and a quarter of the bytes; the few pixels of a rare one keep it.
    colours = Image.Quantize.MAXCOVERAGE
    Image.open(path).convert("RGB").quantize(256, colours).save(path, optimize=True)
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


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        ws = made_workspace(Path(temporary))
        a, b = (run.id for run in ws.runs())
        report = ws.path / "report.html"
        ws.write_report(b, report)
        # Chromium cannot set up its sandbox for the superuser.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program(), args=arguments)
        context = browser.new_context()
        take(context, "report", report.as_uri(), panel="pictures")
        take(context, "report-phone", report.as_uri(), size=PHONE)
        with served(ws) as address:
            take(context, "application", address, size=(DESKTOP[0], 430))
            # The line at the end names a folder of this machine.
            take(context, "application-phone", address, size=(PHONE[0], 690))
            compared = urljoin(address, f"/compare?run={a}&run={b}")
            take(context, "comparison", compared)
            take(context, "comparison-phone", compared, size=PHONE)
        browser.close()


if __name__ == "__main__":
    main()
