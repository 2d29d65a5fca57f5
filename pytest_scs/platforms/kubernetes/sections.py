# SPDX-License-Identifier: Apache-2.0
"""What can be read of a cluster: every section, a line each, in the order of plans; and the fixtures made of them."""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import DerivedFixture, by_name
from pytest_scs.platforms.kubernetes.listings import (
    api_groups,
    api_server_flags,
    api_server_metrics,
    backup_jobs,
    certificate_requests,
    control_plane_pods,
    credential,
    daemon_sets,
    flow_control,
    gateway_classes,
    ingress_classes,
    namespaces,
    nodes,
    server_version,
    storage_classes,
)
from pytest_scs.platforms.kubernetes.probes import (
    access_reviews,
    conformance_run,
    event_trial,
    external_ports,
    kubelet_settings,
    networking_run,
    node_restriction,
    offered_versions,
    pod_security,
    policy,
    service_account_token,
    tls_endpoints,
    version_data,
    volume,
)
from pytest_scs.platforms.kubernetes.visible import CONTROL_PLANE, if_seen

SECTIONS = by_name(
    (
        server_version.SECTION,
        nodes.SECTION,
        storage_classes.SECTION,
        ingress_classes.SECTION,
        api_groups.SECTION,
        gateway_classes.SECTION,
        daemon_sets.SECTION,
        version_data.SECTION,
        offered_versions.SECTION,
        policy.SECTION,
        volume.SECTION,
        control_plane_pods.SECTION,
        backup_jobs.SECTION,
        api_server_flags.SECTION,
        api_server_metrics.SECTION,
        flow_control.SECTION,
        credential.SECTION,
        certificate_requests.SECTION,
        namespaces.SECTION,
        kubelet_settings.SECTION,
        access_reviews.SECTION,
        node_restriction.SECTION,
        tls_endpoints.SECTION,
        external_ports.SECTION,
        service_account_token.SECTION,
        pod_security.SECTION,
        event_trial.SECTION,
        networking_run.SECTION,
        conformance_run.SECTION,
    )
)

DERIVED_FIXTURES: dict[str, DerivedFixture[Any]] = {
    fixture.name: fixture
    for fixture in (
        CONTROL_PLANE,
        if_seen(backup_jobs.SECTION),
        if_seen(flow_control.SECTION),
        if_seen(credential.SECTION),
        if_seen(certificate_requests.SECTION),
        if_seen(access_reviews.SECTION),
        if_seen(node_restriction.SECTION),
        if_seen(tls_endpoints.SECTION),
        if_seen(pod_security.SECTION),
        if_seen(event_trial.SECTION),
    )
}
