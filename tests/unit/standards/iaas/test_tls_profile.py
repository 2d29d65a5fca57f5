# SPDX-License-Identifier: Apache-2.0
"""scs-0125: the profile that is bundled, own ones, and the spellings of curves and suites."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.cause import Inconclusive
from pytest_scs.standards.iaas.tls_profile import (
    DEFAULT,
    VERSIONS,
    canonical_curve,
    canonical_suite,
    load_profile,
    load_profiles,
    parse_profile,
)


@pytest.fixture
def document() -> dict[str, Any]:
    text = (resources.files("pytest_scs.standards.iaas") / "data" / "tls-profile-5.7.json").read_text("utf-8")
    return json.loads(text)


def test_bundled_profile_is_what_the_standard_means() -> None:
    profile = load_profile(DEFAULT)
    assert profile.versions == ("TLSv1.2", "TLSv1.3")
    assert profile.suites13 == {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
    ciphers = ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")
    exchanges = ("ECDHE_ECDSA", "ECDHE_RSA", "DHE_RSA")
    assert profile.suites == {f"TLS_{exchange}_WITH_{cipher}" for exchange in exchanges for cipher in ciphers}
    assert profile.curves == ("X25519", "secp256r1", "secp384r1")
    assert profile.certificate_types == ("ecdsa", "rsa")
    assert profile.certificate_curves == ("secp256r1", "secp384r1")
    assert profile.certificate_signatures == (
        "sha256WithRSAEncryption",
        "ecdsa-with-SHA256",
        "ecdsa-with-SHA384",
        "ecdsa-with-SHA512",
    )
    assert (profile.rsa_bits, profile.dh_bits, profile.lifetime, profile.hsts) == (2048, 2048, 366, 63072000)


def test_scope_names_the_bundled_profile_and_nothing_else_is_needed() -> None:
    assert load_profiles(()) == load_profiles([DEFAULT]) == (load_profile(DEFAULT),)


def test_file_of_mozilla_is_read_as_it_is(tmp_path: Path, document: dict[str, Any]) -> None:
    level = document["configurations"]["intermediate"]
    level |= {"ocsp_staple": True, "ecdh_param_size": 256, "dh_param_size": None, "tls_versions": ["TLSv1.3"]}
    level["ciphers"] |= {"openssl": ["x"], "iana": [], "go": []}
    path = tmp_path / "own.json"
    path.write_text(json.dumps(document))
    profile = load_profile(str(path))
    assert (profile.versions, profile.dh_bits, profile.suites) == (("TLSv1.3",), None, frozenset())


@pytest.mark.parametrize("reference", ["https://ssl-config.mozilla.org/guidelines/5.8.json", "file:///etc/passwd"])
def test_other_addresses_are_not_fetched(reference: str) -> None:
    with pytest.raises(Inconclusive, match=r"no copy of .* is bundled.*; download it and give its path as tls_profile"):
        load_profile(reference)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(Inconclusive, match=r"cannot read .*none\.json: No such file or directory"):
        load_profile(str(tmp_path / "none.json"))
    with pytest.raises(Inconclusive, match="cannot read"):
        load_profile(str(tmp_path))
    (tmp_path / "big.json").write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(Inconclusive, match="is larger than"):
        load_profile(str(tmp_path / "big.json"))
    (tmp_path / "bytes.json").write_bytes(b"\xff")
    with pytest.raises(Inconclusive, match="cannot read"):
        load_profile(str(tmp_path / "bytes.json"))


BAD: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda document: document.clear(), "configurations.intermediate is missing"),
    (lambda document: document.update(configurations=[]), "configurations.intermediate is missing"),
    (
        lambda document: document["configurations"]["intermediate"].update(tls_versions=["TLSv2"]),
        "unknown TLSv2; known",
    ),
    (
        lambda document: document["configurations"]["intermediate"].update(tls_versions=[]),
        "tls_versions must be a list",
    ),
    (lambda document: document["configurations"]["intermediate"].update(tls_curves="x"), "tls_curves must be a list"),
    (lambda document: document["configurations"]["intermediate"].update(tls_curves=["x", 1]), "tls_curves must be a l"),
    (
        lambda document: document["configurations"]["intermediate"].update(tls_curves=[None]),
        "tls_curves must be a list",
    ),
    (lambda document: document["configurations"]["intermediate"].update(ciphers=[]), "ciphers must be a mapping"),
    (
        lambda document: document["configurations"]["intermediate"].update(rsa_key_size="x"),
        "rsa_key_size must be a num",
    ),
    (lambda document: document["configurations"]["intermediate"].update(rsa_key_size=True), "rsa_key_size must be a n"),
    (lambda document: document["configurations"]["intermediate"].pop("certificate_types"), "certificate_types must be"),
]


@pytest.mark.parametrize(("spoil", "words"), BAD)
def test_file_that_is_no_profile_says_what_is_wrong(
    spoil: Callable[[dict[str, Any]], Any], words: str, document: dict[str, Any], tmp_path: Path
) -> None:
    spoil(document)
    path = tmp_path / "own.json"
    path.write_text(json.dumps(document))
    with pytest.raises(Inconclusive, match=f"own.json is no TLS profile: .*{words}"):
        load_profile(str(path))


def test_text_that_is_no_json_is_no_profile(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    for text in ("{", "[" * 100_000, "null"):
        path.write_text(text)
        with pytest.raises(Inconclusive, match="is no TLS profile"):
            load_profile(str(path))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_document_is_refused_with_a_value_error(value: object) -> None:
    with pytest.raises(ValueError):
        parse_profile({"configurations": {"intermediate": value}}, "x")


@pytest.mark.parametrize(
    ("spellings", "name"),
    [
        (("prime256v1", "secp256r1", "P-256", "SECP256R1", "CurveP256"), "secp256r1"),
        (("secp384r1", "P-384", "ansip384r1"), "secp384r1"),
        (("X25519", "x25519"), "X25519"),
        (("x448",), "X448"),
        (("brainpoolP256r1",), "brainpoolp256r1"),
    ],
)
def test_every_spelling_of_a_curve_is_one_name(spellings: tuple[str, ...], name: str) -> None:
    assert {canonical_curve(spelling) for spelling in spellings} == {name}


@given(st.text())
def test_names_are_settled_at_once(name: str) -> None:
    assert canonical_curve(canonical_curve(name)) == canonical_curve(name)
    assert canonical_suite(canonical_suite(name)) == canonical_suite(name)


def test_go_spelling_of_chacha20_is_that_of_iana() -> None:
    assert canonical_suite("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305") == "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"


def test_order_of_versions_is_that_of_age(document: dict[str, Any]) -> None:
    changed = copy.deepcopy(document)
    changed["configurations"]["intermediate"]["tls_versions"] = list(reversed(VERSIONS))
    assert parse_profile(changed, "x").versions == VERSIONS


def test_names_of_the_scanner_are_those_of_the_profile() -> None:
    """Every suite and curve of the profile is one that sslyze can find, under the same name."""
    import sslyze
    from nassl.ephemeral_key_info import OpenSslEcNidEnum
    from sslyze.plugins.openssl_cipher_suites.cipher_suites import CipherSuitesRepository

    profile = load_profile(DEFAULT)
    versions = sslyze.TlsVersionEnum
    known = {suite.name for suite in CipherSuitesRepository.get_all_cipher_suites(versions.TLS_1_2)}
    known13 = {suite.name for suite in CipherSuitesRepository.get_all_cipher_suites(versions.TLS_1_3)}
    assert profile.suites <= {canonical_suite(name) for name in known}
    assert profile.suites13 <= known13
    curves = {curve.name for curve in OpenSslEcNidEnum.get_supported_by_ssl_client()}
    assert set(profile.curves) <= {canonical_curve(name) for name in curves}
