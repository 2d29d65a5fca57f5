# SPDX-License-Identifier: Apache-2.0
"""Writes what the demo cluster knows of the fields of Kubernetes' objects, out of the Go modules of Kubernetes.

For developers, when a new release has fields that people use; kubectl sends objects as protobuf, whose messages have
numbers only. By hand, with the folders of the modules ``k8s.io/api`` and ``k8s.io/apimachinery`` of one release::

    python tests/kube_fields.py API_MODULE APIMACHINERY_MODULE
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "pytest_scs/demo/kubernetes/fields.json"

#: Group of the API -> folder of its types, in the version that is served.
_GROUPS = {
    "": "core/v1",
    "apps": "apps/v1",
    "authentication.k8s.io": "authentication/v1",
    "authorization.k8s.io": "authorization/v1",
    "autoscaling": "autoscaling/v2",
    "batch": "batch/v1",
    "certificates.k8s.io": "certificates/v1",
    "coordination.k8s.io": "coordination/v1",
    "discovery.k8s.io": "discovery/v1",
    "networking.k8s.io": "networking/v1",
    "policy": "policy/v1",
    "rbac.authorization.k8s.io": "rbac/v1",
    "scheduling.k8s.io": "scheduling/v1",
    "storage.k8s.io": "storage/v1",
}
_ROOTS = {
    "": "Namespace Node PersistentVolume PersistentVolumeClaim Pod ServiceAccount Service ConfigMap Endpoints Event "
    "LimitRange ReplicationController ResourceQuota Secret",
    "apps": "DaemonSet Deployment ReplicaSet StatefulSet",
    "autoscaling": "HorizontalPodAutoscaler",
    "authentication.k8s.io": "TokenRequest TokenReview SelfSubjectReview",
    "authorization.k8s.io": "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview "
    "LocalSubjectAccessReview",
    "batch": "CronJob Job",
    "certificates.k8s.io": "CertificateSigningRequest",
    "coordination.k8s.io": "Lease",
    "discovery.k8s.io": "EndpointSlice",
    "networking.k8s.io": "Ingress IngressClass NetworkPolicy",
    "policy": "Eviction PodDisruptionBudget",
    "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "scheduling.k8s.io": "PriorityClass",
    "storage.k8s.io": "StorageClass CSIDriver CSINode VolumeAttachment",
}
_SOURCE = "The fields of Kubernetes' own types (k8s.io/api, k8s.io/apimachinery; Apache-2.0)"
_META = "meta"
#: How packages of others are imported, without ``v1`` -> the package.
_IMPORTED = {"": "core", "api": "core"}
#: What has a form of its own in JSON, by the name Go has for it.
_SPECIAL = {
    f"{_META}.Time": "time",
    f"{_META}.MicroTime": "time",
    f"{_META}.Duration": "duration",
    f"{_META}.FieldsV1": "raw",
    "resource.Quantity": "quantity",
    "intstr.IntOrString": "int-or-string",
    "runtime.RawExtension": "raw",
    "types.UID": "string",
}
_PLAIN = {"string": "string", "bool": "bool", "int32": "int", "int64": "int", "[]byte": "bytes", "float64": "double"}
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.M | re.S)
_ALIAS = re.compile(r"^type (\w+) ([^\s{]+)$", re.M)
_FIELD = re.compile(
    r'^\s+(?:\w+ )?(\S+)\s+`(?=[^`]*protobuf:)json:"([^",]*)(,inline)?[^`]*protobuf:"[a-z0-9]+,(\d+)', re.M
)


def read(folder: Path, package: str) -> tuple[dict[str, str], dict[str, str]]:
    """The bodies of the structures of a package, and the types that are other names, by ``package.Name``."""
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("*types*.go"))]
    structs = {f"{package}.{name}": body for text in texts for name, body in _STRUCT.findall(text)}
    aliases = {f"{package}.{name}": other for text in texts for name, other in _ALIAS.findall(text)}
    return structs, aliases


class Reader:
    """The types of all packages, and the messages that are reached from where one begins."""

    def __init__(self, api: Path, machinery: Path) -> None:
        self.structs, self.aliases = read(machinery / "pkg/apis/meta/v1", _META)
        for folder in _GROUPS.values():
            structs, aliases = read(api / folder, folder.partition("/")[0])
            self.structs |= structs
            self.aliases |= aliases
        self.messages: dict[str, dict[str, Any]] = {}

    def type_of(self, go: str, package: str) -> tuple[str, str]:
        """What a Go type is here: the form of its values, and its marks (p: pointer, r: repeated, m: map)."""
        if go.startswith("*"):
            kind, marks = self.type_of(go[1:], package)
            return kind, marks + "p"
        if go in _PLAIN:
            return _PLAIN[go], ""
        if go.startswith("[]"):
            kind, marks = self.type_of(go[2:], package)
            return kind, marks + "r"
        if match := re.fullmatch(r"map\[[\w.]+\](.+)", go):
            kind, marks = self.type_of(match[1], package)
            return kind, marks + "m"
        name = go if "." in go else f"{package}.{go}"
        name = re.sub(r"^(\w*)v\d\.", lambda found: f"{_IMPORTED.get(found[1], found[1])}.", name)
        if name in _SPECIAL:
            return _SPECIAL[name], ""
        if name in self.aliases:
            other = self.aliases[name]
            kind, marks = self.type_of(other, name.partition(".")[0])
            if other.startswith("[]") and other != "[]byte":
                return f"items:{kind}", ""  # a message of its own, with one repeated field
            return kind, marks
        self.add(name)
        return name, ""

    def add(self, name: str) -> None:
        """Note a message and all it contains."""
        if name in self.messages:
            return
        found = self.messages[name] = {}
        for go, key, inline, number in _FIELD.findall(self.structs[name]):
            kind, marks = self.type_of(go, name.partition(".")[0])
            found[number] = [key, kind, marks + ("i" if inline or not key else "")]


def rows(messages: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The lines of the file: a message each."""
    for name in sorted(messages):
        yield f"{json.dumps(name)}: {json.dumps(messages[name], separators=(',', ':'))}"


def main() -> None:
    """Write the file."""
    reader = Reader(*map(Path, sys.argv[1:3]))
    roots = {"DeleteOptions": f"{_META}.DeleteOptions"}
    for group, kinds in _ROOTS.items():
        for kind in kinds.split():
            roots[kind] = f"{_GROUPS[group].partition('/')[0]}.{kind}"
    for name in roots.values():
        reader.add(name)
    head = f'"source": {json.dumps(_SOURCE)},\n"kinds": {json.dumps(roots, separators=(",", ":"))}'
    body = ",\n".join(rows(reader.messages))
    TARGET.write_text(f'{{{head},\n"messages": {{\n{body}\n}}}}\n', "utf-8")


if __name__ == "__main__":
    main()
