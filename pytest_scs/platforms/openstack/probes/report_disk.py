# SPDX-License-Identifier: Apache-2.0
"""A disk on which the sample VM reports where nobody can read its console (scs-0101).

The disk is a volume made of an image with a label by which the VM knows it; the report is read back out of a copy.
"""

from __future__ import annotations

import dataclasses

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.phase import doing
from pytest_scs.platforms.openstack.explain import kind_of_standstill
from pytest_scs.platforms.openstack.probes import copies
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.removal import Resource
from pytest_scs.standards.iaas import guest_check
from pytest_scs.standards.iaas.guest_report import GuestReport

#: GiB of the volume, and bytes of the image it is made of.
SIZE = 1
LABELLED = 1 << 20

#: Seconds that the VM has from ACTIVE to the end of its report, as for the console
#: (docs/standards/scs-0101.md#the-console).
PATIENCE = 300


def make(probing: Probing, token: str) -> Resource:
    """A volume that is labelled for the VM with this token; raises Inconclusive if it does not become available."""
    label = guest_check.disk_label(token).ljust(LABELLED, b"\0")
    image = copies.image_of(probing, "0101", "disk-label", label)
    disk, _ = probing.janitor.create("volume", "0101", "disk", {"size": SIZE, "imageRef": image.id})
    copies.wait_for_status(probing, disk, "available", "the disk for the sample VM's report")
    probing.janitor.discard(image)
    return disk


def wait(probing: Probing, server: Resource) -> None:
    """Wait until the VM has shut down, which it does once the report is written; raises Inconclusive if it does not."""
    seconds = probing.patiently(PATIENCE)
    doing("sample VM: writing its report to a disk", seconds)
    current = probing.janitor.wait(server, lambda status: status in ("shutoff", "error"), seconds)
    if str(current.get("status")).lower() != "shutoff":
        kind = kind_of_standstill(current.get("status"))
        raise Inconclusive(f"the VM did not shut down within {seconds:.0f} s: it is {current.get('status')}", kind)


def read(probing: Probing, disk: Resource, token: str, what: str) -> GuestReport:
    """The report on a disk that no VM uses any more; raises Inconclusive if there is none. ``what``: its place."""
    copies.wait_for_status(probing, disk, "available", "the disk with the sample VM's report")
    copy = probing.janitor.upload(disk, "0101", "disk-copy")
    copies.wait_for_copy(probing, copy)
    content = probing.client.download(
        "image", f"{copy.kind.one(copy.id)}/file", guest_check.DISK_REPORT, version=copy.kind.version
    )
    # A volume is busy for a moment longer than the image that is made of it.
    copies.wait_for_status(probing, disk, "available", "a copied volume")
    probing.janitor.discard(copy)
    report = guest_check.read_report(content.decode("ascii", "replace"), token, what)
    if report is None:
        raise Inconclusive(f"the VM ({what}) shut down without a report on its disk")
    return dataclasses.replace(report, by_disk=True)
