# SPDX-License-Identifier: Apache-2.0
"""What the managers of two domains can do (docs/standards/scs-0302.md): tried out, and looked at from both sides.

Everything that is tried concerns users, groups and projects that were made for it. What could do damage in a cloud that
lets it happen is tried in a way that cannot: see docs/domain-managers.md.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from pytest_scs.evidence.phase import doing
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.openstack.probes.domain_manager import beyond, credentials, groups, login, projects, users
from pytest_scs.platforms.openstack.probes.domain_manager.stage import Stage
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.standards.iaas.domain_manager import DomainManagers


def probe(probing: Probing) -> dict[str, Any]:
    """All attempts: see :class:`DomainManagers`.

    Raises Inconclusive if a manager cannot log in, or is none.
    """
    names = probing.extras.domain_managers
    if not names:
        return _recorded(DomainManagers(given=False))
    try:
        first, second = (login.log_in(probing, letter, name) for letter, name in zip("AB", names, strict=True))
    except login.NoManagerRoleError:
        return _recorded(DomainManagers(given=True, rows=(login.no_role(),)))
    login.require_different(first, second)
    stage = Stage(probing, first, second)
    try:
        _try_all(stage)
    finally:
        stage.clear()
    return _recorded(DomainManagers(given=True, rows=tuple(stage.rows), foreign_domains=stage.foreign_domains))


def _try_all(stage: Stage) -> None:
    stage.run(login.ROWS)
    for block, rows in (("users", users.ROWS), ("projects", projects.ROWS), ("groups", groups.ROWS)):
        doing(f"domain managers: {block}")
        stage.run(rows)
    doing("domain managers: roles, domains, credentials")
    stage.run(beyond.rows(stage))
    stage.foreign_domains = beyond.count_foreign_domains(stage)
    stage.run(credentials.ROWS)


def _recorded(seen: DomainManagers) -> dict[str, Any]:
    rows = [dataclasses.asdict(row) for row in seen.rows]
    return {"given": seen.given, "rows": rows, "foreign_domains": seen.foreign_domains}


SECTION: Section[DomainManagers] = Section(
    name="domain_manager",
    words="what the managers of two domains may do, and what they may not",
    summary="What the managers of two domains could do.",
    load=single(DomainManagers.from_plain),
    probe=probe,
    lasts=20,
    creates="users, groups and projects in the domains of --scs-domain-managers",
    idle=lambda settings: not settings.extras.domain_managers,
)
