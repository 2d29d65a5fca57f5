# SPDX-License-Identifier: Apache-2.0
"""Defaults for other people's options that fit a conformance run; whatever the user gave stays."""

from __future__ import annotations

import pytest


def apply(config: pytest.Config) -> None:
    """Set the defaults; runs before xdist reads its options."""
    options = config.option
    if options.scs_plan:
        # A plan is made in this process, without workers.
        options.numprocesses, options.dist, options.tx = None, "no", []
    elif getattr(options, "numprocesses", None):
        if options.dist == "no":
            # One standard's testcases share a worker; loadgroup is broken with pytest 9.2 (pytest-xdist #1386).
            options.dist = "loadfile"
        if options.maxworkerrestart is None:
            options.maxworkerrestart = "0"


def quiet(terminal: pytest.TerminalReporter) -> None:
    """Leave out pytest's own failure sections, which would repeat one by one what our summary says by standard."""
    options = terminal.config.option
    if options.tbstyle == "auto":
        options.tbstyle = "no"
    if options.reportchars == "fE":  # pytest's default
        # Warnings stay: a mistyped key of the ini file is said nowhere else.
        terminal.reportchars = "w" if "w" in terminal.reportchars else ""
