# SPDX-License-Identifier: Apache-2.0
"""Certificates of real servers: what is read from them, and what OpenSSL says about trust and host name."""

from __future__ import annotations

import datetime as dt
import itertools
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from tls_server import closed_port, context

from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.openstack.tls import certificates, connection
from pytest_scs.platforms.openstack.tls.connection import Client, Server, resolve


@pytest.fixture
def read(tls_server: Any, authority: Any) -> Any:
    """Read the certificates of a server that shows these; the test authority is in cacert unless said otherwise."""

    def run(
        *paths: Path, host: str = "localhost", client: Client | None = None, **options: Any
    ) -> list[dict[str, Any]]:
        server = tls_server(context(*paths, **options))
        trusting = Client(cacert=str(authority.path))
        return certificates.read(Server(host, server.port, "127.0.0.1"), client or trusting)

    return run


def test_good_certificate_is_trusted_and_described(read: Any, authority: Any) -> None:
    [found] = read(authority.issue("localhost", "*.cloud.example", "127.0.0.1", days=90))
    assert found["sha256"] == found["sha256"].lower()
    start, end = (dt.datetime.fromisoformat(found[key]) for key in ("not_before", "not_after"))
    assert end - start == dt.timedelta(days=90)
    assert {key: found[key] for key in ("type", "bits", "curve", "signature")} == {
        "type": "ecdsa",
        "bits": 256,
        "curve": "secp256r1",
        "signature": "1.2.840.10045.4.3.2",
    }
    assert (found["chain"], found["host_matches"], found["host"]) == ("", True, "localhost")
    assert found["names"] == ["localhost", "*.cloud.example", "127.0.0.1"]


@pytest.mark.parametrize(
    ("host", "matches"),
    [("localhost", True), ("a.cloud.example", True), ("127.0.0.1", True), ("a.b.cloud.example", False), ("::1", False)],
)
def test_host_name_is_compared_as_openssl_does(read: Any, authority: Any, host: str, matches: bool) -> None:
    [found] = read(authority.issue("localhost", "*.cloud.example", "127.0.0.1"), host=host)
    assert (found["host_matches"], found["chain"]) == (matches, "")


def test_both_certificates_of_a_server_are_read(read: Any, authority: Any) -> None:
    found = read(authority.issue(), authority.issue("elsewhere.example", key=2048, issuer=2048))
    assert [(item["type"], item["host_matches"]) for item in found] == [("ecdsa", True), ("rsa", False)]
    assert [item["signature"] for item in found] == ["1.2.840.10045.4.3.2", "1.2.840.113549.1.1.11"]
    assert [item["chain"] for item in found] == ["", ""]


def test_certificate_of_nobody_known_is_not_trusted(read: Any, authority: Any) -> None:
    [unknown] = read(authority.issue(), client=Client())
    assert unknown["chain"] == "unable to get local issuer certificate"
    [alone] = read(authority.issue(alone=True))
    assert alone["chain"] == "self-signed certificate" or alone["chain"] == "self signed certificate"
    # Whoever signed it, the name is right.
    assert unknown["host_matches"] is alone["host_matches"] is True


def test_expired_certificate_says_so_and_its_name_is_looked_at(read: Any, authority: Any) -> None:
    [found] = read(authority.issue("elsewhere.example", age=30, days=20))
    assert (found["chain"], found["chain_code"]) == ("certificate has expired", 10)
    assert found["host_matches"] is False


def test_weak_certificates_are_read_all_the_same(read: Any, authority: Any) -> None:
    [small] = read(authority.issue(key=1024), weak=True)
    assert (small["type"], small["bits"], small["chain"]) == ("rsa", 1024, "")
    [large] = read(authority.issue(key="ec521"))
    assert large["curve"] == "secp521r1"


def test_signature_with_sha1_is_told_from_others(authority: Any) -> None:
    try:
        path = authority.issue(digest=hashes.SHA1(), issuer=2048)
        expected = "1.2.840.113549.1.1.5"
    except UnsupportedAlgorithm:  # where cryptography has given it up
        path, expected = authority.issue(digest=hashes.SHA384(), issuer=2048), "1.2.840.113549.1.1.12"
    der = ssl.PEM_cert_to_DER_cert(path.read_text().partition("-----BEGIN PRIVATE")[0])
    assert certificates.facts(der)["signature"] == expected


