"""Rendering: results become text, JSON and HTML, with everything escaped that a name may hold.

``summary`` puts a result into words and formatted numbers; ``text`` and ``notebook`` lay those out, so both
say the same. ``json`` holds the unrounded numbers. Nothing is computed here that a score rests on, no file is
written, and `_core` is never called.
"""
