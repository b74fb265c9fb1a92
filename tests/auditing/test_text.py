"""The texts of an audit: findings, the page of the ground truth, and the line in every evaluation."""

import json

import numpy as np

from segscore import Audit, Classes, Finding, Truth, audit
from segscore.auditing.results import Limit, audit_text, truth_text
from segscore.results.summary import evaluation_html, evaluation_text
from support.masks_on_disk import write
from support.planted import CLASSES, mapped, scenes
from support.results import HOSTILE, evaluated, evaluation_of

TRUTH = Truth(
    names=("road", "sky", "car"),
    images=12,
    pixels=120_000,
    void=3,
    class_pixels=np.array([100_000, 19_997, 0]),
    class_images=np.array([12, 9, 0]),
    one_value=("a", "b"),
    sizes={(100, 100): 11, (100, 50): 1},
    forms={"PNG gray 8 bits": 12},
)
SHIFTED = Finding(
    "shifted",
    "the predictions look shifted up by one",
    {"values": tuple(range(1, 11)), "pixels": 1_000, "images": 1, "mean_iou": 0.01, "repaired_mean_iou": 0.8},
    "subtract 1",
)
DOUBLED = Finding("doubled-images", "2 images are there twice", {"files": ("a", "b")}, "leave one out")
SWAPS = Limit("swapped-classes", "swaps: it takes 5 images")
UNDEFINED = Finding("unknown-labels", "nothing known", {"first": "a", "mean_iou": float("nan")}, "see")


def test_findings_as_text():
    assert audit_text(Audit((UNDEFINED, SHIFTED, DOUBLED), TRUTH)) == (
        "audit of 12 images: 1 error, 1 warning, 1 note\n"
        "\n"
        "error: nothing known (unknown-labels)\n"
        "  first in `a`; mean IoU —\n"
        "  hint: see\n"
        "\n"
        "warning: the predictions look shifted up by one (shifted)\n"
        "  values 1, 2, 3, 4, 5, 6, 7, 8 and 2 more; 1,000 pixels; 1 image; mean IoU\n"
        "    0.0100; mean IoU after the likely repair 0.8000\n"
        "  hint: subtract 1\n"
        "\n"
        "note: 2 images are there twice (doubled-images)\n"
        "  files `a` and `b`\n"
        "  hint: leave one out"
    )
    assert audit_text(Audit((), TRUTH)) == str(Audit((), TRUTH)) == "audit of 12 images: nothing found"
    assert audit_text(Audit((), TRUTH, (SWAPS, Limit("identical", "copies"))), width=20) == (
        "audit of 12 images: nothing found; 2 things could not be looked for\n"
        "\n"
        "too little is known to look for\n"
        "  swaps: it takes 5\n"
        "    images\n"
        "  copies"
    )


def test_the_page_of_the_ground_truth():
    assert (
        truth_text(TRUTH)
        == str(TRUTH)
        == (
            "ground truth of 12 images, 120,000 pixels\n"
            "\n"
            "class   pixels  of all  images   of all\n"
            "road   100,000  83.33%      12  100.00%\n"
            "sky     19,997  16.66%       9   75.00%\n"
            "car          0   0.00%       0    0.00%\n"
            "\n"
            "void: 3 pixels (<0.01% of all)\n"
            "sizes: 100 x 100 (11 images), 100 x 50 (1 image)\n"
            "stored as: PNG gray 8 bits (12 images)\n"
            "in fewer than 10 images: `sky`\n"
            "in no image: `car`\n"
            "masks of one value: 2 images, `a` and `b`"
        )
    )


