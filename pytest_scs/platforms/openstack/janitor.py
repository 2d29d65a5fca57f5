# SPDX-License-Identifier: Apache-2.0
"""The janitor: the only way to create something in a cloud, and the one who sees to it that it goes again.

Every resource carries the run id in its name (and in its metadata, where the kind has any) and is deleted by id;
deletion is verified; what could not be removed is reported. Nothing without a run id is ever touched. See
docs/standards/framework.md#inventory.
"""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import tenacity

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.core.findings import show
from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.openstack import bounds, polling, removal, sweep
from pytest_scs.platforms.openstack.client import Client, Refused
from pytest_scs.platforms.openstack.closing import Closing
from pytest_scs.platforms.openstack.journaling import teller
from pytest_scs.platforms.openstack.kinds import KINDS, OWN_KEYS, Kind
from pytest_scs.platforms.openstack.ledger import Ledger
from pytest_scs.platforms.openstack.listed import entries_of_kind, show_resource
from pytest_scs.platforms.openstack.proof import confirmed
from pytest_scs.platforms.openstack.removal import Lent
from pytest_scs.platforms.openstack.resource import (
    CREATED_KEY,
    RUN_KEY,
    Resource,
    bucket_name,
    description_for_run,
    identity_of,
    mark_of,
)

#: What Glance wants changes to be.
JSON_PATCH = "application/openstack-images-v2.1-json-patch"

