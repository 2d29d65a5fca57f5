# SPDX-License-Identifier: Apache-2.0
"""Whatever goes wrong: a public report names no entry, account, host, port, path or request."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tls_server import closed_port

from pytest_scs.demo.kubernetes.state import Fault as ClusterFault
from pytest_scs.demo.openstack.state import CloudState, Fault

REQUEST = "req-0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a01"
ECHO = (
    f"alice-operator of proj-geheim may not: http://compute.geheim.invalid:8774/v2.1 (10.11.12.13:8774) {REQUEST}, "
    "see /etc/geheim/policy.yaml"
)
FILES = ("--scs-public", "--html=page.html", "--self-contained-html", "--junit-xml=junit.xml")
SCOPE = """\
name: Small
uuid: 0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a05
url: https://scs.example/small.yaml
variables: [{variable}]
scripts:
- executable: pytest
  testcases: [{testcases}]
modules:
- {{id: small, name: Small, targets: {{main: [{names}]}}}}
timeline:
- {{date: 2024-01-01, versions: {{v1: effective}}}}
versions:
- {{version: v1, include: [small]}}
"""


def small(pytester: pytest.Pytester, variable: str, *names: str) -> str:
    """A scope of few testcases, so that many subjects are judged in no time."""
    testcases = ", ".join(f"{{id: {name}, description: x}}" for name in names)
    pytester.makefile(".yaml", small=SCOPE.format(variable=variable, testcases=testcases, names=", ".join(names)))
    return "--scs-scope=small.yaml@v1"


Break = Callable[[CloudState, dict[str, Any]], None]


def _auth(**changes: str) -> Break:
    return lambda state, entry: entry["auth"].update(changes)


def _fault(method: str, path: str, **options: Any) -> Break:
    return lambda state, entry: state.faults.append(Fault(method, path, **options))


def _replaced(url: str, **changes: str) -> str:
    for old, new in changes.items():
        url = url.replace(old, new)
    return url


def _catalog_elsewhere(state: CloudState, entry: dict[str, Any]) -> None:
    for service in state.services:
        if service["type"] in ("compute", "image"):
            service["urls"] = {"public": f"https://{service['type']}.geheim.invalid:8774/secretpath"}


BROKEN: dict[str, Break] = {
    "refused": lambda state, entry: entry["auth"].update(auth_url=f"http://127.0.0.1:{closed_port()}/secretpath/v3"),
    "unknown": _auth(auth_url="https://keystone.geheim.invalid:5000/secretpath/v3"),
    "no-tls": lambda state, entry: entry["auth"].update(auth_url=_replaced(entry["auth"]["auth_url"], http="https")),
    "elsewhere": lambda state, entry: entry["auth"].update(auth_url=f"{entry['auth']['auth_url']}/secretpath"),
    "password": _auth(password="wrong-password-1"),
    "echo": _fault("POST", "/auth/tokens", status=403, body=ECHO),
    "redirect": _fault("*", "/identity", status=302, headers={"Location": "https://sso.geheim.invalid/secretpath"}),
    "outage": _fault("POST", "/auth/tokens", status=503, body=ECHO),
    "dropped": _fault("GET", "/flavors|/images|/types", action="drop"),
    "garbage": _fault("GET", "/flavors|/images|/types", action="garbage"),
    "cut": _fault("GET", "/flavors|/images|/types", action="truncate"),
    "forbidden": _fault("GET", "/flavors|/images|/types|os-availability", status=403, body=ECHO),
    "error": _fault("GET", "/flavors|/images|/types", status=500, body=ECHO),
    "catalog": _catalog_elsewhere,
    "elevated": lambda state, entry: state.roles.append("admin"),
    "no-role": lambda state, entry: state.roles.clear(),
    "clock": lambda state, entry: setattr(state, "clock_skew", 3600.0),
    "region": lambda state, entry: entry.update(region_name="nowhere"),
}


def private_in(text: str, *more: str) -> set[str]:
    """What a public file has and should not have."""
    patterns = (
        *("geheim", "secretpath", "alice", r"127\.0\.0\.1", r"10\.11\.12\.13", "localhost", "req-"),
        *("acme-secret", r"/tmp/", r"/root\b", r"[:=]\s?'?(?:5000|8774|6443)\b"),
        *map(re.escape, more),
    )
    return {found[0] for pattern in patterns for found in re.finditer(f".{{0,60}}{pattern}.{{0,20}}", text)}


def check_public(run: Any, folder: Path, *more: str) -> None:
    texts = {path.name: path.read_text() for path in folder.rglob("*.yaml") if "reports" in path.parts}
    texts |= {
        path.name: path.read_text()
        for path in (folder / "report.yaml", folder / "report.unofficial.yaml")
        if path.exists()
    }
    for name in ("page.html", "junit.xml"):
        # Versions, and the page's own style and program, are of no subject.
        texts[name] = re.sub(r"(?s)<(style|script)\b.*?</\1>|data-jsonblob=\"[^\"]*\"", "", (folder / name).read_text())
    assert len(texts) > 2
    assert {name: found for name, text in texts.items() if (found := private_in(text, *more))} == {}


def test_no_cloud_that_cannot_be_judged_tells_where_it_is(
    serve: Any, launch: Any, now: dt.datetime, pytester: pytest.Pytester
) -> None:
    from pytest_scs.demo.openstack import data

    names = {f"acme-secret-{name}": f"Cloud{number}" for number, name in enumerate(BROKEN)}
    path = Path(os.environ["OS_CLIENT_CONFIG_FILE"])
    servers, entries = [], {}
    for name, hurt in BROKEN.items():
        state = data.conformant(now)
        state.username, state.project_name = "alice-operator", "proj-geheim"
        servers.append(serve(state, f"acme-secret-{name}"))
        entry = yaml.safe_load(path.read_text())["clouds"][f"acme-secret-{name}"]
        hurt(state, entry)
        entries[f"acme-secret-{name}"] = entry
    path.write_text(yaml.safe_dump({"clouds": entries}))
    clouds = [f"--os-cloud={name}" for name in names]
    subjects = [f"--scs-subject={name}={label}" for name, label in names.items()]
    chosen = ("scs-0100-syntax-check", "scs-0102-prop-min_ram", "scs-0114-syntax-check", "scs-0123-service-compute")
    options = ("-p", "no:cacheprovider", small(pytester, "os_cloud", *chosen), "--scs-deadline=0", "-q", *FILES)
    run = launch(*options, *clouds, *subjects)
    assert {document["subject"] for document in run.documents} == set(names.values())
    aborted = {document["subject"] for document in run.documents if document["debug"]["causes"]}
    assert aborted == set(names.values())
    # Whoever runs it is told in full.
    run.result.stdout.fnmatch_lines(["*acme-secret-refused*127.0.0.1:*secretpath*"])
    ports = {match[1] for entry in entries.values() if (match := re.search(r":(\d{5})", entry["auth"]["auth_url"]))}
    check_public(run, pytester.path, *(f":{port}" for port in ports), *(f"={port}" for port in ports))
    assert "Cloud0" in (pytester.path / "page.html").read_text()


LOGIN = {
    "apiVersion": "client.authentication.k8s.io/v1",
    "command": "/opt/geheim/login",
    "interactiveMode": "Never",
}

CLUSTER_BREAKS: dict[str, Callable[[Any, dict[str, Any]], object]] = {
    "refused": lambda state, config: config["cluster"].update(server=f"https://127.0.0.1:{closed_port()}/secretpath"),
    "unknown": lambda state, config: config["cluster"].update(server="https://api.geheim.invalid:6443/secretpath"),
    "no-authority": lambda state, config: config["cluster"].pop("certificate-authority-data"),
    "name": lambda state, config: config["cluster"].update({"tls-server-name": "api.geheim.invalid"}),
    "no-credential": lambda state, config: config["user"].update({"token": "wrong-token-123"}),
    "plugin": lambda state, config: (config["user"].clear(), config["user"].update(exec=LOGIN)),
    "proxy": lambda state, config: config["cluster"].update({"proxy-url": f"http://127.0.0.1:{closed_port()}"}),
    "error": lambda state, config: state.faults.append(
        ClusterFault("GET", "/nodes|/storageclasses|/version", status=500, body=ECHO.partition("may not: ")[2])
    ),
    "forbidden": lambda state, config: state.faults.append(
        ClusterFault(
            "GET",
            "/nodes|/storageclasses",
            status=403,
            body='{"kind": "Status", "message": "User \\"alice\\" ' + REQUEST + '"}',
        )
    ),
    "dropped": lambda state, config: state.faults.append(ClusterFault("GET", ".", action="drop")),
    "garbage": lambda state, config: state.faults.append(ClusterFault("GET", ".", action="garbage")),
}


def test_no_cluster_that_cannot_be_judged_tells_where_it_is(
    serve_cluster: Any,
    launch: Any,
    now: dt.datetime,
    pytester: pytest.Pytester,
    tmp_path: Path,
    version_data_file: Path,
) -> None:
    from pytest_scs.demo.kubernetes import data

    path = tmp_path / "kubeconfig"
    names = {f"acme-secret-{name}": f"Cluster{number}" for number, name in enumerate(CLUSTER_BREAKS)}
    states = {name: data.conformant(now) for name in CLUSTER_BREAKS}
    for name, state in states.items():
        serve_cluster(state, f"acme-secret-{name}")
    config = yaml.safe_load(path.read_text())
    for place, (name, hurt) in enumerate(CLUSTER_BREAKS.items()):
        hurt(states[name], config["clusters"][place] | config["users"][place])
        config["users"][place]["name"] = f"alice-{name}"
        config["contexts"][place]["context"]["user"] = f"alice-{name}"
    ports = {match[1] for one in config["clusters"] if (match := re.search(r":(\d{5})", one["cluster"]["server"]))}
    path.write_text(yaml.safe_dump(config))
    contexts = [f"--scs-kube-context={name}" for name in names]
    subjects = [f"--scs-subject={name}={label}" for name, label in names.items()]
    chosen = ("scs-0211-x-default-storage-class", "scs-0214-x-node-labels")
    options = ("-p", "no:cacheprovider", small(pytester, "kubeconfig", *chosen), "--scs-deadline=0", "-q", *FILES)
    run = launch(*options, f"--scs-kubeconfig={path}", *contexts, *subjects)
    assert {document["subject"] for document in run.documents} == set(names.values())
    assert {one["subject"] for one in run.documents if one["debug"]["causes"]} == set(names.values())
    check_public(run, pytester.path, *(f":{port}" for port in ports), *(f"={port}" for port in ports))
