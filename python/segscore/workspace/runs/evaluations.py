"""What the images of a run came to becomes its evaluation."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from segscore.base.wording import many
from segscore.counts.failures import failure_lines
from segscore.errors import EvaluationError, hints_of
from segscore.evaluation.assembling import assemble
from segscore.evaluation.evaluation import Evaluation
from segscore.workspace.runs.pipeline import Outcome
from segscore.workspace.runs.plans import Plan


def evaluation_of(plan: Plan, outcomes: Sequence[Outcome], said: Mapping[str, str]) -> Evaluation:
    """Return the evaluation of a run, or raise EvaluationError if no image was scored.

    What is `said` of it goes to where it came from.
    """
    counted = [outcome.counted for outcome in outcomes]
    if all(one.pairs is None for one in counted):
        total = len(plan.dataset.names)
        raise _failed(
            outcomes,
            f"the first {len(counted):,} images all failed, so the run was ended"
            if len(counted) < total
            else f"none of {many(total, 'image')} could be scored",
        )
    provenance = {**plan.provenance, **said}
    evaluation = assemble(plan.classes, counted, skip=True, provenance=provenance, measures=plan.measures)
    if plan.dataset.groups is None:
        return evaluation
    of = dict(zip(plan.dataset.names, plan.dataset.groups, strict=True))
    return replace(evaluation, groups=tuple(of[name] for name in evaluation.names))


def _failed(outcomes: Sequence[Outcome], what: str) -> EvaluationError:
    there = tuple(one.counted.failure for one in outcomes if one.counted.failure is not None)
    own = next((one.traceback for one in outcomes if one.traceback is not None), None)
    lines = [f"{what}:", *(f"  {line}" for line in failure_lines(there))]
    if own is not None:
        lines += ["of the first one:", own.rstrip()]
    kind = "shape" if any(failure.kind == "shape" for failure in there) else None
    return EvaluationError("\n".join(lines), hints_of(there), there, kind=kind)
