# SPDX-License-Identifier: Apache-2.0
"""Every option and ini key of the plugin, once, and the frozen settings they end in."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from pytest_scs.base.words import did_you_mean
from pytest_scs.core.subject import check_subject
from pytest_scs.errors import InputError
from pytest_scs.extras import Extras
from pytest_scs.findings import Basis
from pytest_scs.scope import TARGETS


@dataclasses.dataclass(frozen=True, slots=True)
class Option:
    """A command-line option ``--scs-NAME`` (or ``flag``) with its ini key ``scs_NAME``; the command line wins."""

    name: str
    help: str
    metavar: str = ""
    flag: str = ""
    many: bool = False
    switch: bool = False
    ini: bool = True

    @property
    def spelling(self) -> str:
        """How it is written on the command line."""
        return self.flag or "--scs-" + self.name.replace("_", "-")

    @property
    def dest(self) -> str:
        """Name in pytest's option namespace, which is the ini key, too."""
        return f"scs_{self.name}"


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
    Option(
        "os_cloud",
        "Cloud in clouds.yaml, or demo, demo:vanilla (default: $OS_CLOUD); repeatable",
        "NAME",
        "--os-cloud",
        many=True,
    ),
    Option("subject", "Name of the judged cloud in the report (default: the cloud's name)", "NAME"),
    Option("report", "Write the SCS report (YAML) to FILE", "FILE"),
    Option("record", "Write the evidence the verdicts rest on to FILE (JSON, no secrets)", "FILE", ini=False),
    Option("replay", "Judge the evidence in FILE instead of a cloud, without any network", "FILE", ini=False),
    Option("attestations", "Answers to manual checks (YAML; template: scs attest)", "FILE"),
    Option("domain_managers", "Two clouds of clouds.yaml, each the manager of a domain of its own (scs-0302)", "A,B"),
    Option(
        "managed_roles",
        "Roles that domain managers hand out besides member, load-balancer_member and reader (scs-0302)",
        "ROLE,...",
    ),
    Option("tempest_accounts", "Two clouds of clouds.yaml with throw-away users for Tempest (scs-0128)", "A,B"),
    Option("tempest_results", "Judge this result of Tempest (subunit or JUnit) instead of running it", "FILE"),
    Option("tls_ignore", "Endpoint whose TLS is not judged (scs-0125); repeatable", "HOST[:PORT]", many=True),
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
    judge: Basis
    clouds: tuple[str, ...]
    subject: str | None
    report: Path | None
    record: Path | None
    replay: Path | None
    attestations: Path | None
    extras: Extras
    plan: bool
    skip_preflight: bool
    deadline: float

    @property
    def outputs(self) -> dict[str, Path]:
        """The files the run writes, by option."""
        return _given({"--scs-report": self.report, "--scs-record": self.record})

    @property
    def inputs(self) -> dict[str, Path]:
        """The files the run reads, by option."""
        results = self.extras.tempest_results
        return _given(
            {"--scs-replay": self.replay, "--scs-attestations": self.attestations, "--scs-tempest-results": results}
        )


def _given(files: Mapping[str, Path | None]) -> dict[str, Path]:
    return {option: path for option, path in files.items() if path}


#: Options whose effect is part of the evidence.
_RECORDED = ("domain_managers", "managed_roles", "tempest_accounts", "tempest_results", "tls_ignore")


def add_options(parser: pytest.Parser) -> None:
    """Register all options and ini keys with pytest."""
    group = parser.getgroup("scs", "SCS conformance (Sovereign Cloud Stack)")
    for option in OPTIONS:
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
    for option in OPTIONS:
        if option.spelling in typed and config.getoption(option.dest) not in (None, False, []):
            raise InputError(f"{option.spelling}: no scope is given; add --scs-scope=SCOPE, e.g. --scs-scope=iaas-v5.1")


