# SPDX-License-Identifier: Apache-2.0
"""Sending reports to the compliance monitor, and what its answers mean.

A request is repeated, with the same bytes, while there is no answer that decides anything. A report's ``run.uuid`` is
its key for ever and for all accounts, so nothing is stored twice.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from pytest_scs.base.fields import UNREADABLE
from pytest_scs.base.http_dates import pause_asked_for
from pytest_scs.base.strict_json import NoStrictJson, read_json
from pytest_scs.base.words import cut, lasting, printable
from pytest_scs.pipeline.monitor.accounts import Credentials
from pytest_scs.pipeline.monitor.monitor_http import Answer, Unreachable, request
from pytest_scs.pipeline.monitor.monitor_status import Status, ask_status, status_in

#: Content types of a body: exactly these, without a parameter.
YAML_BODY: Final = "application/x-signed-yaml"
JSON_BODY: Final = "application/x-signed-json"

#: Answers after which a request is sent again, and seconds before each time, within ``MOST_SECONDS``.
TRANSIENT: Final = (502, 503, 504)
PAUSES: Final = (2.0, 5.0, 15.0)
LONGEST_PAUSE: Final = 60.0
MOST_SECONDS: Final = 300.0

#: What an answer 401 is about, by its text.
_REFUSALS: Final = {
    "Not authenticated": "the token did not arrive; does a proxy take it away?",
    "Invalid authentication credentials": "the token cannot be read there",
    "Incorrect username or password": "the monitor does not know the account, or its passphrase is another one; "
    "ask with: scs report whoami",
    "missing signature": "the signature was not found",
    "verification failed": "the signature is of no key that is registered for the account; give the monitor the public "
    "key, or sign with the registered one",
    "Permission denied": "the account may not send for other subjects (role append_any)",
    "delegation problem?": "the subject's account does not name this one among its delegates",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """The answer to a report. ``again``: an earlier attempt had none, and may have been stored all the same."""

    answer: Answer
    again: bool

    @property
    def detail(self) -> str:
        """The text of the answer, in one line."""
        return detail(self.answer)

    @property
    def stored(self) -> bool:
        """Whether it says that the report is stored now."""
        return self.answer.status == 200 and self.answer.body.strip() == b"null"

    @property
    def empty(self) -> bool:
        """Whether it says, with status 200, that nothing was stored."""
        return self.answer.status == 200 and self.detail == "empty reports"

    def refusal(self) -> str:
        """What a refusal says, and what it means."""
        meaning = _REFUSALS.get(self.detail, "") if self.answer.status == 401 else ""
        if self.answer.status == 404:
            meaning = "there is no compliance monitor at this URL"
        if self.answer.status == 413:
            meaning = "something before the monitor takes no reports of this size"
        if 300 <= self.answer.status < 400:
            meaning = (
                f"it leads to {printable(self.answer.location) or 'nowhere'}; the token does not go to other places"
            )
        said = f" ({self.detail})" if self.detail else ""
        return f"the monitor answers {self.answer.status}{said}{': ' if meaning else ''}{meaning}"


def detail(answer: Answer) -> str:
    """The text under ``detail`` of a JSON answer, in one line; empty where there is none."""
    try:
        found = read_json(answer.body)
    except (NoStrictJson, *UNREADABLE):
        return ""
    text = found.get("detail") if isinstance(found, dict) else None
    return cut(printable(text), 200) if isinstance(text, str) else ""


@dataclasses.dataclass(frozen=True, slots=True)
class Client:
    """A monitor at its base URL; ``say`` gets a line on each attempt that failed. Without patience there is but one."""

    base: str
    say: Callable[[str], None] = lambda line: None
    patient: bool = True

    def send(self, credentials: Credentials, kind: str, body: bytes) -> Sent:
        """``POST /reports``; raises Unreachable. ``kind`` is a content type."""
        headers = {"Content-Type": kind, "Accept": "application/json"}

        def ask(seconds: float) -> Answer:
            return request(
                "POST",
                f"{self.base}reports",
                headers,
                body,
                authorization=credentials.authorization,
                seconds=seconds,
            )

        return self._repeated(ask)

    def report(self, credentials: Credentials | None, uuid: str) -> Answer:
        """``GET /reports/UUID``, with an account or without; raises Unreachable."""

        def ask(seconds: float) -> Answer:
            return request(
                "GET",
                f"{self.base}reports/{quote(uuid, safe='')}",
                {"Accept": "application/json"},
                authorization=credentials.authorization if credentials else "",
                seconds=seconds,
            )

        return self._repeated(ask).answer

    def status(self, subject: str, uuid: str) -> Status:
        """What is published on a subject and a scope; raises Unreachable."""
        return status_in(
            self._repeated(lambda seconds: ask_status(self.base, subject, uuid, seconds)).answer, self.base
        )

    def _repeated(self, ask: Callable[[float], Answer]) -> Sent:
        """The first answer that decides something, or the last one; raises Unreachable."""
        until = time.monotonic() + MOST_SECONDS
        again = False
        for pause in (*(PAUSES if self.patient else ()), None):
            failure: Unreachable | None = None
            answer: Answer | None = None
            try:
                answer = ask(min(120.0, max(1.0, until - time.monotonic())))
            except Unreachable as error:
                failure = error
            if answer and answer.status not in TRANSIENT:
                return Sent(answer, again)
            if pause is not None and answer:
                pause = min(LONGEST_PAUSE, max(pause, pause_asked_for(answer.retry_after)))
            given_up = pause is None or (failure and failure.for_good) or time.monotonic() + (pause or 0) > until
            if failure and given_up:
                raise failure
            if answer and given_up:
                return Sent(answer, again)
            again = True
            what = failure or f"the monitor answers {answer.status if answer else ''}"
            self.say(f"{what}; again in {lasting(pause or 0)}")
            time.sleep(pause or 0)
        raise AssertionError("the last attempt decides")


def same_report(ours: Any, answer: Answer) -> bool:
    """Whether the monitor has a document as it is here; times may be written in another way there."""
    try:
        theirs = read_json(answer.body)
        plain = json.loads(json.dumps(ours, default=str))
    except (NoStrictJson, *UNREADABLE):
        return False
    return _equal(plain, theirs)


def _equal(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(_equal(value, theirs[key]) for key, value in ours.items())
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(_equal, ours, theirs))
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours == theirs or (ours[:1].isdigit() and _moment(ours) == _moment(theirs))
    return isinstance(ours, bool) is isinstance(theirs, bool) and bool(ours == theirs)


def _moment(text: str) -> Any:
    try:
        moment = dt.datetime.fromisoformat(text)
        return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return text
