# SPDX-License-Identifier: Apache-2.0
"""The kinds of objects the demo cluster knows, as discovery shows them."""

from __future__ import annotations

import dataclasses
from typing import Any

_ALL = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclasses.dataclass(frozen=True, slots=True)
class Resource:
    """One kind of objects: its API group (empty: the core group), the versions served, and its names.

    ``subresources`` are the parts of an object that have a path of their own, as far as the cluster answers it.
    """

    group: str
    plural: str
    kind: str
    namespaced: bool = False
    versions: tuple[str, ...] = ("v1",)
    verbs: tuple[str, ...] = _ALL
    subresources: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name that is unique: ``pods``, ``storageclasses.storage.k8s.io``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def api_version(self, version: str = "") -> str:
        """What objects carry as ``apiVersion``, in the first version served or in this one."""
        version = version or self.versions[0]
        return f"{self.group}/{version}" if self.group else version

    def discovery(self) -> list[dict[str, Any]]:
        """The entries of an APIResourceList for this kind and its subresources."""
        entry: dict[str, Any] = {
            "name": self.plural,
            "singularName": self.kind.lower(),
            "namespaced": self.namespaced,
            "kind": self.kind,
            "verbs": list(self.verbs),
        }
        if short := _SHORT.get(self.plural):
            entry["shortNames"] = short
        if self.plural in _IN_ALL:
            entry["categories"] = ["all"]
        parts: list[dict[str, Any]] = [
            {"name": f"{self.plural}/{name}", "singularName": "", "namespaced": self.namespaced, "kind": self.kind}
            | {"verbs": list(_PARTS.get(name, _STATUS))}
            for name in self.subresources
        ]
        for part in parts:
            if part["name"].endswith("/scale"):
                part |= {"group": "autoscaling", "version": "v1", "kind": "Scale"}
        return [entry, *parts]


_STATUS = ("get", "patch", "update")
_PARTS = {
    "log": ("get",),
    "eviction": ("create",),
    "binding": ("create",),
    "token": ("create",),
    "finalize": ("update",),
    "proxy": ("create", "delete", "get", "patch", "update"),
    **dict.fromkeys(("attach", "exec", "portforward"), ("create", "get")),
}
_SHORT = {
    "certificatesigningrequests": ["csr"],
    "configmaps": ["cm"],
    "customresourcedefinitions": ["crd", "crds"],
    "cronjobs": ["cj"],
    "daemonsets": ["ds"],
    "deployments": ["deploy"],
    "endpoints": ["ep"],
    "events": ["ev"],
    "horizontalpodautoscalers": ["hpa"],
    "ingresses": ["ing"],
    "limitranges": ["limits"],
    "namespaces": ["ns"],
    "networkpolicies": ["netpol"],
    "nodes": ["no"],
    "persistentvolumeclaims": ["pvc"],
    "persistentvolumes": ["pv"],
    "poddisruptionbudgets": ["pdb"],
    "pods": ["po"],
    "priorityclasses": ["pc"],
    "replicasets": ["rs"],
    "replicationcontrollers": ["rc"],
    "resourcequotas": ["quota"],
    "serviceaccounts": ["sa"],
    "services": ["svc"],
    "statefulsets": ["sts"],
    "storageclasses": ["sc"],
}
#: What ``kubectl get all`` shows.
_IN_ALL = {
    "cronjobs",
    "daemonsets",
    "deployments",
    "horizontalpodautoscalers",
    "jobs",
    "pods",
    "replicasets",
    "replicationcontrollers",
    "services",
    "statefulsets",
}
_CREATED = ("create",)


def _core() -> list[Resource]:
    return [
        Resource("", "namespaces", "Namespace", subresources=("finalize", "status")),
        Resource("", "nodes", "Node", subresources=("proxy", "status")),
        Resource("", "persistentvolumes", "PersistentVolume", subresources=("status",)),
        Resource("", "persistentvolumeclaims", "PersistentVolumeClaim", True, subresources=("status",)),
        Resource(
            "",
            "pods",
            "Pod",
            True,
            subresources=("attach", "eviction", "exec", "log", "portforward", "proxy", "status"),
        ),
        Resource("", "serviceaccounts", "ServiceAccount", True, subresources=("token",)),
        Resource("", "services", "Service", True, subresources=("proxy", "status")),
        *(
            Resource("", plural, kind, True)
            for plural, kind in (
                ("configmaps", "ConfigMap"),
                ("endpoints", "Endpoints"),
                ("events", "Event"),
                ("limitranges", "LimitRange"),
                ("replicationcontrollers", "ReplicationController"),
                ("resourcequotas", "ResourceQuota"),
                ("secrets", "Secret"),
            )
        ),
    ]


