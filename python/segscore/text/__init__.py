"""Rendering: results become text, Markdown, LaTeX, JSON and HTML, with everything escaped in names.

``summary`` puts a result into words and formatted numbers; ``text``, ``markdown``, ``latex`` and ``notebook``
lay those out, so all say the same. ``json`` holds the unrounded numbers. Nothing is computed here that a
score rests on, no file is written, and `_core` is never called.
"""
