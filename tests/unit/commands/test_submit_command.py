# SPDX-License-Identifier: Apache-2.0
"""``scs report submit`` against a stand-in of the monitor: what is sent, refused, repeated, proved and noted."""

from __future__ import annotations

import base64
import datetime as dt
import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from monitor_standin import Account, Monitor, Row, Server, make_key, public_key, report_text, sign, token
from tls_server import Authority, closed_port, context

from pytest_scs import cli
from pytest_scs.pipeline.monitor import monitor_client, submission

IAAS = "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f"
KAAS = "1fffebe6-fd4b-44d3-a36c-fc58b4bb0180"
BEYOND = "8d5b1f0a-2c0e-4d53-9d0b-0f1f3c1c5a77"
TESTCASES = ("scs-0100-syntax-check", "scs-0101-entropy-avail", "scs-0101-rngd", "scs-0102-prop-architecture")
GOOD = dict.fromkeys(TESTCASES, 1)
SECRET = "canary-Pa55phrase"

NOW = dt.datetime.now(dt.UTC).replace(tzinfo=None)


def ago(**span: float) -> str:
    return str(NOW - dt.timedelta(**span))


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: make_key(folder / name) for name in ("cloud-a", "cloud-b", "zuul_ci", "foreign")}


@pytest.fixture
def monitor(keys: dict[str, Path]) -> Monitor:
    monitor = Monitor()
    for name in ("cloud-a", "cloud-b", "zuul_ci"):
        monitor.accounts[name] = Account(f"{SECRET}-{name}", [public_key(keys[name].with_suffix(".pub"))])
    return monitor


