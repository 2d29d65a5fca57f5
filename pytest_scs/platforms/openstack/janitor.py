# SPDX-License-Identifier: Apache-2.0
"""The janitor: the only way to create something in a cloud, and the one who sees to it that it goes again.

Every resource carries the run id in its name (and in its metadata, where the kind has any) and is deleted by id;
deletion is verified; what could not be removed is reported. Nothing without a run id is ever touched. See
docs/standards/framework.md#inventory.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import datetime as dt
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any

import tenacity

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.openstack import late, removal, sweep
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.journaling import teller
from pytest_scs.platforms.openstack.kinds import KINDS, OWN_KEYS, Kind
from pytest_scs.platforms.openstack.ledger import Ledger
from pytest_scs.platforms.openstack.removal import CREATED_KEY, RUN_KEY, Lent, Resource

#: Seconds after which nothing comes of a creation any more whose answer was an error of the server, or none; and the
#: pauses between the looks for it.
LATENESS = 15
PAUSES = (1, 2, 4, 8)

#: What Glance wants changes to be.
JSON_PATCH = "application/openstack-images-v2.1-json-patch"


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def new_run_id() -> str:
    """Eight random hexadecimal digits."""
    return secrets.token_hex(4)


def lend_key(client: Client, journal: Journal, bucket: Resource) -> Lent:
    """New EC2 credentials for the removal of a run's bucket whose own are gone, noted in the journal of that run.

    To remove them is the caller's business. Raises Inconclusive if there are none to be had.
    """
    lender = Janitor(client, bucket.run, journal, threading.Event())
    # Each its own name, by which journals know things: the last ones may be there still.
    what = f"key-{secrets.token_hex(2)}"
    body = {"tenant_id": client.access().project_id}
    try:
        lent = lender.create("ec2-credential", bucket.standard, what, body)[0]
    except Inconclusive as error:
        certain = isinstance(error, Refused) and error.status < 500 and not error.doubtful
        lost = "" if certain else f"; they may be there, see {OWN_KEYS}"
        raise Inconclusive(
            f"the EC2 credentials it was created with are gone, and no new ones can be had: {error}{lost}",
            error.kind,
        ) from None
    return Lent(lent, lender._find_intended().problems)


@dataclasses.dataclass(frozen=True, slots=True)
class _Looked:
    """What was found of what was intended, and a line for each thing that may be there unseen."""

    found: list[Resource]
    problems: list[str]


class Janitor:
    """Creates and removes the resources of one run in one cloud; may be used by several threads."""

    def __init__(self, client: Client, run: str, journal: Journal, cancelled: threading.Event) -> None:
        """``cancelled`` ends all waiting, and nothing is created any more once it is set."""
        self.run = run
        self._client = client
        self._cancelled = cancelled
        self._ledger = Ledger(journal.sign(teller(client)))
        self._others: list[Janitor] = []

    def for_section(self, section: str) -> Janitor:
        """The janitor, with the same things to see to, whose requests are counted for a section of the inventory."""
        janitor = copy.copy(self)
        janitor._client = self._client.for_section(section)
        return janitor

    def beside(self, client: Client, cloud: str) -> Janitor:
        """A janitor of the same run for a further cloud or account; it tidies up when this one does."""
        other = Janitor(client, self.run, self._ledger.journal.beside(cloud), self._cancelled)
        self._others.append(other)
        return other

    def prepare_for_program(self, standard: str) -> str:
        """Prepare for a program that creates things here by itself; returns the prefix it has to give their names.

        What the project has now is noted on disk, so that what the program leaves can be told from it. Raises
        Inconclusive if that cannot be listed.
        """
        self.check_cancelled()
        before = sweep.project_belongings(self._client)
        self._ledger.journal.write("program", standard=standard, before=before)
        self._ledger.before_program = before
        return f"_scs-{standard}-{self.run}"

    def name(self, standard: str, what: str) -> str:
        """What the run calls a resource."""
        return f"_scs-{standard}-{self.run}-{what}"

    def create(
        self, kind_name: str, standard: str, what: str, body: dict[str, Any], *, by: Client | None = None
    ) -> tuple[Resource, dict[str, Any]]:
        """Create a resource named ``_scs-<standard>-<run>-<what>``; returns it and the answer's content.

        The intent is on disk before the request leaves. Raises Refused if the cloud refuses it (HTTP status in it) and
        Inconclusive if there was no usable answer; what may have come into being all the same is found by its name and
        removed at the end. ``by`` sends the request instead; to remove it is the janitor's own client's business.
        """
        kind = KINDS[kind_name]
        intended = self._intend(kind, standard, what)
        content = {**body, "name": intended.name} if kind.named else dict(body)
        if kind.metadata == "metadata":
            content["metadata"] = self._tags()
        elif kind.metadata == "properties":
            content |= self._tags()
        elif kind.metadata == "description":
            content["description"] = removal.description_for_run(self.run)
        envelope = {kind.key: content} if kind.enveloped else content
        sender = by or self._client
        with self._ledger.asking(intended):
            answer = sender.create(kind.service, kind.path, envelope, **kind.options)
            entry = answer.content.get(kind.key, answer.content)
            identity = removal.identity_of(entry)
        return self._ledger.note(intended, identity, twin=answer.doubtful), entry

    def bucket(self, standard: str, credential: Resource) -> Resource:
        """Announce an S3 bucket, which its user creates with these EC2 credentials; its name is the resource's id.

        Bucket names have no underscore: ``scs-<standard>-<run>``.
        """
        intended = self._intend(KINDS["bucket"], standard, "bucket")
        return self._ledger.note(intended, f"scs-{standard}-{self.run}", credential.id)

    def adopt(self, kind_name: str, name: str, identity: str) -> Resource:
        """Take on what is there under a name of this run, although its creation was refused or not answered."""
        return self._ledger.adopt(Resource(KINDS[kind_name], name, identity))

    def forget(self, resource: Resource) -> None:
        """Leave alone what the caller saw to be gone, or never to have come into being (without id)."""
        self._ledger.forget(resource)

    def restore(self, backup: Resource, standard: str, what: str) -> Resource:
        """Restore a backup onto a new volume, made by the cloud under our name; raises like :meth:`create`."""
        intended = self._intend(KINDS["volume"], standard, what)
        body = {"restore": {"name": intended.name}}
        with self._ledger.asking(intended):
            answer = self._client.create(backup.kind.service, f"{backup.kind.one(backup.id)}/restore", body)
            identity = str(answer.content["restore"]["volume_id"])
        volume = self._ledger.note(intended, identity, twin=answer.doubtful)
        # A restore takes no metadata along, and without it nobody would find the volume after a crash.
        mine = {"metadata": self._tags()}
        with contextlib.suppress(Inconclusive):
            self._client.post(volume.kind.service, f"{volume.kind.one(volume.id)}/metadata", mine, repeatable=True)
        return volume

    def upload(self, volume: Resource, standard: str, what: str) -> Resource:
        """Copy a volume to a new raw image, made by the cloud under our name; raises like :meth:`create`.

        It carries no metadata until :meth:`tag` is called, which must not be before it is active: Glance loses an image
        that is changed while its content is on the way.
        """
        intended = self._intend(KINDS["image"], standard, what)
        wish = {"image_name": intended.name, "disk_format": "raw", "container_format": "bare", "force": False}
        path = f"{volume.kind.one(volume.id)}/action"
        with self._ledger.asking(intended):
            answer = self._client.create(volume.kind.service, path, {"os-volume_upload_image": wish})
            identity = str(answer.content["os-volume_upload_image"]["image_id"])
        return self._ledger.note(intended, identity, twin=answer.doubtful)

    def tag(self, image: Resource) -> None:
        """Give an image its metadata, by which it is found after a crash."""
        changes = [{"op": "add", "path": f"/{key}", "value": value} for key, value in self._tags().items()]
        with contextlib.suppress(Inconclusive):
            path, version = image.kind.one(image.id), image.kind.version
            self._client.patch(image.kind.service, path, changes, JSON_PATCH, version=version)

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
        found: dict[str, Any] = retrying(removal.show_resource, self._client, resource)
        self.check_cancelled()
        return found

    def delete(self, resource: Resource) -> None:
        """Delete a resource and make sure that it is gone; raises Refused or Inconclusive if it is not."""
        removal.delete_resource(self._client, resource, cancelled=self._cancelled)
        self._ledger.forget(resource)

    def discard(self, *resources: Resource) -> None:
        """Remove what is not needed any more, in this order; where that fails, the rest is left for the end.

        What is gone already is passed over.
        """
        with contextlib.suppress(Inconclusive):
            for resource in self._ledger.among(resources):
                self.delete(resource)

    def check_cancelled(self) -> None:
        """Raise Inconclusive if the run was interrupted."""
        if self._cancelled.is_set():
            raise Inconclusive("the run was interrupted", CauseKind.INTERRUPTED)

    def close(self) -> list[str]:
        """Remove everything that is left of this run; returns a line for each resource that is still there."""
        janitors = [self, *self._others]
        problems: list[str] = []
        steps = (*(one._tidy for one in janitors), *(one._look_again for one in janitors))
        for janitor, step in zip(2 * janitors, steps, strict=True):
            try:
                problems += step()
            except Exception as error:  # what is a surprise in one account must not keep the others
                broken = f"tidying up was broken off ({removal.words_of_error(error)})"
                problems += [f"{one} may be there: {broken}" for one in janitor._ledger.present()]
                problems.append(f"{broken}; see: scs cleanup --os-cloud={janitor._cloud}")
        if not problems and not any(janitor._ledger.unanswered() for janitor in janitors):
            self._ledger.journal.close()
        return problems

    @property
    def _cloud(self) -> str:
        return self._ledger.journal.subject

    def _tidy(self) -> list[str]:
        looked = self._find_intended()
        problems = looked.problems
        found = [one for one in self._ledger.present() if one.id]
        before = self._ledger.before_program
        if before is None:
            return problems + self._remove(found)
        try:
            known = {one.id for one in found}
            found += [one for one in sweep.proved_of_runs(self._client, [self.run], before) if one.id not in known]
            problems += self._remove(found)
            left = sweep.lines_about_unproved(self._client, before)
        except Inconclusive as error:
            left = [f"what a program left cannot be told: {error}; see: scs cleanup --os-cloud={self._cloud}"]
            problems += self._remove(found)
        return problems + [f"{self._cloud}: {line}" for line in left]

    def _look_again(self) -> list[str]:
        """Remove what is made only now although its creation was not answered; the journal keeps what is not there yet.

        The same goes for what earlier runs did not find. Returns a line for each resource that is still there.
        """
        problems: list[str] = []
        for pause in PAUSES:
            waiting = self._ledger.unanswered(LATENESS)
            if not waiting:
                break
            time.sleep(pause)
            looked = self._find(waiting)
            problems += looked.problems + self._remove(looked.found)
        self._ledger.note_unfound()
        return problems + late.remove_late(self._client, self._cloud, self.run)

    def _find_intended(self) -> _Looked:
        return self._find([one for one in self._ledger.present() if not one.id])

    def _find(self, intended: list[Resource]) -> _Looked:
        """What came into being of what was intended."""
        looked = _Looked([], [])
        for resource in intended:
            try:
                found = list(self._lost(resource))
            except Inconclusive as error:
                looked.problems.append(f"{resource.kind.name} {resource.name} may be there: {error}")
                self._ledger.give_up(resource)
                continue
            self._ledger.note_found(resource, found)
            looked.found.extend(found)
        return looked

    def _remove(self, resources: list[Resource]) -> list[str]:
        journal = self._ledger.journal
        return removal.remove_resources(
            self._client, resources, self._ledger.forget, lambda bucket: lend_key(self._client, journal, bucket)
        )

    def _tags(self) -> dict[str, str]:
        return {RUN_KEY: self.run, CREATED_KEY: _now()}

    def _intend(self, kind: Kind, standard: str, what: str) -> Resource:
        self.check_cancelled()
        return self._ledger.intend(kind, self.name(standard, what))

    def _lost(self, intended: Resource) -> Iterator[Resource]:
        """What came into being although the answer to the create request was lost."""
        known = {one.id for one in self._ledger.present()}
        if not intended.kind.named:
            self._require_no_others(intended.kind, known)
            return
        # Some have no metadata yet; but nobody else gives this name.
        for found in removal.resources_of_runs(self._client, intended.kind, names=(intended.name,)):
            if found.name == intended.name and found.id not in known:
                yield found

    def _require_no_others(self, kind: Kind, known: Collection[str]) -> None:
        """Raise Inconclusive unless the project has none of a kind without names but those that are known.

        Others are left alone: whether one of them came up during the run would not prove it to be ours.
        """
        project = self._client.access().project_id
        try:
            found = {
                identity: entry.get("tenant_id") for identity, entry in removal.entries_of_kind(self._client, kind)
            }
        except Inconclusive as error:
            raise Inconclusive(f"{error}; see {OWN_KEYS}", error.kind) from None
        others = [one for one, owner in found.items() if owner in (None, project) and one not in known]
        if others:
            raise Inconclusive(
                f"the answer to its creation was lost, and nothing tells it from others ({len(others)} in the project "
                f"are not known to be of this run); see {OWN_KEYS}"
            )
