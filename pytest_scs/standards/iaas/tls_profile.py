# SPDX-License-Identifier: Apache-2.0
"""TLS profiles: the files by which Mozilla says what a server may offer (docs/standards/scs-0125.md#profile).

The standard demands the level "intermediate" and names no version of the file, so the scope does, in its parameter
`tls_profile`. The facts of version 5.7 are bundled, so that no run depends on the network. Names of suites and curves
have several spellings; here they are brought to one.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

from pytest_scs.core.cause import CauseKind, Inconclusive

LEVEL: Final = "intermediate"

#: What is judged by where a scope names no profile.
DEFAULT: Final = "https://ssl-config.mozilla.org/guidelines/5.7.json"

#: All protocol versions, oldest first, as profiles name them.
VERSIONS: Final = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")

_BUNDLED: Final = {DEFAULT: "tls-profile-5.7.json"}

_MOST_BYTES: Final = 1024 * 1024

# Spellings of curves by ANSI X9.62, NIST and Go, in lower case; SECG's name is the one kept (RFC 8422, appendix A).
_CURVES: Final = {
    "prime192v1": "secp192r1",
    "prime256v1": "secp256r1",
    "p-192": "secp192r1",
    "p-224": "secp224r1",
    "p-256": "secp256r1",
    "p-384": "secp384r1",
    "p-521": "secp521r1",
    "ansip256r1": "secp256r1",
    "ansip384r1": "secp384r1",
    "ansip521r1": "secp521r1",
    "curvep256": "secp256r1",
    "curvep384": "secp384r1",
    "curvep521": "secp521r1",
    "x25519": "X25519",
    "x448": "X448",
}

#: Object identifiers of signatures in certificates, with the names that profiles use.
SIGNATURES: Final = {
    "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
    "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.2.840.113549.1.1.10": "rsassaPss",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
    "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
    "1.2.840.113549.1.1.14": "sha224WithRSAEncryption",
    "1.2.840.10045.4.1": "ecdsa-with-SHA1",
    "1.2.840.10045.4.3.1": "ecdsa-with-SHA224",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
    "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
    "1.2.840.10040.4.3": "dsa-with-SHA1",
    "2.16.840.1.101.3.4.3.2": "dsa-with-SHA256",
    "1.3.101.112": "ed25519",
    "1.3.101.113": "ed448",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Profile:
    """What a server may offer. Sizes are in bits, ``lifetime`` is in days, ``hsts`` in seconds; None is no limit.

    ``suites`` are those up to TLS 1.2, ``suites13`` those of TLS 1.3, by their IANA names; ``curves`` and
    ``certificate_curves`` are as :func:`canonical_curve` gives them.
    """

    reference: str
    versions: tuple[str, ...]
    suites13: frozenset[str]
    suites: frozenset[str]
    curves: tuple[str, ...]
    certificate_types: tuple[str, ...]
    certificate_curves: tuple[str, ...]
    certificate_signatures: tuple[str, ...]
    rsa_bits: int | None
    dh_bits: int | None
    lifetime: int | None
    hsts: int


def canonical_curve(name: str) -> str:
    """One name for a curve, whichever of its spellings is given: ``prime256v1`` and ``P-256`` are ``secp256r1``."""
    lower = name.strip().lower()
    return _CURVES.get(lower, lower)


def canonical_suite(name: str) -> str:
    """The IANA name of a suite; Go leaves the hash out of the names with ChaCha20."""
    name = name.strip()
    return f"{name}_SHA256" if name.endswith("_CHACHA20_POLY1305") else name


def load_profiles(references: Sequence[str]) -> tuple[Profile, ...]:
    """The profiles behind the scope parameter ``tls_profile``, or the default if there is none; see load_profile."""
    return tuple(load_profile(reference) for reference in references or (DEFAULT,))


def load_profile(reference: str) -> Profile:
    """The profile behind an official URL of which there is a copy, or in a local file of Mozilla's format.

    Raises Inconclusive for any other URL, which is never fetched, and for files that cannot be read or are none.
    """
    if "://" in reference:
        if reference not in _BUNDLED:
            raise Inconclusive(
                f"tls_profile: no copy of {reference} is bundled, only {', '.join(_BUNDLED)}; "
                "download it and give its path as tls_profile",
                CauseKind.NOT_GIVEN,
            )
        text = (resources.files("pytest_scs.standards.iaas") / "data" / _BUNDLED[reference]).read_text("utf-8")
    else:
        text = _read(Path(reference))
    try:
        return parse_profile(json.loads(text), reference)
    except (ValueError, RecursionError) as error:
        raise Inconclusive(f"tls_profile: {reference} is no TLS profile: {error}", CauseKind.NOT_GIVEN) from None


def parse_profile(document: Any, reference: str) -> Profile:
    """The level "intermediate" of a document in Mozilla's format; raises ValueError that says what is wrong."""
    levels = document.get("configurations") if isinstance(document, dict) else None
    level = levels.get(LEVEL) if isinstance(levels, dict) else None
    if not isinstance(level, dict):
        raise ValueError(f"configurations.{LEVEL} is missing")
    suites = level.get("ciphers")
    if not isinstance(suites, dict):
        raise ValueError("ciphers must be a mapping with the key iana")
    versions = _names(level, "tls_versions")
    if unknown := sorted(set(versions).difference(VERSIONS)):
        raise ValueError(f"tls_versions: unknown {', '.join(unknown)}; known: {', '.join(VERSIONS)}")
    return Profile(
        reference=reference,
        versions=tuple(version for version in VERSIONS if version in versions),
        suites13=frozenset(_names(level, "ciphersuites")),
        suites=frozenset(map(canonical_suite, _names(suites, "iana", empty=True))),
        curves=_unique(map(canonical_curve, _names(level, "tls_curves"))),
        certificate_types=_unique(name.lower() for name in _names(level, "certificate_types")),
        certificate_curves=_unique(map(canonical_curve, _names(level, "certificate_curves", empty=True))),
        certificate_signatures=_unique(_names(level, "certificate_signatures")),
        rsa_bits=_number(level, "rsa_key_size"),
        dh_bits=_number(level, "dh_param_size"),
        lifetime=_number(level, "maximum_certificate_lifespan"),
        hsts=_number(level, "hsts_min_age") or 0,
    )


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise Inconclusive(
                f"tls_profile: {path} is larger than {_MOST_BYTES} bytes, so it is no TLS profile", CauseKind.NOT_GIVEN
            )
        return data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", None) or error
        raise Inconclusive(f"tls_profile: cannot read {path}: {cause}", CauseKind.NOT_GIVEN) from None


def _names(mapping: dict[str, Any], key: str, *, empty: bool = False) -> list[str]:
    names = mapping.get(key)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or not (names or empty):
        raise ValueError(f"{key} must be a list of names")
    return names


def _number(mapping: dict[str, Any], key: str) -> int | None:
    number = mapping.get(key)
    if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 0):
        raise ValueError(f"{key} must be a number or null")
    return number


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
