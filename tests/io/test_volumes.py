"""Volumes in files: NIfTI, NRRD and MetaImage are read as other programs read them, or refused."""

import gzip
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from segscore import EvaluationError, MaskError, SegscoreError, _core, evaluate
from segscore.io.kinds import split_suffix
from segscore.io.masks import read_mask
from segscore.io.volumes import grid_of
from support import hints
from support.masks_on_disk import Array, refusal_of
from support.refused import refused
from support.volumes import LABELS, SPACING, affine, itk, nifti

AGAIN = "\nhint: write or copy the file again"
MORE = f"the volume is damaged: it holds more than the 210 bytes that its header promises{AGAIN}"
AS_NIFTI = "\nhint: save the labels as one volume of integers, such as `.nii.gz`"


def read(path: Path, **options: object) -> Array:
    return np.asarray(read_mask(str(path), colours=False, **options))


# What is read


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("version", [1, 2])
def test_labels_of_nifti_are_those_that_nibabel_reads(
    tmp_path: Path, name: str, dtype: str, order: str, version: int
) -> None:
    of_header, of_image = (
        (nib.Nifti1Header, nib.Nifti1Image) if version == 1 else (nib.Nifti2Header, nib.Nifti2Image)
    )
    labels = LABELS.astype(order + dtype)
    image = of_image(labels, affine(), of_header(endianness=order), dtype=labels.dtype)
    nib.save(image, tmp_path / name)
    found = read(tmp_path / name)
    assert found.dtype.kind in "iu"
    np.testing.assert_array_equal(found, np.asanyarray(nib.load(tmp_path / name).dataobj))
    assert grid_of(str(tmp_path / name)).spacing == SPACING


@pytest.mark.parametrize("name", ["a.nrrd", "a.nhdr", "a.mha", "a.mhd", "a.nii.gz"])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_labels_and_places_are_those_that_simpleitk_wrote(
    tmp_path: Path, name: str, compressed: bool, dtype: str
) -> None:
    path = itk(tmp_path / name, LABELS.astype(dtype), compressed=compressed)
    found = read(path)
    assert found.dtype.kind in "iu"
    np.testing.assert_array_equal(found, LABELS)
    np.testing.assert_array_equal(found.T, sitk.GetArrayFromImage(sitk.ReadImage(str(path))))
    grid, same = grid_of(str(path)), grid_of(str(nifti(tmp_path / "same.nii", LABELS)))
    assert grid.spacing == same.spacing == SPACING
    np.testing.assert_allclose(grid.directions, same.directions, atol=1e-6)
    np.testing.assert_allclose(grid.origin, same.origin, atol=1e-5)


def test_oblique_places_are_the_same_in_all_formats(tmp_path: Path) -> None:
    image = sitk.ReadImage(str(nifti(tmp_path / "a.nii", LABELS, affine(turn=0.4))))
    for name in ("b.nrrd", "b.mha"):
        sitk.WriteImage(image, str(tmp_path / name))
        found, same = grid_of(str(tmp_path / name)), grid_of(str(tmp_path / "a.nii"))
        np.testing.assert_allclose(found.directions, same.directions, atol=1e-6)
        np.testing.assert_allclose(found.origin, same.origin, atol=1e-5)
        assert found.spacing == same.spacing


def test_one_time_point_is_a_volume_and_several_are_none(tmp_path: Path) -> None:
    for name, times in (("one.nii", 1), ("two.nii", 2)):
        nifti(tmp_path / name, np.stack([LABELS] * times, axis=-1))
    assert read(tmp_path / "one.nii").shape == (7, 6, 5)
    assert refusal_of(tmp_path / "two.nii") == (
        "expected one volume of labels, found 4 axes of shape (7, 6, 5, 2)\n"
        "hint: save each time point, channel or layer as a file of its own"
    )


