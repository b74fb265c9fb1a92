"""The examples of the README and of every page run and are true."""

import warnings

import pytest

from segscore import SegscoreWarning
from support.documents import PAGES, Block, all_blocks, blocks, run_sessions

MASKS = "docs/peers/index.md"
"""Has the masks of all pages about other tools."""


def sessions(page: str) -> list[Block]:
    """Return what is typed on a page, and before it where it takes masks of another page."""
    before = blocks(MASKS) if page.startswith("docs/peers/") and page != MASKS else []
    return [block for block in (*before, *blocks(page)) if block.is_session]


WITH_SESSIONS = [page for page in PAGES if any(block.is_session for block in blocks(page))]
WITH_OTHERS = [page for page in WITH_SESSIONS if any(block.others for block in sessions(page))]


def test_pages_have_examples():
    assert sum(len(block.examples) for block in all_blocks() if block.is_session) >= 120
    assert WITH_SESSIONS[0] == "README.md"
    names = ("coco", "keras", "monai", "scikit-learn", "torchmetrics")
    assert [f"docs/peers/{name}.md" for name in names] == WITH_OTHERS


@pytest.mark.parametrize("page", WITH_SESSIONS)
def test_examples(page):
    own = [block for block in sessions(page) if not block.others]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegscoreWarning)  # a doctest does not see standard error
        found = run_sessions(page, own)
    assert found.failed == 0
    assert found.attempted == sum(len(block.examples) for block in own) > 0


@pytest.mark.filterwarnings("ignore")  # of the other packages
@pytest.mark.parametrize("page", WITH_OTHERS)
def test_examples_with_other_packages(page, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    absent = {name for block in sessions(page) for name in block.absent}
    if absent:
        pytest.skip(f"not installed: {', '.join(sorted(absent))}")
    assert run_sessions(page, sessions(page)).failed == 0
