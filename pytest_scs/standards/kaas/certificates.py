# SPDX-License-Identifier: Apache-2.0
"""scs-0215: certificates are renewed, and requests for them are answered (document: scs-0215-v1).

See docs/standards/scs-0215.md#certificates.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_scs.base.fields import Fields
from pytest_scs.base.shell import command
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.standards.kaas.model import listed, part
from pytest_scs.standards.kaas.unseen import Unseen

#: Days after which a certificate has to have been renewed, and that should be left before its end.
MOST_DAYS: Final = 366
DAYS_LEFT: Final = 30

#: The same for the authority of the cluster: fewer days left are a warning, and a violation.
AUTHORITY_WARNING: Final = 365
AUTHORITY_LEAST: Final = 30

#: Hours that a request of a kubelet may wait for its approval.
MOST_HOURS: Final = 1

#: Who signs what kubelets ask for.
SERVING: Final = "kubernetes.io/kubelet-serving"
KUBELET_SIGNERS: Final = (SERVING, "kubernetes.io/kube-apiserver-client-kubelet")


@dataclasses.dataclass(frozen=True, slots=True)
class Validity:
    """Between which instants a certificate holds, and who issued it, as far as it is known."""

    start: dt.datetime
    end: dt.datetime
    issuer: str = ""

    @classmethod
    def read(cls, fields: Fields) -> Validity:
        """Raises FormError."""
        return cls(fields.moment("not_before"), fields.moment("not_after"), fields.text("issuer", ""))

    def age(self, now: dt.datetime) -> int:
        """Whole days since it began to hold."""
        return (now - self.start).days

    def left(self, now: dt.datetime) -> int:
        """Whole days until its end; negative after it."""
        return (self.end - now).days


@dataclasses.dataclass(frozen=True, slots=True)
class SigningRequest:
    """A request for a certificate. ``issued`` is the validity of the certificate, once it is there."""

    name: str
    signer: str
    requestor: str
    created: dt.datetime
    decided: bool
    issued: Validity | None

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> SigningRequest:
        """A request of what :func:`slim_request` keeps; raises FormError."""
        name = Fields("certificate signing request", data).name("name")
        fields = Fields(f"certificate signing request {name}", data)
        return cls(
            name=name,
            signer=fields.text("signer"),
            requestor=fields.text("requestor", ""),
            created=fields.moment("created"),
            decided=fields.truth("decided"),
            issued=Validity.read(fields.fields("issued")) if fields.has("issued") else None,
        )


def slim_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a request of the API, its certificate left out; raises FormError."""
    metadata, spec, status = (part(request, key) for key in ("metadata", "spec", "status"))
    conditions = listed(Fields("status", status), "conditions")
    requestor = spec.get("username")
    return {
        "name": metadata.get("name"),
        "signer": spec.get("signerName"),
        # Only nodes are named: who else asks may be a person.
        "requestor": requestor if str(requestor).startswith("system:node:") else "",
        "created": metadata.get("creationTimestamp"),
        "decided": any(one.text("type") in ("Approved", "Denied", "Failed") for one in conditions),
    }


def check_lifetime(
    shown: Mapping[str, Validity | Unseen], issued: Mapping[str, Validity], now: dt.datetime
) -> Iterator[Observation]:
    """Certificates MUST be renewed at least once a year.

    ``shown``: what a certificate belongs to -> its validity, or why it was not seen; ``issued``: the same of those that
    requests show, which count where nothing was shown. ``now`` is when the evidence was read.
    """
    for name, validity in {**issued, **shown}.items():
        if isinstance(validity, Unseen):
            yield Undecided(name, validity.text, kind=validity.kind)
        else:
            yield from _check_age(name, validity, now)


def issued_to_kubelets(requests: Sequence[SigningRequest] | Unseen) -> dict[str, Validity]:
    """The newest serving certificate of each node that requests show, by what it is called in findings."""
    if isinstance(requests, Unseen):
        return {}
    found: dict[str, Validity] = {}
    for request in sorted(requests, key=lambda one: one.created):
        if request.issued and request.signer == SERVING and request.requestor:
            found[kubelet_name(request.requestor.removeprefix("system:node:"))] = request.issued
    return found


def kubelet_name(node: str) -> str:
    """What the serving certificate of a node's kubelet is called in findings."""
    return f"serving certificate of the kubelet of node {node}"


def _check_age(name: str, validity: Validity, now: dt.datetime) -> Iterator[Observation]:
    age, left = validity.age(now), validity.left(now)
    if now > validity.end:
        yield _expired(name, "scs-0215/certificate_valid", validity)
    elif age > MOST_DAYS:
        yield Finding(
            resource=name,
            rule="scs-0215/certificate_renewed",
            title="renewed within a year",
            expected=f"at most {MOST_DAYS} days old",
            observed=f"{age} days old (since {validity.start.date()})",
            hint=_RENEW,
        )
    elif left < DAYS_LEFT:
        yield Remark(f"expires in {left} days, on {validity.end.date()}", name)
    elif validity.end - validity.start > dt.timedelta(days=MOST_DAYS):
        yield Remark(f"holds until {validity.end.date()}: it has to be renewed long before its end", name)


_RENEW = "kubeadm certs renew all, and restart the control plane; or switch on the rotation of your installer"


def _expired(name: str, rule: str, validity: Validity) -> Finding:
    return Finding(
        resource=name,
        rule=rule,
        title="it is valid",
        expected="an end in the future",
        observed=f"expired on {validity.end.date()}",
        hint=_RENEW,
    )


def check_pending(requests: Sequence[SigningRequest], now: dt.datetime) -> Iterator[Observation]:
    """No request of a kubelet waits for more than an hour for its approval."""
    for request in requests:
        hours = (now - request.created).total_seconds() / 3600
        if request.signer in KUBELET_SIGNERS and not request.decided and hours > MOST_HOURS:
            of_whom = f" of {request.requestor}" if request.requestor else ""
            yield Finding(
                resource=f"certificate signing request {request.name}",
                rule="scs-0215/request_answered",
                title=f"the request{of_whom} for {request.signer} is approved or denied",
                expected=f"within {MOST_HOURS} h",
                observed=f"pending for {hours:.1f} h",
                hint=command(["kubectl", "certificate", "approve"], request.name)
                + "  # and let a controller approve such requests",
            )


def check_authority(authorities: Sequence[Validity] | Unseen, now: dt.datetime) -> Iterator[Observation]:
    """The authority of the cluster is RECOMMENDED to be renewed in time.

    Of several, as while one replaces another, the one that ends last is judged.
    """
    name = "certificate authority of the cluster"
    if isinstance(authorities, Unseen):
        yield Undecided(name, authorities.text, kind=authorities.kind)
        return
    if not authorities:
        yield Undecided(name, "the kubeconfig names none", kind=CauseKind.NOT_GIVEN)
        return
    last = max(authorities, key=lambda one: one.end)
    left = last.left(now)
    if left < AUTHORITY_LEAST:
        until = f"expired on {last.end.date()}" if now > last.end else f"{left} days (until {last.end.date()})"
        yield Finding(
            resource=name,
            rule="scs-0215/authority_renewed",
            title="it is renewed in time",
            expected=f"at least {AUTHORITY_LEAST} days left",
            observed=until,
            hint="rotate the certificate authority: kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates",
        )
    elif left < AUTHORITY_WARNING:
        yield Remark(f"expires in {left} days, on {last.end.date()}", name)
