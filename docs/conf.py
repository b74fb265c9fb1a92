"""How Sphinx builds the documents: ``sphinx-build -W -b html docs FOLDER``; nothing is asked of a network."""

import sys
from dataclasses import is_dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))

import segscore

project = "segscore"
author = "The segscore developers"
project_copyright = f"{author}; Apache-2.0 or MIT"
release = version = segscore.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "sphinx_design",
    "command_pages",
    "notebook_pages",
]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4

smartquotes = False  # what is typed is what is shown
default_role = "autolink"  # what docstrings name is a link where a page has it
nitpicky = True  # a name that is nowhere is an error, too
nitpick_ignore_regex = [("py:obj", ".*")]  # but for plain backticks, which also name arguments

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # docstrings say shapes and units beside types
autodoc_mock_imports = [
    package
    for package in ("ignite", "keras", "torch", "torchmetrics", "transformers")
    if find_spec(package) is None
]
"""Packages that modules for training loops need to be imported, and pages about them do not."""
numpydoc_show_class_members = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def setup(sphinx: Sphinx) -> None:
    """Mend what Sphinx and its theme leave to be mended."""
    sphinx.connect("autodoc-process-signature", _as_users_make_it)
    sphinx.connect("html-page-context", _for_everyone, priority=900)  # after the theme


def _for_everyone(*about: Any) -> None:
    """Say the level of headings of the menu, and let keys scroll code and tables."""
    context = about[3]
    for part, found, said in (
        ("furo_navigation_tree", 'role="heading"', 'role="heading" aria-level="2"'),
        ("body", "<pre>", '<pre tabindex="0">'),
        ("body", '<div class="table-wrapper', '<div tabindex="0" class="table-wrapper'),
    ):
        context[part] = context.get(part, "").replace(found, said)


def _as_users_make_it(*about: Any) -> tuple[str, None] | None:
    """Leave out of results how they are made, which is not for users to do."""
    made = about[3]
    is_result = is_dataclass(made) and "\n    Parameters\n" not in (made.__doc__ or "")
    return ("", None) if is_result else None


html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0a6a8a", "color-brand-content": "#0a6a8a"},
    "dark_css_variables": {"color-brand-primary": "#6cc0dc", "color-brand-content": "#6cc0dc"},
}
html_title = f"segscore {version}"
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # which a browser refuses to read from files
