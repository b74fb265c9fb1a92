"""Pages of results: a run with the panels of its report, and two runs with those of their comparison."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from segscore.app.image_table import images_address
from segscore.app.page import part
from segscore.app.pictures import (
    addresses_of,
    dataset_of,
    evaluation_of,
    has_photographs,
    no_predictions,
    run_key,
    sought,
)
from segscore.app.state import Opened, Shown, State, notice_of
from segscore.base.wording import visible
from segscore.errors import ArgumentError, SegscoreError
from segscore.evaluation.comparing import compare, compared_at_once
from segscore.evaluation.comparison import Comparison
from segscore.evaluation.evaluation import Evaluation
from segscore.io.shapes import VOLUMES
from segscore.pages.changes import changes_of
from segscore.pages.compared.given import Given
from segscore.pages.comparison import (
    comparison_panels,
    gathered_comparison_at_once,
    most_changed,
    with_part_intervals,
)
from segscore.pages.crops import crops_of
from segscore.pages.intervals import with_intervals
from segscore.pages.options import ReportOptions
from segscore.pages.page import Panel
from segscore.pages.panels import headline
from segscore.pages.panels.given import Later, Ranking
from segscore.pages.report import gathered_at_once, report_page, report_panels
from segscore.workspace import Dataset, Run, Runs
from segscore.workspace.reports import report_options
from segscore.workspace.runs.intervals import kept_intervals, made_intervals
from segscore.workspace.runs.run import partial_text
from segscore.workspace.runs.tags import LONGEST as LONGEST_TAG
from segscore.workspace.several import earlier_first

WAIT = "intervals=now"
"""The query of pages that wait for their intervals."""
AT_ONCE = 300
"""Images of a run, at most, whose intervals are computed while its page is waited for."""
_CARDS = 300
"""Images of a run that its page can show."""
_COMPARED = 24
"""Images of a comparison that its page shows."""
_TRACEBACKS = 3


def run_page(state: State, run: Run, *, wait: bool = False) -> str:
    """Return the page of a run; with `wait`, it waits for intervals and marks them for `app.js`."""
    return state.page(
        run_panels(state, run, wait=wait),
        title=f"{run.id}: {run.model} on {run.dataset}",
        current="Runs",
        sections=True,
    )


def run_panels(state: State, run: Run, *, heading: bool = True, wait: bool = False) -> list[Panel | None]:
    """Return what can be done with a run, and the panels of its report; `wait` is as for `run_page`.

    Without a `heading` of its own they stand below that of a page about more than this run.
    """
    tracebacks = run.manifest["tracebacks"]
    others = [one for one in reversed(state.workspace.runs()) if one.id != run.id]
    head = part(
        "run",
        "run_head.html",
        id=run.id,
        others=[
            (label, [_choice(one) for one in others if (one.dataset == run.dataset) is same])
            for label, same in ((f"on {run.dataset}, too", True), ("on other datasets", False))
        ],
        full_note=run.note,
        tags=run.tags,
        longest_tag=LONGEST_TAG,
        model=run.model,
        dataset=run.dataset,
        failures=run.failures,
        tracebacks=[(visible(name), text) for name, text in list(tracebacks.items())[:_TRACEBACKS]],
        heading=heading,
    )
    shown = shown_run(state, run, wait=wait)
    first, *rest = shown.panels
    return [head, first if heading else shown.lower, *rest]


def opened(state: State, run: Run) -> Opened:
    """Return a run with what its page shows at once; it is kept, as a run never changes."""
    dataset = dataset_of(state, run)

    def made() -> Opened:
        evaluation = evaluation_of(state, run)
        options, lacking = _options(run, dataset), no_predictions(state, run)
        if dataset is not None and dataset.dims == VOLUMES:
            # Which slices are shown depends on what is in them, so that they are made now.
            report = gathered_at_once(evaluation, **options)
            pictures = report.pictures
            if lacking:
                pictures = {name: replace(one, reason=lacking) for name, one in pictures.items()}
            whole = all(one.has_target and one.reason == lacking for one in pictures.values())
            return Opened(evaluation, replace(report, pictures=pictures), whole)
        options["thumbnails"] = 0
        report = gathered_at_once(evaluation, **options)
        place = {name: i for i, name in enumerate(evaluation.names)}
        photographs = has_photographs(dataset)
        addresses = {
            name: addresses_of(
                run,
                place[name],
                masks=not lacking,
                photograph=photographs,
                target=evaluation.measures.of_pixels,
            )
            for name in _ranked(report.rankings)
            if name in evaluation.files and (photographs or evaluation.measures.of_pixels)
        }
        report = replace(
            report,
            addresses=addresses,
            no_predictions=lacking if addresses else "",
            crops=crops_of(evaluation),
        )
        return Opened(evaluation, report)

    return state.opened.get(run_key(run, dataset), made, keep=lambda one: one.whole)


def shown_run(state: State, run: Run, *, wait: bool) -> Shown:
    """Return the panels about a run, with intervals where these were kept, are made soon, or waited for."""

    def made() -> Shown:
        one = opened(state, run)
        evaluation, report = one.evaluation, replace(one.report, browse=images_address(run))
        found, whole = kept_intervals(run, evaluation, report.scenarios), one.whole
        if found is None and not wait and len(evaluation.names) > AT_ONCE:
            report = replace(report, later="waiting", later_from=f"/runs/{run.id}?{WAIT}")
            whole = False
        else:
            found = made_intervals(run, evaluation, report.scenarios) if found is None else found
            report = with_intervals(replace(report, later="filled" if wait else ""), found)
        lower = headline.panel(evaluation, replace(report, level=2))
        return Shown(report_panels(evaluation, report), lower, whole)

    key = (*run_key(run, dataset_of(state, run)), wait)
    return state.shown.get(key, made, keep=lambda shown: shown.whole)


def report_file(state: State, run: Run) -> str:
    """Return the report of a run as one file."""
    options = _options(run, dataset_of(state, run))
    return report_page(evaluation_of(state, run), intervals=partial(made_intervals, run), **options)


def _ranked(rankings: Iterable[Ranking]) -> list[str]:
    """Return the images of rankings, those of the first ones first, and not too many."""
    names = [name for ranking in rankings for way in (ranking.worst, ranking.best) for name, _ in way]
    return list(dict.fromkeys(names))[:_CARDS]


def _options(run: Run, dataset: Dataset | None) -> ReportOptions:
    options = report_options(run, dataset)
    # The note may change, and stands above the results.
    about = {name: text for name, text in (options.get("about") or {}).items() if name != "note"}
    return {**options, "about": about}


def comparison_page(state: State, chosen: Sequence[str], *, wait: bool = False) -> str:
    """Return the page on which two runs are chosen, and compared if they have been.

    With `wait`, it waits for intervals and marks them for `app.js`.
    """
    runs = state.workspace.runs()
    pair = _pair(runs, chosen)
    panels: Sequence[Panel] = ()
    notices = []
    if pair is not None and len(chosen) == 2:
        try:
            panels = _compared(state, *pair, wait=wait)
        except SegscoreError as error:
            notices.append(notice_of(error))
    a, b = (run.id for run in pair) if pair else ("", "")
    head = part(
        "chosen",
        "compare_head.html",
        runs=[_choice(run) for run in reversed(runs)] if len(runs) > 1 else [],
        a=a,
        b=b,
        swap=f"/compare?run={b}&run={a}" if len(chosen) == 2 else "",
        heading=not panels,
    )
    title = f"{a} and {b}" if panels else "Compare"
    return state.page([head, *panels], title=title, current="Compare", notices=notices, sections=bool(panels))


def _pair(runs: Runs, chosen: Sequence[str]) -> tuple[Run, Run] | None:
    """Return the runs to compare, earlier versions first unless both were chosen; None if there are none."""
    if len(chosen) == 2:
        return runs[chosen[0]], runs[chosen[1]]
    if len(runs) < 2:
        return None
    last = runs[chosen[0]] if chosen else runs[-1]
    others = [run for run in runs if run.id != last.id and run.dataset == last.dataset]
    other = (others or [run for run in runs if run.id != last.id])[-1]
    one, two = earlier_first((other, last))
    return one, two


def _compared(state: State, a: Run, b: Run, *, wait: bool) -> Sequence[Panel]:
    """Return the panels of a comparison, with intervals where they are there, made soon, or waited for."""
    if a.id == b.id:
        raise ArgumentError(f"run {a.id} was chosen twice", "choose two runs")

    datasets = [dataset_of(state, run) for run in (a, b)]
    key = tuple(part for run, dataset in zip((a, b), datasets, strict=True) for part in run_key(run, dataset))
    labels = (_label(a), _label(b))

    def sides() -> tuple[Evaluation, Evaluation, Literal["all", "common"]]:
        one, two = (evaluation_of(state, run) for run in (a, b))
        return one, two, "all" if set(one.names) == set(two.names) else "common"

    def at_once() -> tuple[Comparison, Given]:
        one, two, on = sides()
        found = compared_at_once(one, two, on=on, labels=labels)
        first, second = (_options(run, dataset) for run, dataset in zip((a, b), datasets, strict=True))
        return found, gathered_comparison_at_once(
            found,
            attributes=first.get("attributes"),
            about=(first.get("about") or {}, second.get("about") or {}),
            notes=(first.get("notes", ()), second.get("notes", ())),
            title=None
            if a.dataset == b.dataset
            else f"{_label(b, b.dataset)} compared with {_label(a, a.dataset)}",
            thumbnails=0,
        )

    def judged() -> tuple[Comparison, Given]:
        one, two, on = sides()
        found = compare(one, two, on=on, labels=labels)
        return found, with_part_intervals(state.at_once.get(key, at_once)[1], found)

    found, compared = state.at_once.get(key, at_once)
    later: Later = ""
    if wait or len(found.names) <= AT_ONCE or state.comparisons.has(key):
        found, compared = state.comparisons.get(key, judged)
        later = "filled" if wait else ""
    else:
        later = "waiting"
    compared = replace(
        compared,
        later=later,
        later_from=f"/compare?run={a.id}&run={b.id}&{WAIT}" if later == "waiting" else "",
    )

    def drawn() -> tuple[Sequence[Panel], bool]:
        names = most_changed(compared.rankings, _COMPARED)
        # Where the datasets have gone, nobody knows where anything lies.
        if not any(name in side.files for name in names for side in found.evaluations):
            names = []
        one, two = (
            sought(state, run, side, names) for run, side in zip((a, b), found.evaluations, strict=True)
        )
        pictures = changes_of((one, two), names)
        whole = not any(one.reasons or one.photograph_reason for one in pictures.values())
        return comparison_panels(found, replace(compared, pictures=pictures)), whole and later != "waiting"

    # Files that are missing may be there the next time.
    panels, _ = state.compared.get((*key, later), drawn, keep=lambda made: made[1])
    return panels


def _label(run: Run, dataset: str = "") -> str:
    return f"{run.model}{dataset and f' on {dataset}'} ({run.id})"


def _choice(run: Run) -> dict[str, str]:
    scored = f" ({partial})" if (partial := partial_text(run)) else ""
    shapes = f" · {' and '.join(run.measures.shapes)}" if run.measures else ""
    text = f"{run.id} · {run.model} on {run.dataset} · {run.score:.4f}{scored}{shapes}"
    return {"id": run.id, "text": text}
