"""Phrases of messages, texts and pages alike. It knows nothing of the package, so that all of it may use it.

Texts and tables are made in `render`, messages of errors where the errors are.
"""


def many(count: int, noun: str) -> str:
    """Return a number with its noun.

    Parameters
    ----------
    count : int
        0 or more.
    noun : str
        The singular of a noun that takes "s", or "es" behind an "s".

    Examples
    --------
    >>> many(1, "file"), many(2_000, "file"), many(0, "class")
    ('1 file', '2,000 files', '0 classes')
    """
    plural = f"{noun}{'es' if noun.endswith('s') else 's'}"
    return f"{count:,} {noun if count == 1 else plural}"
