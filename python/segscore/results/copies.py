"""Copies of evaluations with other values on which nothing hangs that is computed from counts."""

from dataclasses import fields, replace
from typing import Any

from segscore.io.places import FilesByName
from segscore.results.evaluated import E


def with_files(evaluation: E, files: FilesByName) -> E:
    """Return the evaluation with these places of files, and with all that has been computed from its counts.

    The evaluation that is given stays as it is.
    """
    return _with(evaluation, files=files)


def without_groups(evaluation: E) -> E:
    """Return the evaluation without its groups, and with all that has been computed from its counts."""
    return _with(evaluation, groups=None)


def _with(evaluation: E, **values: Any) -> E:
    """Return the evaluation with other values, on which nothing hangs that is computed from counts."""
    other = replace(evaluation, part=None, **values)
    given = {field.name for field in fields(evaluation)}
    other.__dict__.update({name: value for name, value in vars(evaluation).items() if name not in given})
    return other
