"""Masks that are elsewhere: they come to what they come to in folders, and each fault is that of an image."""

import io
import pickle
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any, ClassVar

import fsspec
import numpy as np
import pytest

from segscore import (
    ArgumentError,
    Classes,
    EvaluationError,
    Evaluator,
    MaskError,
    PairingError,
    SegscoreWarning,
    audit,
    plan,
)
from segscore.counts.labels_found import find_labels
from segscore.io.fetched import FETCHES
from support.elsewhere import (
    NAMES,
    PRED,
    TARGET,
    Quiet,
    in_folder,
    scored,
    served,
    stored,
    tarred,
    with_endings,
    zipped,
)
from support.masks_on_disk import PALETTE, array_file, png, write
from support.refused import refused

SIDES = {"pred": PRED, "target": TARGET}
BY_NAME: dict[str, Callable[[Path], dict[str, Any]]] = {
    "folders of a store": lambda _: {"pred": "memory://pred", "target": "memory://target"},
    "patterns": lambda _: {"pred": "memory://pred/**/*.png", "target": "memory://target/**"},
    "one side": lambda folder: {"pred": "memory://pred", "target": folder / "target"},
    "a list beside a folder": lambda _: {
        "pred": [f"memory://pred/{name}.png" for name in reversed(NAMES)],
        "target": "memory://target",
    },
    "files of this machine": lambda folder: {
        "pred": f"file://{folder}/pred",
        "target": f"file://{folder}/target/**/*.png",
    },
    "archives": lambda folder: {"pred": str(folder / "pred.zip"), "target": folder / "target.tar"},
    "chains": lambda folder: {
        "pred": f"zip://::file://{folder}/pred.zip",
        "target": f"tar://**/*.png::file://{folder}/target.tar",
    },
}
"""What sides may be given as, where they are matched by name."""


@pytest.mark.parametrize("way", BY_NAME)
def test_it_does_not_matter_where_masks_are(tmp_path: Path, way: str) -> None:
    expected = in_folder(tmp_path)
    for side, files in SIDES.items():
        stored(side, with_endings(files))
    zipped(tmp_path / "pred.zip", with_endings(PRED))
    tarred(tmp_path / "target.tar", with_endings(TARGET))
    options = BY_NAME[way](tmp_path)
    for threads in (1, 3):
        found = scored(**options, threads=threads)
        assert (found.names, found.table) == (expected.names, expected.table)
    assert audit(**options, classes=3, progress=False).truth.images == 3
    assert find_labels(**options, progress=False).images == 3


def _opened(folder: Path, side: str) -> list[object]:
    return [(folder / side / f"{name}.png").open("rb") for name in NAMES]


BY_POSITION: dict[str, tuple[Callable[[Path, str], list[object]], tuple[str, ...]]] = {
    "addresses": (lambda _, side: [f"memory://{side}/{name}.png" for name in NAMES], ("a", "c", "d")),
    "files of fsspec": (lambda _, side: fsspec.open_files(f"memory://{side}/**/*.png"), ("a", "c", "d")),
    "paths of archives": (
        lambda folder, side: [zipfile.Path(folder / f"{side}.zip", f"{name}.png") for name in NAMES],
        ("a", "c", "d"),
    ),
    "paths": (lambda folder, side: [folder / side / f"{name}.png" for name in NAMES], ("a", "c", "d")),
    "open files": (_opened, ("a", "c", "d")),
    "open files without a name": (
        lambda _, side: [io.BytesIO(SIDES[side][name]) for name in NAMES],
        ("0", "1", "2"),
    ),
    "bytes": (lambda _, side: [SIDES[side][name] for name in NAMES], ("0", "1", "2")),
    "structs": (
        lambda _, side: [{"bytes": SIDES[side][name], "path": f"{name}.png"} for name in NAMES],
        ("a", "c", "d"),
    ),
    "structs without bytes": (
        lambda folder, side: [{"bytes": None, "path": str(folder / side / f"{name}.png")} for name in NAMES],
        ("a", "c", "d"),
    ),
}
"""What items of lists may be, and what their images are called."""


