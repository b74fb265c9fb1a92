"""Feed damaged files to what Python parses: each is read, or refused by one of segscore's own errors.

``python fuzz/parsers.py`` takes each target in turn; ``--seconds 300`` and names of targets say how long,
and which. Files are made right, then changed at random. A file is a finding that raises another error, ends
the process, takes more than seconds, or makes memory grow beyond a limit; it is kept in ``--keep``. With
``--coverage`` Atheris (``pip install atheris``) chooses the changes by what they reach, which is slower and
goes on where chance ends; it takes one target.
"""

import argparse
import faulthandler
import gzip
import io
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import annotated
import segscore
from changes import archived, flipped, npy, packed, rewritten
from segscore.io.array_files import array_file
from segscore.io.volumes import read_numbers, read_volume

SLOW = 5
"""Seconds of the processor for one file: an alarm tells one that has no end."""
MEMORY = 512 << 10
"""KiB by which the process may grow: files are small, and so are the limits given to readers."""
MAX_PIXELS = 1 << 16


@dataclass(frozen=True)
class Target:
    """Files of one kind: how they end, what is made right, how they are changed, and read."""

    suffixes: tuple[str, ...]
    seeds: Callable[[], list[bytes]]
    change: Callable[[random.Random, bytes], bytes]
    read: Callable[[str], object]


LABELS = np.random.default_rng(0).integers(0, 3, (6, 5, 4)).astype(np.int16)


def nifti_seeds() -> list[bytes]:
    """Return NIfTI files of both versions and orders of bytes, packed or not."""
    import nibabel as nib

    made = []
    for kind in (nib.Nifti1Image, nib.Nifti2Image):
        for order in "<>":
            image = kind(LABELS, np.diag([0.8, 0.8, 3, 1]), dtype=LABELS.dtype)
            image.header.set_xyzt_units("mm")
            other = kind(LABELS.astype(f"{order}i2"), image.affine, image.header.as_byteswapped(order))
            made.append(other.to_bytes())
    return [*made, *(gzip.compress(one, 1, mtime=0) for one in made)]


def nrrd_seeds() -> list[bytes]:
    """Return NRRD files, packed or not."""
    head = (
        "NRRD0005\n# made\ntype: int16\ndimension: 3\nspace: left-posterior-superior\nsizes: 6 5 4\n"
        "space directions: (0.8,0,0) (0,0.8,0) (0,0,3)\nkinds: domain domain domain\nendian: little\n"
        "encoding: {}\nspace origin: (1,2,3)\n\n"
    )
    voxels = LABELS.tobytes("F")
    raw, packed_as = (head.format(encoding).encode() for encoding in ("raw", "gzip"))
    old = b"NRRD0001\ntype: unsigned char\ndimension: 2\nsizes: 3 2\nspacings: 1 2\nencoding: raw\n\n"
    return [raw + voxels, packed_as + gzip.compress(voxels, 1, mtime=0), old + bytes(range(6))]


def metaimage_seeds() -> list[bytes]:
    """Return MetaImage files, packed or not."""
    import zlib

    head = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
        "CompressedData = {}\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 1 2 3\nCenterOfRotation = 0 0 0\n"
        "AnatomicalOrientation = RAI\nElementSpacing = 0.8 0.8 3\nDimSize = 6 5 4\nElementType = MET_SHORT\n"
        "ElementDataFile = LOCAL\n"
    )
    voxels = LABELS.tobytes("F")
    return [head.format(False).encode() + voxels, head.format(True).encode() + zlib.compress(voxels)]


def read_both(path: str) -> None:
    """Read a volume as labels and as numbers; both must say of it whether it can be."""
    labels, _, _ = read_volume(path, max_pixels=MAX_PIXELS)
    numbers = read_numbers(path, max_pixels=MAX_PIXELS)
    assert numbers.shape == labels.shape
    assert labels.size <= MAX_PIXELS


