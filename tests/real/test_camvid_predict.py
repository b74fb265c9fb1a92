"""Two real networks on real images, against predictions that were made with them elsewhere."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import predict

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "camvid"
NEEDED = [FOLDER / name for name in ("image", "model", "target", "pred-v1", "pred-v2")]
MISSING = [str(path) for path in NEEDED if not path.exists()]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}"),
]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_predictions_agree_with_those_made_elsewhere(version):
    images = sorted((FOLDER / "image").iterdir())
    assert len(images) == 26
    model = predict.onnx(FOLDER / "model" / f"street-{version}.onnx")
    judge, files = segscore.Evaluator("camvid-11"), segscore.Evaluator("camvid-11")
    same = pixels = 0
    for at in range(0, 26, 4):
        for path, prediction in zip(images[at : at + 4], model.batch(images[at : at + 4]), strict=True):
            target, kept = (
                np.asarray(Image.open(FOLDER / folder / path.name))
                for folder in ("target", f"pred-{version}")
            )
            same += np.count_nonzero(prediction.logits.argmax(axis=0) == kept)
            pixels += kept.size
            judge.add(target=target, name=path.stem, **prediction.given(target.shape))
            files.add(target=target, name=path.stem, pred=kept)
    assert same / pixels >= 0.999
    scores, expected = judge.result().scores, files.result().scores
    assert abs(scores.mean_iou - expected.mean_iou) < 1e-3
