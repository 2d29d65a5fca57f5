# SPDX-License-Identifier: Apache-2.0
"""Whether a restored volume has the content that was backed up (docs/standards/scs-0117.md#content), without a VM.

Random bytes go into an image, the image into a volume, and that volume through a backup into another one. Both volumes
are then copied to images, whose hashes the image service computes.
"""

from __future__ import annotations

import os
import time
from typing import Any

from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.openstack.probes import copies
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.removal import Resource
from pytest_scs.standards.iaas.volume_backup import BackupContent

#: Bytes of random content, at the beginning of a volume of 1 GiB.
SIZE = 16 << 20

NEEDS = {"volumes": 2, "gigabytes": 2, "backups": 1, "backup_gigabytes": 1}

_STANDARD = "0117"


def probe(probing: Probing) -> dict[str, Any]:
    """The hashes of both volumes.

    Keys: ``original`` and ``restored``, each with ``resource``, ``algorithm`` and ``hash`` as the image service has
    them, and ``seconds``. Raises Inconclusive, with the step, if there is nothing to compare.
    """
    started = time.monotonic()
    with probing.quota.claim(NEEDS):
        source = copies.image_of(probing, _STANDARD, "random", os.urandom(SIZE))
        volume, _ = probing.janitor.create("volume", _STANDARD, "content", {"size": 1, "imageRef": source.id})
        _available(probing, volume, "a volume with random content")
        backup, _ = probing.janitor.create("backup", _STANDARD, "content-backup", {"volume_id": volume.id})
        _available(probing, backup, "the backup")
        restored = probing.janitor.restore(backup, _STANDARD, "content-restored")
        _available(probing, restored, "the restored volume")
        # One after the other would take twice as long.
        uploads = [
            probing.janitor.upload(volume, _STANDARD, "content-image"),
            probing.janitor.upload(restored, _STANDARD, "restored-image"),
        ]
        original_hash, restored_hash = (_hash(probing, copy) for copy in uploads)
        # A volume is busy for a moment longer than the image that is made of it.
        for one in (volume, restored):
            _available(probing, one, "a copied volume")
        probing.janitor.discard(*uploads, backup, restored, volume, source)
    return {
        "original": {"resource": str(volume), **original_hash},
        "restored": {"resource": str(restored), **restored_hash},
        "seconds": round(time.monotonic() - started, 1),
    }


def _hash(probing: Probing, image: Resource) -> dict[str, Any]:
    current = copies.wait_for_copy(probing, image)
    return {"algorithm": current.get("os_hash_algo"), "hash": current.get("os_hash_value")}


def _available(probing: Probing, resource: Resource, what: str) -> None:
    copies.wait_for_status(probing, resource, "available", what)


SECTION: Section[BackupContent] = Section(
    name="backup_content",
    words="a volume with random content, backed up, restored and compared",
    summary="What became of the content of a volume that was backed up and restored.",
    load=single(BackupContent.from_plain),
    probe=probe,
    lasts=90,
    creates="three images of 16 MiB, two volumes of 1 GiB and a backup",
)
