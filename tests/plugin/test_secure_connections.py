# SPDX-License-Identifier: Apache-2.0
"""scs-0125 through whole runs: demo clouds whose catalog names TLS servers on the loopback interface."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tls_server import closed_port, context

from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.platforms.openstack.probes import tls as tls_probe
from pytest_scs.platforms.openstack.tls import connection, scanner

PUBLIC, INTERNAL = "scs-0125-x-public-https", "scs-0125-x-internal-https"
INTERMEDIATE, TRUST = "scs-0125-x-tls-intermediate", "scs-0125-x-cert-trust"
PLAIN, HSTS = "scs-0125-x-no-plain-http", "scs-0125-x-hsts"
ALL = {PUBLIC, INTERNAL, INTERMEDIATE, TRUST, PLAIN, HSTS}

ARGS = ("-p", "no:cacheprovider", "--scs-target=preview", "--scs-deadline=0", "-vv", "-m", "scs_0125")
TWO_YEARS = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}


@pytest.fixture(autouse=True)
def _no_other_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_probe, "PLAIN_PORT", closed_port())
    monkeypatch.setattr(connection, "TIMEOUT", 2.0)


@pytest.fixture
def judged(serve: Any, launch: Any, state: CloudState, authority: Any) -> Callable[..., Any]:
    """Judge the cloud; its clouds.yaml names the test authority unless ``tls`` says something else."""

    def run(*args: str, tls: dict[str, Any] | None = None, scope: str = "beyond-v1") -> Any:
        serve(state)
        path = Path(os.environ["OS_CLIENT_CONFIG_FILE"])
        document = yaml.safe_load(path.read_text())
        document["clouds"]["testcloud"].update({"cacert": str(authority.path)} if tls is None else tls)
        path.write_text(yaml.safe_dump(document))
        return launch(*ARGS, f"--scs-scope={scope}", "--os-cloud=testcloud", *args)

    return run


def _put(state: CloudState, *urls: str, internal: str = "https://internal.invalid:5000") -> None:
    """Spread all services of the catalog over these public URLs."""
    for number, service in enumerate(state.services):
        service["urls"] = {"public": urls[number % len(urls)], "internal": internal}


def test_conforming_servers_pass_also_without_a_cloud(
    judged: Any, launch: Any, state: CloudState, authority: Any, tls_server: Any
) -> None:
    certificates = authority.issue(), authority.issue(key=2048)
    server = tls_server(context(*certificates), headers=TWO_YEARS)
    _put(state, f"https://localhost:{server.port}/v3", f"https://localhost:{server.port}/other")
    run = judged("--scs-record=evidence.json")
    assert run.verdicts == dict.fromkeys(ALL, "PASS")
    assert not [line for testcase in ALL for line in run.messages(testcase)]
    assert f"looking at the TLS of 1 address with {scanner.describe()['name']} (scs-0125)" in run.result.outlines
    assert not any(b"token" in request.lower() for request in server.requests)
    server.stop()
    again = launch(*ARGS, "--scs-scope=beyond-v1", "--scs-replay=evidence.json")
    assert again.verdicts == run.verdicts
    text = (Path.cwd() / "evidence.json").read_text()
    (section,) = json.loads(text)["clouds"][0]["sections"]["tls_endpoints"]
    (endpoint,) = section["endpoints"]
    assert {"identity", "compute", "image"} < set(endpoint["services"])
    assert {certificate["type"] for certificate in endpoint["certificates"]} == {"ecdsa", "rsa"}
    assert "PRIVATE KEY" not in text


def test_everything_that_is_wrong_with_a_server_is_named(
    judged: Any, state: CloudState, authority: Any, tls_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = tls_server(context(authority.issue("elsewhere.example", key=1024, days=800), weak=True))
    monkeypatch.setattr(tls_probe, "PLAIN_PORT", tls_server(status=401).port)
    _put(state, f"https://localhost:{server.port}", internal="http://internal.invalid:5000")
    run = judged(tls={"verify": False})
    assert run.verdicts == {
        PUBLIC: "PASS",
        INTERNAL: "FAIL",
        INTERMEDIATE: "FAIL",
        TRUST: "FAIL",
        PLAIN: "FAIL",
        HSTS: "PASS",
    }
    assert run.ret == 0  # nothing of this is in target main
    lines = run.result.stdout.str()
    old = [version for version, known in (("TLSv1", ssl.HAS_TLSv1), ("TLSv1.1", ssl.HAS_TLSv1_1)) if known]
    for words in (
        f"protocol versions: expected only TLSv1.2 and TLSv1.3, found {', '.join(old)}",
        "found TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        "key-exchange curves: expected only X25519, secp256r1, secp384r1, found X448, secp521r1",
        "RSA key of the certificate: expected at least 2048 bits, found 1024 bits",
        "lifetime of the certificate: expected at most 366 days, found 800 days",
        "the certificate is trusted: expected a complete chain to a certificate authority of ",
        "the certificate names the host: expected the name localhost, found elsewhere.example",
    ):
        assert words in lines
    assert "mend: nginx: ssl_protocols TLSv1.2 TLSv1.3; haproxy: ssl-min-ver TLSv1.2" in lines
    assert f"https://localhost:{server.port} (" in lines
    assert all(": URL (identity" in line for line in run.messages(INTERMEDIATE) if "expected" in line)
    assert any("clouds.yaml switches the verification of certificates off" in line for line in run.messages(TRUST))
    assert any("found HTTP 401" in line and ": URL (identity" in line for line in run.messages(PLAIN))
    assert any("no usable Strict-Transport-Security" in line for line in run.messages(HSTS))
    internal = [line for line in run.messages(INTERNAL) if "expected https://..." in line]
    assert len(internal) == len({service["type"] for service in state.services})
    assert any("internal endpoint of identity (keystone)" in line for line in internal)


def test_cloud_without_tls_fails_and_has_no_certificate_to_judge(judged: Any, state: CloudState) -> None:
    run = judged()
    assert run.verdicts == {
        PUBLIC: "FAIL",
        INTERNAL: "FAIL",
        INTERMEDIATE: "FAIL",
        TRUST: "ABORT",
        PLAIN: "FAIL",
        HSTS: "ABORT",
    }
    public = [line for line in run.messages(PUBLIC) if "expected https://..., found URL" in line]
    assert len(public) == len(state.services)
    assert any("uses TLS: expected an https address, found not TLS" in line for line in run.messages(INTERMEDIATE))
    assert "openstack endpoint set --url https://HOST:PORT/PATH ID" in run.result.stdout.str()


def test_no_token_is_no_verdict(judged: Any, state: CloudState) -> None:
    state.faults.append(Fault("POST", "/auth/tokens", status=503))
    assert judged().verdicts == dict.fromkeys(ALL, "ABORT")


def test_catalog_without_endpoints_is_no_verdict(judged: Any, state: CloudState) -> None:
    for service in state.services:
        service["path"] = None
    run = judged()
    assert run.verdicts == dict.fromkeys(ALL, "ABORT")
    assert any("lists no public endpoint in the judged region" in line for line in run.messages(PUBLIC))
    assert any("no public endpoint to be judged" in line for line in run.messages(INTERMEDIATE))


def test_unreachable_server_is_undecided_for_all_that_contacts_it(judged: Any, state: CloudState) -> None:
    _put(state, f"https://localhost:{closed_port()}")
    run = judged()
    assert run.verdicts == {PUBLIC: "PASS", INTERNAL: "PASS"} | dict.fromkeys(
        (INTERMEDIATE, TRUST, PLAIN, HSTS), "ABORT"
    )
    assert any("no connection to HOST: Connection refused" in line for line in run.messages(TRUST))


def test_violation_counts_although_another_endpoint_cannot_be_judged(judged: Any, state: CloudState) -> None:
    _put(state, "http://localhost:1", f"https://localhost:{closed_port()}", "https://localhost:99999/")
    run = judged()
    assert run.verdicts[INTERMEDIATE] == "FAIL"
    messages = run.messages(INTERMEDIATE)
    assert any(": URL (identity" in line and "found not TLS" in line for line in messages)
    assert any("cannot be judged: no connection to HOST: " in line for line in messages)
    assert any("cannot be judged: no usable URL: 'URL'" in line for line in messages)
    assert run.verdicts[TRUST] == "ABORT"


def test_ignored_endpoints_are_not_contacted_and_named(
    judged: Any, state: CloudState, authority: Any, tls_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanner, "describe", lambda: {"name": "", "problem": scanner.MISSING})
    good = tls_server(context(authority.issue("127.0.0.1")), headers=TWO_YEARS)
    other = tls_server(context(authority.issue("localhost", days=2000)))
    _put(state, f"https://127.0.0.1:{good.port}", f"https://localhost:{other.port}")
    run = judged(f"--scs-tls-ignore=LOCALHOST:{other.port}", "--scs-tls-ignore=nowhere.example")
    assert run.verdicts[TRUST] == "PASS"
    assert other.connections == 0
    assert any("not judged, because of --scs-tls-ignore=HOST" in x for x in run.messages(TRUST))
    assert any("--scs-tls-ignore=HOST names no public endpoint" in line for line in run.messages(TRUST))


@pytest.mark.parametrize("options", [("-q", "-q"), ("-q", "-q", "-n", "1")], ids=["alone", "with a worker"])
def test_entry_that_ignores_nothing_is_seen_without_verbosity(
    judged: Any, state: CloudState, pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    port = closed_port()
    _put(state, f"https://localhost:{port}")
    html = ("--html=report.html", "--self-contained-html")
    run = judged(f"--scs-tls-ignore=localhost:{port}", "--scs-tls-ignore=localhost.", *html, *options)
    line = "--scs-tls-ignore=localhost. names no public endpoint in the judged region, so it ignores nothing; did you"
    assert [entry for entry in run.result.outlines if line in entry] == [f"WARNING: {line} mean 'localhost'?"]
    [warning] = run.documents[0]["debug"]["warnings"]
    assert warning.startswith(line.replace("localhost.", "HOST") if "HOST" in warning else line)
    assert f'<p class="caution">{line}' in (pytester.path / "report.html").read_text()


def test_entries_that_overlap_are_both_of_use(judged: Any, state: CloudState) -> None:
    port = closed_port()
    _put(state, f"https://localhost:{port}")
    run = judged("--scs-tls-ignore=localhost", f"--scs-tls-ignore=localhost:{port}")
    assert run.documents[0]["debug"]["warnings"] == []
    assert "ignores nothing" not in run.result.stdout.str()


def test_nothing_is_decided_if_everything_is_ignored(judged: Any, state: CloudState) -> None:
    _put(state, "https://[::1]:1/")
    run = judged("--scs-tls-ignore=[0:0::1]")
    assert run.having("ABORT") == {INTERMEDIATE, TRUST, PLAIN, HSTS}


def test_without_the_scanner_only_its_testcase_is_undecided(
    judged: Any, state: CloudState, authority: Any, tls_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_spec = scanner.importlib.util.find_spec
    monkeypatch.setattr(
        scanner.importlib.util, "find_spec", lambda name, *args: None if name == "sslyze" else find_spec(name, *args)
    )
    _put(state, f"https://localhost:{tls_server(context(authority.issue()), headers=TWO_YEARS).port}")
    run = judged()
    assert run.verdicts == {**dict.fromkeys(ALL, "PASS"), INTERMEDIATE: "ABORT"}
    assert any("install pytest-scs with its extra tls" in line for line in run.messages(INTERMEDIATE))


def test_scan_that_takes_too_long_is_undecided_and_ended(
    judged: Any, state: CloudState, authority: Any, tls_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_probe, "LIMIT", 0.4)
    _put(state, f"https://localhost:{tls_server(context(authority.issue()), headers=TWO_YEARS).port}")
    run = judged()
    assert run.verdicts == {**dict.fromkeys(ALL, "PASS"), INTERMEDIATE: "ABORT"}
    assert any("the time limit of 0 s is over" in line for line in run.messages(INTERMEDIATE))
    assert any("decided: certificate" in line for line in run.messages(INTERMEDIATE))


def test_profile_that_is_not_known_is_undecided(judged: Any, state: CloudState, pytester: pytest.Pytester) -> None:
    from pytest_scs.base.paths import SCOPES

    text = (SCOPES / "beyond.yaml").read_text()
    (pytester.path / "own.yaml").write_text(text.replace("guidelines/5.7.json", "guidelines/9.9.json"))
    run = judged("-k", "tls-intermediate or hsts", scope="own.yaml@v1")
    assert run.verdicts[INTERMEDIATE] == run.verdicts[HSTS] == "ABORT"
    assert any("no copy of https://ssl-config.mozilla.org/guidelines/9.9.json" in x for x in run.messages(INTERMEDIATE))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("https://host", "'https://host' is not HOST or HOST:PORT"),
        ("::1", "an IPv6 address needs brackets: [2001:db8::1]:443"),
        ("host:0", "0 is not a port; ports are 1 to 65535"),
        ("host:", "'host:' is not HOST or HOST:PORT"),
    ],
)
def test_bad_entry_of_the_ignore_list_is_one_line(pytester: pytest.Pytester, value: str, words: str) -> None:
    result = pytester.runpytest_inprocess("--scs-scope=beyond-v1", "--os-cloud=demo", f"--scs-tls-ignore={value}")
    assert result.ret == 4
    (line,) = [line for line in result.stderr.lines if line]
    assert line.startswith("ERROR: --scs-tls-ignore: ")
    assert words in line
