"""Records: a made-up one goes wherever pair counts go."""

import copy
import io
import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segscore import ArgumentError, Classes, Evaluation, Evaluator, FileFormatError, load
from segscore.base.values import Ints
from segscore.counts.counted import Counted
from segscore.counts.kinds import KINDS
from segscore.counts.record import Record
from segscore.counts.table import Table, table_of
from segscore.errors import LabelError
from segscore.evaluation.assembling import assemble
from segscore.results.copies import with_files
from support.refused import refused

CLASSES = Classes(["road", "car", "bus"], ignore=[255])
NAMES = ("day_1", "day_2", "fog_1", "night_1")


@dataclass(frozen=True, eq=False)
class Edges(Record):
    """How long the edges of classes are."""

    kind = "edges"

    label: Ints
    length: Ints

    def check(self, classes: Classes) -> None:
        """Edges are of classes."""
        if not np.isin(self.label, classes.labels).all():
            raise FileFormatError("an edge is of no class")


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "edges", Edges)


def edges_of(*lengths: int) -> Edges:
    """Return the edges of one image, which has the first classes."""
    return Edges.one_image(np.arange(len(lengths)), np.array(lengths, dtype=np.int64))


def judge(*images: int, measured: bool = True) -> Evaluator:
    made = Evaluator(CLASSES)
    for i in images:
        made.add(pred=[0, 1, 2, 0], target=[0, i % 3, i % 2, 255], name=NAMES[i])
        if measured:
            edges = edges_of(*range(10 * i, 11 * i))  # i edges, so that the first image has none
            made._named[NAMES[i]] = replace(made._named[NAMES[i]], measured=(edges,))
    return made


@pytest.fixture
def ev() -> Evaluation:
    return judge(0, 1, 2, 3).result()


@pytest.fixture
def plain() -> Evaluation:
    return judge(0, 1, 2, 3, measured=False).result()


def edges(evaluation: Evaluation) -> tuple[list[int], list[int]]:
    """Return the offsets and the lengths of the edges."""
    columns = evaluation.records["edges"].columns()
    return columns["offsets"].tolist(), columns["length"].tolist()


