# SPDX-License-Identifier: Apache-2.0
"""The fixtures testcases use; registered only when a scope is selected.

A testcase names the inventory sections it reads by the fixtures it asks for (``flavors``, ``images``, ...): that is
what ``--scs-plan`` shows, and nothing else is fetched.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pytest

from pytest_scs.collector import Collector
from pytest_scs.core.subject import Subject
from pytest_scs.inventory import Inventory
from pytest_scs.marking import expected_key
from pytest_scs.run.manual import collector_key, judge_attestation
from pytest_scs.session import session_key
from pytest_scs.standards.domain_manager import DomainManagers
from pytest_scs.standards.endpoints import Endpoint, endpoints_of
from pytest_scs.standards.model import ComputeZone, Flavor, Image, Service, VolumeType
from pytest_scs.standards.object_storage import S3Answer, S3Roundtrip
from pytest_scs.standards.tempest_outcomes import TempestRun
from pytest_scs.standards.tls_endpoints import TlsEndpoints

T = TypeVar("T")


@pytest.fixture(scope="session")
def scs_subject(request: pytest.FixtureRequest) -> Subject:
    """What is judged; a parameter where several subjects are judged in one run."""
    default = request.config.stash[session_key].subjects[0]
    return getattr(request, "param", default)


@pytest.fixture(scope="session")
def _scs_inventory(request: pytest.FixtureRequest, scs_subject: Subject) -> Inventory:
    return request.config.stash[session_key].inventory(scs_subject)


@pytest.fixture
def scs(request: pytest.FixtureRequest, _scs_inventory: Inventory) -> Collector:
    """Collects what the testcase examines and finds; see :class:`pytest_scs.collector.Collector`.

    Ends the testcase as ABORT at once if the preflight refused the cloud.
    """
    _scs_inventory.admit()
    collector = Collector(request.node.stash[expected_key], request.config.stash[session_key].settings.judge)
    request.node.stash[collector_key] = collector
    return collector


@pytest.fixture(scope="session")
def inventory(request: pytest.FixtureRequest, scs_subject: Subject, _scs_inventory: Inventory) -> Inventory:
    """Everything that was read from the cloud, as plain data. Ask for a section's own fixture where one is enough."""
    for section in _scs_inventory.pending:
        request.config.stash[session_key].source.settle(scs_subject.name, section)
    return _scs_inventory


@pytest.fixture(scope="session")
def now(_scs_inventory: Inventory) -> dt.datetime:
    """The instant all dates are judged at, in UTC: when the evidence was read."""
    return dt.datetime.fromisoformat(_scs_inventory.fetched_at)


@pytest.fixture(scope="session")
def flavors(_scs_inventory: Inventory) -> list[Flavor]:
    """All flavors the project can see, with extra specs."""
    return _convert(_scs_inventory, "flavors", Flavor.from_dict)


@pytest.fixture(scope="session")
def images(_scs_inventory: Inventory) -> list[Image]:
    """All public images and the project's own community images, whatever their status."""
    return _convert(_scs_inventory, "images", Image)


@pytest.fixture(scope="session")
def volume_types(_scs_inventory: Inventory) -> list[VolumeType]:
    """All volume types the project can see."""
    return _convert(_scs_inventory, "volume_types", VolumeType.from_dict)


@pytest.fixture(scope="session")
def catalog(_scs_inventory: Inventory) -> list[Service]:
    """The entries of the service catalog in the token."""
    return _convert(_scs_inventory, "catalog", Service.from_dict)


@pytest.fixture(scope="session")
def compute_zones(_scs_inventory: Inventory) -> list[ComputeZone]:
    """The availability zones of compute."""
    return _convert(_scs_inventory, "compute_zones", ComputeZone.from_dict)


@pytest.fixture
def attestation(request: pytest.FixtureRequest, scs: Collector) -> Callable[[], None]:
    """Judge the testcase by what a person answered (``--scs-attestations``); MISS where there is no answer."""
    return lambda: judge_attestation(request.node, scs)


@pytest.fixture(scope="session")
def endpoints(catalog: list[Service], _scs_inventory: Inventory) -> Callable[[str], list[Endpoint]]:
    """The endpoints of an interface (``public``, ``internal``) in the judged region, as the catalog lists them."""
    return lambda interface: endpoints_of(_scs_inventory.section("catalog"), interface, _scs_inventory.region)


@pytest.fixture(scope="session")
def default_group_rules(_scs_probed: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """The rules new security groups are born with: keys ``template``, ``custom``, ``custom_problem``, ``default``."""
    return _scs_probed("default_group_rules")


@pytest.fixture(scope="session")
def s3_answer(_scs_probed: Callable[[str], dict[str, Any]]) -> S3Answer:
    """What the object store's host answers to an S3 request."""
    return S3Answer.from_plain(_scs_probed("s3_answer"))


@pytest.fixture(scope="session")
def secret_roundtrip(_scs_probed: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What became of a secret: keys ``offered``, ``refused``, ``listed``, ``payload``."""
    return _scs_probed("secret_roundtrip")


@pytest.fixture(scope="session")
def volume_backup(_scs_probed: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What became of a volume, its backup and the restored volume: key ``steps``."""
    return _scs_probed("volume_backup")


@pytest.fixture(scope="session")
def guest(_scs_probed: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What the sample VM reported: keys ``report``, ``image``, ``flavor``, ``zone``, ``seconds``."""
    return _scs_probed("guest")


@pytest.fixture(scope="session")
def backup_content(_scs_probed: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What became of the content of a volume that was backed up and restored: keys ``steps``, ``hashes``."""
    return _scs_probed("backup_content")


@pytest.fixture(scope="session")
def s3_roundtrip(_scs_probed: Callable[[str], dict[str, Any]]) -> S3Roundtrip:
    """What became of an object in an S3 bucket."""
    return S3Roundtrip.from_plain(_scs_probed("s3_roundtrip"))


@pytest.fixture(scope="session")
def tls_endpoints(_scs_probed: Callable[[str], dict[str, Any]]) -> TlsEndpoints:
    """What the public endpoints offer by TLS."""
    return TlsEndpoints.from_plain(_scs_probed("tls_endpoints"))


@pytest.fixture(scope="session")
def domain_manager(_scs_probed: Callable[[str], dict[str, Any]]) -> DomainManagers:
    """What the managers of two domains could do."""
    return DomainManagers.from_plain(_scs_probed("domain_manager"))


@pytest.fixture(scope="session")
def tempest(_scs_probed: Callable[[str], dict[str, Any]]) -> TempestRun:
    """The results of Tempest."""
    return TempestRun.from_plain(_scs_probed("tempest"))


@pytest.fixture(scope="session")
def _scs_probed(request: pytest.FixtureRequest, scs_subject: Subject) -> Callable[[str], dict[str, Any]]:
    session = request.config.stash[session_key]
    return lambda section: session.section(scs_subject, section)[0]


def _convert(inventory: Inventory, section: str, make: Callable[[dict[str, object]], T]) -> list[T]:
    return [make(entry) for entry in inventory.section(section)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Judge every cloud where several are given."""
    subjects: Sequence[Subject] = metafunc.config.stash[session_key].subjects
    if "scs_subject" in metafunc.fixturenames and len(subjects) > 1:
        metafunc.parametrize("scs_subject", subjects, indirect=True, scope="session", ids=map(str, subjects))
