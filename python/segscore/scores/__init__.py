"""Rows and cells become numbers: formulas, the table of metrics, scores of a whole, of images and regions."""

from segscore.scores.scores import Scores

__all__ = ["Scores"]
