# SPDX-License-Identifier: Apache-2.0
"""One run in one process: settings, selection, source of inventories, and the book of results."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.attestations import AttestationFile
from pytest_scs.attested import open_attestations
from pytest_scs.core.subject import Subject, subject_of
from pytest_scs.errors import InputError
from pytest_scs.evidence import recording
from pytest_scs.files import check_writable, write_atomically
from pytest_scs.inventory import Inventory
from pytest_scs.progress import Progress
from pytest_scs.redact import Redactor
from pytest_scs.results import Result, Run, SubjectRun, aborted, missing
from pytest_scs.selection import Selection, select
from pytest_scs.settings import Settings
from pytest_scs.sources import Clouds, Recorded, Shared, Source

#: Where the session lies in ``config.stash``; absent when no scope is selected.
session_key = pytest.StashKey["Session"]()

#: File in which a worker leaves what it collected: node id -> (testcase, cloud), and testcase -> sections it reads.
COLLECTION = "collection.json"


class Session:
    """State of one run in one process. Owns no pytest hook and no output."""

    def __init__(self, settings: Settings, selection: Selection, source: Source, redact: Redactor) -> None:
        self.settings = settings
        self.selection = selection
        self.source = source
        self._subjects = tuple(Subject("openstack", name, _subject(settings, name)) for name in source.clouds)
        self.redact = redact
        self.started = dt.datetime.now(dt.UTC)
        self.folder: Path | None = None
        self.collected: dict[str, tuple[str, Subject]] = {}
        self.reads: dict[str, list[str]] = {}
        self.results: dict[tuple[str, Subject], Result] = {}
        self.incomplete: list[str] = []
        self.foreign_failure = False
        self.whole = True
        # Whether -m and -k were understood: pytest says that collection has finished also where they were not.
        self.chosen = False
        self.collection_known = False
        self.worker: str | None = None
        self.problems: list[str] = []
        self.written: list[str] = []
        self.finished: Run | None = None
        self.progress = Progress()
        self.attestations: AttestationFile | None = None

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What is judged, at least one."""
        return self._subjects

    def inventory(self, subject: Subject) -> Inventory:
        """What is known of a subject."""
        return self.source.inventory(subject.name)

    def section(self, subject: Subject, name: str) -> list[dict[str, Any]]:
        """The entries of an inventory section, awaited if a probe is reading it; raises Inconclusive."""
        self.source.settle(subject.name, name)
        return self.inventory(subject).section(name)

    def record(self, result: Result) -> None:
        """Enter a testcase's result; a later one replaces an earlier one."""
        self.results[result.testcase, result.subject] = result

    def crashed(self, nodeid: str, text: str) -> None:
        """Enter ABORT for the testcase a dead worker was busy with."""
        if nodeid in self.collected:
            testcase, subject = self.collected[nodeid]
            self.record(aborted(testcase, subject, f"the worker process died: {text}"))

    def prepare(self, collected: dict[str, tuple[str, Subject]], reads: dict[str, list[str]]) -> None:
        """Read the clouds, once, when it is known which testcases will run; share it with workers if there are any.

        ``collected``: node id -> (testcase, subject); ``reads``: testcase -> the sections of the inventory it reads.
        Raises InputError, before anything is contacted, if this machine does not allow it.
        """
        if self.collection_known:
            return
        sections = {section for wanted in reads.values() for section in wanted}
        self.source.check(sections)
        self.collection_known = True
        self.collected, self.reads = collected, reads
        if not collected:
            return
        self.source.prepare(sections)
        if self.folder:
            self.source.share(self.folder)
        self.source.start()

    def publish(self) -> None:
        """Tell the main process what this worker collected; all workers write the same."""
        if self.folder:
            write_atomically(
                self.folder / COLLECTION,
                json.dumps(
                    {
                        "items": {
                            nodeid: (entry, self.subjects.index(one)) for nodeid, (entry, one) in self.collected.items()
                        },
                        "reads": self.reads,
                    }
                ),
            )

    def prepare_for_workers(self) -> None:
        """Read the clouds as soon as the first worker has collected."""
        if self.folder is None or not (self.folder / COLLECTION).exists():
            return  # the worker's own errors end the run
        data = json.loads((self.folder / COLLECTION).read_bytes())
        self.prepare(
            {nodeid: (entry[0], self.subjects[entry[1]]) for nodeid, entry in data["items"].items()}, data["reads"]
        )

    def workerinput(self) -> dict[str, Any]:
        """What a worker needs to know, in plain types."""
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="scs-"))
        return {"folder": str(self.folder), "clouds": list(self.source.clouds), "date": self.selection.date.isoformat()}

    def run(self, interrupted: bool, stopped: str = "") -> Run:
        """All results, complete: every chosen testcase has exactly one verdict on every subject.

        ``stopped``: what ended the run early, in words, where the user had asked for that.
        """
        chosen = frozenset(testcase for testcase, _ in self.collected.values())
        if not self.collection_known:
            chosen = frozenset(self.selection.expected)
        done = all((testcase, subject) in self.results for testcase in chosen for subject in self.subjects)
        interrupted = interrupted or (bool(stopped) and not done)
        cause = f"not run: {stopped or 'the run was interrupted'}" if interrupted else "not run"
        subject_runs = []
        for subject in self.subjects:
            results = {}
            for entry in self.selection.expected.values():
                known = self.results.get((entry.id, subject))
                results[entry.id] = known or missing(entry, subject, cause if entry.id in chosen else "not selected")
            subject_runs.append(SubjectRun(subject, results, self._debug(subject)))
        return Run(self.selection, self.settings.judge, subject_runs, chosen, self._now(), interrupted, self.redact)

    def close(self) -> None:
        """End what was started and remove the folder shared with workers."""
        self.source.close()
        if self.folder and self.worker is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def known(self, subject: Subject) -> Inventory | None:
        """What was read of a subject; None if the run ended before."""
        try:
            inventory = self.inventory(subject)
        except KeyError:
            return None
        return inventory if inventory.fetched_at else None

    def _debug(self, subject: Subject) -> dict[str, Any]:
        inventory = self.known(subject)
        if inventory is None:
            return {}
        return {
            "evidence_read_at": inventory.fetched_at,
            "requests": dict(inventory.requests),
            "requests_total": sum(inventory.requests.values()),
            "requests_by_testcase": self._requests(inventory),
            "seconds_reading": inventory.seconds,
            "seconds_probing": dict(inventory.probe_seconds),
            "region": inventory.region,
            "roles": list(inventory.roles),
            "left_incomplete": [self.redact(line) for line in self.incomplete],
        }

    def _requests(self, inventory: Inventory) -> dict[str, int]:
        """How many requests each testcase took; testcases that read the same share them."""
        return {
            testcase: sum(inventory.section_requests.get(section, 0) for section in sections)
            for testcase, sections in sorted(self.reads.items())
        }

    def _now(self) -> str:
        known = self.known(self.subjects[0])
        return known.fetched_at if known else self.started.isoformat()