def _reviews() -> list[Resource]:
    return [
        Resource("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", verbs=_CREATED),
        Resource("authentication.k8s.io", "tokenreviews", "TokenReview", verbs=_CREATED),
        Resource("authorization.k8s.io", "localsubjectaccessreviews", "LocalSubjectAccessReview", True, verbs=_CREATED),
        Resource("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", verbs=_CREATED),
        Resource("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview", verbs=_CREATED),
        Resource("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", verbs=_CREATED),
    ]


#: Group -> plural, kind, whether it is namespaced.
_GROUPS: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "apps": (
        ("daemonsets", "DaemonSet", True),
        ("deployments", "Deployment", True),
        ("replicasets", "ReplicaSet", True),
        ("statefulsets", "StatefulSet", True),
    ),
    "autoscaling": (("horizontalpodautoscalers", "HorizontalPodAutoscaler", True),),
    "batch": (("cronjobs", "CronJob", True), ("jobs", "Job", True)),
    "networking.k8s.io": (
        ("ingressclasses", "IngressClass", False),
        ("ingresses", "Ingress", True),
        ("networkpolicies", "NetworkPolicy", True),
    ),
    "policy": (("poddisruptionbudgets", "PodDisruptionBudget", True),),
    "rbac.authorization.k8s.io": (
        ("clusterrolebindings", "ClusterRoleBinding", False),
        ("clusterroles", "ClusterRole", False),
        ("rolebindings", "RoleBinding", True),
        ("roles", "Role", True),
    ),
    "storage.k8s.io": (
        ("csidrivers", "CSIDriver", False),
        ("csinodes", "CSINode", False),
        ("storageclasses", "StorageClass", False),
        ("volumeattachments", "VolumeAttachment", False),
    ),
    "admissionregistration.k8s.io": (
        ("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", False),
        ("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", False),
    ),
    "apiextensions.k8s.io": (("customresourcedefinitions", "CustomResourceDefinition", False),),
    "apiregistration.k8s.io": (("apiservices", "APIService", False),),
    "scheduling.k8s.io": (("priorityclasses", "PriorityClass", False),),
    "coordination.k8s.io": (("leases", "Lease", True),),
    "discovery.k8s.io": (("endpointslices", "EndpointSlice", True),),
    "flowcontrol.apiserver.k8s.io": (
        ("flowschemas", "FlowSchema", False),
        ("prioritylevelconfigurations", "PriorityLevelConfiguration", False),
    ),
}


_SCALED = ("Deployment", "ReplicaSet", "StatefulSet")
_VERSIONS = {"autoscaling": ("v2",)}
_SUBRESOURCES = {
    "apps": ("status",),
    "autoscaling": ("status",),
    "batch": ("status",),
    "networking.k8s.io": ("status",),
    "policy": ("status",),
}


def built_in() -> list[Resource]:
    """What every cluster has, in the order of discovery."""
    others = [
        Resource(
            group,
            plural,
            kind,
            namespaced,
            _VERSIONS.get(group, ("v1",)),
            subresources=("scale", "status") if kind in _SCALED else _SUBRESOURCES.get(group, ()),
        )
        for group, kinds in _GROUPS.items()
        for plural, kind, namespaced in kinds
    ]
    requests = Resource(
        "certificates.k8s.io",
        "certificatesigningrequests",
        "CertificateSigningRequest",
        subresources=("approval", "status"),
    )
    return [*_core(), *_reviews(), *others, requests]


#: The resources of the Gateway API and of its policies for administrators, where their definitions are loaded.
GATEWAY = tuple(
    Resource("gateway.networking.k8s.io", plural, kind, namespaced, versions)
    for plural, kind, namespaced, versions in (
        ("gatewayclasses", "GatewayClass", False, ("v1", "v1beta1")),
        ("gateways", "Gateway", True, ("v1", "v1beta1")),
        ("grpcroutes", "GRPCRoute", True, ("v1",)),
        ("httproutes", "HTTPRoute", True, ("v1", "v1beta1")),
        ("referencegrants", "ReferenceGrant", True, ("v1beta1",)),
    )
)
ADMIN_POLICIES = (
    Resource("policy.networking.k8s.io", "adminnetworkpolicies", "AdminNetworkPolicy", versions=("v1alpha1",)),
    Resource(
        "policy.networking.k8s.io", "baselineadminnetworkpolicies", "BaselineAdminNetworkPolicy", versions=("v1alpha1",)
    ),
)
