"""Dask: a cluster of two processes makes what one process does, also where workers die."""

import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
import pytest

from segscore import EvaluationError, SegscoreWarning, evaluate
from support.engines import check
from support.executors import DEADLY, deadly, deadly_once, reader
from support.sharded import assert_same, broken

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture(scope="module")
def executor(needing: Callable[[str], None]) -> Iterator[Executor]:
    needing("dask")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from distributed import Client, LocalCluster

        options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
        with LocalCluster(**options) as cluster, Client(cluster) as client:
            yield client.get_executor()


def test_a_cluster_makes_what_one_process_does(executor: Executor, tmp_path: Path) -> None:
    check(executor, tmp_path)


def test_dask_sends_what_pickle_does_not(executor: Executor, tmp_path: Path) -> None:
    options = {**broken(tmp_path), "read": lambda path: np.fliplr(reader(path))}
    with pytest.warns(SegscoreWarning):
        found = evaluate(**options, executor=executor)
    with pytest.warns(SegscoreWarning):
        assert_same(found, evaluate(**options))


def test_a_worker_that_dies_costs_nothing(executor: Executor, tmp_path: Path) -> None:
    options = {**broken(tmp_path), "read": deadly_once}
    with pytest.warns(SegscoreWarning):
        found = evaluate(**options, executor=executor)
    with pytest.warns(SegscoreWarning):
        assert_same(found, evaluate(**options))


def test_images_on_which_all_workers_die_are_named(executor: Executor, tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"was lost twice, with .*; KilledWorker: ") as caught:
        evaluate(**broken(tmp_path), read=deadly, executor=executor, progress=False)
    assert DEADLY in {failure.name for failure in caught.value.failures}
