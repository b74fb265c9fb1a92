"""What plots share: figures that are large enough, names at ticks, colours.

Results are not known here. matplotlib is imported when something is drawn.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from segscore.base.values import Bools
from segscore.base.wording import visible
from segscore.errors import installed
from segscore.text.names import cut

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.ticker import Locator

TEXT = "#202428"
GREY = "#6b7278"
LINE = "#b8bec4"
ACCENT = "#2a6f97"
_UNDEFINED = "#e3e6e8"

_COLUMNS = 24
"""Columns that a name may take up."""
_LARGEST, _SMALLEST = 9.0, 5.0
"""Letters of names, in points."""
_LONGEST_BAR = 6.0
"""Length of a colour bar, in inches."""
_MARGIN = 0.12
"""Around everything in a figure, in inches."""
_LEADING = 1.3
"""Height of a line, in heights of its letters."""


def new_axes(width: float, height: float) -> "Axes":
    """Return axes of a new figure of this size in inches, which pyplot does not know and never shows."""
    with installed("plots are drawn with matplotlib", "`pip install 'segscore[plot]'`"):
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    # The layout is found in few steps, and may be a few pixels off: hence the margin.
    layout = ConstrainedLayoutEngine(w_pad=_MARGIN, h_pad=_MARGIN)
    made: Axes = Figure(figsize=(width, height), layout=layout).add_subplot()
    return made


def shown(name: str, *, width: int = _COLUMNS) -> str:
    """Return a name as it is drawn: on one line, its control characters visible, not too long."""
    return cut(visible(name), width)


def label_inches(names: Sequence[str]) -> float:
    """Return about how long the longest of some names is, at the largest size."""
    from rich.cells import cell_len

    return max((cell_len(name) for name in names), default=0) * _LARGEST * 0.6 / 72


def inches(axes: "Axes") -> tuple[float, float]:
    """Return width and height of axes in inches."""
    box = axes.get_window_extent()
    return box.width / axes.figure.dpi, box.height / axes.figure.dpi


def bar_axes(axes: "Axes", side: float) -> "Axes":
    """Return axes for a colour bar, on the right of a square of this side in inches, from its top."""
    height = min(1.0, _LONGEST_BAR / side)
    bar: Axes = axes.inset_axes((1 + 0.1 / side, 1 - height, 0.2 / side, height))
    return bar


def name_ticks(axis: "Axis", names: Sequence[str], spacing: float, **options: Any) -> float:
    """Put names at the ticks 0, 1, ... of an axis, as many as there is room for; return their size in points.

    Nothing in a name is read as markup; `spacing` is inches from one tick to the next, and options are those
    of texts, such as ``rotation``.
    """
    size = min(_LARGEST, max(_SMALLEST, 72 * spacing / _LEADING))
    step = max(1, math.ceil(size * _LEADING / (72 * spacing) - 1e-9))
    # usetex: LaTeX would read a name as its own, whatever the user's settings are.
    plain = {"parse_math": False, "usetex": False}
    ticks = range(0, len(names), step)
    axis.set_ticks(ticks, labels=[names[i] for i in ticks], fontsize=size, **plain, **options)
    if step > 1 or len(names) > 40:
        axis.set_tick_params(length=2)
    return size


def whole_numbers() -> "Locator":
    """Return what puts ticks at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True)


def shares() -> "tuple[Normalize, Colormap]":
    """Return how shares from 0 to 1 become colours, from light to dark in steps that look alike."""
    from matplotlib import colormaps
    from matplotlib.colors import Normalize

    return Normalize(0, 1), colormaps["magma_r"].with_extremes(bad=(0, 0, 0, 0))


def counts(highest: float) -> "tuple[Normalize, Colormap]":
    """Return how counts become colours: by their logarithm, 0 and what is undefined left open."""
    from matplotlib.colors import LogNorm

    return LogNorm(1, max(float(highest), 10)), shares()[1]


def is_dark(colour: Sequence[float]) -> bool:
    """Return whether white letters read better than black ones on a colour (red, green, blue; 0 to 1)."""
    red, green, blue = colour[:3]
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.55


def hatch(axes: "Axes", cells: Bools) -> None:
    """Hatch the chosen cells of a matrix, bool (rows, columns), each run of a row as one."""
    from matplotlib.patches import Rectangle

    edges = np.diff(np.pad(cells.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    (rows, starts), (_, ends) = np.nonzero(edges == 1), np.nonzero(edges == -1)
    for row, start, end in zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True):
        box = Rectangle((start - 0.5, row - 0.5), end - start, 1, hatch="////", linewidth=0)
        box.set(facecolor=_UNDEFINED, edgecolor=LINE)
        axes.add_patch(box)
