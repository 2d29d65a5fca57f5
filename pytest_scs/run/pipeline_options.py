# SPDX-License-Identifier: Apache-2.0
"""The options of a run that look at earlier reports or tell others: their values, checked as far as words tell."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
import shlex
import shutil
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.core.lifetime import read_span
from pytest_scs.platforms.option import GivenOptions, Option
from pytest_scs.run.report_place import ReportPlace

#: The value of ``--scs-due`` where none is typed.
OF_REPORT = "the folder of --scs-report"

OPTIONS = (
    Option(
        "due",
        "Judge only what is due by its scope's text, has no result that counts, or did not pass: by the reports in "
        "DIR, or what the compliance monitor at URL has; without value by the folder of --scs-report",
        "DIR|URL",
        alone=OF_REPORT,
        everyday=True,
    ),
    Option(
        "due_within",
        "How long before its result expires a testcase is due, e.g. 36h or 2d (default: 1d if light, else 7d)",
        "TIME",
    ),
    Option(
        "waivers",
        "Violations that somebody answers for until a day (YAML): they stay FAIL, and do not fail the run; repeatable",
        "FILE",
        many=True,
    ),
    Option(
        "hook",
        "Run COMMAND once, without a shell, when a verdict differs from the newest one below the folder of "
        "--scs-report; what changed is JSON on its standard input",
        "COMMAND",
    ),
)

_URL = re.compile(r"https?://", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class DuePlace:
    """Where ``--scs-due`` looks for earlier results: a folder of reports, or else the ``url`` of a monitor.

    ``new``: the folder may be one that is yet to be made, since this run writes its reports there.
    """

    folder: Path | None = None
    url: str = ""
    new: bool = False

    @property
    def words(self) -> str:
        """As it is named in lines for people."""
        return self.url or str(self.folder)


@dataclasses.dataclass(frozen=True, slots=True)
class PipelineSettings:
    """What the user wants with earlier reports, the files of ``waivers``, and the command that is told of changes.

    ``due_within`` is None where nobody chose a time.
    """

    due: DuePlace | None = None
    due_within: dt.timedelta | None = None
    waivers: tuple[Path, ...] = ()
    hook: tuple[str, ...] = ()

    @property
    def inputs(self) -> dict[str, Path]:
        """The files the run reads, by option."""
        first, *others = self.waivers or (None,)
        named = {"--scs-waivers": first} if first else {}
        return named | {f"--scs-waivers ({number})": path for number, path in enumerate(others, 2) if path}


def read_pipeline_settings(given: GivenOptions, report: ReportPlace | None) -> PipelineSettings:
    """What was given for OPTIONS; ``report`` is the place of ``--scs-report``. Raises InputError."""
    due = given.text("due")
    if due and given.replaying:
        raise InputError("--scs-due: what was recorded does not become due again; leave it out, or --scs-replay")
    return PipelineSettings(
        _due_place(due, given, report) if due else None,
        _span(given.text("due_within")),
        tuple(dict.fromkeys(given.located(text) for text in given.texts("waivers"))),
        _hook(given.text("hook"), report),
    )


def _hook(text: str | None, report: ReportPlace | None) -> tuple[str, ...]:
    """The command in words, as a shell reads them; its program has to be there."""
    if text is None:
        return ()
    if report is None or not report.folder:
        raise InputError("--scs-hook: a change shows by earlier reports; give their folder, --scs-report=DIR/")
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InputError(f"--scs-hook: {text!r} cannot be read: {error}") from None
    if not words:
        raise InputError("--scs-hook: the value is empty; write --scs-hook=COMMAND or leave it out")
    words[0] = os.path.expanduser(words[0])
    if shutil.which(words[0]) is None:
        raise InputError(f"--scs-hook: {words[0]} is no program that can be run; give its path, and make it executable")
    return tuple(words)


def _due_place(text: str, given: GivenOptions, report: ReportPlace | None) -> DuePlace:
    written = report.path if report and report.folder else None
    if text == OF_REPORT:
        if written is None:
            raise InputError(
                "--scs-due: which reports tell what is due? Write --scs-report=DIR/ with a folder, or --scs-due=DIR"
            )
        return DuePlace(written, new=True)
    if _URL.match(text):
        return DuePlace(url=text)
    folder = given.located(text)
    new = written is not None and os.path.abspath(folder) == os.path.abspath(written)
    if not folder.is_dir() and not (new and not folder.exists()):
        what = "is a file" if folder.is_file() else "does not exist"
        raise InputError(f"--scs-due: {text} {what}; give the folder of earlier reports, or the URL of a monitor")
    return DuePlace(folder, new=new)


def _span(text: str | None) -> dt.timedelta | None:
    return None if text is None else read_span(text, "--scs-due-within")
