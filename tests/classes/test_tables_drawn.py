"""Classes of files of objects: as a table, as targets and as a file to be filled in they are one."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore.classes.classes import Classes
from segscore.classes.tables import drawn
from segscore.counts.new_classes import new_classes
from segscore.errors import ClassesError
from segscore.evaluation.evaluating import evaluate
from segscore.io.annotations.reading import read_annotations
from support.annotated import coco, written


def classes(names: list[str], *arguments: Any, **options: Any) -> Classes:
    return Classes(**drawn.arguments(names, *arguments, **options))


def test_classes_have_the_numbers_of_the_file_where_it_has_some() -> None:
    assert classes(["car", "dog"], [3, 7]).labels == (0, 3, 7)
    assert classes(["car", "dog"], [3, 7]).confirmed
    for numbers in ((), (0, 1), (5, 70_000), (-1, 2), (4, 4)):
        counted = classes(["car", "dog"], numbers)
        assert (counted.names, counted.labels, counted.confirmed) == (
            ("background", "car", "dog"),
            (0, 1, 2),
            False,
        )
    named = classes(["_background_", "cat", "Background", "__ignore__"])
    assert (named.names, named.labels, named.ignore, named.void_names) == (
        ("Background", "_background_", "cat"),
        (0, 1, 2),
        (255,),
        ("__ignore__",),
    )
    assert classes(["void", "cat"], [1, 255]).ignore == (65535,)
    assert classes(["cat", "dog"], colours={"cat": (1, 2, 3)}).colours == {1: (1, 2, 3)}
    assert classes(["cat", "dog"], colours={"cat": (1, 2, 3), "dog": (1, 2, 3)}).colours == {}


def test_parents_own_nothing_and_are_of_nothing() -> None:
    animals = {"id": 0, "name": "animals", "supercategory": "none"}
    dog = {"id": 1, "name": "dog", "supercategory": "animals"}
    assert drawn.parents([animals, dog], []) == {0}
    assert drawn.parents([dog, animals], [{"category_id": 1}]) == {1}
    assert drawn.parents([animals, dog], [{"category_id": 0}]) == set()
    assert drawn.parents([animals | {"supercategory": "things"}, dog], []) == set()
    assert drawn.parents([animals, dog | {"supercategory": 3}], []) == set()
    for odd in (None, {"id": None, "name": "animals"}, {"id": 0, "name": ["animals"]}, {"id": 0}):
        assert drawn.parents([odd, dog], None) == set()
    assert drawn.parents([animals, dog], [None, {"category_id": [0]}, {"category_id": True}]) == {0}


def answers(path: str) -> list[Classes]:
    """Return what a file says as a table, as targets, and written to be filled in."""
    draft = Path(path).with_suffix(".toml")
    draft.write_text(new_classes(path))
    found = [Classes.of(path), read_annotations(path).classes, Classes.of(draft)]
    for one in found:
        object.__setattr__(one, "name", None)  # the last one's is made up
    return found


def datumaro(names: list[str], **mask: Any) -> dict[str, Any]:
    item = {"id": "a", "image": {"size": [4, 6]}, "annotations": []}
    return {
        "categories": {"label": {"labels": [{"name": name} for name in names]}, "mask": mask},
        "items": [item],
    }


RED = {"r": 255, "g": 0, "b": 0}
FILES = {
    "plain": (coco(), ("background", "car", "dog"), (0, 3, 7), (), {}, True),
    "no objects": (coco(annotations=[]), ("background", "car", "dog"), (0, 3, 7), (), {}, True),
    "of Roboflow": (
        coco(
            categories=[
                {"id": 0, "name": "pets", "supercategory": "none"},
                {"id": 3, "name": "car", "supercategory": "pets"},
                {"id": 7, "name": "dog", "supercategory": "pets"},
            ]
        ),
        *(("background", "car", "dog"), (0, 3, 7), (), {}, True),
    ),
    "from 0": (
        coco(categories=[{"id": 0, "name": "a"}, {"id": 3, "name": "b"}, {"id": 7, "name": "c"}]),
        *(("background", "a", "b", "c"), (0, 1, 2, 3), (), {}, False),
    ),
    "with its own background": (
        coco(categories=[{"id": 7, "name": "a"}, {"id": 0, "name": "BG"}, {"id": 3, "name": "b"}]),
        *(("BG", "a", "b"), (0, 7, 3), (), {}, True),
    ),
    "with void": (
        coco(categories=[{"id": 7, "name": "a "}, {"id": 3, "name": "void"}]),
        *(("background", "a "), (0, 7), (255,), {}, True),
    ),
    "Datumaro's": (
        datumaro(["car", "dog"], colormap=[{"label_id": 1, **RED}]),
        *(("background", "car", "dog"), (0, 1, 2), (), {2: (255, 0, 0)}, False),
    ),
    "Datumaro's with a background": (
        datumaro(["background", "dog"], colormap=[{"label_id": 0, **RED}]),
        *(("background", "dog"), (0, 1), (), {0: (255, 0, 0)}, False),
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_one_answer(name: str, tmp_path: Path) -> None:
    content, names, labels, ignore, colours, confirmed = FILES[name]
    for one in answers(written(tmp_path, content)):
        assert (one.names, one.labels, one.ignore) == (names, labels, ignore)
        assert (dict(one.colours), one.confirmed) == (colours, confirmed)


def test_the_answers_agree_on_files_of_all_kinds(tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    words = ["car", "dog", "background", "bg", "void", "ignore", "sky", "none"]
    for _ in range(60):
        names = random.permutation(words)[: random.integers(1, 7)].tolist()
        ids = random.choice(70_000 if random.random() < 0.2 else 9, len(names), replace=False).tolist()
        categories = [
            {"id": own, "name": name, "supercategory": str(random.choice(words))}
            for own, name in zip(ids, names, strict=True)
        ]
        used = random.choice(ids, 3).tolist()
        objects = [{"image_id": 4, "category_id": one, "segmentation": []} for one in used]
        box = {"image_id": 4, "category_id": used[0], "segmentation": [[0, 0, 4, 0, 4, 4]]}
        file = written(tmp_path, coco(categories=categories, annotations=[*objects, box]))
        table, targets, draft = answers(file)
        assert table == targets == draft
        assert table.confirmed == targets.confirmed == draft.confirmed


def test_masks_are_scored_with_the_classes_of_a_file_as_with_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, coco())
    made = read_annotations(file).label_maps()
    for side in ("target", "pred"):
        (tmp_path / side / "sub").mkdir(parents=True)
        for one, content in zip(made.files, made.contents, strict=True):
            (tmp_path / side / one).write_bytes(content)
    masks = evaluate(pred=tmp_path / "pred", target=tmp_path / "target", classes=file, progress=False)
    drawn_targets = evaluate(pred=tmp_path / "pred", target=file, progress=False)
    assert masks.classes == drawn_targets.classes
    assert (
        masks.confusion.counts.tolist()
        == drawn_targets.confusion.counts.tolist()
        == np.diag([38, 6, 10]).tolist()
    )


def test_panoptic_files_have_no_background(tmp_path: Path) -> None:
    segments = [{"image_id": 1, "file_name": "a.png", "segments_info": []}]
    category = {"id": 5, "name": "car", "color": [1, 2, 3], "isthing": 1}
    file = written(tmp_path, coco(annotations=segments, categories=[category]))
    draft = tmp_path / "classes.toml"
    draft.write_text(new_classes(file))
    for one in (Classes.of(file), Classes.of(draft)):
        assert (one.names, one.labels, dict(one.colours)) == (("car",), (5,), {5: (1, 2, 3)})


def test_large_files_of_objects_are_read(tmp_path: Path) -> None:
    file = written(tmp_path, json.dumps(coco()) + " " * (1 << 22))
    assert Classes.of(file).names == ("background", "car", "dog")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"categories": None}, "`categories`: expected a list, found None"),
        ({"categories": [{"id": 1}]}, "`categories[0]`: expected an object with `name`, found {'id': 1}"),
        ({"categories": [{"id": 1, "name": 3}]}, "`categories[0]`: expected a name, found 3"),
        ({"categories": [{"name": "a"}]}, "`categories[0]`: expected a whole number from 0, found None"),
        ({"annotations": None, "categories": []}, None),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], message: str | None, tmp_path: Path) -> None:
    file = written(tmp_path, coco(**changes))
    if message is None:
        assert Classes.of(file).names == ("background",)
        return
    with pytest.raises(ClassesError) as caught:
        Classes.of(file)
    assert caught.value.message == f"{file}: {message}"
