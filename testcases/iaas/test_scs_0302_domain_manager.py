# SPDX-License-Identifier: Apache-2.0
"""scs-0302: domain manager (documents: scs-0302-v1, scs-0302-w1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_scs.core.collector import Collector
from pytest_scs.standards.iaas import domain_manager as standard
from pytest_scs.standards.iaas.domain_manager import DomainManagers


@pytest.mark.scs("scs-0302-x-full")
def test_scs_0302_x_full(scs: Collector, domain_manager: DomainManagers) -> None:
    """A domain manager MUST be able to manage users, groups and projects of its domain, and MUST NOT reach any other.

    Source: scs-0302-v1, and the manual check `domain-manager-check` row by row. Fails when a row is not as expected;
    aborts when no managers are given, one cannot log in, or Keystone does not answer.
    """
    scs.whole("attempts", standard.rows(domain_manager, standard.TABLE), lambda _: standard.check_table(domain_manager))


@pytest.mark.scs("scs-0302-x-role-exists")
def test_scs_0302_x_role_exists(scs: Collector, domain_manager: DomainManagers) -> None:
    """The role `manager` MUST exist.

    Source: scs-0302-v1. Fails when no domain manager sees it; aborts when no managers are given.
    """
    _judge(scs, domain_manager, "role-exists")


@pytest.mark.scs("scs-0302-x-no-role-admin")
def test_scs_0302_x_no_role_admin(scs: Collector, domain_manager: DomainManagers) -> None:
    """A domain manager MUST NOT manipulate existing roles or create new ones.

    Source: scs-0302-v1. Fails when it can create, change or delete a role, or let one imply another; aborts when no
    managers are given or Keystone does not answer.
    """
    _judge(scs, domain_manager, "no-role-admin")


@pytest.mark.scs("scs-0302-x-no-escalation")
def test_scs_0302_x_no_escalation(scs: Collector, domain_manager: DomainManagers) -> None:
    """A domain manager MUST NOT assign roles other than those it is meant to, `admin` neither directly nor indirectly.

    Source: scs-0302-v1. Fails when another role can be assigned to a user or to the manager itself; aborts when no
    managers are given or Keystone does not answer.
    """
    _judge(scs, domain_manager, "no-escalation")


@pytest.mark.scs("scs-0302-x-no-system-scope")
def test_scs_0302_x_no_system_scope(scs: Collector, domain_manager: DomainManagers) -> None:
    """A domain manager MUST NOT escalate its privileges to the system.

    Source: scs-0302-v1. Fails when it gets a token for the system or assigns a role there; aborts when no managers are
    given or Keystone does not answer.
    """
    _judge(scs, domain_manager, "no-system-scope")


@pytest.mark.scs("scs-0302-x-domain-immutable")
def test_scs_0302_x_domain_immutable(scs: Collector, domain_manager: DomainManagers) -> None:
    """A domain manager MUST NOT have access outside its domain, nor change, create or delete domains.

    Source: scs-0302-v1. Fails when it can, or when it lists what belongs to another domain; aborts when no managers are
    given or Keystone does not answer.
    """
    _judge(scs, domain_manager, "domain-immutable")


@pytest.mark.scs("scs-0302-x-foreign-credentials")
def test_scs_0302_x_foreign_credentials(scs: Collector, domain_manager: DomainManagers) -> None:
    """A domain manager MUST NOT have access to the credentials of another domain's users.

    Source: scs-0302-v1. Fails when it can list or create application credentials, EC2 credentials or trusts of theirs,
    or set their passwords; aborts when no managers are given or Keystone does not answer.
    """
    _judge(scs, domain_manager, "foreign-credentials")


@pytest.mark.scs("scs-0302-x-user-can-work")
def test_scs_0302_x_user_can_work(scs: Collector, domain_manager: DomainManagers) -> None:
    """A user made by a domain manager should be able to work in a project made by it.

    Source: scs-0302-v1. Fails when such a user, with the role `member`, cannot log in or list servers; aborts when no
    managers are given or Keystone or Nova does not answer.
    """
    _judge(scs, domain_manager, "user-can-work")


@pytest.mark.scs("domain-manager-check")
def test_domain_manager_check(scs: Collector, domain_manager: DomainManagers, attestation: Callable[[], None]) -> None:
    """Domain managers MUST be able to manage their own domain, and MUST NOT be able to do anything beyond.

    Source: scs-0302-v1, conformance tests. What the managers of --scs-domain-managers could do decides; without them a
    person has to answer. Fails when they could do too little or too much, or when an answer does not conform; aborts
    when Keystone does not answer or evidence has changed.
    """
    if domain_manager.rows:
        tried = standard.rows(domain_manager, standard.TABLE)
        scs.whole("attempts", tried, lambda _: standard.check_table(domain_manager))
    else:
        attestation()


def _judge(scs: Collector, seen: DomainManagers, testcase: str) -> None:
    tried = standard.rows(seen, standard.BEYOND[testcase])
    scs.whole("attempts", tried, lambda _: standard.check_beyond(seen, testcase))
