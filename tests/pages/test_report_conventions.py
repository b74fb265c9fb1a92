"""The page about conventions says what the conventions are."""

from pathlib import Path

from segscore.scores.conventions.averaging import Convention, Mean
from segscore.scores.conventions.tools import CONVENTIONS

PAGE = Path(__file__).parents[2] / "docs" / "conventions.md"
CHECKED = {"itself": "itself", "package": "package", "file": "that file", "read": "only read"}


def classes(rule: Convention) -> str:
    """Say which classes are averaged."""
    if rule.not_in_mean:
        return "all but `not_in_mean`" + ("" if rule.only_predicted else ", in the target")
    first = "all" if rule.background else "all but the first"
    return first if rule.only_predicted else f"{first} in the target"


def absent(rule: Convention) -> str:
    """Say what a class without pixels counts."""
    if "classes" in rule.sums:
        counts = [mean.undefined for mean in rule.means if mean.undefined != "left out"]
        return f"nothing; an empty image {counts[0]}" if counts else "nothing"
    return ", then ".join(dict.fromkeys(mean.undefined for mean in rule.means))


def over(rule: Convention) -> str:
    """Say what is averaged in which order."""
    summed = {"images": "sums of images", "classes": "sums of classes"}
    steps = [*(summed[what] for what in rule.sums), *(step(mean) for mean in rule.means)]
    return "Dice: " * (rule.metric == "dice") + ", then ".join(steps)


def step(mean: Mean) -> str:
    """Say what one step averages."""
    what = "images x classes" if mean.over == "cells" else mean.over
    return f"{what} by target pixels" if mean.by_target else what


def row(rule: Convention) -> str:
    """Return the row of a convention."""
    cells = (
        f"`{rule.name}`",
        f"{rule.tool}: `{rule.call}`",
        classes(rule),
        absent(rule),
        over(rule),
        rule.source,
        CHECKED[rule.checked],
    )
    return f"| {' | '.join(cells)} |"


def test_the_page_has_one_row_a_convention():
    of_counts, _, _ = PAGE.read_text().partition("## Distances and shares of surfaces")
    rows = [line for line in of_counts.splitlines() if line.startswith("| `")]
    assert rows == [row(rule) for rule in CONVENTIONS.values()]
