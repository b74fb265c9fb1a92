"""Pages of results: a run with the panels of its report, and two runs with those of their comparison."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

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
from segscore.app.state import Shown, State, notice_of
from segscore.base.wording import visible
from segscore.errors import ArgumentError, SegscoreError
from segscore.evaluation.comparing import compare
from segscore.evaluation.comparison import Comparison
from segscore.evaluation.evaluation import Evaluation
from segscore.io.shapes import VOLUMES
from segscore.pages.changes import changes_of
from segscore.pages.compared.given import Given
from segscore.pages.comparison import comparison_panels, gathered_comparison, most_changed
from segscore.pages.options import ReportOptions
from segscore.pages.page import Panel
from segscore.pages.panels import headline
from segscore.pages.panels.given import Given as Report
from segscore.pages.panels.given import Ranking
from segscore.pages.report import gathered, report_page, report_panels
from segscore.workspace import Dataset, Run, Runs
from segscore.workspace.reports import report_options
from segscore.workspace.runs.run import partial_text

_CARDS = 300
"""Images of a run that its page can show."""
_COMPARED = 24
"""Images of a comparison that its page shows."""
_TRACEBACKS = 3


def run_page(state: State, run: Run) -> str:
    """Return the page of a run."""
    return state.page(
        run_panels(state, run), title=f"{run.id}: {run.model} on {run.dataset}", current="Runs", sections=True
    )


def run_panels(state: State, run: Run, *, heading: bool = True) -> list[Panel | None]:
    """Return what can be done with a run, and the panels of its report.

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
        tracebacks=[(visible(name), text) for name, text in list(tracebacks.items())[:_TRACEBACKS]],
        crumbs=heading,
    )
    shown = shown_run(state, run)
    first, *rest = shown.panels
    return [head, first if heading else shown.lower, *rest]


def shown_run(state: State, run: Run) -> Shown:
    """Return what the page of a run is made of; it is kept, as a run never changes."""
    dataset, browse = dataset_of(state, run), f"/runs/{run.id}/images"

    def made() -> Shown:
        evaluation = evaluation_of(state, run)
        options, lacking = _options(run, dataset), no_predictions(state, run)
        if dataset is not None and dataset.dims == VOLUMES:
            # Which slices are shown depends on what is in them, so that they are made now.
            report = replace(gathered(evaluation, **options), browse=browse)
            pictures = report.pictures
            if lacking:
                pictures = {name: replace(one, reason=lacking) for name, one in pictures.items()}
            whole = all(one.has_target and one.reason == lacking for one in pictures.values())
            return _shown(evaluation, replace(report, pictures=pictures), whole=whole)
        options["thumbnails"] = 0
        report = replace(gathered(evaluation, **options), browse=browse)
        place = {name: i for i, name in enumerate(evaluation.names)}
        photographs = has_photographs(dataset)
        addresses = {
            name: addresses_of(run, place[name], masks=not lacking, photograph=photographs)
            for name in _ranked(report.rankings)
            if name in evaluation.files
        }
        report = replace(report, addresses=addresses, no_predictions=lacking if addresses else "")
        return _shown(evaluation, report)

    return state.reports.get(run_key(run, dataset), made, keep=lambda shown: shown.whole)


def _shown(evaluation: Evaluation, report: Report, *, whole: bool = True) -> Shown:
    lower = headline.panel(evaluation, replace(report, level=2))
    return Shown(evaluation, report_panels(evaluation, report), lower, whole)


def report_file(state: State, run: Run) -> str:
    """Return the report of a run as one file."""
    return report_page(shown_run(state, run).evaluation, **_options(run, dataset_of(state, run)))


def _ranked(rankings: Iterable[Ranking]) -> list[str]:
    """Return the images of rankings, those of the first ones first, and not too many."""
    names = [name for ranking in rankings for way in (ranking.worst, ranking.best) for name, _ in way]
    return list(dict.fromkeys(names))[:_CARDS]


def _options(run: Run, dataset: Dataset | None) -> ReportOptions:
    options = report_options(run, dataset)
    # The note may change, and stands above the results.
    about = {name: text for name, text in (options.get("about") or {}).items() if name != "note"}
    return {**options, "about": about}


def comparison_page(state: State, chosen: Sequence[str]) -> str:
    """Return the page on which two runs are chosen, and compared if they have been."""
    runs = state.workspace.runs()
    if len(chosen) > 2:
        raise ArgumentError(f"{len(chosen)} runs were chosen", "choose two, the earlier one first")
    pair = _pair(runs, chosen)
    panels: Sequence[Panel] = ()
    notices = []
    if pair is not None and len(chosen) == 2:
        try:
            panels = _compared(state, *pair)
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
    """Return the runs to compare, the earlier one first unless both were chosen; None if there are none."""
    if len(chosen) == 2:
        return runs[chosen[0]], runs[chosen[1]]
    if len(runs) < 2:
        return None
    last = runs[chosen[0]] if chosen else runs[-1]
    others = [run for run in runs if run.id != last.id and run.dataset == last.dataset]
    other = (others or [run for run in runs if run.id != last.id])[-1]
    one, two = sorted((other, last), key=lambda run: int(run.id[1:]))
    return one, two


def _compared(state: State, a: Run, b: Run) -> Sequence[Panel]:
    """Return the panels of a comparison; they are kept, as runs never change."""
    if a.id == b.id:
        raise ArgumentError(f"run {a.id} was chosen twice", "choose two runs")

    datasets = [dataset_of(state, run) for run in (a, b)]
    key = (a.id, b.id, *(dataset is None for dataset in datasets))

    def made() -> tuple[Comparison, Given]:
        one, two = (evaluation_of(state, run) for run in (a, b))
        same = set(one.names) == set(two.names)
        found = compare(one, two, on="all" if same else "common", labels=(_label(a), _label(b)))
        first, second = (_options(run, dataset) for run, dataset in zip((a, b), datasets, strict=True))
        return found, gathered_comparison(
            found,
            attributes=first.get("attributes"),
            about=(first.get("about") or {}, second.get("about") or {}),
            notes=(first.get("notes", ()), second.get("notes", ())),
            title=None
            if a.dataset == b.dataset
            else f"{_label(b, b.dataset)} compared with {_label(a, a.dataset)}",
            thumbnails=0,
        )

    found, compared = state.comparisons.get(key, made)

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
        return comparison_panels(found, replace(compared, pictures=pictures)), whole

    # Files that are missing may be there the next time.
    panels, _ = state.compared.get(key, drawn, keep=lambda made: made[1])
    return panels


def _label(run: Run, dataset: str = "") -> str:
    return f"{run.model}{dataset and f' on {dataset}'} ({run.id})"


def _choice(run: Run) -> dict[str, str]:
    scored = f" ({partial})" if (partial := partial_text(run)) else ""
    shapes = f" · {' and '.join(run.measures.shapes)}" if run.measures else ""
    text = f"{run.id} · {run.model} on {run.dataset} · {run.metrics['mean_iou']:.4f}{scored}{shapes}"
    return {"id": run.id, "text": text}
