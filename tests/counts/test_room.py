"""Room for rows: where memory ends, what was counted is kept, and every other image is named."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import EvaluationError, LabelError, evaluate, load, plan
from segscore.counts import room
from support.command_line import failed, run
from support.masks_on_disk import write

FULL = "not counted: memory has room for 7 rows of pair counts of all images together"
CLASSES = "are these instance ids? segscore compares classes; where they are classes, evaluate shards of the "
HINT = f"{CLASSES}images one after the other, and merge them where there is more memory"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if memory had room for seven rows."""
    monkeypatch.setattr("segscore.counts.counting.most_rows", lambda: 7)
    yield
    room.most_rows.cache_clear()


def masks(folder: Path, suffix: str) -> dict[str, Any]:
    """Return six pairs of masks, with three rows each."""
    files = {f"{side}/{i}{suffix}": np.array([[0, 1, 2]], np.uint8) for side in "pt" for i in range(6)}
    write(folder, files)
    return {"pred": folder / "p", "target": folder / "t", "classes": 3, "progress": False}


@pytest.mark.parametrize("threads", [1, 2, 8])
@pytest.mark.parametrize("suffix", [".png", ".npy"])
def test_images_without_room_fail_and_others_are_kept(tmp_path: Path, suffix: str, threads: int) -> None:
    given = masks(tmp_path, suffix)
    some = evaluate(**given, on_error="skip", threads=threads)
    assert some.names == ("0", "1")
    assert [(failure.name, failure.message) for failure in some.failures] == [(i, FULL) for i in "2345"]
    assert {(failure.hint, failure.kind) for failure in some.failures} == {(HINT, "memory")}
    with pytest.raises(EvaluationError) as caught:
        evaluate(**given, threads=threads, groups=list("aabbcc"))
    assert str(caught.value) == (
        "4 of 6 images could not be scored:\n"
        f"  2: {FULL}\n  3: {FULL}\n  4: {FULL}\n  and 1 more: {FULL}\n"
        f"hint: {HINT}\n"
        'hint: `on_error="skip"` scores the other images, and says so\n'
        "hint: what was counted is the `evaluation` of this error"
    )
    kept = caught.value.evaluation
    assert kept == evaluate(**given, on_error="skip", groups=list("aabbcc"))
    assert kept.groups == ("a", "a")
    assert kept.files == some.files != {}


def test_shards_have_room_each(tmp_path: Path) -> None:
    whole = plan(**{name: value for name, value in masks(tmp_path, ".png").items() if name != "progress"})
    assert whole.merge(shard.evaluate() for shard in whole.shards(3)).names == tuple("012345")


def test_files_that_the_core_reads_come_before_others(tmp_path: Path) -> None:
    given = masks(tmp_path, ".png")
    for side in "pt":
        (tmp_path / side / "0.png").unlink()
        np.save(tmp_path / side / "0.npy", np.array([[0]]))
    assert evaluate(**given, on_error="skip").names == ("0", "1", "2")


def test_an_image_without_rows_of_its_own_takes_no_room(tmp_path: Path) -> None:
    given = masks(tmp_path, ".png")
    (tmp_path / "p/1.png").write_bytes(b"")
    assert evaluate(**given, on_error="skip").names == ("0", "2")


def test_where_no_image_has_room_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segscore.counts.counting.most_rows", lambda: 2)
    for on_error in ("raise", "skip"):
        with pytest.raises(EvaluationError) as caught:
            evaluate(**masks(tmp_path, ".png"), on_error=on_error)
        assert caught.value.evaluation is None
        assert len(caught.value.failures) == 6


def test_other_failures_leave_what_was_counted_too(tmp_path: Path) -> None:
    given = masks(tmp_path, ".png")
    for i in range(2, 6):
        (tmp_path / f"p/{i}.png").write_bytes(b"")
    with pytest.raises(EvaluationError) as caught:
        evaluate(**given)
    assert caught.value.evaluation == evaluate(**given, on_error="skip")
    assert "`evaluation`" not in str(caught.value)


def test_the_command_line_saves_what_was_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    masks(tmp_path, ".png")
    monkeypatch.chdir(tmp_path)
    said = failed(run("evaluate", "--pred", "p", "--target", "t", "--classes", 3, "--save", "v.npz"))
    assert said.endswith("hint: what was counted is kept where `--save` is given")
    saved = load("v.npz")
    assert (saved.names, len(saved.failures)) == (("0", "1"), 4)


def test_the_error_is_one_of_labels() -> None:
    error = room.no_room(7)
    assert (type(error), error.message, error.hint, error.kind) == (LabelError, FULL, HINT, "memory")


def test_room_is_the_memory_of_the_machine_or_of_its_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = tmp_path / "max", tmp_path / "limit"
    monkeypatch.setattr(room, "_LIMITS", (str(one), str(other)))

    def rows() -> int:
        room.most_rows.cache_clear()
        return room.most_rows()

    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert rows() == machine // 80
    one.write_text("max\n")
    other.write_text("9223372036854771712\n")
    assert rows() == machine // 80
    other.write_text("8000\n")
    assert rows() == 100
    one.write_text("800\n")
    assert rows() == 10
    one.write_bytes(b"\xff")
    other.unlink()
    monkeypatch.setattr(os, "sysconf", lambda name: -1)
    assert rows() == (8 << 30) // 80
    monkeypatch.delattr(os, "sysconf_names")
    assert rows() == (8 << 30) // 80
