"""The formulas of scores, on counts of any shape."""

from segscore.scores.metrics import *  # noqa: F403 - they stand there
