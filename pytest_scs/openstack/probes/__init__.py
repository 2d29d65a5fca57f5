# SPDX-License-Identifier: Apache-2.0
"""Probes: what has to be tried in a cloud because no listing tells it.

A probe creates something, looks, and removes it again through the janitor; what it saw is a section of the inventory
like any other, so that testcases judge plain data and a run can be recorded and judged again. Probes run in the process
that the user started, all at the same time, from the beginning of the run.
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_scs.openstack.probing import Probe


def probes() -> Mapping[str, Probe]:
    """Section -> probe."""
    from pytest_scs.openstack.probes import (
        backup,
        backup_content,
        default_group_rules,
        domain_manager,
        guest,
        s3,
        s3_roundtrip,
        secret,
        tempest,
        tls,
    )

    return {
        "default_group_rules": default_group_rules.probe,
        "s3_answer": s3.probe,
        "secret_roundtrip": secret.probe,
        "volume_backup": backup.probe,
        "guest": guest.probe,
        "backup_content": backup_content.probe,
        "s3_roundtrip": s3_roundtrip.probe,
        "tls_endpoints": tls.probe,
        "domain_manager": domain_manager.probe,
        "tempest": tempest.probe,
    }
