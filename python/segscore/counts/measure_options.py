"""The options of `Measures` as arguments of whatever measures shapes.

A function takes them as `**measures: Unpack[MeasureOptions]`, under `@measuring`, and hands them to
`Measures.of`, which checks them and knows what is usual. How texts say them is in `measure_texts`.
"""

from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any, TypedDict, TypeVar

from segscore.counts.components import Connectivity
from segscore.counts.distance_options import Empty, Spacing
from segscore.counts.measures import Measures, Surface
from segscore.counts.widths import Widths
from segscore.io.shapes import PLANES


class MeasureOptions(TypedDict, total=False):
    """What `Measures.of` takes beside the dimensions of images; `segscore.Evaluator` explains it."""

    boundary: Widths | None
    segments: bool
    distances: bool
    spacing: Spacing | None
    surface: Surface | None
    within: float | None
    tolerances: float | Iterable[float] | None
    empty: Empty
    components: bool
    connectivity: Connectivity | None
    dilation: int


_Function = TypeVar("_Function", bound=Callable[..., Any])


def measuring(function: _Function) -> _Function:
    """Let help and completion see each option of a function whose last parameter is `**measures`."""
    given, known = signature(function), signature(Measures.of).parameters
    *own, _ = given.parameters.values()
    options = [known[name] for name in MeasureOptions.__annotations__]
    function.__signature__ = given.replace(parameters=[*own, *options])  # type: ignore[attr-defined]
    return function


def options_of(measures: Measures) -> MeasureOptions:
    """Return the options that these are made of, those that are as usual left out.

    Examples
    --------
    >>> options_of(Measures.of(boundary="2%", distances=True, spacing=(2, 2), surface="area", tolerances=3))
    {'boundary': (0.02,), 'distances': True, 'spacing': (2.0, 2.0), 'tolerances': (3.0,)}
    """
    found: MeasureOptions = {}
    if measures.boundary:
        found["boundary"] = measures.boundary
    if measures.segments:
        found["segments"] = True
    if measures.components:
        found["components"] = True
    if measures.connectivity is not None:
        found["connectivity"] = measures.connectivity
    if measures.dilation:
        found["dilation"] = measures.dilation
    if not measures.distances:
        return found
    found["distances"] = True
    spacing, within = measures.spacing, measures.within
    if spacing is not None:
        found["spacing"] = spacing
    if within is not None:
        found["within"] = within
    dims = len(spacing) if isinstance(spacing, tuple) else PLANES
    usual = Measures.of(distances=True, spacing=spacing, within=within, dims=dims)
    if measures.surface != usual.surface:
        found["surface"] = measures.surface
    if measures.tolerances != usual.tolerances:
        found["tolerances"] = measures.tolerances
    if measures.empty != usual.empty:
        found["empty"] = measures.empty
    return found
