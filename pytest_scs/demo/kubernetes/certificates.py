# SPDX-License-Identifier: Apache-2.0
"""The certificates of the demo cluster, made anew for each start; keys are in memory, in a file for a moment only."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pytest_scs.base.signals import temporary_folder

_PURPOSE = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")

#: How long ago a certificate was made, and for how long: days.
Age = tuple[float, float]


class Authority:
    """The cluster's certificate authority."""

    def __init__(self, age: Age) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _subject("kubernetes")
        builder = _dated(x509.CertificateBuilder(), age).subject_name(self._name).issuer_name(self._name)
        builder = builder.public_key(self._key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs=True), critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), False)
        self.certificate = builder.sign(self._key, hashes.SHA256())

    @property
    def pem(self) -> str:
        """The authority's own certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, purpose: str, name: str, groups: tuple[str, ...], age: Age) -> tuple[str, str]:
        """A certificate for a ``server`` or ``client`` and its private key, both as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _dated(x509.CertificateBuilder(), age).subject_name(_subject(name, *groups)).issuer_name(self._name)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([_PURPOSE[purpose]]), False)
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(own, False)
        if purpose == "server":
            places: list[x509.GeneralName] = [x509.DNSName(one) for one in _NAMES]
            places.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
            builder = builder.add_extension(x509.SubjectAlternativeName(places), False)
        certificate = builder.sign(self._key, hashes.SHA256())
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return certificate.public_bytes(serialization.Encoding.PEM).decode(), secret.decode()

    def context(self, age: Age) -> ssl.SSLContext:
        """What an API server with a new serving certificate needs; it asks clients for theirs."""
        certificate, key = self.issue("server", "kube-apiserver", (), age)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata=self.pem)
        with temporary_folder("scs-demo-") as folder:  # the ssl module reads keys from files only
            path = folder / "serving.pem"
            path.touch(0o600)
            path.write_text(certificate + key, encoding="ascii")
            context.load_cert_chain(path)
        return context


def _subject(name: str, *groups: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _dated(builder: x509.CertificateBuilder, age: Age) -> x509.CertificateBuilder:
    begins = datetime.now(UTC) - timedelta(days=age[0])
    return builder.not_valid_before(begins).not_valid_after(begins + timedelta(days=age[1]))


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not signs,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
