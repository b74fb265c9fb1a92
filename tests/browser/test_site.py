"""The site of documents in a browser: everyone can read it, and it finds what is looked for."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
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


@pytest.mark.timeout(400)
def test_pages_can_be_read(address, open_page):
    # One test, as each process that takes one of several would build the site anew.
    for name, view in product(PAGES, ("desktop", "phone", "dark")):
        page = open_page(f"{address}/{name}.html", view, address)
        try:
            chromium.assert_fits(page)
            chromium.assert_accessible(page)
        except AssertionError as error:
            error.add_note(f"{name} as {view}")
            raise


def test_the_search_finds_a_name(address, open_page):
    page = open_page(f"{address}/index.html", origin=address)
    page.get_by_role("textbox", name="Search").fill("hausdorff")
    page.keyboard.press("Enter")
    # What is found moves while the texts of pages arrive, so that a click may begin on it and end beside it.
    page.locator("#search-results a", has_text="segscore.hausdorff").first.press("Enter")
    page.wait_for_url(f"{address}/reference/shapes.html#segscore.hausdorff")
