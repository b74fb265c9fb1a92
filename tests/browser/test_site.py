"""The site of documents in a browser: everyone can read it, and it finds what is looked for."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from support import chromium, site

PAGES = ("index", "folders", "peers/monai", "reference/commands", "reference/counting")


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing of it."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(browser, tmp_path_factory) -> Iterator[str]:
    folder = site.built(tmp_path_factory.mktemp("site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("view", ["desktop", "phone", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read(address, open_page, name, view):
    page = open_page(f"{address}/{name}.html", view, address)
    chromium.assert_fits(page)
    chromium.assert_accessible(page)


def test_the_search_finds_a_name(address, open_page):
    page = open_page(f"{address}/index.html", origin=address)
    page.get_by_role("textbox", name="Search").fill("hausdorff")
    page.keyboard.press("Enter")
    page.locator("#search-results a", has_text="segscore.hausdorff").first.click()
    page.wait_for_url(f"{address}/reference/shapes.html#segscore.hausdorff")
