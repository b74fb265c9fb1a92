"""Made-up photographs of the streets of the demo.

Each class has a colour of its own, so that a model of a few numbers finds most of it: light, weather, texture
and things that look like another class are what it gets wrong.
"""

import struct
import zlib
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from segscore.demo.streets import BUILDING, CAR, PERSON, ROAD, SKY, VOID, Floats, Mask, waves

Colours: TypeAlias = npt.NDArray[np.uint8]
Weather: TypeAlias = Literal["sun", "rain", "fog", "evening"]

COLOURS: dict[int, tuple[int, int, int]] = {
    SKY: (150, 185, 225),
    BUILDING: (150, 115, 95),
    ROAD: (92, 90, 96),
    CAR: (35, 50, 120),
    PERSON: (190, 70, 60),
    VOID: (40, 40, 45),
}
"""What a class looks like in the sun, on average."""
_LIGHT: dict[Weather, float] = {"sun": 1.0, "rain": 0.85, "fog": 0.92, "evening": 0.84}
_FOG = np.array([190.0, 195.0, 200.0])
_VEIL: dict[Weather, float] = {"sun": 0.0, "rain": 0.1, "fog": 0.2, "evening": 0.0}
"""How much of a photograph is the colour of the fog."""
_GRAIN = 16.0
"""Standard deviation of the noise of a pixel."""


def photograph(rng: np.random.Generator, target: Mask, weather: Weather) -> Colours:
    """Return uint8 (H, W, 3): what a camera might see of a street."""
    tones = np.array([COLOURS[label] for label in range(len(COLOURS))], dtype=np.float64)
    scene: Floats = tones[target]
    rows = np.arange(target.shape[0])[:, None]
    glass = (target == BUILDING) & (_grid(rng, target.shape) | (rng.random() < 0.1))
    scene[glass] = 0.4 * scene[glass] + 0.6 * tones[SKY]
    windscreens = (target == CAR) & (waves(rng) > 0.35)
    scene[windscreens] = 0.5 * scene[windscreens] + 0.5 * tones[SKY]
    scene += 18 * waves(rng)[..., None] - 0.06 * (rows - rows.mean())[..., None]
    scene = scene * _LIGHT[weather] * (1 - _VEIL[weather]) + _FOG * _VEIL[weather]
    scene += rng.normal(0, _GRAIN, target.shape)[..., None]
    return scene.clip(0, 255).astype(np.uint8)


def _grid(rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return where windows of a house would be."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    down, right = rng.integers(0, 20, 2)
    windows: npt.NDArray[np.bool_] = ((y + down) % 20 < 7) & ((x + right) % 14 < 5)
    return windows


def png(pixels: Colours) -> bytes:
    """Return uint8 (H, W, 3) as a PNG file, for which Pillow is not needed."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)  # each begins with its filter: none
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, *zip(*parts, strict=True)))


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
