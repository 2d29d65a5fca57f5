# SPDX-License-Identifier: Apache-2.0
"""The frozen settings of a run: what its options, ini keys and presets say, checked."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.base import language
from pytest_scs.base.errors import InputError
from pytest_scs.core.judge import Judge
from pytest_scs.core.report_format import ReportFormat
from pytest_scs.core.subject import ReportNames, read_report_names
from pytest_scs.platforms.option import Option, PresetSubject
from pytest_scs.platforms.platform import Platform, PlatformSettings
from pytest_scs.platforms.registry import platforms
from pytest_scs.run.options import RESULT_FILES, all_options
from pytest_scs.run.pipeline_options import PipelineSettings, read_pipeline_settings
from pytest_scs.run.presets import presets_of
from pytest_scs.run.report_place import ReportPlace
from pytest_scs.run.setting_values import (
    read_date,
    read_judge,
    read_patience,
    read_report_format,
    read_seconds,
    read_targets,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for, checked as far as that is possible without reading files, but for that of presets.

    ``deadline`` is in seconds, ``limit`` the same where the user chose it (else None), ``patience`` a factor; ``date``
    is None where the user gave none (today, or the date of the evidence). ``public``: files are for everybody.
    ``language`` is that of what people read; ``groups`` have names of subjects in reports;
    ``scopes_preset``: the scopes are those of the presets.
    """

    scopes: tuple[str, ...]
    date: dt.date | None
    targets: tuple[str, ...]
    judge: Judge
    platforms: Mapping[str, PlatformSettings]
    subject: ReportNames
    report: ReportPlace | None
    record: Path | None
    replay: Path | None
    attestations: Path | None
    plan: bool
    skip_preflight: bool
    deadline: float
    limit: float | None = None
    patience: float = 1.0
    language: language.Language = language.ENGLISH
    result_files: Mapping[str, Path] = dataclasses.field(default_factory=dict)
    public: bool = False
    report_format: ReportFormat = ReportFormat.CURRENT
    config: Path | None = None
    groups: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    pipeline: PipelineSettings = dataclasses.field(default_factory=PipelineSettings)
    sign: Path | None = None
    scopes_preset: bool = False

    @property
    def outputs(self) -> dict[str, Path]:
        """The files the run writes, by option."""
        signatures = self.report.signatures if self.report and self.sign else {}
        reports = self.report.outputs if self.report else {}
        return {**reports, **signatures, **_given({"--scs-record": self.record}), **self.files}

    @property
    def files(self) -> dict[str, Path]:
        """The files of results that the run writes, by option; ``result_files`` has them by its name."""
        return {f"--scs-{name}": path for name, path in self.result_files.items()}

    @property
    def inputs(self) -> dict[str, Path]:
        """The files the run reads, by option."""
        files = {"--scs-replay": self.replay, "--scs-attestations": self.attestations, "--scs-sign": self.sign}
        own = _given({**files, "--scs-config": self.config})
        others = (settings.inputs for settings in self.platforms.values())
        own |= self.pipeline.inputs
        return own | {option: path for inputs in others for option, path in inputs.items()}

    def on(self, platform: str) -> PlatformSettings:
        """What the user asked for on a platform."""
        return self.platforms.get(platform, PlatformSettings())

    def names_on(self, platform: str) -> tuple[str, ...]:
        """The names of the subjects that the user gave for a platform."""
        return self.on(platform).names


def _given(files: Mapping[str, Path | None]) -> dict[str, Path]:
    return {option: path for option, path in files.items() if path}


def scope_given(config: pytest.Config, options: Any) -> bool:
    """Whether the plugin is to do anything at all; ``options`` is the namespace known so far. Raises InputError."""
    if getattr(options, "scs_scope", None) or config.getini("scs_scope"):
        return True
    return bool(presets_of(config, options, all_options()).options.get("scope"))


