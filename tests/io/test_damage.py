"""What readers raise of files that nobody wrote so is damage; anything else is no fault of the file."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from segscore.errors import MaskError
from segscore.io import array_files, volumes
from segscore.io.array_files import readable
from segscore.io.masks import read_mask
from support.masks_on_disk import array_file, refusal_of
from support.volumes import LABELS, nifti

AGAIN = "\nhint: write or copy the file again"


def text(header: str) -> bytes:
    """Return a ``.npy`` file with such a header."""
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()


def test_what_a_reader_lists_is_damage_and_nothing_else() -> None:
    for error in (ValueError("too short"), zlib.error("too short")):
        with pytest.raises(MaskError) as found, readable("a.npy", ValueError, zlib.error):
            raise error
        assert str(found.value) == f"a.npy: the file is damaged: too short{AGAIN}"
        assert found.value.__cause__ is error
    with pytest.raises(MaskError) as found, readable("a.npy"):
        raise PermissionError(13, "Permission denied")
    assert str(found.value) == (
        "a.npy: cannot be read: Permission denied\nhint: check that the file is there and readable"
    )
    own = MaskError("a.npy: no labels")
    errors = (KeyError("shape"), AssertionError("a bug"), MemoryError(), KeyboardInterrupt(), own)
    for error in (*errors, EOFError("of another reader")):
        with pytest.raises(type(error)) as kept, readable("a.npy", ValueError, zlib.error):
            raise error
        assert kept.value is error


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.nii", "a.tif", "a.bmp"])
def test_a_bug_of_a_reader_is_not_called_damage(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise AttributeError("a bug")

    np.save(tmp_path / "a.npy", LABELS[0])
    np.savez(tmp_path / "a.npz", LABELS[0])
    (tmp_path / "a.tif").touch()
    (tmp_path / "a.bmp").touch()
    nifti(tmp_path / "a.nii", LABELS)
    monkeypatch.setattr(array_files, "_looked_into", wrong)
    monkeypatch.setattr(volumes, "_header", wrong)
    monkeypatch.setattr("segscore.io.tiff.read_tiff", wrong)
    monkeypatch.setattr("segscore.io.bitmaps.read_bitmap", wrong)
    with pytest.raises(AttributeError, match="a bug"):
        read_mask(str(tmp_path / name), colours=False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (text("-" * 9000 + "1"), "its header is nested too deeply"),
        (text("{[]: 1}"), "unhashable type: 'list'"),
        # What Python says of these hangs on its version.
        (text("1" + "+1" * 4000), ""),
        (text("{'descr': '|u1', ("), ""),
    ],
)
def test_headers_of_arrays_that_python_cannot_read(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    found = refusal_of(tmp_path / "a.npy")
    assert found.startswith("the file is damaged: ")
    assert said in found
    assert found.endswith(AGAIN)


def encrypted(content: bytearray) -> None:
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(start) + flags] |= 1


def version(content: bytearray) -> None:
    content[content.find(b"PK\x01\x02") + 6] = 255


def wrong_sum(content: bytearray) -> None:
    content[content.find(b"NUMPY") + 125] ^= 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (encrypted, "is encrypted, password required for extraction"),
        (version, "zip file version 25.5"),
        (wrong_sum, "Bad CRC-32 for file 'arr_0.npy'"),
    ],
)
def test_archives_that_cannot_be_unpacked(
    tmp_path: Path, change: Callable[[bytearray], None], said: str
) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("arr_0.npy", array_file(LABELS[0]))
    content = bytearray(file.getvalue())
    change(content)
    (tmp_path / "a.npz").write_bytes(content)
    found = refusal_of(tmp_path / "a.npz")
    assert found.startswith("the file is damaged: ")
    assert found.endswith(f"{said}{AGAIN}")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({80: ("<f4", -1.0)}, "pixdims[1,2,3] should be positive"),  # a HeaderDataError of nibabel
        ({256: ("<f4", 2.0)}, "w2 should be positive, but is -3.000000e+00"),  # of a quaternion
        ({108: ("<f4", np.inf)}, "cannot convert float infinity to integer"),
        ({108: ("<f4", np.nan)}, "cannot convert float NaN to integer"),
    ],
)
def test_headers_that_nibabel_refuses(
    tmp_path: Path, fields: dict[int, tuple[str, float]], said: str
) -> None:
    path = nifti(tmp_path / "a.nii", LABELS)
    content = bytearray(path.read_bytes())
    content[252:256] = np.array([1, 0], "<i2").tobytes()  # `qform` says where voxels lie, not `sform`
    for at, (dtype, value) in fields.items():
        content[at : at + 4] = np.array([value], dtype).tobytes()
    path.write_bytes(content)
    assert refusal_of(path) == f"the file is damaged: {said}{AGAIN}"


def test_a_checksum_of_gzip_that_is_wrong_is_damage(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii.gz", LABELS)
    content = bytearray(gzip.compress(gzip.decompress(path.read_bytes())))
    content[-8] ^= 1
    path.write_bytes(content)
    assert refusal_of(path) == (
        f"the file is damaged: Error -3 while decompressing data: incorrect data check{AGAIN}"
    )
