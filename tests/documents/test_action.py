"""The GitHub Action and the workflows of the documents, run in a shell with stand-ins for GitHub."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import segscore
from support.documents import ROOT, blocks

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
WORKFLOWS = {
    block.code.splitlines()[0].rpartition("/")[2]: yaml.safe_load(block.code)
    for block in blocks("docs/ci.md")
    if block.code.startswith("# .github/workflows/")
}
GATE, COMMENT = WORKFLOWS["segscore.yml"], WORKFLOWS["segscore-comment.yml"]


def steps_of(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    (job,) = workflow["jobs"].values()
    return job["steps"]


ALL_STEPS = [*ACTION["runs"]["steps"], *steps_of(GATE), *steps_of(COMMENT)]


def test_nothing_that_strangers_write_stands_in_a_script():
    scripts = [step["run"] for step in ALL_STEPS if "run" in step]
    assert len(scripts) == 3
    assert not any("${{" in script for script in scripts)


def test_inputs_are_those_that_steps_read_and_that_the_documents_give():
    read = {
        name
        for step in ACTION["runs"]["steps"]
        for name in ACTION["inputs"]
        if f"${{{{ inputs.{name} }}}}" in step["env"].values()
    }
    assert read == {*ACTION["inputs"]}
    (used,) = [step for step in steps_of(GATE) if step.get("uses", "").startswith("OWNER/segscore")]
    required = {name for name, about in ACTION["inputs"].items() if about.get("required")}
    assert required <= used["with"].keys() <= {*ACTION["inputs"]}
    (kept,) = [step for step in steps_of(GATE) if "upload-artifact" in step.get("uses", "")]
    assert kept["with"]["path"] == ACTION["inputs"]["output"]["default"]
    assert COMMENT[True]["workflow_run"]["workflows"] == [GATE["name"]]  # YAML takes `on` for true


def test_rights_are_the_least():
    assert GATE["permissions"] == {"contents": "read"}
    assert COMMENT["permissions"] == {}
    assert COMMENT["jobs"]["comment"]["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert not any("checkout" in step.get("uses", "") for step in steps_of(COMMENT))


def program(folder: Path, name: str, code: str) -> None:
    """Write a program that a shell finds in a folder."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{code}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def shell(tmp_path: Path) -> Any:
    """Return a function that runs a script as GitHub does, in the folder of a checkout."""
    programs, here = tmp_path / "bin", tmp_path / "checkout"
    programs.mkdir()
    here.mkdir()
    program(programs, "segscore", "from segscore.cli import main\nmain()\n")
    (programs / "python").symlink_to(sys.executable)
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}

    def run(script: str, **env: str) -> subprocess.CompletedProcess[str]:
        for file in files.values():
            Path(file).write_text("")
        path = f"{programs}:{os.environ['PATH']}"
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PATH": path, **files, **env}
        return subprocess.run(command, env=env, cwd=here, capture_output=True, text=True, check=False)

    run.here, run.files = here, files  # type: ignore[attr-defined]
    return run


