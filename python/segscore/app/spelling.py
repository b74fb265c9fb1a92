"""How messages and hints, which are worded as Python spells arguments, are spelled in forms and pages.

Nothing is known here of what failed: a message keeps its words, but for names of arguments and commands.
"""

from dataclasses import replace

from segscore.app.tasks import Problem
from segscore.base.wording import Spellings, respelled, unescaped
from segscore.predict.options import OPTIONS

_OPTIONS = {option.name: option.label for option in OPTIONS.values()} | {
    "ignore_index": "Labels to leave out",
    "trained_on": "Trained on",
}
_LABELS = _OPTIONS | {
    "attributes": "Attributes",
    "groups": "Groups",
    "images": "Folder of images",
    "onnx": "Where it is",
    "predictions": "Where it is",
    "python": "Where it is",
    "target": "Folder of targets",
    "version": "Version",
}
"""The labels of fields by the names of arguments; those of `_OPTIONS` are hardly names of anything else."""

_SPELLINGS: Spellings = (
    (
        rf"`({'|'.join(_OPTIONS)})=(?:\"((?:[^\"\\]|\\.)+)\"|'([^']+)'|[\[(]([^`]+)[\])]|([^`]+))`",
        lambda m: f"`{unescaped(m[2]) if m[2] else m[3] or m[4] or m[5]}` in the field `{_LABELS[m[1]]}`",
    ),
    (rf"`({'|'.join(_OPTIONS)})=?`", lambda m: f"`{_LABELS[m[1]]}`"),
    # Other names may be those of users, but for the one that a message begins with.
    (rf"(?m)^(\s*)`({'|'.join(_LABELS)})`(?=:| is )", lambda m: f"{m[1]}`{_LABELS[m[2]]}`"),
    (r'\br"(\^[^"]+)"', lambda m: f"`{m[1]}`"),
    (r'`resize="nearest"`', lambda _: "`Resize predictions, and try again`"),
    (r"`--threshold ([^`]+)`", lambda m: f"`{m[1]}` in the field `{_LABELS['threshold']}`"),
    (r"expected a folder, a file or a glob pattern", lambda _: "expected a folder or a glob pattern"),
    # Files of other formats can be read in Python alone.
    (r", or read other formats with `read=`, a function from a path to an array", lambda _: ""),
    (r",? or give `read=` a function that [^,;\n]+", lambda _: ""),
    (r"give `read=` a function that [^,;\n]+", lambda _: "save masks as PNG"),
    (r"`segscore (dataset|model) add`", lambda m: f"`Add a {m[1]}`"),
    (r"`segscore classes` lists the presets", lambda _: "the field lists the presets"),
    (r"`segscore runs` says", lambda _: "the page `Runs` says"),
    (r"`segscore run` makes one", lambda _: "`Evaluate` makes one"),
)


def in_forms(text: str) -> str:
    """Return a message or hint with its arguments and commands named as pages name them."""
    return respelled(text, _SPELLINGS)


def problem_in_forms(problem: Problem) -> Problem:
    """Return why a task failed, worded for pages; tracebacks stay as they are."""
    return replace(problem, message=in_forms(problem.message), hint=in_forms(problem.hint))
