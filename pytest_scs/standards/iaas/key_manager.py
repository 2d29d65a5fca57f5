# SPDX-License-Identifier: Apache-2.0
"""scs-0116: the key manager is usable with the role member (document: scs-0116-v1)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_scs.base.fields import Fields
from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.iaas.model import Service

_SUBJECT = "service key-manager"
_HINT = (
    "in Barbican's policy.yaml, let the role member do what creator may: creator: role:member; "
    "a line secrets:post of its own there has to permit member as well"
)


@dataclasses.dataclass(frozen=True, slots=True)
class RefusedStep:
    """A step that a member may not take, and what the key manager answered."""

    step: str
    answer: str

    @property
    def reading(self) -> bool:
        """Whether the secret was to be read back, which the official suite does not try."""
        return self.step.startswith("read")


@dataclasses.dataclass(frozen=True, slots=True)
class SecretRoundtrip:
    """The section ``secret_roundtrip``: what became of a secret that a member stored.

    ``offered`` tells whether there is a key manager, ``refused`` the step that was forbidden, if any, ``listed``
    whether the secret was found by its name; ``stored`` is its payload, ``payload`` what was read back, if anything;
    ``unread`` is why it could not be, where that says nothing about permissions.
    """

    offered: bool
    refused: RefusedStep | None
    listed: bool
    stored: str
    payload: str | None
    unread: str = ""

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> SecretRoundtrip:
        """Read the section; raises ValueError, naming the key and what was found, for another shape."""
        fields = Fields("secret_roundtrip", data)
        refused = None
        if fields.value("refused") is not None:
            answered = fields.fields("refused")
            refused = RefusedStep(answered.text("step"), answered.text("answer"))
        return cls(
            offered=fields.truth("offered"),
            refused=refused,
            listed=fields.truth("listed"),
            stored=fields.text("stored"),
            payload=None if fields.value("payload") is None else fields.text("payload"),
            unread=fields.text("unread", ""),
        )


def check_permissions(seen: SecretRoundtrip) -> Iterator[Observation]:
    """A member MUST be able to do with secrets what a creator may.

    Source: scs-0116-v1, "Key Manager Policies" (docs/standards/scs-0116.md#permissions).
    """
    if not seen.offered:
        yield Remark("the cloud offers no key manager, so there is nothing to be permitted", deviation="DEV-0116-4")
        return
    refused = seen.refused
    if refused:
        yield _refusal(refused)
    elif seen.unread:
        yield Undecided(_SUBJECT, seen.unread, Basis.TEXT)
    elif seen.payload != seen.stored:
        yield Finding(
            resource=_SUBJECT,
            rule="scs-0116/payload_as_stored",
            title="a secret's payload is what was stored",
            expected=show(seen.stored),
            observed=show(seen.payload),
            basis=Basis.TEXT,
            deviation="DEV-0116-2",
        )
    if not seen.listed and not (refused and refused.step in ("create", "list")):
        yield Finding(
            resource=_SUBJECT,
            rule="scs-0116/secret_is_listed",
            title="a member finds a secret by its name",
            expected="the new secret in the list",
            observed="not there",
            hint=_HINT,
        )
        yield Remark("the official suite gives ABORT and leaves its secret behind", _SUBJECT, "DEV-0116-1")


def _refusal(refused: RefusedStep) -> Finding:
    """The finding about a step that was forbidden; only the text asks for reading the secret back."""
    return Finding(
        resource=_SUBJECT,
        rule="scs-0116/member_may_read" if refused.reading else "scs-0116/member_may_use",
        title=f"a member may {refused.step} a secret",
        expected="permitted",
        observed=refused.answer,
        hint=_HINT,
        basis=Basis.TEXT if refused.reading else Basis.BOTH,
        deviation="DEV-0116-2" if refused.reading else "",
    )


def is_offered(catalog: Sequence[Service]) -> bool:
    """Whether the cloud has a key manager, so that its protection has to be documented.

    Source: scs-0116-v1, "Key Manager Standard" (docs/standards/scs-0116.md#presence).
    """
    return any(service.type == "key-manager" for service in catalog)


def explain_absence(catalog: Sequence[Service]) -> Iterator[Observation]:
    """Say why nothing has to be documented."""
    yield Remark(f"not applicable: none of {len(catalog)} services in the catalog is a key manager")