def test_an_audit_in_plain_values():
    values = Audit((UNDEFINED, DOUBLED), TRUTH, (SWAPS,)).to_dict()
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    assert values == {
        "findings": [
            {
                "kind": "unknown-labels",
                "severity": "error",
                "message": "nothing known",
                "hint": "see",
                "evidence": {"first": "a", "mean_iou": None},
            },
            {
                "kind": "doubled-images",
                "severity": "note",
                "message": "2 images are there twice",
                "hint": "leave one out",
                "evidence": {"files": ["a", "b"]},
            },
        ],
        "limits": ["swaps: it takes 5 images"],
        "limit_kinds": ["swapped-classes"],
        "truth": {
            "images": 12,
            "pixels": 120_000,
            "void": 3,
            "per_class": [
                {"name": "road", "pixels": 100_000, "images": 12},
                {"name": "sky", "pixels": 19_997, "images": 9},
                {"name": "car", "pixels": 0, "images": 0},
            ],
            "one_value": ["a", "b"],
            "sizes": [{"shape": [100, 100], "images": 11}, {"shape": [100, 50], "images": 1}],
            "forms": {"PNG gray 8 bits": 12},
        },
    }


def test_the_truth_of_a_small_dataset(tmp_path):
    write(tmp_path, {"t/a.png": [[0, 0], [1, 255]], "t/b.png": [[1, 1]], "t/c.npy": [[7, 0]]})
    write(tmp_path, {f"p/{name}": [[0, 0]] for name in ("b.png", "c.npy")} | {"p/a.png": [[0, 0], [0, 0]]})
    truth = audit(pred=tmp_path / "p", target=tmp_path / "t", classes=3, ignore_index=255).truth
    assert (truth.images, truth.pixels, truth.void) == (3, 8, 1)
    assert (truth.class_pixels.tolist(), truth.class_images.tolist()) == ([3, 3, 0], [2, 2, 0])
    assert (truth.one_value, dict(truth.sizes)) == (("b",), {(1, 2): 2, (2, 2): 1})
    assert dict(truth.forms) == {"PNG gray 8 bits": 2, "array of int64": 1}
    assert not truth.class_pixels.flags.writeable


def test_files_do_not_tell_the_size_of_what_a_function_makes_of_them(tmp_path):
    for name in ("a", "b", "c"):
        np.save(tmp_path / f"{name}.npy", np.eye(4, 6, dtype=int))
    paths = [str(path) for path in tmp_path.iterdir()]
    truth = audit(pred=paths, target=paths, classes=2, read=lambda path: np.load(path)[:3]).truth
    assert (truth.pixels, truth.class_pixels.tolist()) == (3 * 18, [45, 9])
    assert (truth.sizes, truth.forms) == ({}, {})


def test_nothing_that_a_name_holds_reaches_the_terminal():
    for name in HOSTILE:
        finding = Finding("not-scored", name, {"first": name, "files": (name,)}, name)
        truth = Truth((name,), 1, 1, 0, np.array([1]), np.array([1]), (name,))
        for text in (audit_text(Audit((finding,), truth)), truth_text(truth)):
            assert all(line.isprintable() for line in text.split("\n"))


def judged(change):
    """Return the evaluation of scenes whose predictions were changed."""
    preds, targets = scenes()
    return evaluated(CLASSES, [(change(pred), target) for pred, target in zip(preds, targets, strict=True)])


def test_an_evaluation_says_in_one_line_what_is_suspected():
    line = "audit: 1 suspicion: `building` and `road` look swapped in the predictions (see"
    suspicious = judged(lambda mask: mapped(mask, {1: 2, 2: 1}))
    assert str(suspicious).split("\n")[:2] == ["20 images scored", ""]
    assert str(suspicious).split("\n")[2:4] == [line, "  `segscore audit` or ev.audit())"]
    assert line in evaluation_html(suspicious)
    clean = judged(lambda mask: mask)
    assert "audit" not in str(clean) + evaluation_html(clean)


def test_notes_and_errors_are_no_suspicion(street):
    line = "audit: 2 suspicions, first: the predictions look shifted up by one"
    for findings, said in (((UNDEFINED, DOUBLED), False), ((UNDEFINED, SHIFTED, SHIFTED), True)):
        text = evaluation_text(evaluation_of(street, findings=findings), next_step="x")
        assert (line in text) == said == ("audit" in text)


def test_findings_and_the_truth_cannot_be_changed():
    evidence = {"pixels": 1}
    finding = Finding("shifted", "", evidence, "")
    evidence["pixels"] = 2
    assert finding.evidence == {"pixels": 1}
    assert not hasattr(finding.evidence, "update")
    assert judged(lambda mask: mask).audit().truth.names == Classes.of(CLASSES).names
