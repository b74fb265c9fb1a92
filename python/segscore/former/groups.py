"""Where `group_by` was."""

from segscore.former import handed_on

__getattr__ = handed_on(
    __name__, {"group_by": "segscore.results.groups", "Groups": "segscore.results.groups"}
)
