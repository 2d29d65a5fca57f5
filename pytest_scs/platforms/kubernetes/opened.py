# SPDX-License-Identifier: Apache-2.0
"""The clusters of a run: found in kubeconfig files or started."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import install
from pytest_scs.core.subject import Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.journal import Journal, state_folder
from pytest_scs.evidence.journal_file import check_journal
from pytest_scs.platforms.kubernetes.client import import_client
from pytest_scs.platforms.kubernetes.installed import check_client
from pytest_scs.platforms.kubernetes.kubeconfig import Access, find_clusters, is_embedded, secrets_of
from pytest_scs.platforms.kubernetes.private import learn_access
from pytest_scs.platforms.kubernetes.probes import offered_versions, version_data
from pytest_scs.platforms.kubernetes.reader import Reader
from pytest_scs.platforms.kubernetes.results.given import check_given
from pytest_scs.platforms.kubernetes.runners.ordering import check_resumed
from pytest_scs.platforms.kubernetes.sections import SECTIONS
from pytest_scs.platforms.kubernetes.settings import DEMO_CLUSTERS, KubernetesSettings
from pytest_scs.platforms.platform import RunContext


class OpenedClusters:
    """The clusters of a run, each with its reader: OpenedSubjects (evidence/source.py)."""

    def __init__(self, subjects: Sequence[Subject], settings: KubernetesSettings, context: RunContext) -> None:
        """Find the clusters, and start embedded ones; raises InputError."""
        self.readers: dict[Subject, Reader] = {}
        self._settings = settings
        self._demos: list[Any] = []
        self._journals: Path | None = None
        check_given(settings)
        if remark := check_client():
            context.say(remark)
        try:
            found = {access.name: access for access in find_clusters(settings)}
            for subject in subjects:
                access = self._start(subject.name) if is_embedded(subject.name) else found[subject.name]
                context.redact.add(secrets_of(access))
                learn_access(context.redact.private, access)
                self.readers[subject] = Reader(subject, access, settings, context, self._journal, self._inventories)
        except BaseException:
            self.close()
            raise

    def check(self, sections: Collection[str]) -> None:
        """Raise InputError for a file that cannot be used, or if a journal is needed and cannot be written."""
        for probe in (version_data, offered_versions):
            if probe.SECTION.name in sections:
                probe.check_given(self._settings)
        for subject in self.readers:
            check_resumed(self._settings, subject, sections)
        if not any(SECTIONS[name].created_with(self._settings) for name in sections):
            return
        import_client()
        if all(is_embedded(subject.name) for subject in self.readers):
            # What is left in an embedded cluster goes with it.
            self._journals = Path(tempfile.mkdtemp(prefix="scs-journal-"))
        else:
            check_journal(state_folder())

    def close(self) -> None:
        """Stop the embedded clusters."""
        while self._demos:
            self._demos.pop().stop()
        if self._journals:
            shutil.rmtree(self._journals, ignore_errors=True)

    def _inventories(self) -> list[Inventory]:
        return [reader.inventory for reader in self.readers.values()]

    def _journal(self, run: str, cluster: str) -> Journal:
        return Journal(run, cluster, folder=self._journals)

    def _start(self, name: str) -> Access:
        if name not in DEMO_CLUSTERS:
            raise InputError(f"--kubeconfig: unknown embedded cluster {name!r}; known: {', '.join(DEMO_CLUSTERS)}")
        try:
            from pytest_scs.demo.kubernetes.launch import launch
        except ModuleNotFoundError as error:
            raise InputError(f"--kubeconfig={name} needs the package {error.name}; {install('demo')}") from None
        demo, config = launch(name)
        self._demos.append(demo)
        return Access(name, config, "embedded cluster")
