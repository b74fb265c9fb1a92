"""Wheels name their parts, and not the folder in which they were built: what lists the parts writes it there.

``python scripts/parts.py dist`` looks into each wheel in the folder, and writes it anew if the list of its
parts (SBOM) has the place of its sources. Of another place in it nothing is known: the exit code is 1 then.
"""

import argparse
import json
import os
import re
import sys
import zipfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

LIST = re.compile(r"[^/]+\.dist-info/sboms/[^/]+\.json")
"""The name of a list of parts in a wheel."""
PLACE = re.compile("file(:|%3a)", re.IGNORECASE)
"""What an address of this machine begins with."""
_OWN = re.compile(r"[?&]download_url=file:[^#&]*")


def without_places(text: str) -> str:
    """Return a list of parts in which the package is called by its name and version."""
    listed = json.loads(text)
    own = listed["metadata"]["component"]
    place, name = own["bom-ref"], f"pkg:cargo/{own['name']}@{own['version']}"

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: named(one) for key, one in value.items()}
        if isinstance(value, list):
            return [named(one) for one in value]
        if not isinstance(value, str):
            return value
        return name + value.removeprefix(place) if value.startswith(place) else _OWN.sub("", value)

    return json.dumps(named(listed), indent=2, ensure_ascii=False)


def mend(wheel: Path) -> list[str]:
    """Write a wheel anew if it names its place, and return the lists of parts that name one all the same."""
    with zipfile.ZipFile(wheel) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    lists = {info.filename: content for info, content in members if LIST.fullmatch(info.filename)}
    changed = {
        name: without_places(content.decode()).encode()
        for name, content in lists.items()
        if PLACE.search(content.decode())
    }
    if changed:
        made = wheel.with_name(f".{wheel.name}")
        with zipfile.ZipFile(made, "w") as archive:
            for info, content in members:
                own = changed.get(info.filename, content)
                if info.filename.endswith(".dist-info/RECORD"):
                    own = _recorded(content.decode(), changed).encode()
                archive.writestr(info, own, compresslevel=9)
        os.replace(made, wheel)
    return [name for name, content in (lists | changed).items() if PLACE.search(content.decode())]


def _recorded(record: str, changed: dict[str, bytes]) -> str:
    """Return the record of a wheel with the digests and sizes of what has changed."""
    lines = record.splitlines()
    for i, line in enumerate(lines):
        if (content := changed.get(line.partition(",")[0])) is not None:
            digest = urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode()
            lines[i] = f"{line.partition(',')[0]},sha256={digest},{len(content)}"
    return "\n".join([*lines, ""])


def main(arguments: list[str] | None = None) -> int:
    """Mend the wheels of a folder, say which still name a place, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("dist", type=Path, help="the folder with the wheels")
    wheels = sorted(parser.parse_args(arguments).dist.glob("*.whl"))
    wrong = [f"{wheel.name}: {name} names a place" for wheel in wheels for name in mend(wheel)]
    for sentence in wrong or [f"{len(wheels)} looked into: no list of parts names a place"]:
        print(sentence)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
