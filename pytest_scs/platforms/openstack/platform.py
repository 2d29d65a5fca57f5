# SPDX-License-Identifier: Apache-2.0
"""The platform OpenStack: clouds of clouds.yaml, judged with the rights of an ordinary user."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_scs.base.errors import InputError
from pytest_scs.platforms.openstack.settings import DEMO_CLOUDS, OPTIONS, OpenStackSettings, read_openstack_settings
from pytest_scs.platforms.option import GivenOptions
from pytest_scs.platforms.platform import Access, Platform, PlatformSettings, RunContext

if TYPE_CHECKING:
    from pytest_scs.core.subject import Subject
    from pytest_scs.evidence.inventory import Inventory
    from pytest_scs.evidence.section import DerivedFixture, Section
    from pytest_scs.evidence.source import OpenedSubjects


class OpenStack(Platform):
    """Clouds; see :class:`pytest_scs.platforms.platform.Platform`."""

    name = "openstack"
    noun = "cloud"
    nouns = "clouds"
    marker = "iaas"
    marker_words = "testcases about OpenStack clouds"
    programs = frozenset({"openstack"})
    listings = MappingProxyType({"openstack image create": "openstack image list -f value -c ID --name"})
    environment = ("OS_CLOUD", "OS_AUTH_URL", "OS_PROJECT_NAME")
    variables = frozenset(("os_cloud",))
    options = OPTIONS
    embedded = DEMO_CLOUDS
    naming = "os_cloud"
    access = Access("OS_CLIENT_CONFIG_FILE", "clouds.yaml", "~/.config/openstack/clouds.yaml")

    def shows_as_made(self, creation: Sequence[str]) -> tuple[Sequence[str], Sequence[str]] | None:
        """A flavor that is replaced under its id has the size and the visibility that the new one is to have."""
        from pytest_scs.standards.iaas.flavor_commands import shows_as_made

        return shows_as_made(creation)

    @property
    def sections(self) -> Mapping[str, Section[Any]]:
        """What can be read of a cloud."""
        from pytest_scs.platforms.openstack.sections import SECTIONS

        return SECTIONS

    @property
    def derived_fixtures(self) -> Mapping[str, DerivedFixture[Any]]:
        """What is made of sections."""
        from pytest_scs.platforms.openstack.sections import DERIVED_FIXTURES

        return DERIVED_FIXTURES

    def read_settings(self, given: GivenOptions) -> OpenStackSettings:
        """Check what the user gave; raises InputError."""
        return read_openstack_settings(given)

    def offered(self) -> tuple[str, Sequence[str]]:
        """The entries of the clouds.yaml that openstacksdk finds."""
        from pytest_scs.platforms.openstack.clouds_files import ask_sdk

        found = ask_sdk()
        if found.problem:
            raise InputError(found.problem)
        return found.where, found.names

    def how_to_name_one(self) -> str:
        """How a cloud is named."""
        from pytest_scs.platforms.openstack.config import hint_at_environment

        hint = hint_at_environment()
        return "name one of clouds.yaml with --os-cloud=NAME or $OS_CLOUD, or try --os-cloud=demo" + (
            f"; {hint}" if hint else ""
        )

    def open_subjects(
        self, subjects: Sequence[Subject], settings: PlatformSettings, context: RunContext
    ) -> OpenedSubjects:
        """Find the clouds, and those that the settings name besides, and start embedded ones; raises InputError."""
        from pytest_scs.platforms.openstack.opened import OpenedClouds

        if not isinstance(settings, OpenStackSettings):
            raise TypeError("these are settings of another platform")
        return OpenedClouds(subjects, settings.extras, context)

    def addresses_in(self, inventory: Inventory) -> Iterable[str]:
        """The addresses of the catalog, and what their names stand for."""
        from pytest_scs.platforms.openstack.private import addresses_of

        return addresses_of(inventory)

    def origin_of(self, name: str, settings: PlatformSettings) -> str:
        """The file with the entry of a cloud, or that it is embedded; both where a run would be refused for it."""
        from pytest_scs.platforms.openstack.config import origin_of

        origin = origin_of(name)
        if name not in DEMO_CLOUDS:
            return f"from {origin}" if origin else ""
        return "embedded cloud" + (f", but there is an entry in {origin}, too: rename that" if origin else "")

    def left_by_earlier_runs(self, settings: PlatformSettings) -> Iterator[str]:
        """What to do about runs on this machine that crashed or could not remove everything.

        Embedded clouds are gone with their run.
        """
        from pytest_scs.evidence.journal import past_runs
        from pytest_scs.evidence.journal_file import damaged_journals

        if settings.names and not all(name in DEMO_CLOUDS for name in settings.names):
            yield from damaged_journals()
        others = settings.extras.clouds if isinstance(settings, OpenStackSettings) else ()
        for name in (*(name for name in settings.names if name not in DEMO_CLOUDS), *others):
            for past in past_runs(name):
                if past.untidy and not past.running:
                    yield (
                        f"a run of {past.began[:16].replace('T', ' ')} UTC left something in {name}; "
                        f"list it, and remove it with --delete: scs cleanup --os-cloud={name} --run={past.run}"
                    )

    def add_cleanup_option(self, group: Any) -> None:
        """The option that names a cloud."""
        group.add_argument("--os-cloud", "--cloud", metavar="NAME", help="cloud in clouds.yaml")

    def is_to_be_cleaned_up(self, arguments: argparse.Namespace) -> bool:
        """Whether a cloud is named."""
        return arguments.os_cloud is not None

    def clean_up(self, arguments: argparse.Namespace) -> int:
        """List or remove what crashed runs left in a cloud."""
        from pytest_scs.platforms.openstack.cleanup import clean_up_cloud

        return clean_up_cloud(arguments)
