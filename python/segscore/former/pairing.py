"""Where `pair` was."""

from segscore.former import handed_on

__getattr__ = handed_on(__name__, {"pair": "segscore.io.pairing"})
