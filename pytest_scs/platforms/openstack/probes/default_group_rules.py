# SPDX-License-Identifier: Apache-2.0
"""The rules new security groups are born with (docs/standards/scs-0115.md#how-it-is-judged)."""

from __future__ import annotations

from typing import Any

from pytest_scs.base.fields import form_problem
from pytest_scs.base.forms import Form
from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.openstack.answers import reading
from pytest_scs.platforms.openstack.client import Refused
from pytest_scs.platforms.openstack.links import next_link
from pytest_scs.platforms.openstack.listed import show_resource
from pytest_scs.platforms.openstack.paging import Shown
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.retrying import repeats
from pytest_scs.standards.iaas.forms import GROUP_RULE, SECURITY_GROUP, TEMPLATE_RULE
from pytest_scs.standards.iaas.new_security_group import NewGroupRules

#: Rules of a new group by which Neutron counts where it has no template: egress for IPv4 and IPv6.
BUILT_IN = 2


def probe(probing: Probing) -> dict[str, Any]:
    """The template where the cloud has it (path A), the rules of a new group (path B), and the default group's.

    Keys: ``template`` (list of rules or None), ``custom`` (rules of a group created for it, or None),
    ``custom_problem`` (why there are none, or empty), ``default`` (rules of the project's own default group, or
    None), ``template_faults`` (statuses after which the template was asked for again). Raises Inconclusive if there is
    neither a template nor a new group.
    """
    with repeats() as faults:
        template = _template(probing)
    custom, problem = None, ""
    try:
        custom = _of_a_new_group(probing, template)
    except Exception as error:  # whatever it is, the template was read and can be judged
        if template is None:
            raise
        problem = str(error) if isinstance(error, Inconclusive) else f"the new group: {form_problem(error)}"
    return {
        "template": template,
        "custom": custom,
        "custom_problem": problem,
        "default": _of_the_default_group(probing),
        "template_faults": faults,
    }


def _template(probing: Probing) -> list[dict[str, Any]] | None:
    try:
        return _listed(probing, "/default-security-group-rules", "default_security_group_rules", TEMPLATE_RULE)
    except Refused as error:
        # An older Neutron answers 404 for what it does not know; any other refusal says nothing about the rules.
        if error.status != 404:
            raise
        return None


def _listed(probing: Probing, path: str, plural: str, form: Form) -> list[dict[str, Any]]:
    """All pages of a listing of Neutron's, which may be shorter than asked for."""
    with reading(f"network GET /v2.0{path.partition('?')[0]}"):
        pages = probing.client.pages("network", path, lambda page: next_link(page.get(f"{plural}_links")), version="2")
        shown = Shown(form.what)
        return [dict(entry) for page in pages for entry in shown.new(form.entries(page, plural))]


def _of_a_new_group(probing: Probing, template: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    count = BUILT_IN if template is None else sum(rule["used_in_non_default_sg"] for rule in template)
    with probing.quota.claim({"security_groups": 1, "security_group_rules": count}):
        group, _ = probing.janitor.create("security-group", "0115", "sg", {})
        try:
            # Read back: what a driver adds to a new group need not be in the answer to its creation.
            shown = show_resource(probing.client, group)
        finally:
            # What cannot be removed now is tried again at the end; the rules are known.
            probing.janitor.discard(group)
    whole = isinstance(shown.get("security_group_rules"), list)
    what = "" if whole else ": the network service shows the new security group without its rules"
    with reading(f"network GET /v2.0/security-groups/{group.id}{what}"):
        return [dict(rule) for rule in GROUP_RULE.entries(shown, "security_group_rules")]


def _of_the_default_group(probing: Probing) -> list[dict[str, Any]] | None:
    """The rules of the project's own default group; None if they cannot be read, which costs a remark only."""
    try:
        path = f"/security-groups?name=default&project_id={probing.client.access().project_id}"
        groups = _listed(probing, path, "security_groups", SECURITY_GROUP)
        return [dict(rule) for group in groups for rule in GROUP_RULE.entries(group, "security_group_rules")]
    except Exception:
        return None


SECTION: Section[NewGroupRules] = Section(
    name="default_group_rules",
    words="network GET /v2.0/default-security-group-rules, the rules of a new group and of default",
    summary="The rules new security groups are born with.",
    load=single(NewGroupRules.from_plain),
    probe=probe,
    creates="a security group",
)
