"""How messages and hints are spelled in forms and pages: by labels of fields and names of pages.

Nothing is known here of what failed: a message keeps its words, but for what it names.
"""

from segscore.app.forms import LABELS
from segscore.base.naming import PYTHON, Argument, Face, spelled
from segscore.counts.measure_texts import MEASURES
from segscore.predict.options import OPTIONS


def in_forms(text: str) -> str:
    """Return a message or hint as forms and pages spell what it names."""
    return spelled(text, FORMS)


def _argument(argument: Argument) -> str:
    name, value, _ = argument
    label = next((table[name].label for table in (OPTIONS, MEASURES) if name in table), LABELS.get(name))
    if (name, value) == ("resize", "nearest"):
        return "`Resize predictions, and try again`"
    if label is None:  # no form has it
        return PYTHON.spell(argument)
    if value is None or value is True:
        return f"`{label}`"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"`{text}` in the field `{label}`"


FORMS = Face("forms", _argument)
