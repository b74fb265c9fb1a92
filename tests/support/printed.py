"""What Chromium prints: the texts of its PDF, and where things lie on paper. Nothing here is a test."""

import re
import unicodedata
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)\sendobj", re.DOTALL)
_PAGE = re.compile(rb"/Type /Page\b")
_MAPPED = re.compile(rb"<([0-9A-F]+)> (?:<([0-9A-F]+)> )?<([0-9A-F]{4,})>\n")
_SHOWN = re.compile(rb"/(F\d+) \S+ Tf|<([0-9A-F]+)> Tj")

_ON_PAPER = """width => {
    document.documentElement.style.width = `${width}px`
    const box = element => element.getBoundingClientRect()
    const text = element => element.textContent.replace(/\\s+/g, " ").trim().slice(0, 40)
    const crosses = (one, other) => one.left < other.right - 1 && other.left < one.right - 1
        && one.top < other.bottom - 1 && other.top < one.bottom - 1
    const problems = []
    for (const svg of document.querySelectorAll("svg")) {
        if (box(svg).width && box(svg).right > box(svg.parentElement).right + 1)
            problems.push(`a picture ends at ${box(svg).right} in ${box(svg.parentElement).right}`)
    }
    for (const element of document.querySelectorAll("main *")) {
        if (box(element).width > 1 && box(element).right > width + 1 && !element.closest("svg"))
            problems.push(`${element.localName} "${text(element)}" ends at ${box(element).right} of ${width}`)
    }
    const charts = [...document.querySelectorAll("main svg")].filter(svg => box(svg).height > 100)
    for (const part of document.querySelectorAll("main :is(p, dt, dd, h2, h3, td, th, li)")) {
        for (const svg of charts) {
            if (box(part).width > 1 && !part.contains(svg) && crosses(box(part), box(svg)))
                problems.push(`"${text(part)}" lies on a chart`)
        }
    }
    return problems
}"""
PAPER, MARGIN = 794, 53
"""The width of A4, and the margin of the style sheet, in pixels."""


def texts_of(pdf: bytes) -> list[list[str]]:
    """Return the texts on each page of a PDF that Chromium made, in the order in which they are drawn."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    pages = []
    for body in objects.values():
        if _PAGE.search(body) is None:
            continue
        fonts = {name: int(number) for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", body)}
        letters = {name: _letters(objects, number) for name, number in fonts.items()}
        content = _stream(objects[_reference(body, b"Contents")])
        texts, font = [], b""
        for block in re.findall(rb"BT\n(.*?)ET", content, re.DOTALL):
            text = ""
            for name, codes in _SHOWN.findall(block):
                font = name or font
                size = len(next(iter(letters[font])))
                text += "".join(letters[font][codes[i : i + size]] for i in range(0, len(codes), size))
            texts.append(unicodedata.normalize("NFKC", text).strip())  # without ligatures
        pages.append(texts)
    return pages


def assert_fits_paper(page: "Page") -> None:
    """Check that on A4 nothing is cut off and no text lies on a chart that was drawn as wide as the window.

    The page is loaded anew, and draws nothing again after that, as little as one that goes to a printer.
    """
    page.add_init_script("window.ResizeObserver = class { observe() {} }")
    page.reload()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 1123})
    problems = page.evaluate(_ON_PAPER, PAPER - 2 * MARGIN)
    assert not problems, "\n".join(problems)


def _reference(body: bytes, key: bytes) -> int:
    found = re.search(rb"/%s (\d+) 0 R" % key, body)
    assert found is not None, body
    return int(found[1])


def _stream(body: bytes) -> bytes:
    return zlib.decompress(body.partition(b"stream\n")[2].rpartition(b"\nendstream")[0])


def _letters(objects: dict[int, bytes], font: int) -> dict[bytes, str]:
    """Return what the codes of a font stand for."""
    letters = {}
    for first, last, text in _MAPPED.findall(_stream(objects[_reference(objects[font], b"ToUnicode")])):
        start, characters = int(first, 16), bytes.fromhex(text.decode()).decode("utf-16-be")
        for code in range(start, int(last or first, 16) + 1):
            letters[b"%0*X" % (len(first), code)] = characters[:-1] + chr(ord(characters[-1]) + code - start)
    return letters
