"""Kinds of files, told from the endings of their names: what reads a mask of each, or that nothing does.

Files of any other kind, such as texts, tables and annotations, nobody takes for masks.
"""

from typing import Literal, NamedTuple, TypeAlias

from segscore.errors import READ

Reader: TypeAlias = Literal["png", "array", "tiff", "bitmap", "pillow", "volume"]

_LOSSY = "label values change in such files, so they cannot hold a mask: export the masks as PNG"
OTHER = f"save masks as PNG, or give {READ} a function that takes a path and returns an array of labels"
"""What to do about masks that nothing reads."""


class Kind(NamedTuple):
    """A kind of file."""

    name: str
    reader: Reader | None = None
    """What reads labels from it, if anything does."""
    hint: str = OTHER
    """What to do where nothing does."""


KINDS = {
    ".png": Kind("PNG", "png"),
    ".npy": Kind("NumPy", "array"),
    ".npz": Kind("NumPy", "array"),
    **dict.fromkeys((".tif", ".tiff"), Kind("TIFF", "tiff")),
    ".bmp": Kind("BMP", "bitmap"),
    **dict.fromkeys((".pbm", ".pgm", ".pnm", ".ppm"), Kind("PNM", "bitmap")),
    ".gif": Kind("GIF", "pillow"),
    ".webp": Kind("WebP", "pillow"),
    **dict.fromkeys((".jfif", ".jpe", ".jpeg", ".jpg"), Kind("JPEG", None, _LOSSY)),
    **dict.fromkeys((".j2k", ".jp2", ".jpf", ".jpx"), Kind("JPEG 2000", None, _LOSSY)),
    ".jxl": Kind("JPEG XL", None, _LOSSY),
    ".avif": Kind("AVIF", None, _LOSSY),
    **dict.fromkeys((".heic", ".heif"), Kind("HEIF", None, _LOSSY)),
    **dict.fromkeys((".nii", ".nii.gz"), Kind("NIfTI", "volume")),
    **dict.fromkeys((".mha", ".mhd"), Kind("MetaImage", "volume")),
    **dict.fromkeys((".nhdr", ".nrrd"), Kind("NRRD", "volume")),
    ".gz": Kind("gzip"),
    ".dcm": Kind("DICOM"),
    ".vtk": Kind("VTK"),
    **dict.fromkeys((".h5", ".hdf5"), Kind("HDF5")),
    ".mat": Kind("MATLAB"),
    ".pt": Kind("torch"),
    ".exr": Kind("OpenEXR"),
    ".pam": Kind("PAM"),
    ".pcx": Kind("PCX"),
    ".pfm": Kind("PFM"),
    ".tga": Kind("TGA"),
    ".img": Kind("IMG"),
    **dict.fromkeys((".bin", ".raw"), Kind("bare numbers")),
}
"""What somebody may take for a mask, by the ending of its name in lower case with its dot."""

MASK_SUFFIXES = frozenset(suffix for suffix, kind in KINDS.items() if kind.reader)
"""Of what is read as a mask without help."""

HEADER_SUFFIXES = frozenset({".mhd", ".nhdr"})
"""Of headers whose voxels are in a file beside them."""

ARRAY_SUFFIXES = frozenset(suffix for suffix, kind in KINDS.items() if kind.reader == "array")
"""Of what may hold a stack of masks, or class scores."""

_LAST = frozenset("." + suffix.rpartition(".")[2] for suffix in KINDS if suffix.count(".") > 1)
"""The last parts of endings that have two."""

SHARE_SUFFIXES = frozenset({".png"}).union(suffix for suffix, kind in KINDS.items() if kind.name == "JPEG")
"""Of gray pictures whose values may be probabilities."""

IMAGE_SUFFIXES = frozenset(
    {".bmp", ".jpeg", ".jpg", ".npy", ".png", ".pgm", ".ppm", ".tif", ".tiff", ".webp"}
)
"""Of photographs."""


def split_suffix(file: str) -> tuple[str, str]:
    """Split ``a/b.PNG`` into ``a/b`` and ``.png``; a leading dot starts no ending.

    Of ``a/b.nii.gz`` both parts are the ending, as both say what it is.
    """
    stem, dot, suffix = file.rpartition(".")
    if not dot or not stem or stem[-1] == "/" or "/" in suffix:
        return file, ""
    ending = "." + suffix.lower()
    if ending in _LAST:
        inner, before = split_suffix(stem)
        if before + ending in KINDS:
            return inner, before + ending
    return stem, ending


def kind_of(path: str) -> Kind | None:
    """Return the kind of a file, None for one that nobody takes for a mask."""
    return KINDS.get(split_suffix(path)[1])


def is_volume(mask: object) -> bool:
    """Whether a mask is a file whose name says that it is a volume, which says where its voxels lie."""
    kind = kind_of(mask) if isinstance(mask, str) else None
    return kind is not None and kind.reader == "volume"
