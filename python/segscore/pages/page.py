"""Panels and the page that holds them: templates, style sheet, scripts and data in one text."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import import_module, resources
from typing import TYPE_CHECKING, Any

from segscore._core import __version__
from segscore.base.wording import visible
from segscore.pages.texts import code, lines, undefined, when
from segscore.text.numbers import number, plain

if TYPE_CHECKING:
    from importlib.abc import Traversable

    from jinja2 import Environment
    from markupsafe import Markup

STYLES = ("page.css", "panels.css")
"""Style sheets of every page, in their order."""
SCRIPTS = ("common.js", "theme.js")
"""Scripts of every page; a panel may need more."""

_FOLDERS = {"": resources.files("segscore.pages")}
"""Folders with ``templates`` and ``static``, by what names of their templates begin with."""


@dataclass(frozen=True)
class Panel:
    """One part of a page."""

    id: str
    """Its address within the page, such as ``classes``; the page's own, never a name of the user."""
    title: str
    """The heading; it may hold anything."""
    body: "Markup"
    """What is shown, from a template."""
    data: Mapping[str, Any] | None = None
    """What the scripts of the panel read, in plain Python values: JSON in a block ``data-`` and `id`."""
    scripts: tuple[str, ...] = field(default=())
    """Files in ``static`` that the panel needs."""
    heading: bool = True
    """Whether the page shows the title above the body, and lists the panel."""


def page(
    panels: Sequence[Panel],
    *,
    title: str,
    static: str | None = None,
    template: str = "page.html",
    scripts: Sequence[str] = (),
    **more: object,
) -> str:
    """Return a whole HTML page of panels from top to bottom, no two of which have the same id.

    `static` is where a server has the files in ``static``, with a slash at the end. Without it, the page
    holds them and forbids everything else, so that it needs no network and runs no script but its own.
    `scripts` are needed beside those of the panels, and `more` is what else the template shows:
    ``page.html``, or one that extends it.
    """
    needed = [*SCRIPTS, *(name for panel in panels for name in panel.scripts), *scripts]
    files = tuple(dict.fromkeys(needed))
    script = "\n".join(asset(name) for name in files)
    values: dict[str, Any] = {
        **more,
        "panels": panels,
        "blocks": {panel.id: json_block(panel.data) for panel in panels if panel.data is not None},
        "title": visible(title),
        "version": __version__,
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "static": static,
        "scripts": files,
        "styles": STYLES,
    }
    if static is None:
        style = "\n".join(map(asset, STYLES))
        values |= {"style": _markup(style), "script": _markup(script), "policy": _policy(style, script)}
    return str(rendered(template, **values))


def rendered(template: str, **values: object) -> "Markup":
    """Return a template in ``templates`` with these values, in which every text is escaped."""
    return _markup(_environment().get_template(template).render(values))


_USED = ("numpy.ma", "rich.cells", "PIL.BmpImagePlugin", "PIL.JpegImagePlugin", "PIL.PngImagePlugin")
"""Modules that are loaded when they are first used, which would be by the first page."""


def make_ready() -> None:
    """Compile all templates and load what pages use, before anything is shown: it takes as long as a page."""
    for name in _USED:
        with suppress(ImportError):  # Pillow may be missing
            import_module(name)
    for prefix, folder in _FOLDERS.items():
        for name in _templates(folder / "templates"):
            _environment().get_template(f"{prefix}/{name}" if prefix else name)


def _templates(folder: "Traversable") -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from (f"{entry.name}/{name}" for name in _templates(entry))
        elif entry.name.endswith(".html"):
            yield entry.name


def asset(name: str) -> str:
    """Return a file of the folder ``static``, which holds the style sheet and the scripts."""
    found = (folder / "static" / name for folder in _FOLDERS.values())
    return next(file for file in found if file.is_file()).read_text("utf-8")


def assets() -> Iterable[str]:
    """Return the names of the files in ``static`` in the order of the alphabet."""
    folders = [folder / "static" for folder in _FOLDERS.values()]
    return sorted(entry.name for folder in folders for entry in folder.iterdir() if entry.is_file())


def add_folder(prefix: str, package: str) -> None:
    """Let another package have templates, whose names begin with the prefix, and static files of its own."""
    _FOLDERS[prefix] = resources.files(package)


def _template(name: str) -> str:
    prefix, slash, rest = name.partition("/")
    own = slash and prefix in _FOLDERS
    return (_FOLDERS[prefix if own else ""] / "templates" / (rest if own else name)).read_text("utf-8")


def json_block(data: Mapping[str, Any] | Sequence[Any]) -> "Markup":
    r"""Return data as JSON that may stand within a script element, whatever its texts hold.

    It is ASCII without ``<``, ``>`` and ``&``; NaN becomes null, arrays become lists.

    Examples
    --------
    >>> print(json_block({"name": "</script>&"}))
    {"name":"\u003c/script\u003e\u0026"}
    """
    text = json.dumps(plain(data), separators=(",", ":"), allow_nan=False)  # ASCII, also for U+2028
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return _markup(text)


def data_uri(content: bytes, kind: str) -> str:
    """Return a file as an address that holds it in base64, with a media type such as ``image/png``."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy of a page that holds everything it needs."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{hashes[0]}'; "
        f"script-src 'sha256-{hashes[1]}'; base-uri 'none'; form-action 'none'"
    )


def _markup(text: str) -> "Markup":
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - templates escape, and the other texts are the package's own or JSON


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "code": code,
        "json": json_block,
        "lines": lines,
        "score": number,
        "undefined": undefined,
    }
    made.filters |= {"visible": visible, "when": when}
    return made
