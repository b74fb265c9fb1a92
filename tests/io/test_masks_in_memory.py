"""Masks and photographs whose files have been read already: they are decoded as files are."""

import io

import numpy as np
import pytest
from PIL import Image

from segscore.errors import ImageError, MaskError
from segscore.io.masks import decode_mask
from segscore.io.photographs import decode_image
from support.masks_on_disk import png

LABELS = np.arange(12, dtype=np.uint8).reshape(3, 4)


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize(("ending", "content"), [("png", png(LABELS)), ("npy", npy(LABELS))])
def test_a_mask_is_decoded_whatever_lies_at_its_path(tmp_path, ending, content):
    path = tmp_path / f"mask.{ending}"
    path.write_bytes(b"something else")
    assert np.array_equal(decode_mask(content, str(path), colours=False), LABELS)
    assert path.read_bytes() == b"something else"


@pytest.mark.parametrize("ending", ["png", "npy"])
def test_a_message_names_the_file_that_was_read(ending):
    with pytest.raises(MaskError) as caught:
        decode_mask(b"no mask", f"masks/a.{ending}", colours=False)
    assert caught.value.message.startswith(f"masks/a.{ending}: ")
    assert "segscore-" not in str(caught.value)


def test_a_photograph_is_decoded_from_memory():
    file = io.BytesIO()
    Image.fromarray(np.full((2, 3, 3), 7, np.uint8)).save(file, "PNG")
    assert np.array_equal(decode_image(file.getvalue(), "a.png"), np.full((2, 3, 3), 7))
    with pytest.raises(ImageError) as caught:
        decode_image(b"no image", "images/a.png")
    assert caught.value.message == (
        "images/a.png: expected an image (BMP, JPEG, PNG, TIFF, WEBP), found something else"
    )
