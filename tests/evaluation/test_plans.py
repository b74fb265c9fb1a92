"""Plans: shards of a dataset, merged, are what one process makes of it, whatever is odd about its images."""

import pickle
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore import ArgumentError, EvaluationError, PairingError, Part, SegscoreWarning, evaluate, plan
from support.refused import refused
from support.sharded import DATASETS, IMAGES, Options, assert_same, broken, labels


def told(call: Callable[[], object]) -> tuple[list[str], object]:
    """Return what is warned of, and what comes out: a result, or the text of an error and its failures."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = call()
        except segscore.SegscoreError as error:
            found = (type(error), str(error), getattr(error, "failures", None))
    return [str(one.message) for one in caught if one.category is SegscoreWarning], found


@pytest.mark.parametrize("kind", DATASETS)
def test_shards_are_what_one_process_makes_of_all(tmp_path: Path, kind: str) -> None:
    options = DATASETS[kind](tmp_path)
    said, expected = told(lambda: evaluate(**options, progress=False))
    assert isinstance(expected, segscore.Evaluation)
    for number in (1, 3, 40):
        made = plan(**options)
        parts = [shard.evaluate() for shard in made.shards(number)]
        sent = [pickle.loads(pickle.dumps(shard)).evaluate() for shard in made.shards(number)]
        for part in sent:
            part.save(tmp_path / f"{part.place.number}.npz")
        saved = [segscore.load(tmp_path / f"{i + 1}.npz") for i in range(number)]
        for given in (parts, pickle.loads(pickle.dumps(sent))[::-1], saved):
            for merge in (made.merge, segscore.merge):
                again, found = told(lambda given=given, merge=merge: merge(given))
                assert again == said
                assert_same(found, expected, page=(kind, number) == ("broken", 3) and given is saved)


def test_doubts_that_datasets_are_made_for_are_there(tmp_path: Path) -> None:
    kinds = {
        "palettes that differ": "palettes-differ",
        "percents": "threshold-scale",
        "stack": "mask-per-class",
    }
    for kind, doubt in kinds.items():
        with pytest.warns(SegscoreWarning):
            found = evaluate(**DATASETS[kind](tmp_path / doubt))
        assert doubt in {one.kind for one in found.doubts}


@pytest.mark.parametrize("kind", ["raise", "labels", "strict", "nodata", "none"])
def test_what_is_an_error_in_one_process_is_the_same_one_at_the_merge(tmp_path: Path, kind: str) -> None:
    options: Options = {"pred": labels(6, 1), "target": labels(6, 2), "classes": 3}
    if kind == "raise":
        options = broken(tmp_path)
        (tmp_path / "pred" / "a_08.png").write_bytes((tmp_path / "pred" / "a_00.png").read_bytes())
        options["on_error"] = "raise"
    elif kind == "labels":
        options["target"] = [*options["target"][:4], options["target"][0] + 70, options["target"][0] + 80]
    elif kind == "strict":
        options |= {"strict": True, "pred": [*options["pred"][:5], options["pred"][5] + 50]}
    elif kind == "nodata":
        from support.tiff_files import NODATA, tiff

        for i in range(4):
            path = tmp_path / f"{i}.tif"
            path.write_bytes(
                tiff(options["target"][i] + (9 if i == 2 else 0), tags={NODATA: b"9\0"} if i else {})
            )
        options |= {"target": [tmp_path / f"{i}.tif" for i in range(4)], "pred": options["pred"][:4]}
    else:
        options["pred"] = [mask[:, :3] for mask in options["pred"]]
    expected = told(lambda: evaluate(**options, progress=False))
    assert isinstance(expected[1], tuple)
    made = plan(**options)
    parts = pickle.loads(pickle.dumps([shard.evaluate() for shard in made.shards(4)]))
    assert told(lambda: made.merge(parts)) == expected
    assert told(lambda: segscore.merge(parts)) == expected


def test_faults_of_names_and_groups_are_found_before_any_mask_is_read(tmp_path: Path) -> None:
    options = broken(tmp_path, "raise")
    assert refused(PairingError, plan, **options) == refused(PairingError, evaluate, **options)
    options = {**broken(tmp_path), "groups": {"a_00": "x"}}
    assert refused(ArgumentError, plan, **options) == refused(ArgumentError, evaluate, **options)
    with pytest.raises(TypeError, match=r"plan\(\) does not take 'preds'"):
        plan(preds=[], target=[], classes=2)


def test_a_plan_says_what_it_is_of(tmp_path: Path) -> None:
    made = plan(**broken(tmp_path))
    assert (len(made), made.names[0], made.classes) == (IMAGES - 1, "a_00", segscore.Classes.of(3))
    assert (made.missing, made.extra) == (("a_08",), ("extra_0.png", "extra_1.png"))
    shards = made.shards(3)
    assert [shard.names for shard in shards] == [made.names[i::3] for i in range(3)]
    assert repr(made) == "<Plan of 3 classes: 10 images>"
    assert [repr(shard) for shard in shards] == [
        "<Shard 1 of 3: 4 images>",
        "<Shard 2 of 3: 3 images>",
        "<Shard 3 of 3: 3 images>",
    ]
    part = shards[1].evaluate()
    assert (repr(part), len(part), part.names) == ("<Part 2 of 3: 3 images>", 3, shards[1].names)
    for number in (0, 1.5, "2", True, 1 << 21):
        assert refused(ArgumentError, made.shards, number) == (
            f"the number of shards is {number!r}, expected 1 to 1,048,576\n"
            "hint: four for each worker are a good number"
        )


def test_a_digest_is_that_of_all_that_is_asked_for(tmp_path: Path) -> None:
    options = broken(tmp_path)
    digest = plan(**options).digest
    assert digest == plan(**options).digest
    others = [
        {**options, "classes": ["a", "b", "c"]},
        {**options, "strict": True},
        {**options, "groups": "_(.)"},
        {**options, "resize": None},
        {**options, "boundary": 1},
        {**options, "max_pixels": 100},
        {**options, "read": lambda path: labels(1, 0)[0]},
        {**options, "pred": [*map(str, sorted((tmp_path / "pred").glob("[ab]*.png")))]},
    ]
    digests = {plan(**other).digest for other in others}
    assert len(digests | {digest}) == len(others) + 1


def test_a_digest_tells_masks_that_were_written_anew_and_other_arrays(tmp_path: Path) -> None:
    options = broken(tmp_path)
    made = plan(**options)
    first = made.shards(2)[0].evaluate()
    path = next(iter(sorted((tmp_path / "pred").glob("*.png"))))
    path.write_bytes(path.read_bytes() + b"more")
    assert plan(**options).digest != made.digest
    assert refused(ArgumentError, plan(**options).merge, [first]).startswith("shard 1 of 2 ")
    masks = np.zeros((3, 4, 4), np.uint8)
    digests = {
        plan(pred=pred, target=[*masks], classes=2).digest
        for pred in ([*masks], [*masks + 1], [*masks[:2], masks[2] + 1], [*masks.astype(np.int64)])
    }
    assert len(digests) == 4


def three(folder: Path) -> tuple[segscore.Plan, list[Part]]:
    made = plan(**broken(folder))
    return made, [shard.evaluate() for shard in made.shards(3)]


def test_shards_that_are_missing_doubled_or_foreign_are_named(tmp_path: Path) -> None:
    made, parts = three(tmp_path)
    hint = "\nhint: evaluate what is missing, and merge all shards"
    said = refused(EvaluationError, made.merge, parts[1:2])
    assert said == f"shards 1 and 3 of 3 are missing, with 7 images: `a_00`, `a_04`, `a_06` and 4 more{hint}"
    with pytest.raises(EvaluationError) as caught:
        made.merge(parts[::2])
    assert [failure.name for failure in caught.value.failures] == sorted(made.names[1::3])
    assert str(caught.value) == f"shard 2 of 3 is missing, with 3 images: `a_02`, `a_10` and `b_05`{hint}"
    # From files alone nobody knows what is in a shard that is not there.
    assert refused(EvaluationError, segscore.merge, parts[:2]) == f"shard 3 of 3 is missing{hint}"
    assert "with 10 images: `a_00`," in refused(EvaluationError, made.merge, [])
    many = made.shards(20)
    assert refused(EvaluationError, segscore.merge, [many[4].evaluate()]) == (
        f"shards 1, 2, 3, 4, 6, 7, 8, 9 and 11 more of 20 are missing{hint}"
    )
    twice = 'hint: give each of them once; where they are the same, `duplicates="same"`'
    said = refused(ArgumentError, made.merge, [*parts, parts[1], parts[0].evaluation])
    assert said == f"shards 1 and 2 of 3 come twice\n{twice}"
    again = [shard.evaluate() for shard in made.shards(3)]
    for merge in (made.merge, segscore.merge):
        assert refused(ArgumentError, merge, [*parts, again[1]]) == f"shard 2 of 3 comes twice\n{twice}"
        assert refused(ArgumentError, merge, again + parts[1:]) == f"shards 2 and 3 of 3 come twice\n{twice}"
    with pytest.warns(SegscoreWarning):
        assert segscore.merge([*parts, *again], duplicates="same") == made.merge(parts)
    other = plan(**{**broken(tmp_path), "strict": True})
    foreign = other.shards(3)[2].evaluate()
    alike = "shards go together if they were made with the same masks"
    assert refused(ArgumentError, made.merge, [*parts[:2], foreign]) == (
        f"shard 3 of 3 is of another plan\nhint: {alike} and options"
    )
    of_two = made.shards(2)[0].evaluate()
    for given in (foreign, of_two):
        assert refused(ArgumentError, segscore.merge, [*parts[:2], given]) == (
            f"shard {given.place.said} is of another plan than shard 1 of 3\n"
            f"hint: {alike}, options and number of shards"
        )


def test_what_is_no_shard_is_said(tmp_path: Path) -> None:
    made, parts = three(tmp_path)
    with pytest.warns(SegscoreWarning):
        whole = made.merge(parts)
    how = "\nhint: give what `shard.evaluate` returned, or `segscore.load` of what it was saved to"
    assert refused(ArgumentError, made.merge, [whole]) == (
        f"expected parts of a plan, found a whole evaluation{how}"
    )
    assert refused(ArgumentError, made.merge, [1]) == f"expected parts of a plan, found int{how}"
    assert refused(ArgumentError, segscore.merge, [whole, parts[0]]) == (
        "1 of 2 evaluations are shards of a plan, and others are whole\n"
        "hint: merge the shards of a plan first, and what comes out with others"
    )
    assert refused(ArgumentError, segscore.merge, parts, duplicates="keep").startswith(
        "there is no way with duplicates `keep`"
    )


def test_parts_are_a_list_and_merged_all_at_once(tmp_path: Path) -> None:
    made, parts = three(tmp_path)
    how = "give what `shard.evaluate` returned, or `segscore.load` of what it was saved to"
    load = "load them first: `[segscore.load(path) for path in paths]`"
    for given, found, hint in (
        (None, "NoneType", how),
        (made.shards, "method", how),
        ("p1.npz", "a path", load),
        (tmp_path / "p1.npz", "a path", load),
        (parts[0], "one Part", "give a list, also of one"),
        (parts[0].evaluation, "one Evaluation", "give a list, also of one"),
    ):
        for merge in (made.merge, segscore.merge, made.left):
            said = f"expected a list of parts, found {found}\nhint: {hint}"
            assert refused(ArgumentError, merge, given) == said
    with pytest.warns(SegscoreWarning):
        assert made.merge(part for part in parts) == segscore.merge(iter(parts))
    once = (
        "parts of a plan are merged all at once, as the images of all of them tell what labels mean\n"
        "hint: `plan.merge(parts)`, or `segscore.merge(parts)` where there is no plan"
    )
    for add in (
        lambda: sum(parts),
        lambda: parts[0] + parts[1],
        lambda: parts[0].evaluation + parts[1],
        lambda: parts[0] + parts[1].evaluation,
    ):
        assert refused(ArgumentError, add) == once


def test_shards_that_are_left_are_those_of_no_part(tmp_path: Path) -> None:
    made, parts = three(tmp_path)
    (left,) = made.left([parts[2], parts[0].evaluation])
    assert (left.place, left.names) == (made.shards(3)[1].place, made.shards(3)[1].names)
    assert made.left(parts) == ()
    assert refused(ArgumentError, made.left, []) == (
        "expected one part at least, found none\nhint: `plan.shards` returns all shards"
    )
    of_two = made.shards(2)[0].evaluate()
    assert refused(ArgumentError, made.left, [parts[0], of_two]).startswith(
        "shard 1 of 2 is of another plan than shard 1 of 3\n"
    )
    other = plan(**{**broken(tmp_path), "strict": True}).shards(3)[2].evaluate()
    assert refused(ArgumentError, made.left, [other]).startswith("shard 3 of 3 is of another plan\n")


def test_a_part_knows_that_it_is_one(tmp_path: Path) -> None:
    _, parts = three(tmp_path)
    parts[1].save(tmp_path / "p.npz")
    said = "2 of 3 (3 of 10 images)"
    for found in (parts[1].evaluation, segscore.load(tmp_path / "p.npz")):
        assert isinstance(found, segscore.Evaluation)
        assert found.part is not None
        assert found.part.place[:2] == (2, 3)
        assert (found.names, found.provenance["shard"]) == (("a_10", "b_05"), said)
        assert str(found).startswith("shard 2 of 3: 2 of 3 images scored\n")
        assert f"not the whole, but shard {said}\n" in str(found)
        assert repr(found).startswith("<Evaluation of 3 classes: shard 2 of 3, 2 of 3 images, mean IoU 0.")
        assert "shard 2 of 3" in found.to_markdown()
        assert found.to_dict()["derived"]["shard"] == said
        # What is made of it is no shard any more, and says still what it is of.
        some = found.select(["a_10"])
        assert (some.part, some.provenance["shard"]) == (None, said)
        assert found.merge({"x": ["0", "1"]}).part is None
        both = found + parts[0].evaluation
        assert (both.part, both.provenance["shard"]) == (None, f"{said}; 1 of 3 (4 of 10 images)")


def test_a_shard_without_images_is_a_shard() -> None:
    options: Options = {"pred": labels(2, 1), "target": labels(2, 2), "classes": 3}
    for measures in ({}, {"boundary": 1, "distances": True, "spacing": (1.0, 1.0)}):
        made = plan(**options, **measures)
        parts = [pickle.loads(pickle.dumps(shard.evaluate())) for shard in made.shards(3)]
        assert len(parts[2]) == 0
        none = parts[2].evaluation
        assert str(none).startswith("shard 3 of 3: 0 images scored\n")
        assert none.to_dict()["images"] == []
        assert_same(made.merge(parts), evaluate(**options, **measures))
        assert (none + parts[0].evaluation).table == parts[0].evaluation.table


def test_what_is_sent_is_small(tmp_path: Path) -> None:
    options = {
        "pred": labels(400, 1, 2, 2),
        "target": labels(400, 2, 2, 2),
        "classes": 3,
        "names": map(str, range(400)),
    }
    names = [f"sequence_{i % 7}/frame_{i:06}" for i in range(400)]
    for side in ("pred", "target"):
        (tmp_path / side).mkdir()
    made = plan(**{**options, "names": names})
    parts = [shard.evaluate() for shard in made.shards(1)]
    # Nine rows of at most 4 bytes an image, and its name.
    assert len(pickle.dumps(parts)) < 400 * 150
    paths = [str(tmp_path / f"{name}.png") for name in names]
    of_files = plan(pred=paths, target=paths, classes=3)
    longest = len(paths[0])
    assert len(pickle.dumps(of_files.shards(1))) < 400 * (2 * longest + 80)
    stack = labels(1, 1, 100, 50, 50)[0]
    shards = plan(pred=stack, target=stack, classes=3, names=map(str, range(100))).shards(10)
    assert sum(len(pickle.dumps(shard)) for shard in shards) < 3 * stack.nbytes
