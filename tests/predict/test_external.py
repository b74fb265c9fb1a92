"""ONNX files of unknown origin: where their weights may lie, and what broken bytes do."""

import numpy as np
import onnx
import pytest

from segscore import FileFormatError, predict
from segscore.predict.external import FIELDS, external_files
from support.processes import python
from support.refused import refused
from support.tiny_models import SAME, outside, save, save_external, save_network

WEIGHTS = np.array([1, 2, 3], np.float32).tobytes()
TOGETHER = "save the model and its weights in one folder; do not run a model whose origin you do not know"


def test_the_fields_are_those_of_the_format():
    reached, todo = {}, [onnx.ModelProto.DESCRIPTOR]
    while todo:
        message = todo.pop()
        if message.name not in reached:
            below = [field for field in message.fields if field.message_type is not None]
            reached[message.name] = {field.number: field.message_type.name for field in below}
            todo += [field.message_type for field in below]
    leads = {"StringStringEntryProto"}
    # Texts of other purposes are of the same type; only those of tensors are paths.
    for message, fields in reached.items():
        if message != "TensorProto":
            reached[message] = {n: name for n, name in fields.items() if name != "StringStringEntryProto"}
    tensor = onnx.TensorProto.DESCRIPTOR.fields_by_name
    reached["TensorProto"] = {tensor["external_data"].number: "StringStringEntryProto"}
    while more := {name for name, fields in reached.items() if leads & set(fields.values())} - leads:
        leads |= more
    expected = {
        name: {number: below for number, below in reached[name].items() if below in leads} for name in leads
    }
    assert expected == FIELDS


def test_weights_in_the_folder_of_the_model_are_read(tmp_path):
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "w.bin").write_bytes(WEIGHTS)
    path = save_external(tmp_path / "m.onnx", "weights/w.bin")
    model = predict.onnx(path)
    assert model.external == (str((tmp_path / "weights" / "w.bin").resolve()),)
    np.testing.assert_array_equal(model(np.zeros((2, 2, 3), np.uint8)).logits[0, 0], [1, 2, 3])


def test_a_relative_path_of_the_model(tmp_path, monkeypatch):
    (tmp_path / "w.bin").write_bytes(WEIGHTS)
    save_external(tmp_path / "m.onnx", "w.bin")
    monkeypatch.chdir(tmp_path)
    assert external_files("m.onnx") == (str((tmp_path / "w.bin").resolve()),)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("../w.bin", "weights at ../w.bin lie outside the folder of the model"),
        ("sub/../../w.bin", "weights at sub/../../w.bin lie outside the folder of the model"),
        ("link.bin", "weights at link.bin lie outside the folder of the model"),
        ("linked/w.bin", "weights at linked/w.bin lie outside the folder of the model"),
        ("/etc/passwd", "weights at /etc/passwd, expected a path relative to the model"),
        ("w\0.bin", "weights at 'w\\x00.bin', expected a path relative to the model"),
    ],
)
def test_weights_outside_are_refused_before_anything_is_loaded(tmp_path, location, expected, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)  # would be another error
    (tmp_path / "w.bin").write_bytes(WEIGHTS)
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "w.bin")
    (folder / "linked").symlink_to(tmp_path)
    path = save_external(folder / "m.onnx", location)
    assert refused(FileFormatError, predict.onnx, path) == f"{path}: {expected}\nhint: {TOGETHER}"


@pytest.mark.parametrize("location", ["w.bin", "", ".", "*/_ORT_MEM_ADDR_/*"])
def test_weights_that_are_not_there(tmp_path, location):
    # The last one is an address in memory to onnxruntime.
    path = save_external(tmp_path / "m.onnx", location)
    shown = location or "''"
    assert refused(FileFormatError, external_files, str(path)) == (
        f"{path}: weights at {shown} are not there\nhint: copy the files of weights next to the model"
    )


def _everywhere():
    """Yield models that name weights in each place that there is."""
    tensor = outside("../w.bin")
    helper = onnx.helper
    graph = helper.make_graph([], "g", [], [])
    inner = helper.make_graph([], "inner", [], [], [tensor])
    sparse = onnx.SparseTensorProto(values=tensor)
    nodes = [
        helper.make_node("Constant", [], ["y"], value=tensor),
        helper.make_node("Constant", [], ["y"], sparse_value=sparse),
        helper.make_node("Custom", [], ["y"], several=[tensor, tensor]),
        helper.make_node("Custom", [], ["y"], several=[sparse]),
        helper.make_node("If", ["c"], ["y"], then_branch=inner),
        helper.make_node("Custom", [], ["y"], several=[graph, inner]),
    ]
    for node in nodes:
        yield helper.make_model(helper.make_graph([node], "g", [], []))
        called = helper.make_function("d", "f", [], ["y"], [node], [helper.make_opsetid("", 17)])
        yield helper.make_model(graph, functions=[called])
    model = helper.make_model(graph)
    model.graph.sparse_initializer.append(onnx.SparseTensorProto(indices=tensor))
    yield model
    model = helper.make_model(graph)
    model.training_info.add().algorithm.CopyFrom(inner)
    yield model


@pytest.mark.parametrize("model", list(_everywhere()), ids=str.__call__)
def test_weights_are_found_wherever_they_are_named(tmp_path, model):
    path = tmp_path / "m.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(FileFormatError, match="lie outside the folder of the model"):
        external_files(str(path))


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"\xff" * 30, b"not a model", b"\x3a\x05ab"])
def test_other_files(tmp_path, content):
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    assert refused(FileFormatError, predict.onnx, path) == (
        f"{path}: expected an ONNX model, found something else or a part of one\n"
        "hint: export or copy the model again"
    )


def test_no_file(tmp_path):
    for path, why in ((tmp_path / "m.onnx", "No such file or directory"), (tmp_path, "Is a directory")):
        assert refused(FileFormatError, predict.onnx, path) == (
            f"{path}: cannot be read: {why}\nhint: check the path"
        )


def test_a_truncated_model_is_refused_wherever_it_ends(tmp_path):
    whole = save(tmp_path / "m.onnx", SAME).read_bytes()
    part = tmp_path / "part.onnx"
    for length in range(1, len(whole)):
        part.write_bytes(whole[:length])
        with pytest.raises(FileFormatError):
            predict.onnx(part)


BROKEN = """
import os, resource, signal, sys
import numpy as np
import onnxruntime
import segscore
from segscore import predict

whole = open(sys.argv[1], "rb").read()
random = np.random.default_rng(int(sys.argv[3]))
image = np.zeros((8, 8, 3), np.uint8)
ends = {}
for i in range(40):
    data = bytearray(whole)
    for _ in range(random.integers(1, 6)):
        # The first and the last bytes are those that are no weights.
        at = random.integers(0, 200) if random.random() < 0.5 else -random.integers(1, 400)
        data[at] = random.integers(0, 256)
    path = f"{sys.argv[2]}/{i}.onnx"
    open(path, "wb").write(data)
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        signal.alarm(20)
        try:
            predict.onnx(path, threads=1)(image)
        except segscore.SegscoreError:
            os._exit(3)
        except BaseException as error:
            print(i, repr(error), flush=True)
            os._exit(4)
        os._exit(0)
    end = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    ends[end] = ends.get(end, 0) + 1
assert set(ends) == {0, 3}, ends
print(ends[3])
"""


def test_broken_bytes_are_an_error_or_another_model_but_never_the_end_of_the_process(tmp_path):
    path = save_network(tmp_path / "m.onnx", 3, (8, 8), width=4)
    assert int(python(BROKEN, path, tmp_path, 0)) >= 10
