"""Files of COCO to the twelve numbers of Boundary IoU: segscore beside the API of a checkout.

`python benches/boundary_speed.py --files FOLDER` makes a dataset of objects from a fixed seed, and prints
Markdown. Answers are compared before they are printed; times are those of the processor, of one thread, the
least of some rounds.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from boundary_datasets import ASKED, SHARE, api, by_api
from instances import make
from segscore._core import Masks
from segscore.counts.coco import read_coco
from segscore.counts.widths import pixels_of


def ours(folder: Path) -> Any:
    """Return the twelve numbers of both files; those that are undefined are -1."""
    target, pred = ((folder / f"{side}.json").read_bytes() for side in ("target", "pred"))
    tables = read_coco(target, pred, band=SHARE, threads=1)
    classes = len(tables.class_ids)
    matched = ASKED.matched(tables.objects, tables.overlaps, classes=classes, bands=tables.bands, threads=1)
    return np.nan_to_num(ASKED.read(matched, tables.objects, classes=classes).numbers, nan=-1.0)


def theirs(package: Any, folder: Path) -> Any:
    """Return those of the API."""
    target, pred = (json.loads((folder / f"{side}.json").read_text()) for side in ("target", "pred"))
    return np.array(by_api(package, target, pred)[2])


def timed(rounds: int, call: Any) -> tuple[float, Any]:
    """Return the least seconds of a call, and what it returns."""
    seconds = []
    for _ in range(rounds):
        begin = process_time()
        found = call()
        seconds.append(process_time() - begin)
    return min(seconds), found


def of_masks(package: Any, folder: Path, rounds: int) -> tuple[float, float, bool]:
    """Return seconds of the bands of all predictions, and whether they are the same."""
    from pycocotools import mask as coco

    found = json.loads((folder / "pred.json").read_text())
    texts = [one["segmentation"] for one in found]
    height, width = texts[0]["size"]
    (band,) = pixels_of((SHARE,), height, width)
    to_boundary = package[2].mask_to_boundary

    def bands() -> Any:
        made = [to_boundary(coco.decode(one), SHARE) for one in texts]
        return [coco.encode(np.asfortranarray(one))["counts"] for one in made]

    mine, own = timed(
        rounds, lambda: Masks.read(height, width, [one["counts"] for one in texts]).bands(band).strings()
    )
    other, made = timed(1, bands)
    return mine, other, own == made


def main() -> int:
    """Measure, compare, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=Path, required=True, help="a folder with checkouts")
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print("| work | outlines | segscore, ms | the API, ms | times longer | the same |")
    print("|---|---|---|---|---|---|")
    agree = True
    with api(options.files) as package:
        rows = []
        for outlines, ragged in (("smooth", 0.0), ("ragged", 0.15)):
            with tempfile.TemporaryDirectory() as made:
                folder, images = Path(made), options.images if not ragged else options.images // 4
                make(folder, images, ragged)
                mine, numbers = timed(options.rounds, lambda of=folder: ours(of))
                other, those = timed(1, lambda of=folder: theirs(package, of))
                work = f"files to twelve numbers, {images:,} images"
                rows.append((work, outlines, mine, other, bool((numbers == those).all())))
                rows.append(
                    ("bands of its predictions", outlines, *of_masks(package, folder, options.rounds))
                )
    for work, outlines, mine, other, same in rows:
        agree &= same
        figures = f"{mine * 1e3:.1f} | {other * 1e3:.0f} | {other / mine:.0f} | {'yes' if same else 'NO'}"
        print(f"| {work} | {outlines} | {figures} |")
    return int(not agree)


if __name__ == "__main__":
    sys.exit(main())
