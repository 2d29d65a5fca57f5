# SPDX-License-Identifier: Apache-2.0
"""Who may do what in the demo cluster: the authorizers Node, RBAC and AlwaysAllow, in the words of the real ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

from pytest_scs.demo.kubernetes.state import ClusterState
from pytest_scs.demo.kubernetes.wire import Call, RefusedError, User, details

_RBAC = "rbac.authorization.k8s.io"
#: What the Node authorizer allows every node, as far as this cluster is asked for it.
_NODE_RULES: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("", "nodes", frozenset({"create", "get", "list", "watch", "update", "patch"})),
    ("", "nodes/status", frozenset({"get", "update", "patch"})),
    ("", "pods", frozenset({"get", "list", "watch", "create", "delete"})),
    ("", "pods/status", frozenset({"update", "patch"})),
    ("", "services", frozenset({"get", "list", "watch"})),
    ("", "events", frozenset({"create", "update", "patch"})),
    ("certificates.k8s.io", "certificatesigningrequests", frozenset({"create", "get", "list", "watch"})),
    ("authentication.k8s.io", "tokenreviews", frozenset({"create"})),
    ("authorization.k8s.io", "subjectaccessreviews", frozenset({"create"})),
)
#: What the Node authorizer gives only to the node whose pods use it.
_RELATED = frozenset({"secrets", "configmaps", "persistentvolumeclaims", "persistentvolumes", "serviceaccounts/token"})


@dataclasses.dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to do, as a SubjectAccessReview puts it; ``path`` is for what is no object."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def full(self) -> str:
        """The resource with its subresource."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


class Decision(NamedTuple):
    """Whether something is allowed, and what the authorizer says to it."""

    allowed: bool
    reason: str = ""


def authorize(state: ClusterState, user: User, wish: Wish) -> Decision:
    """What the authorizers of the cluster say, one after the other; the group ``system:masters`` may do everything."""
    if "system:masters" in user.groups or "AlwaysAllow" in state.authorizers:
        return Decision(True)
    reasons = []
    for name in state.authorizers:
        decision = _node(state, user, wish) if name == "Node" else _rbac(state, user, wish)
        if decision.allowed:
            return decision
        if decision.reason:
            reasons.append(decision.reason)
    return Decision(False, "\n".join(reasons))


def _node(state: ClusterState, user: User, wish: Wish) -> Decision:
    if "system:nodes" not in user.groups or not user.name.startswith("system:node:"):
        return Decision(False)
    node = user.name.removeprefix("system:node:")
    if wish.full in _RELATED:
        if not wish.namespace and wish.resource != "persistentvolumes":
            return Decision(False, "can only read namespaced object of this type")
        if not wish.name:
            return Decision(False, "No Object name found")
        if wish.verb not in ("get", "list", "watch"):
            return Decision(False, "can only read resources of this type")
        return Decision(False, f"no relationship found between node '{node}' and this object")
    if wish.resource == "leases":
        return Decision(wish.namespace == "kube-node-lease" and wish.name in ("", node))
    return Decision(
        any(wish.group == group and wish.full == name and wish.verb in verbs for group, name, verbs in _NODE_RULES)
    )


def _rbac(state: ClusterState, user: User, wish: Wish) -> Decision:
    for binding, subject, rules in bindings(state, user, wish.namespace):
        if any(allows(rule, wish) for rule in rules):
            return Decision(True, f"RBAC: allowed by {binding} to {subject}")
    return Decision(False)


def bindings(state: ClusterState, user: User, namespace: str) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """The bindings that concern a user: their words, the subject's, and the rules of the role."""
    for key in ("clusterrolebindings", "rolebindings"):
        for binding in state.all(f"{key}.{_RBAC}"):
            place = binding["metadata"].get("namespace", "")
            if key == "rolebindings" and place != namespace:
                continue
            subject = next(filter(None, (_is(user, one) for one in binding.get("subjects") or ())), None)
            if not subject:
                continue
            reference, name = binding["roleRef"], binding["metadata"]["name"]
            kind = "ClusterRole" if reference["kind"] == "ClusterRole" else "Role"
            role = state.find(f"{kind.lower()}s.{_RBAC}", reference["name"], "" if kind == "ClusterRole" else place)
            called = f'ClusterRoleBinding "{name}"' if key == "clusterrolebindings" else f'RoleBinding "{name}/{place}"'
            yield f'{called} of {kind} "{reference["name"]}"', subject, (role or {}).get("rules") or []


def _is(user: User, subject: dict[str, Any]) -> str:
    """The words for a subject of a binding if the user is it or belongs to it, else nothing."""
    name = subject["name"]
    if subject["kind"] == "ServiceAccount":
        account = f"system:serviceaccount:{subject.get('namespace', '')}:{name}"
        return f'ServiceAccount "{name}/{subject.get("namespace", "")}"' if user.name == account else ""
    member = user.name == name if subject["kind"] == "User" else name in user.groups
    return f'{subject["kind"]} "{name}"' if member else ""


def allows(rule: dict[str, Any], wish: Wish) -> bool:
    """Whether a rule of a role covers a wish."""
    if not {"*", wish.verb} & set(rule.get("verbs") or ()):
        return False
    if wish.path:
        urls = rule.get("nonResourceURLs") or ()
        return any(wish.path == url or (url.endswith("*") and wish.path.startswith(url[:-1])) for url in urls)
    if not {"*", wish.group} & set(rule.get("apiGroups") or ()):
        return False
    names = rule.get("resourceNames") or ()
    part = f"*/{wish.subresource}" if wish.subresource else "*"
    return bool({"*", wish.full, part} & set(rule.get("resources") or ())) and (not names or wish.name in names)


def wish_of(call: Call) -> Wish:
    """What a request wants."""
    if call.resource is None:
        return Wish(call.verb, path=call.request.path)
    kind = call.resource
    return Wish(call.verb, kind.group, kind.plural, call.subresource, call.namespace, call.name)


def demand(call: Call) -> None:
    """Refuse a request that its user has no right to make: RefusedError (403)."""
    decision = authorize(call.state, call.user, wish_of(call))
    if not decision.allowed:
        raise refusal(call, call.verb, decision.reason)


def refusal(call: Call, verb: str, reason: str = "") -> RefusedError:
    """The refusal of a request for want of a right to this verb."""
    wish = wish_of(call)
    if call.resource is None:
        message = f'forbidden: User "{call.user.name}" cannot {verb} path "{wish.path}"'
        about: dict[str, Any] = {}
    else:
        place = f'in the namespace "{wish.namespace}"' if wish.namespace else "at the cluster scope"
        where = f"{wish.resource}.{wish.group}" if wish.group else wish.resource
        named = f'{where} "{wish.name}"' if wish.name else where
        message = f'{named} is forbidden: User "{call.user.name}" cannot {verb} resource "{wish.full}" '
        message += f'in API group "{wish.group}" {place}'
        about = details(call)
    return RefusedError(403, f"{message}: {reason}" if reason else message, details=about)