def check_scope_not_forgotten(config: pytest.Config) -> None:
    """Raise InputError if the user typed an option of ours and no scope, without which it would be ignored in silence.

    Ini keys, and ``addopts``, do not count: pytest also runs a project's own tests, which are none of our business.
    """
    typed = {arg.partition("=")[0] for arg in config.invocation_params.args if isinstance(arg, str)}
    for option in all_options():
        spelling = option.short if option.short in typed else option.spelling
        if spelling in typed and config.getoption(option.dest) not in (None, False, []):
            raise InputError(f"{spelling}: no scope is given; add --scs-scope=SCOPE, e.g. iaas-v5.1 or kaas-v1")


class _Given:
    """What the user gave: GivenOptions (platforms/option.py), out of pytest's configuration."""

    def __init__(self, config: pytest.Config, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self._config = config
        self._options = {option.name: option for option in all_options()}
        self._presets = presets_of(config, config.option, self._options.values())
        naming = {name for platform in platforms() for name in (platform.naming, platform.embedded_naming) if name}
        # Who names one subject himself means no others.
        self._preset_subjects = () if self.replaying or any(map(self._value, naming)) else self._presets.subjects

    def presets(self, platform: str) -> Sequence[PresetSubject]:
        return [subject for subject in self._preset_subjects if subject.platform == platform]

    @property
    def groups(self) -> Mapping[str, Sequence[str]]:
        """Names of groups with the names in reports of those in them."""
        return self._presets.groups

    @property
    def report_names(self) -> ReportNames:
        """What subjects are called in reports."""
        given = read_report_names(self.texts("subject"))
        naming = {platform.name: platform.naming for platform in platforms()}
        preset = {
            (one.platform, one.values[naming[one.platform]]): one.report_name
            for one in self._presets.subjects
            if naming[one.platform] in one.values
        }
        return dataclasses.replace(given, preset=preset)

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
        return self.located(value) if value else None

    def located(self, text: str) -> Path:
        return Path(self._config.invocation_params.dir, os.path.expanduser(text))

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
        if value not in (None, [], False) or not option.ini:
            return value
        try:
            value = self._config.getini(option.dest)
            return self._presets.options.get(name) if value in (None, [], "") else value
        except (TypeError, ValueError, pytest.UsageError) as error:  # no value of the type that the key has
            raise InputError(f"{option.dest} in pytest's ini file: {error}") from None


def read_settings(config: pytest.Config, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this run: command line before ini before built-in; raises InputError."""
    for option in all_options():
        _check_not_empty(option, config.getoption(option.dest))
    given = _Given(config, environ)
    subject = given.report_names
    chosen = {platform.name: _on_platform(platform, given) for platform in platforms()}
    if given.replaying:
        _check_not_recorded(given)
    if given.typed("sign") and not given.text("report"):
        raise InputError("--scs-sign: there is no report to sign; add --scs-report=FILE, or --scs-report=DIR/")
    return Settings(
        scopes=tuple(dict.fromkeys(given.texts("scope"))),
        date=read_date(given.text("date")),
        targets=read_targets(given.text("target")),
        judge=read_judge(given.text("judge")),
        platforms=chosen,
        subject=subject,
        report=given.report_place(),
        record=given.path("record"),
        replay=given.path("replay"),
        attestations=given.path("attestations"),
        plan=given.switched_on("plan"),
        skip_preflight=given.switched_on("skip_preflight"),
        deadline=read_seconds(given.text("deadline")),
        limit=(read_seconds(given.text("deadline")) or None) if given.text("deadline") else None,
        patience=read_patience(given.text("patience")),
        language=language.chosen(given.text("lang"), environ),
        result_files=_given({name: given.path(name) for name in RESULT_FILES}),
        public=given.switched_on("public"),
        report_format=read_report_format(given.text("report_format")),
        config=given.path("config"),
        groups=given.groups,
        pipeline=read_pipeline_settings(given, given.report_place()),
        sign=given.path("sign") if given.text("report") else None,
        scopes_preset=not config.getoption("scs_scope") and not config.getini("scs_scope"),
    )


def _on_platform(platform: Platform, given: _Given) -> PlatformSettings:
    found = platform.read_settings(given)
    presets = given.presets(platform.name)
    if not presets:
        return found
    # Nobody typed them, so it is no mistake where no scope of the run is about them.
    return dataclasses.replace(found, named_by="", preset=tuple(one.report_name for one in presets))


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
