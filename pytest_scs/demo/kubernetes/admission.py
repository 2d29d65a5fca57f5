# SPDX-License-Identifier: Apache-2.0
"""What the demo cluster refuses to store although its sender may send it: the words are those of the real plugins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_scs.demo.kubernetes.state import Object
from pytest_scs.demo.kubernetes.wire import Call, RefusedError, details

_RESTRICTED_LABEL = re.compile(r"(?:[\w.-]+\.)?node-restriction\.kubernetes\.io/")
_ENFORCE = "pod-security.kubernetes.io/enforce"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SYSTEM = {"kube-system"}


def admit(call: Call, item: Object, old: Object | None = None) -> None:
    """Refuse an object that is to be created or, if there is an ``old`` one, changed: RefusedError (403, 404, 422)."""
    if old is None:
        _name(call, item)
        _namespace(call)
        _webhook(call)
    if "NodeRestriction" in call.state.admission_plugins:
        _node_restriction(call, item, old)
    if call.kind.key == "pods" and old is None:
        _pod(call, item)
        if "PodSecurity" in call.state.admission_plugins:
            _pod_security(call, item)
    if call.kind.key == "persistentvolumeclaims" and old is None:
        _claim(call, item)


def invalid(call: Call, item: Object, field: str, words: str, reason: str = "FieldValueInvalid") -> RefusedError:
    """An object that is not as it should be: 422."""
    name = item["metadata"].get("name", "")
    cause = {"reason": reason, "message": words, "field": field}
    about = {"name": name, "kind": call.kind.kind, "causes": [cause]}
    if call.kind.group:
        about["group"] = call.kind.group
    where = f"{call.kind.kind}.{call.kind.group}" if call.kind.group else call.kind.kind
    return RefusedError(422, f'{where} "{name}" is invalid: {field}: {words}', details=about)


def _forbidden(call: Call, name: str, words: str, **more: Any) -> RefusedError:
    about = details(call, **more) | {"name": name}
    where = f"{call.kind.plural}.{call.kind.group}" if call.kind.group else call.kind.plural
    return RefusedError(403, f'{where} "{name}" is forbidden: {words}', details=about)


def _name(call: Call, item: Object) -> None:
    name = item["metadata"]["name"]
    longest = 63 if call.kind.key in ("namespaces", "services") else 253
    if call.kind.group == "rbac.authorization.k8s.io" or (_NAME.fullmatch(name) and len(name) <= longest):
        return
    words = (
        f'Invalid value: "{name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '
        "'-' or '.', and must start and end with an alphanumeric character"
    )
    raise invalid(call, item, "metadata.name", words)


def _namespace(call: Call) -> None:
    """A namespace has to be there, and to stay."""
    if not call.kind.namespaced:
        return
    found = call.state.find("namespaces", call.namespace)
    if found is None:
        message = f'namespaces "{call.namespace}" not found'
        raise RefusedError(404, message, details={"name": call.namespace, "kind": "namespaces"})
    if "deletionTimestamp" in found["metadata"]:
        words = f"unable to create new content in namespace {call.namespace} because it is being terminated"
        cause = {"reason": "NamespaceTerminating", "message": f"namespace {call.namespace} is being terminated"}
        raise _forbidden(call, call.name, words, causes=[{**cause, "field": "metadata.namespace"}])


def _webhook(call: Call) -> None:
    words = call.state.denials.get(call.kind.key)
    if words is not None:
        message = f'admission webhook "deny.example.org" denied the request: {words}'
        raise RefusedError(403, message, "Forbidden", details={})


def _node_restriction(call: Call, item: Object, old: Object | None) -> None:
    """A node may change itself only, and of its labels not those that others rely on."""
    if not call.user.name.startswith("system:node:") or "system:nodes" not in call.user.groups:
        return
    node = call.user.name.removeprefix("system:node:")
    if call.kind.key != "nodes":
        return
    name = item["metadata"]["name"]
    if name != node:
        raise _forbidden(call, name, f'node "{node}" is not allowed to modify node "{name}"')
    before, after = ((one or {"metadata": {}})["metadata"].get("labels") or {} for one in (old, item))
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    wrong = sorted(key for key in changed if _RESTRICTED_LABEL.match(key))
    if wrong:
        raise _forbidden(call, name, f"is not allowed to modify labels: {', '.join(wrong)}")


def _pod(call: Call, item: Object) -> None:
    spec = item.get("spec")
    if not isinstance(spec, dict) or not spec.get("containers"):
        raise invalid(call, item, "spec.containers", "Required value", "FieldValueRequired")
    account = spec.get("serviceAccountName") or "default"
    if call.state.find("serviceaccounts", account, call.namespace) is None:
        where = f"{call.namespace}/{account}"
        words = f'error looking up service account {where}: serviceaccount "{account}" not found'
        raise _forbidden(call, item["metadata"]["name"], words)


def _claim(call: Call, item: Object) -> None:
    spec = item.get("spec") or {}
    if not spec.get("accessModes"):
        raise invalid(call, item, "spec.accessModes", "Required value: at least 1 access mode is required")
    if not ((spec.get("resources") or {}).get("requests") or {}).get("storage"):
        raise invalid(call, item, "spec.resources[storage]", "Required value", "FieldValueRequired")


def _pod_security(call: Call, item: Object) -> None:
    """The level of a namespace is that of its label, else the cluster's."""
    namespace = call.state.find("namespaces", call.namespace) or {"metadata": {}}
    labels = namespace["metadata"].get("labels") or {}
    level = labels.get(_ENFORCE) or call.state.pod_security
    if level == "privileged" or (call.namespace in _SYSTEM and _ENFORCE not in labels):
        return
    found = [*_baseline(item["spec"]), *(_restricted(item["spec"]) if level == "restricted" else ())]
    if found:
        words = f'violates PodSecurity "{level}:latest": {", ".join(found)}'
        raise _forbidden(call, item["metadata"]["name"], words)


