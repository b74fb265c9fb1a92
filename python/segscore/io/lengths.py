"""How many bytes a file holds, against how many its header promises."""

from segscore.errors import of_core


def check_length(place: str, what: str, found: int, promised: int) -> None:
    """Raise MaskError where a file holds fewer bytes of `what` than its header promises, or more.

    Bytes that are too many may stand before those that are meant, which would all be read one place off.
    """
    if found < promised:
        said = f"the {what} is truncated: {max(0, found):,} of {promised:,} bytes can be read"
        raise of_core("truncated", said, place)
    if found > promised:
        said = f"the {what} is damaged: it holds more than the {promised:,} bytes that its header promises"
        raise of_core("damaged", said, place)
