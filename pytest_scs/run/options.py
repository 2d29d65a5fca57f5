# SPDX-License-Identifier: Apache-2.0
"""Every option and ini key of the plugin, once: what pytest registers, and what ``scs`` shows of it."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from pytest_scs.core.judge import Judge
from pytest_scs.core.report_format import ReportFormat
from pytest_scs.core.scope import TARGETS
from pytest_scs.platforms.option import Option
from pytest_scs.platforms.registry import platforms
from pytest_scs.run import pipeline_options


def _known_scopes() -> list[str]:
    from pytest_scs.core.selection import known_labels

    return known_labels()


#: The options that do not depend on what is judged.
OPTIONS = (
    Option(
        "scope",
        "What to judge: iaas-v5.1, iaas (every version in force), FILE.yaml@v5.1; repeatable",
        "SCOPE",
        many=True,
        known=lambda given: _known_scopes(),
    ),
    Option("date", "Reference date for the versions in force, YYYY-MM-DD (default: today, UTC)", "DATE", ini=False),
    Option(
        "target",
        "Targets to judge: main (default), recommended, preview, or all; comma-separated",
        "TARGET",
        everyday=True,
        known=lambda given: (*TARGETS, "all"),
    ),
    Option(
        "judge",
        "Whose reading decides: official (the official suite, default) or text (of the standards)",
        "WHO",
        known=lambda given: tuple(Judge),
    ),
    Option(
        "subject",
        "Name in the report of what is judged (default: made of its own name); of several, NAME=SUBJECT for each",
        "SUBJECT",
        many=True,
        everyday=True,
    ),
    Option(
        "config",
        "Presets of subjects with their names in reports, of groups, options and accounts at the monitor (TOML)",
        "FILE",
        everyday=True,
    ),
    Option(
        "report",
        "Write the SCS report (YAML) to FILE, or one for each subject and scope below the folder DIR/",
        "FILE|DIR/",
        everyday=True,
    ),
    Option(
        "report_format",
        "Form of the SCS report: current (default, today's compliance monitor), next (announced), both in one",
        "FORM",
        known=lambda given: tuple(ReportFormat),
    ),
    Option("sign", "Sign every report with the SSH key in FILE: NAME.yaml.sig beside NAME.yaml", "FILE"),
    Option("json", "Write all results, findings and causes to FILE (JSON; docs/report.schema.json)", "FILE"),
    Option("csv", "Write a line for each finding to FILE (CSV)", "FILE"),
    Option("sarif", "Write the findings to FILE for code-scanning pages (SARIF 2.1.0)", "FILE"),
    Option("metrics", "Write metrics to FILE.prom for the textfile collector of node_exporter", "FILE"),
    Option("remediation", "Write a script to FILE that mends what can be mended by commands (bash; read it)", "FILE"),
    Option(
        "public",
        "Leave names of entries and accounts, hosts, addresses and request ids out of the HTML and JUnit files, too",
        switch=True,
    ),
    Option("record", "Write the evidence the verdicts rest on to FILE (JSON, no secrets)", "FILE", ini=False),
    Option("replay", "Judge what was recorded in FILE, without any network", "FILE", ini=False),
    Option("attestations", "Answers to manual checks (YAML; template: scs attest)", "FILE"),
    Option(
        "lang",
        "Language of what people read: report, summary, mends (default: that of LANG; see docs/de): en, de",
        "CODE",
        everyday=True,
    ),
    Option("plan", "Print what would run and why, contact nothing, and exit", switch=True, ini=False, everyday=True),
    Option(
        "skip_preflight",
        "Do not check role, privileges and clock first (authentication is needed anyway)",
        switch=True,
        ini=False,
    ),
    Option(
        "deadline",
        "Seconds to keep trying where 429 or 5xx is answered, or connections break (default: 60); where given, "
        "login and listings have to be through within them as well",
        "SECONDS",
    ),
    Option(
        "patience",
        "Factor for all times that something is waited for, e.g. 2 for a slow or loaded subject (default: 1)",
        "FACTOR",
    ),
    *pipeline_options.OPTIONS,
)

#: Options that name a file of results (reports/result_files.py says how each is made).
RESULT_FILES = ("json", "csv", "sarif", "metrics", "remediation")


def all_options() -> tuple[Option, ...]:
    """The options of the plugin and of every platform."""
    return (*OPTIONS, *(option for platform in platforms() for option in platform.options))


def add_options(parser: pytest.Parser) -> None:
    """Register all options and ini keys with pytest."""
    group = parser.getgroup("scs", "SCS conformance (Sovereign Cloud Stack)")
    for option in all_options():
        if option.switch:
            group.addoption(option.spelling, dest=option.dest, action="store_true", default=False, help=option.help)
        elif option.alone:
            words: dict[str, Any] = {"nargs": "?", "const": option.alone, "metavar": option.metavar}
            group.addoption(option.spelling, dest=option.dest, default=None, help=option.help, **words)
        else:
            action = "append" if option.many else "store"
            group.addoption(
                option.spelling, dest=option.dest, action=action, default=None, metavar=option.metavar, help=option.help
            )
        if option.ini:
            kind: Literal["linelist", "string", "bool"] = "linelist" if option.many else "string"
            kind = "bool" if option.switch else kind
            parser.addini(option.dest, option.help, type=kind, default=None)
