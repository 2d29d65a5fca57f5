# SPDX-License-Identifier: Apache-2.0
"""The options of the platform OpenStack, and what they are checked for without reading a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pytest_scs.base.errors import InputError
from pytest_scs.platforms.openstack.extras import Extras
from pytest_scs.platforms.option import GivenOptions, Option
from pytest_scs.platforms.platform import PlatformSettings

#: Clouds that come with the plugin.
DEMO_CLOUDS = ("demo", "demo:vanilla")


def _known_clouds() -> list[str]:
    from pytest_scs.platforms.openstack.known_clouds import known_clouds

    return [*known_clouds(), *DEMO_CLOUDS]


OPTIONS = (
    Option(
        "os_cloud",
        "Cloud in clouds.yaml, or demo, demo:vanilla (default: $OS_CLOUD); repeatable",
        "NAME",
        "--os-cloud",
        many=True,
        plain="--cloud",
        everyday=True,
        known=lambda given: _known_clouds(),
    ),
    Option(
        "domain_managers",
        "Two clouds of clouds.yaml, each the manager of a domain of its own (scs-0302)",
        "A,B",
        recorded=True,
    ),
    Option(
        "managed_roles",
        "Roles that domain managers hand out besides member, load-balancer_member and reader (scs-0302)",
        "ROLE,...",
        recorded=True,
    ),
    Option(
        "tempest_accounts",
        "Two clouds of clouds.yaml with throw-away users for Tempest (scs-0128)",
        "A,B",
        recorded=True,
    ),
    Option(
        "tempest_results",
        "Judge this result of Tempest (subunit or JUnit) instead of running it",
        "FILE",
        recorded=True,
    ),
    Option(
        "tls_ignore",
        "Endpoint whose TLS is not judged (scs-0125); repeatable",
        "HOST[:PORT]",
        many=True,
        recorded=True,
    ),
)


@dataclasses.dataclass(frozen=True, slots=True)
class OpenStackSettings(PlatformSettings):
    """What the user asked for on this platform; ``names`` are entries of clouds.yaml or embedded clouds."""

    extras: Extras = dataclasses.field(default_factory=Extras)


def read_openstack_settings(given: GivenOptions) -> OpenStackSettings:
    """Check what the user gave; raises InputError."""
    names = tuple(dict.fromkeys(given.texts("os_cloud")))
    typed = "--os-cloud" if names else ""
    names = names or tuple(one.values["os_cloud"] for one in given.presets("openstack"))
    if not names and not given.replaying and given.environ.get("OS_CLOUD"):
        names = (given.environ["OS_CLOUD"],)
    if given.replaying:
        return OpenStackSettings(names, named_by=typed)
    results = given.path("tempest_results")
    inputs = {"--scs-tempest-results": results} if results else {}
    return OpenStackSettings(names, inputs, typed, _extras(given, names))


def _extras(given: GivenOptions, names: tuple[str, ...]) -> Extras:
    extras = Extras(
        domain_managers=_pair("--scs-domain-managers", given.text("domain_managers")),
        managed_roles=_managed_roles(given.text("managed_roles")),
        tempest_accounts=_pair("--scs-tempest-accounts", given.text("tempest_accounts")),
        tempest_results=given.path("tempest_results"),
        tls_ignore=_hosts("--scs-tls-ignore", given.texts("tls_ignore")),
    )
    if extras.tempest_accounts and extras.tempest_results:
        raise InputError("--scs-tempest-accounts runs Tempest and --scs-tempest-results does not: give one of them")
    if len(names) > 1 and (extras.clouds or extras.tempest_results):
        option = "--scs-domain-managers" if extras.domain_managers else "--scs-tempest-accounts and -results"
        raise InputError(f"{option}: belongs to one cloud, but several are given with --os-cloud")
    return extras


def _pair(option: str, text: str | None) -> tuple[str, ...]:
    """Two different names, or none."""
    if text is None:
        return ()
    names = tuple(name.strip() for name in text.split(","))
    if len(names) != 2 or not all(names) or names[0] == names[1]:
        raise InputError(f"{option}: {text!r} is not two different entries of clouds.yaml; write A,B")
    return names


def _hosts(option: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Entries of the form HOST[:PORT], each once."""
    from pytest_scs.standards.iaas.endpoints import parse_ignored

    for text in texts:
        try:
            parse_ignored(text)
        except ValueError as error:
            raise InputError(f"{option}: {error}") from None
    return tuple(dict.fromkeys(text.strip() for text in texts))


def _managed_roles(text: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (text or "").split(",") if text)
    if not all(names):
        raise InputError(f"--scs-managed-roles: {text!r} has an empty name; write ROLE,ROLE")
    if any(name.lower() == "admin" for name in names):
        raise InputError("--scs-managed-roles: domain managers must never hand out the role admin (scs-0302-v1)")
    return names
