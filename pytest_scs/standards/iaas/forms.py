# SPDX-License-Identifier: Apache-2.0
"""What the listings of a cloud must look like before anything is judged (docs/standards/framework.md#shape-of-answers).

The keys are those of the inventory; where a service spells one otherwise, its listing says so.
"""

from __future__ import annotations

from typing import Final

from pytest_scs.base.forms import (
    EMPTY,
    FLAG,
    INTEGER,
    NAME,
    NUMBER,
    PORT,
    PROPERTIES,
    REFERENCE,
    TEXT,
    TEXTS,
    TIME,
    Form,
    Key,
    either,
    one_of,
)

FLAVOR: Final = Form(
    "flavor",
    (
        Key("id", NAME),
        Key("name", TEXT.or_null),
        Key("vcpus", INTEGER),
        Key("ram", INTEGER),
        Key("disk", INTEGER),
        Key("extra_specs", PROPERTIES),
        Key("is_public", FLAG, optional=True),
        Key("disabled", FLAG, optional=True),
        Key("swap", either(INTEGER, EMPTY), optional=True),
        Key("ephemeral", INTEGER, optional=True),
        Key("rxtx", NUMBER.or_null, optional=True),
    ),
)

#: What every image must have, also one that is not judged.
ANY_IMAGE: Final = Form(
    "image", (Key("id", NAME), Key("visibility", one_of(("public", "community", "shared", "private"))))
)

#: Additional properties that a testcase, or the choice of an image to boot, looks at.
IMAGE_PROPERTIES: Final = (
    *("architecture", "hw_disk_bus", "hw_rng_model", "hw_scsi_model", "hypervisor_type"),
    *("os_distro", "os_purpose", "os_version"),
    *("hotfix_hours", "image_build_date", "image_description", "image_original_user", "image_source"),
    *("patchlevel", "provided_until", "replace_frequency", "uuid_validity"),
)

IMAGE: Final = Form(
    "image",
    (
        *ANY_IMAGE.keys,
        Key("name", TEXT.or_null),
        Key("status", NAME),
        Key("created_at", TIME),
        Key("min_disk", INTEGER.or_null),
        Key("min_ram", INTEGER.or_null),
        Key("size", INTEGER.or_null, optional=True),
        Key("virtual_size", INTEGER.or_null, optional=True),
        Key("os_hidden", FLAG, optional=True),
        Key("os_hash_algo", TEXT.or_null, optional=True),
        Key("os_hash_value", TEXT.or_null, optional=True),
        Key("disk_format", TEXT.or_null, optional=True),
        Key("tags", TEXTS, optional=True),
        *(Key(name, TEXT, optional=True) for name in IMAGE_PROPERTIES),
    ),
)

VOLUME_TYPE: Final = Form(
    "volume type", (Key("id", NAME), Key("name", NAME), Key("description", TEXT.or_null, optional=True))
)

COMPUTE_ZONE: Final = Form("zone", (Key("name", TEXT), Key("available", FLAG)))

ENDPOINT: Final = Form(
    "endpoint",
    (
        Key("interface", one_of(("public", "internal", "admin"))),
        Key("region_id", TEXT.or_null, optional=True),
        Key("region", TEXT.or_null, optional=True),
        Key("url", TEXT.or_null),
    ),
    label=("interface", "id"),
)

SERVICE: Final = Form("service", (Key("type", NAME), Key("name", TEXT.or_null, optional=True)), label=("type", "id"))

_RULE: Final = (
    Key("id", TEXT),
    Key("direction", TEXT),
    Key("ethertype", TEXT),
    Key("protocol", either(TEXT, INTEGER).or_null),
    Key("port_range_min", PORT.or_null),
    Key("port_range_max", PORT.or_null),
    Key("remote_group_id", TEXT.or_null, optional=True),
    Key("remote_ip_prefix", TEXT.or_null, optional=True),
    Key("remote_address_group_id", TEXT.or_null, optional=True),
)

#: A rule of the template of new security groups.
TEMPLATE_RULE: Final = Form("rule", (*_RULE, Key("used_in_default_sg", FLAG), Key("used_in_non_default_sg", FLAG)))

#: A rule of a security group.
GROUP_RULE: Final = Form("rule", (*_RULE, Key("security_group_id", NAME)))

SECURITY_GROUP: Final = Form("security group", (Key("id", NAME), Key("name", TEXT.or_null)))

SECRET: Final = Form("secret", (Key("secret_ref", REFERENCE), Key("name", TEXT.or_null)), label=("name", "secret_ref"))
