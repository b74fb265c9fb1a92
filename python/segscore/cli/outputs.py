"""Where results go that are not shown: files whose places are checked before a long run begins."""

import os
import shlex
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from segscore.base.wording import show as shown
from segscore.base.wording import visible
from segscore.cli.inputs import Pictures
from segscore.cli.outcomes import end, say, say_failed, show, will_replace
from segscore.cli.spelling import COMMAND_LINE, option
from segscore.errors import ArgumentError, OutputError
from segscore.io.absolute import absolute_path, real_path
from segscore.io.places import NUMBERS, PAGE, RUNS, SAVED, check_place
from segscore.io.writing import append_file, check_room, write_file
from segscore.scores.main import first_shown
from segscore.text.names import listed
from segscore.workspace.store.disk import FOLDER

if TYPE_CHECKING:
    from segscore.classes.classes import Classes
    from segscore.counts.measures import Measures
    from segscore.evaluation.comparison import Comparison
    from segscore.evaluation.evaluation import Evaluation
    from segscore.scores.gates import Asked, GateResult
    from segscore.workspace import Dataset, Model, Workspace


class Result(Protocol):
    """What holds numbers."""

    def to_dict(self) -> dict[str, Any]:
        """Return all of them."""


def write_json(file: str, result: Result, judged: "Sequence[GateResult]" = ()) -> None:
    """Write the numbers of a result, and the gates that it had to pass, as JSON; `-` is standard output."""
    from segscore.text.json import to_json

    asked = {"gates": [asdict(gate) for gate in judged]} if len(judged) else {}
    text = to_json(result.to_dict() | asked)
    if file == "-":
        show(text)
    else:
        write_file(file, f"{text}\n".encode())


def run_page(ws: "Workspace", run: str) -> str:
    """Return the page of a run, with what its groups and the attributes of its images tell."""
    from segscore.workspace.reports import slices
    from segscore.workspace.runs.run import run_text

    found = ws.runs()[run]
    return run_text(found, slices=slices(found, found.registered()), face=COMMAND_LINE)


def show_version(version: "Dataset | Model", *, verify: bool, threads: int | None) -> None:
    """Show the page of a version, and say whether its files are as they were if that is asked for."""
    show(str(version))
    if verify:
        version.check(verify=True, threads=threads)
        show("\nall files are as they were when it was added")


_FILES = ("file", "save", "table")
"""Outputs that never go to standard output."""
_KINDS = {"json": NUMBERS, "report": PAGE, "save": SAVED, "table": RUNS}
"""What outputs write that replace nothing but their own kind."""


@contextmanager
def delivered(
    result: "Evaluation | Comparison",
    judged: "Sequence[GateResult]",
    files: tuple[str | None, str | None, str | None],
    pictures: Pictures,
    *,
    save: str | None = None,
) -> Iterator[bool]:
    """Show or write a result and end with its gates; yields whether it is on standard output already.

    `files` are those of JSON, a summary and a report. They are written once the result is shown, and each of
    them even if its reader has gone or another one fails, so that no finished run is lost; what it is saved
    to is first. An interrupt ends it: what is written by then is said, and no other file is touched.
    """
    json, summary, report = files
    writes: dict[str, Callable[[], object]] = {}
    if save is not None:
        writes[save] = partial(save_or_keep, result, save)
    if report not in (None, "-"):
        told = "-" not in (json, summary)
        writes[str(report)] = partial(_write_report, result, str(report), pictures, told=told)
    if summary not in (None, "-"):
        # A blank line before and after it keeps it apart from what others add.
        page = f"\n{result.to_markdown(judged)}\n\n".encode()
        writes[str(summary)] = partial(append_file, str(summary), page)
    if json not in (None, "-"):
        writes[str(json)] = partial(write_json, str(json), result, judged)
    with _written_at_end(writes):
        if json == "-":
            write_json(json, result, judged)
        elif summary == "-":
            show(result.to_markdown(judged))
        elif report == "-":
            show(_page(result, pictures), end="")
        yield "-" in (json, summary, report)
        say_failed(judged)
    end(judged)


@contextmanager
def _written_at_end(writes: Mapping[str, Callable[[], object]]) -> Iterator[None]:
    """Write all files once a block has ended, also by an error; not by an interrupt."""
    try:
        yield
    except Exception:
        _write_each(writes)
        raise
    _write_each(writes)


def _write_each(writes: Mapping[str, Callable[[], object]]) -> None:
    """Write all files, and raise the last error of those that could not be once the others are said."""
    failed: dict[str, OutputError] = {}
    written: list[str] = []
    try:
        for file, write in writes.items():
            try:
                write()
                written.append(file)
            except OutputError as error:
                failed[file] = error
    except KeyboardInterrupt:
        _say_written(written)
        raise
    if not failed:
        return
    *others, last = failed.values()
    for one in others:
        say("error", one.message, one.hint)
    _say_written(written)
    raise last


def _say_written(files: list[str]) -> None:
    if files:
        say("note", f"{listed(files, limit=len(files))} {'is' if len(files) == 1 else 'are'} written")


