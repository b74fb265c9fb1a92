"""Names that try to be more than names, each under what it attacks. Nothing here is a test.

What would run says so with a dialog, `alert`, or asks for something from `x.invalid`, which no machine
has; both are found by the watch on pages.
"""

import os

HOSTILE_NAMES = {
    # Markup and script
    "script element": "<script>alert(1)</script>",
    "script element in capitals, with blanks": "<SCRIPT >alert(2)</SCRIPT >",
    "handler of an image": "<img src=x onerror=alert(3)>",
    "handler of a drawing": "<svg/onload=alert(4)>",
    "frame with a document": "<iframe srcdoc='<script>parent.alert(5)</script>'>",
    "elements that swallow what follows": "<textarea><title><noscript><plaintext>",
    "end of a table": "</td></tr></table><h1>not yours</h1>",
    "end of a style sheet": "</style><style>*{display:none}</style>",
    "base of all addresses": "<base href=https://x.invalid/>",
    "page that moves on": "<meta http-equiv=refresh content='0;url=https://x.invalid/'>",
    "link that runs": "javascript:alert(6)",
    "link with a document": "data:text/html,<script>alert(7)</script>",
    "markup escaped twice or not at all": "&lt;script&gt;alert(8)&lt;/script&gt; &amp; &#60;b&#62; &nope;",
    "entity that is not ended": "a &lt b &copy c",
    "brackets that loose decoders make ASCII": "\uff1cscript\uff1ealert(9)\uff1c/script\uff1e",
    # Quotes, and ends of what a name may stand in
    "attribute in double quotes": '" onmouseover="alert(10)" autofocus onfocus="alert(11)',
    "attribute in single quotes": "' onclick='alert(12)' x='",
    "text of JavaScript": "';alert(13);//\";alert(14);//",
    "template literal of JavaScript": "`${alert(15)}`",
    "JSON in a script element": '</script><script>alert(16)</script>{"a": 1}',
    "comment that never ends": "<!-- <script> -->",
    "comment that ends": "--><script>alert(17)</script><!--",
    "CDATA that ends": "]]><script>alert(18)</script><![CDATA[",
    "key of every object of JavaScript": "__proto__",
    "style with an address": "red;background:url(https://x.invalid/a)",
    "style with an import": "}@import 'https://x.invalid/b';*{color:red",
    "regular expression and glob": "(a+)+$ [x-] *.* ?",
    # Templates and formats
    "template of Jinja": "{{7*7}} {{config}} {% for x in () %} {# gone #}",
    "template of a shell": "$(id) `id` ${HOME} $HOME; id | cat && id > x",
    "format of Python": "{0} {name!r:>99} %s %(x)d %n",
    "markup of rich": "[bold red]loud[/] [link=https://x.invalid]x[/link] :smiley:",
    "Markdown": "[a](javascript:alert(19)) ![b](https://x.invalid/c) **x** | y | `z` ~~w~~ <https://x.invalid>",
    "LaTeX": "\\input{/etc/passwd} \\write18{id} $x^2_3$ % & # ~",
    "mathematics of matplotlib": "$\\frac{1}{",
    # Terminals
    "colours": "\x1b[31mred\x1b[0m",
    "screen that is wiped, window that is renamed": "\x1b[2J\x1b[H\x1b]0;renamed\x07",
    "link of a terminal": "\x1b]8;;https://x.invalid\x1b\\click\x1b]8;;\x1b\\",
    "escapes of one character (C1)": "\x9b31mred\x9d0;renamed\x9c",
    "line that is written over": "99.9 %\rroad\b\b\b\bgone\x7f",
    "bell, tab and shift out": "a\x07b\tc\x0ed\x0b\x0c",
    "line ends of all kinds": "one\ntwo\r\nthree\x85four\x1cfive",
    "lines and paragraphs of Unicode": "one\u2028two\u2029three",
    # Spreadsheets
    "formula": '=HYPERLINK("https://x.invalid","click")',
    "formula with plus": "+1+cmd|' /C calc'!A0",
    "formula with minus": "-1+1",
    "formula with at": "@SUM(1,1)",
    "formula after a tab": "\t=1+1",
    "formula after a carriage return": "\r=1+1",
    "cells and rows of CSV": 'a,"b";c\n"=1+1",',
    # What the eye sees
    "300 characters": "n" * 300,
    "300 characters that are two columns wide": "道路" * 150,
    "direction of writing": "gpj.\u202egnp.\u2066exe\u2069\u200f",
    "letters from right to left": "\u05e9\u05dc\u05d5\u05dd 12 \u0645\u0631\u062d\u0628\u0627",
    "nothing to be seen": "a\u200bb\u200c\u200d\u2060\ufeff\u00ad",
    "marks that pile up": "e" + "\u0301\u0489" * 40,
    "blank that is a letter": "\u3164",
    "emoji of several parts": "👩\u200d👩\u200d👧\u200d👦🏳\ufe0f\u200d🌈🇩🇪👍🏽",
    # Files, numbers, and what no text may hold
    "path out of the folder": "../../../etc/passwd",
    "path of Windows": "C:\\Windows\\..\\con.png:stream",
    "address of a file": "file:///etc/passwd?a#b%2e%2e%00",
    "nothing, to other languages": "null",
    "number that is none": "NaN",
    "end of a text in C": "a\x00b",
    "byte that is no text": "undecodable \udcff",
    "half of a character": "\ud83d alone",
}
"""From what a name attacks to the name; all are allowed as names of classes."""
OF_PAGES = ("constructor", "</option></select>", "</template>", "\\u003cscript\\u003e")
"""Names that attack the panels of a page and their data alone."""


def as_file_name(name: str) -> str | None:
    """Return a name that a file can have here without being hidden, or None; slashes become others."""
    name = name.replace("/", "\u2215")
    if name.startswith("."):
        name = f"_{name}"
    try:
        encoded = os.fsencode(name)
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        return None
    return name if len(encoded) <= 250 and b"\0" not in encoded else None


FILE_NAMES = {
    attack: name for attack, text in HOSTILE_NAMES.items() if (name := as_file_name(text)) is not None
}
"""Those of which a file can be named, without its ending."""