CLASS_FILES = (
    b'name = "streets"\nignore = [255]\nlabel_rule = "value // 1000 where value >= 1000"\nnot_in_mean = [7]\n'
    b'classes = [\n  { label = 7, name = "road", colour = [128, 64, 128] },\n'
    b'  { labels = [8, 9], name = "sky", colours = [[1, 2, 3], [4, 5, 6]] },\n]\n',
    b'[{"name": "road", "id": 7, "trainId": 0, "color": [1, 2, 3]}, {"name": "sky", "id": 8}]',
    b'{"categories": [{"id": 1, "name": "road", "color": [1, 2, 3]}, {"id": 2, "name": "sky"}]}',
    b'{"labels": {"background": 0, "liver": 1, "tumour": [2, 3]}, "file_ending": ".nii.gz"}',
    b'{"0": "road", "1": "sky", "255": "void"}',
    b"__ignore__\n_background_\nroad\nsky\n",
    b"name,r,g,b\nroad,128,64,128\nsky,70,130,180\n",
    b"0 0 0 Void\n128 64 128 Road\n",
    b'<View><BrushLabels name="a" toName="b"><Label value="road" background="#f00"/></BrushLabels></View>',
    b"# label:color_rgb:parts:actions\nbackground:0,0,0::\nroad:128,64,128::\n",
)


def read_classes(path: str) -> None:
    """Read classes, and write them in words."""
    classes = segscore.Classes.of(path)
    assert str(classes)
    assert repr(classes)


def saved_seeds() -> list[bytes]:
    """Return saved evaluations: of pairs alone, with bands and distances, with groups and failures."""
    rng = np.random.default_rng(1)
    files = []
    for options in ({}, {"boundary": 2, "distances": True}):
        judge = segscore.Evaluator(["a", "b", "c"], ignore_index=255, **options)
        for name in ("one", "two"):
            target, pred = rng.integers(0, 3, (2, 8, 9)).astype(np.uint8)
            target[0] = 255
            judge.add(pred=pred, target=target, name=name)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "saved.npz"
            judge.result().save(path)
            files.append(path.read_bytes())
    return files


def read_saved(path: str) -> None:
    """Read an evaluation, ask for what a page shows, and save it again."""
    found = segscore.load(path)
    try:
        str(found), found.to_dict(), found.to_markdown(), found.worst(2)
        again = Path(path).with_name("again.npz")
        found.save(again)
        assert segscore.load(again) == found
    except segscore.SegscoreError as error:
        raise AssertionError(f"what was read is refused afterwards: {error}") from error


def array_seeds() -> list[bytes]:
    """Return .npy files, and an archive of one array."""
    file = io.BytesIO()
    np.savez_compressed(file, LABELS)
    return [npy(LABELS[0]), npy(np.asfortranarray(LABELS[0].astype(np.uint8))), file.getvalue()]


def changed_array(made: random.Random, content: bytes) -> bytes:
    """Return another array, or archive of one."""
    return (archived if content[:2] == b"PK" else flipped)(made, content)


def read_array(path: str) -> None:
    """Read labels from an array in a file."""
    from segscore.io.masks import read_mask

    array_file(path)
    read_mask(path, colours=False, max_pixels=MAX_PIXELS)


TARGETS = {
    "nifti": Target((".nii", ".nii.gz"), nifti_seeds, packed(flipped), read_both),
    "nrrd": Target((".nrrd",), nrrd_seeds, rewritten, read_both),
    "metaimage": Target((".mha",), metaimage_seeds, rewritten, read_both),
    "classes": Target(
        (".toml", ".json", ".txt", ".csv", ".xml"), lambda: [*CLASS_FILES], rewritten, read_classes
    ),
    "saved": Target((".npz",), saved_seeds, archived, read_saved),
    "arrays": Target((".npy", ".npz"), array_seeds, changed_array, read_array),
    "annotations": Target((".json",), annotated.seeds, annotated.changed, annotated.read),
}


class TooSlowError(BaseException):
    """A file took too long; no handler of errors takes it for one of a file."""


