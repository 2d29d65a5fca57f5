# SPDX-License-Identifier: Apache-2.0
"""Masking what pytest writes by itself: reports, its terminal, the files of ``--debug`` and ``--log-file``.

Belongs to ``pytest_internals.py``: none of what it names is promised in pytest's documentation.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.run import pytest_internals, pytest_terminal


def mask_report(report: pytest.TestReport | pytest.CollectReport, redact: Callable[[str], str]) -> None:
    """Mask what other reporters read from a report: captured output, properties, traceback with its variables."""
    report.sections = [(name, redact(text)) for name, text in report.sections]
    report.longrepr = _masked(report.longrepr, redact)
    if isinstance(report, pytest.TestReport):
        report.user_properties = [
            (name, redact(value) if isinstance(value, str) and not name.startswith("scs_") else value)
            for name, value in report.user_properties
        ]


def mask_terminal(config: pytest.Config, redact: Callable[[str], str]) -> None:
    """From now on mask all that is written to pytest's terminal, whoever writes it."""
    from pytest_scs.base.masking import MaskedStream

    if terminal := pytest_terminal.terminal_of(config):
        writer = terminal._tw
        writer._file = MaskedStream(writer._file, redact)


def mask_trace(config: pytest.Config, redact: Callable[[str], str]) -> None:
    """Mask what ``--debug`` has written into its file, such as the command line, and what it is going to write."""
    root = config.trace.root
    if write := root._writer:
        root.setwriter(lambda text: write(redact(text)))
        if config.option.debug:
            _mask_written(getattr(write, "__self__", None), redact)


def mask_log_file(config: pytest.Config, redact: Callable[[str], str]) -> None:
    """At the end of a run with workers, who know no secrets: mask what they wrote into the file of ``--log-file``."""
    plugin = config.pluginmanager.getplugin("logging-plugin")
    handler = getattr(plugin, "log_file_handler", None)
    if pytest_internals.has_workers(config) and handler is not None and os.path.isfile(handler.baseFilename):
        with handler.lock:
            _mask_written(handler.stream, redact)


def _mask_written(stream: Any, redact: Callable[[str], str]) -> None:
    """Mask what is in a file already, in place: others go on writing into it."""
    stream.flush()
    text = Path(stream.name).read_text("utf-8", "replace")
    if (masked := redact(text)) != text:
        stream.seek(0)
        stream.truncate()
        stream.write(masked)
        stream.flush()


def _masked(value: Any, redact: Callable[[str], str]) -> Any:
    """Texts, lists of lines, and pytest's objects that stand for parts of a traceback, which are changed in place."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(line, str) for line in value) and isinstance(value, list):
            # A secret may go over several lines.
            return redact("\n".join(value)).split("\n")
        return type(value)([_masked(part, redact) for part in value])
    if type(value).__module__.startswith("_pytest."):
        for name, part in list(vars(value).items()):
            if name not in ("path", "lineno", "style"):
                object.__setattr__(value, name, _masked(part, redact))
    return value
