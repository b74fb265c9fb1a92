"""Linked libraries: each has its licence in the wheel, and is named in the list of its parts (SBOM)."""

import json
import os
import re
import runpy
import tomllib
from importlib.metadata import files
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_each_linked_library_has_its_licence_in_the_wheel() -> None:
    made = runpy.run_path(str(ROOT / "docs/notices.py"))
    text = (ROOT / "NOTICES.txt").read_text("utf-8")
    parts = re.findall(r"^={80}\n(\S+) (\S+)\n={80}\n\n(.+?)(?=\n\n={80}|\Z)", text, re.DOTALL | re.MULTILINE)
    assert [(name, version) for name, version, _ in parts] == made["linked"]()
    licences = {name: licence for name, _, licence in parts}
    assert {"libdeflate-sys", "zlib-rs", "png", "pyo3", "numpy"} <= licences.keys()
    assert all(re.search(r"permission is|licen[cs]e", one, re.I) for one in licences.values())
    assert "Eric Biggers" in licences["libdeflate-sys"]
    assert "Trifecta Tech Foundation" in licences["zlib-rs"]
    with open(ROOT / "pyproject.toml", "rb") as file:
        about = tomllib.load(file)
    assert "NOTICES.txt" in about["project"]["license-files"]
    assert {"path": "NOTICES.txt", "format": "sdist"} in about["tool"]["maturin"]["include"]


def test_the_list_of_parts_in_the_wheel_names_each_linked_library() -> None:
    lists = [file for file in files("segscore") or () if file.name.endswith(".cyclonedx.json")]
    if not lists and os.environ.get("SEGSCORE_DEMAND_SBOM") != "1":
        pytest.skip("segscore was not installed from a wheel, which alone has a list of its parts")
    (one,) = lists
    assert one.parts[-2:] == ("sboms", "segscore.cyclonedx.json")
    listed = json.loads(one.read_text("utf-8"))
    assert (listed["bomFormat"], listed["metadata"]["component"]["name"]) == ("CycloneDX", "segscore")
    parts = {(part["name"], part["version"]): part for part in listed["components"]}
    linked = runpy.run_path(str(ROOT / "docs/notices.py"))["linked"]()
    assert {*linked} <= parts.keys()
    for name, version in linked:
        part = parts[name, version]
        assert part["licenses"], name
        assert part["purl"] == f"pkg:cargo/{name}@{version}"
