"""Where `Convention` was."""

from segscore.former import handed_on

__getattr__ = handed_on(__name__, {"Convention": "segscore.scores.conventions.averaging"})
