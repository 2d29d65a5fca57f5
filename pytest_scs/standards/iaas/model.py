# SPDX-License-Identifier: Apache-2.0
"""The resources the standards speak about, as plain values read from an inventory."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_scs.base.fields import FormError
from pytest_scs.base.forms import objects
from pytest_scs.standards.iaas.forms import ANY_IMAGE, COMPUTE_ZONE, ENDPOINT, FLAVOR, IMAGE, SERVICE, VOLUME_TYPE

#: Images of any other visibility are left out; nobody but their project can use them.
JUDGED_VISIBILITY = ("public", "community")


@dataclasses.dataclass(frozen=True, slots=True)
class Flavor:
    """A flavor as Nova shows it to the project; ``ram`` and ``swap`` in MiB, ``disk`` and ``ephemeral`` in GiB."""

    id: str
    name: str
    vcpus: int
    ram: int
    disk: int
    is_public: bool
    disabled: bool
    extra_specs: Mapping[str, str]
    swap: int = 0
    ephemeral: int = 0
    rxtx: float = 1.0

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Flavor:
        """Read one entry of the inventory section ``flavors``; older evidence has no swap and the like.

        Raises FormError for another form.
        """
        FLAVOR.check(data)
        return cls(
            id=data["id"],
            name=data["name"] or "",
            vcpus=data["vcpus"],
            ram=data["ram"],
            disk=data["disk"],
            is_public=data.get("is_public", True),
            disabled=data.get("disabled", False),
            extra_specs=data["extra_specs"],
            swap=data.get("swap") or 0,
            ephemeral=data.get("ephemeral", 0),
            rxtx=1.0 if data.get("rxtx") is None else data["rxtx"],
        )

    @property
    def label(self) -> str:
        """How findings name it."""
        return f"flavor {self.name or self.id}"


@dataclasses.dataclass(frozen=True, slots=True)
class Image:
    """An image as Glance lists it: base and additional properties in one (docs/standards/scs-0102.md#which-images).

    ``size`` and ``virtual_size`` (bytes), ``min_disk`` (GiB), ``min_ram`` (MiB), ``name`` may be None.
    """

    properties: Mapping[str, Any]

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Image:
        """Read one entry of the inventory section ``images``; raises FormError for another form."""
        return cls(IMAGE.check(data))

    def __getitem__(self, key: str) -> Any:
        """The property's value; None where it is absent."""
        return self.properties.get(key)

    @property
    def id(self) -> str:
        """The image's UUID."""
        return str(self.properties["id"])

    @property
    def name(self) -> str | None:
        """The image's name, which Glance allows to be absent and to occur twice."""
        return self.properties.get("name")

    @property
    def public(self) -> bool:
        """Whether its visibility is ``public`` (the others listed are the project's own community images)."""
        return self.properties.get("visibility") == "public"

    @property
    def active(self) -> bool:
        """Whether its status is ``active``."""
        return self.properties.get("status") == "active"

    @property
    def hidden(self) -> bool:
        """Whether Glance leaves it out of ordinary listings."""
        return bool(self.properties.get("os_hidden"))

    @property
    def label(self) -> str:
        """How findings name it."""
        return f"image {self.name or self.id}"


def judged_images(entries: Sequence[Mapping[str, Any]]) -> list[Image]:
    """The images in the inventory section ``images`` that are judged; raises FormError, also for one that is not."""
    found = []
    for number, entry in enumerate(entries, 1):
        try:
            if ANY_IMAGE.check(entry)["visibility"] in JUDGED_VISIBILITY:
                found.append(Image.from_plain(entry))
        except FormError as error:
            raise FormError(f"entry {number}: {error}") from None
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class VolumeType:
    """A volume type as Cinder shows it to the project."""

    id: str
    name: str
    description: str | None

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> VolumeType:
        """Read one entry of the inventory section ``volume_types``; raises FormError for another form."""
        VOLUME_TYPE.check(data)
        return cls(id=data["id"], name=data["name"], description=data.get("description"))

    @property
    def label(self) -> str:
        """How findings name it."""
        return f"volume type {self.name or self.id}"


@dataclasses.dataclass(frozen=True, slots=True)
class ComputeZone:
    """An availability zone of compute."""

    name: str
    available: bool

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> ComputeZone:
        """Read one entry of the inventory section ``compute_zones``; raises FormError for another form."""
        COMPUTE_ZONE.check(data)
        return cls(name=data["name"], available=data["available"])


@dataclasses.dataclass(frozen=True, slots=True)
class ServiceEndpoint:
    """An endpoint as the catalog lists it below its service; ``region`` may be empty, ``url`` None."""

    interface: str
    region: str
    url: str | None

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> ServiceEndpoint:
        """Read one endpoint; raises FormError for another form."""
        ENDPOINT.check(data)
        return cls(data["interface"], data.get("region_id") or data.get("region") or "", data["url"])


@dataclasses.dataclass(frozen=True, slots=True)
class Service:
    """An entry of the service catalog; only the type counts for presence (docs/standards/scs-0123.md#testcases)."""

    type: str
    name: str
    endpoints: tuple[ServiceEndpoint, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions it has endpoints in, each once."""
        return tuple(dict.fromkeys(one.region for one in self.endpoints if one.region))

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Service:
        """Read one entry of the inventory section ``catalog``, or of a token; raises FormError for another form."""
        SERVICE.check(data)
        try:
            endpoints = tuple(ServiceEndpoint.from_plain(entry) for entry in objects(data, "endpoints"))
        except FormError as error:
            raise FormError(f"{SERVICE.named(data)}: {error}") from None
        return cls(data["type"], data.get("name") or "", endpoints)