@pytest.fixture
def server(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(monitor_client, "PAUSES", (0.0, 0.0, 0.0))
    with Server(monitor) as server:
        yield server


class Desk:
    """A folder with configuration, tokens and reports, and the command."""

    def __init__(self, folder: Path, keys: dict[str, Path], url: str, capsys: Any) -> None:
        self.folder = folder
        self.keys = keys
        self.capsys = capsys
        self.url = url
        self.config = folder / "scs.toml"
        self.reports = folder / "reports"
        self.reports.mkdir()
        lines = [f'[monitor]\nurl = "{url}"']
        for name in ("cloud-a", "cloud-b"):
            self.token(name)
            lines.append(f'[accounts.{name}]\ntoken_file = "{name}.token"\nkey = "{keys[name]}"')
        self.config.write_text("\n".join(lines), "utf-8")

    def token(self, name: str, secret: str = "", mode: int = 0o600) -> Path:
        path = self.folder / f"{name}.token"
        path.write_text(f"{token(name, secret or f'{SECRET}-{name}')}\n", "utf-8")
        path.chmod(mode)
        return path

    def report(
        self,
        results: dict[str, int] | None = None,
        *,
        name: str = "r.yaml",
        key: str = "",
        namespace: str = "report",
        text: str = "",
        subject: str = "cloud-a",
        **more: Any,
    ) -> Path:
        path = self.reports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = text or report_text(GOOD if results is None else results, subject=subject, **more)
        path.write_text(text, "utf-8", newline="")
        signer = self.keys[key or (subject if subject in self.keys else "cloud-a")]
        path.with_name(f"{name.rpartition('/')[2]}.sig").write_bytes(sign(signer, text.encode(), namespace))
        return path

    def run(self, *arguments: object) -> tuple[int, str, str]:
        self.capsys.readouterr()
        code = cli.main(["report", "submit", *map(str, arguments), "--scs-config", str(self.config)])
        out, err = self.capsys.readouterr()
        for text in (out, err):
            assert SECRET not in text
            assert "Traceback" not in text
        return code, out, err


@pytest.fixture
def desk(tmp_path: Path, keys: dict[str, Path], server: Server, capsys: Any, monkeypatch: Any) -> Desk:
    monkeypatch.delenv("SCS_TOKEN", raising=False)
    return Desk(tmp_path, keys, server.url, capsys)


# --- many


def test_who_waited_for_the_monitor_in_vain_does_not_wait_again_for_each_file(desk: Desk, monitor: Monitor) -> None:
    paths = [
        desk.report(name=f"{number}.yaml", uuid=f"3a0f3a5e-3c1c-4ba8-8a5e-1f1d3c1f9e0{number}") for number in range(5)
    ]
    for fault in (*["drop"] * 5, "ok"):
        monitor.faults["GET /status"].append(fault)
    code, out, err = desk.run(*paths)
    assert code == 6
    assert err.count("again in") == 3
    # The first was asked about four times, the second once; the third is through, so there is patience again.
    assert [f"{path}: stored" in out for path in paths] == [False, False, True, True, True]


# --- good


def test_a_report_is_sent_as_it_is_and_counts(desk: Desk, monitor: Monitor) -> None:
    path = desk.report()
    code, out, err = desk.run(path)
    assert (code, err) == (0, "")
    assert f"{path}: stored as cloud-a (4 results, sha256 " in out
    assert out.endswith("), and counts\n")
    [body] = monitor.posts()
    assert body == path.with_name("r.yaml.sig").read_bytes() + b"&" + path.read_bytes()
    headers = next(headers for method, _, headers, _ in monitor.requests if method == "POST")
    assert headers["content-type"] == "application/x-signed-yaml"
    assert headers["authorization"] == f"Basic {token('cloud-a', f'{SECRET}-cloud-a')}"
    note = yaml.safe_load(path.with_name("r.yaml.sent").read_text("utf-8"))
    assert note["answer"] == "200, stored"
    assert note["monitor"].startswith("http://127.0.0.1:")
    assert abs(note["time"] - NOW) < dt.timedelta(minutes=10)
    assert note["reports"] == list(monitor.documents)
    assert SECRET not in path.with_name("r.yaml.sent").read_text("utf-8")


def test_credentials_go_to_nothing_but_reports(desk: Desk, monitor: Monitor) -> None:
    desk.run(desk.report())
    assert {path for _, path, headers, _ in monitor.requests if "authorization" in headers} == {"/reports"}


def test_json_is_sent_as_json(desk: Desk, monitor: Monitor) -> None:
    document = yaml.safe_load(report_text(GOOD))
    path = desk.report(name="r.json", text=json.dumps(document, default=str))
    code, out, err = desk.run(path)
    assert (code, err) == (0, "")
    assert [headers["content-type"] for method, _, headers, _ in monitor.requests if method == "POST"] == [
        "application/x-signed-json"
    ]
    assert "and counts" in out


@pytest.mark.parametrize("change", ["crlf", "no newline", "bom", "comment", "end"])
def test_the_content_may_have_any_form(desk: Desk, monitor: Monitor, change: str) -> None:
    text = report_text(GOOD)
    forms = {
        "crlf": text.replace("\n", "\r\n"),
        "no newline": text.rstrip("\n"),
        "bom": f"\ufeff{text}",
        "comment": f"# ü😀 & {text}",
        "end": f"{text}...\n",
    }
    path = desk.report(text=forms[change])
    code, _, err = desk.run(path)
    assert (code, err) == (0, "")
    assert monitor.posts()[0].endswith(b"&" + path.read_bytes())


def test_a_signature_file_without_its_last_line_end_is_completed(desk: Desk, monitor: Monitor) -> None:
    path = desk.report()
    signature = path.with_name("r.yaml.sig")
    signature.write_bytes(signature.read_bytes().rstrip(b"\n"))
    assert desk.run(path)[0] == 0
    assert b"-----END SSH SIGNATURE-----\n&" in monitor.posts()[0]


def test_two_subjects_by_two_accounts_in_one_command(desk: Desk, monitor: Monitor) -> None:
    first = desk.report(name="a.yaml")
    second = desk.report(name="b.yaml", subject="cloud-b", uuid="second")
    code, out, _ = desk.run(first, second, first)
    assert code == 0
    assert out.count("stored as cloud-a") == out.count("stored as cloud-b") == 1
    assert [headers["authorization"] for method, _, headers, _ in monitor.requests if method == "POST"] == [
        f"Basic {token(name, f'{SECRET}-{name}')}" for name in ("cloud-a", "cloud-b")
    ]


def test_several_documents_of_one_account_go_together(desk: Desk, monitor: Monitor) -> None:
    text = report_text(GOOD) + report_text({"version-policy-check": 1}, uuid="second", scope=KAAS)
    code, out, err = desk.run(desk.report(text=text))
    assert code == 0
    assert "2 reports in one file" in err
    assert "5 results" in out
    assert len(monitor.documents) == 2
    assert len(monitor.posts()) == 1


def test_several_documents_of_several_accounts_do_not(desk: Desk, monitor: Monitor) -> None:
    text = report_text(GOOD) + report_text(GOOD, uuid="second", subject="cloud-b")
    code, _, err = desk.run(desk.report(text=text))
    assert code == 4
    assert "belong to several accounts (cloud-a, cloud-b)" in err
    assert not monitor.requests


# --- repeated, lost, proved


def test_repeated_it_is_already_there(desk: Desk, monitor: Monitor) -> None:
    path = desk.report()
    desk.run(path)
    note = path.with_name("r.yaml.sent").read_bytes()
    code, out, err = desk.run(path)
    assert (code, err) == (0, "")
    assert "already there, stored before as cloud-a" in out
    assert path.with_name("r.yaml.sent").read_bytes() == note
    assert len(monitor.documents) == 1


def test_repeated_after_a_newer_one_it_is_there_still(desk: Desk, monitor: Monitor) -> None:
    path = desk.report(checked_at=ago(hours=5))
    desk.run(path)
    desk.run(desk.report(name="second.yaml", uuid="second"))
    code, out, err = desk.run(path)
    assert code == 0
    assert "already there" in out
    assert "not the newest" in err


@pytest.mark.parametrize("note", [b"", b"\xff", b"sha256: 1", b"[", b"x" * 70000])
def test_a_note_of_anything_else_keeps_a_report_from_being_sent(desk: Desk, monitor: Monitor, note: bytes) -> None:
    desk.report().with_name("r.yaml.sent").write_bytes(note)
    assert desk.run("--new", desk.reports)[:2] == (0, f"{desk.reports}: nothing new to send (1 sent already)\n")


def test_a_json_report_is_proved_as_well(desk: Desk, monitor: Monitor) -> None:
    document = yaml.safe_load(report_text(GOOD))
    document["debug"] = {"numbers": [1, 1.5, None, True], 5: {"x": "2026-11-20"}}
    path = desk.report(name="r.json", text=json.dumps(document, default=str))
    desk.run(path)
    assert "already there" in desk.run(path)[1]


def test_times_with_a_zone_are_proved_as_well(desk: Desk, monitor: Monitor) -> None:
    moment = (NOW - dt.timedelta(hours=2)).replace(microsecond=0)
    later = (moment + dt.timedelta(hours=5)).isoformat(" ")
    text = report_text(GOOD, checked_at=str(moment)).replace(f"checked_at: {moment}", f"checked_at: {later}+05:00")
    path = desk.report(text=text)
    assert desk.run(path)[0] == 0
    code, out, _ = desk.run(path)
    assert code == 0
    assert "already there" in out


def test_a_lost_answer_is_proved(desk: Desk, monitor: Monitor) -> None:
    monitor.faults["POST /reports"].append("lost")
    path = desk.report()
    code, out, err = desk.run(path)
    assert code == 0
    assert "stored, by an attempt that got no answer, as cloud-a" in out
    assert "broke off the connection without a whole answer; again in 0 s" in err
    assert [*map(len, monitor.posts())] == [len(monitor.posts()[0])] * 2
    assert path.with_name("r.yaml.sent").exists()


@pytest.mark.parametrize("fault", ["502", "503", "504", "drop", "truncated"])
def test_what_passes_is_tried_again_with_the_same_bytes(desk: Desk, monitor: Monitor, fault: str) -> None:
    monitor.faults["POST /reports"].extend([fault, fault])
    code, out, err = desk.run(desk.report())
    assert code == 0
    assert "stored as cloud-a" in out
    assert err.count("again in 0 s") == 2
    assert len(set(monitor.posts())) == 1


def test_a_busy_status_page_is_asked_again(desk: Desk, monitor: Monitor) -> None:
    monitor.faults["GET /status"].append("503")
    code, out, _ = desk.run(desk.report())
    assert code == 0
    assert "stored" in out


@pytest.mark.parametrize(("fault", "posts"), [("503", 4), ("drop", 4), ("500", 1), ("501", 1), ("505", 1)])
def test_what_does_not_pass_is_for_later(desk: Desk, monitor: Monitor, fault: str, posts: int) -> None:
    monitor.always["POST /reports"] = fault
    path = desk.report()
    code, out, err = desk.run(path)
    assert (code, out) == (6, "")
    assert len(monitor.posts()) == posts
    assert not path.with_name("r.yaml.sent").exists()
    assert err.startswith("scs: ")


def test_a_lost_answer_and_nothing_after_it_says_that_it_may_be_stored(desk: Desk, monitor: Monitor) -> None:
    monitor.always["POST /reports"] = "lost"
    code, _, err = desk.run(desk.report())
    assert code == 6
    assert "if it was stored all the same, sending it again will tell" in err


def test_a_foreign_report_with_the_same_uuid_is_not_believed(desk: Desk, monitor: Monitor) -> None:
    desk.run(desk.report(name="b.yaml", subject="cloud-b"))
    path = desk.report()
    code, out, err = desk.run(path)
    assert (code, out) == (1, "")
    assert "answers 409, but this report is not stored" in err
    assert "Permission denied" in err
    assert not path.with_name("r.yaml.sent").exists()


def test_another_report_of_ours_with_the_same_uuid_is_not_believed(desk: Desk, monitor: Monitor) -> None:
    desk.run(desk.report(checked_at=ago(hours=2)))
    code, out, err = desk.run(desk.report(name="second.yaml", checked_at=ago(hours=1)))
    assert (code, out) == (1, "")
    assert "another report with its run.uuid is there" in err


def test_a_409_that_nobody_can_prove_is_refused(desk: Desk, monitor: Monitor) -> None:
    monitor.always["POST /reports"] = "409"
    code, _, err = desk.run(desk.report())
    assert code == 1
    assert "asked for it, the monitor answers 404 (Not Found)" in err


@pytest.mark.parametrize("fault", ["500", "redirect", "403"])
def test_a_409_that_cannot_be_looked_at_is_for_later(desk: Desk, monitor: Monitor, fault: str) -> None:
    """Of which nothing is known is not said to be another report's, either."""
    path = desk.report()
    desk.run(path)
    monitor.always["GET /reports/0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11"] = fault
    code, _, err = desk.run(path)
    assert (code, "another report" in err) == (6, False)


def test_one_who_sends_for_others_proves_by_what_is_published(desk: Desk, monitor: Monitor) -> None:
    monitor.accounts["zuul_ci"].roles.add("append_any")
    monitor.accounts["cloud-c"] = Account("x", delegates={"zuul_ci"})
    desk.token("zuul_ci")
    with desk.config.open("a", encoding="utf-8") as file:
        file.write('\n[accounts.zuul_ci]\ntoken_file = "zuul_ci.token"\nfor_subjects = ["cloud-c"]\n')
    path = desk.report(subject="cloud-c", key="zuul_ci")
    assert desk.run(path)[0] == 0
    code, out, _ = desk.run(path)
    assert code == 0
    assert "already there, stored before as zuul_ci" in out


# --- refused by the monitor


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"keys": []}, "401 (verification failed): the signature is of no key that is registered"),
        ({"password": "other"}, "401 (Incorrect username or password): the monitor does not know the account"),
    ],
)
def test_what_the_monitor_refuses_is_said_with_its_meaning(
    desk: Desk, monitor: Monitor, change: dict[str, Any], words: str
) -> None:
    for name, value in change.items():
        setattr(monitor.accounts["cloud-a"], name, value)
    path = desk.report()
    code, out, err = desk.run(path)
    assert (code, out) == (1, "")
    assert words in err
    assert len(monitor.posts()) == 1
    assert not path.with_name("r.yaml.sent").exists()


