"""Real outputs are what the published schemas of JSON say, and hold no key that these do not name."""

import json
import re
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from segscore import Evaluation, Evaluator, InstanceEvaluator, SegscoreWarning, compare, plan
from segscore import evaluate as evaluate_files
from segscore.text.json import to_json
from support.coco_files import annotations, results
from support.command_line import evaluate, run
from support.documents import ROOT
from support.instances import NAMES, drawn

jsonschema = pytest.importorskip("jsonschema", reason="`pip install '.[test]'` brings jsonschema")

SCHEMAS = {path.name.partition(".")[0]: path for path in (ROOT / "docs" / "schemas").iterdir()}


def schema(name: str) -> dict[str, Any]:
    """Return a schema as it is published."""
    found: dict[str, Any] = json.loads(SCHEMAS[name].read_text())
    return found


def closed(value: Any) -> Any:
    """Return a schema that refuses keys which it does not name."""
    if isinstance(value, list):
        return [closed(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: closed(one) for key, one in value.items()}
    return {"additionalProperties": False} | found if value.get("type") == "object" else found


def check(name: str, output: dict[str, Any]) -> None:
    """Hold what JSON says to its schema."""
    for form in (schema(name), closed(schema(name))):
        jsonschema.Draft202012Validator(form).validate(output)


def said(result: Any) -> dict[str, Any]:
    """Return what a result is as JSON."""
    found: dict[str, Any] = json.loads(to_json(result.to_dict()))
    return found


def evaluated(wrong: float, classes: list[str], **measures: Any) -> Evaluation:
    """Return 40 images with a class that is missed, one that is nowhere, and labels that are no class."""
    judge = Evaluator(classes, **measures)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegscoreWarning)
        for i in range(40):
            random = np.random.default_rng(i)
            target = random.integers(0, 2, (9, 9))
            noise = np.where(random.random((9, 9)) < 0.5, 9, 1 - target)
            pred = np.where(random.random((9, 9)) < wrong, noise, target)
            judge.add(pred=pred, target=target, name=f"case_{i}")
    return judge.result()


def objects(**measures: Any) -> Evaluation:
    """Return images with objects, of a class of which there is none as well."""
    judge = InstanceEvaluator([*NAMES, "bus"], things=["car"], **measures)
    for seed in range(10):
        judge.add(**drawn(seed), name=f"case_{seed}")
    return judge.result()


def detections(**measures: Any) -> Evaluation:
    """Return images with masks that may overlap, of a class of which there is none as well."""
    with TemporaryDirectory() as folder:
        sides = {"target": Path(folder, "target.json"), "pred": Path(folder, "pred.json")}
        categories = [*annotations()["categories"], {"id": 9, "name": "bus"}]
        sides["target"].write_text(json.dumps({**annotations(), "categories": categories}))
        sides["pred"].write_text(json.dumps(results()))
        return evaluate_files(**sides, instances="coco", progress=False, **measures)


EVALUATIONS = {
    "objects": objects(),
    "objects with bands": objects(boundary=1),
    "detections": detections(),
    "detections with bands": detections(boundary=1),
    "components": evaluated(0.1, ["background", "liver", "tumour"], components=True, dilation=1),
    "pixels": evaluated(0.1, ["road", "car", "bus"]),
    "binary": evaluated(0.1, ["background", "liver"]),
    "shapes": evaluated(1, ["background", "liver", "tumour"], distances=True, boundary=(1, 3), segments=True),
}


def test_schemas_are_schemas():
    assert SCHEMAS.keys() == {"audit", "comparison", "evaluation"}
    for name in SCHEMAS:
        jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", SCHEMAS)
def test_keys_are_names_without_blanks(name):
    def keys(value: Any) -> set[str]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return set(value.get("properties", ()) if isinstance(value, dict) else ()).union(*map(keys, inner))

    assert not [key for key in keys(schema(name)) if re.fullmatch("[a-z0-9_]+", key) is None]


@pytest.mark.parametrize("name", EVALUATIONS)
def test_evaluations(name):
    check("evaluation", said(EVALUATIONS[name]))


def test_infinite_distances():
    judge = Evaluator(["background", "liver"], distances=True)
    judge.add(pred=[[0, 0], [0, 0]], target=[[0, 1], [0, 0]])
    output = said(judge.result())
    assert output["surface"]["mean_hd"] == "inf"
    check("evaluation", output)


@pytest.mark.parametrize("name", EVALUATIONS)
def test_audits(name):
    check("audit", said(EVALUATIONS[name].audit()))


def test_shards():
    masks = [np.array([[0, 1]])] * 3
    part = plan(pred=masks, target=masks, classes=["road", "car"]).shards(2)[0].evaluate().evaluation
    assert said(part.audit())["shard"] == "shard 1 of 2 (2 of 3 images)"
    check("audit", said(part.audit()))
    check("evaluation", said(part))
    check("comparison", said(compare(part, part)))


def test_comparisons():
    a, b = EVALUATIONS["pixels"], evaluated(0.3, ["road", "car", "bus"])
    check("comparison", said(compare(a, b)))
    few = compare(a.select(a.names[:3]), b.select(b.names[1:4]), on="common")
    check("comparison", said(few))


def test_outputs_of_commands(folders):
    classes = ("--classes", "classes.toml")
    assert (
        evaluate(*classes, "--json", "e.json", "--save", "e.npz", "--fail-under", "mean_iou=1").exit_code == 1
    )
    assert run("audit", "e.npz", "--json", "a.json").exit_code == 0
    assert run("compare", "e.npz", "e.npz", "--json", "c.json", "--fail-if-worse").exit_code == 0
    for file, name in (("e.json", "evaluation"), ("a.json", "audit"), ("c.json", "comparison")):
        check(name, json.loads(Path(file).read_text()))
    assert json.loads(Path("e.json").read_text())["gates"][0]["passed"] is False


@pytest.mark.parametrize(
    ("key", "value"),
    [("mean_iou", 1.5), ("mean_iou", "high"), ("schema", 1), ("per_class", None), ("pixels", 0.5)],
)
def test_what_is_wrong_is_refused(key, value):
    output = said(EVALUATIONS["pixels"])
    with pytest.raises(jsonschema.ValidationError):
        check("evaluation", output | {key: value})
    del output[key]
    with pytest.raises(jsonschema.ValidationError):
        check("evaluation", output)
