"""The report of one evaluation: which panels it has, in which order, and what they are made of."""

from segscore.pages.page import Panel, page
from segscore.pages.panels import classes, conventions, distribution, headline, matrix, pictures, scenarios
from segscore.pages.panels.given import Given
from segscore.results.evaluated import Evaluated


def report_html(evaluation: Evaluated, report: Given) -> str:
    """Return the page about an evaluation, which holds all that it needs."""
    title = report.title or headline.title_of(evaluation)
    return page(report_panels(evaluation, report), title=title, version=report.version, date=report.date)


def report_panels(evaluation: Evaluated, report: Given) -> list[Panel]:
    """Return the panels about an evaluation from top to bottom, for a page that may hold others as well.

    Those that would be empty are left out.
    """
    panels = [
        headline.panel(evaluation, report),
        classes.panel(evaluation, report),
        matrix.panel(evaluation, report),
        distribution.panel(evaluation),
        scenarios.panel(report),
        pictures.panel(evaluation, report),
        conventions.panel(evaluation),
    ]
    return [panel for panel in panels if panel is not None]