@pytest.mark.parametrize(("roles", "words"), [(set(), "Permission denied"), ({"append_any"}, "delegation problem?")])
def test_sending_for_others_needs_role_and_delegation(
    desk: Desk, monitor: Monitor, roles: set[str], words: str
) -> None:
    monitor.accounts["zuul_ci"].roles = roles
    desk.token("zuul_ci")
    with desk.config.open("a", encoding="utf-8") as file:
        file.write('\n[accounts.zuul_ci]\ntoken_file = "zuul_ci.token"\nfor_subjects = ["cloud-c"]\n')
    code, _, err = desk.run(desk.report(subject="cloud-c", key="zuul_ci"))
    assert code == 1
    assert f"401 ({words})" in err


def test_a_redirect_is_not_followed(desk: Desk, monitor: Monitor) -> None:
    monitor.always["POST /reports"] = "redirect"
    code, _, err = desk.run(desk.report())
    assert code == 1
    assert "leads to https://elsewhere.example/reports; the token does not go to other places" in err


@pytest.mark.parametrize("fault", ["html", "strange"])
def test_a_200_of_something_else_is_not_believed(desk: Desk, monitor: Monitor, fault: str) -> None:
    monitor.always["POST /reports"] = fault
    path = desk.report()
    code, out, err = desk.run(path)
    assert (code, out) == (6, "")
    assert "not a compliance monitor's" in err
    assert not path.with_name("r.yaml.sent").exists()


