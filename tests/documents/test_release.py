"""The checklist of releases, gone through for a made-up one, and the workflow that builds what is on it."""

import io
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

import release
from support.documents import ROOT

NAME = "segscore-1.2.3"
FILES = {
    ".ci/run": "",
    "CHANGELOG.md": "# Changelog\n\n## 1.2.3 (2026-12-01)\n\n- New.\n\n## 1.2.2 (2026-11-01)\n",
    "CITATION.cff": "title: segscore\nversion: 1.2.3\n",
    "Cargo.lock": '[[package]]\nname = "segscore"\nversion = "1.2.3"\n',
    "Cargo.toml": '[package]\nname = "segscore"\nversion = "1.2.3"\n',
    "LICENSE-APACHE": "Apache",
    "LICENSE-MIT": "MIT",
    "NOTICES.txt": "of others",
    "README.md": "# segscore\n",
    "src/lib.rs": "",
    "tests/conftest.py": "",
}
ABOUT = f"{NAME}.dist-info"
INSIDE = {
    "segscore/__init__.py": "",
    "segscore/_core.abi3.so": "",
    "segscore/_core.pyi": "",
    "segscore/py.typed": "",
    f"{ABOUT}/METADATA": "",
    f"{ABOUT}/licenses/LICENSE-APACHE": "Apache",
    f"{ABOUT}/licenses/LICENSE-MIT": "MIT",
    f"{ABOUT}/licenses/NOTICES.txt": "of others",
    f"{ABOUT}/sboms/segscore.cyclonedx.json": "",
}


def git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


