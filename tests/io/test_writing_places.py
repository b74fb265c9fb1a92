"""Places of results: nothing that a command or an evaluation was made from is written over."""

import shutil
from pathlib import Path

import pytest

import segscore
from segscore.io.places import PAGE, SAVED, Kind, check_place
from segscore.workspace.runs.run import Run
from support.command_line import evaluate, failed, run, write_folders
from support.masks_on_disk import png
from support.processes import AS_NOBODY, python
from support.refused import refused
from support.workspaces import write_project

INPUT = "expected a file to write, found one that the result is made from\nhint: name another file"
OTHER_KIND = "found another kind of file\nhint: name another file, or remove this one first"
WORKSPACE = (
    "expected a place for a file, found one within .segscore\n"
    "hint: what a workspace keeps is its own: name another place"
)


@pytest.fixture
def made(folders: Path) -> Path:
    """The folders, one of photographs, a link to the targets, and a saved evaluation `mv.npz`."""
    (folders / "image").mkdir()
    for name in ("a", "b"):
        (folders / "image" / f"{name}.png").write_bytes(png([[0]]))
    (folders / "linked").symlink_to("target")
    evaluate("--classes", "classes.toml", "--save", "mv.npz")
    return folders


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# Commands


SIDES = ("--pred", "pred", "--target", "target")
READS = ("pred/a.png", "target/b.png", "classes.toml")
OF_CLASSES = ("--classes", "classes.toml")
COMMANDS = {
    **{
        f"evaluate {output}": (
            ("evaluate", *SIDES, *OF_CLASSES, output),
            (*READS, "linked/b.png", "target/../target/b.png"),
        )
        for output in ("--report", "--save", "--json", "--summary")
    },
    "photographs": (
        ("evaluate", *SIDES, *OF_CLASSES, "--report", "r.html", "--images", "image", "--json"),
        ("image/a.png",),
    ),
    **{
        f"{command} in a space": (
            (command, *SIDES, "--classes", "2", "--pred-classes", "classes.toml", "--json"),
            ("classes.toml",),
        )
        for command in ("evaluate", "audit")
    },
    "audit": (("audit", "--pred", "pred", "--target", "target/*.png", *OF_CLASSES, "--json"), READS),
    **{
        f"compare {output}": (("compare", "mv.npz", "mv.npz", output), ("mv.npz", *READS[:2]))
        for output in ("--report", "--json", "--summary")
    },
    "explain": (("explain", "mv.npz", "--json"), ("mv.npz",)),
}


