"""The ways to break a dataset by its files: tags of TIFF, damage, names, and files that are no masks."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from broken_data import VOID, Data, Mask, encoded, gray, one_bit, saved, tiff
from broken_ways import Given, both, classes_of, given, way
from segscore.counts.new_classes import new_classes

# TIFF


@way()
def orientation(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """TIFF that other readers turn."""
    turn = int(rng.integers(2, 9))
    return both(data, folder, lambda mask: tiff(mask, tiffinfo={274: turn}), tiff, "tif")


@way()
def white_is_zero(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """TIFF in which 0 is white."""
    return both(data, folder, lambda mask: _with_tag(tiff(mask), 262, 0), tiff, "tif")


@way("no-data-scored", classes=(3, 9))
def no_data(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Targets that call a class no data, or void that is not ignored."""
    none = int(rng.integers(data.classes)) if rng.integers(2) else VOID
    classes = data.classes if none == VOID else classes_of(data)
    return both(
        data, folder, tiff, lambda mask: tiff(mask, tiffinfo={42113: str(none)}), "tif", classes=classes
    )


@way()
def compressed_tiff_damaged(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Compressed TIFF with a block that is nowhere, or cut off."""

    def form(mask: Mask) -> bytes:
        file = tiff(mask, compression="tiff_adobe_deflate")
        return _with_tag(file, 279 if rng.integers(2) else 273, 0)

    return both(data, folder, form, tiff, "tif")


def _with_tag(file: bytes, tag: int, value: int) -> bytes:
    """Return a little-endian TIFF of which a tag has another value."""
    content = bytearray(file)
    at = int.from_bytes(content[4:8], "little")
    for i in range(int.from_bytes(content[at : at + 2], "little")):
        entry = at + 2 + 12 * i
        if int.from_bytes(content[entry : entry + 2], "little") == tag:
            content[entry + 8 : entry + 12] = value.to_bytes(4, "little")
            return bytes(content)
    raise AssertionError(tag)


@way()
def pages(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """TIFF of several images."""

    def form(mask: Mask) -> bytes:
        page = Image.fromarray(mask.astype(np.uint8))
        return encoded(page, "TIFF", save_all=True, append_images=[page])

    return both(data, folder, form, tiff, "tif")


# Damage


def _broken_file(
    data: Data, folder: Path, rng: np.random.Generator, change: Callable[[bytes], bytes]
) -> Given:
    found = both(data, folder)
    side = "pred" if rng.integers(2) else "target"
    file = sorted((folder / side).iterdir())[int(rng.integers(len(data.pred)))]
    file.write_bytes(change(file.read_bytes()))
    return found


@way()
def cut_off(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """A PNG that was not written to its end."""
    return _broken_file(data, folder, rng, lambda file: file[: int(len(file) * rng.uniform(0.1, 0.95))])


@way()
def bytes_changed(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """A PNG of which a byte was changed."""

    def change(file: bytes) -> bytes:
        content = bytearray(file)
        content[int(rng.integers(45, len(file) - 16))] ^= int(rng.integers(1, 256))
        return bytes(content)

    return _broken_file(data, folder, rng, change)


@way()
def emptied(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """A file without a byte."""
    return _broken_file(data, folder, rng, lambda _: b"")


# Names and kinds of files


@way(images=(2, 12))
def missing(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """A prediction that was not written."""
    found = both(data, folder)
    (folder / "pred" / f"{len(data.pred) - 1:03}.png").unlink()
    return found


@way(images=(2, 12))
def one_name_twice(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Two files of one name on one side."""
    found = both(data, folder)
    side = "pred" if rng.integers(2) else "target"
    shutil.copy(folder / side / "001.png", folder / side / "000.png.png")
    np.save(folder / side / "000.npy", data.pred[1])
    return found


@way(images=(3, 12))
def lists_in_other_order(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Lists of files of which one is in another order, with names that are the same or differ in part."""
    both(data, folder)
    preds, targets = (sorted((folder / side).iterdir()) for side in ("pred", "target"))
    if rng.integers(2):
        preds = [file.rename(file.with_name(f"{file.stem}_pred.png")) for file in preds]
    return given(data, preds[::-1], targets)


@way(images=(2, 12))
def vanished(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """A target of a kind that is not read, beside others."""
    found = both(data, folder)
    kind = str(rng.choice(["bmp", "jpg", "gif", "ppm", "webp"]))
    lost = folder / "target" / "000.png"
    Image.open(lost).save(lost.with_suffix(f".{kind}"), **({"lossless": True} if kind == "webp" else {}))
    lost.unlink()
    return found


@way()
def itself(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """The targets given as predictions, too."""
    both(data, folder)
    return given(data, folder / "target", folder / "target")


@way()
def photographs(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Photographs in place of masks."""

    def form(mask: Mask) -> bytes:
        return encoded(Image.fromarray(rng.integers(256, size=(*mask.shape, 3), dtype=np.uint8)))

    return both(data, folder, target=form, classes=classes_of(data, colours=bool(rng.integers(2))))


@way()
def archive(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """An archive in place of a folder."""
    both(data, folder)
    file = shutil.make_archive(str(folder / "packed"), "zip", folder / "pred")
    return given(data, file, folder / "target")


@way()
def classes_in_files(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """A file for each class of an image, with a pattern that says so or without."""
    for i, mask in enumerate(data.pred):
        for k in range(data.classes):
            file = folder / "pred" / f"{i:03}_class {k}.png"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(one_bit(mask == k))
    pairing = "{id}_{class}:{id}" if rng.integers(2) else None
    return given(data, folder / "pred", saved(folder / "target", data.target), pairing=pairing)


@way(classes=(3, 9))
def classes_that_overlap(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Files of classes of which two claim the same pixels."""
    found = classes_in_files(data, folder, rng)
    wide = one_bit(np.isin(data.pred[0], [0, 1]))
    (folder / "pred" / "000_class 1.png").write_bytes(wide)
    return found


@way(classes=(2, 2), void=True)
def void_beside_masks(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """A file for void beside each mask of one class, on both sides, and no word of it in the pattern."""
    name = ["{:03}.png", "{:03}_cell.png"][int(rng.integers(2))]
    for side, masks in (("pred", data.pred), ("target", data.target)):
        (folder / side).mkdir()
        for i, (mask, target) in enumerate(zip(masks, data.target, strict=True)):
            (folder / side / name.format(i)).write_bytes(gray(255 * (mask == 1)))
            (folder / side / f"{i:03}_void.png").write_bytes(gray(255 * (target == VOID)))
    classes = str(rng.choice(["binary-255", "binary-any"]))
    return given(data, folder / "pred", folder / "target", classes=classes)


@way("unconfirmed-labels", classes=(3, 9), void=True)
def void_in_files(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """A file for each class and one for void, with a new file of classes that is made of these."""
    for i, mask in enumerate(data.target):
        for k in (*range(1, data.classes), VOID):
            file = folder / "target" / f"{i:03}_{'void' if k == VOID else f'class {k}'}.png"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(one_bit(mask == k))
    classes = folder / "classes.toml"
    classes.write_text(new_classes(str(folder / "target"), "{id}_{class}"))
    pred = saved(folder / "pred", data.pred)
    return given(data, pred, folder / "target", classes=classes, pairing="{id}_{class}")