def save_or_keep(result: Any, save: str) -> None:
    """Save an evaluation; where that fails once everything is counted, keep it among temporary files."""
    try:
        result.save(save)
    except OutputError as error:
        where, (name, suffix) = tempfile.gettempdir(), (Path(save).name, Path(save).suffix)
        try:
            kept = os.path.join(tempfile.mkdtemp(prefix="segscore-"), name if suffix else "evaluation.npz")
            result.save(kept)
        except OSError as other:
            why = other.__cause__ if isinstance(other, OutputError) else other
            raise OutputError(
                error.message,
                "make room and evaluate again, as what was counted is lost: it could not be kept in "
                f"{shown(where)} either ({why.strerror if isinstance(why, OSError) else why})",
            ) from error
        raise OutputError(
            error.message, f"what was counted is kept: move {shown(kept)} to where there is room for it"
        ) from error


def check_saved(save: str | None, *, shapes: bool, part: bool = False) -> None:
    """Raise an error, before a long run and not after it, where nothing can be saved under such a name."""
    if save is None:
        return
    from segscore.results.parquet import check_writable, is_table
    from segscore.results.saved import check_name

    check_name(save)
    if is_table(save):
        check_writable(shapes=shapes, part=part)


def asked_of(
    fail_under: "list[str] | None", min_images: int | None, classes: "Classes", measures: "Measures"
) -> "list[Asked]":
    """Return the gates that a result is to pass, or raise an error for a wrong name before a long run."""
    from segscore.scores.gates import gates, least_images
    from segscore.scores.shapes import check_measured

    of_numbers = () if fail_under is None else gates(fail_under, classes)
    for gate in of_numbers:
        check_measured(gate.number.metric.needs, measures)
    return [*least_images(min_images), *of_numbers]


def deliver(
    result: "Evaluation",
    asked: "Sequence[Asked]",
    files: tuple[str | None, str | None, str | None],
    pictures: Pictures,
    *,
    save: str | None,
    next_step: str,
) -> None:
    """Show or write an evaluation, and end with its gates; see `delivered`."""
    from segscore.results.summary import evaluation_text

    judged = tuple(gate.of(result) for gate in asked)
    with delivered(result, judged, files, pictures, save=save) as shown:
        if not shown:
            # One image says nothing about others.
            metric = first_shown(result.measures, result.classes) if len(result.names) > 1 else None
            interval = None if metric is None else result.confidence_interval(metric)
            show(
                evaluation_text(
                    result, next_step=next_step, gates=judged, interval=interval, face=COMMAND_LINE
                )
            )


def next_step_of(save: str | None, *, of_pixels: bool = True) -> str:
    """Return what can be done next with an evaluation, and with the file that it is saved to.

    Other tools are those for pixels of classes.
    """
    if save is None:
        return (
            "add `--save scores.npz` to keep the counts of every image, `--json scores.json` for the numbers"
        )
    file = shlex.quote(str(save))
    compares = f"`segscore compare {file} OTHER.npz` compares two models"
    return f"{compares}, `segscore explain {file}` tools" if of_pixels else compares


def _page(result: "Evaluation | Comparison", pictures: Pictures) -> str:
    from segscore.pages.comparison import comparison_page
    from segscore.pages.report import report_page
    from segscore.results.compared import Compared

    if isinstance(result, Compared):
        return comparison_page(result, **pictures)
    return report_page(result, **pictures)


def _write_report(result: "Evaluation | Comparison", file: str, pictures: Pictures, *, told: bool) -> None:
    result.write_report(file, **pictures)
    if told:
        show_written(file)


def show_written(file: str) -> None:
    """Show where a report is."""
    show(f"report written to {visible(file)}")


def check_outputs(files: dict[str, str | None], reads: Iterable[str | None] = ()) -> None:
    """Raise an error, before a long run and not after it, if an output has no place of its own.

    `-` is standard output where that is possible; files that the command reads are looked for only if a file
    is there already.
    """
    there = any(file is not None and os.path.isfile(file) for file in files.values())
    taken = tuple(reads) if there else ()
    places: dict[str, str] = {}
    for name, file in files.items():
        if file is None:
            continue
        if name in _FILES or file != "-":
            append = name == "summary"
            check_place(file, kind=_KINDS.get(name), reads=taken, append=append)
            if FOLDER in Path(real_path(file)).parts:
                raise OutputError(
                    f"{shown(file)}: expected a place for a file, found one within {FOLDER}",
                    "what a workspace keeps is its own: name another place",
                )
            if not (append and os.path.isfile(file)):
                check_room(file)
            if name in _KINDS:
                will_replace(file)
        place = "-" if file == "-" and name not in _FILES else absolute_path(file)
        if place in places:
            both = f"`{option(name)}` and `{option(places[place])}`"
            raise ArgumentError(
                f"{both} both go to standard output" if place == "-" else f"{both} name the same file",
                "name a file for one of them" if place == "-" else "name two files",
            )
        places[place] = name