def _alarm(*_: object) -> None:
    raise TooSlowError


def tried(target: Target, path: Path) -> str:
    """Return what became of a file, or raise what should not have been."""
    signal.setitimer(signal.ITIMER_PROF, SLOW)
    try:
        target.read(str(path))
    except segscore.SegscoreError as error:
        return type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return "read"


def run(name: str, seconds: float, keep: Path, seed: int) -> int:
    """Try one target for so long; print what came of it, and return the number of findings."""
    target, made = TARGETS[name], random.Random(seed)
    seeds = target.seeds()
    came: Counter[str] = Counter()
    findings: dict[str, int] = {}
    slowest, base = 0.0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        rounds = 0
        while rounds < len(seeds) or time.monotonic() < end:
            right = seeds[rounds % len(seeds)]
            content = right if rounds < len(seeds) else target.change(made, right)
            path = Path(folder) / f"file{made.choice(target.suffixes)}"
            path.write_bytes(content)
            start = time.process_time()
            try:
                came[tried(target, path)] += 1
            except (Exception, TooSlowError) as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                about = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}: {error}"[:200]
                key = about.partition(": ")[0]
                if key not in findings:
                    keep.mkdir(parents=True, exist_ok=True)
                    kept = keep / f"{name}-{len(findings)}{''.join(path.suffixes)}"
                    kept.write_bytes(content)
                    print(f"{name}: {about}\n  kept as {kept}", flush=True)
                findings[key] = findings.get(key, 0) + 1
            path.unlink(missing_ok=True)
            slowest = max(slowest, time.process_time() - start)
            rounds += 1
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base
    if grown > MEMORY:
        findings["memory"] = 1
    said = ", ".join(f"{count:,} {what}" for what, count in came.most_common())
    found = f"{len(findings)} findings" if findings else "no finding"
    cost = f"slowest {slowest:.2f} s, {grown >> 10} MiB more"
    print(f"{name}: {rounds:,} files, {said}, {cost}, {found}", flush=True)
    return len(findings)


def covered(name: str, seconds: int, keep: Path) -> None:
    """Let Atheris choose the changes of one target; it ends the process."""
    import atheris

    target = TARGETS[name]
    keep.mkdir(parents=True, exist_ok=True)
    corpus = Path(tempfile.mkdtemp())
    for number, content in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(bytes([number % len(target.suffixes)]) + content)
    work = Path(tempfile.mkdtemp())

    def one(data: bytes) -> None:
        path = work / f"file{target.suffixes[data[0] % len(target.suffixes) if data else 0]}"
        path.write_bytes(data[1:])
        tried(target, path)

    def changed(data: bytes, most: int, seed: int) -> bytes:
        made = random.Random(seed)
        try:
            return (data[:1] + target.change(made, data[1:]))[:most]
        except Exception:  # no archive or JSON any more
            return atheris.Mutate(data, most)

    atheris.instrument_all()
    options = [
        f"-max_total_time={seconds}",
        "-rss_limit_mb=2048",
        f"-artifact_prefix={keep}/",
        "-max_len=65536",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one, custom_mutator=changed)
    atheris.Fuzz()


def main() -> int:
    """Try the targets that are asked for."""
    parser = argparse.ArgumentParser(description="Feed damaged files to what Python parses.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz/findings"), help="where findings are kept")
    parser.add_argument("--coverage", action="store_true", help="let Atheris choose the changes")
    given = parser.parse_args()
    names = given.targets or [*TARGETS]
    if unknown := [name for name in names if name not in TARGETS]:
        parser.error(f"expected targets of {', '.join(TARGETS)}, found {', '.join(unknown)}")
    faulthandler.enable()
    signal.signal(signal.SIGPROF, _alarm)
    warnings.simplefilter("ignore")
    if given.coverage:
        covered(names[0], int(given.seconds), given.keep)
    return min(1, sum(run(name, given.seconds, given.keep, given.seed) for name in names))


if __name__ == "__main__":
    sys.exit(main())