# A record by itself


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Draw a table, or edges, of up to five images."""
    rows = st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(1, 2**40)), max_size=3)
    images = draw(st.lists(rows, max_size=5))
    offsets = np.cumsum([0, *map(len, images)])
    label, length = np.array([row for rows in images for row in rows], dtype=np.int64).reshape(-1, 2).T
    return draw(st.sampled_from([Edges(offsets, label, length), Table(offsets, label, label, length)]))


@given(records(), st.randoms())
def test_images_are_taken_and_put_together_in_any_order(record: Record, random: Any) -> None:
    images = range(len(record.offsets) - 1)
    parts = [record.take(np.array([i])) for i in images]
    assert type(record).stack(parts) == record
    order = random.sample(images, len(images))
    other = type(record).stack([parts[i] for i in order])
    assert other == record.take(np.array(order, dtype=np.int64))
    assert other.take(np.argsort(np.array(order, dtype=np.int64))) == record
    half = len(images) // 2
    assert type(record).stack([type(record).stack(parts[:half]), type(record).stack(parts[half:])]) == record


@given(records(), st.randoms())
def test_sums_do_not_depend_on_the_order_of_images(record: Record, random: Any) -> None:
    images = len(record.offsets) - 1
    other = record.take(np.array(random.sample(range(images), images), dtype=np.int64))
    if isinstance(record, Table) and isinstance(other, Table):
        assert other.sum == record.sum
    for name in record.column_names()[1:]:
        assert sorted(other.columns()[name].tolist()) == sorted(record.columns()[name].tolist())


def test_rows_of_images_are_those_of_numpy() -> None:
    record = Edges(np.array([0, 2, 2, 5]), np.arange(5), np.arange(5) * 10)
    assert record.image.tolist() == [0, 0, 2, 2, 2]
    found = record.take(np.array([2, 1, 0]))
    assert (found.offsets.tolist(), found.label.tolist()) == ([0, 3, 3, 5], [2, 3, 4, 0, 1])
    assert found.length.tolist() == [20, 30, 40, 0, 10]
    for array in (*found.columns().values(), record.image):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 9
    assert edges_of(1, 2) != edges_of(1, 3)
    assert edges_of(1, 2) != edges_of(1)
    assert edges_of() != Table(*[np.array([0, 0]), *[np.empty(0, np.int64)] * 3])
    assert Edges.stack([]) == Edges(np.array([0]), np.empty(0, np.int64), np.empty(0, np.int64))


# In an evaluation


def test_an_evaluation_has_its_records_by_kind(ev: Evaluation, plain: Evaluation) -> None:
    assert list(plain.records) == ["pairs"]
    assert plain.records["pairs"] is plain.table
    assert list(ev.records) == ["pairs", "edges"]
    assert ev.records["edges"] is ev.measured[0]
    assert edges(ev) == ([0, 0, 1, 3, 6], [10, 20, 21, 30, 31, 32])
    assert ev.scores == plain.scores
    with pytest.raises(TypeError, match="does not support item assignment"):
        ev.records["edges"] = edges_of()  # type: ignore[index]


def test_evaluations_are_equal_where_all_records_are(ev: Evaluation, plain: Evaluation) -> None:
    assert judge(0, 1, 2, 3).result() == ev
    assert ev != plain
    assert plain != ev
    assert replace(ev, measured=()) == plain
    assert replace(ev, measured=(ev.measured[0].take(np.array([3, 2, 1, 0])),)) != ev


@pytest.mark.parametrize(
    "copied",
    [
        lambda ev: pickle.loads(pickle.dumps(ev)),
        copy.deepcopy,
        copy.copy,
        lambda ev: replace(ev, provenance={"pred": "p"}),
        lambda ev: with_files(ev, {}),
    ],
    ids=["pickle", "deepcopy", "copy", "replace", "with_files"],
)
def test_a_copy_has_every_record(ev: Evaluation, copied: Callable[[Evaluation], Evaluation]) -> None:
    found = copied(ev)
    assert type(found) is Evaluation
    assert found == ev
    assert type(found.records["edges"]) is Edges
    assert not found.measured[0].columns()["length"].flags.writeable


def test_parts_have_their_rows_of_every_record(ev: Evaluation) -> None:
    assert ev.select(["night_1", "day_1"]) == judge(0, 3).result()
    assert edges(ev.select(["fog_1", "day_2"])) == ([0, 1, 3], [10, 20, 21])
    groups = ev.group_by(r"^(\w+)_")
    assert groups["day"] == judge(0, 1).result()
    assert {name: edges(part)[1] for name, part in groups.items()} == {
        "day": [10],
        "fog": [20, 21],
        "night": [30, 31, 32],
    }


def test_classes_are_not_merged_where_that_takes_pixels(ev: Evaluation, plain: Evaluation) -> None:
    assert refused(ArgumentError, ev.merge, {"vehicle": ["bus", "car"]}) == (
        "`edges` was measured of `car` and `bus`, which does not say what they are as one\n"
        "hint: merge classes in the masks, and evaluate these"
    )
    renamed = ev.merge({"street": ["road"]})
    assert (renamed.classes.names, renamed.records) == (("street", "car", "bus"), ev.records)
    assert replace(ev, measured=()).merge({"vehicle": ["bus", "car"]}) == plain.merge(
        {"vehicle": ["car", "bus"]}
    )


# In an evaluator


@pytest.mark.parametrize(("first", "second"), [((0, 1), (2, 3)), ((3, 1), (2, 0)), ((), (0, 1, 2, 3))])
def test_evaluators_add_up_with_every_record(
    ev: Evaluation, first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    one, other = judge(*first), pickle.loads(pickle.dumps(judge(*second)))
    assert (one + other).result() == (other + one).result() == ev
    assert sum([one, other]).result() == ev  # type: ignore[union-attr]


def test_an_image_without_a_name_has_its_records_too() -> None:
    made = Evaluator(CLASSES)
    made.add(pred=[0], target=[0])
    made._unnamed[0] = replace(made._unnamed[0], measured=(edges_of(7),))
    assert edges(made.result()) == ([0, 1], [7])


def test_the_same_is_measured_of_all_images() -> None:
    for made in (judge(0) + judge(1, measured=False), judge(1, measured=False) + judge(0)):
        assert refused(ArgumentError, made.result) == (
            "`edges` was measured of image `day_1`, and not of `day_2`\nhint: measure the same of all images"
        )


def test_images_that_are_left_out_are_left_out_of_every_record(ev: Evaluation) -> None:
    counted = [judge(i)._named[NAMES[i]] for i in range(4)]
    wrong = Evaluator(Classes(["a", "b", "c", "d"]))
    wrong.add(pred=[0], target=[3], name="bad")
    (bad,) = wrong._named.values()
    every = [counted[0], replace(bad, measured=(edges_of(5, 5),)), *counted[1:], Counted("z", None)]
    found = assemble(CLASSES, every, skip=True)
    assert [failure.name for failure in found.failures] == ["bad"]
    assert replace(found, failures=()) == ev
    with pytest.raises(LabelError, match="bad"):
        assemble(CLASSES, every)


def test_pair_counts_that_are_taken_are_those_that_are_counted(plain: Evaluation) -> None:
    counted = [judge(i)._named[NAMES[i]] for i in range(4)]
    assert plain.table.take(np.array([1, 3])) == table_of([counted[1], counted[3]])


# In files


def arrays_of(evaluation: Evaluation, path: Path) -> dict[str, Any]:
    evaluation.save(path)
    with np.load(path, allow_pickle=False) as arrays:
        return {**arrays}


def about_of(arrays: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(arrays["about"].tobytes())
    return found


def refusal(path: Path, arrays: dict[str, Any], **about: object) -> str:
    """Return the first line of the message, without the path."""
    text = json.dumps({**about_of(arrays), **about})
    file = io.BytesIO()
    np.savez(file, **{**arrays, "about": np.frombuffer(text.encode(), np.uint8)})
    path.write_bytes(file.getvalue())
    return refused(FileFormatError, load, path).splitlines()[0].removeprefix(f"{path}: ")


def test_records_come_back_from_a_file_that_names_them(ev: Evaluation, tmp_path: Path) -> None:
    arrays = arrays_of(ev, tmp_path / "a.npz")
    assert load(tmp_path / "a.npz") == ev
    assert type(load(tmp_path / "a.npz").records["edges"]) is Edges
    further = {"edges.offsets", "edges.label", "edges.length"}
    assert set(arrays) == {"about", "offsets", "target", "pred", "pixels"} | further
    assert about_of(arrays)["records"] == ["edges"]
    assert arrays["edges.length"].dtype == np.uint8  # as narrow as it fits


def test_a_file_of_pair_counts_alone_is_as_it_was_before_there_were_others(
    ev: Evaluation, plain: Evaluation, tmp_path: Path
) -> None:
    arrays, more = arrays_of(plain, tmp_path / "a.npz"), arrays_of(ev, tmp_path / "b.npz")
    assert list(arrays) == ["about", "offsets", "target", "pred", "pixels"]
    assert set(about_of(more)) - set(about_of(arrays)) == {"records", "measures"}
    assert load(tmp_path / "a.npz") == plain


def test_a_kind_that_is_not_known_is_refused(
    ev: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = arrays_of(ev, tmp_path / "a.npz")
    monkeypatch.delitem(KINDS, "edges")
    of_objects = ["objects", "overlaps", "grown", "object_bands", "overlap_bands"]
    assert list(KINDS) == ["pairs", "bands", "segments", "surfaces", "spacings", *of_objects]
    assert refusal(tmp_path / "a.npz", arrays) == (
        "expected records of `pairs`, `bands`, `segments`, `surfaces`, `spacings`, `objects`, `overlaps`, "
        "`grown`, `object_bands`, `overlap_bands`, "
        "found `edges` of a later segscore"
    )


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (["edges", "edges"], "two of its records are of the same kind"),
        (["pairs"], "two of its records are of the same kind"),
        (
            ["\x1b[2J"],
            "expected records of `pairs`, `bands`, `segments`, `surfaces`, `spacings`, `objects`, "
            r"`overlaps`, `grown`, `object_bands`, `overlap_bands`, `edges`, "
            r"found `'\x1b[2J'` of a later segscore",
        ),
        ([3], "a name is not a text"),
        ("edges", "a name is not a text"),
        (None, "expected a saved evaluation, found another kind of file or a damaged one"),
    ],
)
def test_kinds_that_are_none(ev: Evaluation, tmp_path: Path, records: object, message: str) -> None:
    assert refusal(tmp_path / "a.npz", arrays_of(ev, tmp_path / "a.npz"), records=records) == message


@pytest.mark.parametrize(
    ("name", "column", "message"),
    [
        ("length", np.zeros(6), "`edges`: a column is not a list of integers"),
        ("length", np.zeros(6, bool), "`edges`: a column is not a list of integers"),
        ("length", np.zeros(6, "u8"), "`edges`: a column is not a list of integers"),
        ("length", np.zeros((6, 1), int), "a column is not a list of integers"),
        ("length", np.zeros(5, int), "`edges`: its columns do not fit together"),
        ("label", np.zeros(7, int), "`edges`: its columns do not fit together"),
        ("offsets", np.array([], int), "`edges`: its columns do not fit together"),
        ("offsets", np.array([0, 0, 1, 6]), "`edges`: its columns do not fit together"),
        ("offsets", np.array([1, 1, 1, 3, 6]), "`edges`: its columns do not fit together"),
        ("offsets", np.array([0, 7, 1, 3, 6]), "`edges`: its columns do not fit together"),
        ("label", np.array([0, 0, 1, 0, 1, 7]), "`edges`: an edge is of no class"),
    ],
)
def test_columns_that_do_not_fit(
    ev: Evaluation, tmp_path: Path, name: str, column: Any, message: str
) -> None:
    arrays = arrays_of(ev, tmp_path / "a.npz")
    assert refusal(tmp_path / "a.npz", {**arrays, f"edges.{name}": column}) == message


def test_columns_of_more_dimensions_are_no_columns() -> None:
    columns = {"offsets": np.array([0, 1]), "label": np.zeros((1, 1), int), "length": np.zeros(1, int)}
    with pytest.raises(FileFormatError, match="a column is not a list of integers"):
        Edges.of_columns(columns, 1, CLASSES)


def test_a_column_that_is_missing(ev: Evaluation, tmp_path: Path) -> None:
    arrays = arrays_of(ev, tmp_path / "a.npz")
    del arrays["edges.label"]
    assert refusal(tmp_path / "a.npz", arrays) == (
        "expected a saved evaluation, found another kind of file or a damaged one"
    )