def test_scales_are_applied_where_there_are_some(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii", LABELS)
    content = bytearray(path.read_bytes())
    content[112:120] = np.array([2, -1], "<f4").tobytes()  # scl_slope and scl_inter
    path.write_bytes(content)
    np.testing.assert_array_equal(read(path), LABELS.astype(int) * 2 - 1)
    for slope in (0, np.nan):
        content[112:116] = np.array([slope], "<f4").tobytes()
        path.write_bytes(content)
        np.testing.assert_array_equal(read(path), LABELS)


def test_floats_that_nibabel_spread_over_integers_are_labels(tmp_path: Path) -> None:
    image = nib.Nifti1Image(LABELS.astype(np.float64) * 7, affine())
    image.set_data_dtype(np.int16)
    nib.save(image, tmp_path / "a.nii")
    assert (nib.load(tmp_path / "a.nii").get_fdata() != LABELS * 7).any()
    np.testing.assert_array_equal(read(tmp_path / "a.nii"), LABELS * 7)


@pytest.mark.parametrize("value", [0.5, np.nan, np.inf, 3e9, 1 + 1e-6])
def test_numbers_that_are_no_labels_are_named(tmp_path: Path, value: float) -> None:
    values = LABELS.astype(np.float64)
    values[3, 2, 1] = value
    assert refusal_of(nifti(tmp_path / "a.nii", values)) == (
        f"expected labels, found {value:.7g} among the values\n"
        "hint: labels are whole numbers: save the labels as integers; of probabilities, the highest wins"
    )


def test_members_of_gzip_are_taken_as_one(tmp_path: Path) -> None:
    content = nifti(tmp_path / "a.nii", LABELS).read_bytes()
    two = gzip.compress(content[:400]) + gzip.compress(content[400:])
    (tmp_path / "b.nii.gz").write_bytes(two)
    (tmp_path / "c.nii.gz").write_bytes(two + gzip.compress(b""))  # as bgzip ends files
    (tmp_path / "d.nii").write_bytes(gzip.compress(content))  # as its first bytes say
    (tmp_path / "e.nii.gz").write_bytes(gzip.compress(content) + b"behind")
    for name in ("b.nii.gz", "c.nii.gz", "d.nii", "e.nii.gz"):
        np.testing.assert_array_equal(read(tmp_path / name), LABELS)


def test_no_more_is_read_than_voxels_may_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = nifti(tmp_path / "a.nii", LABELS).read_bytes()
    sizes = []
    inflate = _core.inflate
    monkeypatch.setattr(
        _core, "inflate", lambda data, *rest, **how: sizes.append(len(data)) or inflate(data, *rest, **how)
    )
    for name, packed in (("b.nii.gz", gzip.compress(content)), ("c.nii.gz", gzip.compress(content, 0))):
        with open(tmp_path / name, "wb") as file:
            file.write(packed)
            file.truncate(1 << 30)  # which takes no place on a disk
        np.testing.assert_array_equal(read(tmp_path / name), LABELS)
    more = np.random.default_rng(3).bytes(4 << 20)
    (tmp_path / "d.nii.gz").write_bytes(gzip.compress(content + more))
    assert refusal_of(tmp_path / "d.nii.gz") == MORE
    assert max(sizes) == 2 * len(content) + (1 << 20)


@pytest.mark.parametrize("gap", [b"", b"xyz"])
@pytest.mark.parametrize("compressed", [False, True])
def test_metaimages_say_where_voxels_begin(tmp_path: Path, gap: bytes, compressed: bool) -> None:
    path = itk(tmp_path / "a.mha", LABELS, compressed=compressed)
    last = b"ElementDataFile = LOCAL\n"
    header, voxels = path.read_bytes().split(last)
    begin = len(header) + len(b"HeaderSize = 0000\n") + len(last) + len(gap)
    path.write_bytes(header + f"HeaderSize = {begin:04}\n".encode() + last + gap + voxels)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(sitk.ReadImage(path)).T, LABELS)
    np.testing.assert_array_equal(read(path), LABELS)


def test_extensions_of_headers_are_passed_over(tmp_path: Path) -> None:
    image = nib.Nifti1Image(LABELS, affine())
    image.header.extensions.append(nib.nifti1.Nifti1Extension(6, b"remarks" * 1000))
    nib.save(image, tmp_path / "a.nii.gz")
    np.testing.assert_array_equal(read(tmp_path / "a.nii.gz"), LABELS)


# What is refused


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.nrrd", "a.mha"])
@pytest.mark.parametrize("compressed", [False, True])
def test_files_that_are_cut_off_anywhere_are_refused(tmp_path: Path, name: str, compressed: bool) -> None:
    labels = np.random.default_rng(1).integers(0, 256, (5, 6, 7)).astype(np.uint8)
    whole = itk(tmp_path / name, labels, compressed=compressed).read_bytes()
    np.testing.assert_array_equal(read(tmp_path / name), labels)
    for end in range(0, len(whole), 7):
        (tmp_path / name).write_bytes(whole[:end])
        with pytest.raises(MaskError, match=r"empty|truncated|damaged|something else|cannot be read|beside"):
            read(tmp_path / name)


@pytest.mark.parametrize("name", ["a.nii.gz", "a.nrrd", "a.mha"])
def test_a_bit_that_was_changed_is_never_a_wrong_voxel(tmp_path: Path, name: str) -> None:
    labels = np.kron(np.random.default_rng(4).integers(0, 5, (4, 5, 6)), np.ones((4, 4, 4))).astype(np.uint8)
    whole = itk(tmp_path / name, labels, compressed=True).read_bytes()
    start = {"a.nii.gz": 0, "a.nrrd": whole.find(b"\n\n") + 2, "a.mha": whole.find(b"LOCAL\n") + 6}[name]
    packed, refused = whole[start:], 0
    for at in range(100, len(packed), 3):
        content = bytearray(packed)
        content[at] ^= 1 << at % 8
        (tmp_path / name).write_bytes(whole[:start] + content)
        try:
            found = read(tmp_path / name)
        except MaskError:
            refused += 1
        else:
            np.testing.assert_array_equal(found, labels)
    assert refused > 40