@pytest.mark.parametrize("status", ["400", "403", "404", "413", "415", "422", "429"])
def test_no_other_refusal_is_tried_again(desk: Desk, monitor: Monitor, status: str) -> None:
    monitor.always["POST /reports"] = status
    code, _, err = desk.run(desk.report())
    assert code == 1
    assert f"the monitor answers {status}" in err
    assert len(monitor.posts()) == 1


# --- refused here


def test_nothing_invalid_is_sent(desk: Desk, monitor: Monitor) -> None:
    for results, words in (({TESTCASES[0]: 2}, "counts as passed"), ({TESTCASES[0]: True}, "the monitor answers 500")):
        code, _, err = desk.run(desk.report(results))
        assert code == 1
        assert words in err
    code, _, err = desk.run(desk.report(text="# nothing\n"))
    assert code == 1
    assert "empty reports" in err
    assert not monitor.requests


def test_an_unofficial_scope_stays_here_by_name(desk: Desk, monitor: Monitor) -> None:
    paths = [desk.report(name=name, scope=BEYOND) for name in ("x.yaml", "y.yaml")]
    code, _, err = desk.run(*paths, "--force")
    assert code == 1
    for path in paths:
        assert f"scs: {path}: not sent: an unofficial scope, which is not for the compliance monitor\n" in err
    assert not monitor.requests


def test_a_signature_is_needed(desk: Desk, monitor: Monitor) -> None:
    path = desk.report()
    path.with_name("r.yaml.sig").unlink()
    code, _, err = desk.run(path)
    assert code == 4
    assert f"{path} is not signed: there is no r.yaml.sig beside it; scs report sign" in err
    assert not monitor.requests


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda armored: armored.replace(b"\n", b"\r\n"), "has line ends of Windows"),
        (lambda armored: armored[:40] + b"!" + armored[41:], "is no signature"),
        (lambda armored: b"", "is no signature"),
        (lambda armored: armored + b"&more", "is no signature"),
        (lambda armored: b"x" * 70000, "cannot read signature"),
        (lambda armored: b"\xff\xfe", "is no signature"),
    ],
    ids=["crlf", "damaged", "empty", "more", "large", "binary"],
)
def test_a_signature_that_is_none_is_refused(
    desk: Desk, monitor: Monitor, damage: Callable[[bytes], bytes], words: str
) -> None:
    path = desk.report()
    signature = path.with_name("r.yaml.sig")
    signature.write_bytes(damage(signature.read_bytes()))
    code, _, err = desk.run(path)
    assert code == 4
    assert words in err
    assert not monitor.requests


def test_an_altered_report_is_refused(desk: Desk, monitor: Monitor) -> None:
    path = desk.report()
    path.write_bytes(path.read_bytes() + b"\n")
    code, _, err = desk.run(path)
    assert code == 4
    assert "is not the signature of r.yaml as it is now" in err
    assert not monitor.requests


def test_another_namespace_is_refused(desk: Desk, monitor: Monitor) -> None:
    code, _, err = desk.run(desk.report(namespace="file"))
    assert code == 4
    assert "was made for the namespace 'file', not for 'report'" in err


def test_another_key_than_the_configured_one_is_refused(desk: Desk, monitor: Monitor) -> None:
    code, _, err = desk.run(desk.report(key="foreign"))
    assert code == 4
    assert "was made with another key (ssh-ed25519 SHA256:" in err
    assert not monitor.requests


def test_a_key_nobody_knows_here_is_for_the_monitor_to_judge(desk: Desk, monitor: Monitor) -> None:
    text = desk.config.read_text("utf-8")
    desk.config.write_text("".join(line + "\n" for line in text.splitlines() if not line.startswith("key")), "utf-8")
    code, _, err = desk.run(desk.report(key="foreign"))
    assert code == 1
    assert "verification failed" in err


# --- degrading


def publish(monitor: Monitor, result: int, hours: float = 20, testcases: tuple[str, ...] = TESTCASES) -> None:
    for testcase in testcases:
        moment = NOW - dt.timedelta(hours=hours)
        monitor.rows.append(Row(len(monitor.rows), "cloud-a", IAAS, testcase, result, moment, "published"))


HALF = {**GOOD, TESTCASES[0]: 0, TESTCASES[1]: 0}
MOST = {**HALF, TESTCASES[2]: 0}


@pytest.mark.parametrize(
    ("results", "more", "published", "words"),
    [
        (dict.fromkeys(TESTCASES, 0), {}, None, "all 4 results are ABORT"),
        ({TESTCASES[0]: 0}, {}, None, "its only result is ABORT"),
        ({}, {}, None, "it has no results"),
        (GOOD, {"debug": {"interrupted": True}}, None, "its run was interrupted"),
        (GOOD, {"checked_at": ago(hours=30)}, 1, "for each of its testcases a newer result is published"),
        (GOOD, {"checked_at": ago(hours=20)}, 0, "for each of its testcases a newer result is published"),
        (MOST, {}, 1, "ABORT would replace a PASS or FAIL that still counts for 3 of its 4 testcases"),
        (MOST, {}, -1, "ABORT would replace a PASS or FAIL that still counts for 3 of its 4 testcases"),
    ],
)
def test_a_degrading_report_is_refused_unless_forced(
    desk: Desk, monitor: Monitor, results: dict[str, int], more: dict[str, Any], published: int | None, words: str
) -> None:
    if published is not None:
        publish(monitor, published)
    path = desk.report(results, **more)
    code, out, err = desk.run(path)
    assert (code, out) == (1, "")
    assert words in err
    assert "--force" in err
    assert not monitor.posts()
    code, _, _ = desk.run(path, "--force")
    assert code == 0
    assert len(monitor.posts()) == 1


