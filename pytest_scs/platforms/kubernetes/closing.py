# SPDX-License-Identifier: Apache-2.0
"""The end of a run in one cluster: what it made goes, what may have come into being is looked for, the rest is told.

See docs/standards/framework.md#what-a-probe-creates.
"""

from __future__ import annotations

import contextlib
import time

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.journal import Journal, note_nothing_left, past_runs
from pytest_scs.platforms.kubernetes import removal
from pytest_scs.platforms.kubernetes.belongings import Belonging, uid_of
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.journaling import account_of, claim, teller
from pytest_scs.platforms.kubernetes.ledger import Ledger

#: Seconds after which nothing comes of a creation any more whose answer was an error of the server, or none; and the
#: pauses between the looks for it.
LATENESS = 15
PAUSES = (1, 2, 4, 8)


def tidy(client: Client, ledger: Ledger, until: float | None) -> list[str]:
    """Remove what a run has; returns a line for each thing that is still there, or may be.

    ``until``, on the monotonic clock, ends all waiting.
    """
    present, problems = _seen(client, ledger)
    problems += removal.remove_belongings(client, present, ledger.forget, until)
    ledger.expect_twins(LATENESS)
    for pause in PAUSES:
        if not ledger.unanswered(LATENESS) or (until is not None and time.monotonic() + pause >= until):
            break
        time.sleep(pause)
        late, doubts = _seen(client, ledger)
        problems += doubts + removal.remove_belongings(
            client, [one for one in late if one not in present], ledger.forget, until
        )
        ledger.expect_twins(LATENESS)
    ledger.note_unfound(ledger.unanswered())
    return list(dict.fromkeys([*problems, *remove_late(client, ledger, until)]))


def _seen(client: Client, ledger: Ledger) -> tuple[list[Belonging], list[str]]:
    """What a run has, each with its uid, and a line for each thing that may be there unseen."""
    found: list[Belonging] = []
    problems: list[str] = []
    waiting = ledger.unanswered()
    for one in ledger.present():
        if one.uid:
            found.append(one)
            continue
        try:
            entry = removal.find(client, one)
        except Inconclusive as error:
            problems.append(f"{one} may be there: {removal.with_command(one, error)}")
            continue
        if entry is not None:
            found.append(ledger.note(one, uid_of(entry)))
        elif one not in waiting:
            ledger.forget(one)
    return found, problems


def remove_late(client: Client, ledger: Ledger, until: float | None = None) -> list[str]:
    """Look again for what earlier runs asked for without an answer and did not find at their end, and remove it.

    Only the journals of this machine are asked, so that mostly no request is sent. Returns a line for each thing that
    is still there.
    """
    problems: list[str] = []
    subject = ledger.journal.subject
    for past in past_runs(subject, ledger.journal.path.parent):
        if past.run == ledger.run or past.running or past.untidy or past.nothing_left:
            continue
        try:
            if past.account != account_of(client):
                continue
            claimed = [one for line in past.unfound if (one := claim(past, line))]
            found = [one for one in claimed if removal.find(client, one) is not None]
        except Inconclusive:
            continue  # the next run looks again
        for one in found:
            with contextlib.suppress(OSError, Inconclusive):
                journal = Journal(past.run, subject, ledger.journal.path.parent).sign(teller(client))
                journal.write("created", kind=one.kind.name, name=one.name, id=one.uid)
        left = removal.remove_belongings(client, found, lambda one: None, until)
        problems += left
        if not left:
            note_nothing_left(past.run, subject, past.account)
    return problems
