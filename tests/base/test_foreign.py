"""What other libraries call things: it works, or an error says what it is called here."""

import copy
import inspect
import pickle
import sys
import warnings
from collections.abc import Callable

import numpy as np
import pytest

import segscore
from segscore import ConfusionMatrix, Evaluation, Evaluator
from segscore.base.foreign import ARGUMENTS, COUNTING, EVALUATED, JUDGING, METRICS, NEAREST, SHAPES
from segscore.errors import ArgumentError
from segscore.scores.metric import METRICS as OURS
from segscore.scores.scores import Scores
from support.refused import refused


def judged() -> Evaluator:
    judge = Evaluator(["road", "car", "sky"])
    judge.add(pred=[0, 1, 1, 2], target=[0, 0, 1, 2])
    return judge


def counted() -> ConfusionMatrix:
    cm = ConfusionMatrix(["road", "car", "sky"])
    cm.update(pred=[0, 1, 1, 2], target=[0, 0, 1, 2])
    return cm


CALLS = {
    "ConfusionMatrix": (ConfusionMatrix, {"num_classes": "`classes`"}),
    "ConfusionMatrix.update": (
        lambda **given: counted().update(**given),
        {"preds": "`pred`", "labels": "`target`", "y_score": "`logits`", "dim": "`class_axis`"},
    ),
    "Evaluator": (Evaluator, {"num_classes": "`classes`"}),
    "Evaluator.add": (lambda **given: judged().add(**given), {"y_pred": "`pred`", "y_true": "`target`"}),
    "evaluate": (
        segscore.evaluate,
        {"gt": "`target`", "labels": "`target` or `classes`", "num_classes": "`classes`", "preds": "`pred`"},
    ),
}


@pytest.mark.parametrize("called", CALLS)
def test_an_argument_of_another_library_is_named_as_it_is_called_here(called: str) -> None:
    call: Callable[..., object]
    call, names = CALLS[called]  # type: ignore[assignment]
    given = ", ".join(repr(name) for name in sorted(names))
    hints = ", ".join(f"`{name}` is called {ours} here" for name, ours in sorted(names.items()))
    text = f"{called}() does not take {given}\nhint: {hints}"
    assert refused(TypeError, call, **dict.fromkeys(names, 2)) == text


@pytest.mark.parametrize("name", ["colour", "n_jobs"])  # of no library, and of other functions of one
def test_an_argument_that_none_has_here_is_python_s_error(name: str) -> None:
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'$"):
        counted().update(pred=[0], target=[0], **{name: 1})


@pytest.mark.parametrize(
    ("call", "example"),
    [
        (lambda: counted().update([0], [0]), "ConfusionMatrix.update(target=…, pred=…)"),  # type: ignore[misc]
        (lambda: judged().add([0]), "Evaluator.add(target=…)"),  # type: ignore[misc, call-arg]
        (lambda: ConfusionMatrix(2, 255), "ConfusionMatrix(ignore_index=…)"),  # type: ignore[misc]
        (lambda: segscore.evaluate([0], [0], 2), "evaluate(pred=…, target=…, classes=…)"),  # type: ignore[misc, call-arg]
    ],
)
def test_arguments_without_their_names_are_answered_with_these(
    call: Callable[[], object], example: str
) -> None:
    with pytest.raises(
        TypeError, match=r"^.* takes . positional arguments? but . were given\nhint: "
    ) as caught:
        call()
    assert str(caught.value).endswith(f"\nhint: arguments are named: `{example}`")


def test_functions_that_translate_keep_their_signatures_and_the_place_of_warnings() -> None:
    assert list(inspect.signature(Evaluator.add).parameters)[:3] == ["self", "target", "pred"]
    assert list(inspect.signature(segscore.evaluate).parameters)[:3] == ["pred", "target", "classes"]
    for call in (
        lambda: segscore.evaluate(pred=[np.array([7])], target=[np.array([0])], classes=2),
        lambda: counted().update(pred=[7], target=[0]),
        lambda: judged().add(pred=[7], target=[0], name="a"),
    ):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            call()
        assert {warning.filename for warning in told} == {__file__}


@pytest.mark.parametrize(
    ("made", "name", "ours"),
    [
        (counted, "compute", "scores"),
        (counted, "confusion_matrix", "counts"),
        (counted, "jaccard", "scores.iou"),
        (counted, "mIoU", "scores.mean_iou"),
        (judged, "compute", "result()"),
        (judged, "update", "add"),
        (lambda: judged().result(), "f1", "scores.dice"),
        (lambda: judged().result(), "confusion_matrix", "confusion"),
        (lambda: counted().scores, "accuracy", "pixel_accuracy"),
        (lambda: counted().scores, "sensitivity", "recall"),
    ],
)
def test_an_attribute_of_another_library_is_named_as_it_is_called_here(
    made: Callable[[], object], name: str, ours: str
) -> None:
    one = made()
    assert refused(AttributeError, getattr, one, name) == (
        f"'{type(one).__name__}' object has no attribute '{name}'\nhint: it is called `{ours}` here"
    )
    assert not hasattr(one, name)