@pytest.mark.parametrize(
    ("results", "published", "hours"),
    [
        (HALF, 1, 20),  # not more than half of it
        (MOST, 0, 20),  # ABORT takes nothing away from ABORT
        (MOST, 1, 24 * 15),  # it counts no longer
        ({**dict.fromkeys(TESTCASES, -1)}, 1, 20),  # a FAIL is a finding
    ],
)
def test_what_is_not_degrading_is_sent(
    desk: Desk, monitor: Monitor, results: dict[str, int], published: int, hours: float
) -> None:
    publish(monitor, published, hours)
    assert desk.run(desk.report(results))[0] == 0


def test_a_report_that_is_partly_older_is_sent_and_said_not_to_be_newest(desk: Desk, monitor: Monitor) -> None:
    publish(monitor, 1, testcases=TESTCASES[:3])
    code, out, err = desk.run(desk.report(checked_at=ago(hours=30)))
    assert code == 0
    assert "stored as cloud-a" in out
    assert "and counts" not in out
    when = f"{NOW - dt.timedelta(hours=20):%Y-%m-%d %H:%M}"
    assert f"stored, but not the newest: scs-0100-syntax-check is from {when} (report published) and 2 more" in err


def test_of_equal_times_the_first_counts_and_that_is_seen(desk: Desk, monitor: Monitor) -> None:
    publish(monitor, -1, testcases=TESTCASES[:1])
    code, _, err = desk.run(desk.report(checked_at=str(NOW - dt.timedelta(hours=20))))
    assert code == 0
    assert "not the newest: scs-0100-syntax-check is from" in err


def test_a_replay_by_another_judge_counts(desk: Desk, monitor: Monitor) -> None:
    seen = NOW - dt.timedelta(hours=3)
    desk.run(desk.report(checked_at=str(seen)))
    code, out, err = desk.run(
        desk.report(name="b.yaml", uuid="second", checked_at=str(seen + dt.timedelta(microseconds=9)))
    )
    assert (code, err) == (0, "")
    assert "and counts" in out


def test_ids_the_scope_does_not_know_are_not_looked_for(desk: Desk, monitor: Monitor) -> None:
    code, out, err = desk.run(desk.report({**GOOD, "scs-9999-other": 1}))
    assert code == 0
    assert "and counts" in out
    assert "is no testcase of" in err


def test_somebody_elses_reports_are_pointed_out(desk: Desk, monitor: Monitor) -> None:
    publish(monitor, 1)
    code, _, err = desk.run(desk.report())
    assert code == 0
    assert "somebody else sends reports on cloud-a, too: scs-0100-syntax-check and 3 more from" in err


def test_ones_own_reports_and_old_ones_are_not(desk: Desk, monitor: Monitor) -> None:
    desk.run(desk.report(name="first.yaml", checked_at=ago(hours=5)))
    assert desk.run(desk.report(name="second.yaml", uuid="second", checked_at=ago(hours=3)))[2] == ""
    monitor.rows.clear()
    publish(monitor, 1, hours=49)
    assert desk.run(desk.report(name="third.yaml", uuid="third"))[2] == ""


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_wrong_clock_is_noticed(desk: Desk, monitor: Monitor, hours: float) -> None:
    monitor.skew = dt.timedelta(hours=hours)
    code, _, err = desk.run(desk.report())
    assert code == 1
    assert re.search(r"the clock of this machine is (1 h|59 min 5\d s) (ahead of|behind) the monitor's", err)
    assert ("ahead" in err) is (hours < 0)
    assert not monitor.posts()


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_may_differ_a_little(desk: Desk, monitor: Monitor, minutes: float) -> None:
    monitor.skew = dt.timedelta(minutes=minutes)
    assert desk.run(desk.report())[0] == 0


def test_without_a_date_the_clock_is_not_compared(desk: Desk, monitor: Monitor) -> None:
    monitor.no_date = True
    assert desk.run(desk.report())[0] == 0


# --- the monitor's status page is broken


def test_a_report_that_decides_everything_is_sent_all_the_same(desk: Desk, monitor: Monitor) -> None:
    monitor.always["GET /status"] = "500"
    code, out, err = desk.run(desk.report())
    assert code == 0
    assert "stored" in out
    assert "nothing is compared" in err
    assert "what is published now is not known" in err


def test_another_one_waits_unless_forced(desk: Desk, monitor: Monitor) -> None:
    monitor.always["GET /status"] = "500"
    path = desk.report(HALF)
    assert desk.run(path)[0] == 6
    assert not monitor.posts()
    assert desk.run(path, "--force")[0] == 0


# --- the way there


def test_nobody_listens(desk: Desk, monitor: Monitor) -> None:
    code, out, err = desk.run(desk.report(), "--monitor", f"http://127.0.0.1:{closed_port()}")
    assert (code, out) == (6, "")
    assert "cannot be reached (Connection refused)" in err


def test_a_certificate_that_nobody_trusts(desk: Desk, authority: Authority, monitor: Monitor) -> None:
    with Server(monitor, context(authority.issue("127.0.0.1", alone=True))) as server:
        code, _, err = desk.run(desk.report(), "--monitor", server.url)
    assert code == 6
    assert "its certificate is not trusted (self-signed certificate)" in err
    assert err.count("\n") == 1
    assert not monitor.requests


def test_an_authority_of_ones_own(desk: Desk, authority: Authority, monitor: Monitor, monkeypatch: Any) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.path))
    with Server(monitor, context(authority.issue("localhost", "127.0.0.1"))) as server:
        code, out, _ = desk.run(desk.report(), "--monitor", server.url.replace("127.0.0.1", "localhost"))
    assert (code, "stored" in out) == (0, True)


def test_a_slow_monitor_is_given_up(desk: Desk, monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor_client, "MOST_SECONDS", 1.0)
    monitor.always["POST /reports"] = "slow"
    code, _, err = desk.run(desk.report())
    assert code == 6
    assert "does not answer within" in err


