# SPDX-License-Identifier: Apache-2.0
"""The janitor: the only way to create something in a cloud, and the one who sees to it that it goes again.

Spec 3.8: every resource carries the run id in its name (and in its metadata, where the kind has any) and is deleted by
id; deletion is verified; what could not be removed is reported. Nothing without a run id is ever touched.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import secrets
import threading
from collections.abc import Callable, Iterator
from typing import Any

import tenacity

from pytest_scs.errors import Inconclusive
from pytest_scs.openstack import removal, sweep
from pytest_scs.openstack.client import Client
from pytest_scs.openstack.journal import Journal
from pytest_scs.openstack.kinds import KINDS, Kind
from pytest_scs.openstack.removal import CREATED_KEY, RUN_KEY, Resource


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def new_run_id() -> str:
    """Eight random hexadecimal digits."""
    return secrets.token_hex(4)


class Janitor:
    """Creates and removes the resources of one run in one cloud; may be used by several threads."""

    def __init__(self, client: Client, run: str, journal: Journal, cancelled: threading.Event) -> None:
        """``cancelled`` ends all waiting, and nothing is created any more once it is set."""
        self.run = run
        self._client = client
        self._journal = journal
        self._cancelled = cancelled
        self._lock = threading.Lock()
        self._present: list[Resource] = []
        self._others: list[Janitor] = []
        self._before: dict[str, list[str]] | None = None

    def beside(self, client: Client, cloud: str) -> Janitor:
        """A janitor of the same run for a further cloud or account; it tidies up when this one does."""
        other = Janitor(client, self.run, self._journal.beside(cloud), self._cancelled)
        with self._lock:
            self._others.append(other)
        return other

    def admit(self, standard: str) -> str:
        """Prepare for a program that creates things here by itself; returns the prefix it has to give their names.

        What the project has now is noted on disk, so that what the program leaves can be told from it. Raises
        Inconclusive if that cannot be listed.
        """
        self.check_cancelled()
        before = sweep.belongings(self._client)
        self._journal.write("program", standard=standard, before=before)
        self._before = before
        return f"_scs-{standard}-{self.run}"

    def create(self, kind_name: str, standard: str, what: str, body: dict[str, Any]) -> tuple[Resource, dict[str, Any]]:
        """Create a resource named ``_scs-<standard>-<run>-<what>``; returns it and the answer's content.

        The intent is on disk before the request leaves. Raises Refused if the cloud refuses it (HTTP status in it) and
        Inconclusive if there was no usable answer; what may have come into being all the same is found by its name and
        removed at the end.
        """
        kind = KINDS[kind_name]
        intended = self._intend(kind, standard, what)
        content = {**body, "name": intended.name}
        if kind.metadata:
            content["metadata"] = {RUN_KEY: self.run, CREATED_KEY: _now()}
        # Barbican's bodies have no envelope.
        envelope = {kind.key: content} if kind.name != "secret" else content
        answer = self._client.post(kind.service, kind.path, envelope, **kind.options)
        entry = answer.get(kind.key, answer)
        identity = entry.get("id") or str(entry.get("secret_ref", "")).rstrip("/").rpartition("/")[2]
        return self._note(intended, str(identity)), entry

    def restore(self, backup: Resource, standard: str, what: str) -> Resource:
        """Restore a backup onto a new volume, made by the cloud under our name; raises like :meth:`create`."""
        intended = self._intend(KINDS["volume"], standard, what)
        body = {"restore": {"name": intended.name}}
        answer = self._client.post(backup.kind.service, f"{backup.kind.one(backup.id)}/restore", body)
        volume = self._note(intended, str(answer["restore"]["volume_id"]))
        # A restore takes no metadata along, and without it nobody would find the volume after a crash.
        mine = {"metadata": {RUN_KEY: self.run, CREATED_KEY: _now()}}
        with contextlib.suppress(Inconclusive):
            self._client.post(volume.kind.service, f"{volume.kind.one(volume.id)}/metadata", mine, repeatable=True)
        return volume

    def wait(self, resource: Resource, done: Callable[[str], bool], seconds: float) -> dict[str, Any]:
        """Poll with growing pauses until ``done(status)``; returns the resource as it is then, or after ``seconds``.

        ``status`` is in lower case. Raises Inconclusive if the run is interrupted.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda found: not done(str(found.get("status", "")).lower())),
            wait=tenacity.wait_exponential(multiplier=0.25, max=5),
            stop=tenacity.stop_after_delay(seconds) | tenacity.stop_when_event_set(self._cancelled),
            sleep=tenacity.sleep_using_event(self._cancelled),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else {},
        )
        found: dict[str, Any] = retrying(removal.show, self._client, resource)
        self.check_cancelled()
        return found

    def delete(self, resource: Resource) -> None:
        """Delete a resource and make sure that it is gone; raises Refused or Inconclusive if it is not."""
        removal.delete(self._client, resource)
        self._forget(resource)

    def check_cancelled(self) -> None:
        """Raise Inconclusive if the run was interrupted."""
        if self._cancelled.is_set():
            raise Inconclusive("the run was interrupted")

    def close(self) -> list[str]:
        """Remove everything that is left of this run; returns a line for each resource that is still there."""
        problems = self._tidy()
        with self._lock:
            others = list(self._others)
        for other in others:
            problems += other._tidy()
        if not problems:
            self._journal.close()
        return problems

    def _tidy(self) -> list[str]:
        with self._lock:
            present = list(self._present)
        problems: list[str] = []
        found: list[Resource] = []
        for resource in present:
            try:
                found += [resource] if resource.id else self._lost(resource)
            except Inconclusive as error:
                problems.append(f"{resource.kind.name} {resource.name} may be there: {error}")
        if self._before is None:
            return problems + removal.remove(self._client, found, self._forget)
        try:
            known = {one.id for one in found}
            found += [one for one in sweep.proven(self._client, [self.run]) if one.id not in known]
            problems += removal.remove(self._client, found, self._forget)
            left = sweep.unproven(self._client, self._before)
        except Inconclusive as error:
            left = [f"what a program left cannot be told: {error}; see: scs cleanup --os-cloud={self._journal.cloud}"]
            problems += removal.remove(self._client, found, self._forget)
        return problems + [f"{self._journal.cloud}: {line}" for line in left]

    def _intend(self, kind: Kind, standard: str, what: str) -> Resource:
        self.check_cancelled()
        intended = Resource(kind, f"_scs-{standard}-{self.run}-{what}", "")
        self._journal.write("intent", kind=kind.name, name=intended.name)
        with self._lock:
            self._present.append(intended)
        return intended

    def _note(self, intended: Resource, identity: str) -> Resource:
        resource = dataclasses.replace(intended, id=identity)
        with self._lock:
            self._present[self._present.index(intended)] = resource
        self._journal.write("created", kind=resource.kind.name, name=resource.name, id=identity)
        return resource

    def _forget(self, resource: Resource) -> None:
        with contextlib.suppress(OSError):
            self._journal.write("gone", kind=resource.kind.name, name=resource.name, id=resource.id)
        with self._lock:
            if resource in self._present:
                self._present.remove(resource)

    def _lost(self, intended: Resource) -> Iterator[Resource]:
        """What came into being although the answer to the create request was lost."""
        for found in removal.named(self._client, intended.kind):
            if found.name == intended.name:
                yield found
