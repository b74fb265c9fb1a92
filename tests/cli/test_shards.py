"""`segscore evaluate --shard` and `segscore merge`: shells that evaluate a share each, and one for all."""

import json
from pathlib import Path

import pytest

import segscore
from support.command_line import EVALUATE, evaluate, failed, printed, run
from support.sharded import broken, undated

NEED = "\nhint: `segscore merge` reads what is saved"
KN = "expected K/N\nhint: such as 3/16 for the third of 16 shards; the first one is 1/16"


def shard(number: int, shards: int, *options: object) -> str:
    """Evaluate a shard of the two folders, save it, and return what is printed."""
    given = ("--classes", "classes.toml", "--shard", f"{number}/{shards}", "--save", f"p{number}.npz")
    return printed(*EVALUATE, *given, *options)


def test_shards_become_what_one_process_prints(folders):
    whole = printed(*EVALUATE, "--classes", "classes.toml", "--save", "whole.npz")
    for i in (1, 2, 3):
        text = shard(i, 3)
        assert text.startswith(f"shard {i} of 3: {int(i < 3)} image{'s' * (i > 2)} scored\n")
        assert f"not the whole, but shard {i} of 3 ({int(i < 3)} of 2 images)\n" in text
        assert text.endswith("next: `segscore merge` all 3 shards\n")
    merged = printed("merge", "p3.npz", "p1.npz", "p2.npz", "--save", "all.npz", "--json", "all.json")
    assert merged.replace("all.npz", "whole.npz") == whole
    assert segscore.load("all.npz") == segscore.load("whole.npz")
    assert segscore.load("all.npz").part is None
    printed(*EVALUATE, "--classes", "classes.toml", "--json", "whole.json")
    assert Path("all.json").read_text() == Path("whole.json").read_text()


def test_outputs_and_gates_are_those_of_evaluate(folders):
    for i in (1, 2):
        shard(i, 2)
    for options in (["--json", "-"], ["--summary", "-"], ["--report", "-"], ["--fail-under", "mean_iou=0.9"]):
        one, other = (
            run("merge", "p1.npz", "p2.npz", *options),
            evaluate("--classes", "classes.toml", *options),
        )
        assert (one.exit_code, one.stderr) == (other.exit_code, other.stderr)
        assert undated(one.stdout) == undated(other.stdout)
        assert one.exit_code == int("--fail-under" in options)
    printed("merge", "p1.npz", "p2.npz", "--save", "all.parquet")
    assert segscore.load("all.parquet").names == ("a", "b")
    printed("merge", "p1.npz", "p2.npz", "--report", "all.html", "--images", "target")
    assert Path("all.html").read_text().startswith("<!doctype html>")
    assert failed(run("merge", "p1.npz", "p2.npz", "--fail-under", "mean_iuo=0.9")).startswith(
        "there is no metric `mean_iuo`"
    )
    assert failed(run("merge", "p1.npz", "p2.npz", "--fail-under", "hd=3")).startswith(
        "distances of surfaces were not measured\n"
    )
    assert failed(run("merge", "p1.npz", "p2.npz", "--save", "p1.npz")) == (
        "p1.npz: expected a file to write, found one that the result is made from\nhint: name another file"
    )


def test_shards_that_do_not_go_together_are_named(folders):
    for i in (1, 2, 3):
        shard(i, 3)
    missing = "\nhint: evaluate what is missing, and merge all shards"
    assert failed(run("merge", "p1.npz", "p3.npz")) == f"shard 2 of 3 is missing{missing}"
    twice = (
        "shard 3 of 3 comes twice\nhint: give each of them once; where they are the same, `--duplicates same`"
    )
    assert failed(run("merge", "p1.npz", "p2.npz", "p3.npz", "p3.npz")) == twice
    every = ("p1.npz", "p2.npz", "p3.npz")
    assert printed("merge", *every, "p3.npz", "--duplicates", "same") == printed("merge", *every)
    shard(1, 3, "--strict")
    alike = "shards go together if they were made with the same masks, options and number of shards"
    assert failed(run("merge", "p3.npz", "p1.npz")) == (
        f"shard 1 of 3 is of another plan than shard 3 of 3\nhint: {alike}"
    )
    printed(*EVALUATE, "--classes", "classes.toml", "--save", "whole.npz")
    assert failed(run("merge", "p3.npz", "whole.npz")).startswith("1 of 2 evaluations are shards of a plan")
    assert failed(run("merge", "none.npz")).startswith("none.npz: cannot be read: ")


