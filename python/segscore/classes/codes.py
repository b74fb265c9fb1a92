"""Codes that hold more than a class: what rules make of them, and what is said where that goes wrong.

What a rule is stands in `rules`. No pixel, array or file is read here.
"""

from collections.abc import Set

import numpy as np

from segscore.base.naming import arg
from segscore.base.shown import first
from segscore.base.wording import visible
from segscore.classes.classes import Classes
from segscore.classes.labels import USUAL_MARKS, describe_label, is_colour_label
from segscore.classes.rules import rule_of
from segscore.errors import LabelError

RULES = ("value // 1000 where value >= 1000", "value // 1000", "value // 256", "value % 65536")
"""Rules of codes of instances that datasets have."""
_CODES = 1_000
"""Of labels up to here nobody thinks of instances."""
_SHOWN = 5


def decoded(rule: str, labels: Set[int]) -> list[int]:
    """Return the labels that a rule makes of codes, in the order of these."""
    found: list[int] = rule_of(rule)(np.array(sorted(labels), dtype=np.int64)).tolist()
    return found


def are_codes(classes: Classes, labels: Set[int]) -> bool:
    """Whether predicted labels become classes by the rule of targets."""
    found = set(classes.decoded("target", np.array(sorted(labels), dtype=np.int64)).tolist())
    return classes.label_rule is not None and found <= {one for own in classes.all_pred_labels for one in own}


def fitting_rules(classes: Classes, seen: Set[int]) -> list[str]:
    """Return the rules by which codes become labels of classes that have none."""
    if classes.label_rule is not None or max(seen) < _CODES:
        return []
    known = {*classes.class_of, *classes.all_ignored}
    fitting = [rule for rule in RULES if set(decoded(rule, seen - set(classes.ignore))) <= known]
    if fitting[:2] == list(RULES[:2]):
        del fitting[1]  # which reads smaller labels as codes, too
    return fitting


def left_out(labels: list[int]) -> str:
    """Return how labels are given that are to be ignored."""
    return arg("ignore_index", labels[0] if len(labels) == 1 else labels)


def twofold(classes: Classes, value: int, other: int) -> LabelError:
    """Return the error of an ignored value that a rule makes a class, beside codes of an ignored label."""
    after = decoded(str(classes.label_rule), {value})[0]
    name = classes.names[classes.class_of[after]]
    return LabelError(
        f"`target` holds {value}, which is ignored and which the rule `{classes.label_rule}` makes `{name}`, "
        f"beside {describe_label(other)}, which it makes {value}",
        f"ignore values that pixels have, and no label after the rule: {describe_label(other)} and others "
        f"like it where {value} is `{name}`, and {value} as well where it is void",
    )


def unsure(classes: Classes, side: str, labels: list[int]) -> LabelError:
    """Return the error of labels that a division takes for codes, though they may be classes themselves."""
    rule = str(classes.label_rule if side == "target" else classes.pred_label_rule)
    own = first(list(map(str, labels)), _SHOWN)
    are = "is the label of a class" if len(labels) == 1 else "are labels of classes"
    return LabelError(
        f"`{side}` holds {own}, which {are}, and of which the rule `{rule}` makes "
        f"{first(list(map(str, sorted(set(decoded(rule, set(labels)))))), _SHOWN)}",
        f"`{rule} where value >= {rule_of(rule).divisor}` leaves labels what they are, and "
        f"`{rule} where value >= 0` says that all are codes",
    )


def after_rule(classes: Classes, unknown: Set[int]) -> str | None:
    """Return what to do about values of targets that are no class after the rule.

    Those of which it would make a class mark void, as `Folding.decoded` tells them.
    """
    rule = classes.label_rule
    changed = set() if rule is None else {value for value in unknown if decoded(rule, {value}) != [value]}
    if rule is None or not changed:
        return None
    marks = ((mark, *decoded(rule, {mark})) for mark in sorted(changed & USUAL_MARKS))
    for mark, after in ((mark, after) for mark, after in marks if after in classes.class_of):
        name = visible(classes.names[classes.class_of[after]])
        return (
            f"{mark} usually marks pixels to leave out, and no code of `{name}`, which the rule `{rule}` "
            f"makes of it, is near: {left_out([mark])}; where it is a code, give the class both labels, "
            f"[{after}, {mark}]"
        )
    made = sorted(set(decoded(rule, changed)))
    few = len(unknown) <= _SHOWN and not any(map(is_colour_label, unknown))
    ignored = sorted(unknown) if few else made
    spelled = left_out(ignored) if len(ignored) <= _SHOWN else arg("ignore_index")
    return (
        f"the rule `{rule}` makes {first(list(map(describe_label, made)), _SHOWN)} of them, which is no "
        f"class: leave them out with {spelled}, or give the label to a class"
    )
