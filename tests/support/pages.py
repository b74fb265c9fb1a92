"""HTML pages as tests read them: elements by id, name and attribute, tables, data. No test is here."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input", "link", "meta"}
RAW = {"script", "style"}


@dataclass
class Element:
    """An element with its attributes, and what is in it: elements and texts."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Element | str]" = field(default_factory=list)

    def every(self, name: str | None = None, **attributes: str) -> "Iterator[Element]":
        """Yield the elements below this one, in the order of the page; `class_` stands for one class."""
        for child in self.children:
            if isinstance(child, Element):
                if (name is None or child.name == name) and child.has(attributes):
                    yield child
                yield from child.every(name, **attributes)

    def has(self, attributes: dict[str, str]) -> bool:
        """Whether it has these attributes."""
        return all(
            value in self.attributes.get("class", "").split()
            if key == "class_"
            else self.attributes.get(key.replace("_", "-")) == value
            for key, value in attributes.items()
        )

    def one(self, name: str | None = None, **attributes: str) -> "Element":
        """Return the only element of this kind."""
        (found,) = self.every(name, **attributes)
        return found

    @property
    def text(self) -> str:
        """Its text, with single spaces."""
        texts = (child if isinstance(child, str) else child.text for child in self.children)
        return re.sub(r"\s+", " ", " ".join(texts)).strip()

    def rows(self) -> list[list[str]]:
        """Return the texts of the cells of the body of a table."""
        (body,) = self.every("tbody")
        return [[cell.text for cell in row.children if isinstance(cell, Element)] for row in body.every("tr")]


def object_tooltips(page: str) -> dict[str, str]:
    """Return what the headings of the table of objects say of themselves, by their texts."""
    headings = Page(page).id("object-table").every("th")
    return {one.text: one.attributes["title"] for one in headings if "title" in one.attributes}


class Page(HTMLParser):
    """A page or a part of one, whose elements must be closed in their order.

    Attributes
    ----------
    root : Element
        What holds all elements.
    tags : list
        Name and attributes of each tag, the name alone where it ends an element, and comments, as they stand.
    texts : list of str
        The texts between them.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self.tags: list[object] = []
        self.texts: list[str] = []
        self._open = [self.root]
        self.feed(text)
        self.close()
        assert self._open == [self.root], [element.name for element in self._open]

    def handle_starttag(self, tag, attrs):
        """Add an element."""
        self.tags.append((tag, attrs))
        assert len({key for key, _ in attrs}) == len(attrs), attrs
        element = Element(tag, {key: value or "" for key, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        """Add an element without content."""
        self.tags += [(tag, attrs), tag]
        self._open[-1].children.append(Element(tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag):
        """Close the last element."""
        self.tags.append(tag)
        assert self._open[-1].name == tag, (tag, [element.name for element in self._open])
        self._open.pop()

    def handle_data(self, data):
        """Add a text."""
        self.texts.append(data)
        self._open[-1].children.append(data)

    def handle_comment(self, data):
        """Note a comment."""
        self.tags.append(("comment", data))

    def id(self, name: str) -> Element:
        """Return the element of an id."""
        return self.root.one(id=name)

    @property
    def panels(self) -> list[str]:
        """The names of its panels, from top to bottom."""
        return [section.attributes["id"] for section in self.root.every("section")]

    def data(self, panel: str):
        """Return the data of a panel."""
        block = self.id(f"data-{panel}")
        assert block.attributes["type"] == "application/json"
        return json.loads(block.children[0])

    def pairs(self, panel: str) -> dict[str, str]:
        """Return the terms and descriptions of a panel."""
        below = self.id(panel)
        terms, said = ([element.text for element in below.every(name)] for name in ("dt", "dd"))
        return dict(zip(terms, said, strict=True))


def assert_closed(page: Page) -> None:
    """Assert that a page loads nothing, and runs and applies only what its own policy allows."""
    (policy,) = [
        element.attributes["content"]
        for element in page.root.every("meta")
        if element.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    for element in page.root.every():
        for key, value in element.attributes.items():
            assert not key.startswith("on"), element.attributes
            assert key != "style", element.attributes
            if key in ("src", "href", "action", "data", "poster", "srcset", "xlink:href"):
                assert value.startswith(("data:", "#")), value
        if element.name in RAW and element.attributes.get("type") != "application/json":
            digest = hashlib.sha256("".join(element.children).encode()).digest()
            kind = {"script": "script-src", "style": "style-src"}[element.name]
            assert f"{kind} 'sha256-{base64.b64encode(digest).decode()}'" in policy
            assert not re.search(r"@import|url\(", "".join(element.children))
    assert policy.startswith("default-src 'none'; img-src data:;")
    ids = [element.attributes["id"] for element in page.root.every() if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
