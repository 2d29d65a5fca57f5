# SPDX-License-Identifier: Apache-2.0
"""A canary of every kind in one run of a cloud and a cluster, in everything that is made of it afterwards too."""

from __future__ import annotations

import base64
import html
import json
import os
import shlex
import stat
import urllib.parse
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from monitor_standin import Account, Monitor, Server
from ssh_keys import PASSPHRASE, agent, load, make_key, public

from pytest_scs.cli import main as scs
from pytest_scs.demo.kubernetes.state import ClusterState
from pytest_scs.demo.kubernetes.state import Fault as ClusterFault
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.run import finish

SECRETS = {
    "password": "kana'rien\\vo\"gel/+4711",
    "api": "gelber:Vogel/4712+x",
    "plugin": "wellensittich-4713",
    "proxy": "zeisig-4714",
    "other": "stieglitz-4715",
}

#: A test that shows all it can get hold of, and does not catch what it meets.
CURIOUS = """
import logging, os

SECRETS = {secrets!r}

def test_curious(request):
    around = dict(os.environ)
    logging.getLogger("curious").debug("%r and %s", SECRETS, around)
    print(SECRETS, around)
    raise RuntimeError(repr(SECRETS)) from ValueError(repr(around))
"""

#: Mistakes of ours that repeat what they were given.
BREAKING = """
from pytest_scs.run import finish

def broken(*given, **options):
    kept = {secrets!r}
    raise LookupError(*kept.values())

finish._waiver_notes = broken
"""

#: Told of changed verdicts, it keeps what it got, and complains about it.
HOOK = """#!/bin/sh
cat > told.json
tr '\\0' '\\n' < /proc/$$/cmdline > told.args
cat secrets.txt >&2
exit 3
"""

RUN = (
    *("--html=page.html", "--self-contained-html", "--junit-xml=junit.xml", "--scs-json=run.json", "--scs-csv=run.csv"),
    *("--scs-sarif=run.sarif", "--scs-metrics=run.prom", "--scs-remediation=fix.sh", "--scs-report=reports/"),
    *("--scs-record=reports/evidence.json", "--scs-sign=key.pub", "--scs-hook=./hook", "--debug=debug.txt", "-vv"),
    *("-rA", "--tb=long", "--showlocals", "--log-level=DEBUG", "--log-file=log.txt", "-p", "no:cacheprovider"),
    *("-p", "breaking", "-o", "log_cli=true", "-o", "junit_logging=all"),
)

#: What was put there with a secret in it.
GIVEN = {"clouds.yaml", "kubeconfig", "token", "secrets.txt", "test_curious.py", "breaking.py", "plugin", "key", "ask"}


