"""What is measured: each work, its data, and the ways to do it. Nothing here is timed.

The table and the benches for pytest both take their works from here, and compare the answer of each way
with that of the first one, segscore's, before they time it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import class_scores
import limits
import peers
import segscore
import shape_works
from made_masks import LARGE, SMALL, STREET, VOID, Pairs, noise, scenes
from made_volumes import SHAPE, brain
from peers import Answer, Folders, Way
from segscore.demo import write_demo
from segscore.io.masks import read_mask
from segscore.io.pairing import pair

GROUPS = ("count", "logits", "update", "folders", "threads", "names", "distances")

REAL = Path(__file__).parent.parent.parent / "shared" / "data"
"""Where real masks are, if they are beside the project."""

_MANY = 10_000
_ROUNDED = 1e-6
"""By how much answers differ from those of MONAI, which computes in float32."""
_INTERPOLATED = 5e-5
"""The same of percentiles between two distances, as where they lie is computed in float32, too."""


@dataclass(frozen=True)
class Work:
    """Something to be done, on the same data by each way."""

    name: str
    group: str
    """One of `GROUPS`."""
    unit: str
    """What is counted: "px", or something of which one takes microseconds."""
    data: Callable[[Path], Any]
    """From an empty folder for files to the data that ways take."""
    amount: Callable[[Any], int]
    """From the data to the number of units in it."""
    ways: tuple[Way, ...]
    """segscore's, the usual one, and others."""
    limit: Way | None = None
    """What can take no longer than any way: bringing the same bytes in."""
    tolerance: float = 1e-12
    """By how much, as a share, answers may differ for their rounding."""


def same(one: Answer | list[Any], other: Answer | list[Any], tolerance: float = 1e-12) -> bool:
    """Whether two answers are equal: numbers of pixels and lists exactly, scores but for rounding."""
    if isinstance(one, list) or isinstance(other, list):
        return one == other
    if one.dtype.kind == "f":
        return np.allclose(one, other, rtol=tolerance, atol=0, equal_nan=True)
    return np.array_equal(one, other)


def works(
    real: Path | None = None, volume: tuple[int, ...] = SHAPE, labels: Path | None = None
) -> list[Work]:
    """Return all works, on masks that are made, or on real ones where there are such.

    The folder of real masks holds `camvid` with `target` and `pred-v2`, and `camvid-1920` with `target` and
    `pred`, PNG of 480 x 360 and of 1920 x 1440 pixels, the classes 0 to 10, void 11. `volume` is the shape of
    organs, `labels` a NIfTI file of many labels, such as those of a brain.
    """
    return [
        *_counting(real),
        *_logits(),
        *_updates(),
        *_folders(real),
        *_threads(real),
        _pairing(),
        _folding(),
        *_planes(real),
        *_volumes(volume, labels),
    ]


# Arrays


def _count(pairs: Pairs) -> Answer:
    cm = segscore.ConfusionMatrix(pairs.classes, ignore_index=pairs.ignore)
    for pred, target in zip(pairs.pred, pairs.target, strict=True):
        cm.update(pred=pred, target=target)
    return cm.counts


_COUNT = Way("segscore", _count)


def _counting(real: Path | None) -> list[Work]:
    # Whole datasets where there are real ones, so that masks come from memory, as they do in use.
    small = partial(_real_pairs, real, "camvid") if real else partial(scenes, SMALL, 24)
    large = partial(_real_pairs, real, "camvid-1920") if real else partial(scenes, LARGE, 3)
    made: dict[str, Callable[[], Pairs]] = {
        "480x360, uint8": small,
        "480x360, int64": lambda: small().astype("int64"),
        "1920x1440, uint8": large,
        "480x360, uint8, noise of 12 classes": lambda: noise(SMALL, 8, 12).repeated(3),
    }
    return [
        Work(
            name=f"count {name}",
            group="count",
            unit="px",
            data=lambda _, make=make: make(),
            amount=lambda pairs: pairs.pixels,
            ways=(_COUNT, *_counting_peers(uint8="uint8" in name)),
            limit=limits.READING,
        )
        for name, make in made.items()
    ]


def _counting_peers(*, uint8: bool) -> tuple[Way, ...]:
    # OpenCV's histograms take no 64-bit integers.
    return (*peers.COUNTING, peers.OPENCV) if uint8 else peers.COUNTING


def _logits() -> list[Work]:
    one = f"{class_scores.CLASSES} x {class_scores.HEIGHT} x {class_scores.WIDTH}, float32"
    height, width = class_scores.CROP
    step = f"{class_scores.BATCH} x {class_scores.CLASSES} x {height} x {width}, float16, int64 target"
    made = {
        f"logits, {one}": (class_scores.made, class_scores.WAYS),
        f"logits of a training step, {step}": (class_scores.made_batch, class_scores.ARRAYS),
    }
    return [
        Work(
            name=name,
            group="logits",
            unit="px",
            data=lambda _, make=make: make(),
            amount=lambda scored: scored.target.size,
            ways=ways,
            limit=limits.READING_SCORES,
        )
        for name, (make, ways) in made.items()
    ]


