# SPDX-License-Identifier: Apache-2.0
"""Who may what in the demo cluster: accounts, reviews, impersonation, in the words of the real authorizers."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.demo.kubernetes.rights import grant

BASIC = 'RBAC: allowed by ClusterRoleBinding "system:basic-user" of ClusterRole "system:basic-user" to Group '


def review(ask: Any, user: str, groups: list[str], **attributes: str) -> dict[str, Any]:
    body = {"spec": {"user": user, "groups": groups, "resourceAttributes": attributes}}
    return dict(ask("AuthorizationV1Api", "create_subject_access_review", body)["status"])


@pytest.mark.parametrize("token", [False, True])
def test_an_account_is_known_by_its_certificate_and_by_its_token(ask_as: Any, token: bool) -> None:
    found = ask_as("admin", token=token)("AuthenticationV1Api", "create_self_subject_review", {})["status"]["userInfo"]
    assert found["username"] == "kubernetes-admin"
    assert found["groups"] == ["kubeadm:cluster-admins", "system:authenticated"]
    assert ("extra" in found) is not token


def test_a_wrong_token_is_unauthorized(ask_as: Any) -> None:
    asking = ask_as("admin", token=True)
    asking.state.accounts["admin"].token = "another"
    status = asking.refused("CoreV1Api", "list_node")
    assert (status["code"], status["message"], status["reason"]) == (401, "Unauthorized", "Unauthorized")


def test_without_a_credential_one_is_anonymous_or_nobody(ask: Any) -> None:
    ask.client.configuration.cert_file = ask.client.configuration.key_file = None
    bare = type(ask.client)(ask.client.configuration)
    ask.client = bare
    status = ask.refused("CoreV1Api", "list_node")
    assert (status["code"], status["reason"]) == (403, "Forbidden")
    assert status["message"].startswith('nodes is forbidden: User "system:anonymous" cannot list resource "nodes" in ')
    ask.state.anonymous = False
    assert ask.refused("CoreV1Api", "list_node")["code"] == 401
    bare.close()


def test_who_has_no_right_is_told_which(ask_as: Any) -> None:
    viewer = ask_as("viewer")
    assert viewer.refused("CoreV1Api", "list_node")["message"] == (
        'nodes is forbidden: User "viewer" cannot list resource "nodes" in API group "" at the cluster scope'
    )
    status = viewer.refused("CoreV1Api", "read_namespaced_secret", "x", "kube-system")
    assert status["message"] == (
        'secrets "x" is forbidden: User "viewer" cannot get resource "secrets" in API group "" '
        'in the namespace "kube-system"'
    )
    assert status["details"] == {"name": "x", "kind": "secrets"}
    assert viewer("CoreV1Api", "list_namespace")["items"]
    response = viewer.raw("/metrics")
    assert (response.status, b'cannot get path \\"/metrics\\"' in response.data) == (403, True)
    response = viewer.raw("/api/v1/nodes/worker-1/proxy/configz")
    assert (response.status, b'cannot get resource \\"nodes/proxy\\"' in response.data) == (403, True)


def test_a_right_can_be_granted(ask_as: Any) -> None:
    stranger = ask_as("stranger")
    rule = {"verbs": ["list"], "apiGroups": [""], "resources": ["nodes"]}
    grant(stranger.state, "stranger", "node-lister", rule)
    assert stranger("CoreV1Api", "list_node")["items"]
    rules = stranger("AuthorizationV1Api", "create_self_subject_rules_review", {"spec": {"namespace": "default"}})
    assert rule in rules["status"]["resourceRules"]
    assert {"verbs": ["*"], "nonResourceURLs": ["*"]} not in rules["status"]["nonResourceRules"]


@pytest.mark.parametrize(("account", "allowed"), [("admin", True), ("viewer", False), ("stranger", False)])
def test_everything_may_be_asked_for_at_once(ask_as: Any, account: str, allowed: bool) -> None:
    body = {"spec": {"resourceAttributes": {"verb": "*", "group": "*", "resource": "*"}}}
    status = ask_as(account)("AuthorizationV1Api", "create_self_subject_access_review", body)["status"]
    assert status["allowed"] is allowed
    body = {"spec": {"nonResourceAttributes": {"verb": "get", "path": "/metrics"}}}
    status = ask_as(account)("AuthorizationV1Api", "create_self_subject_access_review", body)["status"]
    assert status["allowed"] is allowed


def test_reviews_say_which_authorizer_spoke(ask: Any) -> None:
    nodes = ["system:nodes", "system:authenticated"]
    secret = {"verb": "get", "resource": "secrets", "namespace": "kube-system", "name": "nope"}
    assert review(ask, "system:node:worker-1", nodes, **secret) == {
        "allowed": False,
        "reason": "no relationship found between node 'worker-1' and this object",
    }
    own = {"verb": "create", "group": "authentication.k8s.io", "resource": "selfsubjectreviews"}
    assert review(ask, "somebody", ["system:authenticated"], **own) == {
        "allowed": True,
        "reason": f'{BASIC}"system:authenticated"',
    }
    assert review(ask, "somebody", ["system:authenticated"], **secret) == {"allowed": False}
    assert review(ask, "root", ["system:masters"], **secret) == {"allowed": True}
    ask.state.authorizers = ("RBAC",)
    assert review(ask, "system:node:worker-1", nodes, **secret) == {"allowed": False}
    ask.state.authorizers = ("AlwaysAllow",)
    assert review(ask, "somebody", [], **secret) == {"allowed": True}


def test_reviews_that_ask_nothing_are_refused(ask: Any) -> None:
    status = ask.refused("AuthorizationV1Api", "create_subject_access_review", {"spec": {"user": "somebody"}})
    assert (status["code"], status["reason"]) == (422, "Invalid")
    body: dict[str, Any] = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}
    assert ask.refused("AuthorizationV1Api", "create_subject_access_review", body)["code"] == 422
    status = ask.refused("AuthorizationV1Api", "create_self_subject_rules_review", {"spec": {}})
    assert status["message"] == "no namespace on request"


def test_tokens_of_service_accounts_are_theirs_and_end(ask: Any) -> None:
    made = ask(
        "CoreV1Api", "create_namespaced_service_account_token", "default", "default", {"spec": {"audiences": []}}
    )
    body = {"spec": {"token": made["status"]["token"]}}
    found = ask("AuthenticationV1Api", "create_token_review", body)["status"]
    assert found["authenticated"] is True
    assert found["user"]["username"] == "system:serviceaccount:default:default"
    ask.state.clock_skew = 3700
    found = ask("AuthenticationV1Api", "create_token_review", body)["status"]
    assert (found.get("authenticated"), found["error"]) == (None, "invalid bearer token")
    assert (
        ask.refused(
            "CoreV1Api", "create_namespaced_service_account_token", "nope", "default", {"spec": {"audiences": []}}
        )["code"]
        == 404
    )


def impersonating(ask: Any, user: str, *groups: str) -> None:
    ask.client.default_headers["Impersonate-User"] = user
    for group in groups:
        ask.client.default_headers["Impersonate-Group"] = group


def test_node_restriction_protects_labels_and_other_nodes(ask: Any) -> None:
    impersonating(ask, "system:node:worker-1", "system:nodes")
    ask("CoreV1Api", "patch_node", "worker-1", {"metadata": {"labels": {"free": "x"}}}, dry_run="All")
    protected = {"metadata": {"labels": {"node-restriction.kubernetes.io/probe": "x"}}}
    status = ask.refused("CoreV1Api", "patch_node", "worker-1", protected, dry_run="All")
    assert (status["code"], status["message"]) == (
        403,
        'nodes "worker-1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/probe',
    )
    status = ask.refused("CoreV1Api", "patch_node", "worker-2", protected, dry_run="All")
    assert (
        status["message"] == 'nodes "worker-2" is forbidden: node "worker-1" is not allowed to modify node "worker-2"'
    )
    ask.state.admission_plugins.discard("NodeRestriction")
    answer = ask("CoreV1Api", "patch_node", "worker-1", protected, dry_run="All")
    assert answer["metadata"]["labels"]["node-restriction.kubernetes.io/probe"] == "x"
    assert not any("probe" in str(node["metadata"]["labels"]) for node in ask.state.nodes)
    ask.state.authorizers = ("RBAC",)
    status = ask.refused("CoreV1Api", "patch_node", "worker-1", protected, dry_run="All")
    assert 'User "system:node:worker-1" cannot patch resource "nodes"' in status["message"]


def test_impersonation_is_a_right(ask_as: Any) -> None:
    viewer = ask_as("viewer")
    impersonating(viewer, "system:node:worker-1", "system:nodes")
    status = viewer.refused("CoreV1Api", "read_node", "worker-1")
    assert status["message"] == (
        'nodes "worker-1" is forbidden: User "viewer" cannot impersonate-on:user-info:get resource "nodes" '
        'in API group "" at the cluster scope'
    )
