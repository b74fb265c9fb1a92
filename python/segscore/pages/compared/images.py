"""How single images changed: from the largest gain to the largest loss, and one model against the other."""

import numpy as np

from segscore.base.wording import capital, visible
from segscore.pages.page import Panel, rendered
from segscore.pages.texts import short_name
from segscore.results.compared import Compared
from segscore.scores.main import MAIN_PIXELS
from segscore.text.numbers import signed


def panel(comparison: Compared) -> Panel | None:
    """Return the charts of single images, None where no image has a number in both models."""
    change = comparison.b - comparison.a
    defined = np.flatnonzero(~np.isnan(change))
    if not len(defined):
        return None
    order = defined[np.argsort(-change[defined], kind="stable")]
    measure = capital(comparison.main.image_label.replace("mean image ", "mean "))
    data = {
        "measure": measure,
        "score": comparison.main.image_label,
        "labels": [visible(label) for label in comparison.labels],
        "names": [short_name(comparison.names[i]) for i in order.tolist()],
        "a": np.round(comparison.a[order], 4),
        "b": np.round(comparison.b[order], 4),
        "change": np.round(change[order], 6),
    }
    quartiles = np.quantile(change[defined], [0.0, 0.25, 0.5, 0.75, 1.0]).tolist()
    titles = ("largest loss", "a quarter below", "median change", "a quarter above", "largest gain")
    better, worse = len(comparison.better), len(comparison.worse)
    body = rendered(
        "compared/images.html",
        number=len(defined),
        better=better,
        worse=worse,
        same=len(defined) - better - worse,
        without=len(change) - len(defined),
        measure=measure,
        of_classes=comparison.main == MAIN_PIXELS,
        mean=signed(float(change[defined].mean())),
        spread=list(zip(titles, map(signed, quartiles), strict=True)),
    )
    return Panel("images", "Images", body, data, scripts=("points.js", "compared.js"))
