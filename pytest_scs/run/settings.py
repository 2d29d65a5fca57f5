# SPDX-License-Identifier: Apache-2.0
"""Every option and ini key of the plugin, once, and the frozen settings they end in."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import did_you_mean
from pytest_scs.core.judge import Judge
from pytest_scs.core.scope import TARGETS
from pytest_scs.core.subject import check_subject
from pytest_scs.platforms.option import Option
from pytest_scs.platforms.platform import PlatformSettings
from pytest_scs.platforms.registry import platforms
from pytest_scs.run.report_place import ReportPlace

#: The options that do not depend on what is judged.
OPTIONS = (
    Option(
        "scope",
        "What to judge: iaas-v5.1, iaas (every version in force), FILE.yaml@v5.1; repeatable",
        "SCOPE",
        many=True,
    ),
    Option("date", "Reference date for the versions in force, YYYY-MM-DD (default: today, UTC)", "DATE", ini=False),
    Option("target", "Targets to judge: main (default), recommended, preview, or all; comma-separated", "TARGET"),
    Option("judge", "Whose reading decides: official (the official suite, default) or text (of the standards)", "WHO"),
    Option("subject", "Name of what is judged in the report (default: the name of the cloud)", "NAME"),
    Option(
        "report",
        "Write the SCS report (YAML) to FILE, or one for each subject and scope below the folder DIR/",
        "FILE|DIR/",
    ),
    Option("record", "Write the evidence the verdicts rest on to FILE (JSON, no secrets)", "FILE", ini=False),
    Option("replay", "Judge the evidence in FILE instead of a cloud, without any network", "FILE", ini=False),
    Option("attestations", "Answers to manual checks (YAML; template: scs attest)", "FILE"),
    Option("plan", "Print what would run and why, contact nothing, and exit", switch=True, ini=False),
    Option(
        "skip_preflight",
        "Do not check role, privileges and clock first (authentication is needed anyway)",
        switch=True,
        ini=False,
    ),
    Option(
        "deadline",
        "Seconds to keep trying when the cloud answers with 429, 5xx or drops connections (default: 60)",
        "SECONDS",
    ),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for, checked as far as that is possible without reading files.

    ``deadline`` is in seconds; ``date`` is None where the user gave none (today, or the date of the evidence).
    """

    scopes: tuple[str, ...]
    date: dt.date | None
    targets: tuple[str, ...]
    judge: Judge
    platforms: Mapping[str, PlatformSettings]
    subject: str | None
    report: ReportPlace | None
    record: Path | None
    replay: Path | None
    attestations: Path | None
    plan: bool
    skip_preflight: bool
    deadline: float

    @property
    def outputs(self) -> dict[str, Path]:
        """The files the run writes, by option."""
        return {**(self.report.outputs if self.report else {}), **_given({"--scs-record": self.record})}

    @property
    def inputs(self) -> dict[str, Path]:
        """The files the run reads, by option."""
        own = _given({"--scs-replay": self.replay, "--scs-attestations": self.attestations})
        others = (settings.inputs for settings in self.platforms.values())
        return own | {option: path for inputs in others for option, path in inputs.items()}

    def names_on(self, platform: str) -> tuple[str, ...]:
        """The names of the subjects that the user gave for a platform."""
        return self.platforms[platform].names if platform in self.platforms else ()


def _given(files: Mapping[str, Path | None]) -> dict[str, Path]:
    return {option: path for option, path in files.items() if path}


def all_options() -> tuple[Option, ...]:
    """The options of the plugin and of every platform."""
    return (*OPTIONS, *(option for platform in platforms() for option in platform.options))


def add_options(parser: pytest.Parser) -> None:
    """Register all options and ini keys with pytest."""
    group = parser.getgroup("scs", "SCS conformance (Sovereign Cloud Stack)")
    for option in all_options():
        if option.switch:
            group.addoption(option.spelling, dest=option.dest, action="store_true", default=False, help=option.help)
        else:
            action = "append" if option.many else "store"
            group.addoption(
                option.spelling, dest=option.dest, action=action, default=None, metavar=option.metavar, help=option.help
            )
        if option.ini:
            kind: Literal["linelist", "string"] = "linelist" if option.many else "string"
            parser.addini(option.dest, option.help, type=kind, default=None)


def scope_given(config: pytest.Config, options: Any) -> bool:
    """Whether the plugin is to do anything at all; ``options`` is the namespace known so far."""
    return bool(getattr(options, "scs_scope", None) or config.getini("scs_scope"))


