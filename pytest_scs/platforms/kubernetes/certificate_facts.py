# SPDX-License-Identifier: Apache-2.0
"""What is kept of a certificate: when it holds and who issued it."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive


def of_der(der: bytes) -> dict[str, Any]:
    """``not_before``, ``not_after`` (ISO, UTC) and ``issuer`` of a certificate; raises Inconclusive."""
    from cryptography import x509

    try:
        return _facts(x509.load_der_x509_certificate(der))
    # One that is not quite in order makes a warning, which is an error where somebody wants it so.
    except (ValueError, TypeError, Warning):
        raise _unreadable() from None


def of_pem(text: bytes) -> list[dict[str, Any]]:
    """The same of every certificate in a text in PEM; raises Inconclusive if one cannot be read, or there is none."""
    from cryptography import x509

    try:
        return [_facts(certificate) for certificate in x509.load_pem_x509_certificates(text)]
    except (ValueError, TypeError, Warning):
        raise _unreadable() from None


def decoded(text: object) -> bytes:
    """The bytes of a text in Base64; raises Inconclusive."""
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise _unreadable() from None


def as_ascii(pem: bytes) -> str:
    """A text in PEM as programs take it: what people write around the certificates may be in any language."""
    return pem.decode("ascii", "replace").replace("\ufffd", "?")


def _facts(certificate: Any) -> dict[str, Any]:
    return {
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "issuer": certificate.issuer.rfc4514_string(),
    }


def _unreadable() -> Inconclusive:
    return Inconclusive("the certificate cannot be read", CauseKind.MALFORMED)
