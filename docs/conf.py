# SPDX-License-Identifier: Apache-2.0
"""Sphinx's settings for the documentation site, which ``tox -e docs`` builds (tests/docs/build_site.py).

Sphinx is maintained and typed, searches in a file that lies beside the pages, and its theme furo brings no fonts and
no scripts from elsewhere: the site works from a folder, without a network.
"""

from __future__ import annotations

project = "pytest-scs"
author = "The pytest-scs authors"
copyright = "the pytest-scs authors, Apache-2.0"  # noqa: A001
extensions = ["myst_parser"]
root_doc = "index"
language = "en"

# Links to headings are those that forges make, in every page; what leads nowhere is an error.
myst_heading_anchors = 4
nitpicky = True

html_theme = "furo"
html_title = "pytest-scs"
html_theme_options = {"navigation_with_keys": True}
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
# The search would fetch the pages it has found, which no browser does in a folder.
html_show_search_summary = False

# Most blocks are commands, and not Python.
highlight_language = "none"
