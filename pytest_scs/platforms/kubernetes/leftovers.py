# SPDX-License-Identifier: Apache-2.0
"""What earlier runs left in a cluster: found by names and labels, and by the journals on this machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pytest_scs.core.cause import Inconclusive
from pytest_scs.evidence.journal import Past, past_runs
from pytest_scs.platforms.kubernetes.belongings import (
    MANAGED_BY,
    PROBE_NAMESPACE,
    SUITE_NAMESPACE,
    Belonging,
    claimed_namespace,
    is_of_run,
    metadata_of,
    name_of,
    part_of,
    run_of_labels,
    suite_namespace_in,
    uid_of,
)
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.journaling import account_of, claim, own_runs
from pytest_scs.platforms.kubernetes.kinds import KINDS
from pytest_scs.platforms.kubernetes.pages import Items

#: Where a name alone says that something is ours, and what is to be done then.
_DOUBT = "looks like ours, but only its name says so: --force includes it"


@dataclasses.dataclass(frozen=True, slots=True)
class Leftovers:
    """What is left: ``belongings`` are proven to be of runs, ``doubtful`` have nothing but a name that runs give.

    ``unlisted``: a line for each kind of which nobody can tell; ``foreign``: one for what is left alone anyway.
    """

    belongings: list[Belonging]
    doubtful: list[Belonging]
    unlisted: list[str]
    foreign: list[str]


def find_leftovers(client: Client) -> Leftovers:
    """Everything in the cluster that a run made."""
    return _Search(client).all()


class _Search:
    """One look at the whole cluster."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._claimed = _claims(own_runs(client))
        self._found = Leftovers([], [], [], [])

    def all(self) -> Leftovers:
        """What is left, of all kinds."""
        readers: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "namespace": self._namespace,
            "clusterrolebinding": self._role,
            "clusterrole": self._role,
            "persistentvolume": self._volume,
        }
        for name, reader in readers.items():
            for entry in self._listed(name):
                self._kind = KINDS[name]
                reader(entry)
        return self._found

    def _listed(self, name: str) -> Items:
        kind = KINDS[name]
        try:
            return self._client.list(kind.api, kind.list)
        except Inconclusive as error:
            self._found.unlisted.append(f"what is left of kind {name} cannot be listed: {error}")
            return []

    def _namespace(self, entry: Mapping[str, Any]) -> None:
        name, said = name_of(entry), run_of_labels(entry)
        probe = PROBE_NAMESPACE.fullmatch(name)
        if probe or SUITE_NAMESPACE.fullmatch(name):
            self._sort(entry, probe["run"] if probe else said)
        elif MANAGED_BY.items() <= part_of(metadata_of(entry), "labels").items():
            self._found.foreign.append(f"namespace {name} carries our label, but no name of ours: left alone")

    def _role(self, entry: Mapping[str, Any]) -> None:
        namespace = suite_namespace_in(name_of(entry))
        if not namespace:
            return
        known = next((one for one in self._found.belongings if one.name == namespace), None)
        if known:
            self._claimed.setdefault((self._kind.name, name_of(entry)), known)
        self._sort(entry, "")

    def _volume(self, entry: Mapping[str, Any]) -> None:
        if match := PROBE_NAMESPACE.fullmatch(claimed_namespace(entry)):
            self._sort(entry, match["run"])

    def _sort(self, entry: Mapping[str, Any], run: str) -> None:
        """Take something for a run's, or for what may be one's."""
        name = name_of(entry)
        vouching = self._claimed.get((self._kind.name, name))
        one = Belonging(
            self._kind,
            name,
            uid_of(entry),
            run or (vouching.run if vouching else ""),
            claimed=vouching is not None,
            created=str(metadata_of(entry).get("creationTimestamp") or ""),
        )
        (self._found.belongings if is_of_run(one, entry) else self._found.doubtful).append(one)


def _claims(runs: Sequence[Past]) -> dict[tuple[str, str], Belonging]:
    """What journals say was made or about to be, by kind and name."""
    found: dict[tuple[str, str], Belonging] = {}
    for past in runs:
        for line in (*past.present, *past.uncertain):
            if claimed := claim(past, line):
                found[claimed.kind.name, claimed.name] = claimed
    return found


def lines_about_doubtful(doubtful: Sequence[Belonging]) -> Iterator[str]:
    """A line for each thing that has nothing but a name."""
    for one in doubtful:
        if PROBE_NAMESPACE.fullmatch(one.name):
            yield f"{one} looks like ours, but its labels do not say so: left alone"
        else:
            yield f"{one} {_DOUBT}"


def lines_about_other_accounts(client: Client, context: str, run: str | None) -> Iterator[str]:
    """A line for each journal of another account that was called like this cluster; of all runs, or of one.

    What it tells would be wrong here, and only that account reaches what it names.
    """
    account = account_of(client)
    for past in past_runs(context):
        if past.account != account and past.untidy and not past.running and run in (None, past.run):
            yield (
                f"journal {past.path} is of another API server or user than {context} is now; clean up with the "
                "kubeconfig of then, or delete that file if that cluster is gone"
            )
