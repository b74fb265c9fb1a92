"""What readers raise of files that nobody wrote so is damage; anything else is no fault of the file."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from segscore import EvaluationError, MaskError, evaluate
from segscore.io import array_files, volumes
from segscore.io.array_files import readable
from segscore.io.masks import read_mask
from support.masks_on_disk import array_file, refusal_of
from support.refused import refused
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
        ({256: ("<f4", 2.0)}, "w2 should be positive, but is -3.000000e+00"),  # a HeaderDataError of nibabel
        ({80: ("<f4", -1.0)}, "its voxels have the size (-1, 0.8, 3) by `pixdim`"),
        ({84: ("<f4", np.nan)}, "its voxels have the size (0.8, nan, 3) by `pixdim`"),
        ({88: ("<f4", np.inf)}, "its voxels have the size (0.8, 0.8, inf) by `pixdim`"),
        ({80: ("<f4", 0)}, "one of its axes goes on by (0, 0, 0), which leads nowhere"),
        ({108: ("<f4", np.inf)}, "its voxels begin at byte inf"),
        ({108: ("<f4", np.nan)}, "its voxels begin at byte nan"),
        ({40: ("<i2", 9)}, "it claims to have 9 axes"),
        ({40: ("<i2", -3)}, "it claims to have -3 axes"),
    ],
)
def test_headers_of_nifti_that_cannot_be_are_refused(
    tmp_path: Path, fields: dict[int, tuple[str, float]], said: str
) -> None:
    path = nifti(tmp_path / "a.nii", LABELS)
    content = bytearray(path.read_bytes())
    content[252:256] = np.array([1, 0], "<i2").tobytes()  # `qform` says where voxels lie, not `sform`
    for at, (dtype, value) in fields.items():
        field = np.array([value], dtype).tobytes()
        content[at : at + len(field)] = field
    path.write_bytes(content)
    assert refusal_of(path) == f"the file is damaged: {said}{AGAIN}"


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        (284, np.nan, "one of its axes goes on by (nan, 0.8, 0), which leads nowhere"),  # of `srow_x`
        (300, np.inf, "one of its axes goes on by (0, inf, 0), which leads nowhere"),
        (320, 0, "one of its axes goes on by (0, 0, 0), which leads nowhere"),
        (292, np.nan, "its first voxel lies at (nan, 4, 7), which is nowhere"),
    ],
)
@pytest.mark.parametrize("side", ["p", "t"])
def test_volumes_whose_place_is_not_known_are_not_compared(
    tmp_path: Path, at: int, value: float, said: str, side: str
) -> None:
    for one, labels in (("t", LABELS), ("p", LABELS[::-1])):
        path = nifti(tmp_path / one / "a.nii", labels)
        if one == side:
            content = bytearray(path.read_bytes())
            content[at : at + 4] = np.array([value], "<f4").tobytes()
            path.write_bytes(content)
    error = refused(EvaluationError, evaluate, pred=tmp_path / "p", target=tmp_path / "t", classes=4, dims=3)
    assert f"a: {tmp_path}/{side}/a.nii: the file is damaged: {said}{AGAIN}" in error


def test_a_checksum_of_gzip_that_is_wrong_is_damage(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii.gz", LABELS)
    content = bytearray(gzip.compress(gzip.decompress(path.read_bytes())))
    content[-8] ^= 1
    path.write_bytes(content)
    assert refusal_of(path) == (
        f"the file is damaged: Error -3 while decompressing data: incorrect data check{AGAIN}"
    )