@pytest.fixture
def scored(shell: Any) -> Any:
    """Return a function that runs the action on masks of 40 images, one of five pixels of which are wrong."""
    random = np.random.default_rng(0)
    for name in ("good", "bad", "target"):
        (shell.here / name).mkdir()
    for i in range(40):
        target = random.integers(0, 2, (8, 8)).astype(np.uint8)
        np.save(shell.here / "target" / f"{i}.npy", target)
        for name, share in (("good", 0.05), ("bad", 0.3)):
            flipped = random.random((8, 8)) < share
            np.save(shell.here / name / f"{i}.npy", np.where(flipped, 1 - target, target))
    (step,) = [step for step in ACTION["runs"]["steps"] if step["name"] == "Score"]
    names = {value[len("${{ inputs.") : -len(" }}")]: name for name, value in step["env"].items()}

    def run(pred: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        given = {name: str(about.get("default", "")) for name, about in ACTION["inputs"].items()}
        given |= {"pred": pred, "target": "target", "classes": "2", **inputs}
        done = shell(step["run"], **{names[name]: given[name] for name in names})
        outputs = Path(shell.files["GITHUB_OUTPUT"]).read_text().splitlines()
        done.outputs = dict(line.split("=", 1) for line in outputs)
        done.comment = (shell.here / given["output"] / "comment.md").read_text()
        assert Path(shell.files["GITHUB_STEP_SUMMARY"]).read_text() == done.comment
        return done

    run.here = shell.here  # type: ignore[attr-defined]
    return run


def test_the_action_scores_and_holds_scores_to_limits(scored):
    sides = {"pred": scored.here / "good", "target": scored.here / "target"}
    mean = segscore.evaluate(**sides, classes=2, progress=False).scores.mean_iou
    done = scored("good", **{"fail-under": "mean_iou=0.5"})
    assert (done.returncode, done.outputs) == (0, {"mean-iou": str(mean), "output": "segscore"}), done.stderr
    assert done.comment.startswith("\n## Scores of good\n")
    assert "| mean\\_iou | passed |" in done.comment
    files = {path.name for path in (scored.here / "segscore").iterdir()}
    assert files == {"comment.md", "report.html", "scores.json", "scores.npz"}
    done = scored("good", **{"fail-under": "mean_iou=0.99"})
    assert done.returncode == 1
    assert done.outputs["mean-iou"] == str(mean)
    assert "| mean\\_iou | **failed** |" in done.comment


def test_the_action_compares_with_a_baseline_once_there_is_one(scored):
    done = scored("good", baseline="base.npz")
    assert done.returncode == 0
    assert done.comment.endswith("\nNothing is compared: the baseline is not there yet.\n")
    (scored.here / "segscore" / "scores.npz").rename(scored.here / "base.npz")
    done = scored("bad", baseline="base.npz")
    assert done.returncode == 1, done.stderr
    assert "is worse than" in done.comment
    assert (scored.here / "segscore" / "comparison.html").is_file()
    assert scored("bad", baseline="base.npz", **{"fail-if-worse": "false"}).returncode == 0
    assert scored("good", baseline="base.npz", **{"fail-under": "mean_iou=0.99"}).returncode == 1


def test_what_cannot_be_scored_is_said(scored):
    done = scored("nowhere")
    assert done.returncode == 2
    assert done.outputs == {"mean-iou": "", "output": "segscore"}
    assert done.comment == ("\nThe masks could not be scored: see the log of the job.\n")
    assert "--pred" in done.stderr


def test_a_baseline_that_cannot_be_read_is_said_and_not_that_masks_could_not_be_scored(scored):
    (scored.here / "base.npz").write_text("x\n")
    done = scored("good", baseline="base.npz")
    assert done.returncode == 2
    assert float(done.outputs["mean-iou"]) > 0.8
    assert done.comment.startswith("\n## Scores of good\n")
    assert done.comment.endswith(
        "\nThe scores could not be compared with the baseline: see the log of the job.\n"
    )
    assert "could not be scored" not in done.comment


@pytest.mark.parametrize("pred", ["--help", "$(touch hacked)", "a b'\";touch hacked", "good\ntouch hacked"])
def test_an_input_is_one_argument_and_never_code(scored, pred):
    done = scored(pred)
    assert done.returncode == 2
    assert not (scored.here / "hacked").exists()
    assert "Usage:" not in done.stdout


def test_more_options_are_one_a_line(scored):
    done = scored("good", options="--ignore=1\n\n--min-images=41\n")
    assert done.returncode == 1
    assert json.loads((scored.here / "segscore" / "scores.json").read_text())["ignored"] > 0


GH = """
import json, os, sys
with open(os.environ["TOLD"], "a") as file:
    body = [open(a.partition("@")[2]).read() for a in sys.argv if a.startswith("body=@")]
    file.write(json.dumps([sys.argv[1:], body]) + "\\n")
if sys.argv[1:3] == ["pr", "view"]:
    print(17)
elif "--paginate" in sys.argv:
    print(os.environ["FOUND"], end="")
"""


@pytest.mark.parametrize(
    ("found", "method", "where"),
    [
        ("", "POST", "repos/o/r/issues/17/comments"),
        ("5\n8\n", "PATCH", "repos/o/r/issues/comments/5"),
    ],
)
def test_one_comment_is_posted_and_found_again(shell, tmp_path, found, method, where):
    program(tmp_path / "bin", "gh", GH)
    (shell.here / "segscore").mkdir()
    (shell.here / "segscore" / "comment.md").write_text("x" * 70_000)
    (step,) = [step for step in steps_of(COMMENT) if step.get("name") == "Post"]
    told = tmp_path / "told"
    env = {"REPOSITORY": "o/r", "BRANCH": "stranger:$(touch hacked)", "GH_TOKEN": "t"}
    done = shell(step["run"], **env, TOLD=str(told), FOUND=found)
    assert done.returncode == 0, done.stderr
    first, second, last = map(json.loads, told.read_text().splitlines())
    asked = ["--repo", "o/r", "--json", "number", "--jq", ".number", "--", "stranger:$(touch hacked)"]
    assert first[0] == ["pr", "view", *asked]
    assert second[0][2] == "repos/o/r/issues/17/comments"
    assert last == [["api", "--method", method, where, "--field", "body=@comment.md"], last[1]]
    assert last[1] == ["<!-- segscore -->\n" + "x" * 60_000]
    assert not (shell.here / "hacked").exists()
