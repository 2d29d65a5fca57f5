# SPDX-License-Identifier: Apache-2.0
"""What is asked of a cluster before any testcase, and how long a credential is good."""

from __future__ import annotations

import base64
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from api_server import access_to

from pytest_scs.core.cause import Cause, CauseKind, Inconclusive
from pytest_scs.demo.kubernetes.certificates import Authority
from pytest_scs.platforms.kubernetes import preflight
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.platforms.kubernetes.credential import end_of_token, ends_too_soon, is_over
from pytest_scs.platforms.kubernetes.exec_plugin import PluginFailed, run_plugin

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def refused(status: int, message: str = "") -> Refused:
    return Refused(status, "", message, {})


class Scripted(Client):
    """Answers by method name, or raises; what is not scripted is 404."""

    def __init__(self, user: dict[str, Any] | None = None, **answers: Any) -> None:
        super().__init__(access_to("https://10.0.0.1", user=user), 0)
        self.answers = answers
        self.asked: list[str] = []

    def get(self, api: str, method: str, *arguments: Any, **options: Any) -> dict[str, Any]:
        self.asked.append(method)
        found = self.answers.get(method, refused(404))
        if isinstance(found, Exception):
            raise found
        return dict(found)

    def call(self, api: str, method: str, *arguments: Any, **options: Any) -> Any:
        return self.get(api, method)

    def list(self, api: str, method: str, *arguments: Any, **options: Any) -> Any:
        return self.get(api, method)["items"]


def review(name: str) -> dict[str, Any]:
    return {"status": {"userInfo": {"username": name}}}


VERSION = {"gitVersion": "v1.36.3"}


def test_what_a_plug_in_complains_of_is_for_the_terminal_alone() -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable}
    program = "import sys; print('token t0p'); sys.exit('no login for jane at https://login.internal: s3cret')"
    with pytest.raises(PluginFailed) as caught:
        run_plugin({**plugin, "args": ["-c", program]}, {})
    said: list[str] = []
    found = preflight.refusal(Scripted(get_code=caught.value), said.append)
    name = Path(sys.executable).name
    cause = f"the credential plug-in {name} of the kubeconfig ended with exit code 1"
    assert found == Cause(f"cannot reach API server: {cause}", CauseKind.AUTHENTICATION)
    assert said == [f"10.0.0.1:443: {cause}: no login for jane at https://login.internal: s3cret"]
    with pytest.raises(PluginFailed) as caught:
        run_plugin({**plugin, "args": ["-c", "import sys; sys.exit(3)"]}, {})
    assert (str(caught.value).endswith("ended with exit code 3"), caught.value.complaint) == (True, "")


def test_a_cluster_that_answers_and_knows_us_can_be_judged() -> None:
    client = Scripted(get_code=VERSION, create_self_subject_review=review("jane"))
    said: list[str] = []
    assert preflight.refusal(client, said.append) is None
    assert client.asked == ["get_code", "create_self_subject_review"]
    assert not said


@pytest.mark.parametrize(
    ("answers", "cause", "kind"),
    [
        (
            {"get_code": Inconclusive("connection refused", CauseKind.OUTAGE)},
            "cannot reach API server: connection refused",
            CauseKind.OUTAGE,
        ),
        ({"get_code": refused(401)}, "credentials rejected (401)", CauseKind.AUTHENTICATION),
        (
            {"get_code": refused(404, "page not found")},
            "cannot reach API server: the API server answered 404 (page not found)",
            CauseKind.MALFORMED,
        ),
        (
            {"get_code": VERSION, "create_self_subject_review": refused(401)},
            "credentials rejected (401)",
            CauseKind.AUTHENTICATION,
        ),
        (
            {"get_code": VERSION, "create_self_subject_review": refused(500)},
            "cannot use API server: the API server answered 500",
            CauseKind.OUTAGE,
        ),
        (
            {"get_code": VERSION, "create_self_subject_review": Inconclusive("no answer in time", CauseKind.TIMEOUT)},
            "cannot reach API server: no answer in time",
            CauseKind.TIMEOUT,
        ),
        (
            {"get_code": VERSION, "create_self_subject_review": review("system:anonymous")},
            "credentials rejected: the API server takes us for system:anonymous; what the user of the kubeconfig has "
            "is unknown to it",
            CauseKind.AUTHENTICATION,
        ),
        (
            {"get_code": VERSION, "create_self_subject_access_review": refused(401)},
            "credentials rejected (401)",
            CauseKind.AUTHENTICATION,
        ),
    ],
)
def test_a_cluster_that_cannot_be_judged_says_why(answers: dict[str, Any], cause: str, kind: CauseKind) -> None:
    found = preflight.refusal(Scripted(**answers))
    assert found is not None
    assert (str(found), found.kind) == (cause, kind)


def test_the_server_is_named_in_the_terminal_only() -> None:
    said: list[str] = []
    found = preflight.refusal(Scripted(get_code=Inconclusive("connection refused", CauseKind.OUTAGE)), said.append)
    assert said == ["10.0.0.1:443: connection refused"]
    assert "10.0.0.1" not in str(found)


@pytest.mark.parametrize("reviews", [{}, {"create_self_subject_access_review": refused(403)}])
def test_an_old_server_is_judged_and_said_to_be_old(reviews: dict[str, Any]) -> None:
    """Its version is a violation, and that has to be found."""
    said: list[str] = []
    answers = {"get_code": {"gitVersion": "v1.27.16"}, "create_self_subject_access_review": {}} | reviews
    assert preflight.refusal(Scripted(**answers), said.append) is None
    assert said == [
        "its version is v1.27, older than 1.28: what takes newer APIs cannot be decided, and says so",
    ]


