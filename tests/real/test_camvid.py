"""Real masks of a street, against a reference that plain NumPy counted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import evaluate

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "camvid"
NEEDED = [FOLDER / name for name in ("reference.json", "target", "pred-v1", "pred-v2")]
MISSING = [str(path) for path in NEEDED if not path.exists()]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}"),
]


@pytest.mark.parametrize(("model", "mean_iou"), [("pred-v1", 0.319717), ("pred-v2", 0.424896)])
@pytest.mark.parametrize("threads", [1, 2])
def test_scores_equal_the_reference(model: str, mean_iou: float, threads: int) -> None:
    expected: dict[str, Any] = json.loads((FOLDER / "reference.json").read_text())[model]
    found = evaluate(pred=FOLDER / model, target=FOLDER / "target", classes="camvid-11", threads=threads)
    assert len(found.names) == 233
    assert found.failures == found.extra == ()
    assert found.confusion.counts.tolist() == expected["counts"]
    assert found.confusion.ignored == expected["ignored"]
    assert found.confusion.missed.sum() == 0
    scores = found.scores
    for name in ("iou", "dice", "mean_iou", "mean_dice", "pixel_accuracy"):
        np.testing.assert_allclose(getattr(scores, name), expected[name], rtol=0, atol=1e-12)
    assert round(scores.mean_iou, 6) == mean_iou
