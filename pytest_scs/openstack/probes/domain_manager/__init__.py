# SPDX-License-Identifier: Apache-2.0
"""What the managers of two domains can do (scs-0302, spec 21): tried out, and looked at from both sides.

Everything that is tried concerns users, groups and projects that were made for it. What could do damage in a cloud that
lets it happen is tried in a way that cannot: see docs/domain-managers.md.
"""

from __future__ import annotations

from typing import Any

from pytest_scs.evidence.section import Section, single
from pytest_scs.openstack.probes.domain_manager import beyond, credentials, groups, login, projects, users
from pytest_scs.openstack.probes.domain_manager.stage import Stage
from pytest_scs.openstack.probing import Probing


def probe(probing: Probing) -> dict[str, Any]:
    """All attempts. Keys: ``given``; ``rows`` (see Stage); ``foreign_domains`` (how many manager A can see).

    Raises Inconclusive if a manager cannot log in, or is none.
    """
    names = probing.extras.domain_managers
    if not names:
        return {"given": False, "rows": [], "foreign_domains": 0}
    try:
        first, second = (login.log_in(probing, letter, name) for letter, name in zip("AB", names, strict=True))
    except login.NoManagerRoleError:
        return {"given": True, "rows": [login.no_role()], "foreign_domains": 0}
    login.require_different(first, second)
    with first.client.reading("domain_manager"), second.client.reading("domain_manager"):
        stage = Stage(probing, first, second)
        try:
            login.run(stage)
            for block, part in (("users", users), ("projects", projects), ("groups", groups)):
                probing.progress(f"domain managers: {block}")
                part.run(stage)
            probing.progress("domain managers: roles, domains, credentials")
            beyond.run(stage)
            credentials.run(stage)
        finally:
            stage.clear()
    return {"given": True, "rows": stage.rows, "foreign_domains": stage.foreign_domains}


SECTION = Section(
    name="domain_manager",
    words="what the managers of two domains may do, and what they may not",
    summary="What the managers of two domains could do.",
    load=single(dict),
    probe=probe,
    creates="users, groups and projects in the domains of --scs-domain-managers",
    idle=lambda settings: not settings.extras.domain_managers,
)
