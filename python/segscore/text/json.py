"""JSON: every number unrounded, under the name that it has in Python.

Undefined is ``null``, because JSON has no NaN; counts stay integers.
"""

import json
from typing import Any

from segscore.text.numbers import plain


def to_json(values: dict[str, Any]) -> str:
    """Return a dict as strictly valid JSON in ASCII: NaN becomes null, infinity the text "inf".

    Examples
    --------
    >>> import numpy as np
    >>> print(to_json({"iou": np.array([0.5, np.nan]), "pixels": 3}))
    {
      "iou": [
        0.5,
        null
      ],
      "pixels": 3
    }
    """
    return json.dumps(plain(values), indent=2, allow_nan=False)
