# SPDX-License-Identifier: Apache-2.0
"""Default security-group rules (scs-0115-v1): what a group lets in and out before anybody has edited it."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from pytest_scs.base.shell import command, quote
from pytest_scs.core.findings import Basis, Finding, Observation, Remark
from pytest_scs.standards.iaas.forms import GROUP_RULE, TEMPLATE_RULE

#: The remote group by which the template names the group that a rule will belong to.
PARENT: Final = "PARENT"

ETHERTYPES: Final = ("IPv4", "IPv6")

#: A project's ``default`` group, and a group that a user creates.
Kind = Literal["default", "custom"]
KINDS: Final[tuple[Kind, ...]] = ("default", "custom")

#: The client's command for rules of the template.
OWN_RULE: Final = ("openstack", "security", "group", "rule", "delete")
COMMAND: Final = "openstack default security group rule"

#: What to do about rules that new groups have, or lack, where Neutron has no template and no command for one.
NO_TEMPLATE: Final = (
    "this Neutron has no template of rules (2023.2 brought it), so a driver, a plugin or a modified Neutron decides: "
    "see service_plugins in neutron.conf and mechanism_drivers in ml2_conf.ini"
)

# Without this property the client writes 0.0.0.0/0 or ::/0 into the rule, which the official suite takes for a
# restriction (DEV-0115-2).
_NO_PREFIX: Final = "--extra-property name=remote_ip_prefix,value="


@dataclasses.dataclass(frozen=True, slots=True)
class GroupRule:
    """A rule of the template or of an actual group, as Neutron shows it.

    Only rules of the template have the flags ``used_in_default_sg`` and ``used_in_non_default_sg``, only those of a
    group a ``security_group_id``.
    """

    id: str
    direction: str
    ethertype: str
    protocol: str | None = None
    port_range_min: int | None = None
    port_range_max: int | None = None
    remote_group_id: str | None = None
    remote_ip_prefix: str | None = None
    remote_address_group_id: str | None = None
    used_in_default_sg: bool = False
    used_in_non_default_sg: bool = False
    security_group_id: str | None = None

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> GroupRule:
        """Read either: only a rule of a group has the key ``security_group_id``; raises FormError for another form."""
        return cls.of_group(data) if "security_group_id" in data else cls.of_template(data)

    @classmethod
    def of_template(cls, data: object) -> GroupRule:
        """Read a rule of ``GET /v2.0/default-security-group-rules``; raises FormError for another form."""
        return cls._read(TEMPLATE_RULE.check(data), ("used_in_default_sg", "used_in_non_default_sg"))

    @classmethod
    def of_group(cls, data: object) -> GroupRule:
        """Read a rule of a security group; raises FormError for another form."""
        return cls._read(GROUP_RULE.check(data), ("security_group_id",))

    @classmethod
    def _read(cls, data: Mapping[str, Any], own: Sequence[str]) -> GroupRule:
        own = ("remote_group_id", "remote_ip_prefix", "remote_address_group_id", *own)
        more: dict[str, Any] = {key: data.get(key) for key in own}
        return cls(
            id=data["id"],
            direction=data["direction"],
            ethertype=data["ethertype"],
            # A name or a number of IANA's, which some answer as a number.
            protocol=None if data["protocol"] is None else str(data["protocol"]),
            port_range_min=data["port_range_min"],
            port_range_max=data["port_range_max"],
            **more,
        )

    def used_in(self, kind: Kind) -> bool:
        """Whether the template gives this rule to new groups of the kind."""
        return self.used_in_default_sg if kind == "default" else self.used_in_non_default_sg

    @property
    def names_everyone(self) -> bool:
        """Whether the prefix is absent, or written out but means any address."""
        if not self.remote_ip_prefix:
            return True
        try:
            return ipaddress.ip_network(self.remote_ip_prefix, strict=False).prefixlen == 0
        except ValueError:
            return False

    @property
    def unrestricted(self) -> bool:
        """Whether it concerns all traffic of its direction and address family."""
        # Neutron also writes -1 for "any".
        any_port = self.port_range_min in (None, -1) and self.port_range_max in (None, -1)
        any_group = not self.remote_group_id and not self.remote_address_group_id
        return self.protocol in (None, "", "any") and any_port and any_group and self.names_everyone

    def __str__(self) -> str:
        what = f"{self.ethertype} {self.protocol}" if self.protocol else f"{self.ethertype} any protocol"
        if self.port_range_min is not None or self.port_range_max is not None:
            what = f"{what} ports {self.port_range_min} to {self.port_range_max}"
        ingress = self.direction == "ingress"
        text = f"ingress {what} from {self._whom}" if ingress else f"{self.direction} {what} to {self._whom}"
        if self.security_group_id is None:
            kinds = [kind for kind in KINDS if self.used_in(kind)]
            text = f"{text} (in {' and '.join(kinds) or 'no'} groups)"
        return text

    @property
    def _whom(self) -> str:
        """Whom it is about, in words."""
        if self.remote_group_id:
            return f"group {self.remote_group_id}"
        if self.remote_address_group_id:
            return f"address group {self.remote_address_group_id}"
        return self.remote_ip_prefix or "anywhere"


def check_template(rules: Sequence[GroupRule]) -> Iterator[Observation]:
    """Judge the template of new groups (scs-0115-v1, "Standard"; docs/standards/scs-0115.md#template).

    Ingress is acceptable from ``PARENT`` into ``default`` groups and nowhere else; a rule that no group gets is
    harmless by the text (DEV-0115-4). Egress for both address families in both kinds of groups is demanded by the
    official suite and merely advised by the text (DEV-0115-1); the suite does not know that a prefix of length 0
    means everyone (DEV-0115-2), and does not see other restrictions (DEV-0115-3). Missing ingress from ``PARENT``
    gives a remark (DEV-0115-6).
    """
    for rule in rules:
        if rule.direction == "ingress":
            yield from _template_ingress(rule)
    yield from _ignored("template of security groups", rules)
    by_kind = {kind: [rule for rule in rules if rule.used_in(kind)] for kind in KINDS}
    yield from _egress("template of security groups", by_kind, lambda rule: not rule.remote_ip_prefix)
    missing = [family for family in ETHERTYPES if not any(_from_parent(rule, family) for rule in by_kind["default"])]
    if missing:
        commands = "; ".join(
            f"{COMMAND} create --ingress --ethertype {family} --remote-group {PARENT} --for-default-sg"
            for family in missing
        )
        yield Remark(
            f"default groups should accept {' and '.join(missing)} from their own members: {commands}",
            "template of security groups",
            "DEV-0115-6",
        )


def check_group(rules: Sequence[GroupRule], kind: Kind) -> Iterator[Observation]:
    """Judge the rules of an actual group (scs-0115-v1, "Standard"; docs/standards/scs-0115.md#new-group).

    ``custom``: a group that was just created and has only the rules it was born with; no ingress at all, egress as for
    the template, but with any prefix for the official suite. ``default``: the project's own ``default`` group, which
    may have been edited since, so that everything is a mere remark (DEV-0115-5).
    """
    if kind == "default":
        yield from _own_default_group(rules)
        return
    for rule in rules:
        if rule.direction == "ingress":
            yield admission(rule, NO_TEMPLATE)
    yield from _ignored("new security group", rules)
    yield from _egress("new security group", {"custom": rules}, lambda rule: True, hint=NO_TEMPLATE)


def default_group_unread() -> Iterator[Observation]:
    """What to say where the project's own ``default`` group could not be read, which never decides (DEV-0115-5)."""
    yield Remark("its rules could not be read", "default security group of the project", "DEV-0115-5")


def admission(rule: GroupRule, hint: str) -> Finding:
    """The finding about an ingress rule that a new group was born with; ``hint`` says how to get rid of it."""
    return Finding(
        resource="rule of a new security group",
        resource_id=rule.id,
        rule="scs-0115/new_group_accepts_nothing",
        title="a new group accepts nothing",
        expected="no ingress rule",
        observed=str(rule),
        hint=hint,
    )


def mending(rule: GroupRule) -> str:
    """The command that takes an ingress rule out of the template, save for what ``default`` groups may have of it."""
    mend = command([*COMMAND.split(), "delete"], rule.id)
    if rule.remote_group_id == PARENT and rule.used_in_default_sg:
        mend += (
            f" && {COMMAND} create --ingress --ethertype {quote(rule.ethertype)} "
            f"--remote-group {PARENT} --for-default-sg"
        )
    return mend


def without_egress(rules: Sequence[GroupRule]) -> Iterator[tuple[str, str]]:
    """The address families for which rules do not let everything out, each with the egress rules there are."""
    for family in ETHERTYPES:
        egress = [rule for rule in rules if rule.direction == "egress" and rule.ethertype == family]
        if not any(rule.unrestricted for rule in egress):
            yield family, listing(egress) or "no rule"


def listing(rules: Sequence[GroupRule]) -> str:
    """Rules in words, for one line."""
    return "; ".join(str(rule) for rule in rules)


def _template_ingress(rule: GroupRule) -> Iterator[Observation]:
    from_parent = rule.remote_group_id == PARENT
    if from_parent and not rule.used_in_non_default_sg:
        return
    unused = not rule.used_in_default_sg and not rule.used_in_non_default_sg
    yield Finding(
        resource="rule of the template of security groups",
        resource_id=rule.id,
        rule="scs-0115/template_accepts_nothing",
        title="new groups accept nothing, except default groups from their own members",
        expected=f"no ingress rule but from group {PARENT} in default groups",
        observed=str(rule),
        hint=mending(rule),
        basis=Basis.OFFICIAL if unused else Basis.BOTH,
        deviation="DEV-0115-4" if unused else "",
    )


def _from_parent(rule: GroupRule, family: str) -> bool:
    return rule.direction == "ingress" and rule.ethertype == family and rule.remote_group_id == PARENT


def _ignored(resource: str, rules: Sequence[GroupRule]) -> Iterator[Observation]:
    """A remark on rules that neither judge looks at, because of their direction or address family."""
    strange = [
        rule
        for rule in rules
        if rule.direction != "ingress" and (rule.direction != "egress" or rule.ethertype not in ETHERTYPES)
    ]
    if strange:
        yield Remark(
            f"of no direction or address family that the standard knows, and not judged: {listing(strange)}", resource
        )


def _egress(
    resource: str,
    by_kind: Mapping[Kind, Sequence[GroupRule]],
    counts: Callable[[GroupRule], bool],
    hint: str = "",
) -> Iterator[Observation]:
    """Egress for each family in groups of each kind; ``counts`` tells which rules the official suite counts.

    ``hint`` is given where no rule of a template can be created.
    """
    for family in ETHERTYPES:
        absent: dict[str, dict[Kind, list[GroupRule]]] = {}
        for kind, rules in by_kind.items():
            egress = [rule for rule in rules if rule.direction == "egress" and rule.ethertype == family]
            unrestricted = any(rule.unrestricted for rule in egress)
            if not any(map(counts, egress)):
                absent.setdefault("DEV-0115-2" if unrestricted else "DEV-0115-1", {})[kind] = egress
            elif not unrestricted:
                yield Remark(
                    f"{family} egress of {kind} groups should not be restricted; there is only {listing(egress)}",
                    resource,
                    "DEV-0115-3",
                )
        for deviation, found in absent.items():
            yield _egress_missing(resource, family, found, deviation, hint)


def _egress_missing(
    resource: str, family: str, egress: Mapping[Kind, Sequence[GroupRule]], deviation: str, hint: str
) -> Finding:
    """The finding for the kinds of groups in ``egress``, which maps them to the egress rules they do have."""
    found = list(dict.fromkeys(rule for rules in egress.values() for rule in rules))
    flags = " ".join(f"--for-{kind}-sg" for kind in egress)
    create = f"{COMMAND} create --egress --ethertype {family} {_NO_PREFIX} {flags}"
    obsolete = [rule.id for rule in found if rule.unrestricted]
    delete = f"{command([*COMMAND.split(), 'delete'], *obsolete)} && " if obsolete else ""
    return Finding(
        resource=resource,
        rule="scs-0115/egress_allowed",
        title=f"{family} egress is allowed",
        expected=f"an egress rule for {family} without remote prefix in {' and '.join(egress)} groups",
        observed=listing(found) or "no such rule",
        hint=hint or delete + create,
        basis=Basis.OFFICIAL,
        deviation=deviation,
    )


def _own_default_group(rules: Sequence[GroupRule]) -> Iterator[Observation]:
    resource = "default security group of the project"
    for rule in rules:
        own = rule.security_group_id is not None and rule.remote_group_id == rule.security_group_id
        if rule.direction == "ingress" and not own:
            yield Remark(
                f"it accepts more than traffic from its own members: {rule} (rule {rule.id}); if nobody of the project "
                f"added that: {command(OWN_RULE, rule.id)}",
                resource,
                "DEV-0115-5",
            )
    for family, found in without_egress(rules):
        yield Remark(f"it has no unrestricted {family} egress: {found}", resource, "DEV-0115-5")
