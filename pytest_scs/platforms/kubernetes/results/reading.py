# SPDX-License-Identifier: Apache-2.0
"""From the files of one or several runs of the e2e suite to one result (docs/standards/scs-0201.md#result)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_file
from pytest_scs.platforms.kubernetes.results import sonobuoy_files
from pytest_scs.platforms.kubernetes.results.members import Member, explained, is_archive, members
from pytest_scs.platforms.kubernetes.results.one_run import OneRun
from pytest_scs.standards.kaas.e2e_collect import Collected, Outcome, is_conformance, is_network_policy
from pytest_scs.standards.kaas.e2e_run import E2eRun

#: What is taken for a result, in words.
WHAT: Final = (
    "a tarball or folder of sonobuoy (plugins/e2e/), the output folder of hydrophone (e2e.log, junit_01.xml) "
    "or a JUnit file of the e2e suite"
)

# Where in a folder or archive a run begins, and what lies there: sonobuoy's layout, then hydrophone's.
_SONOBUOY: Final = re.compile(
    r"(?P<root>(?:.*/)?)(?P<file>plugins/e2e/.*|meta/config\.json|serverversion\.json)", re.DOTALL
)
_HYDROPHONE: Final = re.compile(r"(?P<root>(?:.*/)?)(?P<file>junit[^/]*\.xml|e2e\.log)", re.DOTALL)
_NEITHER: Final = re.compile(r"(?:.*/)?(?:podlogs|resources|hosts|plugins)/", re.DOTALL)


def read_results(path: Path, *more: Path) -> E2eRun:
    """The result of the e2e suite at ``path``; with ``more`` that of several runs which make one (mode ``split``).

    Each path is a tarball of sonobuoy (``retrieve -f``) or the folder it was unpacked into (``retrieve -x``), the
    output folder of hydrophone, a folder with several of these, or a JUnit file alone. Nothing is unpacked or changed,
    and memory and time are bounded whatever the files hold.

    Promises: for anything with a trace of a result there is an E2eRun, and what is broken or missing in it (no JUnit
    file, one that ends in the middle, an error of the plugin) is in its ``problems``, beside what could be read. It
    says which ``runner`` made it, with versions and times as far as the files do; ``given`` and ``mode`` are left for
    the caller, who adds problems of its own with ``with_problem``. Raises InputError, in one line that names the path,
    where there is no result at all: no such file, a damaged archive, something else. Raises nothing else.
    """
    runs = [run for one in (path, *more) for run in _runs(one)]
    together = Collected()
    for run in runs:
        together.add_all(run.collected)
    first = runs[0]
    return E2eRun(
        runner=first.runner,
        runner_version=first.runner_version,
        aggregator=_of_all(run.aggregator for run in runs),
        server_version=_of_all(run.server_version for run in runs),
        suite_version=_of_all(run.suite_version for run in runs),
        started=min((run.started for run in runs if run.started), default=None),
        ended=max((run.ended for run in runs if run.ended), default=None),
        dry=any(run.dry for run in runs),
        problems=tuple(problem for run in runs for problem in run.problems),
        parts=tuple(run.part() for run in runs),
        every=together.tally(),
        conformance=together.tally(is_conformance),
        network_policy=together.tally(is_network_policy),
        failures=tuple(together.having(Outcome.FAILED)),
        flaky=together.flaky(),
        left_out=tuple(together.having(Outcome.SKIPPED)),
        unclear=tuple(together.having(Outcome.UNCLEAR)),
        suite_failures=together.failed_nodes(),
        files=tuple(name for run in runs for name in run.files),
    )


def _of_all(values: Iterable[str]) -> str:
    """What runs say that belong together: one value, or all of them where they differ."""
    return ", ".join(dict.fromkeys(filter(None, values)))


def _runs(path: Path) -> list[OneRun]:
    """The runs at a path, one at least, each read to its end; raises InputError."""
    try:
        path.stat()
        if path.is_dir():
            return _of_members(path)
        check_file(path)
        if is_archive(path):
            return _of_members(path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}; name {WHAT}") from None
    return [_of_junit_file(path)]


def _of_junit_file(path: Path) -> OneRun:
    with explained(path), path.open("rb") as stream:
        start = stream.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n")
        if not start:
            raise InputError(f"{path} is empty; name {WHAT}")
        if not start.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
            raise InputError(f"{path} is none of what is known here; name {WHAT}")
        stream.seek(0)
        run = OneRun()
        run.take("junit.xml", Member(path.name, path.stat().st_mtime, stream))
        run.end()
    return run


def _of_members(path: Path) -> list[OneRun]:
    runs: dict[str, OneRun] = {}
    with explained(path):
        for member in members(path):
            if found := _place(member.name):
                root, file = found
                runs.setdefault(root, OneRun()).take(file, member)
    found_runs = {root: run for root, run in sorted(runs.items()) if run.has_result}
    if not found_runs:
        raise InputError(f"{path} holds no result of the e2e suite; name {WHAT}")
    for root, run in found_runs.items():
        run.end()
        if run.problems and run.namespace:
            run.explain(_state_of_pods(path, root, run.namespace))
    return list(found_runs.values())


def _place(name: str) -> tuple[str, str] | None:
    """Where the run begins that a file belongs to, and its name from there; None for what is not read."""
    if match := _SONOBUOY.fullmatch(name):
        return match["root"], match["file"]
    match = _HYDROPHONE.fullmatch(name)
    return (match["root"], match["file"]) if match and not _NEITHER.match(name) else None


def _state_of_pods(path: Path, root: str, namespace: str) -> Iterator[str]:
    """Why the pod of the suite was not well, as the cluster said at the end of a run; nothing if it did not."""
    wanted = f"{root}resources/ns/{namespace}/core_v1_"
    states: list[str] = []
    names: set[str] = set()
    events: list[Any] = []
    with explained(path):
        for member in members(path):
            if member.name == f"{wanted}pods.json":
                for pod in _items(member):
                    if sonobuoy_files.is_suite_pod(pod):
                        names.add(str(pod["metadata"].get("name")))
                        states.append(sonobuoy_files.pod_state(pod))
            elif member.name == f"{wanted}events.json":
                events = _items(member)
    # The events say at length what made the state what it is.
    yield from filter(None, states) if any(states) else sonobuoy_files.warnings_about(names, events)


def _items(member: Member) -> list[Any]:
    try:
        items = sonobuoy_files.read_object(member.stream).get("items")
    except ValueError:
        return []
    return items if isinstance(items, list) else []
