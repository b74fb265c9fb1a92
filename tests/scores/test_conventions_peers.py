"""Conventions give the numbers of the tools that they are named after.

A tool that is not installed is skipped, and named in the header of the run; with ``SEGSCORE_PEERS=all`` it
fails. `pip install '.[peers]'` installs all of them.
"""

import os

import pytest

from convention_checks import compare, tolerance
from convention_files import in_files
from convention_peers import PEERS, missing
from segscore.scores.conventions.tools import CONVENTIONS

DATASETS = 300
PACKAGES = sorted({peer.package for peer in PEERS.values()})


def test_every_convention_that_was_compared_can_be_compared_again(tmp_path):
    for name in ("evaluate", "detectron2", "vision", "sceneparsing", "bdd100k"):
        owners = {"evaluate": "huggingface", "detectron2": "facebookresearch", "vision": "pytorch"}
        owner = owners.get(name, "CSAILVision" if name == "sceneparsing" else name)
        (tmp_path / owner / name).mkdir(parents=True)
    checked = {"package": set(PEERS), "file": set(in_files(tmp_path)), "read": set()}
    for kind, peers in checked.items():
        assert {c.name for c in CONVENTIONS.values() if c.checked == kind} == peers


@pytest.mark.timeout(600)
@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_gives_the_same_numbers(package):
    names = [name for name, peer in PEERS.items() if peer.package == package]
    if package in missing(names):
        assert os.environ.get("SEGSCORE_PEERS") != "all", f"{package} is not installed"
        pytest.skip(f"{package} is not installed, so {', '.join(names)} not compared")
    for name in names:
        convention, peer = CONVENTIONS[name], PEERS[name]
        if os.environ.get("SEGSCORE_PEERS") == "all":
            assert peer.version in convention.tool, "the convention names the version that it was read in"
        found = compare(convention, peer, DATASETS)
        assert found.datasets == DATASETS
        assert found.largest <= tolerance(convention), name
