# SPDX-License-Identifier: Apache-2.0
"""The rules new security groups are born with (scs-0115, spec 11.2)."""

from __future__ import annotations

import contextlib
from typing import Any

from pytest_scs.errors import Inconclusive
from pytest_scs.openstack import removal
from pytest_scs.openstack.client import Refused
from pytest_scs.openstack.probes import Probing


def probe(probing: Probing) -> dict[str, Any]:
    """The template where the cloud has it (path A), else the rules of a new group (path B); and the default group's.

    Keys: ``template`` (list of rules or None), ``custom`` (rules of a group created for it, or None), ``default``
    (rules of the project's own default group).
    """
    client = probing.client
    try:
        answer = client.get("network", "/default-security-group-rules", version="2")
        template, custom = answer["default_security_group_rules"], None
    except Refused as error:
        # An older Neutron answers 404 for what it does not know; any other refusal says nothing about the rules.
        if error.status != 404:
            raise
        template, custom = None, _of_a_new_group(probing)
    return {"template": template, "custom": custom, "default": _of_the_default_group(probing)}


def _of_a_new_group(probing: Probing) -> list[dict[str, Any]]:
    group, _ = probing.janitor.create("security-group", "0115", "sg", {})
    try:
        # Read back: what a driver adds to a new group need not be in the answer to its creation.
        rules: list[dict[str, Any]] = removal.show(probing.client, group)["security_group_rules"]
    finally:
        # What cannot be removed now is tried again at the end; the rules are known.
        with contextlib.suppress(Inconclusive):
            probing.janitor.delete(group)
    return rules


def _of_the_default_group(probing: Probing) -> list[dict[str, Any]]:
    with contextlib.suppress(Inconclusive, KeyError):
        groups = probing.client.get("network", "/security-groups?name=default", version="2")["security_groups"]
        return [rule for group in groups for rule in group["security_group_rules"]]
    return []
