# SPDX-License-Identifier: Apache-2.0
"""A security group that was just created, beside the template it should come from (scs-0115-v1, spec 11.4)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_scs.findings import Observation, Remark, Undecided
from pytest_scs.standards.security_groups import (
    NO_TEMPLATE,
    PARENT,
    GroupRule,
    admission,
    listing,
    mending,
    without_egress,
)

_RESOURCE: Final = "new security group"

_STRANGE: Final = (
    "no rule of the template says this: a driver or plugin of Neutron adds it; see service_plugins in neutron.conf and "
    "mechanism_drivers in ml2_conf.ini"
)


def rules_of(seen: Mapping[str, Any], key: str) -> list[GroupRule] | None:
    """The rules that the probe recorded under ``key`` (``template``, ``custom``, ``default``); None if there are none.

    Raises KeyError if a rule is incomplete.
    """
    found = seen[key]
    return None if found is None else [GroupRule.from_dict(rule) for rule in found]


def check_new_group(seen: Mapping[str, Any]) -> Iterator[Observation]:
    """Judge a new group by the rules it really has (scs-0115-v1, spec 11.4, ``scs-0115-x-custom-group``).

    ``seen`` as the probe recorded it: ``template`` and ``custom`` (lists of rules or None), ``custom_problem`` (why
    there was no new group; evidence of earlier versions lacks it). Any ingress is a violation; missing egress, and
    whatever the template says otherwise, gives a remark.
    """
    custom, template = rules_of(seen, "custom"), rules_of(seen, "template")
    if custom is None:
        recorded_before = "the evidence was recorded by an earlier version, without a new group; record it again"
        yield Undecided(_RESOURCE, seen.get("custom_problem") or recorded_before)
        return
    for rule in custom:
        if rule.direction == "ingress":
            yield admission(rule, _hint(rule, template))
    for family, found in without_egress(custom):
        yield Remark(f"it should let all {family} traffic out; it has {found}", _RESOURCE)
    if template is not None:
        yield from _differences(custom, template)


def remark_admission(custom: Sequence[GroupRule], template: Sequence[GroupRule]) -> Iterator[Observation]:
    """A remark on ingress rules of a new group that do not come from the template, by which alone others judge."""
    known = _by_meaning(template)
    strange = [rule for rule in custom if rule.direction == "ingress" and _meaning(rule) not in known]
    if strange:
        yield Remark(
            f"it accepts what the template does not say: {listing(strange)}; scs-0115-x-custom-group (scope beyond) "
            "judges that",
            _RESOURCE,
            "DEV-0115-5",
        )


def _hint(rule: GroupRule, template: Sequence[GroupRule] | None) -> str:
    if template is None:
        return NO_TEMPLATE
    origin = _by_meaning(template).get(_meaning(rule))
    return mending(origin) if origin else _STRANGE


def _differences(custom: Sequence[GroupRule], template: Sequence[GroupRule]) -> Iterator[Observation]:
    """Rules that only the template or only the group has; an ingress rule of the group is a violation already."""
    expected, found = _by_meaning(template), _by_meaning(custom)
    missing = [rule for meaning, rule in expected.items() if meaning not in found]
    added = [rule for meaning, rule in found.items() if meaning not in expected and rule.direction != "ingress"]
    if missing:
        yield Remark(f"it lacks what the template says: {listing(missing)}", _RESOURCE)
    if added:
        yield Remark(f"it has what the template does not say: {listing(added)}", _RESOURCE)


def _by_meaning(rules: Sequence[GroupRule]) -> dict[tuple[object, ...], GroupRule]:
    """The rules that a new group has, or gets from the template, by what they mean."""
    return {_meaning(rule): rule for rule in rules if rule.security_group_id is not None or rule.used_in("custom")}


def _meaning(rule: GroupRule) -> tuple[object, ...]:
    """What a rule says, in the same words for the template and for a group."""
    own = rule.security_group_id is not None and rule.remote_group_id == rule.security_group_id
    protocol = str(rule.protocol or "any").lower()
    return (
        rule.direction,
        rule.ethertype,
        protocol,
        rule.port_range_min,
        rule.port_range_max,
        PARENT if own else rule.remote_group_id or None,
        rule.remote_address_group_id or None,
        None if rule.names_everyone else _network(str(rule.remote_ip_prefix)),
    )


def _network(prefix: str) -> str:
    """The prefix without its host part, which Neutron may have cut off; any other text as it is."""
    try:
        return str(ipaddress.ip_network(prefix, strict=False))
    except ValueError:
        return prefix
