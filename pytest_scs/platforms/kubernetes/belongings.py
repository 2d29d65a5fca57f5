# SPDX-License-Identifier: Apache-2.0
"""What a run makes in a cluster, and what proves that a run made it (docs/standards/framework.md#inventory)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from pytest_scs.evidence.journal_file import is_run_id
from pytest_scs.platforms.kubernetes.kinds import KINDS, Kind

#: The labels of everything of ours.
MANAGED_BY = {"app.kubernetes.io/managed-by": "pytest-scs"}
RUN_LABEL = "pytest-scs/run"

#: What all names of ours begin with.
PREFIX = "scs-"

#: Namespaces of probes: ``scs-0211-1a2b3c4d-5e6f``.
PROBE_NAMESPACE = re.compile(r"scs-(?P<standard>[0-9]{4})-(?P<run>[0-9a-f]{8})-[0-9a-f]{4}")

#: Namespaces in which programs run the e2e suite, and what these make for the whole cluster: their names do not tell
#: which run it was.
SUITE_NAMESPACE = re.compile(r"scs-conf-[0-9a-f]{6}")
_SUITE_ROLE = re.compile(r"(?:sonobuoy-serviceaccount-|conformance-serviceaccount(?:-role)?:)(scs-conf-[0-9a-f]{6})")


@dataclasses.dataclass(frozen=True, slots=True)
class Belonging:
    """Something that a run made, or is about to make (then without ``uid``).

    ``run`` is the id of the run as far as it is known; ``claimed``: what says so is not on the thing itself, but in the
    memory or the journal of that run. ``created``: UTC in ISO format, if known.
    """

    kind: Kind
    name: str
    uid: str = ""
    run: str = dataclasses.field(default="", compare=False)
    claimed: bool = dataclasses.field(default=False, compare=False)
    created: str = dataclasses.field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.kind.name} {self.name}"


def labels_of(run: str) -> dict[str, str]:
    """The labels of everything that a run makes."""
    return {**MANAGED_BY, RUN_LABEL: run}


def run_of_labels(entry: Mapping[str, Any]) -> str:
    """The run that the labels of an object name; empty if they name none, or are not ours."""
    labels = metadata_of(entry).get("labels")
    if not isinstance(labels, Mapping) or not MANAGED_BY.items() <= labels.items():
        return ""
    run = labels.get(RUN_LABEL)
    return run if isinstance(run, str) and is_run_id(run) else ""


def part_of(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A part of an object that is an object itself; empty where it has none, or something else there."""
    found = entry.get(key)
    return found if isinstance(found, Mapping) else {}


def items_in(entry: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The objects in a list of an object; none where it has no list there."""
    found = entry.get(key)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def metadata_of(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The metadata of an object; empty where it has none."""
    return part_of(entry, "metadata")


def uid_of(entry: Mapping[str, Any]) -> str:
    """The uid of an object; empty where it has none."""
    uid = metadata_of(entry).get("uid")
    return uid if isinstance(uid, str) else ""


def name_of(entry: Mapping[str, Any]) -> str:
    """The name of an object; empty where it has none."""
    name = metadata_of(entry).get("name")
    return name if isinstance(name, str) else ""


def has_name_of_ours(kind: Kind, name: str) -> bool:
    """Whether only a run of this plugin gives such a name to a thing of this kind."""
    if kind.name == "namespace":
        return bool(PROBE_NAMESPACE.fullmatch(name) or SUITE_NAMESPACE.fullmatch(name))
    return kind.name in ("clusterrole", "clusterrolebinding") and bool(_SUITE_ROLE.fullmatch(name))


def suite_namespace_in(name: str) -> str:
    """The namespace of the e2e suite in the name of a cluster role or binding; empty if there is none."""
    match = _SUITE_ROLE.fullmatch(name)
    return match[1] if match else ""


def claimed_namespace(volume: Mapping[str, Any]) -> str:
    """The namespace of the claim that a persistent volume was made for; empty if it says nothing of it."""
    spec = volume.get("spec")
    claim = spec.get("claimRef") if isinstance(spec, Mapping) else None
    namespace = claim.get("namespace") if isinstance(claim, Mapping) else None
    return namespace if isinstance(namespace, str) else ""


def is_of_run(belonging: Belonging, entry: Mapping[str, Any]) -> bool:
    """Whether what a cluster has under the name of a belonging is what that run made.

    A namespace of a probe carries the run in its name and in its labels. What a program made for the e2e suite may
    carry nothing, or the labels that it was given later; then somebody has to vouch for it (``claimed``). A volume is
    ours if its claim was in a namespace of ours.
    """
    kind, name = belonging.kind, belonging.name
    if belonging.uid and uid_of(entry) != belonging.uid:
        return False
    if kind.name == "persistentvolume":
        match = PROBE_NAMESPACE.fullmatch(claimed_namespace(entry))
        return match is not None and match["run"] == belonging.run
    if name_of(entry) != name or not has_name_of_ours(kind, name):
        return False
    said = run_of_labels(entry)
    match = PROBE_NAMESPACE.fullmatch(name)
    if match:
        return match["run"] == said == belonging.run
    return said == belonging.run if said else belonging.claimed


def kind_named(name: str) -> Kind | None:
    """The kind of what stands for itself, by name; None for one that is not known here."""
    return KINDS.get(name)
