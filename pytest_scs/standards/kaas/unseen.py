# SPDX-License-Identifier: Apache-2.0
"""Evidence that may be missing: where one kind of it cannot be had, another one may still decide."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from pytest_scs.core.cause import CauseKind, common_kind
from pytest_scs.core.findings import Undecided

#: What is said of settings of a control plane that shows none of them.
HIDDEN = "not visible on a hosted control plane"


@dataclasses.dataclass(frozen=True, slots=True)
class Unseen:
    """Why a kind of evidence is not there: words, and the kind of cause."""

    text: str
    kind: CauseKind = CauseKind.UNDECIDABLE


def hidden(resource: str, reasons: Iterable[Unseen], lead: str = HIDDEN) -> Undecided:
    """Why a resource cannot be judged: ``lead``, and for each kind of evidence why it is not there.

    Rights that are lacking, and answers that did not come, keep their kind of cause; that nothing is shown is no fault.
    """
    found = list(dict.fromkeys(reasons))
    text = "; ".join([lead, *(reason.text for reason in found)])
    kinds: list[CauseKind] = [reason.kind for reason in found if reason.kind is not CauseKind.MALFORMED]
    return Undecided(resource, text, kind=common_kind(kinds) if kinds else CauseKind.UNDECIDABLE)
