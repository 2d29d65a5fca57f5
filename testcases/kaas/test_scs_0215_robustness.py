# SPDX-License-Identifier: Apache-2.0
"""scs-0215: robustness of a cluster (document: scs-0215-v1, a draft)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.kaas import (
    admission,
    api_server_limits,
    certificates,
    etcd,
    etcd_backups,
    exposure,
    kubelets,
)
from pytest_scs.standards.kaas.admission import EventTrial, FlowControl
from pytest_scs.standards.kaas.certificates import SigningRequest
from pytest_scs.standards.kaas.control_plane import ControlPlane
from pytest_scs.standards.kaas.credential import Credential
from pytest_scs.standards.kaas.etcd_backups import BackupJob
from pytest_scs.standards.kaas.exposure import TlsEndpoints
from pytest_scs.standards.kaas.kubelets import Kubelet
from pytest_scs.standards.kaas.model import Node
from pytest_scs.standards.kaas.unseen import Unseen


@pytest.mark.scs("scs-0215-x-request-limits")
def test_scs_0215_x_request_limits(scs: Collector, control_plane: ControlPlane) -> None:
    """`max-requests-inflight` and `max-mutating-requests-inflight` MUST be set.

    Source: scs-0215-v1. Fails when one of them is 0, which is no limit; aborts when neither flags nor metrics show it.
    """
    scs.examined("API servers", control_plane.seen)
    scs.add(api_server_limits.check_request_limits(control_plane))


@pytest.mark.scs("scs-0215-x-min-request-timeout")
def test_scs_0215_x_min_request_timeout(scs: Collector, control_plane: ControlPlane) -> None:
    """`min-request-timeout` MUST be set.

    Source: scs-0215-v1. Fails when it is 0; aborts when no flags are visible.
    """
    scs.examined("API servers", len(control_plane.api_servers))
    scs.add(api_server_limits.check_min_request_timeout(control_plane))


@pytest.mark.scs("scs-0215-x-event-rate-limit")
def test_scs_0215_x_event_rate_limit(
    scs: Collector, control_plane: ControlPlane, event_trial_if_seen: EventTrial | Unseen
) -> None:
    """The admission plugin `EventRateLimit` MUST be activated, with a configuration.

    Source: scs-0215-v1. Fails when flags do not name it, or metrics do not after an event was created; aborts when
    neither can be seen.
    """
    scs.examined("API servers", control_plane.seen)
    scs.add(admission.check_event_rate_limit(control_plane, event_trial_if_seen))


@pytest.mark.scs("scs-0215-x-priority-and-fairness")
def test_scs_0215_x_priority_and_fairness(
    scs: Collector, control_plane: ControlPlane, flow_control_if_seen: FlowControl | Unseen
) -> None:
    """Priority and fairness is RECOMMENDED to be active.

    Source: scs-0215-v1. Fails when it is switched off, or leaves no trace; aborts when the API server does not answer.
    """
    scs.examined("API servers", control_plane.seen or 1)
    scs.add(admission.check_fairness(control_plane, flow_control_if_seen))


@pytest.mark.scs("scs-0215-x-etcd-compaction")
def test_scs_0215_x_etcd_compaction(
    scs: Collector,
    control_plane: ControlPlane,
    backup_jobs_if_seen: Sequence[BackupJob] | Unseen,
    now: dt.datetime,
) -> None:
    """`auto-compaction-mode` MUST be `periodic` and `auto-compaction-retention` MUST be `8h`.

    Source: scs-0215-v1. Fails for other values; aborts when there are no pods of etcd to be seen. Beside that it tells
    what looks like a backup of etcd, for the declaration.
    """
    scs.examined("pods of etcd", len(control_plane.etcds))
    scs.add(etcd.check_compaction(control_plane))
    scs.add(etcd_backups.tell_backups(backup_jobs_if_seen, now))


@pytest.mark.scs("scs-0215-x-certificate-lifetime")
def test_scs_0215_x_certificate_lifetime(
    scs: Collector,
    tls_endpoints_if_seen: TlsEndpoints | Unseen,
    certificate_requests_if_seen: Sequence[SigningRequest] | Unseen,
    credential_if_seen: Credential | Unseen,
    now: dt.datetime,
) -> None:
    """Certificates MUST be renewed at least once a year.

    Source: scs-0215-v1. Fails when the certificate of the API server, of a kubelet that can be reached, or of the
    kubeconfig is older or has expired; aborts when that of the API server cannot be seen.
    """
    shown = exposure.certificates_shown(tls_endpoints_if_seen, credential_if_seen)
    issued = certificates.issued_to_kubelets(certificate_requests_if_seen)
    scs.examined("certificates", sum(not isinstance(one, Unseen) for one in {**issued, **shown}.values()))
    scs.add(certificates.check_lifetime(shown, issued, now))


@pytest.mark.scs("scs-0215-x-kubelet-rotation")
def test_scs_0215_x_kubelet_rotation(scs: Collector, kubelet_settings: list[Kubelet], nodes: list[Node]) -> None:
    """Certificates of kubelets MUST be renewed automatically.

    Source: scs-0215-v1. Fails when a kubelet does not renew its own; aborts when one does not show its settings.
    """
    scs.whole("kubelets", kubelet_settings, kubelets.check_rotation)
    scs.add(kubelets.unasked(kubelet_settings, nodes))


@pytest.mark.scs("scs-0215-x-pending-csrs")
def test_scs_0215_x_pending_csrs(scs: Collector, certificate_requests: list[SigningRequest], now: dt.datetime) -> None:
    """Requests of kubelets for certificates MUST be approved.

    Source: scs-0215-v1. Fails when one has waited for more than an hour; passes when there is none.
    """
    scs.examined("certificate signing requests", len(certificate_requests) or 1)
    scs.add(certificates.check_pending(certificate_requests, now))


@pytest.mark.scs("scs-0215-x-ca-lifetime")
def test_scs_0215_x_ca_lifetime(scs: Collector, credential: Credential, now: dt.datetime) -> None:
    """The certificate authority of the cluster is RECOMMENDED to be renewed in time.

    Source: scs-0215-v1. Fails when less than 30 days are left; aborts when the kubeconfig names no authority.
    """
    known = 0 if isinstance(credential.authorities, Unseen) else len(credential.authorities)
    scs.examined("certificate authorities", known)
    scs.add(certificates.check_authority(credential.authorities, now))