def write_wheel(dist: Path, python: str, system: str, files: dict[str, str]) -> str:
    name = f"{NAME}-{python}-{system}.whl"
    with zipfile.ZipFile(dist / name, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return name


def write_sources(dist: Path, files: dict[str, str]) -> None:
    with tarfile.open(dist / f"{NAME}.tar.gz", "w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{NAME}/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder with a checkout that is tagged and what was built from it."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed, which the checklist asks")
    root, dist = tmp_path / "checkout", tmp_path / "dist"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    dist.mkdir()
    for command in ("init -q", "add .", "commit -q -m all", "tag v1.2.3"):
        git(root, *command.split())
    for python, system in release.WHEELS:
        write_wheel(dist, python, f"manylinux2014_x.{system}" if "2_17" in system else system, INSIDE)
    write_sources(dist, {"PKG-INFO": "", **{path: text for path, text in FILES.items() if path != ".ci/run"}})
    return tmp_path


@pytest.fixture
def wrong(made: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """A function that goes through the checklist and returns what is wrong."""

    def look(*tag: str) -> list[str]:
        code = release.main([str(made / "dist"), *tag, "--root", str(made / "checkout")])
        lines = capsys.readouterr().out.splitlines()
        found = [line.strip() for line in lines if line.startswith("  ")]
        claims = [line.partition(": ")[2] for line in lines if re.match("right: |wrong: ", line)]
        assert claims == [*release.CHECKS]
        assert any(line.startswith("wrong: ") for line in lines) == bool(found) == bool(code)
        assert ("this was a rehearsal" in lines[-1]) == (not tag)
        return found

    return look


def test_a_release_passes(made, wrong):
    assert wrong("v1.2.3") == []
    assert wrong() == []


def test_versions_and_days_are_asked_of_every_file(made, wrong):
    root = made / "checkout"
    (root / "Cargo.lock").write_text(FILES["Cargo.lock"].replace("1.2.3", "1.2.2"))
    (root / "CITATION.cff").write_text("version: 1.2.30\n")
    (root / "CHANGELOG.md").write_text("## Unreleased\n")
    of_versions = [
        "Cargo.lock has 1.2.2, expected 1.2.3: `cargo check` writes it",
        "CITATION.cff has no line `version: 1.2.3`",
    ]
    assert wrong() == of_versions
    assert wrong("v1.2.3") == [
        *of_versions,
        "CHANGELOG.md begins with `## Unreleased`, expected `## 1.2.3 (YYYY-MM-DD)`",
        "files differ from the commit: CHANGELOG.md, CITATION.cff, Cargo.lock",
    ]
    (root / "CHANGELOG.md").write_text("## 1.2.2 (2026-11-01)\n")
    assert wrong()[2:] == [
        "CHANGELOG.md begins with `## 1.2.2 (2026-11-01)`, expected `## 1.2.3 (YYYY-MM-DD)`"
    ]


def test_a_tag_is_of_the_version_and_of_the_commit(made, wrong):
    root = made / "checkout"
    assert wrong("v1.2.4") == [
        "the tag is v1.2.4, expected v1.2.3",
        "v1.2.4 is no tag of the commit that is checked out",
    ]
    git(root, "commit", "-q", "--allow-empty", "-m", "more")
    assert wrong("v1.2.3") == ["v1.2.3 is no tag of the commit that is checked out"]
    git(root, "tag", "-f", "-a", "-m", "now", "v1.2.3")
    assert wrong("v1.2.3") == []


def test_wheels_are_those_of_the_list(made, wrong):
    (made / "dist" / f"{NAME}-cp311-abi3-win_amd64.whl").unlink()
    write_wheel(made / "dist", "cp311-abi3", "manylinux_2_34_x86_64", INSIDE)
    unexpected = "nobody expects a wheel for cp311-abi3 on manylinux_2_34_x86_64"
    assert wrong() == [unexpected]
    assert wrong("v1.2.3") == [unexpected, "there is no wheel for cp311-abi3 on win_amd64"]


def test_wheels_are_looked_into(made, wrong, monkeypatch):
    files = dict(INSIDE)
    del files["segscore/_core.abi3.so"], files["segscore/py.typed"], files[f"{ABOUT}/licenses/LICENSE-MIT"]
    files[f"{ABOUT}/licenses/NOTICES.txt"] = "of nobody"
    files["tests/conftest.py"] = ""
    name = write_wheel(made / "dist", "cp311-abi3", "win_amd64", files)
    old = {path.replace("1.2.3", "1.2.2"): text for path, text in INSIDE.items()}
    outdated = write_wheel(made / "dist", "cp314-cp314t", "win_amd64", old)
    assert wrong() == [
        f"{name} has 0 compiled cores, expected 1",
        f"{name} has no segscore/py.typed",
        f"{name} does not have LICENSE-MIT as it is here",
        f"{name} does not have NOTICES.txt as it is here",
        f"{name} has more than the package: tests",
        f"{outdated} is not of version 1.2.3",
    ]
    said = '{"bom-ref": "path+FILE:///home/me/segscore#1.2.3"}'
    named = write_wheel(
        made / "dist", "cp311-abi3", "win_amd64", {**INSIDE, f"{ABOUT}/sboms/segscore.cyclonedx.json": said}
    )
    assert wrong()[0] == (
        f"{named} says where it was built, in {ABOUT}/sboms/segscore.cyclonedx.json: "
        "`python scripts/parts.py`"
    )
    windows = {path.replace("_core.abi3.so", "_core.pyd"): text for path, text in INSIDE.items()}
    write_wheel(made / "dist", "cp311-abi3", "win_amd64", windows)
    write_wheel(made / "dist", "cp314-cp314t", "win_amd64", {**windows, "segscore/large": "0" * 4000})
    assert wrong() == []
    monkeypatch.setattr(release, "MOST_BYTES", 4000)
    (said,) = wrong()
    assert re.fullmatch(
        rf"{NAME}-cp314-cp314t-win_amd64.whl has 5,\d{{3}} bytes, expected 4,000 at most", said
    )


def test_sources_are_what_git_has_without_what_is_for_ci(made, wrong):
    kept = {path: text for path, text in FILES.items() if path not in ("Cargo.lock", "tests/conftest.py")}
    write_sources(made / "dist", {"PKG-INFO": "", "notes.txt": "", **kept})
    archive = f"{NAME}.tar.gz"
    assert wrong() == [
        f"{archive} has no Cargo.lock",
        f"{archive} has no tests/conftest.py",
        f"{archive} has notes.txt, which git does not have",
        f"{archive} has .ci/run, which is for CI alone",
    ]
    (made / "dist" / archive).rename(made / "dist" / "segscore-1.2.2.tar.gz")
    assert wrong() == [f"expected the archive {archive}, found: segscore-1.2.2.tar.gz"]
    (made / "dist" / "segscore-1.2.2.tar.gz").unlink()
    assert wrong() == [f"expected the archive {archive}, found: none"]


def test_a_rehearsal_says_that_git_does_not_know_the_folder(made, capsys):
    (made / "checkout" / ".git").rename(made / "git")
    assert release.main([str(made / "dist"), "--root", str(made / "checkout")]) == 0
    assert capsys.readouterr().out.endswith(
        "this was a rehearsal, of a folder that git does not know, without a tag and without 0 of 12 wheels\n"
    )


WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "wheels.yml").read_text())
JOBS = WORKFLOW["jobs"]
STEPS = [step for job in JOBS.values() for step in job["steps"]]


def built_by(job: str) -> set[tuple[str, ...]]:
    """Return what a job is run for, one value of each list of its matrix."""
    matrix = JOBS[job]["strategy"]["matrix"]
    lists = [matrix[name] for name in ("runner", "system", "python") if name in matrix]
    found: set[tuple[str, ...]] = {()}
    for values in lists:
        found = {(*one, value) for one in found for value in values}
    left_out = [{*one.values()} for one in matrix.get("exclude", [])]
    return {one for one in found if not any(out <= {*one} for out in left_out)}


def test_the_workflow_builds_the_wheels_of_the_list():
    machines = {
        "ubuntu-24.04": "x86_64",
        "ubuntu-24.04-arm": "aarch64",
        "macos-15": "macosx_11_0_arm64",
        "macos-15-intel": "macosx_10_12_x86_64",
        "windows-2025": "win_amd64",
    }
    pythons = {"3.11": "cp311-abi3", "3.14t": "cp314-cp314t"}
    systems = {"gnu": "manylinux_2_17_", "musl": "musllinux_1_2_"}
    linux = {
        (pythons[python], systems[system] + machines[runner]) for runner, system, python in built_by("linux")
    }
    elsewhere = {(pythons[python], machines[runner]) for runner, python in built_by("elsewhere")}
    assert linux | elsewhere == release.WHEELS
    assert {runner for runner, _ in built_by("tried")} == {*machines}
    script = (ROOT / "scripts" / "wheel").read_text()
    assert all(system.rstrip("_") + "_$arch" in script for system in systems.values())


def test_a_release_needs_all_that_was_tried_and_no_more_rights_than_to_say_who_it_is():
    assert WORKFLOW["permissions"] == {}
    rights = {name: job["permissions"] for name, job in JOBS.items()}
    assert rights.pop("publish") == {"id-token": "write"}
    assert all(one == {"contents": "read"} for one in rights.values())
    needed, todo = set(), ["publish"]
    while todo:
        todo += (new := {*JOBS[todo.pop()].get("needs", ())} - needed)
        needed |= new
    assert needed == JOBS.keys() - {"publish"}
    assert JOBS["publish"]["if"] == "github.ref_type == 'tag'"
    assert not any("run" in step for step in JOBS["publish"]["steps"])


def test_scripts_of_the_workflow_hold_no_text_of_others():
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert len(scripts) == 8
    assert not any("${{" in script for script in scripts)
