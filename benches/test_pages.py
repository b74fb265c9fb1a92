"""Pages of 100,000 images say what Python does, and do not make anybody wait."""

import csv
import http.client
import io
import os
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest

from pages import let_in, let_into, made, served, started_browser
from segscore import Evaluation

pytestmark = pytest.mark.timeout(600)  # 100,000 images have 200,000 files
IMAGES, CLASSES = 100_000, 19
_MOST = 0.5
"""Seconds of processors that a page may take that is asked for while others are open."""


class Open:
    """An application that has been opened, and the evaluation of its run."""

    def __init__(self, host: str, cookie: str, evaluation: Evaluation) -> None:
        self.host, self.cookie, self.evaluation = host, cookie, evaluation

    def get(self, address: str) -> str:
        """Return what the application answers."""
        with closing(http.client.HTTPConnection(self.host, timeout=600)) as connection:
            connection.request("GET", address, headers={"cookie": self.cookie})
            answer = connection.getresponse()
            content = answer.read().decode()
        assert answer.status == http.client.OK, content
        return content

    def rows(self, query: str) -> list[dict[str, str]]:
        """Return the table of images that a query asks for."""
        return list(csv.DictReader(io.StringIO(self.get(f"/runs/r1/images.csv?{query}"))))


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Yield the application of a workspace with one run of very many images."""
    workspace = made(tmp_path_factory.mktemp("pages") / "ws", IMAGES, CLASSES, runs=1)
    with served(workspace) as application:
        yield Open(*let_in(application), workspace.runs()["r1"].evaluation)


def test_a_confusion_leads_to_its_images(opened: Open) -> None:
    table = opened.evaluation.table
    held = (table.target == 0) & (table.pred == 1)
    pixels = dict(zip(table.image[held].tolist(), table.pixels[held].tolist(), strict=True))
    found = {row["name"]: int(row["found_pixels"]) for row in opened.rows("target=0&pred=1")}
    assert found == {opened.evaluation.names[i]: count for i, count in pixels.items()}
    assert 1_000 < len(found) < IMAGES
    assert f"{len(found):,} of {IMAGES:,} images" in opened.get("/runs/r1/images?target=0&pred=1")


def test_a_range_of_scores_is_ranked(opened: Open) -> None:
    values = opened.evaluation.images.mean_image_iou
    low, below = np.quantile(values, [0.2, 0.4]).tolist()
    rows = opened.rows(f"from={low:.15g}&below={below:.15g}&order=worst")
    scores = [float(row["mean_image_iou"]) for row in rows]
    assert (
        scores
        == np.sort(values[(values >= float(f"{low:.15g}")) & (values < float(f"{below:.15g}"))]).tolist()
    )


@pytest.mark.parametrize(
    "query", ["", "view=table&page=400", "target=3&wrong=1&metric=iou.class+3&order=worst"]
)
def test_no_page_makes_anybody_wait(opened: Open, query: str) -> None:
    opened.get("/runs/r1/images")
    began = time.process_time()
    assert "<html" in opened.get(f"/runs/r1/images?{query}")
    assert time.process_time() - began < _MOST


def test_numbers_lead_to_images_in_a_browser(opened: Open) -> None:
    with started_browser() as browser:
        if browser is None:
            demanded = os.environ.get("SEGSCORE_DEMAND_BROWSER") == "1"
            (pytest.fail if demanded else pytest.skip)("Playwright and Chromium are not installed")
        evaluation = opened.evaluation
        with let_into(browser, opened.host, opened.cookie) as (page, wrong):
            page.goto(f"http://{opened.host}/runs/r1", timeout=60_000)
            page.locator("#confusion-table a.behind").first.click()
            page.wait_for_url("**/images?target=*")
            asked = dict(parse_qsl(urlsplit(page.url).query))
            counts = evaluation.confusion.counts - np.diag(np.diag(evaluation.confusion.counts))
            target, pred = np.unravel_index(counts.argmax(), counts.shape)
            assert asked == {"target": str(target), "pred": str(pred)}
            names = evaluation.classes.names
            found = evaluation.images_with(IMAGES, target=names[target], pred=names[pred])
            assert page.locator("#cards .card-title .name").all_inner_texts() == [
                name for name, _ in found[:24]
            ]
            assert f"{len(found):,} of {IMAGES:,} images" in page.locator("main").inner_text()
            page.get_by_role("link", name="Next").click()
            page.wait_for_url("**page=2**")
            assert page.locator("#cards .card-title .name").first.inner_text() == found[24][0]
        assert not wrong