@pytest.mark.parametrize("way", BY_POSITION)
def test_items_of_lists_may_be_anything_that_opens_as_bytes(tmp_path: Path, way: str) -> None:
    expected = in_folder(tmp_path)
    for side, files in SIDES.items():
        stored(side, with_endings(files))
        zipped(tmp_path / f"{side}.zip", with_endings(files))
    make, names = BY_POSITION[way]
    sides = {side: make(tmp_path, side) for side in SIDES}
    found = scored(**sides)
    assert (found.names, found.table) == (names, expected.table)
    assert scored(**sides) == found  # files are read from their beginning
    beside = scored(**sides, names=["x", "y", "z"])
    assert (beside.names, beside.table) == (("x", "y", "z"), expected.table)
    for item in (*sides["pred"], *sides["target"]):
        if isinstance(item, io.BufferedReader):
            item.close()


def test_bytes_beside_arrays_are_images_of_the_same_position(tmp_path: Path) -> None:
    expected = in_folder(tmp_path)
    arrays = [np.load(io.BytesIO(array_file(np.asarray(_labels(content))))) for content in TARGET.values()]
    assert scored(pred=[*PRED.values()], target=arrays).table == expected.table


def _labels(content: bytes) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(content))


def test_files_of_other_kinds_are_read_as_those_of_this_machine_are(tmp_path: Path) -> None:
    expected = in_folder(tmp_path)
    arrays = {f"{name}.npy": array_file(np.asarray(_labels(content))) for name, content in PRED.items()}
    pictures = {}
    for name, content in TARGET.items():
        file = io.BytesIO()
        _labels(content).save(file, "TIFF")
        pictures[f"{name}.tif"] = file.getvalue()
    found = scored(pred=stored("arrays", arrays), target=stored("pictures", pictures))
    assert (found.names, found.table) == (expected.names, expected.table)
    # Without a name, they say themselves what they are.
    assert scored(pred=[*arrays.values()], target=[*pictures.values()]).table == expected.table


def test_kinds_that_are_not_read_and_odd_names_are_said_as_of_files(tmp_path: Path) -> None:
    files = {"pred": {**with_endings(PRED), "e.jpg": b"", "f.jpg": b""}, "target": with_endings(TARGET)}
    for side in SIDES:
        files[side] = {**files[side], "e.png": PRED["a"]} if side == "target" else files[side]
        files[side]["odd\n\u202e%3F name?.png"] = PRED["a"]
        write(tmp_path / side, files[side])
    options = {"on_error": "skip"}
    here = scored(**{side: tmp_path / side for side in SIDES}, **options)
    there = scored(**{side: stored(side, files[side]) for side in SIDES}, **options)
    packed = scored(**{side: zipped(tmp_path / f"{side}.zip", files[side]) for side in SIDES}, **options)
    for found, where in ((there, "memory://pred"), (packed, f"{tmp_path}/pred.zip")):
        assert (found.names, found.table, found.extra) == (here.names, here.table, here.extra)
        assert found.provenance["left_out"] == here.provenance["left_out"]
        assert [one.name for one in found.failures] == [one.name for one in here.failures] == ["e"]
        assert found.failures[0].message == here.failures[0].message.replace(f"{tmp_path}/pred", where)
    assert len(here.names) == 4


def test_a_file_for_each_class_may_be_elsewhere(tmp_path: Path) -> None:
    files = {
        f"{name}_{k}.png": np.asarray(_labels(content)) == k
        for name, content in TARGET.items()
        for k in (1, 2)
    }
    write(tmp_path / "target", files)
    there = {name: (tmp_path / "target" / name).read_bytes() for name in files}
    options = {"pred": stored("pred", with_endings(PRED)), "classes": ["background", "1", "2"]}
    expected = scored(**options, target=tmp_path / "target", pairing="{id}:{id}_{class}")
    found = scored(**options, target=stored("parts", there), pairing="{id}:{id}_{class}")
    assert (found.names, found.table) == (expected.names, expected.table)


