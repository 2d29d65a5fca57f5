# SPDX-License-Identifier: Apache-2.0
"""The values of --scs-due, --scs-due-within, --scs-waivers and --scs-hook, and the option that may stand alone."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.run.lone_options import with_values
from pytest_scs.run.pipeline_options import OF_REPORT, DuePlace, PipelineSettings, read_pipeline_settings
from pytest_scs.run.report_place import ReportPlace


class Given:
    """GivenOptions of one run in a folder."""

    environ: dict[str, str] = {}

    def __init__(self, base: Path, values: dict[str, str], *, replaying: bool = False) -> None:
        self.base = base
        self.values = values
        self.replaying = replaying

    def text(self, name: str) -> str | None:
        return self.values.get(name)

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(self.values.get(name, "").split())

    def path(self, name: str) -> Path | None:
        raise NotImplementedError

    def located(self, text: str) -> Path:
        return Path(self.base, os.path.expanduser(text))

    def switched_on(self, name: str) -> bool:
        raise NotImplementedError


def settings(base: Path, report: str = "", *, replaying: bool = False, **values: str) -> PipelineSettings:
    place = ReportPlace.given(report, base) if report else None
    return read_pipeline_settings(Given(base, values, replaying=replaying), place)


def test_nothing_given_is_nothing_wanted(tmp_path: Path) -> None:
    assert settings(tmp_path) == PipelineSettings()


def test_alone_it_goes_by_the_folder_of_the_reports(tmp_path: Path) -> None:
    found = settings(tmp_path, "reports/", due=OF_REPORT)
    assert found.due == DuePlace(tmp_path / "reports", new=True)


def test_a_folder_may_be_missing_where_this_run_makes_it(tmp_path: Path) -> None:
    found = settings(tmp_path, "reports/", due="./reports")
    assert found.due == DuePlace(tmp_path / "reports", new=True)


def test_another_folder_and_a_monitor(tmp_path: Path) -> None:
    assert settings(tmp_path, due=".").due == DuePlace(tmp_path)
    assert settings(tmp_path, due="HTTPS://monitor.example/").due == DuePlace(url="HTTPS://monitor.example/")


@pytest.mark.parametrize(("text", "hours"), [("36h", 36), ("2d", 48), ("0h", 0)])
def test_times_are_hours_or_days(tmp_path: Path, text: str, hours: int) -> None:
    assert settings(tmp_path, due_within=text).due_within == dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    ("report", "values", "words"),
    [
        ("", {"due": OF_REPORT}, "which reports tell what is due?"),
        ("report.yaml", {"due": OF_REPORT}, "Write --scs-report=DIR/ with a folder, or --scs-due=DIR"),
        ("", {"due": "gone"}, "--scs-due: gone does not exist"),
        ("reports/", {"due": "file"}, "--scs-due: file is a file"),
        ("", {"due_within": "3w"}, "'3w' is no time; write hours or days, for example 36h or 2d"),
        ("", {"due_within": "-1d"}, "'-1d' is no time"),
        ("", {"due_within": "٣d"}, "'٣d' is no time"),
        ("", {"hook": "true"}, "give their folder, --scs-report=DIR/"),
        ("r.yaml", {"hook": "true"}, "give their folder, --scs-report=DIR/"),
        ("r/", {"hook": "no-such-program x"}, "no-such-program is no program that can be run"),
        ("r/", {"hook": "true 'x"}, "cannot be read: No closing quotation"),
        ("r/", {"hook": " "}, "the value is empty"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_line(
    tmp_path: Path, report: str, values: dict[str, str], words: str
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as error:
        settings(tmp_path, report, **values)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_recording_does_not_become_due(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="leave it out, or --scs-replay"):
        settings(tmp_path, "r/", replaying=True, due=OF_REPORT)


def test_waivers_are_files_each_once_and_a_hook_is_words(tmp_path: Path) -> None:
    found = settings(tmp_path, "r/", waivers="a.yaml b.yaml a.yaml", hook="sh -c 'echo a b'")
    assert found.waivers == (tmp_path / "a.yaml", tmp_path / "b.yaml")
    assert found.hook == ("sh", "-c", "echo a b")
    assert found.inputs == {"--scs-waivers": tmp_path / "a.yaml", "--scs-waivers (2)": tmp_path / "b.yaml"}


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--scs-due", "t/"], ["--scs-due=X", "t/"]),
        (["--scs-due=r", "t/"], ["--scs-due=r", "t/"]),
        (["t/", "--scs-due"], ["t/", "--scs-due=X"]),
        (["--scs-due", "--scs-due"], ["--scs-due=X", "--scs-due=X"]),
        (["--", "--scs-due"], ["--", "--scs-due"]),
        (["--scs-due-within", "2d"], ["--scs-due-within", "2d"]),
    ],
)
def test_a_word_behind_an_option_that_stands_alone_is_none_of_its_business(
    args: list[str], expected: list[str]
) -> None:
    assert with_values(args, [("--scs-due", "X")]) == expected
