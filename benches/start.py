"""How long segscore takes to start, against `import numpy`: each in a process of its own, in turns.

`python benches/start.py` prints seconds and ratios, by the clock and of processors. It evaluates the
masks of the demo, or others: `python benches/start.py 20 PRED TARGET CLASSES`; all is run once untimed.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from segscore.demo import write_demo

NUMPY = "import numpy"


def works(pred: str, target: str, classes: str) -> dict[str, list[str]]:
    """Return what is timed: the arguments of Python by what they do."""
    command = ["-m", "segscore"]
    masks = ["--pred", pred, "--target", target, "--classes", classes, "--no-progress"]
    return {
        NUMPY: ["-c", NUMPY],
        "import segscore": ["-c", "import segscore"],
        "segscore --version": [*command, "--version"],
        "segscore --help": [*command, "--help"],
        "segscore evaluate": [*command, "evaluate", *masks],
    }


def seconds(arguments: Sequence[str], env: dict[str, str]) -> tuple[float, float]:
    """Return what a process took by the clock, and of processors."""
    before, began = os.times(), perf_counter()
    subprocess.run([sys.executable, *arguments], env=env, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    took, after = perf_counter() - began, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return took, used


def main(rounds: str = "20", *masks: str) -> None:
    """Time the works in turns, and print medians and their ratios to NumPy's."""
    with TemporaryDirectory() as folder:
        # Compiled modules are kept, as they are for users.
        env = {**os.environ, "PYTHONPYCACHEPREFIX": f"{folder}/bytecode", "PYTHONDONTWRITEBYTECODE": ""}
        if not masks:
            demo = write_demo(Path(folder) / "demo")
            masks = (str(demo.target.parent / "pred-v1"), str(demo.target), str(demo.classes))
        chosen = works(*masks)
        for arguments in chosen.values():
            seconds(arguments, env)
        turns = [{name: seconds(of, env) for name, of in chosen.items()} for _ in range(int(rounds))]
    print("| work | clock | of NumPy's | processors | of NumPy's |\n|---|---|---|---|---|")
    for name in chosen:
        cells = []
        for which in (0, 1):
            took = median(turn[name][which] for turn in turns)
            cells += [f"{took:.3f} s", f"{took / median(turn[NUMPY][which] for turn in turns):.2f}"]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
