# SPDX-License-Identifier: Apache-2.0
"""scs-0217: baseline of the security of a cluster (document: scs-0217-v1, a draft)."""

from __future__ import annotations

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.kaas import admission, authorization, credential, etcd, exposure, kubelets
from pytest_scs.standards.kaas import pod_security as rules_of_pods
from pytest_scs.standards.kaas.admission import Attempt
from pytest_scs.standards.kaas.authorization import AccessReviews, ServiceAccountToken
from pytest_scs.standards.kaas.control_plane import ControlPlane
from pytest_scs.standards.kaas.credential import Credential
from pytest_scs.standards.kaas.exposure import ExternalPorts, TlsEndpoints
from pytest_scs.standards.kaas.kubelets import Kubelet
from pytest_scs.standards.kaas.model import Node
from pytest_scs.standards.kaas.pod_security import Namespace, PodTrials
from pytest_scs.standards.kaas.unseen import Unseen


@pytest.mark.scs("scs-0217-x-etcd-tls")
def test_scs_0217_x_etcd_tls(scs: Collector, control_plane: ControlPlane) -> None:
    """Clients and peers of etcd MUST speak TLS with it.

    Source: scs-0217-v1. Fails when a flag says otherwise or is missing; aborts when the pods of etcd are not visible.
    """
    scs.examined("API servers and pods of etcd", len(control_plane.api_servers) + len(control_plane.etcds))
    scs.add(etcd.check_tls(control_plane))


@pytest.mark.scs("scs-0217-x-etcd-isolated")
def test_scs_0217_x_etcd_isolated(scs: Collector, control_plane: ControlPlane, nodes: list[Node]) -> None:
    """Members of etcd SHOULD be on separate machines.

    Source: scs-0217-v1. Fails when it is on a machine of an API server; aborts when its machines are not visible.
    """
    scs.examined("API servers and pods of etcd", len(control_plane.api_servers) + len(control_plane.etcds))
    scs.add(etcd.check_isolated(control_plane, nodes))


@pytest.mark.scs("scs-0217-x-ports-not-exposed")
def test_scs_0217_x_ports_not_exposed(scs: Collector, external_ports: ExternalPorts, nodes: list[Node]) -> None:
    """Nothing but the API server and node ports MUST be reachable from outside.

    Source: scs-0217-v1. Fails when a port of etcd, a kubelet, the controller manager or the scheduler lets us in;
    aborts when nodes have no external address, or this machine is inside.
    """
    scs.examined("external addresses", len(external_ports.nodes))
    scs.add(exposure.check_ports(external_ports, nodes))


@pytest.mark.scs("scs-0217-x-read-only-port")
def test_scs_0217_x_read_only_port(scs: Collector, kubelet_settings: list[Kubelet], nodes: list[Node]) -> None:
    """The read-only port of kubelets SHOULD be disabled.

    Source: scs-0217-v1. Fails when a kubelet has one; aborts when one does not show its settings.
    """
    scs.whole("kubelets", kubelet_settings, kubelets.check_read_only_port)
    scs.add(kubelets.unasked(kubelet_settings, nodes))


@pytest.mark.scs("scs-0217-x-https")
def test_scs_0217_x_https(scs: Collector, tls_endpoints: TlsEndpoints, credential_if_seen: Credential | Unseen) -> None:
    """Endpoints MUST use HTTPS.

    Source: scs-0217-v1. Fails when the API server, or a kubelet that can be reached, serves plain HTTP; aborts when
    the API server cannot be spoken to directly.
    """
    scs.examined("endpoints", 1 + len(tls_endpoints.kubelets))
    scs.add(exposure.check_https(tls_endpoints, credential_if_seen))


@pytest.mark.scs("scs-0217-x-service-account-tokens")
def test_scs_0217_x_service_account_tokens(scs: Collector, service_account_token: ServiceAccountToken) -> None:
    """Tokens of service accounts MUST be one of the methods of authentication.

    Source: scs-0217-v1. Fails when a new token is not accepted, or is another's; aborts when none can be had.
    """
    scs.examined("tokens", 1)
    scs.add(authorization.check_service_account_tokens(service_account_token))


