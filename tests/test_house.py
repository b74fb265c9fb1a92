"""The house: which package may import which, how long a file may be, and what an import loads."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from support.processes import python

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "python" / "segscore"

FLOORS = (
    {"base"},
    {"errors"},
    {"classes", "text"},
    {"io"},
    {"counts", "predict", "demo"},
    {"scores"},
    {"auditing", "statistics"},
    {"results"},
    {"pages", "plots"},
    {"evaluation"},
    {"integrations", "workspace"},
    {"app"},
    {"cli"},
)
"""Packages from the ground up: each imports what stands below it, and nothing beside or above it."""
FLOOR = {package: number for number, packages in enumerate(FLOORS) for package in packages}

FACES = {"__init__", "__main__", "former", "metrics"}
"""What stands above the floors and only hands names on, or starts the command line."""

PATHS = sorted(PACKAGE.rglob("*.py"))
MODULES = {".".join(path.relative_to(ROOT / "python").with_suffix("").parts): path for path in PATHS}
MODULES = {name.removesuffix(".__init__"): path for name, path in MODULES.items()}
"""The file of each module, by its full name."""

HEAVY = {
    "PIL",
    "datasets",
    "fsspec",
    "ignite",
    "imagecodecs",
    "jinja2",
    "keras",
    "nibabel",
    "matplotlib",
    "mlflow",
    "narwhals",
    "onnxruntime",
    "pandas",
    "polars",
    "pyarrow",
    "rich",
    "starlette",
    "tensorboard",
    "torch",
    "torchmetrics",
    "transformers",
    "typer",
    "uvicorn",
    "wandb",
}

SERVING = {"segscore.app.answers", "segscore.app.protocol", "segscore.app.site"} | {
    f"segscore.integrations.{package}" for package in ("ignite", "keras", "torchmetrics", "transformers")
}
"""Modules that stand on a heavy package as a whole, and are imported by a function or by the user alone."""


# Python


def nodes(tree: ast.AST, *, inside: bool) -> Iterator[ast.AST]:
    """Yield statements below a node; where `inside` is not asked for, what runs at the import of a module."""
    for child in ast.iter_child_nodes(tree):
        typed = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if not isinstance(child, ast.expr) and (inside or not (typed or isinstance(child, ast.FunctionDef))):
            yield child
            yield from nodes(child, inside=inside)


@cache
def imports(path: Path, *, inside: bool = True) -> tuple[tuple[int, str], ...]:
    """Return the line and the full name of everything that a file imports, with types for a checker."""
    found = []
    for node in nodes(ast.parse(path.read_text()), inside=inside):
        if isinstance(node, ast.Import):
            found += [(node.lineno, name.name) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"a relative import in {path}"
            found += [(node.lineno, f"{node.module}.{name.name}") for name in node.names]
    return tuple(found)


def module_of(name: str) -> str:
    """Return the module that a full name is taken from."""
    while name and name not in MODULES and name != "segscore._core":
        name = name.rpartition(".")[0]
    return name


def package_of(name: str) -> str:
    """Return the package, or the module at the top, that a module of segscore is in."""
    return (*name.split("."), "__init__")[1]


def parts(path: Path, *, inside: bool = True) -> dict[str, int]:
    """Return the modules of segscore that a file imports, `_core` included, each with a line."""
    known = {module_of(name): line for line, name in imports(path, inside=inside)}
    return {name: line for name, line in known.items() if name and MODULES.get(name) != path}


def test_imports_of_all_kinds_are_read_from_the_code() -> None:
    assert "segscore._core" in parts(PACKAGE / "counts" / "counting.py")
    late = PACKAGE / "evaluation" / "evaluation.py"
    assert "segscore.results.saved" in parts(late)
    assert "segscore.results.saved" not in parts(late, inside=False)
    typed = PACKAGE / "plots" / "__init__.py"
    assert any(name == "matplotlib.axes.Axes" for _, name in imports(typed))
    assert len(MODULES) > 150


def test_every_package_has_its_floor() -> None:
    assert {package_of(name) for name in MODULES} == set(FLOOR) | FACES


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_down(path: Path) -> None:
    here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for name, line in parts(path).items():
        there = package_of(name)
        if here in FACES or there in (here, "_core"):
            continue
        assert there not in FACES, f"{path}:{line}: {here} imports {name}"
        assert FLOOR[there] < FLOOR[here], f"{path}:{line}: {here} imports {name}"


@pytest.mark.parametrize("package", sorted(FLOOR))
def test_files_of_a_package_form_no_circle(package: str) -> None:
    own = {name: path for name, path in MODULES.items() if package_of(name) == package}
    arrows = {name: set(parts(path)) & set(own) for name, path in own.items()}
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")


def test_former_places_only_hand_names_on() -> None:
    for name, path in MODULES.items():
        if name.startswith("segscore.former.") or name == "segscore.metrics":
            for node in ast.parse(path.read_text()).body:
                assert isinstance(node, ast.Expr | ast.ImportFrom | ast.Assign), path


def test_only_these_parts_call_the_core() -> None:
    for name, path in MODULES.items():
        if "segscore._core" in parts(path):
            core = {taken for _, taken in imports(path) if taken.startswith("segscore._core")}
            assert name.startswith(CALLING) or core == {"segscore._core.__version__"}, name


CALLING = (
    "segscore.counts.",
    "segscore.demo",
    "segscore.io.",
    "segscore.pages.masks",
    "segscore.results.confusion",  # which keeps its counts in the core
    "segscore.workspace.runs.",
    "segscore.workspace.store.",
)


def test_the_guard_knows_nothing_and_nothing_imports_the_work() -> None:
    # What a request brings is looked at by nobody before the guard, and runs are begun by jobs alone.
    assert set(parts(PACKAGE / "app" / "guard.py")) == {"segscore.app.door"}
    assert not parts(PACKAGE / "app" / "door.py")
    fields = {"segscore.base.limits", "segscore.base.wording", "segscore.errors"}
    assert set(parts(PACKAGE / "app" / "fields.py")) == fields
    assert not [path for path in PATHS if "segscore.app.work" in parts(path)]


def test_commands_of_the_command_line_do_not_know_one_another() -> None:
    shared = {
        f"segscore.cli.{name}"
        for name in ("inputs", "listings", "options", "outcomes", "outputs", "spelling")
    }
    for path in (PACKAGE / "cli").glob("[!_]*.py"):
        assert {name for name in parts(path) if package_of(name) == "cli"} <= shared, path


def test_heavy_packages_are_imported_where_they_are_used() -> None:
    for name, path in MODULES.items():
        if package_of(name) == "cli" or name in SERVING:
            continue
        assert not {taken.split(".")[0] for _, taken in imports(path, inside=False)} & HEAVY, name
        assert not set(parts(path, inside=False)) & SERVING, name


def test_no_property_takes_a_lock() -> None:
    # In Python 3.11 this one does; a child forked while a thread holds it would wait for ever.
    for path in PATHS:
        assert "functools.cached_property" not in {name for _, name in imports(path)}, path


def test_only_the_command_line_prints() -> None:
    for name, path in MODULES.items():
        if package_of(name) == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("print", "input"), name
            if getattr(node, "attr", "") in ("stdout", "stderr") and ast.unparse(node.value) == "sys":
                assert (name, node.attr) == ("segscore.text.progress", "stderr"), name


# Rust

ARROWS = {
    "cpu": set(),
    "error": set(),
    "limits": set(),
    "pixels": {"cpu", "error"},
    "pairs": {"error", "limits", "pixels"},
    "naive": {"components", "error", "instances", "pairs", "pixels", "surfaces"},  # for tests and fuzzing
    "masks": {"cpu", "error", "pixels"},
    "count": {"cpu", "error", "limits", "pairs", "pixels"},
    "logits": {"count", "cpu", "error", "pairs", "pixels"},
    "distance": {"cpu", "error", "pairs"},
    "surfaces": {"count", "cpu", "distance", "error", "limits", "pairs", "pixels"},
    "components": {"cpu", "error", "limits", "pairs", "pixels", "surfaces"},
    "instances": {"cpu", "error", "limits", "pixels"},
    "weighted": {"cpu", "error"},
    "lib": {"count", "error", "pairs", "pixels"},
}
ARROWS["parallel"] = set(ARROWS) - {"naive", "lib"}
ARROWS["python"] = set(ARROWS) - {"naive", "lib"}
"""What each module of the crate may name, from the ground up; `masks` knows no counting."""


def code_of(path: Path) -> str:
    """Return the code of a Rust file without its comments and its tests."""
    text = re.split(r"#\[cfg\(test\)\]\s*(?:#\[.*\]\s*)?mod tests", path.read_text())[0]
    return re.sub(r"//.*", "", text)


def rust_files() -> list[tuple[str, Path]]:
    """Return the module and the path of each file that is no test."""
    source = ROOT / "src"
    places = [path.relative_to(source) for path in source.rglob("*.rs")]
    code = [place for place in places if "tests" not in place.with_suffix("").parts]
    return [(place.parts[0].removesuffix(".rs"), source / place) for place in code]


def test_the_crate_has_the_modules_of_the_house() -> None:
    assert {module for module, _ in rust_files()} == set(ARROWS)


def test_modules_of_the_crate_know_only_what_lies_below_them() -> None:
    seen = set()
    for module, path in rust_files():
        code = code_of(path)
        assert not re.search(r"crate::\{", code), f"one `use` a module, so that arrows can be read: {path}"
        known = set(re.findall(r"crate::(\w+)", code)) - {module}
        if module == "lib":
            known = set(re.findall(r"^pub use (\w+)::", code, re.MULTILINE))
        assert known <= ARROWS[module], path
        seen |= {(module, other) for other in known}
    assert {("pixels", "error"), ("count", "pairs"), ("parallel", "count"), ("python", "parallel")} <= seen


def neighbours(path: Path) -> set[str]:
    """Return the modules beside a file of the crate that it names, whichever way it does."""
    parent = "::".join(path.parent.relative_to(ROOT / "src").parts)
    code = code_of(path).replace(f"crate::{parent}::", "super::")
    named = " ".join(re.findall(r"super::(\w+|\{[^}]*\})", code))
    beside = {other.stem for other in (*path.parent.glob("*.rs"), *path.parent.glob("*/"))}
    return (set(re.findall(r"\w+", named)) & beside) - {path.stem}


def test_files_of_a_module_of_the_crate_name_one_another_in_one_direction() -> None:
    named = {path: neighbours(path) for _, path in rust_files() if path.parent != ROOT / "src"}
    assert "tile" in named[ROOT / "src/logits/rank.rs"]
    assert "pool" in named[ROOT / "src/parallel/split.rs"]
    below = {path: {path.with_name(f"{name}.rs") for name in names} for path, names in named.items()}
    TopologicalSorter(below).prepare()  # raises where there is a circle


def test_only_the_binding_knows_python() -> None:
    for module, path in rust_files():
        if module != "python":
            assert not re.search(r"\b(pyo3|numpy)\b", code_of(path)), path


def test_threads_are_started_by_the_pool_of_a_call_alone() -> None:
    # Threads that outlive a call would be missing in a process that is forked after it.
    starts = re.compile(r"\brayon\b|\bspawn\w*(?=\(|::<)|\bscope(?=\(|::<)")
    named = {path.relative_to(ROOT): starts.findall(code_of(path)) for _, path in rust_files()}
    named = {str(path): found for path, found in named.items() if found}
    assert named == {"src/parallel/pool.rs": ["scope", "spawn_scoped"]}


# Files


def test_files_stay_short() -> None:
    folders = (ROOT / "src", PACKAGE, ROOT / "tests", ROOT / "benches")
    files = [path for folder in folders for path in folder.rglob("*.*")]
    lengths = {
        str(path.relative_to(ROOT)): path.read_text().count("\n")
        for path in files
        if path.suffix in (".rs", ".py", ".pyi", ".html", ".css", ".js")
    }
    assert {path: length for path, length in lengths.items() if length >= 400} == {}


OF_TESTS = {"browser", "documents", "engines", "former", "laws", "real", "slow", "support", "typed"}
"""Folders of tests that are of no package, but of what they need, share or hold."""


def test_tests_lie_as_the_package_does_and_import_no_other_test() -> None:
    home = ROOT / "tests"
    tests = sorted(home.rglob("*.py"))
    folders = {path.relative_to(home).parts[0] for path in tests if path.parent != home}
    assert OF_TESTS < folders <= OF_TESTS | FLOOR.keys()
    imports = re.compile(r"^\s*(?:from|import) (?:[\w.]+\.)?test_", re.MULTILINE)
    assert [path for path in tests if imports.search(path.read_text())] == []


# The cost of an import


@pytest.fixture(scope="module")
def with_bytecode(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment where compiled modules are kept, as they are for users."""
    folder = tmp_path_factory.mktemp("bytecode")
    return {"PYTHONPYCACHEPREFIX": str(folder), "PYTHONDONTWRITEBYTECODE": ""}


