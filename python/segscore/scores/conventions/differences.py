"""What a convention says in words, and in which points it differs from segscore's own rule.

The sentences are made from the values of a `Convention`, so that a rule and its words cannot part. No name
of a tool, of a class or of a file is known here.
"""

from segscore.base.wording import many
from segscore.scores.conventions.averaging import Convention, Mean, taken_in
from segscore.scores.measured import Measured
from segscore.scores.metric import METRICS

_FATE = {"left out": "is left out", "0": "counts 0", "1": "counts 1", "NaN": "makes it NaN"}


def says(convention: Convention, scores: Measured, images: int | None) -> str:
    """Return what a convention's number is, as one sentence; None is for an unknown number of images."""
    classes = many(int(taken_in(convention, scores).sum()), "class")
    counts = "the summed counts" if images is None else f"the summed counts of {_images(images)}"
    metric, means = METRICS[convention.metric].label, convention.means
    if "classes" in convention.sums:
        pooled = f"{metric} of the counts summed over {classes}"
        return f"{pooled} in each of {_images(images)}, averaged." if means else f"{pooled}, from {counts}."
    weights = " weighted by target pixels" if means[0].by_target else ""
    if not convention.needs_images:
        return f"Mean {metric}{weights} over {classes}, from {counts}; {_undefined(means[0], convention)}."
    order = {
        "classes": f"over {classes} of each image, then over",
        "images": f"of each class over its images, then over {classes}, from",
        "cells": f"over every one of {classes} in every one of",
    }[means[0].over]
    return f"Mean {metric}{weights} {order} {_images(images)}; {_undefined(means[0], convention)}."


def _images(images: int | None) -> str:
    return "each image" if images is None else many(images, "image")


def _undefined(mean: Mean, convention: Convention) -> str:
    what = "a class that is nowhere" if convention.only_predicted else "a class that is not in the target"
    return f"{what} {_FATE[mean.undefined]}"


def differences(convention: Convention, own: Convention, scores: Measured) -> tuple[str, ...]:
    """Return in which points a convention differs from segscore's own, one sentence each.

    A sentence says how many classes or pixels it concerns, where there are any.
    """
    return tuple(f"{said}." for said in (*_order(convention, own), *_classes(convention, own, scores)))


def _order(convention: Convention, own: Convention) -> list[str]:
    found = []
    if convention.metric != own.metric:
        found.append("It is Dice, which for the same counts is never lower than IoU")
    steps = [mean.over for mean in convention.means]
    if convention.sums == ("images", "classes"):
        found.append("All classes are summed before it divides, so frequent ones decide")
    elif convention.sums == ("classes",):
        found.append("The classes of each image are summed before it divides; then it averages the images")
    elif steps == ["classes", "images"]:
        found.append("It averages the classes of each image, then the images")
    elif steps == ["images", "classes"]:
        found.append("It averages the images of each class, then the classes")
    elif steps == ["cells"]:
        found.append("It averages every class in every image at once")
    if any(mean.by_target for mean in convention.means):
        found.append("A class weighs as many pixels as its target has, so frequent ones decide")
    return found


def _classes(convention: Convention, own: Convention, scores: Measured) -> list[str]:
    classes = scores.classes
    only_predicted, outside = len(scores.only_predicted), classes.in_mean | classes.ignored_classes
    found = [_counting(mean, convention, scores) for mean in convention.means if mean.undefined != "left out"]
    if convention.only_predicted != own.only_predicted:
        what = "A class that is only predicted"
        here = _here(only_predicted, "class")
        if convention.needs_images:
            what, here = "A class that an image has only in its prediction", ""
        found.append(f"{what} is left out, instead of counting 0{here}")
    if convention.background != own.background:
        found.append("The first class is taken for the background and left out")
    if convention.not_in_mean != own.not_in_mean and not outside.all():
        here = _here(int((~outside).sum()), "class")
        found.append(f"It takes in what these classes leave out of means{here}")
    missed = int(scores.missed.sum())
    if missed and convention.missed != own.missed:
        said = {
            "dropped": "Pixels whose prediction is no class are dropped, instead of being missed",
            "refused": "Predictions that are no class are not foreseen; they count as missed here",
        }[convention.missed]
        found.append(f"{said}{_here(missed, 'pixel')}")
    if convention.epsilon:
        found.append(f"It adds {convention.epsilon:.1g} to denominators")
    if convention.nothing != own.nothing:
        found.append("Nothing to average gives 0, not NaN")
    if convention.scale != own.scale or convention.digits != own.digits:
        found.append(_given(convention))
    return [*found, convention.note] if convention.note else found


def _counting(mean: Mean, convention: Convention, scores: Measured) -> str:
    counts = _FATE[mean.undefined]
    if convention.sums == ("classes",):
        what = "An image without scored pixels"
    elif not convention.needs_images:
        here = _here(len(scores.absent), "class")
        return f"A class in neither target nor prediction {counts}, instead of being left out{here}"
    elif mean is convention.means[0]:
        what = "A class that an image has in neither target nor prediction"
    else:
        what = "A class that is in no image"
    return f"{what} {counts}, instead of being left out"


def _given(convention: Convention) -> str:
    unit = "per cent" if convention.scale == 100 else "a fraction"
    if convention.digits is None:
        return f"It is given as {unit}"
    return f"It is given as {unit} with {many(convention.digits, 'decimal')}"


def _here(number: int, noun: str) -> str:
    return f" ({many(number, noun)} here)" if number else ""
