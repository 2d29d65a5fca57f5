# SPDX-License-Identifier: Apache-2.0
"""The clouds of a run: found in clouds.yaml or started, with the further accounts that some testcases need."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import check_single, install
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.journal import Journal, state_folder
from pytest_scs.evidence.journal_file import check_journal
from pytest_scs.platforms.openstack.client import PATIENCE_KEY
from pytest_scs.platforms.openstack.closing import Farewell
from pytest_scs.platforms.openstack.config import check_embedded, find_cloud, find_cloud_in, secrets_of
from pytest_scs.platforms.openstack.extras import Extras
from pytest_scs.platforms.openstack.private import learn_entry
from pytest_scs.platforms.openstack.reader import Reader
from pytest_scs.platforms.openstack.sections import SECTIONS
from pytest_scs.platforms.openstack.settings import DEMO_CLOUDS, OpenStackSettings
from pytest_scs.platforms.openstack.tempest.given import read_results
from pytest_scs.platforms.platform import RunContext

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion

    from pytest_scs.demo.openstack.server import DemoCloud


class OpenedClouds:
    """The clouds of a run, each with its reader: OpenedSubjects (evidence/source.py)."""

    def __init__(self, subjects: Sequence[Subject], extras: Extras, context: RunContext) -> None:
        """Find the clouds, and those that ``extras`` names, and start embedded ones; raises InputError."""
        self.readers: dict[Subject, Reader] = {}
        self._extras = extras
        self._context = context
        self._demos: list[DemoCloud] = []
        self._others: dict[str, CloudRegion] = {}
        self._journals: Path | None = None
        try:
            self._find(subjects)
            if extras.tempest_results:
                # A mistake in it is better known now than when the run has come to its testcase.
                read_results(extras.tempest_results)
        except BaseException:
            self.close()
            raise

    def check(self, sections: Collection[str]) -> None:
        """Raise InputError if something is to be created and its journal cannot be written."""
        settings = OpenStackSettings(extras=self._extras)
        if not any(SECTIONS[name].creates and not SECTIONS[name].only_reads(settings) for name in sections):
            return
        if all(_embedded(name) for name in (*(subject.name for subject in self.readers), *self._extras.clouds)):
            # What is left in an embedded cloud goes with it.
            self._journals = Path(tempfile.mkdtemp(prefix="scs-journal-"))
        else:
            check_journal(state_folder())

    def close(self) -> None:
        """Stop the embedded clouds."""
        while self._demos:
            self._demos.pop().stop()
        if self._journals:
            shutil.rmtree(self._journals, ignore_errors=True)

    def _find(self, subjects: Sequence[Subject]) -> None:
        regions: dict[Subject, CloudRegion] = {}
        for subject in subjects:
            name = subject.name
            region = self._start(name) if _embedded(name) else find_cloud(name, embedded=DEMO_CLOUDS[0])
            self._context.redact.add(secrets_of(region))
            learn_entry(self._context.redact.private, region)
            regions[subject] = region
        for option, others in (
            ("--scs-domain-managers", self._extras.domain_managers),
            ("--scs-tempest-accounts", self._extras.tempest_accounts),
        ):
            for name in others:
                self._others[name] = self._companion(option, name)
                self._context.redact.add(secrets_of(self._others[name]))
                self._context.redact.private.add("ENTRY", [name])
                learn_entry(self._context.redact.private, self._others[name])
        self._context.redact.private.add_addresses(self._extras.tls_ignore)
        for region in (*regions.values(), *self._others.values()):
            region.config[PATIENCE_KEY] = self._context.patience
        farewell = Farewell(self._context.patience)
        for subject, region in regions.items():
            self.readers[subject] = Reader(
                subject,
                region,
                self._context,
                extras=self._extras,
                others=self._others,
                journal=self._journal,
                farewell=farewell,
            )

    def _journal(self, run: str, cloud: str) -> Journal:
        return Journal(run, cloud, folder=self._journals)

    def _companion(self, option: str, name: str) -> CloudRegion:
        """A further account, which ``option`` names: of clouds.yaml, or in the embedded cloud that is judged."""
        if not _embedded(name):
            try:
                return find_cloud(name)
            except InputError as error:
                raise InputError(f"{option}: {error}") from None
        check_embedded(name, option)
        if option != "--scs-domain-managers":
            raise InputError(f"{option}: the embedded cloud has no accounts for it; name two clouds of clouds.yaml")
        if not self._demos:
            raise InputError(f"{option}: {name} is an account in the embedded cloud: judge that with --os-cloud=demo")
        from pytest_scs.demo.openstack.launch import manager_yaml

        return find_cloud_in(manager_yaml(self._demos[0], name), name)

    def _start(self, name: str) -> CloudRegion:
        check_embedded(name)
        check_single("--os-cloud", name)
        if name not in DEMO_CLOUDS:
            raise InputError(f"--os-cloud: unknown embedded cloud {name!r}; known: {', '.join(DEMO_CLOUDS)}")
        try:
            from pytest_scs.demo.openstack.launch import launch
        except ModuleNotFoundError as error:
            raise InputError(f"--os-cloud={name} needs the package {error.name}; {install('demo')}") from None
        demo, text = launch(name)
        self._demos.append(demo)
        return find_cloud_in(text, name)


def _embedded(name: str) -> bool:
    """Whether a name means an embedded cloud, or an account there."""
    return name.partition(":")[0] == DEMO_CLOUDS[0]
