# SPDX-License-Identifier: Apache-2.0
"""The endpoints that the probe `tls` looked at: which ones are judged, and how they are named.

See docs/standards/scs-0125.md#addresses.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.base.value_words import value_in_words
from pytest_scs.base.words import did_you_mean
from pytest_scs.core.findings import Observation, Remark, Undecided
from pytest_scs.standards.iaas.endpoints import bracketed
from pytest_scs.standards.iaas.tls_profile import VERSIONS

#: Endpoints named where an entry of the ignore list names none.
SHOWN = 5

_CURVES = "curves"


@dataclasses.dataclass(frozen=True, slots=True)
class Suite:
    """A suite that a server accepted, with the curve or the size of the group (bits) that was negotiated with it."""

    name: str
    curve: str | None = None
    dh_bits: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found, by the criteria of :data:`pytest_scs.standards.iaas.tls.CRITERIA`.

    ``suites`` by protocol version, ``curves`` that were tried one by one, and ``answers`` to all other questions; what
    is in none of them has no result. ``errors`` are the criteria in doubt, ``problem`` says why the scan did not end.
    """

    suites: Mapping[str, tuple[Suite, ...]] = dataclasses.field(default_factory=dict)
    curves: tuple[str, ...] | None = None
    answers: Mapping[str, bool | str] = dataclasses.field(default_factory=dict)
    errors: Mapping[str, str] = dataclasses.field(default_factory=dict)
    problem: str = ""

    @property
    def decided(self) -> frozenset[str]:
        """The criteria that have a result, in doubt or not."""
        return frozenset((*self.suites, *self.answers, *(() if self.curves is None else (_CURVES,))))

    def offered(self, versions: Iterable[str] = VERSIONS) -> list[Suite]:
        """The suites of these protocol versions."""
        return [suite for version in versions for suite in self.suites.get(version, ())]

    @classmethod
    def read(cls, fields: Fields) -> Scan:
        """What was recorded; raises ValueError for another shape."""
        results, errors = fields.fields("results"), fields.fields("errors")
        return cls(
            suites={version: _suites(results, version) for version in VERSIONS if version in results.names()},
            curves=results.texts(_CURVES) if results.has(_CURVES) else None,
            answers={key: _answer(results, key) for key in results.names() if key not in (*VERSIONS, _CURVES)},
            errors={key: errors.text(key) for key in errors.names()},
            problem=fields.text("problem"),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that a server showed, and how checking it went.

    ``signature`` is an object identifier. ``chain`` is empty where it leads to an authority that is trusted, else it is
    OpenSSL's words, with its code in ``chain_code``. ``host`` is the name that was asked for, ``names`` are its own.
    """

    type: str
    bits: int
    curve: str
    signature: str
    not_before: dt.datetime
    not_after: dt.datetime
    host: str
    host_matches: bool
    names: tuple[str, ...] = ()
    chain: str = ""
    chain_code: int = 0

    @classmethod
    def read(cls, fields: Fields) -> Certificate:
        """What was recorded; raises ValueError for another shape."""
        return cls(
            type=fields.text("type"),
            bits=fields.whole("bits"),
            curve=fields.text("curve"),
            signature=fields.text("signature"),
            not_before=fields.moment("not_before"),
            not_after=fields.moment("not_after"),
            host=fields.text("host"),
            host_matches=fields.truth("host_matches"),
            names=fields.texts("names"),
            chain=fields.text("chain"),
            chain_code=fields.whole("chain_code"),
        )


_OUTCOMES: Final = ("refused", "silent", "closed", "other", "unreachable", "answered")


@dataclasses.dataclass(frozen=True, slots=True)
class PlainAnswer:
    """What a port answers to plain HTTP.

    ``outcome``: "refused", "silent", "closed", "other", "unreachable" (``problem`` says why) or "answered"; then there
    are ``status`` (else 0), ``location``, and ``api``: whether the answer has a header that only the API behind sends.
    """

    port: int
    outcome: str
    status: int = 0
    location: str | None = None
    api: bool = False
    problem: str = ""

    @classmethod
    def read(cls, fields: Fields) -> PlainAnswer:
        """What was recorded; raises ValueError for another shape."""
        outcome = fields.one_of("outcome", _OUTCOMES)
        return cls(
            port=fields.whole("port"),
            outcome=outcome,
            status=fields.within("status", 100, 999) if outcome == "answered" else 0,
            location=fields.text("location") if fields.has("location") else None,
            api=fields.truth("api", False),
            problem=fields.text("problem", ""),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class SecureAnswer:
    """What is answered by https: ``status`` (None if nothing, and ``problem`` says why), and the header ``hsts``."""

    status: int | None = None
    hsts: str | None = None
    problem: str = ""

    @classmethod
    def read(cls, fields: Fields) -> SecureAnswer:
        """What was recorded; raises ValueError for another shape."""
        return cls(
            status=fields.whole("status") if fields.has("status") else None,
            hsts=fields.text("hsts") if fields.has("hsts") else None,
            problem=fields.text("problem", ""),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class TlsEndpoint:
    """What one address offers; ``services`` share it, ``ignored`` is the entry of --scs-tls-ignore that names it.

    ``address`` is a URL without a path, ``addresses`` are those of the name, of which the first was examined.
    ``problem`` says why there is nothing more.
    """

    address: str
    host: str
    port: int
    services: tuple[str, ...]
    tls: bool
    ignored: str | None = None
    addresses: tuple[str, ...] = ()
    reachable: bool = False
    problem: str = ""
    certificates: tuple[Certificate, ...] = ()
    scan: Scan = dataclasses.field(default_factory=Scan)
    plain: tuple[PlainAnswer, ...] = ()
    https: SecureAnswer = dataclasses.field(default_factory=SecureAnswer)

    @property
    def label(self) -> str:
        """How findings name it: its address, and the services that share it."""
        more = f" and {len(self.services) - 3} more" if len(self.services) > 3 else ""
        return f"{self.address} ({', '.join(self.services[:3])}{more})"

    @property
    def authority(self) -> str:
        """Host and port as in a URL."""
        return f"{bracketed(self.host)}:{self.port}"

    @classmethod
    def read(cls, fields: Fields) -> TlsEndpoint:
        """What was recorded; raises ValueError for another shape."""
        return cls(
            address=fields.text("address"),
            host=fields.text("host"),
            port=fields.whole("port"),
            services=fields.texts("services"),
            tls=fields.truth("tls"),
            ignored=fields.text("ignored") if fields.has("ignored") else None,
            addresses=fields.texts("addresses"),
            reachable=fields.truth("reachable"),
            problem=fields.text("problem"),
            certificates=tuple(Certificate.read(one) for one in fields.each("certificates")),
            scan=Scan.read(fields.fields("scan")),
            plain=tuple(PlainAnswer.read(one) for one in fields.each("plain")),
            https=SecureAnswer.read(fields.fields("https")),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class UnusableEndpoint:
    """A public endpoint of a ``service`` without an address that can be used."""

    service: str
    problem: str


@dataclasses.dataclass(frozen=True, slots=True)
class TlsEndpoints:
    """The section ``tls_endpoints``: what each address among the public endpoints offers.

    ``scanner`` is its name, or ``scanner_problem`` says why there is none. ``store`` says whose certificate authorities
    are trusted, ``verify`` is what clouds.yaml says, ``unmatched`` are entries of --scs-tls-ignore that name nothing.
    """

    endpoints: tuple[TlsEndpoint, ...]
    unusable: tuple[UnusableEndpoint, ...] = ()
    unmatched: tuple[str, ...] = ()
    scanner: str = ""
    scanner_problem: str = ""
    store: str = ""
    verify: bool = True

    @property
    def judged(self) -> tuple[TlsEndpoint, ...]:
        """The endpoints that are not ignored."""
        return tuple(endpoint for endpoint in self.endpoints if not endpoint.ignored)

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> TlsEndpoints:
        """What was recorded; raises ValueError for another shape."""
        read = Fields("tls_endpoints", data)
        scanner = read.fields("scanner")
        return cls(
            endpoints=tuple(TlsEndpoint.read(one) for one in read.each("endpoints")),
            unusable=tuple(UnusableEndpoint(one.text("service"), one.text("problem")) for one in read.each("unusable")),
            unmatched=read.texts("unmatched"),
            scanner=scanner.text("name"),
            scanner_problem=scanner.text("problem"),
            store=read.text("store"),
            verify=read.truth("verify"),
        )


def preliminaries(seen: TlsEndpoints) -> Iterator[Observation]:
    """What concerns all that rests on the probe: what was ignored, what has no usable address, and if nothing is left.

    Ignored endpoints are remarks (docs/standards/scs-0125.md#addresses).
    """
    for endpoint in seen.judged:
        if len(endpoint.addresses) > 1:
            others = ", ".join(endpoint.addresses[1:])
            yield Remark(f"examined at {endpoint.addresses[0]}, but not at {others}", endpoint.label)
    for endpoint in seen.endpoints:
        if endpoint.ignored:
            yield Remark(f"not judged, because of --scs-tls-ignore={endpoint.ignored}", endpoint.label)
    for entry in seen.unmatched:
        yield Remark(_unmatched(entry, seen.endpoints), about_run=True)
    for unusable in seen.unusable:
        service_name = unusable.service
        yield Undecided(f"public endpoint of {service_name}", unusable.problem)
    if not seen.judged and not seen.unusable:
        yield Undecided("service catalog", "it has no public endpoint to be judged in the judged region")


def _unmatched(entry: str, endpoints: Sequence[TlsEndpoint]) -> str:
    """That nothing is left out for an entry of the ignore list, and what there is."""
    authorities = list(dict.fromkeys(one.authority for one in endpoints))
    hosts = list(dict.fromkeys(bracketed(one.host) for one in endpoints))
    hint = did_you_mean(entry.lower(), [*hosts, *authorities])
    shown = ", ".join(authorities[:SHOWN]) + (" ..." if len(authorities) > SHOWN else "")
    known = "" if hint else f"; known: {shown or 'none'}"
    return f"--scs-tls-ignore={entry} names no public endpoint in the judged region, so it ignores nothing{hint}{known}"


def _suites(results: Fields, version: str) -> tuple[Suite, ...]:
    return tuple(
        Suite(
            suite.text("name"),
            suite.text("curve") if suite.has("curve") else None,
            suite.whole("dh_bits") if suite.has("dh_bits") else None,
        )
        for suite in results.each(version)
    )


def _answer(results: Fields, criterion: str) -> bool | str:
    answer = results.value(criterion)
    if not isinstance(answer, bool | str):
        raise FormError(f"{results.where}.{criterion}: expected true, false or a text, got {value_in_words(answer)}")
    return answer