def forms(secret: str) -> Iterator[str]:
    """A secret as it may stand somewhere, in parts too."""
    quoted = json.dumps(secret)[1:-1]
    yield from (secret, repr(secret)[1:-1], quoted, json.dumps(quoted)[1:-1], html.escape(secret), html.escape(quoted))
    yield from (shlex.quote(secret)[1:-1], urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret))
    yield from (secret.encode().hex(), secret[: len(secret) // 2 + 2], secret[-len(secret) // 2 - 2 :])
    yield from (base64.b64encode(bytes(shift) + secret.encode()).decode()[4:-4] for shift in range(3))


class Remembered(list[dict[str, Any]]):
    """A list that knows what was ever in it."""

    def __init__(self) -> None:
        super().__init__()
        self.ever: list[dict[str, Any]] = []

    def append(self, one: dict[str, Any]) -> None:
        self.ever.append(one)
        super().append(one)


@pytest.fixture
def around(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    """A key in an agent, a monitor with its account, a hook, a proxy that nothing goes through; secrets everywhere."""
    folder = pytester.path
    monitor = Monitor()
    make_key(folder / "key", PASSPHRASE)
    monitor.accounts["testcloud"] = Account(SECRETS["api"], [public(folder / "key")])
    token = base64.b64encode(f"testcloud:{SECRETS['api']}".encode()).decode()
    (folder / "reports").mkdir()
    for name, text, mode in (("token", token, 0o600), ("hook", HOOK, 0o700), ("plugin", "#!/bin/sh\nexit 1", 0o700)):
        (folder / name).write_text(text)
        (folder / name).chmod(mode)
    (folder / "secrets.txt").write_text(" ".join(SECRETS.values()))
    monkeypatch.setattr(finish, "_waiver_notes", finish._waiver_notes)  # what BREAKING breaks is whole again afterwards
    secrets = {**SECRETS, "token": token}
    pytester.makepyfile(test_curious=CURIOUS.format(secrets=secrets), breaking=BREAKING.format(secrets=secrets))
    pytester.syspathinsert()
    monkeypatch.setenv("SCS_TOKEN", token)
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRETS['proxy']}@127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("OS_APPLICATION_CREDENTIAL_SECRET", SECRETS["other"])
    with agent() as socket, Server(monitor) as server:
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        load(folder / "key", PASSPHRASE, socket)
        monkeypatch.setenv("MONITOR", server.url)
        yield monitor


@pytest.fixture
def echoing(state: CloudState, cluster_state: ClusterState) -> None:
    """A cloud and a cluster that say again what they were told."""
    password = SECRETS["password"]
    state.password = password
    state.ec2_credentials = Remembered()
    state.flavors[0]["name"] = f"SCS-{password}"
    state.images[0].update(name=f"Ubuntu 24.04 {password}", image_source=f"https://u:{password}@mirror.example/")
    body = json.dumps({"forbidden": {"message": f"{'x' * 190}{password}", "code": 403}})
    state.faults.append(Fault("GET", "/types", status=403, body=body))
    own = cluster_state.accounts["admin"].token
    cluster_state.nodes[0]["metadata"]["labels"]["echo"] = own
    message = json.dumps({"kind": "Status", "message": f"no, Bearer {own}", "code": 403})
    cluster_state.faults.append(ClusterFault("GET", "/storageclasses", status=403, body=message))


def judged(pytester: pytest.Pytester, kubeconfig: Path, *more: str) -> pytest.RunResult:
    """The run of both, and of the curious test."""
    from pytest_scs.base.paths import TESTCASES

    return pytester.runpytest_inprocess(
        *RUN,
        "--scs-scope=iaas-v5.1",
        "--scs-scope=beyond-v1",
        "--os-cloud=testcloud",
        "--scs-scope=beyond-kaas",
        f"--scs-kubeconfig={kubeconfig}",
        "--scs-kube-context=testcluster",
        "--scs-target=all",
        "--scs-deadline=0",
        "-m",
        "not manual",
        "-k",
        "curious or 0100 or 0102 or 0114 or 0116 or s3 or default_storage or service_account or node_labels",
        str(TESTCASES / "iaas"),
        str(TESTCASES / "kaas"),
        "test_curious.py",
        *more,
    )


def test_no_canary_is_seen(
    pytester: pytest.Pytester,
    serve: Any,
    serve_cluster: Any,
    state: CloudState,
    cluster_state: ClusterState,
    echoing: None,
    around: Monitor,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    serve(state)
    serve_cluster(cluster_state, token=True)
    _add_plugin(tmp_path / "kubeconfig", pytester.path / "plugin")
    said = []
    first = judged(pytester, tmp_path / "kubeconfig")
    said += [*first.outlines, *first.errlines]
    # Now everything fails: the hook has something to tell.
    state.faults.append(Fault("GET", "/flavors", status=500, body=f"{SECRETS['password']}"))
    second = judged(pytester, tmp_path / "kubeconfig")
    said += [*second.outlines, *second.errlines]
    assert {first.ret, second.ret} == {1}, said
    assert (pytester.path / "told.json").exists()
    codes = [scs(command) for command in afterwards()]
    assert set(codes) <= {0, 1}
    written = texts(pytester.path, tmp_path)
    kinds = {"evidence.json", "page.html", "junit.xml", "log.txt", "debug.txt", "run.json", "fix.sh", "told.json"}
    assert kinds <= {Path(name).name for name in written}
    assert any(name.endswith(".sent") for name in written)
    written["terminal"] = "\n".join(said)
    written["commands"] = "".join(capfd.readouterr())
    secrets = {*SECRETS.values(), PASSPHRASE, *state.tokens, *cluster_state.tokens, *keys_in(tmp_path / "kubeconfig")}
    assert isinstance(state.ec2_credentials, Remembered)
    ec2 = {one["secret"] for one in state.ec2_credentials.ever}
    assert ec2
    secrets |= {cluster_state.accounts["admin"].token, *ec2}
    found = {
        (name, secret) for secret in secrets for form in forms(secret) for name in written if form in written[name]
    }
    assert sorted(found) == []


def _add_plugin(kubeconfig: Path, plugin: Path) -> None:
    """The token comes from a plug-in, which is given another secret."""
    config = yaml.safe_load(kubeconfig.read_text())
    version = "client.authentication.k8s.io/v1"
    given: dict[str, Any] = {"apiVersion": version, "kind": "ExecCredential"}
    given["status"] = {"token": config["users"][0]["user"].pop("token")}
    plugin.write_text(f"#!/bin/sh\ncat <<END\n{json.dumps(given)}\nEND\n")
    env = [{"name": "OIDC_TOKEN", "value": SECRETS["plugin"]}]
    [user] = config["users"]
    user["user"]["exec"] = {
        "apiVersion": version,
        "command": str(plugin),
        "env": env,
        "interactiveMode": "Never",
    }
    kubeconfig.write_text(yaml.safe_dump(config))


def afterwards() -> Iterator[list[str]]:
    """What an operator does with the reports."""
    card = ["report", "scorecard", "reports", "--html=card.html", "--json=card.json", "--write"]
    account = [f"--monitor={os.environ['MONITOR']}", "--token-file=token"]
    yield card
    yield ["report", "submit", "--new", "reports", *account, "--force"]
    yield ["report", "whoami", *account]
    yield ["report", "site", "reports", "-o", "public"]
    yield ["report", "metrics", "reports", "-o", "all.prom"]
    yield ["report", "history", "reports"]
    yield ["report", "dossier", "reports", "-o", "dossier.zip"]


def texts(*folders: Path) -> dict[str, str]:
    """What was written, by name, that of a dossier too; nothing secret may be open to others."""
    found = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as dossier:
                    found |= {
                        f"{path}:{name}": dossier.read(name).decode("utf-8", "replace") for name in dossier.namelist()
                    }
            elif path.is_file() and path.name not in GIVEN and path.suffix != ".pyc":
                found[str(path)] = path.read_text(errors="replace")
            assert not path.is_file() or not stat.S_IMODE(path.stat().st_mode) & stat.S_IWOTH
    return found


def keys_in(kubeconfig: Path) -> Iterator[str]:
    """A line of each client key."""
    for one in yaml.safe_load(kubeconfig.read_text())["users"]:
        if data := one["user"].get("client-key-data"):
            yield base64.b64decode(data).decode().splitlines()[1]
