# SPDX-License-Identifier: Apache-2.0
"""The platform Kubernetes: clusters of kubeconfig files."""

from __future__ import annotations

import argparse
import datetime as dt
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_scs.platforms.kubernetes.settings import (
    DEMO_CLUSTERS,
    OPTIONS,
    KubernetesSettings,
    read_kubernetes_settings,
)
from pytest_scs.platforms.option import GivenOptions
from pytest_scs.platforms.platform import Access, Platform, PlatformSettings, RunContext

if TYPE_CHECKING:
    from pytest_scs.core.subject import Subject
    from pytest_scs.evidence.inventory import Inventory
    from pytest_scs.evidence.section import DerivedFixture, Section
    from pytest_scs.evidence.source import OpenedSubjects


class Kubernetes(Platform):
    """Clusters; see :class:`pytest_scs.platforms.platform.Platform`."""

    name = "kubernetes"
    noun = "cluster"
    nouns = "clusters"
    marker = "kaas"
    marker_words = "testcases about Kubernetes clusters"
    programs = frozenset({"kubectl"})
    environment = ("KUBECONFIG",)
    variables = frozenset(("kubeconfig",))
    options = OPTIONS
    embedded = DEMO_CLUSTERS
    naming = "kube_context"
    embedded_naming = "kubeconfig"
    access = Access("KUBECONFIG", "kubeconfig", "~/.kube/config")

    @property
    def sections(self) -> Mapping[str, Section[Any]]:
        """What can be read of a cluster."""
        from pytest_scs.platforms.kubernetes.sections import SECTIONS

        return SECTIONS

    @property
    def derived_fixtures(self) -> Mapping[str, DerivedFixture[Any]]:
        """What is made of sections."""
        from pytest_scs.platforms.kubernetes.sections import DERIVED_FIXTURES

        return DERIVED_FIXTURES

    def read_settings(self, given: GivenOptions) -> KubernetesSettings:
        """Check what the user gave; raises InputError."""
        return read_kubernetes_settings(given)

    def find_names(self, settings: PlatformSettings) -> tuple[str, ...]:
        """The contexts that the user means; raises InputError."""
        from pytest_scs.platforms.kubernetes.kubeconfig import find_names

        return find_names(_own(settings))

    def assignment(self, settings: PlatformSettings, label: str) -> dict[str, str]:
        """The label in place of the kubeconfig, and how the e2e suite was to be run."""
        return {"kubeconfig": label, "execution_mode": _own(settings).e2e_mode}

    def offered(self) -> tuple[str, Sequence[str]]:
        """The contexts of the kubeconfig files that kubectl would read."""
        from pytest_scs.platforms.kubernetes.kubeconfig_files import default_files, read_kubeconfig

        files = default_files(os.environ.get("KUBECONFIG", ""))
        return ", ".join(map(str, files)), tuple(read_kubeconfig(files).contexts)

    def how_to_name_one(self) -> str:
        """How a cluster is named."""
        hint = "; no file that $KUBECONFIG names is there" if os.environ.get("KUBECONFIG") else ""
        return f"name its kubeconfig with --kubeconfig=FILE or $KUBECONFIG, or try --kubeconfig=demo{hint}"

    def addresses_in(self, inventory: Inventory) -> Iterable[str]:
        """The addresses of the nodes."""
        from pytest_scs.platforms.kubernetes.private import addresses_of

        return addresses_of(inventory)

    def origin_of(self, name: str, settings: PlatformSettings) -> str:
        """The kubeconfig with the context of a cluster, and that its certificate is not verified; or what it is."""
        from pytest_scs.platforms.kubernetes.kubeconfig import find_clusters, is_embedded

        if is_embedded(name):
            return "embedded cluster"
        access = next((one for one in find_clusters(_own(settings)) if one.name == name), None)
        if access is None:
            return ""
        blind = access.cluster.get("insecure-skip-tls-verify")
        return f"from {access.origin}" + (
            "; its certificate is not verified (insecure-skip-tls-verify)" if blind else ""
        )

    def open_subjects(
        self, subjects: Sequence[Subject], settings: PlatformSettings, context: RunContext
    ) -> OpenedSubjects:
        """Find the clusters, and start embedded ones; raises InputError."""
        from pytest_scs.platforms.kubernetes.opened import OpenedClusters

        return OpenedClusters(subjects, _own(settings), context)

    def needs_own_report(self, settings: PlatformSettings, selected: Collection[str], now: dt.datetime) -> str:
        """A result of the e2e suite that was made elsewhere, and long ago."""
        from pytest_scs.platforms.kubernetes.results.given import needs_own_report

        return needs_own_report(_own(settings), selected, now)

    def left_by_earlier_runs(self, settings: PlatformSettings) -> Iterator[str]:
        """What to do about runs on this machine that crashed or could not remove everything.

        Embedded clusters are gone with their run.
        """
        from pytest_scs.evidence.journal import past_runs
        from pytest_scs.evidence.journal_file import damaged_journals
        from pytest_scs.platforms.kubernetes.cleanup_command import cleanup_command

        given = settings.files if isinstance(settings, KubernetesSettings) else ()
        # Those that the run has found: to look for them again would be a mistake where no cluster is judged.
        names = [name for name in settings.names if name not in DEMO_CLUSTERS]
        if names:
            yield from damaged_journals()
        for name in names:
            for past in past_runs(name):
                if past.untidy and not past.running:
                    files = given if len(given) == 1 else ()
                    yield (
                        f"a run of {past.began[:16].replace('T', ' ')} UTC left something in {name}; list it, and "
                        f"remove it with --delete: {cleanup_command(files, name)} --run={past.run}"
                    )

    def add_cleanup_option(self, group: Any) -> None:
        """The option that names a kubeconfig file."""
        group.add_argument(
            "--kubeconfig",
            metavar="FILE",
            help="kubeconfig file of a cluster (with --kube-context: as kubectl)",
        )

    def add_cleanup_details(self, parser: Any) -> None:
        """The option that names a context, and the one about what may be somebody else's."""
        parser.add_argument(
            "--kube-context", "--context", metavar="NAME", help="context of the kubeconfig file (default: its own)"
        )
        parser.add_argument(
            "--force", action="store_true", help="of a cluster also what killed runs of the e2e suite left, whose it be"
        )

    def misplaced_cleanup_detail(self, arguments: argparse.Namespace) -> str:
        """``--force`` is about clusters only, and so is a context."""
        return "--force" if arguments.force else "--kube-context" if arguments.kube_context is not None else ""

    def is_to_be_cleaned_up(self, arguments: argparse.Namespace) -> bool:
        """Whether a kubeconfig file, or a context of the usual ones is named."""
        return arguments.kubeconfig is not None or arguments.kube_context is not None

    def clean_up(self, arguments: argparse.Namespace) -> int:
        """List or remove what crashed runs left in a cluster."""
        from pytest_scs.platforms.kubernetes.cleanup import clean_up_cluster

        return clean_up_cluster(arguments)


def _own(settings: PlatformSettings) -> KubernetesSettings:
    if not isinstance(settings, KubernetesSettings):
        raise TypeError("these are settings of another platform")
    return settings
