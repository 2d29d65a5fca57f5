# SPDX-License-Identifier: Apache-2.0
"""The certificates of an endpoint, and whether OpenSSL trusts them: with the standard library, no scanner is needed."""

from __future__ import annotations

import hashlib
import os
import ssl
from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack.tls.connection import WEAKEST, Client, Server, connect, plain_context, reason

# X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH.
_MISMATCHES = (62, 64)

# The codes for "no way from here to an authority": with the certificate itself as authority, it is another certificate.
_ANOTHER = (2, 18, 19, 20, 21)

#: Names of a certificate that are recorded; some have hundreds.
MOST_NAMES = 50

# A server may have two certificates and chooses by what the client can. Only up to TLS 1.2 the suite tells which.
_VARIANTS = ((WEAKEST, False), ("aECDSA:!aNULL:@SECLEVEL=0", True), ("aRSA:!aNULL:@SECLEVEL=0", True))


def read(server: Server, client: Client) -> list[dict[str, Any]]:
    """Every certificate the server shows, with what is in it and how checking it went.

    Raises Inconclusive if there is no connection or no handshake.
    """
    found: dict[str, dict[str, Any]] = {}
    for ciphers, old in _VARIANTS:
        try:
            der = _shown(server, client, ciphers, old)
        except (OSError, ValueError) as error:
            if old:
                continue  # it has no certificate of this kind, or only TLS 1.3
            raise Inconclusive(
                f"no TLS handshake with {server.host}:{server.port}: {reason(error)}", CauseKind.OUTAGE
            ) from None
        fingerprint = hashlib.sha256(der).hexdigest()
        if fingerprint not in found:
            found[fingerprint] = {
                **facts(der),
                **_chain(server, client, ciphers, old),
                "host": server.host,
                "host_matches": _names_host(server, client, der, ciphers, old),
                "sha256": fingerprint,
            }
    return list(found.values())


def facts(der: bytes) -> dict[str, Any]:
    """What is in a certificate, as plain data; raises Inconclusive if it cannot be read.

    Keys: ``type`` ("rsa", "ecdsa", ...), ``bits`` of the key, ``curve`` (empty for others than ECDSA), ``signature``
    (object identifier), ``not_before`` and ``not_after`` (ISO, UTC), ``subject``, ``names`` (subjectAltName).
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        certificate = x509.load_der_x509_certificate(der)
        kind, bits, curve = _key(certificate)
        return {
            "type": kind,
            "bits": bits,
            "curve": curve,
            "signature": certificate.signature_algorithm_oid.dotted_string,
            "not_before": certificate.not_valid_before_utc.isoformat(),
            "not_after": certificate.not_valid_after_utc.isoformat(),
            "subject": certificate.subject.rfc4514_string(),
            "names": _names(certificate),
        }
    # A certificate that is not quite in order makes a warning, which is an error where somebody wants it so.
    except (ValueError, TypeError, UnsupportedAlgorithm, Warning) as error:
        raise Inconclusive(f"the certificate cannot be read: {reason(error)}", CauseKind.MALFORMED) from None


def store(client: Client) -> str:
    """Whose certificate authorities are trusted, in words."""
    system = "certifi" if _system_has_none() else "the system's store"
    return f"{system} or cacert in clouds.yaml" if client.cacert else system


def trusting(client: Client, ciphers: str) -> ssl.SSLContext:
    """A context that trusts the system's authorities, and those of cacert as well; raises Inconclusive.

    Not ``create_default_context``: newer Pythons make it stricter, and a verdict must not depend on ours.
    """
    context = plain_context(client, ciphers)
    context.verify_mode = ssl.CERT_REQUIRED
    if _system_has_none():
        import certifi

        context.load_verify_locations(certifi.where())
    else:
        context.load_default_certs()
    if client.cacert:
        try:
            folder = os.path.isdir(client.cacert)
            context.load_verify_locations(None if folder else client.cacert, client.cacert if folder else None)
        except (OSError, ValueError) as error:
            raise Inconclusive(
                f"cacert in clouds.yaml cannot be used: {client.cacert}: {reason(error)}", CauseKind.NOT_GIVEN
            ) from None
    return context


def _shown(server: Server, client: Client, ciphers: str, old: bool) -> bytes:
    context = _limited(plain_context(client, ciphers), old)
    with connect(server) as raw, context.wrap_socket(raw, server_hostname=server.host) as connection:
        return connection.getpeercert(binary_form=True) or b""


def _chain(server: Server, client: Client, ciphers: str, old: bool) -> dict[str, Any]:
    """Whether the chain leads to an authority that is trusted; ``chain`` is empty if so, else OpenSSL's words.

    At security level 1 a chain that rests on MD5, SHA-1 or tiny keys is not trusted. OpenSSL knows no TLS 1.0 there: a
    server that has nothing better is asked again without.
    """
    last: Exception = Inconclusive("")
    for level in ("1", "0"):
        context = _limited(trusting(client, ciphers.replace("SECLEVEL=0", f"SECLEVEL={level}")), old)
        try:
            with connect(server) as raw, context.wrap_socket(raw, server_hostname=server.host):
                return {"chain": "", "chain_code": 0}
        except ssl.SSLCertVerificationError as error:
            return {"chain": str(error.verify_message), "chain_code": int(error.verify_code)}
        except (OSError, ValueError) as error:
            last = error
    # The server was content with us a moment ago: this is no verdict on its certificate.
    raise Inconclusive(
        f"the chain of {server.host}:{server.port} could not be checked: {reason(last)}", CauseKind.OUTAGE
    )


def _names_host(server: Server, client: Client, der: bytes, ciphers: str, old: bool) -> bool:
    """Whether the certificate is for this host, as OpenSSL sees it, whoever signed it.

    The certificate itself is made the only authority, so that nothing else can be wrong before the name is looked at.
    """
    context = _limited(plain_context(client, ciphers), old)
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = True
    # As clients do: the common name has not counted for years (RFC 9525).
    context.hostname_checks_common_name = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=der)
    try:
        with connect(server) as raw, context.wrap_socket(raw, server_hostname=server.host):
            return True
    except ssl.SSLCertVerificationError as error:
        if error.verify_code in _ANOTHER:
            raise Inconclusive(
                f"{server.host}:{server.port} shows another certificate each time, so none was judged"
            ) from None
        return int(error.verify_code) not in _MISMATCHES
    except (OSError, ValueError) as error:
        raise Inconclusive(
            f"the name of {server.host}:{server.port} could not be checked: {reason(error)}", CauseKind.OUTAGE
        ) from None


def _limited(context: ssl.SSLContext, old: bool) -> ssl.SSLContext:
    if old:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def _system_has_none() -> bool:
    """Whether this machine has no certificate authorities, as is usual in small containers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    if context.cert_store_stats()["x509"]:
        return False
    folder = ssl.get_default_verify_paths().capath
    return not (folder and any(os.scandir(folder)))


def _key(certificate: Any) -> tuple[str, int, str]:
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return "rsa", key.key_size, ""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "ecdsa", key.key_size, key.curve.name
    if isinstance(key, dsa.DSAPublicKey):
        return "dsa", key.key_size, ""
    return type(key).__name__.strip("_").removesuffix("PublicKey").lower(), 0, ""


def _names(certificate: Any) -> list[str]:
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    found = [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    return found[:MOST_NAMES]
