"""Numbers of shapes that are held to limits."""

import pytest

from segscore import ArgumentError, Evaluation
from support.organs import cases, judged, with_missed
from support.refused import refused


@pytest.fixture(scope="module")
def ev() -> Evaluation:
    return judged(cases(6))


def test_gates_of_distances_are_highest_values(ev: Evaluation) -> None:
    found = ev.metric("hd95.liver")
    asked = f"hd95.liver<={found + 1:.6f}, surface_dice.liver@2>=0.1"
    assert [(gate.name, gate.passed) for gate in ev.check(asked)] == [
        ("hd95.liver", True),
        ("surface_dice.liver@2", True),
    ]
    (gate,) = ev.check({"hd95.liver": 0.5})
    assert not gate
    assert gate.sentence == f"{found:.6f}, {found - 0.5:.6f} above 0.5 px, on 6 images"
    assert ev.check({"hd95.liver": found})
    (in_mm,) = judged(cases(6), spacing=(2, 2), surface="voxels").check("hd95.liver=0.5")
    assert in_mm.sentence == f"{2 * found:.6f}, {2 * found - 0.5:.6f} above 0.5 mm, on 6 images"


def test_a_distance_without_a_limit_is_told_how_to_have_one(ev: Evaluation) -> None:
    assert refused(ArgumentError, ev.check, "hd95.liver") == (
        "`fail_under` has no number for `hd95.liver`\n"
        "hint: write `hd95.liver=5`, the largest that passes, in px or mm"
    )


def test_an_infinite_distance_passes_no_gate() -> None:
    (gate,) = judged(with_missed(3)).check("hd95.liver<=1000000")
    assert (gate.passed, gate.sentence) == (
        False,
        "infinite, as structures are missed, invented or farther than was looked for, at most 1000000 px is "
        "asked for, on 3 images",
    )
    assert judged(with_missed(3), empty="skip").check("hd95.liver<=1000000")


@pytest.mark.parametrize("name", ["hd95.liver", "mean_hd95", "assd.liver"])
def test_a_gate_says_how_many_images_were_left_out(name: str) -> None:
    for number, told in (
        (3, "on 2 of 3 images: 1 has no such number and is left out"),
        (4, "on 3 of 4 images: 1 has no such number and is left out"),
    ):
        (gate,) = judged(with_missed(number), empty="skip").check({name: 1000})
        assert gate.passed
        assert gate.sentence.endswith(f"at most 1000 px is asked for, {told}")
    (gate,) = judged(with_missed(3), empty="diagonal").check({name: 1000})
    assert gate.sentence.endswith("is asked for, on 3 images")
    (gate,) = judged(with_missed(3), empty="skip").check({"surface_dice.liver@1": 0})
    assert gate.sentence.endswith("is asked for, on 3 images")  # of sums, to which a missed one adds


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("hd95.liver>=5", "`fail_under` holds `hd95.liver>=`, but lower is better\n"
         "hint: such as `hd95.liver<=…`"),
        ("surface_dice.liver@2<=0.9", "`fail_under` holds `surface_dice.liver@2<=`, but higher is better\n"
         "hint: such as `surface_dice.liver@2>=…`"),
        ("hd95.liver<5", "`fail_under` holds `hd95.liver<5`, expected `=` and the worst value that passes\n"
         "hint: write `hd95.liver=5`"),
        *((f"hd95.liver<={text}", f"`fail_under` is `{text}` for `hd95.liver`, expected a number of px or "
           "mm, 0 or more\nhint: such as 2.5, in px or mm") for text in ("-1", "inf", "nan", "-5mm", "")),
        *((f"hd95.liver<={text}", f"`fail_under` is `{text}` for `hd95.liver`, expected a number of px or "
           "mm, 0 or more\nhint: write `5.5`, without its unit") for text in ("5.5mm", "5.5 px")),
        ("surface_dice.liver@2=5mm", "`fail_under` is `5mm` for `surface_dice.liver@2`, expected a number "
         "from -1 to 1\nhint: scores are shares: 70 % is 0.7"),
        ("surface_dice.liver@2=70", "`fail_under` is `70` for `surface_dice.liver@2`, expected a number from "
         "-1 to 1\nhint: scores are shares: 70 % is 0.7"),
    ],
)  # fmt: skip
def test_gates_that_are_none(ev: Evaluation, asked: str, told: str) -> None:
    assert refused(ArgumentError, ev.check, asked) == told


def test_scores_without_images_have_no_shapes(ev: Evaluation) -> None:
    for scores in (ev.scores, ev.confusion.scores):
        for name in ("hd95.liver", "boundary_iou", "surface_dice@2"):
            assert refused(ArgumentError, scores.check, {name: 0.5}) == (
                f"`{name}` is read from the counts of each image, which these scores do not hold\n"
                "hint: an evaluation holds them: `ev.check`, `segscore evaluate --fail-under`"
            )
