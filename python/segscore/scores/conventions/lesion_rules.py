"""Rules of lesions: how challenges and tools score components of a class in an image, each rule as a value.

Nothing is computed here, see `lesions_as`. Every rule was compared with its tool, which
``benches/peers_agree.py`` repeats.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from segscore.errors import unknown


@dataclass(frozen=True)
class LesionRule:
    """How a tool scores lesions.

    Attributes
    ----------
    name, tool, source : str
        What users call it; the tool with its version; where the rule was read.
    numbers : mapping of str to str
        What it gives for each class in each image, by name, and what that is.
    dilation : int
        By how many steps it grows targets; 0 for a rule that matches components as they are.
    least : float
        Volume up to which targets are not counted, in cubic millimetres, or voxels without a spacing.
    empty : float
        What shares are where neither side has a component; NaN is left out of means.
    notes : tuple of str
        What else a user has to know, one sentence each.
    """

    name: str
    tool: str
    source: str
    numbers: Mapping[str, str]
    dilation: int
    least: float
    empty: float
    notes: tuple[str, ...]


_BRATS = {
    "dice": "sum of the Dice of the lesions over these and the invented components",
    "tp": "lesions that a prediction touches",
    "fn": "lesions that none touches",
    "fp": "predicted components that touch no lesion",
}
_PANOPTICA = {
    "pq": "segmentation quality times recognition quality",
    "sq": "mean IoU of the components that match",
    "rq": "F1 of the components",
    "sq_dsc": "mean Dice of the components that match",
    "pq_dsc": "mean Dice times recognition quality",
    "tp": "components that match",
    "fn": "targets that are missed",
    "fp": "predictions that are invented",
}
_CHALLENGES = {"gli": (3, 50), "ssa": (3, 50), "men": (1, 50), "ped": (3, 50), "met": (1, 2)}
"""By how many steps targets are grown, and the volume up to which they are not counted."""


def of(name: object) -> LesionRule:
    """Return the rule of a name; an error names the nearest ones."""
    if isinstance(name, str) and name in LESION_RULES:
        return LESION_RULES[name]
    raise unknown("convention", name, LESION_RULES)


def _rules() -> Iterator[LesionRule]:
    for challenge, (steps, least) in _CHALLENGES.items():
        yield LesionRule(
            name=f"brats-{challenge}",
            tool=f"BraTS 2023, {challenge.upper()}",
            source="rachitsaluja/BraTS-2023-Metrics metrics.py",
            numbers=_BRATS,
            dilation=steps,
            least=least,
            empty=1.0,
            notes=(
                f"Targets that touch once they are grown by {steps} are one lesion, and so are predictions "
                "within.",
                f"Lesions of {least} mm³ or less are left out with their Dice; an invented component counts "
                "however small it is.",
                "An image without lesions and invented components is 1.",
                "Its classes are unions of labels, each of which is evaluated by itself as one foreground.",
            ),
        )
    yield LesionRule(
        name="panoptica",
        tool="panoptica 2.1.7",
        source="panoptica of the package, NaiveThresholdMatching() at its defaults",
        numbers=_PANOPTICA,
        dilation=0,
        least=0,
        empty=float("nan"),
        notes=(
            "Components match from an IoU of 0.5 on, those of the highest IoU first.",
            "It takes all 26 neighbours in volumes and 4 in images, where `connectivity=4` does as it does.",
            "Each image has its own numbers, of which the mean is taken, not sums over images.",
        ),
    )


LESION_RULES: Mapping[str, LesionRule] = MappingProxyType({rule.name: rule for rule in _rules()})
"""Every rule by its name."""
