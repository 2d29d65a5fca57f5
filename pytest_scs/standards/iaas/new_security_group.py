# SPDX-License-Identifier: Apache-2.0
"""A security group that was just created, beside the template it should come from (scs-0115-v1)."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.core.findings import Observation, Remark, Undecided
from pytest_scs.standards.iaas.security_groups import (
    NO_TEMPLATE,
    PARENT,
    GroupRule,
    admission,
    listing,
    mending,
    without_egress,
)

_RESOURCE: Final = "new security group"

_RECORDED_BEFORE: Final = "the evidence was recorded by an earlier version, without a new group; record it again"

_STRANGE: Final = (
    "no rule of the template says this: a driver or plugin of Neutron adds it; see service_plugins in neutron.conf and "
    "mechanism_drivers in ml2_conf.ini"
)


@dataclasses.dataclass(frozen=True, slots=True)
class NewGroupRules:
    """The section ``default_group_rules``: what new security groups are born with.

    ``template`` is None where Neutron has none, ``custom`` (the rules of a group that was made to be looked at) where
    there was none, which ``custom_problem`` explains; ``default`` (those of the project's own group ``default``) where
    they could not be read; ``template_faults`` are the statuses after which the template was asked for again.
    Raises FormError if there is neither a template nor a new group.
    """

    template: tuple[GroupRule, ...] | None
    custom: tuple[GroupRule, ...] | None
    default: tuple[GroupRule, ...] | None
    custom_problem: str = _RECORDED_BEFORE
    template_faults: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.template is None and self.custom is None:
            raise FormError("default_group_rules has neither a template nor the rules of a new group")

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> NewGroupRules:
        """Read the section; evidence of earlier versions has no ``custom_problem``.

        Raises FormError, naming the key and what was found, for another shape.
        """
        fields = Fields("default_group_rules", data)
        return cls(
            template=_rules(fields, "template", GroupRule.of_template),
            custom=_rules(fields, "custom", GroupRule.of_group),
            default=_rules(fields, "default", GroupRule.of_group),
            custom_problem=fields.text("custom_problem", "") or _RECORDED_BEFORE,
            template_faults=fields.texts("template_faults"),
        )


def _rules(fields: Fields, key: str, read: Callable[[object], GroupRule]) -> tuple[GroupRule, ...] | None:
    if fields.value(key) is None:
        return None
    entries, rules = fields.each(key, "a list of rules or null"), list[GroupRule]()
    try:
        for entry in entries:
            rules.append(read(entry.content))
    except FormError as error:
        raise FormError(f"{fields.where}.{key}[{len(rules)}]: {error}") from None
    return tuple(rules)


def remark_faults(seen: NewGroupRules) -> Iterator[Observation]:
    """A remark where the template, or that there is none, was known only after a fault that passed (DEV-0115-8).

    Source of the retries: docs/standards/scs-0115.md#template.
    """
    if seen.template_faults:
        yield Remark(
            f"it was answered with {', '.join(seen.template_faults)} first, and asked for again; the official suite "
            "gives ABORT at the first fault",
            "template of security groups",
            "DEV-0115-8",
        )


def check_new_group(seen: NewGroupRules) -> Iterator[Observation]:
    """Judge a new group by the rules it really has: testcase ``scs-0115-x-custom-group``.

    Source: scs-0115-v1, "Standard" (docs/standards/scs-0115.md#new-group). Any ingress is a violation; missing
    egress, and whatever the template says otherwise, gives a remark.
    """
    if seen.custom is None:
        yield Undecided(_RESOURCE, seen.custom_problem)
        return
    for rule in seen.custom:
        if rule.direction == "ingress":
            yield admission(rule, _hint(rule, seen.template))
    for family, found in without_egress(seen.custom):
        yield Remark(f"it should let all {family} traffic out; it has {found}", _RESOURCE)
    if seen.template is not None:
        yield from _differences(seen.custom, seen.template)


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