def test_evaluations_of_parts_that_are_no_shards_are_added_up(folders):
    for name in "ab":
        Path(f"{name}.txt").write_text(name)
        printed(*EVALUATE, "--classes", "classes.toml", "--list", f"{name}.txt", "--save", f"{name}.npz")
    merged = printed("merge", "b.npz", "a.npz")
    assert merged.startswith("2 images scored\n\nMean IoU 0.69.")
    assert failed(run("merge", "a.npz", "a.npz")) == (
        "image a comes in 2 parts\nhint: give images of different parts different names; where one image "
        "came twice, `--duplicates same`"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--shard", "1/2"], f"`--shard` needs `--save`{NEED}"),
        (["--shard", "3", "--save", "p.npz"], f"`--shard` is '3', {KN}"),
        (["--shard", "0/2", "--save", "p.npz"], f"`--shard` is '0/2', {KN}"),
        (["--shard", "3/2", "--save", "p.npz"], f"`--shard` is '3/2', {KN}"),
        (["--shard", "a/b", "--save", "p.npz"], f"`--shard` is 'a/b', {KN}"),
        (["--shard", "1/" + "9" * 30, "--save", "p.npz"], f"`--shard` is '1/{'9' * 30}', {KN}"),
        (
            ["--shard", "1/2", "--save", "p.parquet"],
            "a table of Parquet holds whole evaluations, found a part of one\n"
            "hint: save the part under a name that ends in .npz, and what all parts are merged into as "
            "Parquet",
        ),
        (
            ["--shard", "1/2", "--save", "p.npz", "--fail-under", "mean_iou=0.1", "--min-images", "1"],
            "`--fail-under` and `--min-images` cannot be given with `--shard`\n"
            "hint: one shard is not the whole: give it to `segscore merge`",
        ),
    ],
)
def test_shards_that_are_none(folders, options, said):
    assert failed(evaluate("--classes", "classes.toml", *options)) == said


def test_labels_are_listed_of_all_images(folders):
    assert failed(evaluate("--shard", "1/2", "--save", "p.npz")) == (
        "`--save` and `--shard` need `--classes`\nhint: name the classes with `--classes`"
    )


@pytest.mark.parametrize("on_error", ["raise", "skip"])
def test_images_that_cannot_be_scored_are_an_error_of_the_merge(tmp_path, monkeypatch, on_error):
    monkeypatch.chdir(tmp_path)
    made = broken(tmp_path)
    (tmp_path / "pred" / "a_08.png").write_bytes((tmp_path / "pred" / "a_00.png").read_bytes())
    options = ("--classes", made["classes"], "--groups", made["groups"], "--resize", "nearest")
    options += ("--on-error", on_error)
    whole = evaluate(*options)
    for i in (1, 2, 3, 4):
        one = evaluate(*options, "--shard", f"{i}/4", "--save", f"p{i}.npz")
        assert (one.exit_code, one.stderr) == (0, "")
    merged = run("merge", *(f"p{i}.npz" for i in (1, 2, 3, 4)))
    assert (merged.exit_code, merged.stdout, merged.stderr) == (whole.exit_code, whole.stdout, whole.stderr)
    assert merged.exit_code == (2 if on_error == "raise" else 0)


def test_json_of_a_shard_says_that_it_is_one(folders):
    shard(1, 2, "--json", "p.json")
    assert json.loads(Path("p.json").read_text())["derived"] == {"shard": "1 of 2 (1 of 2 images)"}


def test_whatever_shows_a_shard_says_which_images_it_has(folders):
    shard(1, 2, "--distances")
    said = "shard 1 of 2 (1 of 2 images)"
    audited = printed("audit", "p1.npz")
    assert audited.splitlines()[0].startswith(f"audit of 1 image of {said}: ")
    assert printed("explain", "p1.npz").startswith(f"1 image of {said}, 2 classes: the same counts under ")
    assert printed("explain", "p1.npz", "--surface-as", "monai").splitlines()[1] == f"of {said}"
    for command in (["audit"], ["explain"], ["explain", "--surface-as", "monai"]):
        printed(*command, "p1.npz", "--json", "p.json")
        assert json.loads(Path("p.json").read_text())["shard"] == said
    printed(
        *EVALUATE, "--classes", "classes.toml", "--shard", "1/2", "--save", "p1.npz", "--report", "p.html"
    )
    page = Path("p.html").read_text()
    assert f"<title>Evaluation of pred: {said}</title>" in page
    assert f"not the whole, but {said}" in page
    part = segscore.load("p1.npz")
    gates = part.check({"mean_iou": 0.1}, min_images=1)
    assert [gate.sentence.partition("1 image")[2] for gate in gates] == [
        f" of {said} scored, at least 1 asked for",
        f" of {said}",
    ]
    assert f"| 1 image of {said} scored, at least 1 asked for |" in part.to_markdown(gates)
    told = printed("compare", "p1.npz", "p1.npz")
    assert told.count(f": not the whole, but {said}\n") == 2
    assert segscore.compare(part, part).to_dict()["doubts"][0] == [f"not the whole, but {said}"]


def test_the_whole_says_nothing_of_shards(folders):
    for i in (1, 2):
        shard(i, 2)
    printed("merge", "p1.npz", "p2.npz", "--save", "all.npz", "--report", "all.html")
    for args in (["audit", "all.npz"], ["explain", "all.npz"], ["compare", "all.npz", "all.npz"]):
        assert "shard" not in printed(*args)
        printed(*args, "--json", f"{args[0]}.json")
        assert "shard" not in Path(f"{args[0]}.json").read_text()
    assert "shard " not in Path("all.html").read_text()
