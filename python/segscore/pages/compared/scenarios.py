"""Tables of slices of the images, groups or attributes, under both models."""

import math
from typing import Any

from segscore.base.wording import visible
from segscore.pages.compared.bars import bar, limit_of
from segscore.pages.compared.given import Given, Part, Scenario
from segscore.pages.page import Panel, rendered
from segscore.results.compared import BEING_COMPUTED, Compared
from segscore.text.numbers import number, signed


def panel(comparison: Compared, compared: Given) -> Panel | None:
    """Return the tables of slices of the images under both models, None where images have no groups."""
    if not compared.scenarios:
        return None
    body = rendered(
        "compared/scenarios.html",
        tables=[_table(scenario) for scenario in compared.scenarios],
        measure=comparison.main.label,
        labels=[visible(label) for label in comparison.labels],
        level=f"{100 * comparison.level:g} %",
        later=compared.later,
    )
    return Panel("scenarios", "Scenarios", body, scripts=("table.js",))


def _table(scenario: Scenario) -> dict[str, Any]:
    ends = [value for part in scenario.parts for value in (part.low, part.high, _values(part)[2])]
    limit = limit_of(ends)
    return {
        "title": visible(scenario.title),
        "rows": [_row(part, limit) for part in scenario.parts],
        "hidden": scenario.hidden,
    }


def _values(part: Part) -> tuple[float, float, float]:
    a, b = part.means
    return a, b, b - a


def _row(part: Part, limit: float) -> dict[str, Any]:
    a, b, difference = _values(part)
    defined, given = not math.isnan(difference), not part.reason
    return {
        "name": visible(part.name),
        "images": len(part.sides[0].names),
        "unlike": part.unlike,
        "a": number(a),
        "b": number(b),
        "numbers": [None if math.isnan(value) else value for value in (a, b, difference)],
        "gain": difference,
        "difference": signed(difference) if defined else "",
        "undefined": "" if defined else "no class of the mean is in these images",
        "interval": f"{signed(part.low)} to {signed(part.high)}" if given else "",
        "width": part.high - part.low if given else None,
        "no_interval": visible(part.reason),
        "waits": part.reason == BEING_COMPUTED,
        # Of a part no p-value is known: what may be chance is what an interval holds 0 of.
        "way": "" if not given or part.low <= 0 <= part.high else "known",
        "bar": bar(difference, limit, part.low, part.high),
    }
