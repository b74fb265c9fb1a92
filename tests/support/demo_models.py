"""Makes the ONNX models of the demo: ``python tests/support/demo_models.py``. Nothing here is a test.

Both call a pixel what its colour is nearest to; the second one looks at the mean of the pixels around it.
They are so small that the package holds them, and are made of the colours of the demo's photographs.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import segscore.demo
from segscore.demo.photographs import COLOURS
from segscore.demo.streets import HEIGHT, VOID, WIDTH

HOME = Path(segscore.demo.__file__).parent
AROUND = {"net-v1.onnx": 1, "net-v2.onnx": 7}
"""How many pixels wide a square is of which a model takes the mean."""
TONES = np.array([tone for label, tone in COLOURS.items() if label != VOID], dtype=np.float32) / 255


def model_of(around: int) -> bytes:
    """Return a file that says for float32 (n, 3, H, W) from 0 to 1 how near a pixel is to each class.

    |x - t|^2 is least where 2 x t - |t|^2 is highest, which is a convolution by one pixel.
    """
    classes = len(TONES)
    weights = numpy_helper.from_array((2 * TONES).reshape(classes, 3, 1, 1), "tones")
    bias = numpy_helper.from_array(-(TONES**2).sum(axis=1), "lengths")
    sides = {"kernel_shape": [around] * 2, "pads": [around // 2] * 4, "count_include_pad": 0}
    nodes = [
        helper.make_node("AveragePool", ["image"], ["smooth"], **sides),
        helper.make_node("Conv", ["smooth", "tones", "lengths"], ["scores"]),
    ]
    graph = helper.make_graph(
        nodes,
        "nearest_colour",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, HEIGHT, WIDTH])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", classes, HEIGHT, WIDTH])],
        [weights, bias],
    )
    made = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    onnx.checker.check_model(made)
    content: bytes = made.SerializeToString(deterministic=True)
    return content


def main() -> None:
    """Write the models into the package."""
    for name, around in AROUND.items():
        (HOME / name).write_bytes(model_of(around))


if __name__ == "__main__":
    main()
