"""The ways to break a dataset by how masks are stored as pictures: palettes, channels, bits, loss."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from broken_data import Data, Form, Mask, adaptive, converted, encoded, gray, indexed, one_bit, painted, saved
from broken_ways import BINARY, MANY, Given, both, classes_of, given, of_two, relabelled, way

# Palettes and colours


@way(classes=(3, 9))
def palettes_of_their_own(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Adaptive palettes, where classes have colours, on one side or on both."""
    target = adaptive(data) if rng.integers(2) else indexed(data)
    return both(data, folder, adaptive(data), target, classes=classes_of(data, colours=True))


@way("palettes-differ", classes=(3, 9), images=(2, 12))
def palettes_that_differ(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Adaptive palettes, where classes have no colours."""
    return both(data, folder, adaptive(data), indexed(data))


@way(classes=(3, 9))
def colour_for_index(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """RGB on one side and an index, gray or of a palette, on the other."""
    forms = [painted(data), gray if rng.integers(2) else indexed(data)]
    if rng.integers(2):
        forms.reverse()
    return both(data, folder, *forms, classes=classes_of(data, colours=True))


@way(classes=(3, 9))
def palette_in_part(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Palettes that give some indices the colours of other classes, and others colours of no class."""
    wrong = data.colours.copy()
    wrong[[0, 1]] = data.colours[[1, 0]]
    wrong[2] = [1, 2, 3]
    return both(data, folder, indexed(data, wrong), classes=classes_of(data, colours=True))


@way(classes=(3, 9))
def colours_unknown(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """RGB masks, where classes have no colours."""
    return both(data, folder, painted(data), painted(data))


@way("palettes-differ", "other-order", "swapped-classes", classes=(3, 9), **MANY)
def colours_of_another_order(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Palettes of two tools that number the same colours in other ways."""
    order = np.roll(np.arange(data.classes), 1)
    colours = data.colours.copy()
    colours[order] = data.colours[: data.classes]
    moved = data._replace(pred=relabelled(data.pred, order))
    return both(moved, folder, indexed(data, colours), indexed(data))


@way("palettes-differ", classes=(3, 9))
def palette_of_a_program(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """One palette in the order of a picture program, on one side, where classes have no colours."""
    colours, order = data.colours.copy(), np.roll(np.arange(data.classes), int(rng.integers(1, data.classes)))
    colours[0] = 0
    wrong = np.full_like(colours, 255)
    wrong[order] = colours[: data.classes]
    moved = data._replace(pred=relabelled(data.pred, order))
    return both(moved, folder, indexed(data, wrong), gray if rng.integers(2) else indexed(data, colours))


@way("unknown-predictions", classes=(3, 9))
def blue_for_red(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """RGB masks of which red and blue are exchanged, as OpenCV writes arrays of RGB, on one side."""
    exchanged = painted(data._replace(colours=data.colours[:, ::-1]))
    forms = [exchanged, painted(data)]
    if rng.integers(2):
        forms.reverse()
    return both(data, folder, *forms, classes=classes_of(data, colours=True))


# Channels and bits


@way()
def equal_channels(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Gray masks saved as RGB."""
    return both(data, folder, converted("RGB"), converted("RGB"))


@way()
def gray_with_alpha(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Gray masks saved with an opaque alpha channel."""
    return both(data, folder, converted("LA"))


@way(**BINARY)
def mask_in_alpha(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Masks in the alpha channel of a black image."""

    def form(mask: Mask) -> bytes:
        pixels = np.zeros((*mask.shape, 4), np.uint8)
        pixels[..., 3] = mask
        return encoded(Image.fromarray(pixels))

    pred, target = of_two(data)
    return both(data._replace(pred=pred, target=target), folder, form, classes="binary-255")


@way("other-ids", **BINARY, images=(2, 12))
def bits_beside_bytes(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Targets of one bit beside targets of 0 and 255."""
    pred, target = of_two(data)
    sides = saved(folder / "a", pred), saved(folder / "b", target, [one_bit, gray])
    return given(data, *sides, classes=str(rng.choice(["binary", "binary-255", "binary-any"])))


@way("other-ids", **BINARY)
def bits_for_bytes(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Masks of one bit on one side, of 0 and 255 on the other."""
    pred, target = of_two(data)
    forms = (one_bit, gray) if rng.integers(2) else (gray, one_bit)
    sides = saved(folder / "a", pred, forms[0]), saved(folder / "b", target, forms[1])
    return given(data, *sides, classes="binary-255" if forms[1] is gray else "binary")


@way("scaled", "unknown-predictions", classes=(3, 9))
def deeper_gray(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Labels of 8 bits that a picture program made 16 bits of."""
    return both(data, folder, lambda mask: gray(257 * mask))


@way("scaled", classes=(3, 9), **MANY)
def drawn_to_be_seen(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Predictions that were drawn in gray from black to white, as RGBA."""
    step = 255 // (data.classes - 1)
    return both(data, folder, lambda mask: converted("RGBA")(step * mask))


@way("resized-mask", "jpeg-mask", "unknown-predictions", classes=(3, 9))
def colours_mixed(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Predictions in colours that were resized with bilinear interpolation."""

    def form(mask: Mask) -> bytes:
        height, width = mask.shape
        small = Image.fromarray(data.colours[mask][::2, ::2])
        return encoded(small.resize((width, height), Image.Resampling.BILINEAR))

    return both(data, folder, form, painted(data), classes=classes_of(data, colours=True))


# What loses labels


@way("jpeg-mask", "resized-mask", "unknown-predictions", **BINARY)
def jpeg(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Masks of 0 and 255 that were saved as JPEG and made PNG again, on one side."""

    def form(mask: Mask) -> bytes:
        lossy = encoded(Image.fromarray(mask.astype(np.uint8)), "JPEG", quality=int(rng.integers(50, 95)))
        return encoded(Image.open(io.BytesIO(lossy)))

    return _one_side(data, folder, form, rng)


@way("resized-mask", "jpeg-mask", "unknown-predictions", **BINARY)
def smoothed(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Masks of 0 and 255 that were resized with bilinear interpolation, on one side."""
    return _one_side(data, folder, blurred, rng)


def blurred(mask: Mask) -> bytes:
    """Return a gray PNG of what was made smaller, and larger again by bilinear interpolation."""
    height, width = mask.shape
    small = Image.fromarray(mask.astype(np.uint8)).resize((width // 2, height // 2), Image.Resampling.NEAREST)
    return encoded(small.resize((width, height), Image.Resampling.BILINEAR))


def _one_side(data: Data, folder: Path, form: Form, rng: np.random.Generator) -> Given:
    pred, target = of_two(data)
    forms = (form, gray) if rng.integers(2) else (gray, form)
    return both(data._replace(pred=pred, target=target), folder, *forms, classes="binary-255")


@way(
    "resized-mask",
    "jpeg-mask",
    "unknown-predictions",
    "other-ids",
    "other-order",
    "swapped-classes",
    classes=(3, 5),
    **MANY,
)
def smoothed_labels(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Predictions of labels far apart that were resized with bilinear interpolation."""
    labels = [60 * i for i in range(data.classes)]
    far = data._replace(pred=relabelled(data.pred, labels), target=relabelled(data.target, labels))
    return both(far, folder, blurred, classes=classes_of(data, labels=labels))
