# SPDX-License-Identifier: Apache-2.0
"""Methods of the official client that ask for one path: sent without it, because to import it takes a second.

They are called by its names all the same, and sent as it sends them: a test compares the requests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

_REVIEWS: Final = "/apis/authorization.k8s.io/v1"

#: Class and method -> what is asked for; braces stand for the arguments, in order.
READ: Final[Mapping[tuple[str, str], str]] = {
    ("AppsV1Api", "list_daemon_set_for_all_namespaces"): "/apis/apps/v1/daemonsets",
    ("BatchV1Api", "list_cron_job_for_all_namespaces"): "/apis/batch/v1/cronjobs",
    (
        "CertificatesV1Api",
        "list_certificate_signing_request",
    ): "/apis/certificates.k8s.io/v1/certificatesigningrequests",
    ("CoreV1Api", "connect_get_node_proxy_with_path"): "/api/v1/nodes/{}/proxy/{}",
    ("CoreV1Api", "list_namespace"): "/api/v1/namespaces",
    ("CoreV1Api", "list_namespaced_pod"): "/api/v1/namespaces/{}/pods",
    ("CoreV1Api", "list_node"): "/api/v1/nodes",
    ("CoreV1Api", "list_pod_for_all_namespaces"): "/api/v1/pods",
    ("CoreV1Api", "read_namespace"): "/api/v1/namespaces/{}",
    ("CoreV1Api", "read_node"): "/api/v1/nodes/{}",
    ("CustomObjectsApi", "list_cluster_custom_object"): "/apis/{}/{}/{}",
    ("NetworkingV1Api", "list_ingress_class"): "/apis/networking.k8s.io/v1/ingressclasses",
    ("StorageV1Api", "list_storage_class"): "/apis/storage.k8s.io/v1/storageclasses",
    ("VersionApi", "get_code"): "/version/",
}

#: Questions that are asked with a body, which is the only argument.
REVIEWS: Final[Mapping[tuple[str, str], str]] = {
    ("AuthenticationV1Api", "create_self_subject_review"): "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    ("AuthenticationV1Api", "create_token_review"): "/apis/authentication.k8s.io/v1/tokenreviews",
    ("AuthorizationV1Api", "create_self_subject_access_review"): f"{_REVIEWS}/selfsubjectaccessreviews",
    ("AuthorizationV1Api", "create_subject_access_review"): f"{_REVIEWS}/subjectaccessreviews",
}

#: What a page of a listing, or a part of it, is asked for with.
OPTIONS: Final[Mapping[str, str]] = {
    "_continue": "continue",
    "field_selector": "fieldSelector",
    "label_selector": "labelSelector",
    "limit": "limit",
}


class PlainCall(NamedTuple):
    """A request: method, path with query, headers, and the body if there is one."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None


def plain_call(api: str, method: str, arguments: Sequence[Any], options: Mapping[str, Any]) -> PlainCall | None:
    """The request that a method of the official client stands for; None where that client has to be asked."""
    if not options.keys() <= OPTIONS.keys():
        return None
    query = urlencode({OPTIONS[name]: value for name, value in options.items()}, quote_via=quote)
    if path := READ.get((api, method)):
        filled = path.format(*(quote(str(one), safe="") for one in arguments))
        return PlainCall("GET", f"{filled}?{query}" if query else filled, {"Accept": "application/json"}, None)
    if path := REVIEWS.get((api, method)):
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return PlainCall("POST", f"{path}?{query}" if query else path, headers, json.dumps(arguments[0]).encode())
    return None