@pytest.mark.parametrize(
    ("name", "begin", "unpack", "pack"),
    [
        ("a.nii", b"", bytes, bytes),
        ("a.nii.gz", b"\x1f\x8b", gzip.decompress, gzip.compress),
        ("a.nrrd", b"", bytes, bytes),
        ("a.nrrd", b"\x1f\x8b", gzip.decompress, gzip.compress),
        ("a.nhdr", b"", bytes, bytes),
        ("a.mha", b"", bytes, bytes),
        ("a.mha", b"x^", zlib.decompress, zlib.compress),
        ("a.mhd", b"", bytes, bytes),
    ],
)
@pytest.mark.parametrize("more", [(b"\1", b""), (b"", b"\0"), (b"", b"more" * 100_000)])
def test_voxels_are_never_read_one_byte_off(
    tmp_path: Path,
    name: str,
    begin: bytes,
    unpack: Callable[[bytes], bytes],
    pack: Callable[[bytes], bytes],
    more: tuple[bytes, bytes],
) -> None:
    path, voxels = itk(tmp_path / name, LABELS, compressed=bool(begin)), LABELS.tobytes("F")
    held = path.with_suffix(".raw") if name in ("a.nhdr", "a.mhd") else path
    content = held.read_bytes()
    start = content.index(begin)
    found = unpack(content[start:])
    assert found.count(voxels) == 1
    held.write_bytes(content[:start] + pack(found.replace(voxels, voxels.join(more))))
    assert refusal_of(path) == MORE


def test_voxels_in_members_of_gzip_are_never_read_one_byte_off(tmp_path: Path) -> None:
    content = nifti(tmp_path / "a.nii", LABELS).read_bytes()
    content = content[:352] + b"\1" + content[352:]
    for end in (400, 500):
        (tmp_path / "b.nii.gz").write_bytes(gzip.compress(content[:end]) + gzip.compress(content[end:]))
        assert refusal_of(tmp_path / "b.nii.gz") == MORE


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.nrrd", "a.mha"])
def test_files_that_were_changed_at_random_are_read_or_refused(tmp_path: Path, name: str) -> None:
    whole = itk(tmp_path / name, LABELS, compressed=True).read_bytes()
    random, outcomes = np.random.default_rng(2), set()
    for _ in range(300):
        content = bytearray(whole)
        for at in random.integers(0, min(len(content), 420), random.integers(1, 4)):
            content[at] = random.integers(0, 256)
        (tmp_path / name).write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                outcomes.add(read(tmp_path / name, max_pixels=1000).size <= 1000)
            except SegscoreError as error:
                outcomes.add(type(error))
    assert outcomes == {True, MaskError}


