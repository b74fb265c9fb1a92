"""What switches something on or off is True or False, wherever the public API asks: "no" is neither."""

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

import segscore
import segscore.predict
import segscore.workspace
from segscore import ArgumentError, Classes, ConfusionMatrix, Evaluation, Evaluator, Workspace
from segscore.errors import flag
from segscore.workspace import Dataset, Model, Runs
from support.refused import refused
from support.some_runs import add_function, run, ws

__all__ = ["ws"]

MASKS = [np.array([[0, 1]])] * 2
ROWS = {"name": ["a"], "target": [0], "pred": [0], "pixels": [4]}
MADE = {"pred": MASKS, "target": MASKS, "classes": 2}
ADDED = {"pred": [0], "target": [0], "name": "a"}
FREE: dict[tuple[Any, str], Callable[..., object]] = {
    (Classes, "confirmed"): partial(Classes, ["a"]),
    (ConfusionMatrix, "strict"): partial(ConfusionMatrix, 2),
    (Evaluator, "strict"): partial(Evaluator, 2),
    (Evaluator, "distances"): partial(Evaluator, 2),
    (Evaluator, "segments"): partial(Evaluator, 2, boundary=1),
    (Evaluator, "components"): partial(Evaluator, 2),
    (Evaluator.add, "tile"): lambda **given: Evaluator(2).add(**ADDED, **given),
    (Evaluation.from_rows, "strict"): partial(Evaluation.from_rows, 2, ROWS),
    (Evaluation.images_with, "wrong"): lambda **given: Evaluation.from_rows(2, ROWS).images_with(**given),
    (segscore.evaluate, "strict"): partial(segscore.evaluate, **MADE),
    (segscore.evaluate, "progress"): partial(segscore.evaluate, **MADE),
    (segscore.evaluate, "ignore_flag"): partial(segscore.evaluate, **MADE),
    (segscore.evaluate, "distances"): partial(segscore.evaluate, **MADE),
    (segscore.evaluate, "segments"): partial(segscore.evaluate, **MADE, boundary=1),
    (segscore.evaluate, "components"): partial(segscore.evaluate, **MADE),
    (segscore.plan, "strict"): partial(segscore.plan, **MADE),
    (segscore.plan, "distances"): partial(segscore.plan, **MADE),
    (segscore.plan, "segments"): partial(segscore.plan, **MADE, boundary=1),
    (segscore.plan, "components"): partial(segscore.plan, **MADE),
    (segscore.audit, "progress"): partial(segscore.audit, **MADE),
    (segscore.Shard.evaluate, "progress"): segscore.plan(**MADE).whole().evaluate,
}
"""What takes switches, and how it is called with everything else."""
OF_WORKSPACES: dict[tuple[Any, str], Callable[..., Callable[..., object]]] = {
    **{
        (method, name): call
        for method, call in (
            (Workspace.run, lambda ws: partial(ws.run, "net", "noise")),
            (Workspace.run_shard, lambda ws: partial(ws.run_shard, "net", "noise", 1, 2)),
        )
        for name in ("again", "keep_predictions", "verify", "progress", "distances", "segments", "components")
    },
    (Dataset.changes, "verify"): lambda ws: ws.datasets["noise"].changes,
    (Dataset.check, "verify"): lambda ws: ws.datasets["noise"].check,
    (Dataset.audit, "progress"): lambda ws: ws.datasets["noise"].audit,
    (segscore.workspace.Datasets.add, "progress"): lambda ws: partial(
        ws.datasets.add, "other", targets="target", classes=3, ignore_index=255
    ),
    (Runs.columns, "images"): lambda ws: ws.runs().columns,
    (Runs.columns, "objects"): lambda ws: ws.runs().columns,
    (Runs.to_frame, "images"): lambda ws: ws.runs().to_frame,
    (Runs.to_frame, "objects"): lambda ws: ws.runs().to_frame,
}
APART = {(segscore.predict.onnx, "spin")}
"""Needs a model, and is looked at with those."""


def _functions() -> Iterator[Any]:
    for module in (segscore, segscore.workspace, segscore.predict):
        for name in module.__all__:
            found = getattr(module, name)
            if inspect.isclass(found) and issubclass(found, tuple | BaseException):
                continue
            if inspect.isclass(found):
                yield found
                yield from (one for key, one in inspect.getmembers(found, inspect.isroutine) if key[0] != "_")
            elif callable(found):
                yield found


RESULTS = {"Comparison", "Difference", "GateResult", "Unfinished"}
"""What is made here and by nobody else."""
INNER = {("of_pairs", "strict"), ("decoded", "void")}
"""Methods that are called here alone."""


def test_every_switch_of_the_public_api_is_looked_at() -> None:
    found = {
        (inspect.unwrap(getattr(one, "__func__", one)), name)
        for one in _functions()
        if getattr(one, "__name__", "") not in RESULTS
        if inspect.isclass(one) or hasattr(one, "__code__")
        for name, parameter in inspect.signature(one).parameters.items()
        if parameter.annotation is bool or "bool |" in str(parameter.annotation)
        if (getattr(one, "__name__", ""), name) not in INNER
    }
    known = {*FREE, *OF_WORKSPACES, *APART}
    assert found == {(inspect.unwrap(getattr(one, "__func__", one)), name) for one, name in known}
    assert Model.changes is Dataset.changes


@pytest.mark.parametrize(
    ("what", "call"), FREE.items(), ids=[f"{made.__qualname__}-{name}" for made, name in FREE]
)
def test_what_is_no_switch_is_refused(what: tuple[Any, str], call: Callable[..., object]) -> None:
    check(what[1], call)


def check(name: str, call: Callable[..., object]) -> None:
    """Check that an argument takes bools, those of NumPy included, and nothing else."""
    others = ", or a function" if name == "progress" else ""
    for given in ("no", "x", 0, 1, None, np.array([True]), 1.0):
        said = refused(ArgumentError, call, **{name: given})
        assert said.startswith(f"`{name}` is {given!r}, expected True or False{others}\nhint: ")
        if name not in ("distances", "segments", "components"):
            assert said.endswith(f"\nhint: such as `{name}=True`")
    call(**{name: np.False_})


@pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")
def test_what_is_no_switch_of_a_workspace_is_refused_before_anything_is_run(ws: Workspace) -> None:
    add_function(ws)
    run(ws)
    for (_, name), of in OF_WORKSPACES.items():
        call = of(ws)
        if name == "segments":
            call = partial(call, boundary=1)  # type: ignore[arg-type]
        check(name, call)


def test_a_switch_is_a_bool_of_python_afterwards() -> None:
    assert [flag("tile", given) for given in (True, np.True_, False, np.False_)] == [True, True, False, False]
    assert type(flag("tile", np.True_)) is bool
    long = refused(ArgumentError, flag, "tile", "x" * 1000)
    assert long == f"`tile` is '{'x' * 199}…, expected True or False\nhint: such as `tile=True`"
