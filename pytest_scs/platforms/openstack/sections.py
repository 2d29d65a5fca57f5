# SPDX-License-Identifier: Apache-2.0
"""What can be read of a cloud: every section, a line each, in the order of plans; and the fixtures made of them."""

from __future__ import annotations

from pytest_scs.evidence.section import by_name
from pytest_scs.platforms.openstack.listings import catalog, compute_zones, flavors, images, volume_types
from pytest_scs.platforms.openstack.probes import (
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

SECTIONS = by_name(
    (
        catalog.SECTION,
        flavors.SECTION,
        images.SECTION,
        volume_types.SECTION,
        compute_zones.SECTION,
        default_group_rules.SECTION,
        s3.SECTION,
        secret.SECTION,
        backup.SECTION,
        guest.SECTION,
        backup_content.SECTION,
        s3_roundtrip.SECTION,
        tls.SECTION,
        domain_manager.SECTION,
        tempest.SECTION,
    )
)

DERIVED_FIXTURES = {"endpoints": catalog.ENDPOINTS}
