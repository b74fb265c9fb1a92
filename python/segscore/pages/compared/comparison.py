"""The page of a comparison: which panels it has, in which order, and what they are made of."""

from segscore.pages.compared import classes, confusion, headline, images, origin, pictures, scenarios
from segscore.pages.compared.given import Given
from segscore.pages.page import Panel, page
from segscore.results.compared import Compared


def comparison_html(comparison: Compared, compared: Given) -> str:
    """Return the page about a comparison, which holds all that it needs."""
    title = compared.title or headline.title_of(comparison)
    panels = comparison_panels(comparison, compared)
    return page(panels, title=title, version=compared.version, date=compared.date)


def comparison_panels(comparison: Compared, compared: Given) -> list[Panel]:
    """Return the panels about a comparison from top to bottom, for a page that may hold others as well.

    Those that would be empty are left out.
    """
    panels = [
        headline.panel(comparison, compared),
        classes.panel(comparison, compared),
        images.panel(comparison),
        pictures.panel(comparison, compared),
        confusion.panel(comparison, compared),
        scenarios.panel(comparison, compared),
        origin.panel(comparison, compared),
    ]
    return [panel for panel in panels if panel is not None]