def loaded_by(statement: str, env: dict[str, str]) -> set[str]:
    """Return the modules that a statement loads, beyond those that NumPy does."""
    shown = "print(json.dumps([*sys.modules.keys() - had]))"
    code = f"import json, sys, numpy\nhad = {{*sys.modules}}\n{statement}\n{shown}"
    return set(json.loads(python(code, env=env)))


LATER = {
    "csv",
    "difflib",
    "hashlib",
    "html",
    "importlib.resources",
    "shutil",
    "sqlite3",
    "tempfile",
    "tomllib",
    "zipfile",
}
"""What only some uses need, and costs as much as a part of the package."""


def test_an_import_loads_what_a_training_loop_needs(with_bytecode: dict[str, str]) -> None:
    loaded = loaded_by("import segscore", with_bytecode)
    assert "segscore" in loaded
    assert not {name.split(".")[0] for name in loaded} & HEAVY
    assert not loaded & LATER
    own = {".".join(name.split(".")[:2]) for name in loaded if name.startswith("segscore.")}
    assert own <= {
        f"segscore.{name}"
        for name in ("_core", "base", "classes", "counts", "errors", "io", "results", "scores")
    }
    assert not {name for name in loaded if re.search(r"\.(gates|summary|evaluated|counting)$", name)}
    of_io = {name.removeprefix("segscore.io.") for name in loaded if name.startswith("segscore.io.")}
    assert of_io <= {"arrays", "devices", "resizing", "shapes"}  # arrays alone; files come with `evaluate`


def test_a_command_loads_what_it_needs(with_bytecode: dict[str, str]) -> None:
    runner = "from typer.testing import CliRunner; from segscore.cli import app; CliRunner().invoke(app, {})"
    version = loaded_by(runner.format("['--version']"), with_bytecode)
    assert not [name for name in version if name.startswith("segscore.evaluation")]
    evaluate = loaded_by(runner.format("['evaluate', '--help']"), with_bytecode)
    assert "segscore.evaluation.evaluating" in evaluate
    others = {
        "segscore.cli.audit",
        "segscore.cli.ui",
        "segscore.io.tiff",
        "segscore.workspace.workspace",
        "segscore.results.saved",
    }
    heavy = HEAVY - {"rich", "typer"}  # the runner of tests is typer's own
    assert not evaluate & others
    assert not {name.split(".")[0] for name in evaluate} & heavy
    assert "sqlite3" not in evaluate
