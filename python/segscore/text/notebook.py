"""Results as a small HTML table, for the output of a notebook cell.

Every text is escaped where it enters the page. No script, no style sheet, nothing loaded from elsewhere.
"""

from html import escape

from segscore.text.summary import Section, Summary


def fragment(result: Summary) -> str:
    """Return a summary as an HTML fragment."""
    numbers = [f"{one.label} {one.text}" for one in result.headlines]
    head = _row("th", result.columns)
    body = "".join(_row("td", row) for row in result.rows)
    parts = [
        _paragraph([line for line in (result.opening, result.suspicion, result.verdict) if line]),
        f"<table><thead>{head}</thead><tbody>{body}</tbody></table>" if result.rows else "",
        _paragraph(numbers),
        *(part for section in result.sections for part in _section(section)),
        _paragraph(result.facts),
        _paragraph(["not scored:", *result.failures, *result.hints] if result.failures else []),
        _paragraph(result.coverage[:1]),
    ]
    return f"<div>{''.join(parts)}</div>"


def _section(section: Section) -> list[str]:
    head, body = _row("th", section.columns), "".join(_row("td", row) for row in section.rows)
    return [
        _paragraph([f"{section.title}:"]),
        f"<table><thead>{head}</thead><tbody>{body}</tbody></table>",
        _paragraph(section.facts),
    ]


def _row(tag: str, cells: tuple[str, ...]) -> str:
    first, *others = (escape(cell) for cell in cells)
    numbers = "".join(f'<{tag} style="text-align: right">{cell}</{tag}>' for cell in others)
    return f'<tr><{tag} style="text-align: left">{first}</{tag}>{numbers}</tr>'


def _paragraph(lines: list[str] | tuple[str, ...]) -> str:
    return f"<p>{'<br>'.join(escape(line) for line in lines)}</p>" if lines else ""
