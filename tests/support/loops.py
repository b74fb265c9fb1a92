"""What tests of training loops share: the packages that they need, and made data. Nothing here is a test.

Torch is imported where it is used, so that tests can be collected without it.
"""

import os
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from segscore import Evaluation, Evaluator

ABSENT = {
    f"segscore.integrations.{package}"
    for package in ("ignite", "keras", "torchmetrics", "transformers")
    if find_spec(package) is None
}
"""Modules that stand on packages which are not there."""

OPTIONS: dict[str, Any] = {"classes": ["road", "sky", "tree"], "ignore_index": 255}
METRICS = ("mean_iou", "mean_dice", "pixel_accuracy", "mean_image_iou", "iou.sky")
NUMBER = 7
"""Images, which two processes cannot share without giving one twice."""
SIZE = (16, 20)


def needed(*packages: str, group: str = "loops") -> None:
    """Skip the tests of a module without these packages, or fail if such as `SEGSCORE_DEMAND_LOOPS` is 1."""
    missing = [package for package in packages if find_spec(package) is None]
    if not missing:
        return
    said = f"`pip install --group {group}` brings what is not installed: {', '.join(missing)}"
    if os.environ.get(f"SEGSCORE_DEMAND_{group.upper()}") == "1":
        pytest.fail(said, pytrace=False)
    pytest.skip(said, allow_module_level=True)


def photographs() -> Any:
    """Return float32 (N, 3, H, W): made images."""
    return np.random.default_rng(0).normal(size=(NUMBER, 3, *SIZE)).astype(np.float32)


def label_maps() -> Any:
    """Return int64 (N, H, W): which channel of each pixel is highest, with some void."""
    labels = photographs().argmax(1)
    labels[:, :2, :3] = 255
    return labels


def names() -> list[str]:
    """Return the names of the images, which are in another order than the images."""
    return [f"frame_{(3 * i) % NUMBER}" for i in range(NUMBER)]


def network() -> Any:
    """Return a network of one layer, the same in each process."""
    import torch

    torch.manual_seed(0)
    return torch.nn.Conv2d(3, 3, 3, padding=1)


def loss_of(scores: Any, labels: Any) -> Any:
    """Return the loss of class scores."""
    from torch.nn.functional import cross_entropy

    return cross_entropy(scores, labels, ignore_index=255)


def trained(steps: int = 3) -> Any:
    """Return the network after some steps of training, in evaluation mode."""
    import torch

    made = network()
    optimizer = torch.optim.SGD(made.parameters(), lr=0.5)
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of(made(torch.from_numpy(photographs())), torch.from_numpy(label_maps())).backward()
        optimizer.step()
    return made.eval()


def weights_of(made: Any) -> dict[str, Any]:
    """Return what a network has learned as lists, of which nothing is lost in JSON."""
    return {name: values.tolist() for name, values in made.state_dict().items()}


def network_of(weights: dict[str, Any]) -> Any:
    """Return the network of such weights: processes of fewer threads round sums of gradients otherwise."""
    import torch

    made = network()
    made.load_state_dict({name: torch.tensor(values) for name, values in weights.items()})
    return made.eval()


def scores_of(made: Any) -> Any:
    """Return the class scores of each image of the data, as NumPy."""
    import torch

    with torch.no_grad():
        return np.concatenate([made(torch.from_numpy(one[None])).numpy() for one in photographs()])


def evaluated(scores: Any, called: list[str] | None = None) -> Evaluation:
    """Return what one process finds, image by image; names are numbers if none are given."""
    judge = Evaluator(**OPTIONS)
    for i, (one, target) in enumerate(zip(scores, label_maps(), strict=True)):
        name = None if called is None else called[i]
        judge.add(logits=one, class_axis=0, target=target, name=name)
    return judge.result()


def values_of(evaluation: Evaluation) -> dict[str, float]:
    """Return what loops are asked to log."""
    return {name: evaluation.metric(name) for name in METRICS}
