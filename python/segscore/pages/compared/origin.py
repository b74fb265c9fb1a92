"""Where both evaluations came from, what an audit found in them, and which images only one has."""

from collections.abc import Mapping
from typing import Any

from segscore.base.wording import many, visible
from segscore.pages.compared.given import Given
from segscore.pages.page import Panel, rendered
from segscore.pages.texts import facts
from segscore.results.compared import Compared
from segscore.results.evaluated import Evaluated
from segscore.results.summary import of_evaluation, origin

_MAX_NAMES = 20


def panel(comparison: Compared, compared: Given) -> Panel:
    """Return where both evaluations came from, in a column for each model."""
    columns = zip(comparison.labels, comparison.evaluations, compared.about, comparison.only, strict=True)
    body = rendered(
        "compared/origin.html",
        sides=[_side(*column) for column in columns],
        compared=many(len(comparison.names), "image"),
        common=any(comparison.only),
    )
    return Panel("origin", "What was compared", body)


def _side(
    label: str, evaluation: Evaluated, about: Mapping[str, str], only: tuple[str, ...]
) -> dict[str, Any]:
    said = of_evaluation(evaluation)
    return {
        "label": visible(label),
        "opening": said.opening,
        "complete": len(evaluation.names) == evaluation.requested,
        "failures": said.failures,
        "facts": said.facts,
        "about": facts({**about, **origin(evaluation.provenance)}),
        "findings": evaluation.findings,
        "only": many(len(only), "image") if only else "",
        "only_names": [visible(name) for name in only[:_MAX_NAMES]],
        "only_more": max(0, len(only) - _MAX_NAMES),
    }