def test_headers_that_claim_much_cost_nothing(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii.gz", LABELS)
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[40:56] = np.array([3, 600, 600, 600, 1, 1, 1, 1], "<i2").tobytes()
    path.write_bytes(gzip.compress(content))
    assert refusal_of(path, max_pixels=1 << 20) == (
        f"(600, 600, 600) is more than max_pixels = 1,048,576\nhint: {hints.LARGE}"
    )
    most = (len(path.read_bytes())) * 1032 - 352
    assert refusal_of(path) == f"the volume is truncated: {most:,} of 216,000,000 bytes can be read{AGAIN}"


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (0, "<i4 7", "expected a NIfTI file, found something else"),
        (344, "S3 ni1", f"expected header and voxels in one NIfTI file, found a header alone{AS_NIFTI}"),
        (70, "<i2 128", f"expected labels, found colours{AS_NIFTI}"),
        (70, "<i2 32", f"expected labels, found complex64{AS_NIFTI}"),
        (70, "<i2 77", f"expected integers, found data of code 77{AS_NIFTI}"),
        (108, "<f4 1e30", f"the file is damaged: its voxels begin at byte {int(np.float32(1e30)):,}{AGAIN}"),
        (42, "<i2 0", f"the file is damaged: it claims the shape (0, 6, 5){AGAIN}"),
    ],
)
def test_headers_say_what_is_wrong_with_them(tmp_path: Path, at: int, value: str, message: str) -> None:
    path = nifti(tmp_path / "a.nii", LABELS)
    dtype, text = value.split()
    field = text.encode() if dtype[0] == "S" else np.array([float(text)]).astype(dtype).tobytes()
    content = path.read_bytes()
    path.write_bytes(content[:at] + field + content[at + len(field) :])
    assert refusal_of(path).startswith(message)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("a.mha", b"LOCAL", b"LIST", "found a list of files"),
        ("a.mha", b"LOCAL", b"../a.raw", "file beside the header, found ../a.raw"),
        ("a.mha", b"MET_UCHAR", b"MET_UCHAR_ARRAY", "found the type 'MET_UCHAR_ARRAY'"),
        ("a.mha", b"DimSize = 7 6 5", b"DimSize = 7 6", "`DimSize` is '7 6'"),
        ("a.mha", b"NDims = 3", b"NDims = 9999999999", "`DimSize` is"),
        ("a.mha", b"DimSize = 7 6 5", b"DimSize = 7 6 5\ndimsize = 6 7 5", "it has `dimsize` twice"),
        ("a.mha", b"Spacing = 0.80000000000000004", b"Spacing = -3", "`ElementSpacing` is '-3 "),
        ("a.mha", b"Spacing = 0.80000000000000004", b"Spacing = 0", "0), which leads nowhere"),
        ("a.nrrd", b"sizes: 7 6 5", b"sizes: 7 6 5\nsizes: 6 7 5", "it has `sizes` twice"),
        ("a.nrrd", b"(-0.80000000000000004,0", b"(0,0", "0), which leads nowhere"),
        ("a.mha", b"BinaryData = True", b"BinaryData = False", "expected binary voxels, found text"),
        ("a.nrrd", b"encoding: raw", b"encoding: bzip2", "as `raw` or `gzip`, found 'bzip2'"),
        ("a.nrrd", b"type: unsigned char", b"type: block", "found the type 'block'"),
        ("a.nrrd", b"sizes: 7 6 5", b"sizes: 7 6 -5", "it claims the shape (7, 6, -5)"),
        ("a.nrrd", b"encoding: raw", b"encoding: raw\nline skip: 2", "found some to pass over"),
        ("a.nrrd", b"NRRD000", b"DRRN000", "expected a NRRD file, found something else"),
        ("a.nrrd", b"space directions: (-0.8", b"space directions: (-0.8,1", "vectors of different lengths"),
        ("a.nrrd", b"space origin: (10,", b"space origin: (", "vectors of different lengths"),
        ("a.mha", b"ElementDataFile", b"HeaderSize = -7\nElementDataFile", "`HeaderSize`, found -7"),
        (
            "a.mha",
            b"CompressedData = False",
            b"CompressedData = True\nHeaderSize = -1",
            "`HeaderSize`, found -1",
        ),
    ],
)
def test_headers_in_text_say_what_is_wrong_with_them(
    tmp_path: Path, name: str, old: bytes, new: bytes, message: str
) -> None:
    path = itk(tmp_path / name, LABELS)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    assert message in refusal_of(path)


def test_voxels_that_are_missing_beside_their_header_are_said(tmp_path: Path) -> None:
    itk(tmp_path / "a.mhd", LABELS)
    (tmp_path / "a.raw").unlink()
    assert refused(MaskError, read, tmp_path / "a.mhd") == (
        f"{tmp_path}/a.raw: cannot be read: No such file or directory\nhint: {hints.READABLE}"
    )


def test_nifti_without_nibabel_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for side in ("p", "t"):
        nifti(tmp_path / side / "a.nii.gz", LABELS)
        itk(tmp_path / side / "b.mha", LABELS)
    monkeypatch.setitem(sys.modules, "nibabel", None)
    said = refused(EvaluationError, evaluate, pred=tmp_path / "p", target=tmp_path / "t", classes=4, dims=3)
    assert said == (
        "1 of 2 images could not be scored:\n"
        f"  a: {tmp_path}/t/a.nii.gz: NIfTI is read with nibabel, which is not installed\n"
        "hint: `pip install 'segscore[volumes]'`\n"
        'hint: `on_error="skip"` scores the other images, and says so'
    )


# Names


def test_both_parts_of_the_ending_are_the_ending() -> None:
    assert split_suffix("a/case_0000.nii.gz") == ("a/case_0000", ".nii.gz")
    assert split_suffix("case.v2.NII.GZ") == ("case.v2", ".nii.gz")
    assert split_suffix("a/.nii.gz") == ("a/.nii", ".gz")
    assert split_suffix("a.tar.gz") == ("a.tar", ".gz")
    assert split_suffix("a.b.nii") == ("a.b", ".nii")


def test_a_header_and_its_voxels_are_one_file(tmp_path: Path) -> None:
    for side in ("p", "t"):
        itk(tmp_path / side / "a.mhd", LABELS)
        itk(tmp_path / side / "b.nhdr", LABELS)
    found = evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=4, dims=3)
    assert found.names == ("a", "b")
    assert "left_out" not in found.provenance
