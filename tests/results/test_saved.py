"""Saved evaluations: what goes to a file comes back the same, or the file is refused."""

import io
import json
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import segscore
from segscore import Classes, Evaluation, Evaluator, FileFormatError, evaluate, load
from segscore.classes.labels import PredictionSpace, colour_label
from segscore.counts.table import Table
from support import hints
from support.masks_on_disk import array_file, claim
from support.processes import PEAK, python
from support.refused import refused

pytestmark = pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")


def kept(evaluation: Evaluation, folder: Path) -> Evaluation:
    evaluation.save(folder / "saved.npz")
    found = load(folder / "saved.npz")
    if not evaluation.measured:
        evaluation.save(folder / "saved.parquet")
        assert_same(load(folder / "saved.parquet"), found)
    return found


def assert_same(found: Evaluation, expected: Evaluation) -> None:
    assert found == expected
    assert found.provenance == expected.provenance
    assert found.classes == expected.classes
    for name in ("title", "note", "source", "prediction_spaces", "colours", "ignored_class_labels"):
        assert getattr(found.classes, name) == getattr(expected.classes, name)
    assert found.scores == expected.scores
    assert found.confusion == expected.confusion
    np.testing.assert_array_equal(found.images.iou, expected.images.iou)
    assert found.unknown_predictions == expected.unknown_predictions
    assert str(found) == str(expected)


@pytest.fixture(scope="module")
def example() -> Evaluation:
    """Three small images with a missed prediction and an ignored label."""
    random = np.random.default_rng(0)
    made = Evaluator(["road", "sky", "tree"], ignore_index=255)
    for name in "abc":
        pred, target = random.choice([0, 1, 2, 9], 20), random.choice([0, 1, 2, 255], 20)
        made.add(pred=pred, target=target, name=name)
    return made.result()


# Names


@pytest.mark.parametrize(
    ("name", "found", "own", "other"),
    [
        (
            "x.csv",
            ".csv",
            "x",
            "; `ev.to_rows()` has counts and `ev.images.to_frame()` scores of images, to be written as CSV",
        ),
        ("x.v2.JSON", ".JSON", "x.v2", "; `ev.to_dict()` has all numbers for JSON"),
        ("x.html", ".html", "x", "; `ev.write_report(path)` writes a page"),
        ("x.htm", ".htm", "x", "; `ev.write_report(path)` writes a page"),
        ("x.md", ".md", "x", "; `ev.to_markdown()` is a page in Markdown"),
        ("x.tex", ".tex", "x", "; `ev.to_latex()` has the tables for LaTeX"),
        ("x.pq", ".pq", "x", ""),
        ("x.parquet.gz", ".gz", "x.parquet", ""),
        ("x", "none of them", "x", ""),
        (".npz.d/x", "none of them", ".npz.d/x", ""),
    ],
)
def test_a_name_says_how_an_evaluation_is_written(
    example: Evaluation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    found: str,
    own: str,
    other: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(exist_ok=True)
    assert refused(segscore.ArgumentError, example.save, name) == (
        f"{name}: expected a name that ends in .npz or .parquet, found {found}\n"
        f"hint: save it as {own}.npz, or as {own}.parquet for other programs{other}"
    )
    assert not Path(name).exists()
    example.save("A.NPZ")
    assert load("A.NPZ") == example
    example.save("/dev/null")


# Round trips


def test_an_evaluation_of_files_comes_back(tmp_path: Path) -> None:
    for side in ("p", "t"):
        (tmp_path / side).mkdir()
        for name in "ab":
            np.save(tmp_path / side / f"{name}.npy", np.array([[0, 1]]))
    (tmp_path / "p/b.npy").write_bytes(b"")
    np.save(tmp_path / "p/c.npy", np.array([[0, 1]]))
    found = evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=2, on_error="skip", pairing="{id}")
    assert found.failures
    assert found.extra
    assert found.provenance
    assert_same(kept(found, tmp_path), found)


def test_the_ends_of_64_bits_come_back(tmp_path: Path) -> None:
    low, high = -(2**63), 2**63 - 1
    classes = Classes(["low", "near zero", "most"], [low, -1, 2**56 - 1], ignore=[2**55, 0])
    made = Evaluator(classes, ignore_index=[2**40])
    target = np.array([low, low, -1, 2**56 - 1, 0, 2**40])
    made.add(pred=np.array([low, high, high - 1, 2**56 - 1, high, low]), target=target)
    assert_same(kept(made.result(), tmp_path), made.result())


