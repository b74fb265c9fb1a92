"""A callback of Keras logs what one evaluator finds after each epoch, with each backend that is there."""

import json
import os
import sys
from importlib.util import find_spec

import pytest

from support import loops
from support.processes import ended

loops.needed("keras", "torch")

CODE = """
import json
import sys
import numpy as np
sys.path[:0] = sys.argv[1:]
import keras
from segscore import ArgumentError, Evaluator
from segscore.integrations.keras import SegmentationScores
from support import loops
from support.loops import METRICS, OPTIONS

keras.utils.set_random_seed(0)
x, y = loops.photographs().transpose(0, 2, 3, 1), loops.label_maps()


class Data(keras.utils.PyDataset):
    num_batches = 4

    def __getitem__(self, i):
        return x[2 * i : 2 * i + 2], y[2 * i : 2 * i + 2, ..., np.newaxis]


model = keras.Sequential([keras.Input((*loops.SIZE, 3)), keras.layers.Conv2D(3, 3, padding="same")])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255))
batches = [(x[i : i + 2], y[i : i + 2], np.ones(2)) for i in range(0, len(x), 2)]
callbacks = [
    SegmentationScores((x, y), **OPTIONS, metrics=METRICS),
    SegmentationScores(Data(), **OPTIONS, metrics=METRICS, prefix="dataset_"),
    SegmentationScores(batches, **OPTIONS, metrics=METRICS, prefix="batches_"),
]
stop = keras.callbacks.EarlyStopping(monitor="val_mean_iou", mode="max", min_delta=2)
history = model.fit(x, y, epochs=3, verbose=0, callbacks=[*callbacks, stop]).history
judge = Evaluator(**OPTIONS)
judge.add_batch(logits=model.predict_on_batch(x), target=y, class_axis=-1)
expected = judge.result()
assert all(one.evaluation == expected for one in callbacks), [one.evaluation for one in callbacks]
# Channels first, and yes or no by one channel.
first = keras.Sequential([keras.Input((*loops.SIZE, 3)), keras.layers.Permute((3, 1, 2))])
one = keras.Sequential([keras.Input((*loops.SIZE, 3)), keras.layers.Conv2D(1, 1, activation="sigmoid")])
for made, scored, classes, labels, options in (
    (first, x.transpose(0, 3, 1, 2), 3, y, {"class_axis": 1}),
    (one, one.predict_on_batch(x), 2, np.where(y == 255, y, y % 2), {"threshold": 0.5}),
):
    made.compile()
    callback = SegmentationScores((x, labels), classes, ignore_index=255, metrics="mean_iou", **options)
    callback.set_model(made)
    logs = {}
    callback.on_epoch_end(0, logs)
    judge = Evaluator(classes, ignore_index=255)
    judge.add_batch(logits=scored, target=labels, **{"class_axis": -1, **options})
    assert callback.evaluation == judge.result()
    assert logs == {"val_mean_iou": judge.result().scores.mean_iou}
try:
    SegmentationScores([], 3).on_epoch_end(0)
except ArgumentError as error:
    said = str(error)
print(json.dumps({
    "backend": keras.backend.backend(),
    "epochs": len(history["loss"]),
    "history": {name: values[-1] for name, values in history.items()},
    "expected": loops.values_of(expected),
    "said": said,
}))
"""


@pytest.mark.parametrize("backend", ["torch", "jax", "tensorflow"])
def test_what_is_logged_is_what_one_evaluator_finds(backend: str) -> None:
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    env = {**os.environ, "KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": ""}
    tests = os.path.dirname(os.path.dirname(__file__))
    done = ended([sys.executable, "-c", CODE, tests, f"{tests}/../benches"], env=env)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["backend"] == backend
    for prefix in ("val_", "dataset_", "batches_"):
        logged = {name: found["history"][f"{prefix}{name}"] for name in found["expected"]}
        assert logged == found["expected"]
    assert found["epochs"] == 2  # `min_delta` is never reached, and it comes after the scores
    assert found["said"] == (
        "`data` has no batches\nhint: give what can be read in each epoch, which a generator cannot"
    )
