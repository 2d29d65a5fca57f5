# SPDX-License-Identifier: Apache-2.0
"""Sending one report file: what is checked before, how the answer is proved, and a look at what is published then.

A file is sent as it is, byte for byte, in one request; reports and signatures stay where they are.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import why_unwritable
from pytest_scs.base.words import lasting, shown, some
from pytest_scs.core.scope import Scope
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline.monitor import degrading
from pytest_scs.pipeline.monitor.accounts import Accounts, Credentials
from pytest_scs.pipeline.monitor.checking import check_content, is_json
from pytest_scs.pipeline.monitor.monitor_client import JSON_BODY, YAML_BODY, Client, Sent, detail, same_report
from pytest_scs.pipeline.monitor.monitor_http import Unreachable
from pytest_scs.pipeline.monitor.monitor_status import Status
from pytest_scs.pipeline.monitor.outgoing import (
    Outgoing,
    SentDocument,
    check_key,
    fitting_signature,
    outgoing,
    read_content,
)
from pytest_scs.pipeline.sent_notes import is_noted, note_of, write_note
from pytest_scs.reports.scs.validate import COUNTS_NOWHERE, UNOFFICIAL

#: The clocks of this machine and of the monitor may differ by so much.
MOST_SKEW = dt.timedelta(minutes=5)

_FORCE = "send it all the same with --force"


class Ending(enum.IntEnum):
    """How it ended with a file, as exit codes of ``scs report submit``."""

    STORED = 0
    REFUSED = 1
    USAGE = 4
    LATER = 6


class Refused(Exception):
    """A file is not sent, or not taken: the exit code, and why.

    ``superseded``: there is nothing to be done about it, since what it says counts no longer.
    """

    def __init__(self, ending: Ending, text: str, *, superseded: bool = False) -> None:
        super().__init__(text)
        self.ending = ending
        self.superseded = superseded


@dataclasses.dataclass
class Submission:
    """Sends files to one monitor, one after the other.

    ``say`` gets a line on what happens with a file beside its ending. ``own`` are the reports known to be sent from
    here; those that are sent join them. ``force``: degrading reports, too; ``dry_run``: everything but sending.
    """

    client: Client
    accounts: Accounts
    scopes: Mapping[str, Scope]
    say: Callable[[str], None]
    force: bool = False
    dry_run: bool = False
    own: set[str] = dataclasses.field(default_factory=set)

    def submit(self, path: Path) -> str:
        """Send a file; returns what became of it. Raises Refused, and InputError for what is wrong usage."""
        content = read_content(path)
        self._validate(path, content)
        sent = outgoing(path, content)
        credentials = self._credentials(sent)
        signature = fitting_signature(path, content)
        check_key(path, signature, self.accounts.for_subject(sent.documents[0].subject))
        self._check_published(sent)
        if self.dry_run:
            return f"would be sent to {self.client.base} as {credentials.name} ({_counted(sent)})"
        kind = JSON_BODY if is_json(path) else YAML_BODY
        try:
            answer = self.client.send(credentials, kind, signature + b"&" + content)
        except Unreachable as error:
            raise Refused(
                Ending.LATER, f"{error}; if it was stored all the same, sending it again will tell, and does no harm"
            ) from None
        what = self._judged(sent, answer, credentials)
        self.own.update(sent.uuids)
        self._note(sent, answer, credentials)
        return f"{what} as {credentials.name} ({_counted(sent)}){self._look_afterwards(sent)}"

    # --- before

    def _validate(self, path: Path, content: bytes) -> None:
        """The checks of ``scs report validate``, which the monitor's answers give no hint at."""
        problems = check_content(content, self.scopes, is_json=is_json(path))
        fatal = [problem for problem in problems if problem.fatal]
        for problem in problems:
            if not problem.fatal:
                self.say(f"{path}: {problem}")
        if any(problem.text == UNOFFICIAL for problem in fatal):
            raise Refused(Ending.REFUSED, "not sent: an unofficial scope, which is not for the compliance monitor")
        if fatal:
            more = f" and {len(fatal) - 1} more (scs report validate {path})" if len(fatal) > 1 else ""
            nowhere = all(problem.consequence == COUNTS_NOWHERE for problem in fatal)
            raise Refused(Ending.REFUSED, f"not sent: {fatal[0]}{more}", superseded=nowhere)

    def _credentials(self, sent: Outgoing) -> Credentials:
        accounts = {self.accounts.for_subject(document.subject).name for document in sent.documents}
        if len(accounts) > 1:
            raise InputError(
                f"its {len(sent.documents)} documents belong to several accounts ({some(sorted(accounts))}), and one "
                "signature and one account send a file; make a file for each"
            )
        return self.accounts.credentials(self.accounts.for_subject(sent.documents[0].subject))

    def _check_published(self, sent: Outgoing) -> None:
        """Refuse what would take away from what is published, unless it is forced; say who else sends reports."""
        if not self.force:
            for document in sent.documents:
                if why := degrading.of_itself(document):
                    raise Refused(Ending.REFUSED, f"not sent: {why}; {_FORCE}")
        for document in sent.documents:
            self._compare(sent, document)

    def _compare(self, sent: Outgoing, document: SentDocument) -> None:
        try:
            status = self.client.status(document.subject, document.scope)
        except Unreachable as error:
            # What decides nothing could take away what is published, as far as anybody knows.
            if not error.status or (Verdict.ABORT in document.results.values() and not self.force):
                raise Refused(Ending.LATER, f"not sent: {error}") from None
            self.say(f"{sent.path}: WARNING: what is published is not known, so nothing is compared: {error}")
            return
        self._check_clock(status)
        published = status.of(document.subject, document.scope)
        scope = self.scopes.get(document.scope)
        if not self.force:
            why = degrading.without_effect(document, published, scope)
            # What was sent from here is proved to be there, however old it is.
            if why and not self._is_noted(sent):
                raise Refused(Ending.REFUSED, f"not sent: {why}; {_FORCE}", superseded=True)
            if why := degrading.worsening(document, published):
                raise Refused(Ending.REFUSED, f"not sent: {why}; {_FORCE}")
        others = degrading.competing(document, published, self.own, dt.datetime.now(dt.UTC).replace(tzinfo=None))
        if others:
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            self.say(
                f"{sent.path}: WARNING: somebody else sends reports on {shown(document.subject)}, too: "
                f"{shown(others[0].testcase)}{more} {degrading.described(others[0])}; the newest counts, whosever it is"
            )

    def _check_clock(self, status: Status) -> None:
        """The times of reports are only as good as the clock."""
        if status.date is None:
            return
        ahead = dt.datetime.now(dt.UTC) - status.date
        if abs(ahead) > MOST_SKEW:
            where = "ahead of" if ahead > dt.timedelta() else "behind"
            raise Refused(
                Ending.REFUSED,
                f"not sent: the clock of this machine is {lasting(abs(ahead).total_seconds())} {where} the monitor's; "
                "set it (timedatectl set-ntp true), and judge again what was judged by a wrong one",
            )

    # --- the answer

    def _judged(self, sent: Outgoing, answer: Sent, credentials: Credentials) -> str:
        """What the answer means for the file; raises Refused if it is not stored."""
        if answer.stored:
            return "stored"
        if answer.empty:
            raise Refused(Ending.REFUSED, "the monitor answers 200 (empty reports), so nothing was stored")
        status = answer.answer.status
        if status == 409 or status == 200:
            for document in sent.documents:
                self._prove(document, credentials, status, again=answer.again)
            return "stored, by an attempt that got no answer," if answer.again else "already there, stored before"
        if status == 500:
            raise Refused(
                Ending.LATER,
                "the monitor answers 500, which says no more; nothing it would refuse was found here, so try later",
            )
        if status > 500:
            raise Refused(Ending.LATER, f"{answer.refusal()}; try later")
        raise Refused(Ending.REFUSED, answer.refusal())

    def _prove(self, document: SentDocument, credentials: Credentials, status: int, *, again: bool) -> None:
        """Raise Refused unless the monitor has this very report: its key may be that of another one."""
        try:
            found = self.client.report(credentials, document.uuid)
        except Unreachable as error:
            raise Refused(Ending.LATER, f"the monitor answers {status}, and it cannot be proved: {error}") from None
        if found.status == 200 and same_report(document.plain, found):
            return
        if found.status == 401 and self._is_published(document):
            # One that sends for others may not read their reports.
            return
        if found.status >= 300 and found.status not in (401, 404):
            # Such as a page to log in at: nothing is known of the report, neither that it is there nor that it is not.
            text = f"the monitor answers {status}, and {found.status} when asked for the report; try later"
            raise Refused(Ending.LATER, text)
        if status == 200:
            raise Refused(
                Ending.LATER, "the answer is 200, but not a compliance monitor's, and the report is not there"
            )
        there = "another report with its run.uuid is there"
        if found.status != 200:
            said = f" ({detail(found)})" if detail(found) else ""
            there = f"asked for it, the monitor answers {found.status}{said}: its run.uuid is another report's"
        raise Refused(Ending.REFUSED, f"the monitor answers 409, but this report is not stored: {there}; run again")

    def _is_published(self, document: SentDocument) -> bool:
        try:
            published = self.client.status(document.subject, document.scope)
        except Unreachable:
            return False
        found = published.of(document.subject, document.scope).results.values()
        mine = [result for result in found if result.report == document.uuid]
        return bool(mine) and all(
            result.checked_at == document.checked_at and document.results.get(result.testcase) is result.verdict
            for result in mine
        )

    # --- after

    def _note(self, sent: Outgoing, answer: Sent, credentials: Credentials) -> None:
        if answer.answer.status == 409 and self._is_noted(sent):
            return
        said = "200, stored" if answer.stored else f"{answer.answer.status}, proved to be there"
        try:
            write_note(sent.path, sent.content, sent.uuids, self.client.base, credentials.name, said)
        except OSError as error:
            why = f"{note_of(sent.path)} cannot be written: {why_unwritable(error)}"
            self.say(f"{sent.path}: WARNING: sent, but {why}; --new will send it again, which does no harm")

    def _is_noted(self, sent: Outgoing) -> bool:
        """Whether it was sent to this monitor from here, as far as a note can be read."""
        try:
            return is_noted(sent.path, sent.content, self.client.base)
        except OSError:
            return False

    def _look_afterwards(self, sent: Outgoing) -> str:
        """What is published now, in words: whether each result of the report is what counts."""
        late: list[str] = []
        for document in sent.documents:
            try:
                published = self.client.status(document.subject, document.scope)
            except Unreachable as error:
                self.say(f"{sent.path}: WARNING: stored, but what is published now is not known: {error}")
                return ""
            found = published.of(document.subject, document.scope)
            late += degrading.not_newest(document, found, self.scopes.get(document.scope))
        if not late:
            return ", and counts"
        more = f" and {len(late) - 1} more" if len(late) > 1 else ""
        self.say(f"{sent.path}: WARNING: stored, but not the newest: {late[0]}{more}")
        return ""


def _counted(sent: Outgoing) -> str:
    number = sum(len(document.results) for document in sent.documents)
    digest = hashlib.sha256(sent.content).hexdigest()[:12]
    return f"{number} result{'s' if number != 1 else ''}, sha256 {digest}"