@pytest.mark.parametrize("largest", [1, 2**7, 2**8, 2**15, 2**16, 2**31, 2**32, 2**40, 2**62])
def test_counts_of_every_width_come_back(tmp_path: Path, largest: int) -> None:
    rows = ([0, 2, 3], [0, 1, 0], [1, 1, 0], [largest, max(largest - 2, 1), 1])
    table = Table(*(np.array(column, np.int64) for column in rows))
    made = Evaluation(Classes(["a", "b"]), ("x", "y"), table)
    found = kept(made, tmp_path)
    assert_same(found, made)
    columns = [getattr(found.table, name) for name in ("offsets", "target", "pred", "pixels")]
    assert all(column.dtype == np.int64 for column in columns)
    assert not found.table.pixels.flags.writeable


def test_classes_of_every_kind_come_back(tmp_path: Path) -> None:
    colours = Classes(
        ["a", "b"], [5, 7], ignore=[0], colours={5: (1, 2, 3), 7: (0, 0, 0), 0: (255, 255, 255)}
    )
    painted = np.array([[colour_label(colours.colours[label]) for label in (5, 7, 0)]])
    full = Classes(
        ["a", "b", "c"],
        [3, 1, 2],
        ignore=[9],
        not_in_mean=[1],
        pred_labels=[0, 1, 5],
        name="n\n",
        title="t\udcff",
        note="",
        source=("s", "\0"),
        prediction_spaces=[PredictionSpace("p", (7, 8, 9)), PredictionSpace("q", (-1, -2, -3), "why")],
    )
    for classes, ignore, target, pred in (
        (colours, None, painted, painted[:, ::-1]),
        (full, 2, np.array([[3, 1, 2, 9]]), np.array([[0, 1, 5, 0]])),
        (Classes(["only"]), None, np.array([[0]]), np.array([[0]])),
        (segscore.Classes.of("cityscapes"), 7, np.array([[7, 8, 0]]), np.array([[8, 8, 8]])),
    ):
        found = evaluate(pred=pred, target=target, classes=classes, ignore_index=ignore)
        assert_same(kept(found, tmp_path), found)


LABELS = st.integers(-(2**63), 2**56 - 1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_was_counted_comes_back(tmp_path: Path, data: st.DataObject) -> None:
    labels = data.draw(st.lists(LABELS, min_size=1, max_size=4, unique=True))
    ignore = data.draw(st.lists(LABELS.filter(lambda label: label not in labels), max_size=2))
    made = Evaluator(Classes([str(i) for i in range(len(labels))], labels, ignore=ignore))
    names = st.lists(st.text(st.characters(), max_size=3), min_size=1, max_size=3, unique=True)
    for name in data.draw(names):
        size = data.draw(st.integers(0, 5))
        target = data.draw(st.lists(st.sampled_from(labels + ignore), min_size=size, max_size=size))
        pred = data.draw(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=size, max_size=size))
        made.add(pred=np.array(pred, np.int64), target=np.array(target, np.int64), name=name)
    found = made.result()
    assert_same(kept(found, tmp_path), found)


def test_the_file_is_columns_and_a_text_without_pickle(tmp_path: Path, example: Evaluation) -> None:
    example.save(str(tmp_path / "a.npz"))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert sorted(arrays) == ["about", "offsets", "pixels", "pred", "target"]
        about = json.loads(arrays["about"].tobytes())
        assert about["schema"] == 1
        assert about["segscore"] == segscore.__version__
        assert arrays["pixels"].dtype == np.uint8  # as narrow as they fit
    assert pickle.loads(pickle.dumps(load(tmp_path / "a.npz"))) == example


# Files that are something else

OTHER = f"expected a saved evaluation, found another kind of file or a damaged one\nhint: {hints.SAVED}"


def content(evaluation: Evaluation, folder: Path) -> bytes:
    evaluation.save(folder / "good.npz")
    return (folder / "good.npz").read_bytes()


def refusal(folder: Path, file: bytes) -> str:
    """Return the message without the path, which begins it."""
    path = folder / "bad.npz"
    path.write_bytes(file)
    text = refused(FileFormatError, load, path)
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


def test_a_file_cut_anywhere_is_refused(tmp_path: Path, example: Evaluation) -> None:
    good = content(example, tmp_path)
    for end in range(len(good)):
        assert refusal(tmp_path, good[:end]) == OTHER


def test_a_bit_that_flips_anywhere_is_refused_or_changes_nothing(tmp_path: Path, example: Evaluation) -> None:
    good = content(example, tmp_path)
    for i in range(len(good)):
        file = bytearray(good)
        file[i] ^= 1 << i % 8
        (tmp_path / "bad.npz").write_bytes(file)
        try:
            found = load(tmp_path / "bad.npz")
        except FileFormatError:
            continue
        assert found == example


