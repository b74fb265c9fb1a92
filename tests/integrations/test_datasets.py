"""Datasets of Hugging Face: their images are masks, whichever rows are chosen and in whatever order."""

import pickle
from pathlib import Path

from support.loops import needed

needed("datasets")

import datasets

from segscore.io.columns import column
from support.elsewhere import NAMES, PRED, in_folder, scored


def test_images_of_a_dataset_are_masks_as_they_were_written(tmp_path: Path) -> None:
    expected = in_folder(tmp_path)
    images = {side: datasets.Image() for side in ("pred", "target")}
    rows = {
        "id": list(NAMES),
        "pred": [{"bytes": content, "path": None} for content in PRED.values()],
        "target": [str(tmp_path / "target" / f"{name}.png") for name in NAMES],  # which it reads later
    }
    features = datasets.Features({"id": datasets.Value("string"), **images})
    whole = datasets.Dataset.from_dict(rows, features=features)
    for chosen in (whole, whole.select([2, 0, 1]), whole.shuffle(seed=1)):
        found = scored(**{side: column(chosen, side, names="id") for side in images})
        assert (found.names, found.table) == (expected.names, expected.table)
    some = column(whole.filter(lambda row: row["id"] != "a"), "pred", names="id")
    assert some.files == ("b/c.png", "b/d.png")
    assert [blob.place.read(blob, 9999) for blob in pickle.loads(pickle.dumps(some))] == [
        PRED["b/c"],
        PRED["b/d"],
    ]
