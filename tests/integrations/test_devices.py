"""Tensors of real packages that count as those of a device, as none is there: the same code, on the CPU."""

import os
import sys
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, Classes, DtypeError, Evaluator
from segscore.io import devices
from support import loops
from support.processes import ended
from support.refused import refused

loops.needed("torch", "jax")

import jax
import jax.numpy as jnp
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

MADE = {
    "torch": lambda array, dtype=None: torch.from_numpy(array).to(getattr(torch, dtype or array.dtype.name)),
    "jax": lambda array, dtype=None: jnp.asarray(array, dtype=dtype),
}
DTYPES = ("float16", "bfloat16", "float32")


@pytest.fixture(params=MADE)
def made(request, monkeypatch) -> Any:
    """How tensors of a package are made, which all count as those of a device."""
    monkeypatch.setattr(devices, "ON_CPU", ())
    return MADE[request.param]


@pytest.fixture
def crossed(monkeypatch) -> list[tuple[str, int]]:
    """What crosses from the device."""
    found: list[tuple[str, int]] = []
    here = devices._here

    def noted(value: Any) -> Any:
        array = here(value)
        found.append((array.dtype.name, array.size))
        return array

    monkeypatch.setattr(devices, "_here", noted)
    return found


def scores_of(classes: int) -> Any:
    return np.round(np.random.default_rng(0).normal(size=(2, classes, 12, 13)), 1).astype(np.float32)


def labels_of(classes: int) -> Any:
    labels = np.random.default_rng(1).integers(0, classes, (2, 12, 13))
    labels[0, 0] = -1
    return labels


def rounded(scores: Any, dtype: str) -> Any:
    """Return scores as a type of less bits holds them, by the package that has it."""
    return torch.from_numpy(scores).to(getattr(torch, dtype)).float().numpy()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("classes", [3, 300])
def test_class_scores_are_counted_as_on_the_cpu(made, crossed, classes, dtype):
    known = Classes.of(classes, -1)
    here, there = Evaluator(known), Evaluator(known)
    scores, labels = scores_of(classes), labels_of(classes)
    here.add_batch(logits=rounded(scores, dtype), target=labels, class_axis=1)
    there.add_batch(logits=made(scores, dtype), target=labels, class_axis=1)
    assert there.result() == here.result()
    assert crossed == [("uint8" if classes == 3 else "int16", 12 * 13)] * 2
    there.add_batch(logits=made(scores, dtype), target=made(labels), class_axis=1)
    pairs = np.diff(here.result().table.offsets).tolist()
    assert [size for _, size in crossed[2:]] == [number for number in pairs for _ in range(2)]
    here.add_batch(logits=rounded(scores, dtype), target=labels, class_axis=1)
    assert there.result() == here.result()


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_threshold_is_rounded_as_on_the_cpu(made, dtype):
    scores, labels = scores_of(1)[:, 0], labels_of(2)
    here, there = Evaluator(2, ignore_index=-1), Evaluator(2, ignore_index=-1)
    for threshold in (0.3, -0.7, 1e-9):
        here.add_batch(logits=rounded(scores, dtype), target=labels, threshold=rounded_to(threshold, dtype))
        there.add_batch(logits=made(scores, dtype), target=labels, threshold=threshold)
    assert there.result() == here.result()


def rounded_to(number: float, dtype: str) -> float:
    return torch.tensor(number, dtype=getattr(torch, dtype)).item()


def test_labels_of_all_types_are_counted(made, crossed):
    labels = labels_of(3)
    for dtype in (np.int8, np.int16, np.int32):
        here, there = Evaluator(3, ignore_index=-1), Evaluator(3, ignore_index=-1)
        given = {"pred": np.maximum(labels[::-1], 0).astype(dtype), "target": labels.astype(dtype)}
        here.add_batch(**given)
        there.add_batch(**{side: made(np.ascontiguousarray(one)) for side, one in given.items()})
        assert there.result() == here.result()
    assert max(size for _, size in crossed) <= 4 * 3


