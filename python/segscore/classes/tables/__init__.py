"""Tables of classes as other tools write them, told by their content.

Each reader returns arguments of `Classes`. Where a table says no label values, classes are numbered in its
order and count as not confirmed, as for masks in colours. What a table calls void is ignored, and said.
"""

from segscore.classes.tables import label_studio, lines, objects
from segscore.classes.tables.rows import KNOWN, Arguments
from segscore.errors import ClassesError


def parse(content: bytes, where: str, *, sure: bool = True) -> Arguments | None:
    """Return the arguments of `Classes` that the table of another tool holds; errors call it `where`.

    Of a file that may be none, as nothing but its content is to say, None is returned if it does not begin
    as a table does.
    """
    try:
        text = content.decode("utf-8-sig")
    except ValueError as error:
        if not sure:
            return None
        raise ClassesError(f"{where}: expected text, found bytes that are none: {error}", KNOWN) from error
    try:
        found = _read(text, sure)
        if found is None and sure:
            raise lines.unknown_line(text)
    except ClassesError as error:
        raise ClassesError(f"{where}: {error.message}", error.hint) from error
    return found


def _read(text: str, sure: bool) -> Arguments | None:
    begin = text.lstrip()[:1]
    if begin == "<":
        return label_studio.of_xml(text)
    if begin == "{" or (begin == "[" and (sure or objects.is_list(text))):
        return objects.read(text)
    return lines.read(text)