@pytest.mark.parametrize(("command", "files"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_writes_over_nothing_that_it_reads(
    made: Path, command: tuple[str, ...], files: tuple[str, ...]
) -> None:
    before = contents(made)
    for file in files:
        assert failed(run(*command, file)) == f"{file}: {INPUT}"
    assert contents(made) == before


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The first run of a workspace in the current folder."""
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path)
    ws = segscore.Workspace.init()
    ws.datasets.add("streets", images="image", targets="target", classes="classes.toml", progress=False)
    ws.models.add("net", predictions="target")
    return ws.run("net", "streets", progress=False)


def test_nothing_is_written_into_a_workspace(kept: Run, tmp_path: Path) -> None:
    (tmp_path / "to").symlink_to(".segscore/runs/r1")
    before = contents(tmp_path)
    for file in (".segscore/runs/r1/run.json", ".segscore/new", "to/new", "to/run.json"):
        assert failed(run("report", "r1", file)) == f"{file}: {WORKSPACE}"
    for output in ("--json", "--report", "--save", "--summary"):
        result = run(
            *("evaluate", "--pred", "target", "--target", "target/*", "--classes", "classes.toml"),
            *(output, ".segscore/new"),
        )
        assert failed(result) == f".segscore/new: {WORKSPACE}"
    assert failed(run("export", ".segscore/runs.csv")) == f".segscore/runs.csv: {WORKSPACE}"
    page = "expected an earlier page to replace"
    for file in ("target/sun_1.png", "image/sun_1.png"):
        assert failed(run("report", "r1", file)) == f"{file}: {INPUT}"
    assert failed(run("report", "r1", "classes.toml")) == f"classes.toml: {page}, {OTHER_KIND}"
    assert contents(tmp_path) == before
    assert run("report", "r1", "r1.html").exit_code == run("report", "r1", "r1.html").exit_code == 0


def test_results_replace_earlier_ones_of_their_kind(made: Path) -> None:
    (made / "notes.txt").write_text("mine")
    for output, kind in (("--report", "page"), ("--save", "saved evaluation")):
        usual = ["--classes", "classes.toml", output]
        for _ in range(2):
            assert evaluate(*usual, "again.npz").exit_code == 0
        text = f"notes.txt: expected an earlier {kind} to replace, {OTHER_KIND}"
        assert failed(evaluate(*usual, "notes.txt")) == f"{text}"
        (made / "again.npz").unlink()
    assert (made / "notes.txt").read_text() == "mine"


# Python


def test_an_evaluation_keeps_its_files(made: Path) -> None:
    ev = segscore.evaluate(pred="pred", target="target", classes="classes.toml", progress=False)
    before = contents(made)
    for write in (ev.save, ev.write_report, segscore.compare(ev, ev).write_report):
        for file in ("pred/a.png", made / "target" / "b.png"):
            assert refused(segscore.OutputError, write, file) == f"{file}: {INPUT}"
    text = f"image/a.png: expected an earlier page to replace, {OTHER_KIND}"
    assert refused(segscore.OutputError, ev.write_report, "image/a.png", images="image") == text
    text = f"classes.toml: expected an earlier saved evaluation to replace, {OTHER_KIND}"
    assert refused(segscore.OutputError, ev.save, "classes.toml") == text
    assert contents(made) == before


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", PAGE),
        (b"", SAVED),
        (b"\n<!DOCTYPE html>\n<p>", PAGE),
        (b"<HTML>", PAGE),
        (b"PK\x03\x04" + b" " * 26 + b"about.npy", SAVED),
        (b"anything", None),
    ],
)
def test_what_may_be_replaced(tmp_path: Path, content: bytes, kind: Kind | None) -> None:
    (tmp_path / "a").write_bytes(content)
    check_place(tmp_path / "a", kind=kind, reads=[None, str(tmp_path / "none"), "a\0b"])


def test_outputs_replace_their_own_kind_alone(kept: Run) -> None:
    kept.evaluation.save("v.npz")
    shutil.copy("v.npz", "v[1].npz")
    shutil.copytree("target", "pred")
    masks = "--pred pred --target target --classes classes.toml"
    numbers, table = "JSON of segscore", "table of runs"
    for command, kind, content in (
        (f"evaluate {masks} --json x", numbers, b'{"schema": 1}'),
        ("compare v.npz v[1].npz --json x", numbers, b'{"models": []}'),
        (f"audit {masks} --json x", numbers, b'{"findings": [], "truth": 0}'),
        ("explain v.npz --json x", numbers, b'{\n  "classes": []\n}'),
        (f"evaluate {masks} --save x.npz", "saved evaluation", b"PK\x03\x04" + b" " * 26 + b"labels.npy"),
        ("export x.csv", table, b"run,score\n"),
        ("export x.json", table, b'[{"run": 1}]'),
        ("export x.parquet", table, b"PAR1 run, model PAR1"),
    ):
        args = command.split()
        file = Path(args[-1])
        file.write_bytes(content)
        message = f"{file}: expected an earlier {kind} to replace, {OTHER_KIND}"
        assert failed(run(*args)) == message
        assert file.read_bytes() == content
        file.unlink()
        assert [run(*args).stderr for _ in range(2)] == ["", ""]
        file.unlink()


@pytest.mark.parametrize("path", [None, 5, [], ["abc"]])
def test_what_is_no_path(path: object) -> None:
    ev = segscore.evaluate(pred=[[0, 1]], target=[[0, 0]], classes=2)
    for write in (ev.save, ev.write_report):
        assert refused(segscore.ArgumentError, write, path) == (
            f"`path`: expected the path of a file to write, found {type(path).__name__}\n"
            "hint: give a text or a `pathlib.Path`"
        )
    assert refused(segscore.ArgumentError, segscore.load, path) == (
        f"`path`: expected the path of a file to read, found {type(path).__name__}\n"
        "hint: give a text or a `pathlib.Path`"
    )


def test_paths_that_no_file_can_have(made: Path) -> None:
    usual = ["--classes", "classes.toml"]
    empty = "expected a file to write, found an empty path\nhint: name a file"
    assert failed(run("report", "r1", "")) == empty
    for output in ("--report", "--json", "--summary"):
        assert failed(evaluate(*usual, output, "")) == empty
        assert failed(evaluate(*usual, output, " ")) == (
            "expected a file to write, found a name of blanks\nhint: name a file"
        )
        assert failed(evaluate(*usual, output, "a\0b")) == (
            "'a\\x00b': cannot be written: embedded null byte\n"
            "hint: no file can have this name: choose another one"
        )


def test_a_file_that_is_not_writable_stays(tmp_path: Path) -> None:
    for name, content in (("a.npz", b"PK\x03\x04"), ("a.html", b"<html>"), ("a.json", b"{}")):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o444)
    tmp_path.chmod(0o777)
    write_folders(tmp_path)
    before = contents(tmp_path)
    code = f"""
import segscore
from segscore import cli
from typer.testing import CliRunner
ev = segscore.evaluate(pred="pred", target="target", classes="classes.toml", progress=False)
ev.write_report("/dev/null")  # imports everything
usual = ["evaluate", "--pred", "pred", "--target", "target", "--classes", "classes.toml"]
assert CliRunner().invoke(cli.app, [*usual, "--json", "none/x"]).exit_code == 2
{AS_NOBODY}
for write, name in ((ev.save, "a.npz"), (ev.write_report, "a.html")):
    try:
        write(name)
    except segscore.OutputError as error:
        print(error)
for output, name in (("save", "a.npz"), ("report", "a.html"), ("json", "a.json"), ("summary", "a.json")):
    result = CliRunner().invoke(cli.app, [*usual, "--" + output, name])
    print(result.exit_code, result.stderr, end="")
"""
    hint = "hint: change its permissions, or name another one\n"
    a, b, c = (f"{name}: the file is not writable\n{hint}" for name in ("a.npz", "a.html", "a.json"))
    asked = "".join(f"2 error: {text}" for text in (a, b, c, c))
    assert python(code, cwd=tmp_path) == f"{a}{b}{asked}"
    assert contents(tmp_path) == before
