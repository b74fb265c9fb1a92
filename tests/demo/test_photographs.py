"""Photographs of the demo are files that Pillow reads, and look as the weather is."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from segscore.demo.photographs import COLOURS, photograph, png
from segscore.demo.streets import ROAD, SKY, street

TARGET = street(np.random.default_rng(0))


def seen(weather):
    return photograph(np.random.default_rng(1), TARGET, weather)


def test_a_png_holds_the_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(png(pixels))) as image:
        image.load()
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (7, 5))
        assert (np.asarray(image) == pixels).all()


def test_a_class_has_its_colour_and_the_weather_changes_it():
    sun = seen("sun")
    assert (sun == seen("sun")).all()
    for label in (SKY, ROAD):
        assert np.abs(sun[label == TARGET].mean(axis=0) - COLOURS[label]).max() < 12
    road = {weather: seen(weather)[TARGET == ROAD].mean() for weather in ("sun", "rain", "fog", "evening")}
    assert road["evening"] < road["sun"] < road["fog"]
    contrast = {weather: seen(weather)[TARGET == SKY].mean() - road[weather] for weather in road}
    assert contrast["fog"] < contrast["rain"] < contrast["sun"]


@pytest.mark.parametrize("name", ["nibabel", "numpy"])
def test_volumes_are_what_is_drawn(name, tmp_path, monkeypatch):
    import segscore
    from segscore.demo import organs

    if name == "numpy":
        monkeypatch.setitem(sys.modules, "nibabel", None)
    target, pred = organs.organs(np.random.default_rng(0))
    organs.write_volume(tmp_path / "target", "a", target)
    organs.write_volume(tmp_path / "pred", "a", pred)
    assert [path.name for path in (tmp_path / "pred").iterdir()] == [
        f"a.{'nii' if name == 'nibabel' else 'npy'}"
    ]
    (tmp_path / "c.toml").write_text(organs.CLASSES)
    ev = segscore.evaluate(
        pred=tmp_path / "pred",
        target=tmp_path / "target",
        classes=tmp_path / "c.toml",
        dims=3,
        progress=False,
    )
    both, either = (target == 1) & (pred == 1), (target == 1) | (pred == 1)
    assert ev.scores.iou[1] == both.sum() / either.sum()
    assert 0.7 < ev.scores.mean_iou < 1