def _containers(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]


def _listed(what: str, names: list[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"container{'s' if len(names) > 1 else ''} {quoted} must {what}"


def _baseline(spec: Mapping[str, Any]) -> Iterator[str]:
    shared = [f"{key}=true" for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
    if shared:
        yield f"host namespaces ({', '.join(shared)})"
    paths = [one["name"] for one in spec.get("volumes") or () if "hostPath" in one]
    if paths:
        quoted = ", ".join(f'"{name}"' for name in paths)
        yield f"hostPath volumes (volume{'s' if len(paths) > 1 else ''} {quoted})"
    containers = _containers(spec)
    loud = [one["name"] for one in containers if (one.get("securityContext") or {}).get("privileged")]
    if loud:
        yield f"privileged ({_listed('not set securityContext.privileged=true', loud)})"
    ports = [one["name"] for one in containers if any(port.get("hostPort") for port in one.get("ports") or ())]
    if ports:
        yield f"hostPort ({_listed('not include hostPort', ports)})"


def _restricted(spec: Mapping[str, Any]) -> Iterator[str]:
    whole = spec.get("securityContext") or {}
    containers = _containers(spec)

    def lacking(good: Any) -> list[str]:
        return [one["name"] for one in containers if not good(one.get("securityContext") or {})]

    if names := lacking(lambda own: own.get("allowPrivilegeEscalation") is False):
        words = "set securityContext.allowPrivilegeEscalation=false"
        yield f"allowPrivilegeEscalation != false ({_listed(words, names)})"
    if names := lacking(lambda own: "ALL" in ((own.get("capabilities") or {}).get("drop") or ())):
        words = 'set securityContext.capabilities.drop=["ALL"]'
        yield f"unrestricted capabilities ({_listed(words, names)})"
    if names := lacking(lambda own: own.get("runAsNonRoot", whole.get("runAsNonRoot")) is True):
        yield f"runAsNonRoot != true (pod or {_listed('set securityContext.runAsNonRoot=true', names)})"
    if lacking(lambda own: own.get("runAsUser", whole.get("runAsUser")) != 0):
        yield "runAsUser=0 (pod must not set runAsUser=0)"
    good = ("RuntimeDefault", "Localhost")
    if names := lacking(lambda own: _profile(own) in good or (not _profile(own) and _profile(whole) in good)):
        words = 'set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
        yield f"seccompProfile (pod or {_listed(words, names)})"


def _profile(context: Mapping[str, Any]) -> str:
    return str((context.get("seccompProfile") or {}).get("type", ""))
