# SPDX-License-Identifier: Apache-2.0
"""``scs report metrics``: what a folder of reports says, for Prometheus."""

from __future__ import annotations

import argparse
from typing import Any

from pytest_scs.base.files import check_writable
from pytest_scs.commands.arguments import file_name
from pytest_scs.commands.report.places import add_places, complain, now, reports_in, scopes_of, write_file


def add_parser(actions: Any) -> None:
    """Add the action to argparse's ``actions``."""
    numbers = actions.add_parser(
        "metrics",
        help="verdicts, expiry and what is due of a folder of reports, for Prometheus",
        description="Merge all reports below a folder, as scs report scorecard does, and give the result as metrics: "
        "verdicts of scopes, versions and testcases, when results expire, what is due. For the textfile collector of "
        "node_exporter, and for OpenMetrics. Exit code 1 if a file cannot be read.",
    )
    add_places(numbers)
    numbers.add_argument(
        "-o", "--output", type=file_name, metavar="FILE", help="write them into a file, whole at once (default: print)"
    )
    numbers.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print or write the metrics; 1 if a file could not be read."""
    from pytest_scs.pipeline.scorecard.fleet_metrics import render
    from pytest_scs.pipeline.scorecard.scorecard import fleet

    if arguments.output:
        check_writable(arguments.output, "--output")
    scopes = scopes_of(arguments.scs_scope)
    store = reports_in(arguments.places)
    text = render(fleet(store.reports, scopes, now()))
    if arguments.output:
        write_file(arguments.output, text, "metrics")
    else:
        print(text, end="")
    return 1 if complain(store.unreadable) else 0
