# SPDX-License-Identifier: Apache-2.0
"""The record of a run of the e2e suite, from which ``--scs-e2e-resume`` takes it up: a file in ``--scs-e2e-dir``."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import Fields, FormError
from pytest_scs.base.files import read_bytes, why_unreadable, write_atomically

#: Bytes of a record.
_MOST = 4 << 20

RESUME = "--scs-e2e-resume"

#: What the options of a run are called in messages.
_OPTIONS = {
    "mode": "--scs-e2e-mode",
    "timeout": "--scs-e2e-timeout",
    "image": "--scs-e2e-image",
    "repo_config": "--scs-e2e-repo-config",
    "focus": "the choice of tests",
    "skip": "the choice of tests",
}


@dataclasses.dataclass(slots=True)
class RoundRecord:
    """A round: its namespace, when it began (UTC), and the results, relative to the folder; empty without any."""

    namespace: str
    began: str
    results: str = ""
    over: bool = False


@dataclasses.dataclass(slots=True)
class RunRecord:
    """A run of the suite.

    ``cluster`` identifies where it runs; ``options`` are what was asked for. ``before`` are the ids of the test
    namespaces that were there before, each with that of its suite's process, ``wide`` what was there for the whole
    cluster, each a kind and a name. ``finished``: it needs nobody any more.
    """

    tests: str
    cluster: str
    runner: str
    runner_version: str
    options: dict[str, str]
    began: str
    before: dict[str, str] = dataclasses.field(default_factory=dict)
    wide: list[list[str]] = dataclasses.field(default_factory=list)
    rounds: list[RoundRecord] = dataclasses.field(default_factory=list)
    finished: bool = False


def now() -> str:
    """The instant, in UTC, for a record."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def seconds_since(text: str) -> float:
    """Seconds since an instant of a record; 0 for one in the future."""
    return max(0.0, (dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(text)).total_seconds())


def options_of(
    *, mode: str, timeout: int, image: str, repo_config: Path | None, focus: str, skip: str
) -> dict[str, str]:
    """What a run was asked for, as it is recorded: of a file its content counts. Raises InputError."""
    content = ""
    if repo_config:
        try:
            content = hashlib.sha256(read_bytes(repo_config, _MOST)).hexdigest()
        except OSError as error:
            raise InputError(f"--scs-e2e-repo-config: cannot read {repo_config}: {why_unreadable(error)}") from None
    named = {"mode": mode, "timeout": str(timeout), "image": image, "repo_config": content}
    return {**named, "focus": focus, "skip": skip}


def record_path(folder: Path, tests: str) -> Path:
    """Where the record of a run of these tests is."""
    return folder / f"{tests}.json"


def write_record(folder: Path, record: RunRecord) -> None:
    """Write a record, whole or not at all; raises OSError."""
    text = json.dumps(dataclasses.asdict(record), indent=1)
    write_atomically(record_path(folder, record.tests), text + "\n")


def read_record(folder: Path, tests: str) -> RunRecord | None:
    """The record of a run, None if there is none; raises InputError for a file that is no record."""
    path = record_path(folder, tests)
    try:
        content = json.loads(read_bytes(path, _MOST))
        return _record(Fields("record", content))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{RESUME}: cannot read {path}: {why_unreadable(error)}") from None
    except (ValueError, RecursionError) as error:
        problem = str(error) if isinstance(error, FormError) else "it is no JSON"
        raise InputError(f"{RESUME}: {path} is no record of a run: {problem}; start one without {RESUME}") from None


def to_resume(folder: Path, tests: str, runner: str, options: Mapping[str, str]) -> RunRecord:
    """The recorded run that is to be taken up with these options; ``runner`` may be ``auto``.

    Raises InputError where there is none, it is finished, or it was started with other options.
    """
    record = read_record(folder, tests)
    if record is None:
        raise InputError(f"{RESUME}: no run of {tests} is recorded in {folder}; start one without {RESUME}")
    if record.finished:
        found = next((folder / one.results for one in record.rounds if one.results), None)
        what = f"judge it with --scs-e2e-results=TESTCASE={found}" if found else "it left no results"
        raise InputError(f"{RESUME}: the run of {tests} recorded in {folder} is over; {what}, or start a new one")
    if runner not in ("auto", record.runner):
        raise InputError(f"{RESUME}: the run of {tests} was started with {record.runner}, not with {runner}")
    for name, value in options.items():
        if record.options.get(name, "") != value:
            was = record.options.get(name) or "its default"
            raise InputError(
                f"{RESUME}: the run of {tests} was started with another {_OPTIONS[name]} ({was}); give the same, "
                f"or start a new one without {RESUME}"
            )
    return record


def _record(fields: Fields) -> RunRecord:
    options, before = fields.fields("options"), fields.fields("before")
    return RunRecord(
        tests=fields.name("tests"),
        cluster=fields.text("cluster"),
        runner=fields.name("runner"),
        runner_version=fields.text("runner_version"),
        options={name: options.text(name) for name in options.names()},
        began=fields.moment("began").isoformat(),
        before={uid: before.text(uid) for uid in before.names()},
        wide=[list(map(str, _pair(one))) for one in _list(fields.value("wide"))],
        rounds=[_round(one) for one in fields.each("rounds")],
        finished=fields.truth("finished"),
    )


def _round(fields: Fields) -> RoundRecord:
    results = fields.text("results")
    if results.startswith("/") or ".." in Path(results).parts:
        raise FormError(f"{fields.where}.results: it leads out of the folder")
    began = fields.moment("began").isoformat()
    return RoundRecord(fields.name("namespace"), began, results, fields.truth("over"))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise FormError("record.wide: it is no list")
    return value


def _pair(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise FormError("record.wide: it holds something else than a kind and a name")
    return value
