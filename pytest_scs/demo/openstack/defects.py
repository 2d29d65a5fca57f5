# SPDX-License-Identifier: Apache-2.0
"""What can be broken in the demo cloud, by the names that ``scs demo --break`` takes."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

from pytest_scs.demo.defects import Defect
from pytest_scs.demo.faults import Fault
from pytest_scs.demo.openstack import guest
from pytest_scs.demo.openstack.state import CloudState

_OLD = timedelta(days=400)
_STAMP = "%Y-%m-%dT%H:%M:%SZ"

#: What the provider says about an image, as far as a standard demands it.
_LABELS = (
    "architecture",
    "image_build_date",
    "image_description",
    "image_original_user",
    "image_source",
    "os_distro",
    "os_version",
    "provided_until",
    "replace_frequency",
)


def _named(things: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The thing of a name; raises LookupError."""
    return {thing["name"]: thing for thing in things}[name]


def _image_old(state: CloudState) -> None:
    image, old = _named(state.images, "Debian 12"), state.now() - _OLD
    image |= {
        "created_at": old.strftime(_STAMP),
        "updated_at": old.strftime(_STAMP),
        "image_build_date": old.date().isoformat(),
    }


def _image_unlabelled(state: CloudState) -> None:
    image = copy.deepcopy(_named(state.images, "Debian 12"))
    for label in _LABELS:
        del image[label]
    state.images.append(image | {"id": "5b0c2d7e-90a4-4f0e-8d4c-6f1d2a3b4c5d", "name": "appliance"})


def _image_missing(state: CloudState) -> None:
    state.images.remove(_named(state.images, "Ubuntu 24.04"))


def _image_foreign(state: CloudState) -> None:
    _named(state.images, "Debian 13")["image_source"] = "https://images.example.com/debian-13.qcow2"


def _flavor_missing(state: CloudState) -> None:
    state.flavors.remove(_named(state.flavors, "SCS-2V-8"))


def _flavor_unlabelled(state: CloudState) -> None:
    del _named(state.flavors, "SCS-1V-4")["extra_specs"]["scs:cpu-type"]


def _flavor_misspelled(state: CloudState) -> None:
    _add_flavor(state, "SCS-4X-16")


def _flavor_too_small(state: CloudState) -> None:
    _add_flavor(state, "SCS-32V-512")


def _add_flavor(state: CloudState, name: str) -> None:
    """One more flavor, which has 4 vCPUs and 16 GiB whatever its name promises."""
    flavor = copy.deepcopy(_named(state.flavors, "SCS-4V-16"))
    flavor |= {"id": f"demo-{name.lower()}", "name": name, "extra_specs": {"hw_rng:allowed": "True"}}
    state.flavors.append(flavor)


def _volume_type_misspelled(state: CloudState) -> None:
    _named(state.volume_types, "encrypted")["description"] = "[scs:secret] LUKS with keys in the key manager"


def _group_open(state: CloudState) -> None:
    rules = state.default_security_group_rules or []
    opening = {"id": "demo-ssh", "direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}
    state.default_security_group_rules = [*rules, rules[0] | opening | {"description": "Everybody may log in"}]


def _without(state: CloudState, kind: str) -> None:
    """A cloud without the services of a type; raises LookupError if it has none."""
    left = [service for service in state.services if service["type"] != kind]
    if len(left) == len(state.services):
        raise LookupError(kind)
    state.services[:] = left


def _secrets_refused(state: CloudState) -> None:
    state.key_manager_roles = {"creator"}


def _backup_missing(state: CloudState) -> None:
    state.backup_service = False


def _entropy_low(state: CloudState) -> None:
    report = guest.HEALTHY | {"entropy_avail": "96"}
    state.console, state.disk = guest.console(report), guest.disk(report)


def _images_down(state: CloudState) -> None:
    state.faults.append(Fault("GET", "^/image/", status=503))


def _login_refused(state: CloudState) -> None:
    state.faults.append(Fault("POST", "/auth/tokens", status=401))


def _garbage(state: CloudState) -> None:
    state.faults.append(Fault("GET", "/flavors/detail", action="garbage"))


def _slow(state: CloudState) -> None:
    state.latency = 2.0


DEFECTS: tuple[Defect[CloudState], ...] = (
    Defect("image-old", "Debian 12 was built 400 days ago", ("scs-0102-image-recency",), _image_old),
    Defect(
        "image-unlabelled",
        "a public image says nothing about itself",
        tuple(f"scs-0102-prop-{label}" for label in _LABELS),
        _image_unlabelled,
    ),
    Defect("image-missing", "there is no Ubuntu 24.04", ("scs-0104-image-ubuntu-2404",), _image_missing),
    Defect("image-foreign", "Debian 13 comes from somebody else", ("scs-0104-source-debian-13",), _image_foreign),
    Defect("flavor-missing", "there is no SCS-2V-8", ("scs-0103-flavor-2v-8",), _flavor_missing),
    Defect("flavor-unlabelled", "SCS-1V-4 lacks an extra spec", ("scs-0103-flavor-1v-4",), _flavor_unlabelled),
    Defect("flavor-misspelled", "SCS-4X-16 is no valid name", ("scs-0100-syntax-check",), _flavor_misspelled),
    Defect("flavor-too-small", "SCS-32V-512 has 4 vCPUs", ("scs-0100-semantics-check",), _flavor_too_small),
    Defect("volume-type-misspelled", "an aspect nobody knows", ("scs-0114-syntax-check",), _volume_type_misspelled),
    Defect("group-open", "new security groups let SSH in", ("scs-0115-default-rules",), _group_open),
    Defect("secrets-refused", "members may keep no secrets", ("scs-0116-permissions",), _secrets_refused),
    Defect("backup-missing", "no backup service runs", ("scs-0117-test-backup",), _backup_missing),
    Defect(
        "load-balancer-missing",
        "there is no load balancer",
        ("scs-0123-service-load-balancer",),
        lambda state: _without(state, "load-balancer"),
    ),
    Defect("entropy-low", "virtual machines start with little entropy", ("scs-0101-entropy-avail",), _entropy_low),
    Defect("images-down", "the image service answers with 503", (), _images_down),
    Defect("flavors-garbage", "the list of flavors is no JSON", (), _garbage),
    Defect("login-refused", "Keystone answers with 401", (), _login_refused),
    Defect("slow", "every answer takes two seconds, which is no violation", (), _slow),
)
