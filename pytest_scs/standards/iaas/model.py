# SPDX-License-Identifier: Apache-2.0
"""The resources the standards speak about, as plain values read from an inventory."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


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
        """Read one entry of the inventory section ``flavors``; older evidence has no swap and the like."""
        return cls(
            id=data["id"],
            name=data["name"] or "",
            vcpus=data["vcpus"],
            ram=data["ram"],
            disk=data["disk"],
            is_public=data["is_public"],
            disabled=data["disabled"],
            extra_specs=data["extra_specs"],
            swap=data.get("swap", 0),
            ephemeral=data.get("ephemeral", 0),
            rxtx=data.get("rxtx", 1.0),
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


@dataclasses.dataclass(frozen=True, slots=True)
class VolumeType:
    """A volume type as Cinder shows it to the project."""

    id: str
    name: str
    description: str | None

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> VolumeType:
        """Read one entry of the inventory section ``volume_types``."""
        return cls(id=data["id"], name=data["name"], description=data["description"])

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
        """Read one entry of the inventory section ``compute_zones``."""
        return cls(name=data["name"], available=data["available"])


@dataclasses.dataclass(frozen=True, slots=True)
class Service:
    """An entry of the service catalog; only the type counts for presence (docs/standards/scs-0123.md#testcases)."""

    type: str
    name: str
    regions: tuple[str, ...] = ()

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Service:
        """Read one entry of the inventory section ``catalog``."""
        regions = (endpoint.get("region_id") for endpoint in data.get("endpoints") or ())
        return cls(data["type"], data.get("name") or "", tuple(dict.fromkeys(filter(None, regions))))
