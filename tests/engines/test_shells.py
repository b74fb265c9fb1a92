"""Jobs of a cluster: shells that evaluate a share each, at the same time, and one that merges all."""

import os
import sys
from pathlib import Path
from subprocess import DEVNULL, Popen

import pytest

import segscore
from support.processes import ended
from support.sharded import assert_same, broken

SHARDS = 3


def test_an_array_of_jobs_makes_what_one_process_does(tmp_path: Path) -> None:
    options = broken(tmp_path)
    sides = [f"--{side}={tmp_path / side}" for side in ("pred", "target")]
    command = [sys.executable, "-m", "segscore", "evaluate", *sides]
    given = ("groups", "classes", "resize", "on_error")
    command += [f"--{name.replace('_', '-')}={options[name]}" for name in given]
    shell = ["sh", "-c", '"$@" --shard $JOB/3 --save p$JOB.npz', "job", *command]
    jobs = [
        Popen(shell, stdout=DEVNULL, cwd=tmp_path, env={**os.environ, "JOB": str(i)})
        for i in range(1, SHARDS + 1)
    ]
    assert [job.wait(60) for job in jobs] == [0] * SHARDS
    files = [str(tmp_path / f"p{i}.npz") for i in range(1, SHARDS + 1)]
    merge = [sys.executable, "-m", "segscore", "merge", *files, "--save", str(tmp_path / "all.npz")]
    whole, merged = ended(command), ended(merge)
    assert (merged.returncode, merged.stderr) == (whole.returncode, whole.stderr)
    # The last sentence says what to do next.
    assert merged.stdout.partition("next: ")[0] == whole.stdout.partition("next: ")[0]
    with pytest.warns(segscore.SegscoreWarning):
        expected = segscore.evaluate(**options)
    assert_same(segscore.load(tmp_path / "all.npz"), expected)
