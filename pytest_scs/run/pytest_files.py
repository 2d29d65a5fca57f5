# SPDX-License-Identifier: Apache-2.0
"""What pytest's JUnit reporter and pytest-html have, but do not promise in their documentation.

Belongs to ``pytest_internals.py``: none of it is promised.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

# The options with which others are told to write a file, and the names under which they keep the path.
_FILES = {"--html": "htmlpath", "--junit-xml": "xmlpath"}


def files_asked_for(config: pytest.Config) -> dict[str, str]:
    """The files that other reporters write, by option, as they were typed."""
    given = {option: getattr(config.option, name, None) for option, name in _FILES.items()}
    return {option: str(path) for option, path in given.items() if path}


def files_of_others(config: pytest.Config) -> dict[str, Path]:
    """The files that other reporters write, by option, where those put them."""
    base = config.invocation_params.dir
    return {
        option: Path(base, os.path.expanduser(os.path.expandvars(path)))
        for option, path in files_asked_for(config).items()
    }


def leave_out_files_of_others(config: pytest.Config) -> None:
    """In ``pytest_sessionfinish``, before others: they write no file, and do not say that they wrote one."""
    from _pytest.junitxml import xml_key

    for plugin in config.pluginmanager.get_plugins():
        if type(plugin).__module__.startswith("pytest_html.") and hasattr(plugin, "_generate_report"):
            plugin._generate_report = lambda *_, **__: None
            config.pluginmanager.unregister(plugin)
        elif type(plugin).__module__ == "_pytest.junitxml" and hasattr(plugin, "logfile"):
            plugin.logfile = os.devnull  # its turn comes all the same
            config.pluginmanager.unregister(plugin)
            del config.stash[xml_key]
            if ours := config.pluginmanager.get_plugin("scs-junit"):
                ours.path = Path(os.devnull)  # a file of an earlier run stays as it is


def write_html_whole(config: pytest.Config, write: Callable[[Path, str], bool]) -> None:
    """Let ``write`` write the page of pytest-html; it returns whether it could, and then that is said."""
    for plugin in config.pluginmanager.get_plugins():
        if type(plugin).__module__.startswith("pytest_html.") and hasattr(plugin, "_write_report"):
            plugin._write_report = functools.partial(_write_html, config, plugin, write)


def _write_html(config: pytest.Config, plugin: Any, write: Callable[[Path, str], bool], page: str) -> None:
    if not write(plugin._report_path, page):
        config.pluginmanager.unregister(plugin)


class JunitTurn:
    """The turn of pytest's JUnit reporter at the end of a run, so that its file can be written whole or not at all."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._reporter: Any = None
        self._logfile = ""

    def skip(self) -> None:
        """Before its turn: it writes into nothing, where it cannot fail."""
        from _pytest.junitxml import xml_key

        self._reporter = self._config.stash.get(xml_key, None)
        if self._reporter is not None:
            self._logfile, self._reporter.logfile = self._reporter.logfile, os.devnull

    def write(self, path: Path) -> None:
        """After its turn: write its document into a file; raises OSError."""
        self._reporter.logfile = str(path)
        self._reporter.pytest_sessionfinish()

    def end(self, *, written: bool) -> None:
        """Let it say that the file is written, if it is."""
        from _pytest.junitxml import xml_key

        if self._reporter is not None and xml_key in self._config.stash:
            self._reporter.logfile = self._logfile
            if not written:
                self._config.pluginmanager.unregister(self._reporter)
                del self._config.stash[xml_key]


def has_html(config: pytest.Config) -> bool:
    """Whether pytest-html is there, so that its hooks are known."""
    return config.pluginmanager.hasplugin("html")


class _HtmlPage:
    """Stands where pytest-html has the Jinja template of its page, with the one method that it calls."""

    def __init__(self, own: Any, page: Callable[[Mapping[str, Any], Callable[[], str]], str | None]) -> None:
        self._own = own
        self._page = page

    def render(self, **given: Any) -> str:
        page = self._page(given, self._script)
        return str(self._own.render(**given)) if page is None else page

    def _script(self) -> str:
        script = str(self._own.environment.get_template("app.js").render())
        # It begins a second list where it means the end of the first.
        return script.replace("join('')}<ul>", "join('')}</ul>")


def replace_html_page(
    config: pytest.Config, page: Callable[[Mapping[str, Any], Callable[[], str]], str | None]
) -> None:
    """Let pytest-html write the page that ``page`` returns; None leaves its own.

    It is called with what pytest-html has for its page, and what gives the program that its table needs.
    """
    for plugin in config.pluginmanager.get_plugins():
        if type(plugin).__module__.startswith("pytest_html.") and hasattr(plugin, "_template"):
            plugin._template = _HtmlPage(plugin._template, page)
