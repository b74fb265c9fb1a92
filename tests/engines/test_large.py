"""Ray, Spark and torchrun: the lines that docs/scaling.md has for them make what one process does."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.processes import ended

TESTS = Path(__file__).parents[1]
BEGIN = """
import sys, warnings
from pathlib import Path
import segscore
from support.executors import deadly_once
from support.sharded import assert_same, broken

warnings.simplefilter("ignore")
"""
RAY = """
import ray

ray.init(num_cpus=2, include_dashboard=False, object_store_memory=300 << 20, log_to_driver=False)
for read in (None, deadly_once):
    options = {**broken(Path(sys.argv[1])), "read": read}
    plan = segscore.plan(**options)
    run = ray.remote(segscore.Shard.evaluate)
    ev = plan.merge(ray.get([run.remote(shard) for shard in plan.shards(8)]))
    assert_same(ev, segscore.evaluate(**options))
print("the same")
"""
SPARK = """
from pyspark import SparkContext

sc = SparkContext("local[2]")
sc.setLogLevel("OFF")
options = broken(Path(sys.argv[1]))
plan = segscore.plan(**options)
shards = plan.shards(8)
parts = sc.parallelize(shards, len(shards)).map(segscore.Shard.evaluate).collect()
assert_same(plan.merge(parts), segscore.evaluate(**options))
print("the same")
"""
TORCH = """
import torch.distributed as dist

dist.init_process_group("gloo")
world, rank = dist.get_world_size(), dist.get_rank()
made = [broken(Path(sys.argv[1])) if rank == 0 else None]
dist.broadcast_object_list(made)
(options,) = made
plan = segscore.plan(**options)
parts = [None] * world if rank == 0 else None
dist.gather_object(plan.shards(world)[rank].evaluate(), parts)
if rank == 0:
    assert_same(plan.merge(parts), segscore.evaluate(**options))
    print("the same")
dist.destroy_process_group()
"""


@pytest.mark.parametrize(
    ("engine", "code", "start"),
    [
        ("ray", BEGIN + RAY, ()),
        ("spark", BEGIN + SPARK, ()),
        ("torch", BEGIN + TORCH, ("-m", "torch.distributed.run", "--nproc-per-node", "2")),
    ],
)
def test_lines_of_the_document_make_what_one_process_does(
    needing: Callable[[str], None], tmp_path: Path, engine: str, code: str, start: tuple[str, ...]
) -> None:
    needing(engine)
    script = tmp_path / "script.py"
    script.write_text(code)
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    own = {"RAY_AUTH_MODE": "disabled", "PYSPARK_PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
    env = {**os.environ, **own, "PYTHONPATH": path}
    found = ended([sys.executable, *start, str(script), str(tmp_path / "masks")], env=env)
    assert (found.returncode, found.stdout.splitlines()[-1:]) == (0, ["the same"]), found.stderr
