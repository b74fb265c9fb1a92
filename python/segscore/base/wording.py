"""Phrases of messages, texts and pages alike. It knows nothing of the package, so that all of it may use it.

Texts and tables are laid out in `segscore.text`, messages of errors where the errors are.
"""

from collections.abc import Iterable


def many(count: int, noun: str) -> str:
    """Return a number with its noun, a singular that takes "s", or "es" behind an "s".

    Examples
    --------
    >>> many(1, "file"), many(2_000, "file"), many(0, "class")
    ('1 file', '2,000 files', '0 classes')
    """
    plural = f"{noun}{'es' if noun.endswith('s') else 's'}"
    return f"{count:,} {noun if count == 1 else plural}"


def capital(text: str) -> str:
    """Return a text as the beginning of a sentence.

    Examples
    --------
    >>> capital("mean IoU")
    'Mean IoU'
    """
    return text[:1].upper() + text[1:]


def size(shape: Iterable[int]) -> str:
    """Return the size of an image or a volume.

    Examples
    --------
    >>> size((1080, 1920))
    '1,080 x 1,920'
    """
    return " x ".join(f"{side:,}" for side in shape)


def short(digest: str) -> str:
    """Return the beginning of a digest: enough to tell any two apart that a team will have.

    Examples
    --------
    >>> short("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
    '9f86d081884c'
    """
    return digest[:12]


def shortened(text: str, most: int = 200) -> str:
    """Return a text, without its end if it is longer than that.

    Examples
    --------
    >>> shortened("frame_07"), shortened("frame_07", 5)
    ('frame_07', 'frame…')
    """
    return text if len(text) <= most else f"{text[:most]}…"


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


def show(text: str) -> str:
    """Return a name as messages print it: as it is, or as a literal if it would garble a line."""
    return text if text and text.isprintable() else repr(text)


def reason(error: BaseException) -> str:
    """Return why a file cannot be read or written, without its path, which messages name themselves."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    # Each function, and each version of Python, has other words for these.
    if isinstance(error, RecursionError):
        return "its brackets are nested too deep"
    return "embedded null byte" if "embedded null" in str(error) else str(error)


def with_kind(error: BaseException, text: str) -> str:
    """Return what is said of an exception of somebody else's code, with its kind before it.

    Examples
    --------
    >>> with_kind(ValueError(), ""), with_kind(ValueError(), "no such key")
    ('ValueError', 'ValueError: no such key')
    """
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def first_line(error: Exception) -> str:
    """Return what a foreign error says, within one line of a message."""
    text = str(error).strip().partition("\n")[0]
    return show(shortened(text, 300))