@pytest.mark.parametrize("version", [{}, {"gitVersion": None}, {"gitVersion": 1}, {"gitVersion": "new"}])
def test_an_odd_version_is_no_matter_of_the_preflight(version: dict[str, Any]) -> None:
    assert preflight.refusal(Scripted(get_code=version, create_self_subject_review={"status": []})) is None


def test_a_version_that_nobody_may_see_is_no_matter_of_the_preflight() -> None:
    assert preflight.refusal(Scripted(get_code=refused(403), create_self_subject_review=refused(403))) is None


def node(**changes: Any) -> dict[str, Any]:
    return {
        "spec": changes.get("spec", {}),
        "status": {
            "conditions": changes.get("conditions", [{"type": "Ready", "status": "True"}]),
            "nodeInfo": changes.get("info", {"operatingSystem": "linux"}),
        },
    }


@pytest.mark.parametrize(
    "other",
    [
        node(conditions=[{"type": "Ready", "status": "Unknown"}]),
        node(conditions=None),
        node(spec={"unschedulable": True}),
        node(spec={"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]}),
        node(info={"operatingSystem": "windows"}),
        {"spec": None, "status": 1},
    ],
)
def test_too_few_nodes_are_said(other: dict[str, Any]) -> None:
    client = Scripted(list_node={"items": [node(), other]}, list_namespace={"items": []})
    assert [*preflight.notices(client, 3600, NOW)] == [
        "1 of its nodes can take pods, and several tests of the e2e suite need 2 (ready, Linux)"
    ]
    client = Scripted(list_node={"items": [node(), node(info=None), other]}, list_namespace={"items": []})
    assert not [*preflight.notices(client, 3600, NOW)]


def test_namespaces_of_runs_are_noticed_and_missing_rights_are_not() -> None:
    namespaces = [
        {"metadata": {"name": "default", "labels": None}},
        {"metadata": {"name": "sonobuoy"}},
        {"metadata": {"name": "scs-x", "labels": {"app.kubernetes.io/managed-by": "pytest-scs"}}},
        {"metadata": []},
    ]
    client = Scripted(list_node={"items": [node()] * 2}, list_namespace={"items": namespaces})
    assert [*preflight.notices(client, 3600, NOW)] == [
        "namespaces of other or earlier runs are there: sonobuoy, scs-x; see: scs cleanup"
    ]
    assert not [*preflight.notices(Scripted(list_node=refused(403)), 3600, NOW)]


def token(claims: Any) -> str:
    parts = ({"alg": "none"}, claims)
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts), "x"])


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        (token({"exp": NOW.timestamp()}), NOW),
        (token({"exp": str(NOW.timestamp())}), NOW),
        (token({}), None),
        (token([]), None),
        (token({"exp": None}), None),
        (token({"exp": 1e300}), None),
        ("a.b.c", None),
        ("opaque-token", None),
        ("", None),
    ],
)
def test_a_token_may_say_when_it_ends(text: str, ends: dt.datetime | None) -> None:
    assert end_of_token(text) == ends


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ({"token": "opaque-token"}, ""),
        ({"client-key-data": "x"}, ""),
        ({"token": token({"exp": (NOW + dt.timedelta(hours=7)).timestamp()})}, ""),
        (
            {"token": token({"exp": (NOW + dt.timedelta(hours=5)).timestamp()})},
            "its token ends at 2026-11-20 17:00 UTC",
        ),
        (
            {"token": token({"exp": (NOW - dt.timedelta(hours=1)).timestamp()})},
            "its token ended at 2026-11-20 11:00 UTC",
        ),
        (
            {"auth-provider": {"name": "oidc", "config": {"id-token": token({"exp": NOW.timestamp()})}}},
            "its token ended at 2026-11-20 12:00 UTC",
        ),
        (
            {"exec": {"command": "login"}},
            "its credential is given by a plug-in, and may end before, or want a person to log in again",
        ),
    ],
)
def test_a_credential_that_ends_within_a_run_is_said(user: dict[str, Any], words: str) -> None:
    assert ends_too_soon(access_to("https://x", user=user), NOW, 6 * 3600) == words


def certificate_for(since: float, days: float) -> dict[str, str]:
    """A user with a client certificate that has held for so many days, of so many."""
    text, _ = Authority((2000.0, 9000.0)).issue("client", "jane", (), (since, days))
    return {"client-certificate-data": base64.b64encode(text.encode()).decode(), "client-key-data": "eA=="}


def test_a_client_certificate_that_ends_is_said() -> None:
    now = dt.datetime.now(dt.UTC)
    access = access_to("https://x", user=certificate_for(364.9, 365))
    assert ends_too_soon(access, now, 600) == ""
    assert ends_too_soon(access, now, 6 * 3600).startswith("its client certificate ends at 20")
    assert is_over(access, now) == ""
    assert ends_too_soon(access_to("https://x", user={"client-certificate-data": "eA=="}), now, 600) == ""


@pytest.mark.parametrize("answers", [{"get_code": refused(401)}, {"create_self_subject_review": refused(401)}])
def test_why_a_credential_may_have_been_rejected_is_for_the_terminal(answers: dict[str, Any]) -> None:
    said: list[str] = []
    answers = {"get_code": VERSION, **answers}
    found = preflight.refusal(Scripted(user=certificate_for(30, 20), **answers), said.append)
    assert str(found) == "credentials rejected (401)"
    [line] = said
    assert line.startswith("its client certificate ended at 20")
    said.clear()
    user = {"token": token({"exp": NOW.timestamp()})}
    preflight.refusal(Scripted(user=user, get_code=VERSION, create_self_subject_review=review("jane")), said.append)
    assert said == []
    preflight.refusal(Scripted(user=user, get_code=refused(401)), said.append)
    assert said == ["its token ended at 2026-11-20 12:00 UTC"]
