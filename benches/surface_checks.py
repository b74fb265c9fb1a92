"""Random and degenerate masks, and what a rule's numbers differ from those of its tool on them."""

import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import chain, cycle
from math import inf, isnan
from typing import NamedTuple

import numpy as np

import segscore
from segscore.scores.conventions.surface_as import SurfaceAs
from segscore.scores.conventions.surface_rules import Lone, SurfaceRule
from surface_peers import Labels, Masks, Peer

KINDS = (
    "blobs",
    "noise",
    "empty on one side",
    "empty on both",
    "at the edge",
    "filling the image",
    "anisotropic",
)
_SPACINGS = {
    2: ((0.5, 0.5), (2.5, 0.7), (1.0, 3.0), (0.3, 0.3)),
    3: ((3.0, 0.8, 0.8), (1.0, 1.0, 5.0), (0.7, 2.5, 1.2), (0.5, 0.5, 0.5)),
}
_TOLERANCES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)


class Agreement(NamedTuple):
    """How one number of a rule and its tool agree."""

    compared: int = 0
    """Structures, classes in images, or means."""
    raised: int = 0
    """How many of these the tool raised an error for, as the rule says."""
    largest: float = 0.0
    """Largest difference, of values above 1 as a share of them; infinite where only one has a value."""

    def with_one(self, expected: Lone, value: float | None) -> "Agreement":
        """Return it with one more: what the rule says, and what the tool says."""
        if expected == "arbitrary":
            return self
        if value is None or isinstance(expected, str):
            agree = value is None and expected == "error"
            return Agreement(self.compared + 1, self.raised + 1, self.largest if agree else inf)
        difference = 0.0
        if not (isnan(value) and isnan(expected)) and value != expected:
            difference = abs(value - expected) / max(1.0, abs(expected))
        largest = inf if isnan(difference) else max(self.largest, difference)
        return Agreement(self.compared + 1, self.raised, largest)


def agrees(compared: int, largest: float, allowed: float) -> bool:
    """Whether something was compared, and none of it differs by more than is allowed."""
    return compared > 0 and largest <= allowed


def tolerance(rule: SurfaceRule) -> float:
    """Return how far a tool may be off by its own rounding."""
    return 1e-6 if rule.float32 else 1e-12


def datasets(seed: int) -> Iterator[tuple[str, Masks]]:
    """Yield masks without end, of each kind in turn, of two and of three dimensions."""
    random = np.random.default_rng(seed)
    for number, kind in enumerate(cycle(KINDS)):
        yield kind, _masks(random, kind, dims=2 + number % 2)


def _masks(random: np.random.Generator, kind: str, dims: int) -> Masks:
    images, classes = int(random.integers(1, 4)), int(random.integers(1, 4))
    longest = 40 if dims == 2 else 14
    shape = tuple(random.integers(1 if kind == "noise" else 6, longest, dims).tolist())
    if random.random() < 0.4:
        shape = shape[:1] * dims
    target = np.stack([_blobs(random, shape, classes, at_edge=kind == "at the edge") for _ in range(images)])
    pred = np.roll(target, random.integers(-2, 3, dims), range(1, dims + 1))
    flipped = random.random(target.shape) < random.choice([0.0, 0.01, 0.1])
    pred = np.where(flipped, random.integers(0, classes + 1, target.shape), pred).astype(np.uint8)
    label, image = int(random.integers(1, classes + 1)), int(random.integers(images))
    if kind == "noise":
        target, pred = (random.integers(0, classes + 1, target.shape).astype(np.uint8) for _ in range(2))
    elif kind == "empty on one side":
        side = (pred, target)[int(random.integers(2))]
        side[image][side[image] == label] = 0
    elif kind == "empty on both":
        for side in (pred, target):
            side[image][side[image] == label] = 0
    elif kind == "filling the image":
        target[image] = label
        if random.random() < 0.5:
            pred[image] = label
    spacings = _SPACINGS[dims] if kind == "anisotropic" else (None, None, *_SPACINGS[dims])
    spacing = spacings[int(random.integers(len(spacings)))]
    return Masks(pred, target, classes, spacing, float(random.choice(_TOLERANCES)))


def _blobs(random: np.random.Generator, shape: tuple[int, ...], classes: int, *, at_edge: bool) -> Labels:
    """Return one or two ellipsoids of each class."""
    places = np.indices(shape)
    found = np.zeros(shape, np.uint8)
    for label in range(1, classes + 1):
        for _ in range(int(random.integers(1, 3))):
            sizes = np.array(shape)
            middle = random.random(len(shape)) * sizes
            if at_edge:
                axis = int(random.integers(len(shape)))
                middle[axis] = random.choice([0, sizes[axis] - 1])
            radii = np.maximum(sizes * (0.1 + 0.3 * random.random(len(shape))), 1)
            away = [(place - at) / radius for place, at, radius in zip(places, middle, radii, strict=True)]
            found[sum(part**2 for part in away) <= 1] = label
    return found


def evaluation(data: Masks, surface: str) -> segscore.Evaluation:
    """Return segscore's evaluation of masks."""
    dims = data.target.ndim - 1
    names = ["background", *(f"class {i}" for i in range(1, data.classes + 1))]
    judge = segscore.Evaluator(
        segscore.Classes(names, not_in_mean=[0]),
        dims=dims,
        distances=True,
        spacing=data.spacing,
        surface=surface,
        tolerances=data.tolerance,
    )
    for pred, target in zip(data.pred, data.target, strict=True):
        judge.add(pred=pred, target=target)
    return judge.result()


def compare(
    rule: SurfaceRule, peer: Peer, count: int, seed: int = 0
) -> tuple[dict[str, Agreement], Counter[str]]:
    """Return how each number of a rule agrees with its tool, and on how many masks of each kind."""
    names = [*rule.readings, *(f"mean {key}" for key in rule.readings if rule.mean)]
    found = {name: Agreement() for name in names}
    kinds: Counter[str] = Counter()
    for kind, data in datasets(seed):
        if kinds.total() == count:
            break
        if peer.departs(data):
            continue
        kinds[kind] += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = peer.run(data)
        ours = evaluation(data, rule.surface).surface_as(rule.name)
        for key, values in said.images.items():
            for value, expected in zip(chain(*values), _expected(ours, key, data), strict=True):
                found[key] = found[key].with_one(expected, value)
        for key, value in said.means.items():
            raised = any(one == "error" for one in _expected(ours, key, data))
            found[f"mean {key}"] = found[f"mean {key}"].with_one(
                "error" if raised else ours.means[key], value
            )
    return found, kinds


def _expected(ours: SurfaceAs, key: str, data: Masks) -> list[Lone]:
    """Return what a tool should say of each structure."""
    reading, values = ours.rule.readings[key], ours.images[key][:, 1:].ravel().tolist()
    found: list[Lone] = []
    for value, (pred, target) in zip(values, data.structures(), strict=True):
        lone = {
            (False, True): reading.missed,
            (True, False): reading.invented,
            (False, False): reading.absent,
        }
        said = lone.get((bool(pred.any()), bool(target.any())), value)
        found.append(said if isinstance(said, str) else value)
    return found
