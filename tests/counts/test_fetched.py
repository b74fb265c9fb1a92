"""Cases that are fetched: in which order, how many at a time are counted, and as far as there is room."""

import io
import tempfile
from pathlib import Path
from threading import Lock
from time import sleep
from typing import Any

import numpy as np
import pytest

from segscore import EvaluationError, plan
from segscore.counts import counting
from segscore.io.archives import members
from support.elsewhere import PRED, TARGET, in_folder, scored, stored, tarred, with_endings
from support.masks_on_disk import array_file, png
from support.refused import refused

MASK = np.array([[0, 1, 2]], np.uint8)


@pytest.mark.parametrize(("ending", "content"), [(".png", png(MASK)), (".npy", array_file(MASK))])
@pytest.mark.parametrize("threads", [1, 8])
def test_images_without_room_fail_and_others_are_kept(
    monkeypatch: pytest.MonkeyPatch, ending: str, content: bytes, threads: int
) -> None:
    monkeypatch.setattr(counting, "most_rows", lambda: 7)
    sides = {
        side: stored(side, with_endings(dict.fromkeys("012345", content), ending)) for side in ("p", "t")
    }
    found = scored(pred=sides["p"], target=sides["t"], on_error="skip", threads=threads)
    assert found.names == ("0", "1")
    assert [(failure.name, failure.kind) for failure in found.failures] == [(i, "memory") for i in "2345"]


def test_archives_are_read_from_their_beginning_to_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "FETCHES", 1)
    names = [f"{7 * i % 10}" for i in range(10)]
    sides = [tarred(tmp_path / f"{side}.tar", {f"{name}.png": PRED["a"] for name in names}) for side in "pt"]
    pred, target = map(members, sides)
    place, read = target[0].place, []
    monkeypatch.setattr(
        type(place),
        "read",
        lambda self, blob, most, start=0: read.append((self, blob.key)) or PRED["a"][start : start + most],
    )
    found = scored(pred=pred, target=target, threads=1)
    assert found.names == tuple(sorted(names))
    assert [key for self, key in read if self is place] == [*range(10)]


@pytest.mark.parametrize("threads", [1, 3])
def test_no_more_are_counted_at_a_time_than_threads(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    lock, now, most = Lock(), 0, 0

    class Counter:
        def count(self, *_: object, **__: object) -> Any:
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            sleep(0.002)
            with lock:
                now -= 1
            return real.count((png(MASK), "p"), (png(MASK), "t"), max_pixels=9, colours=False, resize=False)

    real = counting.PngCounter()
    monkeypatch.setattr(counting, "PngCounter", Counter)
    assert len(scored(pred=[png(MASK)] * 40, target=[png(MASK)] * 40, threads=threads).names) == 40
    assert most == threads


def test_what_needs_a_file_has_one_as_long_as_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = in_folder(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "copies"))
    (tmp_path / "copies").mkdir()
    seen: list[str] = []

    def read(path: str) -> Any:
        from PIL import Image

        seen.append(path)
        return np.asarray(Image.open(io.BytesIO(Path(path).read_bytes())))

    found = scored(
        pred=[*PRED.values()],
        target=[*(tmp_path / "target").rglob("*.png")],
        read=read,
        names=["a", "b", "c"],
    )
    assert len([path for path in seen if path.startswith(str(tmp_path / "copies"))]) == 3
    assert list((tmp_path / "copies").iterdir()) == []
    assert len(found.names) == len(expected.names)


def test_where_there_is_no_room_for_a_copy_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("builtins.open", _full(open))
    found = scored(pred=[array_file(MASK), png(MASK)], target=[png(MASK)] * 2, on_error="skip")
    assert found.names == ("1",)
    assert [failure.message for failure in found.failures] == [
        f"<target>/0: cannot be copied to {tmp_path}: No space left on device"
    ]


def test_where_there_is_no_folder_for_copies_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    found = scored(pred=[array_file(MASK), png(MASK)], target=[png(MASK)] * 2, on_error="skip")
    assert [failure.message for failure in found.failures] == [
        "<target>/0: cannot be copied to /nowhere/at/all: No such file or directory"
    ]


def test_structs_of_nothing_are_failures_of_their_images() -> None:
    sides = {
        side: [{"bytes": content, "path": None} for content in files.values()]
        for side, files in (("pred", PRED), ("target", TARGET))
    }
    sides["pred"][1]["bytes"] = None
    assert plan(**sides, classes=3).digest == plan(**sides, classes=3).digest
    assert refused(EvaluationError, scored, **sides).startswith(
        "1 of 3 images could not be scored:\n  1: <pred>/1: the row has no image\n"
    )


def _full(opened: Any) -> Any:
    def full(path: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if mode == "xb":
            raise OSError(28, "No space left on device")
        return opened(path, mode, *rest, **more)

    return full