def test_nan_is_found_at_its_place(made):
    scores = scores_of(3)[0]
    scores[1, 2, 5] = np.nan
    for given in ({"logits": scores, "class_axis": 0}, {"logits": scores[1], "threshold": 0.5}):
        classes = 3 if "class_axis" in given else 2
        here = refused(ArgumentError, Evaluator(classes).add, **given, target=np.zeros((12, 13), int))
        given["logits"] = made(given["logits"])
        assert refused(ArgumentError, Evaluator(classes).add, **given, target=np.zeros((12, 13), int)) == here


def test_class_scores_in_place_of_labels_are_told(made):
    said = refused(DtypeError, Evaluator(3).add, pred=made(scores_of(3)[0, 0]), target=labels_of(3)[0])
    assert said == (
        "`pred` is float32, expected bools or integers\n"
        "hint: class scores go to `update` or `add` as `logits=`, to `evaluate` with `class_axis=`; labels "
        "that were read as floats through `.astype(int)`"
    )


HINT = "\nhint: call it outside the compiled function, on what this returns"


def test_what_jax_traces_is_refused():
    def step(scores: Any) -> Any:
        Evaluator(3).add(logits=scores, class_axis=0, target=labels_of(3)[0])
        return scores

    for traced in (jax.jit(step), jax.vmap(step)):
        said = refused(DtypeError, traced, scores_of(3))
        assert said.startswith("`logits` has no values yet: it is a ")
        assert said.endswith(f"Tracer of code that is compiled{HINT}")


OF_TENSORFLOW = """
import tensorflow
from segscore import DtypeError, Evaluator

@tensorflow.function(autograph=False)
def step(labels):
    Evaluator(3).add(pred=labels, target=labels)
    return labels

try:
    step(tensorflow.zeros((2, 2), tensorflow.int32))
except DtypeError as error:
    print(error)
"""


def test_what_tensorflow_traces_is_refused():
    if find_spec("tensorflow") is None:
        pytest.skip("tensorflow is not installed")
    done = ended([sys.executable, "-c", OF_TENSORFLOW])  # it does not share a process with all of the others
    assert done.stdout == (
        f"`pred` has no values yet: it is a SymbolicTensor of code that is compiled{HINT}\n"
    ), done.stderr


def test_what_torch_traces_is_refused():
    with FakeTensorMode():
        labels = torch.zeros(2, 2, dtype=torch.int64)
    said = refused(DtypeError, Evaluator(3).add, pred=labels, target=labels)
    assert said == f"`pred` has no values yet: it is a FakeTensor of code that is compiled{HINT}"


OF_PARTS = """
import jax, numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from segscore import ConfusionMatrix

devices = np.array(jax.devices())
assert len(devices) == 2
cut = NamedSharding(Mesh(devices, ("x",)), PartitionSpec(None, "x"))
scores = np.random.default_rng(0).normal(size=(3, 8, 10)).astype("f4")
labels = np.random.default_rng(1).integers(0, 3, (1, 8, 10))
here, there = ConfusionMatrix(3), ConfusionMatrix(3)
here.update(logits=scores, target=labels[0], class_axis=0)
there.update(logits=jax.device_put(scores, cut), target=labels[0], class_axis=0)
here.update(pred=labels, target=labels)
there.update(pred=jax.device_put(labels, cut), target=jax.device_put(labels, cut))
print(here == there, here.pixels)
"""


def test_parts_on_several_devices_are_one_array():
    env = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"}
    done = ended([sys.executable, "-c", OF_PARTS], env=env)
    assert done.stdout == "True 160\n", done.stderr


@pytest.mark.parametrize("given", [{"pred": (2, 2)}, {"logits": (3, 2, 2)}])
def test_what_has_no_memory_has_no_values(given):
    (side, shape), *_ = given.items()
    dtype = torch.int64 if side == "pred" else torch.float32
    axis = {} if side == "pred" else {"class_axis": 0}
    values = {side: torch.zeros(shape, dtype=dtype, device="meta"), **axis}
    said = refused(DtypeError, Evaluator(3).add, **values, target=np.zeros((2, 2), int))
    assert said.startswith(f"`{side}` is of type Tensor, which does not become an array: ")
