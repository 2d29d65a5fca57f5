# SPDX-License-Identifier: Apache-2.0
"""What some testcases need besides the judged cloud: further accounts, results made elsewhere, exceptions."""

from __future__ import annotations

import dataclasses
from pathlib import Path


@dataclasses.dataclass(frozen=True, slots=True)
class Extras:
    """Extra input of a run, as the user gave it; what is not given is empty, and its testcases say what they lack.

    ``domain_managers``: two entries of clouds.yaml, each the manager of a domain of its own (scs-0302).
    ``managed_roles``: what those may hand out besides the roles of the standard.
    ``tempest_accounts``: two entries of clouds.yaml with throw-away users (scs-0128); ``tempest_results``: a result of
    Tempest that was produced elsewhere, instead. ``tls_ignore``: hosts, or hosts with port, whose TLS is not judged
    (scs-0125).
    """

    domain_managers: tuple[str, ...] = ()
    managed_roles: tuple[str, ...] = ()
    tempest_accounts: tuple[str, ...] = ()
    tempest_results: Path | None = None
    tls_ignore: tuple[str, ...] = ()

    @property
    def clouds(self) -> tuple[str, ...]:
        """All entries of clouds.yaml that are named here."""
        return (*self.domain_managers, *self.tempest_accounts)
