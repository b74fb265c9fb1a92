"""Results as plain text for terminals and files: no colour, no escape sequence, 80 columns.

What is said is worded in `summary`; this module decides only where it stands.
"""

from collections.abc import Sequence

from segscore.text.summary import Summary
from segscore.text.table import table

WIDTH = 80


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
        table(result.columns, result.rows, width),
        numbers,
        [line for fact in result.facts for line in wrapped(fact, width)],
        failures,
        [line for gate in gates for line in wrapped(gate, width)],
        [coverage, f"next: {next_step}"],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


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
