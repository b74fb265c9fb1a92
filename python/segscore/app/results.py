"""Pages of results: a run with the panels of its report, and two runs compared."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from segscore.app.pictures import dataset_of, with_files
from segscore.app.state import Shown, State, notice_of
from segscore.comparing import compare
from segscore.comparison import Comparison, Difference
from segscore.errors import ArgumentError, SegscoreError
from segscore.evaluation import Evaluation
from segscore.render.comparison import verdict
from segscore.render.html.application import Notice, metric_label, part
from segscore.render.html.page import Panel
from segscore.render.html.report import Report, report_html, report_panels
from segscore.render.names import listed, visible
from segscore.report import gathered
from segscore.workspace import Run, Runs

_CARDS = 300
"""Images of a run that its page can show."""
_CHANGED = 6
"""Images of a comparison that are shown for each way of change."""
_NAMED = 5


def run_page(state: State, run: Run, notices: Sequence[Notice] = ()) -> str:
    """Return the page of a run."""
    shown = results(state, run)
    tracebacks = run.manifest["tracebacks"]
    head = part(
        "run",
        "run_head.html",
        id=run.id,
        others=[_choice(one) for one in reversed(state.workspace.runs()) if one.id != run.id],
        full_note=run.note,
        seen=f"{len(run.seen):,} of {run.images:,}" if run.seen else "",
        seen_names=listed(run.seen, limit=_NAMED, width=None) if run.seen else "",
        seen_more=0,
        tracebacks=[(visible(name), text) for name, text in list(tracebacks.items())[:3]],
    )
    return state.page(
        [head, *report_panels(shown.evaluation, shown.report)],
        title=f"{run.id}: {run.model} on {run.dataset}",
        current="Runs",
        notices=notices,
        sections=True,
    )


def results(state: State, run: Run) -> Shown:
    """Return what the page of a run is made of; it is kept, as a run never changes."""

    def made() -> Shown:
        evaluation, _ = with_files(state, run)
        report = _report(state, run, evaluation, thumbnails=0)
        ranked = [name for one in report.rankings for way in (one.worst, one.best) for name, _ in way]
        place = {name: i for i, name in enumerate(evaluation.names)}
        photographs = find_spec("PIL") is not None
        addresses = {
            name: _addresses(
                run.id, place[name], masks=evaluation.files[name].pred is not None, photo=photographs
            )
            for name in list(dict.fromkeys(ranked))[:_CARDS]
            if name in evaluation.files
        }
        found = len(evaluation.files) if photographs else 0
        return Shown(evaluation, replace(report, addresses=addresses, photographs=found))

    return state.reports.get((run.id, run.digest, run.ended), made)


def report_file(state: State, run: Run) -> str:
    """Return the report of a run as one file."""
    evaluation, _ = with_files(state, run)
    report = _report(state, run, evaluation, thumbnails=24)
    found = len(evaluation.files) if find_spec("PIL") is not None else 0
    return report_html(evaluation, replace(report, photographs=found))


def _report(state: State, run: Run, evaluation: Evaluation, *, thumbnails: int) -> Report:
    dataset = dataset_of(state, run)
    attributes = {}
    if dataset is not None:
        attributes = {
            title: dict(zip(dataset.names, column, strict=True))
            for title, column in dataset.attributes.items()
        }
    about = {
        "run": run.id,
        "model": f"{run.model} ({run.model_digest[:12]})",
        "dataset": f"{run.dataset} ({run.dataset_digest[:12]})",
        "ended": f"{run.ended[:16].replace('T', ' ')} UTC",
        "segscore": str(run.manifest["segscore"]),
        "options": ", ".join(f"{name} {value}" for name, value in run.options.items() if value is not None),
    }
    return gathered(
        evaluation,
        thumbnails=thumbnails,
        title=f"{run.model} on {run.dataset}",
        attributes=attributes,
        about=about,
    )


def _addresses(run: str, index: int, *, masks: bool, photo: bool) -> dict[str, str]:
    parts = [*(["photograph"] if photo else []), *(["target", "pred", "errors"] if masks else [])]
    return {name: f"/runs/{run}/pictures/{index}/{name}" for name in parts}


def comparison_page(state: State, chosen: Sequence[str]) -> str:
    """Return the page on which two runs are chosen, and compared if they have been."""
    runs = state.workspace.runs()
    if len(chosen) > 2:
        raise ArgumentError(f"{len(chosen)} runs were chosen", "choose two, the earlier one first")
    pair = _pair(runs, chosen)
    a, b = (run.id for run in pair) if pair else ("", "")
    head = part(
        "comparison",
        "compare_head.html",
        runs=[_choice(run) for run in reversed(runs)] if len(runs) > 1 else [],
        a=a,
        b=b,
        swap=f"/compare?run={b}&run={a}" if len(chosen) == 2 else "",
    )
    if pair is None or len(chosen) < 2:
        return state.page([head], title="Compare", current="Compare")
    try:
        found = _compared(state, *pair)
    except SegscoreError as error:
        return state.page([head], title="Compare", current="Compare", notices=[notice_of(error)])
    panels = comparison_panels(*pair, found)
    return state.page([head, *panels], title=f"{a} and {b}", current="Compare")


def _pair(runs: Runs, chosen: Sequence[str]) -> tuple[Run, Run] | None:
    """Return the runs to compare, the earlier one first unless both were chosen; None if there are none."""
    if len(chosen) == 2:
        return runs[chosen[0]], runs[chosen[1]]
    if len(runs) < 2:
        return None
    last = runs[chosen[0]] if chosen else runs[-1]
    others = [run for run in runs if run.id != last.id and run.dataset == last.dataset]
    return (others or [run for run in runs if run.id != last.id])[-1], last


def _compared(state: State, a: Run, b: Run) -> Comparison:
    if a.id == b.id:
        raise ArgumentError(f"run {a.id} was chosen twice", "choose two runs")

    def made() -> Comparison:
        one, other = a.evaluation, b.evaluation
        same = set(one.names) == set(other.names)
        return compare(one, other, on="all" if same else "common", labels=(_label(a), _label(b)))

    return state.comparisons.get((a.id, b.id), made)


def comparison_panels(a: Run, b: Run, found: Comparison) -> list[Panel]:
    """Return the panels of a comparison."""
    places = {run.id: {name: i for i, name in enumerate(run.evaluation.names)} for run in (a, b)}
    changed = []
    for title, changes in (("Better", found.better), ("Worse", found.worse)):
        cards = [
            {
                "name": visible(one.name),
                "a": one.a,
                "b": one.b,
                "change": f"{one.b - one.a:+.4f}",
                "pictures": [
                    ("Target", f"/runs/{a.id}/pictures/{places[a.id][one.name]}/target"),
                    (
                        f"Prediction of {a.model} ({a.id})",
                        f"/runs/{a.id}/pictures/{places[a.id][one.name]}/pred",
                    ),
                    (
                        f"Prediction of {b.model} ({b.id})",
                        f"/runs/{b.id}/pictures/{places[b.id][one.name]}/pred",
                    ),
                ],
            }
            for one in changes[:_CHANGED]
        ]
        changed.append({"title": title, "total": len(changes), "cards": cards})
    reasons = {one.reason for one in found.differences}
    differences = part(
        "differences",
        "comparison.html",
        title="Differences",
        scripts=("table.js",),
        verdict=verdict(found),
        a=a,
        b=b,
        rows=[_row(one) for one in found.differences],
        level=f"{100 * found.level:g} %",
        units=f"{found.units:,} {found.kind}",
        note=found.note or "",
        no_intervals=next(iter(reasons)) or "" if len(reasons) == 1 else "",
        only=[len(one) for one in found.only],
    )
    images = part("changed", "changed.html", title="Images that changed most", groups=changed)
    return [differences, images]


def _row(one: Difference) -> dict[str, Any]:
    kind, _, name = one.name.partition(".")
    span = max(abs(one.low), abs(one.high)) if one.low == one.low else 0
    return {
        "name": visible(name) if name else metric_label(kind),
        "is_class": bool(name),
        "a": one.a,
        "b": one.b,
        "difference": one.difference,
        "text": f"{one.difference:+.4f}" if one.difference == one.difference else "",
        "interval": f"{one.low:+.4f} to {one.high:+.4f}" if one.reason is None and span else "",
        "reason": one.reason or "",
        "p": one.p,
        "significant": one.significant,
        "better": one.difference > 0,
    }


def _label(run: Run) -> str:
    return f"{run.model} ({run.id})"


def _choice(run: Run) -> dict[str, str]:
    return {"id": run.id, "text": f"{run.id} · {run.model} on {run.dataset} · {run.metrics['mean_iou']:.4f}"}
