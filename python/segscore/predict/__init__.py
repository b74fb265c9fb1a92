"""Models of any kind as one thing: an image goes in, a label map or class scores come out.

An ONNX file, a Python function and a folder of predictions are what a model can be. This package reads
images and runs models; it knows no classes, no targets and no counts, and imports nothing of segscore that
does. What it returns goes straight into an evaluator:

>>> import numpy as np
>>> import segscore
>>> predict = segscore.predict.function(lambda image: (image[..., 0] > 127).astype(np.uint8))
>>> image = np.zeros((2, 4, 3), np.uint8)
>>> image[:, 2:] = 255
>>> judge = segscore.Evaluator(["road", "sky"])
>>> judge.add(target=[[0, 0, 1, 1], [0, 0, 0, 1]], name="frame_07", **predict(image).given((2, 4)))
>>> judge.result().scores.pixel_accuracy
0.875
"""

from segscore.io.photographs import MAX_PIXELS, read_image
from segscore.io.resizing import resize_logits
from segscore.predict.folders import folder
from segscore.predict.functions import FunctionPredictor, function
from segscore.predict.models import OnnxPredictor, onnx
from segscore.predict.prediction import Prediction, Predictor

__all__ = [
    "MAX_PIXELS",
    "FunctionPredictor",
    "OnnxPredictor",
    "Prediction",
    "Predictor",
    "folder",
    "function",
    "onnx",
    "read_image",
    "resize_logits",
]
