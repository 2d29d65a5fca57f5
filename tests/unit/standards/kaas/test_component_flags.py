# SPDX-License-Identifier: Apache-2.0
"""Flags out of command lines, environments and /flagz: what is kept, and how it is written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.standards.kaas import component_flags
from pytest_scs.standards.kaas.component_flags import (
    API_SERVER_FLAGS,
    ETCD_FLAGS,
    ComponentFlags,
    command_line,
    duration,
    etcd_environment,
    shown_flags,
)
from pytest_scs.standards.kaas.control_plane import ComponentPod, slim_pod


@pytest.mark.parametrize("values", [{"max-requests-inflight": []}, {}, {"max-requests-inflight": ["400"]}])
def test_recorded_flags_that_are_not_all_there_are_no_defaults(values: Any) -> None:
    with pytest.raises(FormError, match=r"flagz\.flags"):
        component_flags.read_shown("API server", Fields("flagz", {"flags": values}))


@pytest.mark.parametrize(
    ("command", "args", "found"),
    [
        (["kube-apiserver", "--etcd-servers=https://a:2379"], None, {"etcd-servers": ["https://a:2379"]}),
        (["kube-apiserver"], ["--etcd-servers", "https://a:2379"], {"etcd-servers": ["https://a:2379"]}),
        (["kube-apiserver", "--token-auth-file=/x"], ["--max-requests-inflight=0"], None),
        (["kube-apiserver", "--enable-priority-and-fairness", "--v=2"], [], {"enable-priority-and-fairness": ["true"]}),
        (
            ["/bin/sh", "-c", 'exec kube-apiserver "--authorization-mode=Node,RBAC" --v 2 1>>/log'],
            None,
            {"authorization-mode": ["Node,RBAC"]},
        ),
        (
            ["kube-apiserver", "--authorization-mode=Node", "--authorization-mode=RBAC"],
            None,
            {"authorization-mode": ["Node", "RBAC"]},
        ),
        (["kube-apiserver", "--oidc-client-secret=hunter2", "-", "--"], None, {}),
        (["kube-apiserver", "--max_requests_inflight=0"], None, {"max-requests-inflight": ["0"]}),
        (["kube-apiserver", "--client-ca-file"], None, {"client-ca-file": [""]}),
    ],
)
def test_flags_are_read_off_command_and_arguments(command: Any, args: Any, found: Any) -> None:
    expected = {"token-auth-file": ["/x"], "max-requests-inflight": ["0"]} if found is None else found
    assert command_line({"command": command, "args": args}, API_SERVER_FLAGS) == expected


@pytest.mark.parametrize(
    "container",
    [{"command": "kube-apiserver"}, {"args": [1]}, {"command": ["sh", "-c", "kube-apiserver '"]}],
)
def test_a_command_line_of_another_form_is_refused(container: Any) -> None:
    with pytest.raises(FormError):
        command_line(container, API_SERVER_FLAGS)


def test_settings_of_etcd_may_be_in_the_environment() -> None:
    env = [
        {"name": "ETCD_CERT_FILE", "value": "/a"},
        {"name": "ETCD_KEY_FILE", "valueFrom": {"secretKeyRef": {"name": "x", "key": "y"}}},
        {"name": "ETCD_INITIAL_CLUSTER_TOKEN", "value": "hunter2"},
    ]
    assert etcd_environment({"env": env}) == {"cert-file": ["/a"], "key-file": ["$(ETCD_KEY_FILE)"]}
    assert etcd_environment({"env": [{"name": "ETCD_KEY_FILE"}]}) == {}
    assert etcd_environment({}) == {}


def test_the_command_line_of_etcd_wins_over_its_environment() -> None:
    pod = {
        "metadata": {"name": "etcd-1", "labels": {"component": "etcd"}},
        "spec": {
            "nodeName": "control-1",
            "containers": [
                {"name": "sidecar", "command": ["x", "--cert-file=/no"]},
                {
                    "name": "etcd",
                    "command": ["etcd", "--cert-file=/b", "--client-cert-auth"],
                    "env": [{"name": "ETCD_CERT_FILE", "value": "/a"}, {"name": "ETCD_KEY_FILE", "value": "/k"}],
                },
            ],
        },
        "status": {"phase": "Running"},
    }
    [slim] = slim_pod(pod)
    assert slim == {
        "name": "etcd-1",
        "component": "etcd",
        "node": "control-1",
        "flags": {"cert-file": ["/b"], "client-cert-auth": ["true"], "key-file": ["/k"]},
    }
    assert ComponentPod.from_plain(slim).flags.name == "pod etcd-1"


@pytest.mark.parametrize(
    ("component", "phase"), [("etcd", "Failed"), ("etcd", "Pending"), ("kube-scheduler", "Running"), (None, "Running")]
)
def test_other_pods_are_left_out(component: str | None, phase: str) -> None:
    pod = {"metadata": {"name": "x", "labels": {"component": component}}, "spec": {}, "status": {"phase": phase}}
    assert list(slim_pod(pod)) == []


#: What every API server shows, with values of another cluster.
SHOWN = {
    "authorization-mode": "[Node,RBAC]",
    "client-ca-file": "",
    "disable-admission-plugins": "[]",
    "enable-admission-plugins": "[NodeRestriction]",
    "etcd-servers": "[]",
    "max-mutating-requests-inflight": "200",
    "max-requests-inflight": "400",
    "min-request-timeout": "1800",
}


def test_of_what_the_server_shows_only_what_is_judged_is_kept() -> None:
    kept = shown_flags({"flags": {**SHOWN, "oidc-client-id": "mine"}})
    assert kept == {flag: [value] for flag, value in SHOWN.items()}
    flags = ComponentFlags("API server", {name: tuple(values) for name, values in kept.items()}, effective=True)
    assert flags.listed("authorization-mode") == ("Node", "RBAC")
    assert flags.listed("etcd-servers") == flags.listed("client-ca-file") == ()


@pytest.mark.parametrize("flag", SHOWN)
def test_flags_that_are_not_all_there_are_no_defaults(flag: str) -> None:
    with pytest.raises(FormError, match=f"expected every flag, and {flag} is not there"):
        shown_flags({"flags": {name: value for name, value in SHOWN.items() if name != flag}})


@pytest.mark.parametrize("answer", [{}, {"flags": None}, {"flags": []}, {"flags": {"etcd-servers": ["a"]}}])
def test_an_answer_of_another_form_is_refused(answer: Any) -> None:
    with pytest.raises(FormError, match="flagz"):
        shown_flags(answer)


@pytest.mark.parametrize(("text", "seen"), [("true", True), ("F", False), ("", None), ("$(X)", None)])
def test_a_switch_is_on_off_or_unknown(text: str, seen: bool | None) -> None:
    assert ComponentFlags("etcd", {"client-cert-auth": (text,)}).truth("client-cert-auth", True) is seen
    assert ComponentFlags("etcd", {}).truth("client-cert-auth", True) is True


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("8h", 28800),
        ("8", 28800),
        ("8h0m0s", 28800),
        ("480m", 28800),
        ("1.5h", 5400),
        ("1h30m", 5400),
        ("0", 0),
        ("100ms", 0.1),
        ("", None),
        ("8 h", None),
        ("-8h", None),
        ("h", None),
        ("8x", None),
        ("8h" * 40, None),
    ],
)
def test_a_duration_is_read_as_etcd_reads_it(text: str, seconds: float | None) -> None:
    assert duration(text) == seconds


@given(st.integers(0, 999), st.integers(0, 59), st.integers(0, 59))
def test_durations_add_up(hours: int, minutes: int, seconds: int) -> None:
    assert duration(f"{hours}h{minutes}m{seconds}s") == hours * 3600 + minutes * 60 + seconds


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_command_line_is_read_or_refused(words: list[str]) -> None:
    try:
        found = command_line({"command": words}, ETCD_FLAGS)
    except FormError:
        return
    assert set(found) <= ETCD_FLAGS
