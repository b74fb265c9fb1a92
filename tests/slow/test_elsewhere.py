"""Masks that are elsewhere: a Ctrl-C waits for no server, and a forked child opens its stores anew."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from segscore.io.archives import members
from segscore.io.columns import column
from support.elsewhere import NAMES, PRED, TARGET, in_folder, scored, served, tarred, with_endings, zipped
from support.interrupts import assert_stops
from support.processes import python

pytestmark = pytest.mark.slow
TESTS = Path(__file__).parents[1]


def test_a_server_that_never_answers(tmp_path: Path) -> None:
    in_folder(tmp_path)
    code = """
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from support import elsewhere

class Never(elsewhere.Quiet):
    hanging = True
    def do_GET(self):
        while self.hanging:
            time.sleep(0.01)
        super().do_GET()

with elsewhere.served(Path(sys.argv[1]), Never) as host:
    def call():
        names, sides = elsewhere.NAMES, ("pred", "target")
        pred, target = ([f"{host}/{side}/{name}.png" for name in names] for side in sides)
        return evaluate(pred=pred, target=target, classes=3, progress=False)
    interrupted(call)
    Never.hanging = False
    print("right" if call().names == ("a", "c", "d") else "wrong", flush=True)
    os._exit(0)  # the server may still be busy with those that were interrupted
"""
    assert_stops(code, tmp_path, TESTS)


FORK = """
import sys, warnings
warnings.filterwarnings("ignore", "This process.*is multi-threaded", DeprecationWarning)
sys.path.insert(0, sys.argv[2])
from pathlib import Path
import fsspec, segscore
from support.elsewhere import *
from support.forked import children

def ended_well(work):
    return children(1, work, at_once=1, limit=60) == 1

with served(Path(sys.argv[1])) as host:
    addresses = {side: [f"{host}/{side}/{name}.png" for name in NAMES] for side in ("pred", "target")}
    sides = {
        "addresses": addresses,
        "files": {side: fsspec.open_files(of) for side, of in addresses.items()},
        "memory": {side: stored(side, with_endings(of)) for side, of in (("pred", PRED), ("target", TARGET))},
        "archives": {
            "pred": str(zipped(Path(sys.argv[1]) / "a.zip", with_endings(PRED))),
            "target": str(tarred(Path(sys.argv[1]) / "a.tar", with_endings(TARGET))),
        },
    }[sys.argv[3]]
    made = segscore.plan(**sides, classes=CLASSES)
    expected = scored(**sides)

    def anew():
        assert scored(**sides) == expected

    def of_a_plan_of_the_parent():
        assert made.merge(shard.evaluate() for shard in made.shards(2)) == expected

    print([ended_well(anew), ended_well(of_a_plan_of_the_parent)], scored(**sides) == expected)
"""


@pytest.mark.parametrize("kind", ["addresses", "files", "memory", "archives"])
def test_a_child_opens_its_stores_anew(tmp_path: Path, kind: str) -> None:
    in_folder(tmp_path)
    assert python(FORK, tmp_path, TESTS, kind) == "[True, True] True\n"


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_fetch_for_themselves_and_come_to_the_same(tmp_path: Path, start: str) -> None:
    expected = in_folder(tmp_path)
    zipped(tmp_path / "pred.zip", with_endings(PRED))
    tarred(tmp_path / "target.tar", {f"{name}.seg.png": content for name, content in TARGET.items()})
    rows = {"id": list(NAMES), "mask": [*TARGET.values()]}
    parquet.write_table(pa.table(rows), tmp_path / "target.parquet", row_group_size=1)
    sides = {
        "pred": [str(tmp_path / "pred.zip"), f"zip://::file://{tmp_path}/pred.zip"],
        "target": [
            members(tmp_path / "target.tar", "seg.png"),
            column(tmp_path / "target.parquet", "mask", names="id"),
        ],
    }
    context = multiprocessing.get_context(start)
    with served(tmp_path) as host, ProcessPoolExecutor(2, mp_context=context) as executor:
        sides["pred"].append(f"{host}/pred/**/*.png")
        sides["target"].append(f"{host}/target/")
        for pred, target in zip(sides["pred"], sides["target"], strict=True):
            found = scored(pred=pred, target=target, executor=executor, shards=3)
            assert found == scored(pred=pred, target=target)
            assert (found.names, found.table) == (expected.names, expected.table)
