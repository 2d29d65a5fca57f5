# SPDX-License-Identifier: Apache-2.0
"""scs-0220: operating systems of nodes beyond their end of life, and the inventory that goes with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pytest_scs.core.findings import Finding, Remark, Undecided
from pytest_scs.standards.kaas.model import Node, slim_node
from pytest_scs.standards.kaas.node_software import _LAST_DAYS, check_software, inventory, release_of

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def node(name: str, image: str | None, kernel: str = "6.12", **labels: str) -> Node:
    info = {"osImage": image, "kernelVersion": kernel, "containerRuntimeVersion": "containerd://2.3"}
    return Node.from_plain(slim_node({"metadata": {"name": name, "labels": labels}, "status": {"nodeInfo": info}}))


def judged(nodes: list[Node], now: dt.datetime = NOW) -> tuple[list[Any], list[Any], list[Any]]:
    found = list(check_software(nodes, now))
    return tuple([one for one in found if isinstance(one, kind)] for kind in (Finding, Undecided, Remark))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("Ubuntu 22.04.5 LTS", "Ubuntu 22.04"),
        ("Debian GNU/Linux 12 (bookworm)", "Debian 12"),
        ("CentOS Linux 7 (Core)", "CentOS Linux 7"),
        ("CentOS Stream 8", "CentOS Stream 8"),
        ("Red Hat Enterprise Linux Server 7.9 (Maipo)", "Red Hat Enterprise Linux 7"),
        ("Rocky Linux 9.4 (Blue Onyx)", "Rocky Linux 9"),
        ("AlmaLinux 9.4 (Seafoam Ocelot)", "AlmaLinux 9"),
        ("openSUSE Leap 15.5", "openSUSE Leap 15.5"),
        ("Fedora CoreOS 40.20240519.3.0", "Fedora 40"),
        ("Flatcar Container Linux by Kinvolk 4081.2.1 (Oklo)", ""),
        ("Talos (v1.8.0)", ""),
        ("Red Hat Enterprise Linux CoreOS 416.94.202406251923-0", ""),
        ("Not Ubuntu 14.04", ""),
        ("Debian GNU/Linux trixie/sid", ""),
        ("", ""),
    ],
)
def test_releases_are_known_by_their_names(image: str, release: str) -> None:
    assert release_of(image) == release


@pytest.mark.parametrize(("day", "fails"), [(dt.date(2025, 5, 31), False), (dt.date(2025, 6, 1), True)])
def test_an_operating_system_beyond_its_end_of_life_is_a_finding(day: dt.date, fails: bool) -> None:
    now = dt.datetime.combine(day, dt.time(23, 59), dt.UTC)
    findings, undecided, _ = judged([node("n1", "Ubuntu 20.04.6 LTS"), node("n2", "Ubuntu 24.04.2 LTS")], now)
    assert [one.resource for one in findings] == (["node n1"] if fails else [])
    assert len(undecided) == 1
    if fails:
        assert findings[0].observed == "Ubuntu 20.04, which had them until 2025-05-31"


@pytest.mark.parametrize("image", ["Ubuntu 21.10", "CentOS Linux 6", "openSUSE Leap 15.2", "Fedora 38 (CoreOS)"])
def test_releases_between_those_with_long_support_have_ended_too(image: str) -> None:
    findings, _, _ = judged([node("n1", image)])
    assert [one.resource for one in findings] == ["node n1"]


@pytest.mark.parametrize("image", ["Ubuntu 26.04 LTS", "Ubuntu 99.10", "Talos (v1.8.0)", None, ""])
def test_there_is_never_a_pass(image: str | None) -> None:
    findings, [undecided], _ = judged([node("n1", image)])
    assert findings == []
    assert undecided.reason == "only an inventory is possible"
    assert judged([])[1][0].reason == "the cluster has none"


def test_different_values_in_one_pool_are_a_warning() -> None:
    nodes = [
        node("n1", "Ubuntu 24.04.2 LTS", "6.8"),
        node("n2", "Ubuntu 24.04.2 LTS", "6.9"),
        node("n3", "Debian GNU/Linux 13 (trixie)", "6.12", **{"worker.gardener.cloud/pool": "b"}),
        node("n4", "Debian GNU/Linux 13 (trixie)", "6.12", **{"node-role.kubernetes.io/control-plane": ""}),
    ]
    warnings = [str(one) for one in inventory(nodes) if one.public]
    assert warnings == ["workers: 2 different kernels: '6.8': n1; '6.9': n2"]
    pools = {one.resource for one in inventory(nodes)}
    assert pools == {"control plane", "pool b", "workers"}


def test_a_large_pool_does_not_fill_a_line() -> None:
    [remark, *_] = inventory([node(f"n{number}", "Ubuntu 24.04.2 LTS") for number in range(500)])
    assert remark.text.endswith("n9 and 490 more")


def test_every_release_of_the_table_can_be_recognised() -> None:
    names = {"Debian": "Debian GNU/Linux"}
    for release in _LAST_DAYS:
        name, _, version = release.rpartition(" ")
        assert release_of(f"{names.get(name, name)} {version}") == release


def test_many_values_do_not_fill_a_line() -> None:
    [kernels] = [
        one.text
        for one in inventory([node(f"n{number}", "Talos (v1.8.0)", f"6.{number:03}") for number in range(300)])
        if one.public
    ]
    assert kernels.startswith("300 different kernels: '6.000': n0; ")
    assert kernels.endswith("; 290 more")
