# SPDX-License-Identifier: Apache-2.0
"""Images that others can use."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from pytest_scs.evidence.section import Section
from pytest_scs.platforms.openstack.answers import reading
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.paging import Shown
from pytest_scs.standards.iaas.forms import ANY_IMAGE, IMAGE
from pytest_scs.standards.iaas.model import JUDGED_VISIBILITY, judged_images

#: As many entries per page as Glance allows by default.
PAGE = 1000

# Neither belongs into evidence: internals of the cloud, and what names the project.
_IMAGE_NOISE = frozenset(("self", "file", "schema", "locations", "direct_url", "owner", "stores", "members"))
_IMAGE_NOISE_PREFIXES = ("os_glance_", "owner_")


def _images(client: Client) -> list[dict[str, Any]]:
    query = urlencode({"limit": PAGE, "member_status": "all"})
    found, shown = [], Shown("image", ("updated_at",))
    with reading("image GET /v2/images"):
        for page in client.pages("image", f"/images?{query}", lambda page: page.get("next"), version="2"):
            # Private and shared images are the project's own business (docs/standards/framework.md#inventory).
            seen = ANY_IMAGE.entries(page, "images")
            for image in shown.new(image for image in seen if image["visibility"] in JUDGED_VISIBILITY):
                IMAGE.check(image)
                found.append({key: value for key, value in image.items() if not _noise(key)})
    return found


def _noise(key: str) -> bool:
    return key in _IMAGE_NOISE or key.startswith(_IMAGE_NOISE_PREFIXES)


SECTION = Section(
    name="images",
    words="image GET /v2/images, public and own community images",
    summary="All public images and the project's own community images, whatever their status.",
    load=judged_images,
    read=_images,
)
