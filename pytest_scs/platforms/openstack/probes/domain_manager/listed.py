# SPDX-License-Identifier: Apache-2.0
"""What Keystone's listings must look like (docs/standards/framework.md#shape-of-answers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pytest_scs.base.fields import Fields
from pytest_scs.base.forms import NAME, TEXT, Form, Key
from pytest_scs.platforms.openstack.answers import reading

_NAMED: Final = (Key("id", NAME), Key("name", TEXT))
_IN_A_DOMAIN: Final = (*_NAMED, Key("domain_id", TEXT))

#: By kind of what is listed; roles and domains belong to no domain.
FORMS: Final = {
    "user": Form("user", _IN_A_DOMAIN),
    "group": Form("group", _IN_A_DOMAIN),
    "project": Form("project", _IN_A_DOMAIN),
    "role": Form("role", _NAMED),
    "domain": Form("domain", _NAMED),
}


def listed(content: Mapping[str, Any], kind: str, path: str) -> list[Mapping[str, Any]]:
    """The users, groups, projects, ... in an answer; raises Inconclusive unless it is a list of such."""
    with reading(f"identity GET /v3{path.partition('?')[0]}"):
        return FORMS[kind].entries(content, f"{kind}s")


def roles_assigned(content: Mapping[str, Any]) -> set[str]:
    """The ids of the roles in a list of assignments; raises Inconclusive for anything else."""
    with reading("identity GET /v3/role_assignments"):
        found = Fields("answer", content).each("role_assignments")
        return {entry.fields("role").name("id") for entry in found}