def test_server_that_knows_only_old_tls_has_a_chain_too(tls_server: Any, authority: Any) -> None:
    old = context(authority.issue(key=2048), weak=True)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.set_ciphers("AES128-SHA:@SECLEVEL=0")
    server = tls_server(old)
    [found] = certificates.read(Server("localhost", server.port, "127.0.0.1"), Client(cacert=str(authority.path)))
    assert (found["type"], found["chain"]) == ("rsa", "")


def test_folder_of_authorities_is_taken(read: Any, authority: Any, tmp_path: Path) -> None:
    [found] = read(authority.issue(), client=Client(cacert=str(tmp_path)))
    assert found["chain"] == "unable to get local issuer certificate"


def test_what_is_no_server_is_no_verdict(tls_server: Any) -> None:
    for port, words in ((closed_port(), "Connection refused"), (tls_server().port, "")):
        with pytest.raises(Inconclusive, match=f"no TLS handshake with localhost:{port}: {words}"):
            certificates.read(Server("localhost", port, "127.0.0.1"), Client())


@pytest.mark.parametrize("name", ["cacert", "cert"])
def test_files_of_clouds_yaml_that_cannot_be_used_are_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "bad.pem"
    for content in (None, "no certificate"):
        if content:
            path.write_text(content)
        with pytest.raises(Inconclusive, match=f"{name} .*in clouds.yaml cannot be used: "):
            certificates.trusting(Client(**{name: str(path)}), connection.WEAKEST)


def test_bytes_that_are_no_certificate_are_no_verdict() -> None:
    with pytest.raises(Inconclusive, match="the certificate cannot be read: "):
        certificates.facts(b"\x30\x00")


def test_machine_without_authorities_takes_those_of_certifi(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert certificates.store(Client()) == "certifi"
    assert certificates.store(Client(cacert="x")) == "certifi or cacert in clouds.yaml"
    assert certificates.trusting(Client(), connection.WEAKEST).cert_store_stats()["x509_ca"] > 50


def test_settings_of_clouds_yaml_are_understood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from openstack.config.cloud_region import CloudRegion

    monkeypatch.setenv("HOME", str(tmp_path))
    settings = {"cacert": "~/ca.pem", "cert": "~/me.pem", "key": "~/me.key"}
    assert Client.of(CloudRegion("a", config=settings)) == Client(
        *(f"{tmp_path}/{x}" for x in ("ca.pem", "me.pem", "me.key"))
    )
    assert Client.of(CloudRegion("a", config={"key": "x"})) == Client()
    assert not Client.of(CloudRegion("a", config={"verify": False, "cacert": "/x"})).verify
    assert not Client.of(CloudRegion("a", config={"insecure": True})).verify


def test_addresses_of_ipv4_come_first_and_unknown_names_are_no_verdict() -> None:
    assert resolve("127.0.0.1", 1) == ["127.0.0.1"]
    assert resolve("::1", 1) == ["::1"]
    assert resolve("localhost", 1)[0] == "127.0.0.1"
    for name in ("nowhere.invalid", "a" * 64 + ".example", "\u3002"):
        with pytest.raises(Inconclusive, match="cannot be resolved"):
            resolve(name, 1)


def test_server_that_shows_another_certificate_next_time_is_no_verdict(tls_server: Any, authority: Any) -> None:
    first, second = context(authority.issue(key=2048)), context(authority.issue("elsewhere.example"))
    contexts = itertools.chain([first], itertools.repeat(second))

    class Turns:
        def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
            return next(contexts).wrap_socket(*args, **options)

    server = tls_server(Turns())
    with pytest.raises(Inconclusive, match="shows another certificate each time"):
        certificates.read(Server("localhost", server.port, "127.0.0.1"), Client(cacert=str(authority.path)))
