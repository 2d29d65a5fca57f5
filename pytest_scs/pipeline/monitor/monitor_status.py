# SPDX-License-Identifier: Apache-2.0
"""What the compliance monitor has published: its ``/status``, in today's form and in the announced one.

Expired results are not in it, and with all of them the subject is not: that there never was a result, and that it no
longer counts, cannot be told apart (docs/standards/framework.md#lifetimes).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import UNREADABLE, Fields, FormError, form_problem
from pytest_scs.base.strict_json import NoStrictJson, read_json
from pytest_scs.base.urls import check_url
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.merging import SubjectAndScope
from pytest_scs.pipeline.monitor.monitor_http import MOST_SECONDS, Answer, Unreachable, request

_VERDICTS = {1: Verdict.PASS, 0: Verdict.ABORT, -1: Verdict.FAIL}


@dataclasses.dataclass(frozen=True, slots=True)
class PublishedResult:
    """The newest valid result of a testcase; ``checked_at`` without zone, ``report`` the UUID of its report."""

    testcase: str
    verdict: Verdict
    checked_at: dt.datetime
    report: str


@dataclasses.dataclass(frozen=True, slots=True)
class PublishedScope:
    """What is published on one subject and scope.

    ``lifetimes``: testcase of the scope -> its period, None where the scope names none (a week). ``versions``: name ->
    the testcases that decide it. ``passed`` is what the overview shows, such as ``v5.1``.
    """

    subject: str
    uuid: str
    name: str = ""
    results: Mapping[str, PublishedResult] = dataclasses.field(default_factory=dict)
    lifetimes: Mapping[str, str | None] = dataclasses.field(default_factory=dict)
    versions: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    passed: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Status:
    """An answer of ``/status``: what it has, by subject and scope, and the monitor's clock (UTC), None if not told."""

    scopes: Mapping[SubjectAndScope, PublishedScope] = dataclasses.field(default_factory=dict)
    date: dt.datetime | None = None

    def of(self, subject: str, uuid: str) -> PublishedScope:
        """What is published on a subject and a scope; without results where the monitor has none."""
        return self.scopes.get((subject, uuid)) or PublishedScope(subject, uuid)


def monitor_base(url: str, what: str) -> str:
    """The monitor's base URL, with one slash at its end; raises InputError, which names ``what`` gave the URL.

    Credentials go there, so it is https; plain http is for this machine only.
    """
    url = url.strip()
    check_url(url, what)
    parts = urlsplit(url)
    if parts.query or parts.fragment or any(char.isspace() for char in url):
        raise InputError(f"{what}: {url[:100]!r} is no base URL; write it as https://HOST/")
    return f"{url.rstrip('/')}/"


def fetch_status(base: str, subject: str, uuid: str) -> Status:
    """Ask the monitor at ``base`` what it has published on a subject and a scope (UUID), without credentials.

    Raises Unreachable, also for an answer that is none of ``/status``.
    """
    return status_in(ask_status(base, subject, uuid), base)


def ask_status(base: str, subject: str, uuid: str, seconds: float = MOST_SECONDS) -> Answer:
    """The same request, whatever the answer; raises Unreachable if there is none within so many seconds."""
    # Without the header the monitor answers 500, and to an alias of the scope nothing.
    query = urlencode({"subject": subject, "scopeuuid": uuid})
    return request("GET", f"{base}status?{query}", {"Accept": "application/json"}, seconds=seconds)


def status_in(answer: Answer, base: str) -> Status:
    """What an answer of ``/status`` says; raises Unreachable for one that is none."""
    host = urlsplit(base).netloc
    if answer.status != 200:
        raise Unreachable(f"{host} answers {answer.status} to /status{_redirect(answer)}", status=answer.status)
    try:
        return Status(read_status(read_json(answer.body)), answer.date)
    except (NoStrictJson, *UNREADABLE) as error:
        problem = str(error) if isinstance(error, NoStrictJson) else form_problem(error)
        raise Unreachable(
            f"{host}: the answer to /status is not what a compliance monitor says: {problem}", status=answer.status
        ) from None


def _redirect(answer: Answer) -> str:
    return " with a redirect, which is not followed" if 300 <= answer.status < 400 else ""


def read_status(data: object) -> dict[SubjectAndScope, PublishedScope]:
    """The content of an answer of ``/status``; raises FormError, which says where it has another form."""
    subjects = Fields("status", data)
    return {
        (subject, uuid): _scope(subject, uuid, scopes.fields(uuid))
        for subject in subjects.names()
        for scopes in (subjects.fields(subject),)
        for uuid in scopes.names()
    }


def _scope(subject: str, uuid: str, fields: Fields) -> PublishedScope:
    testcases, results, versions = (fields.fields(key) for key in ("testcases", "results", "versions"))
    found = {testcase: _result(testcase, results.fields(testcase)) for testcase in results.names()}
    return PublishedScope(
        subject,
        uuid,
        fields.text("name", ""),
        {testcase: result for testcase, result in found.items() if result},
        {testcase: testcases.fields(testcase).text_or_null("lifetime", None) for testcase in testcases.names()},
        {name: _decisive(versions.fields(name)) for name in versions.names()},
        fields.text("passed_str", ""),
    )


def _result(testcase: str, fields: Fields) -> PublishedResult | None:
    """A result; None for a number that is no verdict, which the monitor stores all the same."""
    moment = _moment(fields)
    report = fields.name("report")
    number: Any = fields.value("result", "a number")
    if number is not None:
        number = fields.whole("result")
    verdict = _VERDICTS.get(number)
    return None if verdict is None else PublishedResult(testcase, verdict, moment, report)


def _moment(fields: Fields) -> dt.datetime:
    """A time of the monitor's, which has no zone (and if it ever has one, UTC is meant)."""
    text = fields.text("checked_at")
    try:
        moment = dt.datetime.fromisoformat(text)
        return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        raise FormError(f"{fields.where}.checked_at: expected a time in ISO format, got {text[:60]!r}") from None


def _decisive(version: Fields) -> tuple[str, ...]:
    """The testcases of target ``main``; the announced monitor has no targets."""
    if not version.has("targets"):
        return version.texts("testcases")
    targets = version.fields("targets")
    return targets.fields("main").texts("testcases") if targets.has("main") else ()
