"""The main measure of an evaluation: what it, its images and its classes are judged, ranked and compared by.

It follows from what was measured: IoU of pixels of classes, panoptic quality of segments, F1 of objects of
one class on a background, F1 of components at any overlap, average precision of masks that may overlap.
"""

from typing import NamedTuple

from segscore.classes.classes import Classes
from segscore.counts.measures import Measures
from segscore.scores.metric import headlines
from segscore.scores.object_numbers import objects_shown
from segscore.scores.shape_numbers import shapes_shown
from segscore.scores.titles import metric_title


class Main(NamedTuple):
    """Names of numbers, as users type them."""

    whole: str
    """Of all images."""
    image: str
    """Of each image; not all that is of the whole has a number of each."""
    kind: str
    """Of each class, before its name."""
    at: str = ""
    """Of each class, behind its name."""

    @property
    def label(self) -> str:
        """What the number of the whole is called."""
        return metric_title(self.whole)

    @property
    def image_label(self) -> str:
        """What the number of an image is called."""
        return metric_title(self.image)

    @property
    def class_label(self) -> str:
        """What the number of a class is called, without the class."""
        return metric_title(f"{self.kind}{self.at}")

    def of_class(self, name: str) -> str:
        """Return the name of the number of a class.

        Examples
        --------
        >>> MAIN_PIXELS.of_class("car"), MAIN_OBJECTS.of_class("cell")
        ('iou.car', 'f1.cell@0.5')
        """
        return f"{self.kind}.{name}{self.at}"

    def image_of_class(self, name: str) -> str:
        """Return the name of the number that images are ranked by, of a class.

        Examples
        --------
        >>> MAIN_PIXELS.image_of_class("car"), MAIN_DETECTIONS.image_of_class("car")
        ('iou.car', 'f1.car@0.5')
        """
        start, at, iou = self.image.partition("@")
        return f"{start.removeprefix('mean_').removeprefix('image_')}.{name}{at}{iou}"

    def is_of_class(self, name: str) -> bool:
        """Whether a number has the name of one of a class."""
        return name.startswith(f"{self.kind}.") and name.endswith(self.at)

    def class_of(self, name: str) -> str:
        """Return the class that such a number is of; any other name as it is."""
        if not self.is_of_class(name):
            return name
        return name.removeprefix(f"{self.kind}.").removesuffix(self.at)


MAIN_PIXELS = Main("mean_iou", "mean_image_iou", "iou")
MAIN_SEGMENTS = Main("mean_pq", "mean_pq", "pq")
MAIN_OBJECTS = Main("mean_f1@0.5", "mean_f1@0.5", "f1", "@0.5")
MAIN_COMPONENTS = Main("mean_f1@any", "mean_f1@any", "f1", "@any")
MAIN_DETECTIONS = Main("mean_ap", "mean_f1@0.5", "ap")
MAINS = (MAIN_PIXELS, MAIN_SEGMENTS, MAIN_OBJECTS, MAIN_COMPONENTS, MAIN_DETECTIONS)


def class_in(name: str) -> str:
    """Return the class that a number of one is of, whichever measure it is of; any other name as it is.

    Examples
    --------
    >>> class_in("iou.car"), class_in("ap.car"), class_in("f1.lesion@any"), class_in("kappa")
    ('car', 'car', 'lesion', 'kappa')
    """
    return next((main.class_of(name) for main in MAINS if main.is_of_class(name)), name)


def main_of(measures: Measures, classes: Classes) -> Main:
    """Return the main measure of what was measured of these classes: the first that is shown of objects."""
    first = next(iter(objects_shown(measures, classes)), MAIN_PIXELS.whole)
    return next(main for main in MAINS if main.whole == first)


def first_shown(measures: Measures, classes: Classes) -> str:
    """Return the name of the number that texts give an interval of: the first of pixels, or the main one."""
    return headlines(classes)[0] if measures.of_pixels else main_of(measures, classes).whole


def shown_of_whole(measures: Measures, classes: Classes, *, of_images: bool = False) -> list[str]:
    """Return the numbers of the whole that outputs show, the headlines of pixels where these have classes."""
    of_pixels = headlines(classes, of_images=of_images) if measures.of_pixels else ()
    return [*of_pixels, *shapes_shown(measures, classes)]
