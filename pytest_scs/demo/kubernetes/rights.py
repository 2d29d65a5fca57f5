# SPDX-License-Identifier: Apache-2.0
"""The roles and bindings a cluster is born with, as far as somebody here needs them."""

from __future__ import annotations

from pytest_scs.demo.kubernetes.state import ClusterState, Object

_GROUP = "rbac.authorization.k8s.io"
_READ = ["get", "list", "watch"]

#: Role -> rules as verbs, API groups, resources; or as verbs and paths.
_ROLES: dict[str, tuple[Object, ...]] = {
    "cluster-admin": (
        {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
        {"verbs": ["*"], "nonResourceURLs": ["*"]},
    ),
    "view": (
        {
            "verbs": _READ,
            "apiGroups": [""],
            "resources": [
                "configmaps",
                "endpoints",
                "events",
                "limitranges",
                "namespaces",
                "persistentvolumeclaims",
                "pods",
                "pods/log",
                "resourcequotas",
                "serviceaccounts",
                "services",
            ],
        },
        {"verbs": _READ, "apiGroups": ["apps"], "resources": ["daemonsets", "deployments", "replicasets"]},
        {"verbs": _READ, "apiGroups": ["networking.k8s.io"], "resources": ["ingresses", "networkpolicies"]},
    ),
    "system:basic-user": (
        {
            "verbs": ["create"],
            "apiGroups": ["authorization.k8s.io"],
            "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        },
        {"verbs": ["create"], "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"]},
    ),
    "system:discovery": (
        {
            "verbs": ["get"],
            "nonResourceURLs": [
                "/api",
                "/api/*",
                "/apis",
                "/apis/*",
                "/healthz",
                "/livez",
                "/openapi",
                "/openapi/*",
                "/readyz",
                "/version",
                "/version/",
            ],
        },
    ),
    "system:public-info-viewer": (
        {"verbs": ["get"], "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"]},
    ),
}
_BINDINGS = (
    ("cluster-admin", "cluster-admin", "system:masters"),
    ("kubeadm:cluster-admins", "cluster-admin", "kubeadm:cluster-admins"),
    ("system:basic-user", "system:basic-user", "system:authenticated"),
    ("system:discovery", "system:discovery", "system:authenticated"),
    ("system:public-info-viewer", "system:public-info-viewer", "system:authenticated"),
    ("system:public-info-viewer", "system:public-info-viewer", "system:unauthenticated"),
    ("viewers", "view", "viewers"),
)


def add_rights(state: ClusterState) -> None:
    """Give a cluster the usual roles and bindings."""
    roles, bindings = state.all(f"clusterroles.{_GROUP}"), state.all(f"clusterrolebindings.{_GROUP}")
    for name, rules in _ROLES.items():
        roles.append({"metadata": {"name": name}, "rules": [dict(rule) for rule in rules]})
    for name, role, group in _BINDINGS:
        subject = {"kind": "Group", "apiGroup": _GROUP, "name": group}
        known = next((one for one in bindings if one["metadata"]["name"] == name), None)
        if known:
            known["subjects"].append(subject)
            continue
        reference = {"apiGroup": _GROUP, "kind": "ClusterRole", "name": role}
        bindings.append({"metadata": {"name": name}, "subjects": [subject], "roleRef": reference})


def grant(state: ClusterState, account: str, name: str, *rules: Object) -> None:
    """Let an account of the state do what these rules of a role of their own allow."""
    who = state.accounts[account]
    state.all(f"clusterroles.{_GROUP}").append({"metadata": {"name": name}, "rules": list(rules)})
    subject = {"kind": "User", "apiGroup": _GROUP, "name": who.name}
    reference = {"apiGroup": _GROUP, "kind": "ClusterRole", "name": name}
    state.all(f"clusterrolebindings.{_GROUP}").append(
        {"metadata": {"name": name}, "subjects": [subject], "roleRef": reference}
    )