def archive(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in files.items():
            archive.writestr(name, file)
    return made.getvalue()


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"PK",
        pickle.dumps({"schema": 1}),
        array_file(np.zeros(3)),
        archive({}),
        archive({"arr_0.npy": array_file(np.zeros(3))}),
        archive({"about": b"{}"}),
        b"\x89PNG\r\n\x1a\n",
        b"\xff" * 1000,
    ],
)
def test_another_kind_of_file_is_refused(tmp_path: Path, file: bytes) -> None:
    assert refusal(tmp_path, file) == OTHER


@pytest.mark.parametrize("column", ["about.npy", "pixels.npy", "offsets.npy"])
@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"junk",
        array_file(np.array([print]), allow_pickle=True),
        claim((1 << 40,), "|u1") + bytes(64),
        claim((1 << 45,), "<i8") + bytes(64),
        claim((1 << 62,), "<i8") + bytes(64),
        claim((1 << 40, 1 << 40), "|u1") + bytes(64),
        claim((-3,), "|u1") + bytes(64),
        claim((5,), "|O") + bytes(64),
        array_file(np.frombuffer(b"[" * 100_000, np.uint8)),
        array_file(np.frombuffer(b"\xff\xfe", np.uint8)),
        array_file(np.frombuffer(b"9" * 10_000, np.uint8)),
    ],
)
def test_a_column_that_is_none_is_refused(
    tmp_path: Path, example: Evaluation, column: str, file: bytes
) -> None:
    with zipfile.ZipFile(io.BytesIO(content(example, tmp_path))) as good:
        files = {name: good.read(name) for name in good.namelist()}
    refusal(tmp_path, archive({**files, column: file}))


BOMB = """
import sys
import segscore
before = peak()
try:
    segscore.load(sys.argv[1])
except segscore.FileFormatError as error:
    print(error)
print(peak() - before)
"""


@pytest.mark.parametrize("column", ["about", "target", "pixels"])
def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path, example: Evaluation, column: str) -> None:
    with zipfile.ZipFile(io.BytesIO(content(example, tmp_path))) as good:
        files = {name: good.read(name) for name in good.namelist()}
    length = 300_000_000
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb:
        for name, file in (files | {f"{column}.npy": claim((length,))}).items():
            with bomb.open(name, "w", force_zip64=True) as member:
                member.write(file)
                for _ in range(length // 10_000_000 if name == f"{column}.npy" else 0):
                    member.write(bytes(10_000_000))
    *said, hint, taken = python(PEAK + BOMB, path).splitlines()
    most = (256 << 20) + 100 * path.stat().st_size
    assert "\n".join(said).startswith(
        f"{path}: expected counts that take at most {most:,} bytes, for a file of this size, found 2,70"
    )
    assert hint == f"hint: {hints.SAVED}"
    assert int(taken) < 20_000


def test_a_column_that_goes_on_is_refused(tmp_path: Path, example: Evaluation) -> None:
    with zipfile.ZipFile(io.BytesIO(content(example, tmp_path))) as good:
        files = {name: good.read(name) for name in good.namelist()}
    text = refusal(tmp_path, archive({**files, "pixels.npy": files["pixels.npy"] + b"\0"}))
    assert text == f"a column is longer than it says\nhint: {hints.SAVED}"


def test_a_lack_of_memory_says_nothing_about_the_file(
    tmp_path: Path, example: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    example.save(tmp_path / "good.npz")

    def full(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(np, "frombuffer", full)
    with pytest.raises(MemoryError):
        load(tmp_path / "good.npz")


def test_images_of_an_evaluator_without_names_come_back_in_their_order(tmp_path: Path) -> None:
    made = Evaluator(2)
    for i in range(11):
        made.add(pred=[0, 1], target=[0, i % 2])
    made.add(pred=[0], target=[1], name="0b")
    found = kept(made.result(), tmp_path)
    assert_same(found, made.result())
    assert found.names == (*map(str, range(11)), "0b")


def test_a_place_where_nothing_can_be_read(tmp_path: Path) -> None:
    hint = f"hint: {hints.READABLE}"
    for path, reason in [(tmp_path, "Is a directory"), (tmp_path / "none.npz", "No such file or directory")]:
        assert refused(FileFormatError, load, path) == f"{path}: cannot be read: {reason}\n{hint}"
    with pytest.raises(FileFormatError):
        load("a\0b")
    assert not os.listdir(tmp_path)