def test_what_no_library_has_and_what_python_asks_for_is_python_s_error() -> None:
    for one in (counted(), judged(), counted().scores, judged().result()):
        for name in ("colour", "_repr_png_", "_ipython_display_", "__array__", "_foreign_"):
            with pytest.raises(AttributeError, match=f"has no attribute '{name}'$"):
                getattr(one, name)
        assert type(copy.copy(one)) is type(copy.deepcopy(one)) is type(pickle.loads(pickle.dumps(one)))


def test_the_error_of_a_property_is_its_own() -> None:
    class Broken(ConfusionMatrix):
        @property
        def classes(self) -> segscore.Classes:
            raise AttributeError("of the property")

    with pytest.raises(AttributeError, match=r"^of the property$"):
        _ = Broken(2).classes


def test_numbers_of_scores_are_read_from_what_has_scores() -> None:
    for one in (counted(), judged().result()):
        assert one.mean_iou == one.scores.mean_iou  # type: ignore[attr-defined]
        assert one.iou["car"] == one.scores.iou[1]  # type: ignore[attr-defined]
        assert one.pixel_accuracy == 0.75  # type: ignore[attr-defined]


def test_every_name_here_that_the_tables_give_is_there() -> None:
    assert set(METRICS.values()) <= OURS.keys() & set(dir(Scores))
    assert {OURS[ours].needs for ours in (*SHAPES.values(), *NEAREST.values())} == {"bands", "surfaces"}
    tables = (METRICS, SHAPES, NEAREST)
    assert len(set().union(*tables, OURS)) == len(OURS) + sum(map(len, tables))
    for of, names in ((counted(), COUNTING), (judged(), JUDGING), (judged().result(), EVALUATED)):
        assert isinstance(of, ConfusionMatrix | Evaluator | Evaluation)
        for name, ours in names.items():
            assert not hasattr(of, name), name
            first, _, rest = ours.partition(".")
            assert ours == "+" or hasattr(of, first.removesuffix("()")), ours
            assert not rest or hasattr(Scores, rest)
    parameters = {
        name
        for called in (segscore.evaluate, ConfusionMatrix, ConfusionMatrix.update, Evaluator.add)
        for name in inspect.signature(called).parameters
    }
    assert {ours for names in ARGUMENTS.values() for ours in names} <= parameters
    assert not ARGUMENTS.keys() & parameters


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("miou", "it is called `mean_iou` here"),
        ("mIoU", "it is called `mean_iou` here"),
        ("acc", "it is called `pixel_accuracy` here"),
        ("f1_score.car", "it is called `dice.car` here"),
        ("jaccard", "it is called `iou` here, and named with a class: `iou.road`"),
        ("hausdorff.car", "it is called `hd.car` here"),
        ("nsd.car@2", "it is called `surface_dice.car@2` here"),
        ("NSD@2", "it is called `surface_dice@2` here"),
        ("normalized_surface_distance.car@2", "it is called `surface_dice.car@2` here"),
        ("hd_95.car", "it is called `hd95.car` here"),
        ("boundary_f.car@2", "it is called `boundary_f1.car@2` here"),
        ("surface_distance.car", "the nearest is `assd.car`"),
        ("ASD", "the nearest is `assd`"),
        ("hausdorff", "it is called `hd` here, and named with a class: `hd.sky`"),
    ],
)
def test_a_metric_of_another_library_is_named_as_it_is_called_here(name: str, hint: str) -> None:
    ev = judged().result()
    assert refused(ArgumentError, ev.check, {name: 0.5}) == f"there is no metric `{name}`\nhint: {hint}"


def test_code_that_torch_compiles_leaves_it_out_of_its_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []

    class Compiler:
        compiling = False

        def is_dynamo_compiling(self) -> bool:
            return self.compiling

        def disable(self, function: Callable[..., object]) -> Callable[..., object]:
            ran.append(function.__qualname__)
            return function

    compiler = Compiler()
    monkeypatch.setitem(sys.modules, "torch.compiler", compiler)
    cm, judge = counted(), judged()
    for compiler.compiling in (False, True):
        cm.update(pred=[0], target=[1])
        judge.add(pred=[0], target=[1])
        judge.add_batch(pred=[[[0]]], target=[[[1]]])
    assert ran == ["ConfusionMatrix.update", "Evaluator.add", "Evaluator.add_batch"]
    assert (cm.pixels, len(judge)) == (6, 5)
    for method in (ConfusionMatrix.update, Evaluator.add, Evaluator.add_batch):
        assert vars(method)["_torchdynamo_disable"]


def test_a_size_is_an_argument_of_another_function() -> None:
    given = {"pred": "p", "target": "t", "classes": 2, "size": (640, 480)}
    for function in (segscore.evaluate, segscore.plan, segscore.audit):
        assert refused(TypeError, function, **given) == (
            f"{function.__name__}() got an unexpected keyword argument 'size'\n"
            "hint: `read_annotations(path, size=(640, 480))` of `segscore.io.annotations.reading` makes a "
            "`target`"
        )


def test_a_size_of_arrays_is_an_argument_of_no_function() -> None:
    assert "hint" not in refused(TypeError, segscore.ConfusionMatrix, 2, size=3)
    for method in (counted().update, judged().add):
        assert "hint" not in refused(TypeError, method, pred=[0], target=[1], size=3)


def test_an_audit_says_what_arguments_are_called_here() -> None:
    assert refused(TypeError, segscore.audit, pred="p", gt="t", classes=2) == (
        "audit() does not take 'gt'\nhint: `gt` is called `target` here"
    )