def _updates() -> list[Work]:
    sizes = {"1 pixel": ((1, 1), 100), "64x64": ((64, 64), 100), "480x360": (SMALL, 20)}

    def data(_: Path, shape: tuple[int, int], number: int) -> Pairs:
        scene = scenes(SMALL, 1)
        part = (slice(shape[0]), slice(shape[1]))
        pred, target = (np.ascontiguousarray(mask[part]) for mask in (scene.pred[0], scene.target[0]))
        return scene._replace(pred=[pred] * number, target=[target] * number)

    return [
        Work(
            name=f"update of one matrix, {name}, uint8",
            group="update",
            unit="call",
            data=partial(data, shape=shape, number=number),
            amount=lambda pairs: len(pairs.pred),
            ways=(_COUNT, *_counting_peers(uint8=True)),
        )
        for name, (shape, number) in sizes.items()
    ]


def _real_pairs(real: Path, name: str) -> Pairs:
    pred, target = _real_folders(real, name)
    names = sorted(file.name for file in target.iterdir())
    sides = [
        [np.asarray(read_mask(str(side / name), colours=False)) for name in names] for side in (pred, target)
    ]
    return Pairs(sides[0], sides[1], VOID, VOID)


def _real_folders(real: Path, name: str) -> tuple[Path, Path]:
    return real / name / ("pred-v2" if name == "camvid" else "pred"), real / name / "target"


# Folders


def _evaluate(folders: Folders) -> Answer:
    found = segscore.evaluate(
        pred=folders.pred,
        target=folders.target,
        classes=folders.classes,
        ignore_index=folders.ignore,
        threads=folders.threads,
        progress=False,
    )
    return found.confusion.counts


def _demo(scratch: Path) -> Folders:
    made = write_demo(scratch / "demo")
    return Folders(made.v2, made.target, _pixels(made.target), classes=5, ignore=5)


def _saved(scratch: Path, pairs: Pairs) -> Folders:
    """Return folders of masks that another tool wrote, so that their rows have filters of every kind."""
    from PIL import Image

    pred, target = scratch / "pred", scratch / "target"
    for side, masks in ((pred, pairs.pred), (target, pairs.target)):
        side.mkdir()
        for i, mask in enumerate(masks):
            Image.fromarray(mask).save(side / f"{i:04d}.png")
    return Folders(pred, target, pairs.pixels, pairs.classes, VOID)


def _made_folders(scratch: Path, shape: tuple[int, int], number: int) -> Folders:
    return _saved(scratch, scenes(shape, number))


def _enlarged_folders(scratch: Path, real: Path | None, shape: tuple[int, int], number: int) -> Folders:
    """Return small masks as large ones of nearest pixels, as many people keep what a model has put out."""
    pairs = scenes(SMALL, number) if real is None else _real_pairs(real, "camvid").first(number)
    return _saved(scratch, pairs.enlarged(shape))


def _read_folders(_: Path, real: Path, name: str) -> Folders:
    pred, target = _real_folders(real, name)
    return Folders(pred, target, _pixels(target), classes=VOID, ignore=VOID)


def _as_tiff(scratch: Path, data: Callable[[Path], Folders]) -> Folders:
    """Return the masks of folders in TIFF files, deflated as Pillow does it."""
    from PIL import Image

    of = data(scratch)
    sides = scratch / "tiff-pred", scratch / "tiff-target"
    for side, folder in zip(sides, (of.pred, of.target), strict=True):
        side.mkdir()
        for path in folder.iterdir():
            with Image.open(path) as mask:
                mask.save(side / f"{path.stem}.tif", compression="tiff_adobe_deflate")
    return of._replace(pred=sides[0], target=sides[1])


def _pixels(folder: Path) -> int:
    return sum(np.asarray(read_mask(str(path), colours=False)).size for path in folder.iterdir())


_EVALUATE = Way("segscore", _evaluate)


def _folders(real: Path | None) -> list[Work]:
    ways = (_EVALUATE, peers.PILLOW, peers.OPENCV_NUMBA)
    # OpenCV turns the palette of the demo's masks into colours, so it cannot score them.
    demo = _of_folders("PNG folders, 320x240, the demo", _demo, ways[:2])
    sized = _sized(real)
    tiff = _of_folders("TIFF folders, 480x360", partial(_as_tiff, data=sized["480x360"]), ways)
    return [
        demo,
        *(_of_folders(f"PNG folders, {name}", data, ways) for name, data in sized.items()),
        replace(tiff, limit=None),  # which inflates PNG
    ]