def test_a_function_reads_what_is_in_memory_and_is_given_addresses_as_they_are(tmp_path: Path) -> None:
    expected = in_folder(tmp_path)

    def read(path: str) -> Any:
        return np.asarray(_labels(Path(path).read_bytes()))

    found = scored(pred=[*PRED.values()], target=[*TARGET.values()], read=read)
    assert found.table == expected.table
    seen: list[str] = []
    scored(pred="s3://p/a", target="s3://t/a", read=lambda path: seen.append(path) or np.zeros((1, 1), int))
    assert sorted(seen) == ["s3://p/a", "s3://t/a"]
    options = {"pred": "s3://p/a", "target": "s3://t/a", "read": read, "storage_options": {}}
    assert refused(ArgumentError, scored, **options) == (
        "`storage_options` is given with `read`, which reads addresses itself\nhint: leave one of them out"
    )


def test_what_cannot_be_fetched_is_a_failure_of_its_image(tmp_path: Path) -> None:
    there = with_endings(PRED)
    del there["a.png"]
    sides = {
        "pred": [f"{stored('pred', there)}/{name}.png" for name in NAMES],
        "target": [f"{stored('target', with_endings(TARGET))}/{name}.png" for name in NAMES],
    }
    fsspec.filesystem("memory").pipe("/target/b/d.png", b"")
    assert refused(EvaluationError, scored, **sides) == (
        "2 of 3 images could not be scored:\n"
        "  a: memory://pred/a.png: there is no such file\n"
        "  d: memory://target/b/d.png: expected a PNG, found an empty file\n"
        "hint: check that the file is there and readable\n"
        "hint: write or copy the file again\n"
        'hint: `on_error="skip"` scores the other images, and says so'
    )
    found = scored(**sides, on_error="skip")
    assert (found.names, len(found.failures)) == (("c",), 2)


def test_shards_are_small_and_fetch_in_the_worker(tmp_path: Path) -> None:
    many = {f"{i:05}_leftImg8bit_of_a_long_name.png": PRED["a"] for i in range(200)}
    made = plan(pred=stored("many", many), target=stored("alike", many), classes=3)
    (shard,) = made.shards(1)
    sent = pickle.dumps(shard)
    assert len(sent) < 250 * len(many)
    here = made.whole().evaluate().evaluation
    assert made.merge([pickle.loads(sent).evaluate()]) == here
    assert here.names == tuple(sorted(name.removesuffix(".png") for name in many))


def test_plans_are_told_apart_by_addresses_sizes_and_bytes() -> None:
    alike = [png(np.full((2, 3), i)) for i in (1, 2)]
    assert len(alike[0]) == len(alike[1])
    digests = [plan(pred=[PRED["a"]], target=[side], classes=3).digest for side in alike]
    target = [f"{stored('target', with_endings(TARGET))}/a.png"]
    for where, content in (("one", PRED["a"]), ("other", PRED["a"]), ("one", PRED["a"] + b"more")):
        there = f"{stored(where, {'a.png': content})}/*.png"
        digests.append(plan(pred=there, target=target, classes=3, pairing="{id}").digest)
    assert len({*digests}) == 5
    assert plan(pred=[PRED["a"]], target=[alike[1]], classes=3).digest == digests[1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            "memory://nowhere",
            "`pred`: expected a folder, a file or a glob pattern, found nothing at memory://nowhere\n"
            "hint: check the address, and that you may list what is there",
        ),
        (
            "memory://texts",
            "`pred`: expected mask files (.bmp, .gif, .mha, .mhd, .nhdr, .nii, .nii.gz, .npy, .npz, .nrrd, "
            ".pbm, .pgm, .png, .pnm, .ppm, .tif, .tiff, .webp) in memory://texts, found 1 of other kinds, "
            "such as a.txt\n"
            "hint: save masks as PNG, or read other formats with `read=`, a function from a path to an array",
        ),
    ],
)
def test_what_is_not_found_is_said(given: str, said: str) -> None:
    stored("texts", {"a.txt": b""})
    stored("target", with_endings(TARGET))
    assert refused(PairingError, scored, pred=given, target="memory://target") == said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"pred": "nothing-of-the-kind://x"},
            "nothing-of-the-kind://x cannot be opened: ValueError: Protocol not known: nothing-of-the-kind\n"
            "hint: check the address, and that you may list what is there",
        ),
        (
            {"pred": "memory://pred", "storage_options": "anon"},
            "`storage_options` is of type str, expected a mapping of options of fsspec by their names\n"
            'hint: such as `{"anon": True}`',
        ),
    ],
)
def test_what_cannot_be_opened_is_said(options: dict[str, Any], said: str) -> None:
    assert refused(ArgumentError, scored, target=[b""], **options) == said


