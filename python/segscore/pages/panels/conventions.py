"""The same counts under other tools' conventions, folded away."""

from segscore.pages.page import Panel, rendered
from segscore.results.evaluated import Evaluated
from segscore.scores.conventions.explanation import explain, explanation_rows


def panel(evaluation: Evaluated) -> Panel:
    """Return the scores under the rules of other tools, segscore's own first."""
    explanation = explain(evaluation.scores, evaluation.cells)
    tools = [one.convention.tool for one in explanation.results if one.convention.tool != "segscore"]
    body = rendered(
        "conventions.html",
        rows=explanation_rows(explanation),
        number=len(tools),
        tools=len(set(tools)),
    )
    return Panel("conventions", "Conventions of other tools", body)