@pytest.mark.parametrize("url", ["http://monitor.example/", "https://u:p@monitor.example/", "monitor.example", ""])
def test_no_other_url_is_asked(desk: Desk, monitor: Monitor, url: str) -> None:
    code, _, err = desk.run(desk.report(), f"--monitor={url}")
    assert code == 4
    assert "--monitor: " in err


# --- accounts and tokens


def test_a_token_file_for_one_account(desk: Desk, monitor: Monitor, server: Server) -> None:
    desk.config.write_text("", "utf-8")
    path = desk.report()
    code, _, err = desk.run(path, "--monitor", server.url)
    assert code == 4
    assert "there is no token for account cloud-a; name its file with --token-file=FILE" in err
    assert desk.run(path, "--monitor", server.url, "--token-file", desk.folder / "cloud-a.token")[0] == 0


def test_a_token_in_the_environment(desk: Desk, monitor: Monitor, server: Server, monkeypatch: Any) -> None:
    desk.config.write_text("", "utf-8")
    monkeypatch.setenv("SCS_TOKEN", token("cloud-a", f"{SECRET}-cloud-a"))
    assert desk.run(desk.report(), "--monitor", server.url)[0] == 0
    monkeypatch.setenv("SCS_TOKEN", token("cloud-b", f"{SECRET}-cloud-b"))
    code, _, err = desk.run(desk.report(), "--monitor", server.url)
    assert code == 4
    assert "SCS_TOKEN is of account cloud-b, not of cloud-a" in err


def test_the_variable_is_for_its_own_account_only(desk: Desk, monitor: Monitor, monkeypatch: Any) -> None:
    monkeypatch.setenv("SCS_TOKEN", token("cloud-b", "wrong"))
    code, _, err = desk.run(desk.report(name="a.yaml"), desk.report(name="b.yaml", subject="cloud-b", uuid="second"))
    assert code == 1
    assert "Incorrect username or password" in err
    assert [row.subject for row in monitor.rows] == ["cloud-a"] * 4


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("cloud-a:password", "is no token"),
        (base64.b64encode(b"nothing").decode(), "has no name and passphrase"),
        (base64.b64encode(b":x").decode(), "has no name and passphrase"),
        (base64.b64encode(b"cloud-a:").decode(), "has no name and passphrase"),
        (base64.b64encode(b"cloud-a:x\n").decode(), "has a line end behind the passphrase"),
        (base64.b64encode(b"\xff:x").decode(), "is no token"),
        ("Basic " + token("cloud-a", SECRET), "begins with the word Basic"),
        ("ü", "is no token"),
        ("x" * 20000, "cannot read token file"),
        (token("somebody", SECRET), "is of account somebody, not of cloud-a"),
    ],
)
def test_a_token_file_that_is_none(desk: Desk, monitor: Monitor, content: str, words: str) -> None:
    path = desk.folder / "cloud-a.token"
    path.write_text(content, "utf-8")
    code, _, err = desk.run(desk.report())
    assert code == 4
    assert words in err
    assert not monitor.requests


def test_a_long_token_may_be_wrapped(desk: Desk, monitor: Monitor) -> None:
    monitor.accounts["cloud-a"].password = "long" * 40
    path = desk.folder / "cloud-a.token"
    path.write_text(base64.encodebytes(f"cloud-a:{'long' * 40}".encode()).decode(), "utf-8")
    assert desk.run(desk.report())[0] == 0


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610, 0o644])
def test_a_token_file_that_others_can_read(desk: Desk, monitor: Monitor, mode: int) -> None:
    path = desk.token("cloud-a", mode=mode)
    code, _, err = desk.run(desk.report())
    assert code == 4
    assert f"can be read by others (mode {mode:04o})" in err
    assert f"chmod 600 {path}" in err
    assert not monitor.requests


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize(("mode", "code"), [(0o440, 0), (0o400, 0), (0o640, 0), (0o460, 4), (0o444, 4), (0o604, 4)])
def test_a_token_that_is_mounted_belongs_to_somebody_else(desk: Desk, monitor: Monitor, mode: int, code: int) -> None:
    """A secret of Kubernetes belongs to root, and the user of the container reads it by its group."""
    os.chown(desk.token("cloud-a", mode=mode), 12345, -1)
    assert desk.run(desk.report())[0] == code


@pytest.mark.parametrize("place", ["/dev/zero", "/dev/null", "fifo", "folder"])
def test_a_token_file_that_is_no_file(desk: Desk, monitor: Monitor, place: str) -> None:
    path = desk.folder / "cloud-a.token"
    path.unlink()
    if place == "fifo":
        os.mkfifo(path)
    elif place == "folder":
        path.mkdir()
    else:
        path.symlink_to(place)
    code, _, err = desk.run(desk.report())
    assert (code, f"cannot read token file {path}: it is " in err) == (4, True)


def test_one_signature_is_checked_and_sent(desk: Desk, monitor: Monitor, monkeypatch: Any) -> None:
    """Report and signature are read once: what becomes of the files meanwhile changes nothing."""
    path = desk.report()
    content, signature = path.read_bytes(), path.with_name("r.yaml.sig").read_bytes()
    status = monitor_client.Client.status

    def altering(self: Any, *rest: Any) -> Any:
        path.write_text("altered")
        path.with_name("r.yaml.sig").write_text("altered")
        return status(self, *rest)

    check_key = submission.check_key

    def replacing(place: Path, *rest: Any) -> None:
        place.with_name("r.yaml.sig").write_text("altered")
        check_key(place, *rest)

    monkeypatch.setattr(monitor_client.Client, "status", altering)
    monkeypatch.setattr(submission, "check_key", replacing)
    assert desk.run(path)[0] == 0
    assert monitor.posts() == [signature + b"&" + content]


