"""ONNX files of a few operations for tests of predictions. Nothing here is a test."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, parser

HEADER = '<ir_version: 8, opset_import: ["" : 17]> g '


def model(given: str, returned: str | None = None, body: str = "y = Identity(x)") -> str:
    """Return the text of a model of one input `x` and one output `y`, by default its input."""
    return f"({given} x) => ({returned or given} y) {{ {body} }}"


SAME = model("float[n,3,2,4]")
"""The class scores are the numbers that the model is given."""
LOOP = """(float[n,3,2,4] x) => (float[n,3,2,4] y) {
  trips = Constant <value = int64 {4000000000000}> ()
  yes = Constant <value = bool {1}> ()
  y = Loop (trips, yes, x) <body = b (int64 i, bool c, float[n,3,2,4] v) => (bool d, float[n,3,2,4] w) {
    d = Identity(c)
    w = Identity(v)
  }>
}"""

"""A model that takes weeks for an image."""


def save(path: Path, text: str) -> Path:
    """Write the model that a text describes, in the syntax of `onnx.parser`."""
    path.write_bytes(parser.parse_model(HEADER + text).SerializeToString())
    return path


def _written(path: Path, graph: onnx.GraphProto) -> Path:
    made = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    path.write_bytes(made.SerializeToString())
    return path


def outside(location: str) -> TensorProto:
    """Return a tensor of three floats that lie in another file."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", "0"), ("length", "12")):
        tensor.external_data.add(key=key, value=value)
    return tensor


def save_external(path: Path, location: str) -> Path:
    """Write a model that adds three floats in another file to the channels of (n, 2, 2, 3)."""
    shape = ["n", 2, 2, 3]
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [outside(location)],
    )
    return _written(path, graph)


def save_network(path: Path, classes: int, size: tuple[int, int], width: int = 16) -> Path:
    """Write a small network with random weights: some convolutions, at half of the size in between."""
    random = np.random.default_rng(0)
    height, breadth = size
    nodes, weights, name, channels = [], [], "x", 3
    for i, (out, stride) in enumerate([(width, 1), (width, 2), (width, 1), (classes, 1)]):
        kernel = random.standard_normal((out, channels, 3, 3)).astype(np.float32) / 100
        weights.append(onnx.numpy_helper.from_array(kernel, f"w{i}"))
        nodes.append(helper.make_node("Conv", [name, f"w{i}"], [f"c{i}"], pads=[1] * 4, strides=[stride] * 2))
        nodes.append(helper.make_node("Relu", [f"c{i}"], [f"r{i}"]))
        name, channels = f"r{i}", out
    weights.append(onnx.numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "up"))
    nodes.append(helper.make_node("Resize", [name, "", "up"], ["y"], mode="linear"))
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, height, breadth])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", classes, height, breadth])],
        weights,
    )
    return _written(path, graph)
