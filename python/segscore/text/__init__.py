"""Formats without content: numbers, names, tables and summaries, laid out with everything escaped in names.

`summary` is a result in words and formatted numbers; `plain`, `markdown`, `latex` and `notebook` lay out such
words and tables, `json` and `frames` hold the unrounded numbers. What a result says stands where the
result is; nothing is computed here that a score rests on.
"""
