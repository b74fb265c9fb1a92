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


def visible(text: str) -> str:
    r"""Return a text with every character that does not print replaced by its escape sequence.

    Control characters, line ends, marks that change the direction of writing and undecodable bytes of file
    names are made visible; every other character stays as it is.

    Examples
    --------
    >>> print(visible("caf\u00e9\x1b[31m\n"))
    café\x1b[31m\n
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