@pytest.mark.scs("scs-0217-x-second-auth-method")
def test_scs_0217_x_second_auth_method(
    scs: Collector, control_plane: ControlPlane, credential_if_seen: Credential | Unseen
) -> None:
    """There MUST be a second method of authentication.

    Source: scs-0217-v1. Passes when this run uses one, or flags switch one on; fails when they do not; aborts when a
    token of a service account is used and no flags are visible.
    """
    scs.examined("credentials and API servers", 1 + len(control_plane.api_servers))
    scs.add(credential.check_second_method(control_plane, credential_if_seen))


@pytest.mark.scs("scs-0217-x-node-authorization")
def test_scs_0217_x_node_authorization(
    scs: Collector, control_plane: ControlPlane, access_reviews_if_seen: AccessReviews | Unseen
) -> None:
    """Node authorization MUST be active.

    Source: scs-0217-v1. Fails when the mode Node is not set, or a node may read what is not its business.
    """
    scs.examined("API servers", len(control_plane.api_servers) or 1)
    scs.add(authorization.check_node_authorization(control_plane, access_reviews_if_seen))


@pytest.mark.scs("scs-0217-x-authorization-mode")
def test_scs_0217_x_authorization_mode(
    scs: Collector, control_plane: ControlPlane, access_reviews_if_seen: AccessReviews | Unseen
) -> None:
    """Beside Node, ABAC, RBAC or Webhook MUST be active.

    Source: scs-0217-v1. Fails when none of them is, or everything is allowed.
    """
    scs.examined("API servers", len(control_plane.api_servers) or 1)
    scs.add(authorization.check_authorization_mode(control_plane, access_reviews_if_seen))


@pytest.mark.scs("scs-0217-x-kubelet-anonymous")
def test_scs_0217_x_kubelet_anonymous(scs: Collector, kubelet_settings: list[Kubelet], nodes: list[Node]) -> None:
    """Anonymous requests to kubelets MUST be disabled.

    Source: scs-0217-v1. Fails when a kubelet accepts them; aborts when one does not show its settings.
    """
    scs.whole("kubelets", kubelet_settings, kubelets.check_anonymous)
    scs.add(kubelets.unasked(kubelet_settings, nodes))


@pytest.mark.scs("scs-0217-x-kubelet-authorization")
def test_scs_0217_x_kubelet_authorization(scs: Collector, kubelet_settings: list[Kubelet], nodes: list[Node]) -> None:
    """Kubelets MUST ask the API server for authorization (mode Webhook).

    Source: scs-0217-v1. Fails when a kubelet has another mode; aborts when one does not show its settings.
    """
    scs.whole("kubelets", kubelet_settings, kubelets.check_authorization)
    scs.add(kubelets.unasked(kubelet_settings, nodes))


@pytest.mark.scs("scs-0217-x-node-restriction")
def test_scs_0217_x_node_restriction(
    scs: Collector, control_plane: ControlPlane, node_restriction_if_seen: Attempt | Unseen
) -> None:
    """The admission plugin `NodeRestriction` MUST be active.

    Source: scs-0217-v1. Fails when flags do not name it, or a node may give itself any label.
    """
    scs.examined("API servers", control_plane.seen or 1)
    scs.add(admission.check_node_restriction(control_plane, node_restriction_if_seen))


@pytest.mark.scs("scs-0217-x-pod-security-admission")
def test_scs_0217_x_pod_security_admission(
    scs: Collector, control_plane: ControlPlane, pod_security_if_seen: PodTrials | Unseen
) -> None:
    """The admission controller for pod security MUST be active.

    Source: scs-0217-v1. Fails when a pod is accepted that breaks the level which its namespace enforces.
    """
    scs.examined("API servers", control_plane.seen or 1)
    scs.add(rules_of_pods.check_admission(control_plane, pod_security_if_seen))


@pytest.mark.scs("scs-0217-x-pod-security-baseline")
def test_scs_0217_x_pod_security_baseline(scs: Collector, namespaces: list[Namespace], pod_security: PodTrials) -> None:
    """At least the level *baseline* MUST hold in the cluster.

    Source: scs-0217-v1. Fails when neither a default nor the label of every namespace enforces it.
    """
    scs.examined("namespaces", len(namespaces))
    scs.add(rules_of_pods.check_baseline(namespaces, pod_security))
