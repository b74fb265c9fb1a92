"""Workflows of GitHub: pinned by commits, with no more rights than each job needs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parent.parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def jobs(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text("utf-8"))
    assert found["permissions"] == {}
    return dict(found["jobs"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_keep_no_credentials(path: Path) -> None:
    lines = [line.strip() for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    assert lines
    for line in lines:
        assert re.fullmatch(r"(- )?uses: [\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v[\d.]+", line), line
    for name, job in jobs(path).items():
        assert job["permissions"], name
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, name


def test_one_action_has_one_commit_in_all_workflows() -> None:
    text = "\n".join(path.read_text("utf-8") for path in WORKFLOWS)
    found = re.findall(r"uses: (\S+)@(\w+)", text)
    assert len({name for name, _ in found}) == len(set(found))


def test_zizmor_finds_nothing() -> None:
    zizmor = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or shutil.which("zizmor")
    if zizmor is None:
        pytest.skip("zizmor is not installed: it comes with the extra `lint`")
    done = subprocess.run([zizmor, "--offline", "--quiet", ROOT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
