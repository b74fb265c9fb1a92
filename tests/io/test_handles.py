"""Handles: the last few things are kept, and nothing of a place that nobody has any more."""

import gc
import os
from pathlib import Path

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
