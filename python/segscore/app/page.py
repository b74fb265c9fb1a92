"""Pages of the local application: their frame, and words that several of them use.

What they show is gathered in `views`, `run_views` and `results`, which are not known here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from segscore.base.wording import visible
from segscore.pages.page import Panel, add_folder, page, rendered

PAGES = (
    ("/", "Models"),
    ("/matrix", "Matrix"),
    ("/runs", "Runs"),
    ("/compare", "Compare"),
    ("/datasets", "Datasets"),
)
"""Addresses and names of the pages in the bar."""

STATIC = "/static/"

add_folder("app", "segscore.app")


@dataclass(frozen=True)
class Button:
    """What a notice offers to do: a form without fields that could be filled in."""

    label: str
    address: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """What is wrong, or to be known, which a page says before anything else."""

    message: str
    hint: str = ""
    kind: Literal["error", "warning"] = "error"
    button: Button | None = None


def part(
    panel: str, template: str, /, *, title: str = "", scripts: Sequence[str] = (), **values: object
) -> Panel:
    """Return a part of a page, from a template of the application; without a title it has its own heading."""
    body = rendered(f"app/{template}", **values)
    return Panel(panel, title, body, scripts=tuple(scripts), heading=bool(title))


def application_page(
    panels: Sequence[Panel],
    *,
    title: str,
    workspace: str,
    current: str = "",
    work: str = "",
    stamp: str = "",
    notices: Sequence[Notice] = (),
    faults: Sequence[tuple[str, Notice]] = (),
    sections: bool = False,
) -> str:
    """Return a page of the application: panels from top to bottom, with the workspace's folder at the end.

    `current` is the name in `PAGES` of what is shown, `work` what the bar says about jobs that are at work,
    and `notices` are said first, and what is wrong with a form: `faults` by their fields, which are empty for
    those that have no place on the page. The page is renewed, or says so, when there is another `stamp`; with
    `sections`, a second bar lists the panels.
    """
    return page(
        panels,
        title=f"{title} · segscore",
        static=STATIC,
        template="app/page.html",
        scripts=("app.js",),
        workspace=visible(workspace),
        pages=PAGES,
        current=current,
        work=work,
        stamp=stamp,
        notices=notices,
        faults=faults,
        sections=sections,
    )


def duration(seconds: float) -> str:
    """Return a time as people say it.

    Examples
    --------
    >>> duration(0.3), duration(75), duration(3725)
    ('1 s', '1 min 15 s', '1 h 2 min')
    """
    whole = max(1, round(seconds))
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"
