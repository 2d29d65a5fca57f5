# SPDX-License-Identifier: Apache-2.0
"""``scs report whoami`` against a stand-in of the monitor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from monitor_standin import Account, Monitor, Server, token
from tls_server import Server as OtherServer
from tls_server import closed_port

from pytest_scs import cli

SECRET = "canary-Pa55phrase"


@pytest.fixture
def monitor() -> Monitor:
    monitor = Monitor()
    for name in ("cloud-a", "zuul_ci"):
        monitor.accounts[name] = Account(f"{SECRET}-{name}")
    return monitor


@pytest.fixture
def server(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("SCS_TOKEN", raising=False)
    with Server(monitor) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, server: Server) -> Path:
    lines = [f'[monitor]\nurl = "{server.url}"']
    for name in ("cloud-a", "zuul_ci"):
        path = tmp_path / f"{name}.token"
        path.write_text(token(name, f"{SECRET}-{name}"), "utf-8")
        path.chmod(0o600)
        lines.append(f'[accounts.{name}]\ntoken_file = "{name}.token"')
    lines.append('for_subjects = ["cloud-c", "cloud-d"]\n')
    path = tmp_path / "scs.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


def whoami(capsys: Any, *arguments: object) -> tuple[int, str, str]:
    code = cli.main(["report", "whoami", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert SECRET not in out + err
    return code, out, err


def test_all_accounts_of_the_configuration(config: Path, server: Server, monitor: Monitor, capsys: Any) -> None:
    code, out, err = whoami(capsys, "--scs-config", config)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"cloud-a: {server.url} takes its token",
        f"zuul_ci: {server.url} takes its token; it sends for cloud-c, cloud-d, too",
    ]
    assert {method for method, *_ in monitor.requests} == {"GET"}
    assert all(path.startswith("/reports/") for _, path, *_ in monitor.requests)


def test_a_wrong_passphrase(config: Path, monitor: Monitor, capsys: Any) -> None:
    monitor.accounts["cloud-a"].password = "another"
    code, out, err = whoami(capsys, "--scs-config", config)
    assert code == 1
    assert out.startswith("zuul_ci: ")
    assert err.startswith("scs: cloud-a: the monitor answers 401 (Incorrect username or password): ")


def test_one_account(config: Path, capsys: Any) -> None:
    code, out, _ = whoami(capsys, "--scs-config", config, "--account=cloud-a")
    assert (code, out.count("\n")) == (0, 1)


def test_a_token_without_a_configuration(config: Path, server: Server, capsys: Any, monkeypatch: Any) -> None:
    code, out, _ = whoami(capsys, "--monitor", server.url, "--token-file", config.with_name("zuul_ci.token"))
    assert (code, out) == (0, f"zuul_ci: {server.url} takes its token\n")
    monkeypatch.setenv("SCS_TOKEN", token("cloud-a", f"{SECRET}-cloud-a"))
    code, out, _ = whoami(capsys, "--monitor", server.url)
    assert (code, out) == (0, f"cloud-a: {server.url} takes its token\n")


def test_no_account_at_all(server: Server, capsys: Any) -> None:
    code, _, err = whoami(capsys, "--monitor", server.url)
    assert code == 4
    assert "there is no account; name one with --token-file=FILE, SCS_TOKEN" in err


def test_an_account_without_a_token(config: Path, capsys: Any) -> None:
    with config.open("a", encoding="utf-8") as file:
        file.write("[accounts.cloud-e]\n")
    code, out, err = whoami(capsys, "--scs-config", config)
    assert (code, out.count("\n")) == (4, 2)
    assert "scs: cloud-e: there is no token for account cloud-e" in err


@pytest.mark.parametrize("fault", ["500", "503", "redirect", "html", "drop", "404"])
def test_what_is_no_monitor_is_not_believed(config: Path, monitor: Monitor, capsys: Any, fault: str) -> None:
    class Always(dict[str, str]):
        def get(self, key: str, default: Any = "") -> Any:
            return fault

    monitor.always = Always()
    code, out, err = whoami(capsys, "--scs-config", config)
    assert (code, out) == (6, "")
    assert err.count("\n") == 1


def test_another_server_that_knows_no_page(capsys: Any, tmp_path: Path, config: Path) -> None:
    server = OtherServer(status=404, headers={"Content-Type": "application/json"}).start()
    try:
        code, out, err = whoami(capsys, "--scs-config", config, "--monitor", f"http://127.0.0.1:{server.port}")
    finally:
        server.stop()
    assert (code, out) == (6, "")
    assert "where a compliance monitor says 401; is it the right URL?" in err
    assert b"authorization" not in b"".join(server.requests).lower()


def test_nobody_listens(config: Path, capsys: Any) -> None:
    code, _, err = whoami(capsys, "--scs-config", config, "--monitor", f"http://127.0.0.1:{closed_port()}")
    assert code == 6
    assert "Connection refused" in err
