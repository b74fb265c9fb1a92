"""Random changes of files: bits, bytes, numbers, lines, JSON texts, members of archives, compressed bytes."""

import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

NUMBERS = (0, 1, -1, 2, 127, 255, 256, 65535, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64, 10**30)
WORDS = (
    *(b"nan", b"inf", b"-0", b"1e400", b"1e-400", b"\x00", b"\xff\xfe", b"\n", b'"', b"["),
    *(b"{" * 2000, b"[" * 9999),
)
VALUES = (None, True, False, "", "x", "\ud800", [], {}, [[]], 0.5, float("nan"), float("inf"), *NUMBERS)


def flipped(made: random.Random, content: bytes) -> bytes:
    """Return bytes of which some are others, more or less."""
    data = bytearray(content)
    for _ in range(made.choice((1, 1, 2, 4, 16))):
        at = made.randrange(len(data) + 1)
        size = made.choice((1, 2, 4, 8, 32))
        match made.randrange(7):
            case 0 if data:
                data[at % len(data)] ^= 1 << made.randrange(8)
            case 1 if data:
                data[at % len(data)] = made.choice((0, 1, 127, 128, 255, made.randrange(256)))
            case 2:
                number = made.choice(NUMBERS) & (1 << 8 * size) - 1
                data[at : at + size] = number.to_bytes(size, made.choice(("little", "big")))
            case 3:
                del data[at : at + size]
            case 4:
                data[at:at] = data[at : at + size]
            case 5:
                data[at:at] = made.choice(WORDS)
            case _:
                del data[at:]
    return bytes(data)


def rewritten(made: random.Random, content: bytes) -> bytes:
    """Return a text of which numbers, words or lines are others."""
    if made.randrange(4) == 0:
        return flipped(made, content)
    for _ in range(made.choice((1, 1, 2, 3))):
        parts = list(re.finditer(rb"-?[\d.]+(?:e-?\d+)?|[A-Za-z_]+|(?m:^)[^\n]*\n", content))
        if not parts:
            break
        (start, end), other = made.choice(parts).span(), made.choice(parts).group()
        number = str(made.choice(NUMBERS)).encode()
        new = made.choice((b"", other, number, made.choice(WORDS), content[start:end] * 2))
        content = content[:start] + new + content[end:]
    return content


def retold(made: random.Random, content: bytes) -> bytes:
    """Return a JSON text with other values, keys or lengths."""
    if made.randrange(6) == 0:
        return rewritten(made, content)
    whole = json.loads(content)
    for _ in range(made.choice((1, 1, 2, 3))):
        places: list[tuple[Any, Any]] = []
        todo = [whole]
        while todo:
            one = todo.pop()
            here = [(one, key) for key in (one if isinstance(one, dict) else range(len(one)))]
            places += here
            todo += [part for one, key in here if isinstance(part := one[key], dict | list)]
        if not places:
            break
        of, key = made.choice(places)
        other, its = made.choice(places)
        match made.randrange(4):
            case 0:
                del of[key]
            case 1:
                of[key] = json.loads(json.dumps(other[its]))
            case 2 if isinstance(of, dict):
                of[made.choice(("", "schema", "x" * 999))] = of.pop(key)
            case _:
                of[key] = made.choice(VALUES)
    return json.dumps(whole).encode()


def packed(change: Callable[[random.Random, bytes], bytes]) -> Callable[[random.Random, bytes], bytes]:
    """Return a change of what is compressed, or at times of the compressed bytes."""

    def changed(made: random.Random, content: bytes) -> bytes:
        if content[:2] != b"\x1f\x8b":
            return change(made, content)
        if made.randrange(4) == 0:
            return flipped(made, content)
        return gzip.compress(change(made, gzip.decompress(content)), 1, mtime=0)

    return changed


def archived(made: random.Random, content: bytes) -> bytes:
    """Return an archive with another member, or at times with other bytes."""
    if made.randrange(8) == 0:
        return flipped(made, content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = made.choice((*members, "about.npy")) if "about.npy" in members else made.choice([*members])
    if name == "about.npy" and made.randrange(8):
        text = retold(made, np.load(io.BytesIO(members[name])).tobytes())
        members[name] = npy(np.frombuffer(text, np.uint8))
    elif made.randrange(3):
        column = np.load(io.BytesIO(members[name])).copy()
        if column.size and column.dtype.kind in "iu":
            number = np.array(made.choice(NUMBERS[:12])).astype(column.dtype)
            column.flat[made.randrange(column.size)] = number
        members[name] = npy(column[: made.choice((None, None, 0, -1))] if column.ndim else column)
    else:
        members[name] = flipped(made, members[name])
    if made.randrange(20) == 0:
        del members[name]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return file.getvalue()


def npy(values: Any) -> bytes:
    """Return an array as a file."""
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()