def test_without_fsspec_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("fsspec", "fsspec.core", "fsspec.archive"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    assert refused(ArgumentError, scored, pred="s3://me:word@b/pred", target=[b""]) == (
        "s3://b/pred is opened by fsspec, which is not installed\n"
        "hint: `pip install 'segscore[remote]'` brings it"
    )


class _Slow(Quiet):
    """Answers after a while, and counts how many wait for it."""

    waiting: ClassVar[set[int]] = set()
    most: ClassVar[int] = 0

    def do_GET(self) -> None:
        """Answer later."""
        self.waiting.add(id(self))
        _Slow.most = max(self.most, len(self.waiting))
        sleep(0.03)
        self.waiting.discard(id(self))
        super().do_GET()


def test_fetches_overlap_and_are_bounded_and_order_is_nothing(tmp_path: Path) -> None:
    names = [f"{i:02}" for i in range(40)]
    for side, seed in (("pred", 1), ("target", 2)):
        labels = np.random.default_rng(seed).integers(0, 3, (len(names), 5, 7))
        write(tmp_path / side, {f"{name}.png": mask for name, mask in zip(names, labels, strict=True)})
    (tmp_path / "pred" / "07.png").write_bytes(b"no mask")
    (tmp_path / "target" / "31.png").unlink()
    expected = scored(
        pred=[tmp_path / "pred" / f"{name}.png" for name in names],
        target=[tmp_path / "target" / f"{name}.png" for name in names],
        on_error="skip",
    )
    done: list[tuple[int, int]] = []
    with served(tmp_path, _Slow) as host:
        sides = {side: [f"{host}/{side}/{name}.png" for name in names] for side in SIDES}
        for threads in (1, 2, 5):
            options = {"threads": threads, "progress": lambda *now: done.append(now), "on_error": "skip"}
            found = scored(**sides, **options)
            assert (found.names, found.table) == (expected.names, expected.table)
            assert [failure.name for failure in found.failures] == ["07", "31"]
            assert done[-1] == (40, 40)
            assert done == sorted(done)
            done.clear()
    assert 8 < _Slow.most <= FETCHES


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_bytes_of_other_types_are_a_file_as_well(tmp_path: Path, kind: type) -> None:
    expected = in_folder(tmp_path)
    found = scored(pred=[*map(kind, PRED.values())], target=[*TARGET.values()])
    assert found.table == expected.table


def test_an_evaluator_takes_bytes_as_they_come_from_a_shard(tmp_path: Path) -> None:
    expected = in_folder(tmp_path)
    judge, of_arrays = Evaluator(3), Evaluator(3)
    for name in NAMES:
        judge.add(pred=PRED[name], target=io.BytesIO(TARGET[name]), name=name)
        struct = {"bytes": None, "path": str(tmp_path / "target" / f"{name}.png")}
        of_arrays.add(pred=np.asarray(_labels(PRED[name])), target=struct, name=name)
    assert judge.result().table == of_arrays.result().table == expected.table
    assert refused(MaskError, judge.add, pred=b"no mask", target=TARGET["a"]) == (
        "pred.png: expected a PNG, found a file of another kind\n"
        "hint: rename the file to its true type, or give `read=` a function that reads it"
    )


def test_palettes_of_bytes_say_what_they_say_in_files(tmp_path: Path) -> None:
    labels = np.random.default_rng(1).integers(0, 3, (5, 7))
    colours = [[0, 0, 0], [255, 0, 0], [0, 255, 0]]
    turned = png(labels, colour=PALETTE, palette=[colours[i] for i in (2, 0, 1)])
    classes = Classes(["a", "b", "c"], colours=dict(enumerate(colours)))
    judge, target = Evaluator(classes), png((labels + 2) % 3, colour=PALETTE, palette=colours)
    with warnings.catch_warnings(category=SegscoreWarning, action="ignore"):  # of colours that decide
        judge.add(pred=turned, target=target)
        result, whole = judge.result(), scored(pred=[turned], target=[target], classes=classes)
    assert result.doubts == whole.doubts != ()
    assert result.scores.pixel_accuracy == whole.scores.pixel_accuracy == 1