def test_an_account_must_be_allowed_to_send(desk: Desk, monitor: Monitor) -> None:
    code, _, err = desk.run(desk.report(), "--account=cloud-b")
    assert code == 4
    assert "account cloud-b may not send for cloud-a by the configuration" in err
    code, _, err = desk.run(desk.report(subject="unknown"))
    assert code == 4
    assert "there is no token for account unknown" in err
    with desk.config.open("a", encoding="utf-8") as file:
        file.write('\n[accounts.c]\nfor_subjects = ["unknown"]\n[accounts.d]\nfor_subjects = ["unknown"]\n')
    code, _, err = desk.run(desk.report(subject="unknown"))
    assert code == 4
    assert "several accounts may send for unknown: c, d; choose one with --account=NAME" in err
    assert not monitor.requests


# --- folders and several files


def test_a_folder_is_pointed_at_new(desk: Desk, monitor: Monitor) -> None:
    folder = desk.report().parent
    code, _, err = desk.run(folder)
    assert code == 4
    assert f"{folder} is a folder; what is new in it is sent with --new={folder}" in err
    assert not monitor.posts()


def test_new_sends_what_is_signed_official_and_not_sent(desk: Desk, monitor: Monitor) -> None:
    later = desk.report(name="iaas/a/1.yaml", uuid="u1", checked_at=ago(hours=1))
    first = desk.report(name="iaas/a/2.yaml", uuid="u2", checked_at=ago(hours=3))
    desk.report(
        name="iaas/b/3.json",
        uuid="u3",
        subject="cloud-b",
        text=json.dumps(yaml.safe_load(report_text(GOOD, uuid="u3", subject="cloud-b")), default=str),
        key="cloud-b",
    )
    desk.report(name="beyond/a/1.yaml", uuid="u4", scope=BEYOND)
    unsigned = desk.report(name="iaas/a/5.yaml", uuid="u5")
    unsigned.with_name("5.yaml.sig").unlink()
    (desk.reports / "scorecard.yaml").write_text("subject: cloud-a\n", "utf-8")
    (desk.reports / "evidence.json").write_text("{}", "utf-8")
    code, out, err = desk.run("--new", desk.reports)
    assert (code, err) == (0, "")
    assert list(monitor.documents) == ["u2", "u1", "u3"]
    assert [line.partition(": ")[0] for line in out.splitlines()][:2] == [str(first), str(later)]
    code, out, err = desk.run("--new", desk.reports)
    assert (code, err) == (0, "")
    assert out == (
        f"{desk.reports}: nothing new to send (3 sent already, 1 on unofficial scopes, "
        "1 not signed (scs report sign))\n"
    )


def test_what_is_at_one_monitor_is_new_to_another(desk: Desk, monitor: Monitor, keys: dict[str, Path]) -> None:
    path = desk.report()
    another = Monitor()
    another.accounts = monitor.accounts
    assert desk.run("--new", desk.reports)[0] == 0
    with Server(another) as second:
        assert desk.run("--new", desk.reports, "--monitor", second.url)[0] == 0
        assert list(another.documents) == list(monitor.documents)
        nothing = f"{desk.reports}: nothing new to send (1 sent already)\n"
        assert desk.run("--new", desk.reports, "--monitor", second.url)[1] == nothing
        assert desk.run("--new", desk.reports)[1] == nothing
        notes = yaml.safe_load_all(path.with_name("r.yaml.sent").read_text("utf-8"))
        assert [note["monitor"] for note in notes] == [desk.url, second.url]


def test_new_says_which_folder_it_cannot_look_into(desk: Desk, monitor: Monitor, monkeypatch: Any) -> None:
    def denied(folder: Path, unreadable: list[str]) -> Iterator[Path]:
        unreadable.append(f"cannot read folder {folder}: Permission denied")
        yield from ()

    monkeypatch.setattr("pytest_scs.pipeline.monitor.unsent.files_below", denied)
    code, out, err = desk.run("--new", desk.reports)
    assert (code, out) == (4, f"{desk.reports}: nothing new to send\n")
    assert f"cannot read folder {desk.reports}: Permission denied" in err


def test_new_with_nothing_is_one_line(desk: Desk, monitor: Monitor) -> None:
    assert desk.run("--new", desk.reports) == (0, f"{desk.reports}: nothing new to send\n", "")
    assert not monitor.requests


def test_new_sends_a_file_that_was_written_anew(desk: Desk, monitor: Monitor) -> None:
    desk.report(checked_at=ago(hours=3))
    desk.run("--new", desk.reports)
    desk.report(checked_at=ago(hours=1), uuid="second")
    assert desk.run("--new", desk.reports)[0] == 0
    assert len(monitor.documents) == 2


def test_new_leaves_out_what_counts_no_longer(desk: Desk, monitor: Monitor) -> None:
    desk.report(dict.fromkeys(TESTCASES, 0), name="1.yaml", checked_at=ago(hours=9))
    old = desk.report(name="2.yaml", uuid="u2", checked_at=ago(days=30))
    code, out, err = desk.run("--new", desk.reports)
    assert code == 1
    assert f"{old}: left out, not sent: " in out
    desk.report(name="3.yaml", uuid="u3")
    desk.run("--new", desk.reports)
    (desk.reports / "1.yaml").unlink()
    desk.report(name="1.yaml", checked_at=ago(hours=9))
    code, out, err = desk.run("--new", desk.reports)
    assert (code, err) == (0, "")
    assert out.count("left out, not sent") == 2
    assert desk.run(old)[0] == 1


@pytest.mark.parametrize("arguments", [[], ["--new=x", "y"], ["--new="], [""], ["--new=x", "--account="]])
def test_wrong_usage(desk: Desk, arguments: list[str], capsys: Any) -> None:
    try:
        code = desk.run(*arguments)[0]
    except SystemExit as ended:
        code = int(str(ended.code))
    assert code == 4


