# SPDX-License-Identifier: Apache-2.0
"""``scs report compare --with-monitor`` against a stand-in of the monitor, in both forms of ``/status``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from monitor_standin import Monitor, Row, Server, report_text
from tls_server import closed_port

from pytest_scs import cli

IAAS = "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f"
KAAS = "1fffebe6-fd4b-44d3-a36c-fc58b4bb0180"
A, B, C, D = "scs-0100-syntax-check", "scs-0101-entropy-avail", "scs-0101-rngd", "scs-0102-prop-architecture"
NOW = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)


def ago(**span: float) -> dt.datetime:
    return NOW - dt.timedelta(**span)


@pytest.fixture(params=[False, True], ids=["today", "announced"])
def monitor(request: Any) -> Monitor:
    return Monitor(announced=request.param)


@pytest.fixture
def server(monitor: Monitor) -> Iterator[Server]:
    with Server(monitor) as server:
        yield server


def publish(monitor: Monitor, hours: float, subject: str = "cloud-a", scope: str = IAAS, **results: int) -> None:
    for name, result in results.items():
        testcase = {"a": A, "b": B, "c": C, "d": D}.get(name, name)
        monitor.rows.append(Row(len(monitor.rows), subject, scope, testcase, result, ago(hours=hours), "their-report"))


def compare(capsys: Any, *arguments: object) -> tuple[int, str, str]:
    code = cli.main(["report", "compare", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    text = report_text({A: 1, B: 1, C: -1}, checked_at=str(ago(hours=5)))
    (folder / "1.yaml").write_text(text, "utf-8")
    return folder


def test_the_same_results(reports: Path, monitor: Monitor, server: Server, capsys: Any) -> None:
    publish(monitor, 9, a=1, b=1, c=-1)
    code, out, err = compare(capsys, reports, f"--with-monitor={server.url}")
    assert (code, out, err) == (0, "cloud-a, SCS-compatible IaaS: 3 the same\n", "")
    assert [headers.get("authorization") for _, _, headers, _ in monitor.requests] == [None]


def test_nothing_here_and_nothing_there(reports: Path, monitor: Monitor, server: Server, capsys: Any) -> None:
    (reports / "1.yaml").write_text(report_text({}, checked_at=str(ago(hours=5))), "utf-8")
    code, out, _ = compare(capsys, reports, f"--with-monitor={server.url}")
    assert (code, out) == (0, "cloud-a, SCS-compatible IaaS: no result here, and none published\n")


def test_what_is_published_worse(reports: Path, monitor: Monitor, server: Server, capsys: Any) -> None:
    publish(monitor, 1, a=1, b=-1, c=1)
    publish(monitor, 9, d=0)
    code, out, err = compare(capsys, reports, f"--with-monitor={server.url}")
    assert (code, err) == (1, "")
    head, *lines = out.splitlines()
    assert head == (
        "cloud-a, SCS-compatible IaaS: 1 the same, 2 different, 1 only at the monitor; 1 published worse than here"
    )
    here, there = (f"{ago(hours=hours):%Y-%m-%d %H:%M}" for hours in (5, 1))
    assert lines == [
        f"  worse: {B}: here PASS ({here}), published FAIL ({there}, report their-report); newer there",
        f"  {C}: here FAIL ({here}), published PASS ({there}, report their-report); newer there",
        f"  {D}: only there, ABORT ({ago(hours=9):%Y-%m-%d %H:%M}, report their-report)",
    ]


@pytest.mark.parametrize(
    ("here", "there", "code"), [(1, 0, 1), (1, -1, 1), (0, -1, 1), (0, 1, 0), (-1, 0, 0), (-1, 1, 0)]
)
def test_abort_is_between(
    reports: Path, monitor: Monitor, server: Server, capsys: Any, here: int, there: int, code: int
) -> None:
    (reports / "1.yaml").write_text(report_text({A: here}, checked_at=str(ago(hours=1))), "utf-8")
    publish(monitor, 5, a=there)
    found, out, _ = compare(capsys, reports, f"--with-monitor={server.url}")
    assert found == code
    assert "newer here" in out


def test_only_the_newest_local_result_is_compared(reports: Path, monitor: Monitor, server: Server, capsys: Any) -> None:
    (reports / "2.yaml").write_text(report_text({A: -1}, uuid="second", checked_at=str(ago(hours=3))), "utf-8")
    publish(monitor, 1, a=-1, b=1, c=-1)
    code, out, _ = compare(capsys, reports / "1.yaml", reports / "2.yaml", f"--with-monitor={server.url}")
    assert (code, out) == (0, "cloud-a, SCS-compatible IaaS: 3 the same\n")


def test_what_is_not_published_is_only_here(reports: Path, server: Server, monitor: Monitor, capsys: Any) -> None:
    text = report_text({A: 1, "scs-9999-x": 1}, checked_at=str(ago(days=40)), subject="cloud-b", uuid="second")
    (reports / "2.yaml").write_text(text, "utf-8")
    code, out, _ = compare(capsys, reports, f"--with-monitor={server.url}")
    assert code == 0
    assert "cloud-a, SCS-compatible IaaS: 3 only here\n" in out
    assert f"  {A}: only here, PASS ({ago(hours=5):%Y-%m-%d %H:%M})\n" in out
    assert "cloud-b, SCS-compatible IaaS: 1 not of this scope, 1 counting no longer\n" in out


def test_each_subject_and_official_scope(reports: Path, server: Server, monitor: Monitor, capsys: Any) -> None:
    for name, scope, testcase in (
        ("k", KAAS, "version-policy-check"),
        ("x", "8d5b1f0a-2c0e-4d53-9d0b-0f1f3c1c5a77", A),
    ):
        text = report_text({testcase: 1}, uuid=name, scope=scope, checked_at=str(ago(hours=2)))
        (reports / f"{name}.yaml").write_text(text, "utf-8")
    publish(monitor, 1, scope=KAAS, **{"version-policy-check": -1})
    code, out, _ = compare(capsys, "--with-monitor", server.url, reports)
    assert code == 1
    assert [line.partition(":")[0] for line in out.splitlines() if not line.startswith(" ")] == [
        "cloud-a, SCS-compatible KaaS",
        "cloud-a, SCS-compatible IaaS",
    ]


def test_the_monitor_of_the_configuration(reports: Path, server: Server, tmp_path: Path, capsys: Any) -> None:
    config = tmp_path / "scs.toml"
    config.write_text(f'[monitor]\nurl = "{server.url}"\n', "utf-8")
    for arguments in ([reports, "--with-monitor"], ["--with-monitor", reports]):
        assert compare(capsys, *arguments, "--scs-config", config)[0] == 0


def test_what_cannot_be_read_is_said(reports: Path, server: Server, capsys: Any) -> None:
    (reports / "broken.yaml").write_text(f"spec: {{uuid: {IAAS}}}\nsubject: [\nrun: checked_at", "utf-8")
    code, out, err = compare(capsys, reports, f"--with-monitor={server.url}")
    assert code == 1
    assert "broken.yaml" in err
    assert "3 only here" in out


@pytest.mark.parametrize("fault", ["500", "503", "html", "strange", "drop", "redirect", "truncated"])
def test_a_monitor_that_does_not_answer(
    reports: Path, monitor: Monitor, server: Server, capsys: Any, fault: str
) -> None:
    monitor.always["GET /status"] = fault
    code, out, err = compare(capsys, reports, f"--with-monitor={server.url}")
    assert (code, out, err.count("\n")) == (6, "", 1)


def test_nobody_listens(reports: Path, capsys: Any) -> None:
    code, _, err = compare(capsys, reports, f"--with-monitor=http://127.0.0.1:{closed_port()}")
    assert code == 6
    assert "Connection refused" in err


def test_wrong_usage(reports: Path, tmp_path: Path, capsys: Any) -> None:
    assert compare(capsys, reports)[0] == 4
    assert compare(capsys, "--with-monitor")[0] == 4
    assert compare(capsys, "--with-monitor=http://monitor.example/", reports)[0] == 4
    assert compare(capsys, tmp_path / "nothing", "--with-monitor")[0] == 4
    for file in reports.iterdir():
        file.unlink()
    code, _, err = compare(capsys, reports, "--with-monitor")
    assert code == 4
    assert "there is no report on an official scope" in err


def test_names_with_control_characters(reports: Path, monitor: Monitor, server: Server, capsys: Any) -> None:
    publish(monitor, 1, a=-1)
    monitor.rows[0].report = "\x1b[2J"
    _, out, _ = compare(capsys, reports, f"--with-monitor={server.url}")
    assert "\x1b" not in out
