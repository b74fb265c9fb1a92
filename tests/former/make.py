"""Write the files of this folder: `python make.py FOLDER`, with segscore 0.1.0 and no other version.

FOLDER is made; it is absolute, because an evaluation knows where its masks lie. `README.md` says more.
"""

import json
import os
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
from PIL import Image

import segscore
from segscore import Classes, Workspace
from segscore.classes import PredictionSpace
from support import told

OLD_NS = 1_700_000_000_000_000_000
CLASSES = Classes(
    ["road", "sky", "car"],
    [7, 23, 26],
    ignore=[255],
    not_in_mean=[23],
    colours={7: (128, 64, 128), 23: (70, 130, 180), 26: (0, 0, 142), 255: (0, 0, 0)},
    pred_labels=[0, 1, 2],
    name="streets",
    title="Streets of six cities",
    note="Made up.",
    prediction_spaces=[PredictionSpace("label-ids", (7, 23, 26), "Masks that were painted by hand.")],
)
NAMES = [f"{city}_{i}" for city in ("aachen", "bonn", "celle", "dresden", "essen", "fulda") for i in (1, 2)]
RULE = '''"""A model of a few words."""


def dark(image):
    """Return road or sky, and never a car."""
    return image[..., :2].argmax(axis=2)
'''
NETWORK = (
    '<ir_version: 8, opset_import: ["" : 17]> g (float[n,3,h,w] x) => (float[n,3,h,w] y) { y = Identity(x) }'
)
ADDED = {"name": "hanau_1", "target": [[7, 23], [26, 255]], "pred": [[0, 1], [1, 1]]}


def write_masks(folder, names, random, predictions=()):
    """Write images, targets and predictions, which are right for a share of the pixels."""
    for name in names:
        image = random.integers(0, 256, (6, 8, 3), np.uint8)
        target = np.take(CLASSES.labels, image.argmax(axis=2)).astype(np.uint8)
        target[random.random((6, 8)) < 0.1] = 7
        target[random.random((6, 8)) < 0.1] = 255
        sides = {"image": image, "target": target}
        for side, right in predictions:
            labels = np.where(random.random((6, 8)) < right, image.argmax(axis=2), 0).astype(np.uint8)
            sides[side] = labels
        for side, array in sides.items():
            path = folder / side / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(array).save(path)


def spoil(painted):
    """Have a prediction of another size, one with a label of no class, one broken, none, and one too many."""
    labels = np.asarray(Image.open(painted / "aachen_1.png"))
    Image.fromarray(labels[::2, ::2]).save(painted / "aachen_1.png")
    labels = np.asarray(Image.open(painted / "aachen_2.png")).copy()
    labels[0, :3] = 9
    Image.fromarray(labels).save(painted / "aachen_2.png")
    whole = (painted / "celle_2.png").read_bytes()
    (painted / "celle_2.png").write_bytes(whole[:-20])
    (painted / "essen_1.png").rename(painted / "gera_1.png")


def write_results():
    """Write an evaluation, and what can be pickled; return the numbers."""
    masks = {"target": "target", "classes": CLASSES, "groups": r"^(\w+)_", "resize": "nearest"}
    painted, repainted = (
        segscore.evaluate(pred=pred, **masks, on_error="skip", progress=False)
        for pred in ("painted", "repainted")
    )
    painted.save("../evaluation.npz")
    evaluator = segscore.Evaluator(CLASSES)
    matrix = segscore.ConfusionMatrix(CLASSES)
    for name in (None, "bonn_1", None, "aachen_2"):
        file = f"{name or 'dresden_2'}.png"
        pred, target = (np.asarray(Image.open(Path(side, file))) for side in ("painted", "target"))
        evaluator.add(pred=pred, target=target, name=name)
        matrix.update(pred=pred, target=target)
    comparison = segscore.compare(painted, repainted, on="common", labels=("painted", "repainted"), seed=1)
    results = {
        "classes": CLASSES,
        "scores": painted.scores,
        "confusion_matrix": matrix,
        "evaluator": evaluator,
        "evaluation": painted,
        "comparison": comparison,
    }
    for name, result in results.items():
        Path(f"../{name}.pickle").write_bytes(pickle.dumps(result, protocol=4))
    numbers = {name: getattr(told, f"told_{name}")(result) for name, result in results.items()}
    evaluator.add(**ADDED)
    matrix.update(pred=ADDED["pred"], target=ADDED["target"])
    return {
        **numbers,
        "added": ADDED,
        "evaluator_later": told.told_evaluator(evaluator),
        "confusion_matrix_later": told.told_confusion_matrix(matrix),
    }


def write_workspace():
    """Write a workspace with models of each form, a dataset and one of another; return the numbers."""
    ws = Workspace.init(".")
    rows = (f"{name},{'rain' if name.endswith('1') else 'sun'}\n" for name in NAMES)
    Path("weather.csv").write_text("name,weather\n" + "".join(rows))
    masks = {"images": "image", "targets": "target", "classes": CLASSES, "progress": False}
    ws.datasets.add("streets", **masks, groups=r"^(\w+)_", attributes="weather.csv")
    other = Workspace.init("other")
    other.datasets.add("avenues", **{**masks, "images": "other/image", "targets": "other/target"})
    ws.link("other", "avenues")
    ws.models.add("painter", predictions="painted")
    ws.models.add("painter", predictions="repainted")
    ws.models.add("net", onnx="net.onnx", options={"size": "image", "scale": 0.5}, trained_on="avenues")
    ws.models.add("rule", python="former_rule:dark")
    ws.run("painter:v1", "streets", progress=False)
    ws.run("painter:v2", "streets", progress=False, resize="nearest")
    ws.run("net", "avenues", progress=False, batch=2)
    ws.run("rule", "streets", progress=False)
    ws.note("r2", "painted anew")
    try:
        ws.run("rule", "streets", again=True, progress=stop)
    except KeyboardInterrupt:
        return told.told_workspace(ws)


def stop(now):
    """End a run after its first images."""
    if now.done:
        raise KeyboardInterrupt


def main():
    """Write everything."""
    folder = Path(sys.argv[1]) / "workspace"
    random = np.random.default_rng(0)
    write_masks(folder, NAMES, random, (("painted", 0.6), ("repainted", 0.9)))
    write_masks(folder / "other", ["rome_1", "rome_2", "siena_1"], random)
    os.chdir(folder)
    spoil(Path("painted"))
    Path("former_rule.py").write_text(RULE)
    Path("net.onnx").write_bytes(onnx.parser.parse_model(NETWORK).SerializeToString())
    for path in Path().rglob("*.*"):
        os.utime(path, ns=(OLD_NS, OLD_NS))
    warnings.simplefilter("ignore", segscore.SegscoreWarning)
    numbers = {**write_results(), "workspace": write_workspace()}
    Path("../expected.json").write_text(json.dumps(numbers, indent=1, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