def test_a_folder_that_is_none(desk: Desk) -> None:
    for name, words in (("nothing", "is no folder"), ("scs.toml", "is no folder")):
        code, _, err = desk.run("--new", desk.folder / name)
        assert code == 4
        assert words in err
    code, _, err = desk.run(desk.reports)
    assert code == 4
    assert "is a folder; what is new in it is sent with --new=" in err


def test_all_files_are_tried_and_the_worst_ending_is_the_code(desk: Desk, monitor: Monitor) -> None:
    missing = desk.reports / "missing.yaml"
    refused = desk.report({TESTCASES[0]: 0}, name="refused.yaml", uuid="u1")
    good = desk.report(name="good.yaml", uuid="u2")
    later = desk.report(name="later.yaml", uuid="u3", subject="cloud-b")
    monitor.faults["POST /reports"].extend(["ok", "500"])
    code, out, err = desk.run(missing, refused, good, later)
    assert code == 4
    assert [len(text.splitlines()) for text in (out, err)] == [1, 3]
    monitor.faults["POST /reports"].extend(["ok", "500"])
    assert desk.run(refused, good, later)[0] == 1
    monitor.faults["POST /reports"].extend(["ok", "500"])
    assert desk.run(good, later)[0] == 6
    assert desk.run(good, later)[0] == 0


def test_a_dry_run_sends_nothing(desk: Desk, monitor: Monitor, server: Server) -> None:
    path = desk.report()
    code, out, err = desk.run(path, "--dry-run")
    assert (code, err) == (0, "")
    assert f"{path}: would be sent to {server.url} as cloud-a (4 results, " in out
    assert not monitor.posts()
    assert not path.with_name("r.yaml.sent").exists()
    assert desk.run(desk.report(dict.fromkeys(TESTCASES, 0)), "--dry-run")[0] == 1


def test_a_note_that_cannot_be_written_is_a_warning(desk: Desk, monitor: Monitor) -> None:
    path = desk.report()
    path.with_name("r.yaml.sent").mkdir()
    code, out, err = desk.run(path)
    assert code == 0
    assert "stored" in out
    assert "WARNING: sent, but" in err


def test_an_interrupt_keeps_what_was_noted(desk: Desk, monitor: Monitor, monkeypatch: Any) -> None:
    first, second = desk.report(name="1.yaml", uuid="u1"), desk.report(name="2.yaml", uuid="u2", subject="cloud-b")
    send = monitor_client.Client.send

    def interrupted(self: Any, credentials: Any, *rest: Any) -> Any:
        if credentials.name == "cloud-b":
            raise KeyboardInterrupt
        return send(self, credentials, *rest)

    monkeypatch.setattr(monitor_client.Client, "send", interrupted)
    code, _, err = desk.run(first, second)
    assert code == 130
    assert f"interrupted at {second}; 1 of 2 files were through" in err
    assert first.with_name("1.yaml.sent").exists()
    assert not second.with_name("2.yaml.sent").exists()


# --- secrets


def test_no_secret_comes_out(desk: Desk, monitor: Monitor, caplog: Any, monkeypatch: Any) -> None:
    logger = logging.getLogger("urllib3")
    secret = f"{SECRET}-cloud-a"
    send = monitor_client.Client.send

    def chatty(self: Any, credentials: Any, *rest: Any) -> Any:
        logger.debug("send: %r", {"Authorization": credentials.authorization})
        logger.warning("%s %r", credentials.secret, credentials)
        sys.stdout.write(f"{credentials.authorization} {credentials}")
        return send(self, credentials, *rest)

    monkeypatch.setattr(monitor_client.Client, "send", chatty)
    with caplog.at_level(logging.DEBUG):
        code, out, err = desk.run(desk.report())
    assert code == 0
    for text in (out, err, caplog.text):
        assert secret not in text
        assert token("cloud-a", secret) not in text


def test_no_secret_is_in_a_traceback(desk: Desk, monkeypatch: Any, capsys: Any) -> None:
    def broken(self: Any, credentials: Any, *rest: Any) -> Any:
        raise RuntimeError(f"no idea what to do with {credentials.authorization} and {credentials.secret}")

    monkeypatch.setattr(monitor_client.Client, "send", broken)
    with pytest.raises(SystemExit) as ended:
        cli.main(["report", "submit", str(desk.report()), "--scs-config", str(desk.config)])
    err = capsys.readouterr().err
    assert ended.value.code == 3
    assert "RuntimeError: no idea what to do with" in err
    assert SECRET not in err
    assert token("cloud-a", f"{SECRET}-cloud-a") not in err


def test_a_hostile_monitor_says_nothing_to_the_terminal(desk: Desk, monitor: Monitor, monkeypatch: Any) -> None:
    monitor.elsewhere = "https://elsewhere.example/\x1b[2J"
    monitor.always["POST /reports"] = "redirect"
    _, _, err = desk.run(desk.report())
    assert "\x1b" not in err
    publish(monitor, 1)
    monitor.rows[0].report = "\x1b[31m\nscs: stored"
    _, _, err = desk.run(desk.report())
    assert "\x1b" not in err
    assert "\nscs: stored" not in err


@pytest.mark.parametrize("option", ["--token", "--password", "--api-key"])
@pytest.mark.parametrize("action", ["submit", "whoami"])
def test_no_secret_is_taken_or_repeated_from_the_command_line(action: str, option: str, capsys: Any) -> None:
    for words in ([f"{option}={SECRET}"], [option, SECRET]):
        with pytest.raises(SystemExit) as ended:
            cli.main(["report", action, *words])
        assert ended.value.code == 4
        assert SECRET not in "".join(capsys.readouterr())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_nobody_may_write_to(desk: Desk, monitor: Monitor) -> None:
    path = desk.report()
    desk.reports.chmod(0o500)
    try:
        code, _, err = desk.run(path)
    finally:
        desk.reports.chmod(0o700)
    assert (code, "cannot be written" in err) == (0, True)
