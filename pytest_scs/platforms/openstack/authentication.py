# SPDX-License-Identifier: Apache-2.0
"""Logging in, with words about clouds.yaml for what goes wrong."""

from __future__ import annotations

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.openstack.client import Client, LogIn
from pytest_scs.platforms.openstack.explain import innermost


def authenticate(client: Client) -> LogIn:
    """Log in; raises Inconclusive, in words about clouds.yaml."""
    from keystoneauth1 import exceptions

    try:
        return client.log_in()
    except Inconclusive as error:
        if isinstance(error.__cause__, exceptions.Unauthorized):
            auth_type = client.region.config.get("auth_type") or ""
            what = (
                "the token is expired or invalid" if "token" in auth_type else "wrong user, password, secret or project"
            )
            raise Inconclusive(
                f"authentication was refused (401): {what}; see its auth section in clouds.yaml",
                CauseKind.AUTHENTICATION,
            ) from None
        if isinstance(error.__cause__, exceptions.MissingAuthPlugin):
            raise Inconclusive("clouds.yaml has no credentials for it", CauseKind.AUTHENTICATION) from None
        if isinstance(error.__cause__, exceptions.DiscoveryFailure):
            url = (client.region.config.get("auth") or {}).get("auth_url")
            cause = innermost(error.__cause__)
            raise Inconclusive(f"no identity service answers at auth_url {url}: {cause}", CauseKind.OUTAGE) from None
        raise