def _sized(real: Path | None) -> dict[str, Callable[[Path], Folders]]:
    enlarged = partial(_enlarged_folders, real=real, shape=STREET, number=60)
    if real is None:
        small = partial(_made_folders, shape=SMALL, number=96)
        large = partial(_made_folders, shape=LARGE, number=12)
    else:
        small = partial(_read_folders, real=real, name="camvid")
        large = partial(_read_folders, real=real, name="camvid-1920")
    return {"480x360": small, "1920x1440": large, "2048x1024": enlarged}


def _of_folders(name: str, data: Callable[[Path], Folders], ways: tuple[Way, ...]) -> Work:
    return Work(name, "folders", "px", data, lambda folders: folders.pixels, ways, limits.INFLATING)


def _threads(real: Path | None) -> list[Work]:
    one = Way("segscore, 1 thread", _evaluate)
    two = Way("segscore", lambda folders: _evaluate(folders._replace(threads=2)))
    made = [
        _of_folders(f"PNG folders, {name}, 2 threads", data, (two, one))
        for name, data in _sized(real).items()
    ]
    return [replace(work, group="threads", limit=None) for work in made]


# Files and images by the thousand


def _pairing() -> Work:
    def data(scratch: Path) -> Folders:
        for side in ("pred", "target"):
            (scratch / side).mkdir()
            for i in range(_MANY):
                (scratch / side / f"frame_{i:06d}.png").touch()
        return Folders(scratch / "pred", scratch / "target", 0, 0, 0)

    def paired(folders: Folders) -> list[tuple[str, ...]]:
        return [found[1:] for found in pair(str(folders.pred), str(folders.target)).pairs]

    ways = (Way("segscore", paired), Way("sorted listdir", peers.listed_names))
    return Work(f"pair the files of two folders of {_MANY:,}", "names", "pair", data, lambda _: _MANY, ways)


class _Images(NamedTuple):
    judge: segscore.Evaluator
    matrices: list[Answer]


def _folding() -> Work:
    def data(_: Path) -> _Images:
        # Eight classes that are all confused are 64 rows an image, about as many as real ones have.
        pairs = noise((16, 16), _MANY, 8)
        judge, matrices = segscore.Evaluator(pairs.classes), []
        for pred, target in zip(pairs.pred, pairs.target, strict=True):
            judge.add(pred=pred, target=target)
            matrices.append(peers.fast_hist(pairs._replace(pred=[pred], target=[target])))
        return _Images(judge, matrices)

    def folded(images: _Images) -> Answer:
        found = images.judge.result()
        return np.array([found.scores.mean_iou, found.mean_image_iou])

    ways = (
        Way("segscore", folded),
        Way("NumPy, image by image", lambda images: peers.image_by_image(images.matrices)),
    )
    return Work(f"fold {_MANY:,} counted images to scores", "names", "image", data, lambda _: _MANY, ways)


# Boundaries and surfaces


def _planes(real: Path | None) -> list[Work]:
    small = partial(_real_pairs, real, "camvid") if real else partial(scenes, SMALL, 24)
    large = partial(_real_pairs, real, "camvid-1920") if real else partial(scenes, LARGE, 3)
    of_scenes: dict[str, tuple[tuple[Way, ...], Callable[[Pairs], Pairs], float]] = {
        "boundary IoU": (shape_works.BANDS, lambda pairs: pairs, Work.tolerance),
        # Borders to what is not scored are no matter of others.
        "distances of scenes": (shape_works.SCENES, Pairs.scored, _INTERPOLATED),
    }
    return [
        Work(
            name=f"{name}, {size}",
            group="distances",
            unit="px",
            data=lambda _, make=make, most=most, kind=kind: kind(make().first(most)),
            amount=lambda pairs: pairs.pixels,
            ways=ways,
            tolerance=tolerance,
        )
        for name, (ways, kind, tolerance) in of_scenes.items()
        for size, make, most in (("480x360", small, 24), ("1920x1440", large, 3))
    ]


def _volumes(shape: tuple[int, ...], labels: Path | None) -> list[Work]:
    size = "x".join(map(str, shape))
    made = {
        f"{name}, {size}": (partial(make, shape=shape), ways, _ROUNDED)
        for name, (make, ways) in shape_works.VOLUMES.items()
    }
    if labels is not None:
        made["distances of the labels of a file"] = (partial(brain, labels), shape_works.HD95, _INTERPOLATED)
    return [
        Work(
            name=name,
            group="distances",
            unit="px",
            data=lambda _, make=make: make(),
            amount=lambda case: case.target.size,
            ways=ways,
            tolerance=tolerance,
        )
        for name, (make, ways, tolerance) in made.items()
    ]
