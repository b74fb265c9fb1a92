"""Handles: the last few things are kept, and nothing of a place that nobody has any more."""

import gc
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import sleep

import pyarrow as pa
import pytest
from pyarrow import parquet

from segscore.io.archives import members
from segscore.io.blobs import Blobs
from segscore.io.columns import column
from segscore.io.handles import Handles
from support.elsewhere import PRED, tarred, with_endings, zipped


class _Place:
    """Whatever has things that are open."""


def test_the_last_few_things_are_kept() -> None:
    handles, made = Handles[str](2), []
    one, other = _Place(), _Place()

    def got(place: _Place, key: str) -> str:
        return handles.get(place, lambda: made.append(key) or key, key)

    assert [got(one, "a"), got(one, "b"), got(one, "a"), got(other, "c")] == ["a", "b", "a", "c"]
    assert made == ["a", "b", "c"]
    assert [got(one, "a"), got(one, "b"), got(other, "c")] == ["a", "b", "c"]
    assert made == ["a", "b", "c", "b", "c"]


def test_more_are_kept_as_long_as_there_is_room() -> None:
    handles, made, place = Handles[int](1, room=10, size=lambda number: number), [], _Place()

    def got(*numbers: int) -> list[int]:
        made.clear()
        for number in numbers:
            assert handles.get(place, lambda: made.append(number) or number, number) == number  # noqa: B023
        return made

    assert got(2, 3, 5, 2, 3, 5) == [2, 3, 5]
    assert got(1, 3, 5, 1) == [1]  # 2 made room for it
    assert got(50, 50) == [50]  # one is kept however large it is
    assert got(2, 3, 2, 50) == [2, 3, 50]


def test_places_that_are_gone_make_room_for_others() -> None:
    handles = Handles[object](2)
    for _ in range(5):
        handles.get(_Place(), object)
    last = _Place()
    kept = handles.get(last, object)
    assert handles.get(last, object) is kept


def test_what_raises_is_made_again() -> None:
    handles, place = Handles[int](2), _Place()
    with pytest.raises(ZeroDivisionError):
        handles.get(place, lambda: 1 // 0)
    assert handles.get(place, lambda: 7) == 7


def test_nobody_waits_for_what_somebody_else_opens() -> None:
    handles, slow, quick, made = Handles[int](4), _Place(), _Place(), []
    opening, end = Event(), Event()

    def slowly() -> int:
        made.append(1)
        opening.set()
        assert end.wait(20)
        return 1

    assert handles.get(slow, lambda: 0, "kept") == 0
    with ThreadPoolExecutor(2) as threads:
        waited = [threads.submit(handles.get, slow, slowly, "new") for _ in range(2)]
        assert opening.wait(20)
        try:
            assert handles.get(quick, lambda: 2) == 2
            assert handles.get(slow, lambda: 3, "kept") == 0
            assert not any(one.done() for one in waited)
        finally:
            end.set()
        assert [one.result() for one in waited] == [1, 1]
    assert made == [1]  # once for both


def test_things_of_one_place_are_made_one_by_one() -> None:
    handles, place, made = Handles[int](9), _Place(), []

    def make(key: int) -> int:
        made.append(key)
        sleep(0.001)
        made.append(key)
        return key

    with ThreadPoolExecutor(5) as threads:
        found = threads.map(lambda key: handles.get(place, lambda: make(key), key), range(5))
        assert [*found] == [*range(5)]
    assert made[::2] == made[1::2]


def _parquet(path: Path, files: dict[str, bytes]) -> Blobs:
    parquet.write_table(pa.table({"m": [*files.values()]}), path)
    return column(path, "m")


@pytest.mark.parametrize(
    "written",
    [
        lambda path, files: members(zipped(path.with_suffix(".zip"), files)),
        lambda path, files: members(tarred(path.with_suffix(".tar"), files)),
        _parquet,
    ],
    ids=["zip", "tar", "parquet"],
)
@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="only Linux lists what a process has open")
def test_files_are_closed_with_the_last_of_their_masks(tmp_path: Path, written: object) -> None:
    found = written(tmp_path / "a.parquet", with_endings(PRED))  # type: ignore[operator]
    assert [blob.place.read(blob, 1000) for blob in found] == [*PRED.values()]
    assert _open_in(tmp_path)
    del found
    gc.collect()
    assert not _open_in(tmp_path)


def _open_in(folder: Path) -> list[str]:
    """Return the files of a folder that this process has open."""
    links = [f"/proc/self/fd/{one}" for one in os.listdir("/proc/self/fd")]
    files = [os.readlink(link) for link in links if os.path.lexists(link)]
    return [file for file in files if file.startswith(str(folder))]
