"""Notices of linked libraries: each has its licence in the wheel."""

import re
import runpy
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_each_linked_library_has_its_licence_in_the_wheel() -> None:
    made = runpy.run_path(str(ROOT / "docs/notices.py"))
    text = (ROOT / "NOTICES.txt").read_text("utf-8")
    parts = re.findall(r"^={80}\n(\S+) (\S+)\n={80}\n\n(.+?)(?=\n\n={80}|\Z)", text, re.DOTALL | re.MULTILINE)
    assert [(name, version) for name, version, _ in parts] == made["linked"]()
    licences = {name: licence for name, _, licence in parts}
    assert {"libdeflate-sys", "zlib-rs", "png", "pyo3", "rayon"} <= licences.keys()
    assert all(re.search(r"permission is|licen[cs]e", one, re.I) for one in licences.values())
    assert "Eric Biggers" in licences["libdeflate-sys"]
    assert "Trifecta Tech Foundation" in licences["zlib-rs"]
    with open(ROOT / "pyproject.toml", "rb") as file:
        about = tomllib.load(file)
    assert "NOTICES.txt" in about["project"]["license-files"]
    assert {"path": "NOTICES.txt", "format": "sdist"} in about["tool"]["maturin"]["include"]
