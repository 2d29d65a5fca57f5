# SPDX-License-Identifier: Apache-2.0
"""The platform OpenStack: clouds of clouds.yaml, judged with the rights of an ordinary user."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_scs.platforms.openstack.settings import DEMO_CLOUDS, OPTIONS, OpenStackSettings, read_openstack_settings
from pytest_scs.platforms.option import GivenOptions
from pytest_scs.platforms.platform import Platform, PlatformSettings, RunContext

if TYPE_CHECKING:
    from pytest_scs.core.subject import Subject
    from pytest_scs.evidence.section import DerivedFixture, Section
    from pytest_scs.evidence.source import OpenedSubjects


class OpenStack(Platform):
    """Clouds; see :class:`pytest_scs.platforms.platform.Platform`."""

    name = "openstack"
    noun = "cloud"
    nouns = "clouds"
    marker = "iaas"
    marker_words = "testcases about OpenStack clouds"
    variables = frozenset(("os_cloud",))
    options = OPTIONS
    embedded = DEMO_CLOUDS

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

    def how_to_name_one(self) -> str:
        """How a cloud is named."""
        return "name one of clouds.yaml with --os-cloud=NAME or $OS_CLOUD, or try --os-cloud=demo"

    def open_subjects(
        self, subjects: Sequence[Subject], settings: PlatformSettings, context: RunContext
    ) -> OpenedSubjects:
        """Find the clouds, and those that the settings name besides, and start embedded ones; raises InputError."""
        from pytest_scs.platforms.openstack.opened import OpenedClouds

        if not isinstance(settings, OpenStackSettings):
            raise TypeError("these are settings of another platform")
        return OpenedClouds(subjects, settings.extras, context)

    def left_by_earlier_runs(self, settings: PlatformSettings) -> Iterator[str]:
        """What to do about runs on this machine that crashed or could not remove everything.

        Embedded clouds are gone with their run.
        """
        from pytest_scs.evidence.journal import past_runs

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
        group.add_argument("--os-cloud", metavar="NAME", help="cloud in clouds.yaml")

    def is_to_be_cleaned_up(self, arguments: argparse.Namespace) -> bool:
        """Whether a cloud is named."""
        return arguments.os_cloud is not None

    def clean_up(self, arguments: argparse.Namespace) -> int:
        """List or remove what crashed runs left in a cloud."""
        from pytest_scs.platforms.openstack.cleanup import clean_up_cloud

        return clean_up_cloud(arguments)
