"""The ONNX models of the demo are what their script makes, and call a pixel what it looks like."""

import numpy as np
import pytest

import segscore
from segscore.demo.photographs import photograph
from segscore.demo.streets import HEIGHT, WIDTH, street
from support.demo_models import AROUND, HOME, TONES, model_of


@pytest.mark.parametrize("name", AROUND)
def test_the_files_are_what_the_script_makes(name):
    assert (HOME / name).read_bytes() == model_of(AROUND[name])
    assert (HOME / name).stat().st_size < 1000


def nearest(image, around):
    """Return which colour the mean of the pixels around each pixel is nearest to, and by how much."""
    half = around // 2
    padded = np.pad(image / 255.0, ((half, half), (half, half), (0, 0)))
    there = np.pad(np.ones((HEIGHT, WIDTH)), half)
    steps = [(y, x) for y in range(around) for x in range(around)]
    means = sum(padded[y : y + HEIGHT, x : x + WIDTH] for y, x in steps)
    means = means / sum(there[y : y + HEIGHT, x : x + WIDTH] for y, x in steps)[..., None]
    distances = ((means[..., None, :] - TONES) ** 2).sum(axis=-1)
    first, second = np.moveaxis(np.sort(distances, axis=-1)[..., :2], -1, 0)
    return distances.argmin(axis=-1), second - first


@pytest.mark.parametrize("name", AROUND)
def test_the_models_find_the_nearest_colour(name):
    image = photograph(np.random.default_rng(1), street(np.random.default_rng(0)), "rain")
    found = segscore.predict.onnx(HOME / name, scale=1 / 255)(image).logits
    expected, certain = nearest(image, AROUND[name])
    assert found.shape == (5, HEIGHT, WIDTH)
    same = found.argmax(axis=0) == expected
    assert same[certain > 1e-5].all()
    assert same.mean() > 0.99
