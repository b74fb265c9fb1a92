"""Where `write_report` was."""

from segscore.former import handed_on

__getattr__ = handed_on(__name__, {"write_report": "segscore.pages.report"})
