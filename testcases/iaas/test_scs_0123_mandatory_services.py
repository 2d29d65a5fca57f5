# SPDX-License-Identifier: Apache-2.0
"""scs-0123: mandatory services are in the catalog (documents: scs-0123-v1, scs-0123-v2, scs-0123-w1)."""

from __future__ import annotations

from functools import partial

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import object_storage, services
from pytest_scs.standards.iaas.model import Service
from pytest_scs.standards.iaas.object_storage import S3Answer, S3Roundtrip

#: Testcase id -> the service type it looks for.
SERVICE_TYPES = {
    "scs-0123-service-compute": "compute",
    "scs-0123-service-identity": "identity",
    "scs-0123-service-image": "image",
    "scs-0123-service-network": "network",
    "scs-0123-service-load-balancer": "load-balancer",
    "scs-0123-service-placement": "placement",
    "scs-0123-service-s3": "object-store-s3",
}


@pytest.mark.parametrize(
    "service_type",
    [pytest.param(kind, marks=pytest.mark.scs(testcase), id=testcase) for testcase, kind in SERVICE_TYPES.items()],
)
def test_scs_0123_service(scs: Collector, catalog: list[Service], service_type: str) -> None:
    """Each mandatory service MUST be found in the catalog under its type.

    Source: scs-0123-v1, and scs-0123-v2 for `object-store-s3`; `placement` is demanded by the official suite only.
    Fails when no entry has exactly this type; aborts when there is no catalog.
    """
    scs.whole("catalog entries", catalog, partial(services.check_service, service_type))


@pytest.mark.scs("scs-0123-storage-apis")
def test_scs_0123_storage_apis(scs: Collector, catalog: list[Service]) -> None:
    """Block storage MUST be found in the catalog, as `block-storage` or under an accepted older type.

    Source: scs-0123-v1, scs-0123-v2. Fails when no entry has one of the accepted types; aborts when there is no
    catalog.
    """
    scs.whole("catalog entries", catalog, partial(services.check_block_storage, scs.modules))


@pytest.mark.scs("scs-0123-swift-s3")
def test_scs_0123_swift_s3(scs: Collector, s3_answer: S3Answer) -> None:
    """An object store, if there is one, MUST speak S3 on its host.

    Source: scs-0123-v1 (S3 is mandatory; this is the official surrogate). Fails when the host answers a signed request
    with an unknown key with anything but an S3 error that says so; aborts when the key is known.
    """
    scs.examined("object stores", int(s3_answer.offered))
    scs.add(object_storage.check_s3(s3_answer))


@pytest.mark.scs("scs-0123-x-s3-roundtrip")
def test_scs_0123_x_s3_roundtrip(scs: Collector, s3_roundtrip: S3Roundtrip) -> None:
    """S3 MUST be offered and work with the rights of a member.

    Source: scs-0123-v1 (S3 is mandatory). Fails when there is no S3 or a step of storing, listing, reading back and
    deleting an object is denied; aborts when no EC2 credentials can be had, or when S3 does not answer.
    """
    scs.examined("S3 steps", max(1, len(s3_roundtrip.steps)))
    scs.add(object_storage.check_roundtrip(s3_roundtrip))
