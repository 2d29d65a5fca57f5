# SPDX-License-Identifier: Apache-2.0
"""What the terminal says about certificates: when to renew them, and what is next for who has none (scs-0004-v1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from pytest_scs.base.words import printable
from pytest_scs.core.scope import Scope
from pytest_scs.pipeline.scorecard.certificates import Certificate, published_at
from pytest_scs.pipeline.scorecard.scorecard import Fleet, ScoreCard

_BODY: Final = "the Forum SCS-Standards of the OSB Alliance (an application; fee or membership)"


def told(certificate: Certificate, day: dt.date) -> str:
    """What there is to say about a certificate on a day."""
    last = certificate.last_day
    if certificate.ended(day):
        return f"of {certificate.issued}, ended on {last}: apply for a new one to {_BODY}"
    held = f"of {certificate.issued}, holds until {last}"
    if not certificate.renewable(day):
        return held
    days = (last - day).days + 1
    return f"{held}, {days} more day{'' if days == 1 else 's'}: apply for its renewal to {_BODY}"


def certificate_lines(fleet: Fleet, scopes: Mapping[str, Scope]) -> Iterator[str]:
    """What is known of certificates, and what is next for who could have one."""
    lines = [*_held(fleet, scopes), *_ready(fleet)]
    if lines:
        yield from ("", "certificates:", *(f"  {line}" for line in lines))


def renewal_lines(fleet: Fleet, scopes: Mapping[str, Scope]) -> Iterator[str]:
    """The certificates that are to be renewed, or have ended."""
    day = fleet.now.date()
    for (subject, uuid), certificate in fleet.certificates.items():
        if certificate.renewable(day):
            kind = "overdue" if certificate.ended(day) else "due"
            yield f"{kind}: {printable(subject)}, {scopes[uuid].name}: certificate {told(certificate, day)}"


def any_ended(fleet: Fleet) -> bool:
    """Whether a certificate does not hold any more."""
    return any(one.ended(fleet.now.date()) for one in fleet.certificates.values())


def _held(fleet: Fleet, scopes: Mapping[str, Scope]) -> Iterator[str]:
    for (subject, uuid), certificate in fleet.certificates.items():
        yield f"{printable(subject)}, {scopes[uuid].name}: {told(certificate, fleet.now.date())}"
        yield f"    the logo links to {published_at(fleet.monitor, subject, scopes[uuid])}"


def _ready(fleet: Fleet) -> Iterator[str]:
    ready: dict[str, list[ScoreCard]] = {}
    for (subject, uuid), card in fleet.cards.items():
        if card.state.ready and (subject, uuid) not in fleet.certificates:
            ready.setdefault(uuid, []).append(card)
    for cards in ready.values():
        names = ", ".join(printable(card.subject) for card in cards)
        yield f"{cards[0].name}: ready, and none is known of here ([certificates]): {names}; apply to {_BODY}"
