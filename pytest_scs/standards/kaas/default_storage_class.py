# SPDX-License-Identifier: Apache-2.0
"""scs-0211: the default storage class, as far as it can be seen without using it (documents: scs-0211-v1, -v2)."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_scs.base.shell import Placeholder, command
from pytest_scs.base.words import shown, some
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.kaas.model import StorageClass

#: The annotation that makes a class the default one, and what it was called before Kubernetes 1.6.
DEFAULT: Final = "storageclass.kubernetes.io/is-default-class"
_MARKS: Final = (DEFAULT, "storageclass.beta.kubernetes.io/is-default-class")

#: Drivers of block and file storage in the network (docs/standards/scs-0211.md#drivers).
_NETWORKED: Final = (
    "cinder.csi.openstack.org",
    "rbd.csi.ceph.com",
    "*.rbd.csi.ceph.com",
    "cephfs.csi.ceph.com",
    "*.cephfs.csi.ceph.com",
    "csi.hetzner.cloud",
    "csi.vsphere.vmware.com",
    "ebs.csi.aws.com",
    "disk.csi.azure.com",
    "pd.csi.storage.gke.io",
    "driver.longhorn.io",
    "csi.trident.netapp.io",
)
#: Drivers of folders and disks of a node, and what is no driver at all.
_LOCAL: Final = (
    "rancher.io/local-path",
    "openebs.io/local",
    "topolvm.io",
    "*no-provisioner",
    "*hostpath*",
    "*host-path*",
)

_CLASSES: Final = "storage classes"
_NONE: Final = "there is no default storage class"


def is_default(entry: StorageClass) -> bool:
    """Whether a class is marked as the default one."""
    return any(entry.annotations.get(mark) == "true" for mark in _MARKS)


def default_classes(entries: Sequence[StorageClass]) -> list[StorageClass]:
    """The classes that are marked as the default one, first the one that Kubernetes takes: the newest, then by name."""
    by_name = sorted((entry for entry in entries if is_default(entry)), key=lambda entry: entry.name)
    return sorted(by_name, key=lambda entry: entry.created_at, reverse=True)


def check_default(entries: Sequence[StorageClass]) -> Iterator[Observation]:
    """There MUST be exactly one default storage class, and it can make volumes.

    Source: scs-0211-v1 (docs/standards/scs-0211.md#scs-0211-x-default-storage-class).
    """
    defaults = default_classes(entries)
    if not defaults:
        yield _no_default(entries)
    elif len(defaults) > 1:
        yield _several_defaults(defaults)
    for entry in defaults:
        if entry.provisioner.endswith("no-provisioner"):
            yield Finding(
                resource=f"storage class {entry.name}",
                rule="scs-0211/provisioned",
                title="the default storage class makes volumes",
                expected="a provisioner",
                observed=show(entry.provisioner),
                hint=f"{_mark(Placeholder('CLASS_WITH_A_DRIVER'))}; {_unmark(entry)}",
            )


def check_provisioner(entries: Sequence[StorageClass]) -> Iterator[Observation]:
    """The default storage class is RECOMMENDED to be storage in the network, by a driver that is known for it.

    Source: scs-0211-v2, a draft (docs/standards/scs-0211.md#scs-0211-x-provisioner).
    """
    defaults = default_classes(entries)
    if not defaults:
        yield Undecided(_CLASSES, _NONE)
        return
    entry = defaults[0]
    resource = f"storage class {entry.name}"
    if _matches(entry.provisioner, _LOCAL):
        yield Finding(
            resource=resource,
            rule="scs-0211/networked_provisioner",
            title="the default storage class is storage in the network",
            expected="a driver of block or file storage in the network",
            observed=f"{show(entry.provisioner)}, which keeps volumes on a node",
            hint=f"{_mark(Placeholder('CLASS_OF_STORAGE_IN_THE_NETWORK'))}; {_unmark(entry)}",
        )
    elif not _matches(entry.provisioner, _NETWORKED):
        yield Undecided(resource, f"unknown provisioner {shown(entry.provisioner)}")
    yield from _which_of_several(defaults)


def tell_volume_expansion(entries: Sequence[StorageClass]) -> Iterator[Observation]:
    """Say whether volumes of the default storage class can be expanded, which they MAY be.

    Source: scs-0211-v2, a draft (docs/standards/scs-0211.md#scs-0211-x-volume-expansion).
    """
    defaults = default_classes(entries)
    if not defaults:
        yield Undecided(_CLASSES, _NONE)
        return
    answer = "yes" if defaults[0].allow_volume_expansion else "no"
    yield Remark(f"volumes can be expanded: {answer}", f"storage class {defaults[0].name}")
    yield from _which_of_several(defaults)


def _no_default(entries: Sequence[StorageClass]) -> Finding:
    names = some([entry.name for entry in entries])
    name = entries[0].name if len(entries) == 1 else Placeholder("CLASS")
    return Finding(
        resource=_CLASSES,
        rule="scs-0211/one_default",
        title="exactly one is the default",
        expected=f"one with the annotation {DEFAULT}: 'true'",
        observed=f"none of {names}" if names else "no storage class at all",
        hint=_mark(name) if names else "install a CSI driver for storage in the network, with a default class",
    )


def _several_defaults(defaults: Sequence[StorageClass]) -> Finding:
    newest, *others = defaults
    used = f"Kubernetes tolerates that since 1.26 and takes the newest, {shown(newest.name)}"
    names = some(sorted(entry.name for entry in defaults))
    return Finding(
        resource=_CLASSES,
        rule="scs-0211/one_default",
        title="exactly one is the default",
        expected=f"one with the annotation {DEFAULT}: 'true'",
        observed=f"{len(defaults)}: {names}; {used}",
        hint="; ".join(map(_unmark, others[:10])),
    )


def _which_of_several(defaults: Sequence[StorageClass]) -> Iterator[Remark]:
    if len(defaults) > 1:
        text = f"of {len(defaults)} default classes the newest is judged, which Kubernetes takes"
        yield Remark(text, f"storage class {defaults[0].name}")


def _mark(name: str) -> str:
    """The command that makes a class the default one."""
    return f"{_annotate(name)} {DEFAULT}=true"


def _unmark(entry: StorageClass) -> str:
    """The command that makes a class the default one no more."""
    return " ".join([_annotate(entry.name), *(f"{mark}=false" for mark in _MARKS if entry.annotations.get(mark))])


def _annotate(name: str) -> str:
    return command(["kubectl", "annotate", "--overwrite", "storageclass"], name)


def _matches(provisioner: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(provisioner, pattern) for pattern in patterns)