#: Characters of an odd value in a message.
_SHOWN = 60


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
        certain = isinstance(error, Refused) and error.definite
        lost = "" if certain else f"; they may be there, see {OWN_KEYS}"
        raise Inconclusive(
            f"the EC2 credentials it was created with are gone, and no new ones can be had: {error}{lost}",
            error.kind,
        ) from None
    return Lent(lent, lender._closing().find_unproved()[1])


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

        The intent is on disk before the request leaves, and what was made is read back by the id in the answer. Raises
        Refused if the cloud refuses it (HTTP status in it) and Inconclusive if there was no usable answer, or one with
        a wrong id; what may have come into being all the same is found by its name and removed at the end. ``by`` sends
        the request instead; to remove it is the janitor's own client's business.
        """
        kind = KINDS[kind_name]
        intended = self._intend(kind, standard, what)
        content = {**body, "name": intended.name} if kind.named else dict(body)
        if kind.metadata == "metadata":
            content["metadata"] = self._tags()
        elif kind.metadata == "properties":
            content |= self._tags()
        elif kind.metadata == "description":
            content["description"] = description_for_run(self.run)
        envelope = {kind.key: content} if kind.enveloped else content
        sender = by or self._client
        known = None if kind.named else self._known(kind)
        with self._ledger.asking(intended):
            answer = sender.create(kind.service, kind.path, envelope, **kind.options)
            entry = answer.content.get(kind.key, answer.content)
            identity = self._identity(kind, identity_of(entry) if isinstance(entry, dict) else None)
            if known is not None:
                _require_new(kind, identity, entry, known)
            mark = "" if kind.named else mark_of(self.run, entry)
            return self._noted(intended, identity, mark=mark, twin=answer.doubtful), entry

    def bucket(self, standard: str, credential: Resource) -> Resource:
        """Announce an S3 bucket, which its user creates with these EC2 credentials; its name is the resource's id.

        Bucket names have no underscore: ``scs-<standard>-<run>``.
        """
        intended = self._intend(KINDS["bucket"], standard, "bucket")
        return self._ledger.note(intended, bucket_name(standard, self.run), credential.id)

    def adopt(self, kind_name: str, name: str, identity: str) -> Resource:
        """Take on what is there under a name of this run, although its creation was refused or not answered."""
        return self._ledger.adopt(Resource(KINDS[kind_name], name, identity, proved=True))

    def forget(self, resource: Resource) -> None:
        """Leave alone what the caller saw to be gone, or never to have come into being (without id)."""
        self._ledger.forget(resource)

    def restore(self, backup: Resource, standard: str, what: str) -> Resource:
        """Restore a backup onto a new volume, made by the cloud under our name; raises like :meth:`create`."""
        intended = self._intend(KINDS["volume"], standard, what, bare=True)
        body = {"restore": {"name": intended.name}}
        with self._ledger.asking(intended):
            answer = self._client.create(backup.kind.service, f"{backup.kind.one(backup.id)}/restore", body)
            identity = self._identity(intended.kind, _inside(answer.content, "restore", "volume_id"))
            volume = self._noted(intended, identity, twin=answer.doubtful)
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
        intended = self._intend(KINDS["image"], standard, what, bare=True)
        wish = {"image_name": intended.name, "disk_format": "raw", "container_format": "bare", "force": False}
        path = f"{volume.kind.one(volume.id)}/action"
        with self._ledger.asking(intended):
            answer = self._client.create(volume.kind.service, path, {"os-volume_upload_image": wish})
            identity = self._identity(intended.kind, _inside(answer.content, "os-volume_upload_image", "image_id"))
            return self._noted(intended, identity, twin=answer.doubtful)

    def tag(self, image: Resource) -> None:
        """Give an image its metadata, by which it is found after a crash."""
        changes = [{"op": "add", "path": f"/{key}", "value": value} for key, value in self._tags().items()]
        with contextlib.suppress(Inconclusive):
            path, version = image.kind.one(image.id), image.kind.version
            self._client.patch(image.kind.service, path, changes, JSON_PATCH, version=version)

    def wait(self, resource: Resource, done: Callable[[str], bool], seconds: float) -> dict[str, Any]:
        """Poll with growing pauses until ``done(status)``; returns the resource as it is then, or after ``seconds``.

        ``status`` is in lower case. Raises Inconclusive if the run is interrupted, and at once if there is no status.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda found: not done(_status(resource, found))),
            wait=polling.growing_pause,
            stop=tenacity.stop_after_delay(seconds) | tenacity.stop_when_event_set(self._cancelled),
            sleep=tenacity.sleep_using_event(self._cancelled),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else {},
        )
        found: dict[str, Any] = retrying(show_resource, self._client, resource)
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

    def dismiss(self, *resources: Resource) -> None:
        """The same, where nobody waits for the probe any more: the end of the run does not break it off.

        What is not gone after a while (:data:`removal.ASIDE`, for all together) is left for the end, which waits for
        probes no longer than for a listing.
        """
        until = time.monotonic() + min(removal.ASIDE * self._client.patience, bounds.LISTING / 2)
        with contextlib.suppress(Inconclusive):
            for resource in self._ledger.among(resources):
                if (left := until - time.monotonic()) <= 0:
                    break
                removal.delete_resource(self._client, resource, left)
                self._ledger.forget(resource)

    def check_cancelled(self) -> None:
        """Raise Inconclusive if the run was interrupted."""
        if self._cancelled.is_set():
            raise Inconclusive("the run was interrupted", CauseKind.INTERRUPTED)

    def close(self, until: float | None = None) -> list[str]:
        """Remove everything that is left of this run; returns a line for each resource that is still there.

        ``until``, on the monotonic clock, bounds the waiting.
        """
        closings = [one._closing(until) for one in (self, *self._others)]
        problems: list[str] = []
        for step in (Closing.tidy, Closing.look_again):
            for closing in closings:
                try:
                    problems += step(closing)
                except Exception as error:  # what is a surprise in one account must not keep the others
                    broken = f"tidying up was broken off ({removal.words_of_error(error)})"
                    problems += [f"{one} may be there: {broken}" for one in closing.present()]
                    problems.append(f"{broken}; see: scs cleanup --os-cloud={closing.cloud}")
        if not problems and not any(one._ledger.unanswered() for one in (self, *self._others)):
            self._ledger.journal.close()
        return problems

    def present(self) -> list[str]:
        """What is still to be removed, in words, also in the accounts beside."""
        return [
            str(one) if one.id else f"{one.kind.name} {one.name}"
            for janitor in (self, *self._others)
            for one in janitor._ledger.present()
        ]

    def leave(self) -> list[str]:
        """A line for each thing that is left behind because nobody waits for its removal, with what to do."""
        return [line for one in (self, *self._others) for line in one._closing().lines_about_left()]

    def _closing(self, until: float | None = None) -> Closing:
        journal = self._ledger.journal
        return Closing(
            self._client, self._ledger, self.run, lambda bucket: lend_key(self._client, journal, bucket), until
        )

    def _noted(self, intended: Resource, identity: str, *, mark: str = "", twin: bool = False) -> Resource:
        """What was made under this id, on disk and read back; raises Inconclusive if the id is of something else."""
        resource = self._ledger.note(intended, identity, mark=mark, twin=twin)
        try:
            return self._ledger.confirm(resource, confirmed(self._client, resource))
        except Inconclusive:
            self._ledger.doubt(resource, intended)
            raise

    def _identity(self, kind: Kind, said: object) -> str:
        """The id in the answer to a creation; raises Inconclusive if there is none that can be asked for."""
        if isinstance(said, str) and kind.is_id(said):
            return said
        raise Inconclusive(
            f"the {kind.service} service answered the creation of the {kind.name} without a usable id: {_short(said)}",
            CauseKind.MALFORMED,
        )

    def _known(self, kind: Kind) -> set[str]:
        """The ids of what has no names, as they were before; none if they cannot be listed."""
        try:
            return {identity for identity, _ in entries_of_kind(self._client, kind)}
        except Inconclusive:
            return set()

    def _tags(self) -> dict[str, str]:
        return {RUN_KEY: self.run, CREATED_KEY: _now()}

    def _intend(self, kind: Kind, standard: str, what: str, *, bare: bool = False) -> Resource:
        self.check_cancelled()
        return self._ledger.intend(kind, self.name(standard, what), bare=bare)


def _require_new(kind: Kind, identity: str, entry: Mapping[str, Any], known: set[str]) -> None:
    """Raise Inconclusive unless an answer to a creation has a secret, and an id that was not there before."""
    if identity in known:
        problem = f"the id {identity}, which was there before"
    elif not isinstance(entry.get("secret"), str) or not entry["secret"]:
        problem = "no secret"
    else:
        return
    raise Inconclusive(
        f"the {kind.service} service answered the creation of the {kind.name} with {problem}", CauseKind.MALFORMED
    )


def _inside(content: Mapping[str, Any], key: str, name: str) -> object:
    inner = content.get(key)
    return inner.get(name) if isinstance(inner, dict) else None


def _status(resource: Resource, found: Mapping[str, Any]) -> str:
    """The status of something, in lower case; raises Inconclusive if it is no text."""
    status = found.get("status")
    if isinstance(status, str) and status:
        return status.lower()
    raise Inconclusive(
        f"the {resource.kind.service} service shows {resource} with the status {_short(status)}, not a text",
        CauseKind.MALFORMED,
    )


def _short(value: object) -> str:
    shown = show(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