def check_scope_not_forgotten(config: pytest.Config) -> None:
    """Raise InputError if the user typed an option of ours and no scope, without which it would be ignored in silence.

    Ini keys, and ``addopts``, do not count: pytest also runs a project's own tests, which are none of our business.
    """
    typed = {arg.partition("=")[0] for arg in config.invocation_params.args if isinstance(arg, str)}
    for option in all_options():
        if option.spelling in typed and config.getoption(option.dest) not in (None, False, []):
            raise InputError(f"{option.spelling}: no scope is given; add --scs-scope=SCOPE, e.g. --scs-scope=iaas-v5.1")


class _Given:
    """What the user gave: GivenOptions (platforms/option.py), out of pytest's configuration."""

    def __init__(self, config: pytest.Config, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self._config = config
        self._options = {option.name: option for option in all_options()}

    @property
    def replaying(self) -> bool:
        return self.text("replay") is not None

    def text(self, name: str) -> str | None:
        value = self._value(name)
        return str(value) if value else None

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(self._value(name) or ())

    def path(self, name: str) -> Path | None:
        value = self.text(name)
        return Path(self._config.invocation_params.dir, os.path.expanduser(value)) if value else None

    def report_place(self) -> ReportPlace | None:
        text = self.text("report")
        return ReportPlace.given(text, self._config.invocation_params.dir) if text else None

    def switched_on(self, name: str) -> bool:
        return bool(self._value(name))

    def typed(self, name: str) -> bool:
        return bool(self._config.getoption(self._options[name].dest))

    def _value(self, name: str) -> Any:
        option = self._options[name]
        value = self._config.getoption(option.dest)
        return self._config.getini(option.dest) if value in (None, []) and option.ini else value


def read_settings(config: pytest.Config, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this run: command line before ini before built-in; raises InputError."""
    for option in all_options():
        _check_not_empty(option, config.getoption(option.dest))
    given = _Given(config, environ)
    subject = given.text("subject")
    if subject:
        check_subject(subject)
    chosen = {platform.name: platform.read_settings(given) for platform in platforms()}
    _check_one_subject(subject, chosen)
    if given.replaying:
        _check_not_recorded(given)
    return Settings(
        scopes=tuple(dict.fromkeys(given.texts("scope"))),
        date=_date(given.text("date")),
        targets=_targets(given.text("target")),
        judge=_judge(given.text("judge")),
        platforms=chosen,
        subject=subject,
        report=given.report_place(),
        record=given.path("record"),
        replay=given.path("replay"),
        attestations=given.path("attestations"),
        plan=given.switched_on("plan"),
        skip_preflight=given.switched_on("skip_preflight"),
        deadline=_seconds(given.text("deadline")),
    )


def _check_one_subject(subject: str | None, chosen: Mapping[str, PlatformSettings]) -> None:
    """Refuse one name in the report for several subjects."""
    used = [platform for platform in platforms() if chosen[platform.name].names]
    if not subject or sum(len(chosen[platform.name].names) for platform in used) <= 1:
        return
    if len(used) == 1:
        option = used[0].options[0].spelling
        raise InputError(f"--scs-subject names one {used[0].noun}, but several are given with {option}")
    raise InputError("--scs-subject is one name, but several subjects are judged")


def _check_not_recorded(given: _Given) -> None:
    for platform in platforms():
        for option in platform.options:
            if option.recorded and given.typed(option.name):
                raise InputError(
                    f"{option.spelling}: a recorded {platform.noun} is judged with what was recorded "
                    "(--scs-replay); leave it out, or record again with it"
                )


def _check_not_empty(option: Option, given: Any) -> None:
    """Refuse an empty value on the command line: it comes from an unset variable, and would be ignored in silence."""
    texts = given if isinstance(given, list) else [given]
    if any(isinstance(text, str) and not text.strip() for text in texts):
        raise InputError(
            f"{option.spelling}: the value is empty; write {option.spelling}={option.metavar} or leave it out"
        )


def _date(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--scs-date: {text!r} is not a date; write YYYY-MM-DD") from None


def _targets(text: str | None) -> tuple[str, ...]:
    words = [word.strip() for word in (text or "main").split(",")]
    if "all" in words:
        return TARGETS
    for word in words:
        if word not in TARGETS:
            known = (*TARGETS, "all")
            raise InputError(
                f"--scs-target: unknown target {word!r}{did_you_mean(word, known)}; known: {', '.join(known)}"
            )
    return tuple(target for target in TARGETS if target in words)


def _judge(text: str | None) -> Judge:
    if text in (None, "official", "text"):
        return Judge(text or "official")
    raise InputError(f"--scs-judge: unknown judge {text!r}; known: official, text")


def _seconds(text: str | None) -> float:
    try:
        seconds = float(text or 60)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 3600:
        raise InputError(f"--scs-deadline: {text!r} is not a number of seconds between 0 and 3600")
    return seconds