def open_session(settings: Settings, base: Path, *, contact: bool) -> Session:
    """Begin a run in the process the user started.

    ``base`` is the folder relative names start from; without ``contact`` (plan, collection only) no cloud is needed.
    Raises InputError.
    """
    redact, progress = Redactor(), Progress()
    document = recording.read_evidence(settings.replay) if settings.replay else None
    recorded = (
        recording.inventories(settings.replay, document, settings.clouds) if settings.replay and document else None
    )
    date = settings.date or (_recorded_date(recorded) if recorded else dt.datetime.now(dt.UTC).date())
    selection = select(settings.scopes, date, settings.targets, base)
    if settings.replay and document:
        recording.check_scopes(settings.replay, document, selection.scopes)
    for option, path in (("--scs-report", settings.report), ("--scs-record", settings.record)):
        if path and contact:
            check_writable(path, option)
    attestations = _attestations(settings, selection, settings.clouds or tuple(recorded or ()))
    source: Source
    if recorded is not None:
        source = Recorded(recorded)
    elif not contact:
        source = Recorded({name: Inventory(name, "") for name in settings.clouds or ("cloud",)})
    elif not settings.clouds:
        raise InputError(
            "no cloud to judge: name one of clouds.yaml with --os-cloud=NAME or $OS_CLOUD, or try --os-cloud=demo"
        )
    else:
        source = Clouds(
            settings.clouds,
            deadline=settings.deadline,
            skip_preflight=settings.skip_preflight,
            redact=redact,
            extras=settings.extras,
            progress=progress,
        )
    session = Session(settings, selection, source, redact)
    session.progress = progress
    session.attestations = attestations
    return session


def open_worker(settings: Settings, base: Path, handed: dict[str, Any], worker: str) -> Session:
    """Begin the same run in an xdist worker, with what :meth:`Session.workerinput` handed over."""
    selection = select(settings.scopes, dt.date.fromisoformat(handed["date"]), settings.targets, base)
    session = Session(settings, selection, Shared(Path(handed["folder"]), handed["clouds"]), Redactor())
    session.folder = Path(handed["folder"])
    session.worker = worker
    session.attestations = _attestations(settings, selection, session.source.clouds)
    return session


def _attestations(settings: Settings, selection: Selection, clouds: Sequence[str]) -> AttestationFile | None:
    if settings.attestations is None:
        return None
    return open_attestations(settings.attestations, selection.scopes, [_subject(settings, cloud) for cloud in clouds])


def _subject(settings: Settings, cloud: str) -> str:
    return settings.subject or subject_of(cloud)


def _recorded_date(recorded: dict[str, Inventory]) -> dt.date:
    return min(dt.datetime.fromisoformat(inventory.fetched_at) for inventory in recorded.values()).date()
