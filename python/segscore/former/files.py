"""Where pickles look for `Files`."""

from segscore.io.places import Files

__all__ = ["Files"]
