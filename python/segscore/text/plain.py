"""Results as plain text for terminals and files: no colour, no escape sequence, 80 columns.

What is said is worded in `summary`; this module decides only where it stands.
"""

from collections.abc import Sequence

from segscore.text.summary import Section, Summary
from segscore.text.table import table

WIDTH = 80
_GAP = 2


def laid_out(result: Summary, gates: Sequence[str], next_step: str, width: int) -> str:
    """Return a summary as lines without a final line end; the last but one says what the mean covers."""
    from rich.cells import cell_len

    label_width = max(len(one.label) for one in result.headlines)
    numbers = [f"{one.label:>{label_width}} {one.text}" for one in result.headlines]
    skipped = (*result.failures, *result.hints)
    failures = ["not scored:", *(f"  {line}" for line in skipped)] if skipped else []
    fitting = [line for line in result.coverage if cell_len(line) <= width]
    coverage = (fitting or result.coverage[-1:])[0]
    blocks = [
        [result.opening] if result.opening else [],
        wrapped(result.suspicion, width) if result.suspicion else [],
        wrapped(result.verdict, width) if result.verdict else [],
        table(result.columns, result.rows, width) if result.rows else [],
        numbers,
        *(block for section in result.sections for block in section_blocks(section, width)),
        [line for fact in result.facts for line in wrapped(fact, width)],
        failures,
        [line for gate in gates for line in wrapped(gate, width)],
        [coverage, f"next: {next_step}"],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def section_blocks(section: Section, width: int) -> list[list[str]]:
    """Return a further table and its facts; columns that a line has no room for are in a table below."""
    from rich.cells import cell_len

    columns = list(zip(section.columns, *section.rows, strict=True))
    first, others = columns[0], columns[1:]
    tables: list[list[tuple[str, ...]]] = []
    room = 0
    for column in others:
        needed = max(map(cell_len, column)) + _GAP
        if room < needed or not tables:
            tables.append([])
            room = width - min(max(map(cell_len, first)), width // 3)
        tables[-1].append(column)
        room -= needed
    made = []
    for part in tables:
        titles, *rows = zip(first, *part, strict=True)
        made.append(table(titles, rows, width))
    made[0].insert(0, f"{section.title}:")
    return [*made, [line for fact in section.facts for line in wrapped(fact, width)]]


def wrapped(sentence: str, width: int) -> list[str]:
    """Return a sentence as lines, broken between words, never within a name that is longer than a line."""
    from rich.cells import cell_len

    lines: list[str] = []
    for word in sentence.split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(f"  {word}" if lines else word)
    return lines
