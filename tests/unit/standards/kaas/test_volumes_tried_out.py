# SPDX-License-Identifier: Apache-2.0
"""scs-0211: what is said of a volume that was tried out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.fields import FormError
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided
from pytest_scs.standards.kaas.volumes import VolumeRoundtrip, check_not_node_bound, check_read_write_once

DONE = {"outcome": "done", "said": "", "node": "n1", "kind": ""}
NETWORK = {"name": "pvc-1", "sources": ["csi"], "driver": "cinder.csi.openstack.org", "affinity": []}
GOOD: dict[str, Any] = {
    "storageClass": "fast",
    "bound": DONE,
    "volume": NETWORK,
    "written": DONE,
    "read": DONE,
    "elsewhere": {**DONE, "node": "n2"},
}
Check = Callable[[VolumeRoundtrip], Iterator[Observation]]


def failed(said: str) -> dict[str, str]:
    return {"outcome": "failed", "said": said, "node": "n1", "kind": ""}


def undecided(said: str, kind: CauseKind = CauseKind.OUTAGE) -> dict[str, str]:
    return {"outcome": "undecided", "said": said, "node": "", "kind": str(kind)}


def observed(check: Check, **changes: Any) -> list[Observation]:
    return list(check(VolumeRoundtrip.from_plain({**GOOD, **changes})))


def one(check: Check, **changes: Any) -> Any:
    (found,) = observed(check, **changes)
    return found


def test_volume_of_the_network_passes_both() -> None:
    assert observed(check_read_write_once) == []
    remark = one(check_not_node_bound)
    assert isinstance(remark, Remark)
    assert str(remark) == "storage class fast: the data were read on another node (n2)"


@pytest.mark.parametrize(
    ("changes", "rule", "observed_text"),
    [
        (
            {"bound": failed("Pending after 300 s; last events: ExternalProvisioning: Waiting"), "volume": None},
            "scs-0211/claim_is_bound",
            "Pending after 300 s; last events: ExternalProvisioning: Waiting (on n1)",
        ),
        ({"written": failed("error writing")}, "scs-0211/pod_writes", "error writing (on n1)"),
        ({"read": failed("no such file")}, "scs-0211/pod_reads_again", "no such file (on n1)"),
    ],
)
def test_first_step_that_the_storage_does_not_manage_is_the_violation(
    changes: dict[str, Any], rule: str, observed_text: str
) -> None:
    finding = one(check_read_write_once, **changes)
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.observed, finding.resource) == (rule, observed_text, "storage class fast")
    assert "kubectl describe storageclass fast" in finding.hint


def test_claim_that_gets_no_class_is_about_the_default_class() -> None:
    finding = one(check_read_write_once, storageClass="", bound=failed("no class was given to it"), volume=None)
    assert finding.resource == "default storage class"
    assert "kubectl describe storageclass NAME" in finding.hint


@pytest.mark.parametrize("step", ["bound", "written", "read"])
def test_step_that_pods_keep_from_being_tried_decides_nothing(step: str) -> None:
    found = one(check_read_write_once, **{step: undecided("no node takes it")})
    assert isinstance(found, Undecided)
    assert "no node takes it" in found.reason
    assert found.kind is CauseKind.OUTAGE


@pytest.mark.parametrize("step", ["written", "read"])
def test_step_that_was_not_reached_decides_nothing(step: str) -> None:
    assert isinstance(one(check_read_write_once, **{step: None}), Undecided)


@pytest.mark.parametrize(
    ("volume", "ties"),
    [
        ({"sources": ["hostPath"]}, "its source is hostPath"),
        ({"sources": ["local"]}, "its source is local"),
        (
            {"affinity": [{"key": "kubernetes.io/hostname", "values": ["n1"]}]},
            "its node affinity is kubernetes.io/hostname=n1",
        ),
    ],
)
def test_volume_of_a_node_is_a_violation_whatever_was_read(volume: dict[str, Any], ties: str) -> None:
    finding = one(check_not_node_bound, volume={**NETWORK, **volume}, elsewhere=None)
    assert (finding.rule, finding.observed) == ("scs-0211/not_bound_to_node", ties)
    assert "take that annotation off fast" in finding.hint


def test_volume_of_a_zone_is_bound_to_no_node() -> None:
    zonal = {**NETWORK, "affinity": [{"key": "topology.kubernetes.io/zone", "values": ["z1"]}]}
    assert isinstance(one(check_not_node_bound, volume=zonal), Remark)


def test_data_that_another_node_does_not_find_are_a_violation() -> None:
    finding = one(check_not_node_bound, elsewhere=failed("no such file or directory"))
    assert (finding.rule, finding.observed) == ("scs-0211/other_node_reads", "no such file or directory (on n1)")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"elsewhere": undecided("the cluster has only one node")}, "the cluster has only one node"),
        ({"volume": None, "bound": failed("Pending")}, "there is no volume to look at: Pending"),
        ({"elsewhere": None, "read": failed("gone")}, "no data on another node: gone"),
        ({"elsewhere": None, "written": undecided("no image"), "read": None}, "no data on another node: no image"),
        ({"elsewhere": None}, "no data on another node: it was not tried"),
    ],
)
def test_nothing_is_said_of_other_nodes_without_evidence(changes: dict[str, Any], reason: str) -> None:
    found = one(check_not_node_bound, **changes)
    assert isinstance(found, Undecided)
    assert reason in found.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"bound": None},
        {"bound": {"outcome": "perhaps"}},
        {"volume": {"name": ""}},
        {"volume": {**NETWORK, "affinity": [{"values": []}]}},
        {"written": []},
        {"storageClass": None},
    ],
)
def test_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(FormError):
        VolumeRoundtrip.from_plain({**GOOD, **changes})


@given(
    st.sampled_from(sorted(GOOD)),
    st.recursive(st.none() | st.booleans() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)),
)
def test_whatever_a_file_holds_is_read_or_refused_in_words(key: str, value: Any) -> None:
    with contextlib.suppress(FormError):
        VolumeRoundtrip.from_plain({**GOOD, key: value})
