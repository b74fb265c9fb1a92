"""Where pickles look for `Table`."""

from segscore.counts.table import Table

__all__ = ["Table"]
