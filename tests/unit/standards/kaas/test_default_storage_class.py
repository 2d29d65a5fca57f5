# SPDX-License-Identifier: Apache-2.0
"""scs-0211: which class is the default one, its driver, and whether volumes can grow."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.core.findings import Finding, Remark, Undecided
from pytest_scs.standards.kaas import default_storage_class as standard
from pytest_scs.standards.kaas.model import StorageClass, slim_storage_class

MARK = "storageclass.kubernetes.io/is-default-class"
OLD_MARK = "storageclass.beta.kubernetes.io/is-default-class"
CINDER = "cinder.csi.openstack.org"


def storage_class(
    name: str, mark: dict[str, str] | None = None, provisioner: str = CINDER, **more: Any
) -> StorageClass:
    """A class as the API shows it; ``created`` is a day of November 2026."""
    created = f"2026-11-{more.pop('created', 1):02}T00:00:00Z"
    metadata = {"name": name, "annotations": mark, "creationTimestamp": created}
    return StorageClass.from_plain(slim_storage_class({"metadata": metadata, "provisioner": provisioner, **more}))


def default(name: str = "std", provisioner: str = CINDER, **more: Any) -> StorageClass:
    return storage_class(name, {MARK: "true"}, provisioner, **more)


@pytest.mark.parametrize("mark", [{MARK: "true"}, {OLD_MARK: "true"}, {MARK: "false", OLD_MARK: "true"}])
def test_one_default_class_conforms(mark: dict[str, str]) -> None:
    assert list(standard.check_default([storage_class("std", mark), storage_class("other")])) == []


@pytest.mark.parametrize("mark", [None, {}, {MARK: "false"}, {MARK: "True"}, {MARK: ""}])
def test_no_default_class_is_a_finding(mark: dict[str, str] | None) -> None:
    [found] = standard.check_default([storage_class("std", mark)])
    assert isinstance(found, Finding)
    assert (found.rule, found.observed) == ("scs-0211/one_default", "none of std")
    assert found.hint == f"kubectl annotate --overwrite storageclass std {MARK}=true"


def test_no_class_at_all_is_a_finding() -> None:
    [found] = standard.check_default([])
    assert isinstance(found, Finding)
    assert found.observed == "no storage class at all"


def test_several_default_classes_are_a_finding_that_names_the_one_that_is_used() -> None:
    classes = [default("a", created=2), storage_class("b", {MARK: "true", OLD_MARK: "true"}), default("c", created=3)]
    [found] = standard.check_default(classes)
    assert isinstance(found, Finding)
    assert found.observed == "3: a, b, c; Kubernetes tolerates that since 1.26 and takes the newest, c"
    assert found.hint == (
        f"kubectl annotate --overwrite storageclass a {MARK}=false; "
        f"kubectl annotate --overwrite storageclass b {MARK}=false {OLD_MARK}=false"
    )


def test_of_classes_of_the_same_time_the_first_by_name_is_used() -> None:
    assert [one.name for one in standard.default_classes([default("b"), default("a"), storage_class("0")])] == [
        "a",
        "b",
    ]


def test_a_default_class_that_makes_no_volumes_is_a_finding() -> None:
    [found] = standard.check_default([default(provisioner="kubernetes.io/no-provisioner")])
    assert isinstance(found, Finding)
    assert (found.resource, found.rule) == ("storage class std", "scs-0211/provisioned")


class TestProvisioner:
    @pytest.mark.parametrize(
        "provisioner",
        [CINDER, "rook-ceph.rbd.csi.ceph.com", "rbd.csi.ceph.com", "my.cephfs.csi.ceph.com", "driver.longhorn.io"],
    )
    def test_storage_in_the_network_conforms(self, provisioner: str) -> None:
        assert list(standard.check_provisioner([default(provisioner=provisioner)])) == []

    @pytest.mark.parametrize(
        "provisioner",
        [
            "rancher.io/local-path",
            "openebs.io/local",
            "topolvm.io",
            "kubernetes.io/no-provisioner",
            "hostpath.csi.k8s.io",
            "k8s.io/minikube-hostpath",
            "kubernetes.io/host-path",
        ],
    )
    def test_storage_of_a_node_is_a_finding(self, provisioner: str) -> None:
        [found] = standard.check_provisioner([default(provisioner=provisioner)])
        assert isinstance(found, Finding)
        assert found.rule == "scs-0211/networked_provisioner"

    @pytest.mark.parametrize("provisioner", ["csi.example.org", "xcinder.csi.openstack.org", "topolvm.io.example.org"])
    def test_an_unknown_driver_leaves_it_open(self, provisioner: str) -> None:
        [found] = standard.check_provisioner([default(provisioner=provisioner)])
        assert isinstance(found, Undecided)
        assert found.reason == f"unknown provisioner {provisioner}"

    def test_the_class_that_is_used_is_judged(self) -> None:
        local, network = default("a", "rancher.io/local-path", created=1), default("b", created=2)
        [remark] = standard.check_provisioner([local, network])
        assert isinstance(remark, Remark)
        assert "the newest is judged" in remark.text


class TestExpansion:
    @pytest.mark.parametrize(("allowed", "word"), [(True, "yes"), (False, "no"), (None, "no")])
    def test_it_is_told_and_never_fails(self, allowed: bool | None, word: str) -> None:
        [remark] = standard.tell_volume_expansion([default(allowVolumeExpansion=allowed)])
        assert isinstance(remark, Remark)
        assert str(remark) == f"storage class std: volumes can be expanded: {word}"


@pytest.mark.parametrize("check", [standard.check_provisioner, standard.tell_volume_expansion])
def test_without_a_default_class_nothing_is_said_of_it(check: Any) -> None:
    for classes in ([], [storage_class("std")]):
        [found] = check(classes)
        assert isinstance(found, Undecided)
        assert found.reason == "there is no default storage class"