def read_settings(config: pytest.Config, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this run: command line before ini before built-in; raises InputError."""
    for option in OPTIONS:
        _check_not_empty(option, config.getoption(option.dest))

    def get(name: str) -> Any:
        value = config.getoption(f"scs_{name}")
        if value in (None, []) and any(option.name == name and option.ini for option in OPTIONS):
            value = config.getini(f"scs_{name}")
        return value or None

    def path(name: str) -> Path | None:
        value = get(name)
        return Path(config.invocation_params.dir, os.path.expanduser(value)) if value else None

    subject = get("subject")
    if subject:
        check_subject(subject)
    clouds = tuple(dict.fromkeys(get("os_cloud") or ()))
    if not clouds and not get("replay") and environ.get("OS_CLOUD"):
        clouds = (environ["OS_CLOUD"],)
    if subject and len(clouds) > 1:
        raise InputError("--scs-subject names one cloud, but several are given with --os-cloud")
    replay = path("replay")
    if replay:
        for option in OPTIONS:
            if option.name in _RECORDED and config.getoption(option.dest):
                raise InputError(
                    f"{option.spelling}: a recorded cloud is judged with what was recorded "
                    "(--scs-replay); leave it out, or record again with it"
                )
    return Settings(
        scopes=tuple(dict.fromkeys(get("scope") or ())),
        date=_date(get("date")),
        targets=_targets(get("target")),
        judge=_judge(get("judge")),
        clouds=clouds,
        subject=subject,
        report=path("report"),
        record=path("record"),
        replay=replay,
        attestations=path("attestations"),
        extras=Extras() if replay else _extras(get, path("tempest_results"), clouds),
        plan=bool(get("plan")),
        skip_preflight=bool(get("skip_preflight")),
        deadline=_seconds(get("deadline")),
    )


def _check_not_empty(option: Option, given: Any) -> None:
    """Refuse an empty value on the command line: it comes from an unset variable, and would be ignored in silence."""
    texts = given if isinstance(given, list) else [given]
    if any(isinstance(text, str) and not text.strip() for text in texts):
        raise InputError(
            f"{option.spelling}: the value is empty; write {option.spelling}={option.metavar} or leave it out"
        )


def _extras(get: Callable[[str], Any], results: Path | None, clouds: tuple[str, ...]) -> Extras:
    extras = Extras(
        domain_managers=_pair("--scs-domain-managers", get("domain_managers")),
        managed_roles=_managed_roles(get("managed_roles")),
        tempest_accounts=_pair("--scs-tempest-accounts", get("tempest_accounts")),
        tempest_results=results,
        tls_ignore=_hosts("--scs-tls-ignore", get("tls_ignore") or ()),
    )
    if extras.tempest_accounts and extras.tempest_results:
        raise InputError("--scs-tempest-accounts runs Tempest and --scs-tempest-results does not: give one of them")
    if len(clouds) > 1 and (extras.clouds or extras.tempest_results):
        option = "--scs-domain-managers" if extras.domain_managers else "--scs-tempest-accounts and -results"
        raise InputError(f"{option}: belongs to one cloud, but several are given with --os-cloud")
    return extras


def _pair(option: str, text: str | None) -> tuple[str, ...]:
    """Two different names, or none."""
    if text is None:
        return ()
    names = tuple(name.strip() for name in text.split(","))
    if len(names) != 2 or not all(names) or names[0] == names[1]:
        raise InputError(f"{option}: {text!r} is not two different entries of clouds.yaml; write A,B")
    return names


def _hosts(option: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Entries of the form HOST[:PORT], each once."""
    from pytest_scs.standards.endpoints import parse_ignored

    for text in texts:
        try:
            parse_ignored(text)
        except ValueError as error:
            raise InputError(f"{option}: {error}") from None
    return tuple(dict.fromkeys(text.strip() for text in texts))


def _managed_roles(text: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (text or "").split(",") if text)
    if not all(names):
        raise InputError(f"--scs-managed-roles: {text!r} has an empty name; write ROLE,ROLE")
    if any(name.lower() == "admin" for name in names):
        raise InputError("--scs-managed-roles: domain managers must never hand out the role admin (scs-0302-v1)")
    return names


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


def _judge(text: str | None) -> Basis:
    if text in (None, "official", "text"):
        return Basis(text or "official")
    raise InputError(f"--scs-judge: unknown judge {text!r}; known: official, text")


def _seconds(text: str | None) -> float:
    try:
        seconds = float(text or 60)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 3600:
        raise InputError(f"--scs-deadline: {text!r} is not a number of seconds between 0 and 3600")
    return seconds
