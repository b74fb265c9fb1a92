"""What label values mean: classes, presets, colours, and the likely cause of labels that do not fit."""

from segscore.classes.classes import Classes, ClassesLike
from segscore.classes.labels import PredictionSpace

__all__ = ["Classes", "ClassesLike", "PredictionSpace"]
