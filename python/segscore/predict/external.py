"""Which other files an ONNX model reads, found in its bytes before anything runs it.

Weights may lie outside the model file ("external data"), at a path that the file names. The path is
checked here, so that a model of unknown origin reads nothing outside its own folder. This walks only the
few fields of the format that lead to such a path: the package `onnx` would parse all weights into memory
for it, and brings 20 MB.

Field numbers: onnx.proto of ONNX, https://github.com/onnx/onnx; wire format: Protocol Buffers, Encoding,
https://protobuf.dev/programming-guides/encoding.
"""

import mmap
import os
from collections.abc import Iterator
from typing import TypeAlias

from segscore.base.pointers import POINTER, PULL, is_pointer_at
from segscore.base.wording import show
from segscore.errors import FileFormatError
from segscore.io.absolute import real_path

FIELDS: dict[str, dict[int, str]] = {
    "ModelProto": {7: "GraphProto", 20: "TrainingInfoProto", 25: "FunctionProto"},
    "TrainingInfoProto": {1: "GraphProto", 2: "GraphProto"},
    "FunctionProto": {7: "NodeProto", 11: "AttributeProto"},
    "GraphProto": {1: "NodeProto", 5: "TensorProto", 15: "SparseTensorProto"},
    "NodeProto": {5: "AttributeProto"},
    "AttributeProto": {
        5: "TensorProto",
        6: "GraphProto",
        10: "TensorProto",
        11: "GraphProto",
        22: "SparseTensorProto",
        23: "SparseTensorProto",
    },
    "SparseTensorProto": {1: "TensorProto", 2: "TensorProto"},
    "TensorProto": {13: "StringStringEntryProto"},
    "StringStringEntryProto": {},
}
"""Of each message, the fields that lead to the paths of external data, by number."""

_Field: TypeAlias = tuple[int, int, int]
"""Number of a field that holds bytes, and where these begin and end."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class _NotProtobuf(Exception):  # noqa: N818 - says what the bytes are, and never leaves this module
    pass


def external_files(path: str) -> tuple[str, ...]:
    """Return the files next to a model from which it reads weights, as real paths.

    It is a FileFormatError if the model cannot be read or is no ONNX file; or if a path is absolute, leads
    out of the model's folder (through links as well), or to no file.
    """
    name = show(path)
    try:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            locations = sorted(set(_locations(data)))
    except OSError as error:
        raise FileFormatError(f"{name}: cannot be read: {error.strerror}", "check the path") from error
    except (ValueError, _NotProtobuf) as error:  # an empty file cannot be mapped
        if is_pointer_at(path):
            raise FileFormatError(f"{name}: expected an ONNX model, found {POINTER}", PULL) from error
        raise FileFormatError(
            f"{name}: expected an ONNX model, found something else or a part of one",
            "export or copy the model again",
        ) from error
    folder = real_path(os.path.dirname(path) or os.curdir)
    return tuple([_checked(name, folder, location) for location in locations])


def _checked(name: str, folder: str, location: str) -> str:
    where = f"{name}: weights at {show(location)}"
    if os.path.isabs(location) or "\0" in location:
        raise FileFormatError(f"{where}, expected a path relative to the model", _TOGETHER)
    real = os.path.realpath(os.path.join(folder, location))
    if os.path.commonpath([folder, real]) != folder:
        raise FileFormatError(f"{where} lie outside the folder of the model", _TOGETHER)
    if not os.path.isfile(real):
        raise FileFormatError(f"{where} are not there", "copy the files of weights next to the model")
    if is_pointer_at(real):
        raise FileFormatError(f"{where}: expected weights, found {POINTER}", PULL)
    return real


_TOGETHER = "save the model and its weights in one folder; do not run a model whose origin you do not know"


def _locations(data: mmap.mmap) -> Iterator[str]:
    todo = [("ModelProto", 0, len(data))]
    while todo:
        message, begin, end = todo.pop()
        fields = list(_fields(data, begin, end))
        if message == "StringStringEntryProto":
            if any(number == 1 and data[i:j] == b"location" for number, i, j in fields):
                yield from [os.fsdecode(data[i:j]) for number, i, j in fields if number == 2]
        else:
            known = FIELDS[message]
            todo += [(known[number], i, j) for number, i, j in fields if number in known]


def _fields(data: mmap.mmap, at: int, end: int) -> Iterator[_Field]:
    """Yield the fields of a message that hold bytes; pass over numbers."""
    while at < end:
        key, at = _varint(data, at, end)
        kind = key & 7
        if kind == _VARINT:
            _, at = _varint(data, at, end)
        elif kind in (_FIXED64, _FIXED32):
            at += 8 if kind == _FIXED64 else 4
        elif kind == _BYTES:
            length, at = _varint(data, at, end)
            if at + length > end:
                raise _NotProtobuf
            yield (key & 0xFFFFFFFF) >> 3, at, at + length  # as in C++, where a key has 32 bits
            at += length
        else:
            raise _NotProtobuf
    if at != end:
        raise _NotProtobuf


def _varint(data: mmap.mmap, at: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise _NotProtobuf
