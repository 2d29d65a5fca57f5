# SPDX-License-Identifier: Apache-2.0
"""Results of the e2e suite that were made elsewhere: ``--scs-e2e-results`` and ``--scs-okfail``."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.files import why_unreadable
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.results.matching import check_time
from pytest_scs.platforms.kubernetes.results.reading import read_results
from pytest_scs.standards.kaas.e2e_exceptions import ExcusedTest, read_exceptions
from pytest_scs.standards.kaas.e2e_judgement import as_of, as_searched
from pytest_scs.standards.kaas.e2e_run import E2eRun

if TYPE_CHECKING:
    from pytest_scs.platforms.kubernetes.probing import Probing
    from pytest_scs.platforms.kubernetes.settings import KubernetesSettings

OPTION: Final = "--scs-e2e-results"


def given_run(testcase: str, probing: Probing) -> E2eRun | None:
    """The result that the user gave for a testcase, None if he gave none; for a probe that needs ``server_version``.

    Raises Inconclusive where the version of the cluster could not be read, or the result is gone since the run began.
    """
    path = probing.settings.e2e_results.get(testcase)
    if path is None:
        return None
    from pytest_scs.platforms.kubernetes.listings import server_version

    version = server_version.SECTION.typed(probing.inventory)
    try:
        return dataclasses.replace(_read(testcase, path), cluster_version=version.git_version)
    except InputError as error:
        raise Inconclusive(str(error), CauseKind.NOT_GIVEN) from None


def with_exceptions(run: E2eRun, settings: KubernetesSettings) -> E2eRun:
    """The result together with the list of exceptions that the user gave, if he gave one.

    Raises Inconclusive where that list is gone since the run began, or one of its expressions takes too long.
    """
    if settings.okfail is None:
        return run
    try:
        entries = _given_exceptions(settings.okfail)
    except InputError as error:
        raise Inconclusive(str(error), CauseKind.NOT_GIVEN) from None
    check_time(entries, [as_searched(failure.name) for failure in run.failures])
    return dataclasses.replace(run, exceptions=entries)


def check_given(settings: KubernetesSettings) -> None:
    """Raise InputError if a file that the user gave for the e2e suite cannot be read, or its folder is none."""
    for testcase, path in settings.e2e_results.items():
        _read(testcase, path)
    if settings.okfail is not None:
        _given_exceptions(settings.okfail)
    if settings.e2e_repo_config is not None:
        _check_registry_map(settings.e2e_repo_config)
    if settings.e2e_dir is not None and settings.e2e_dir.exists() and not settings.e2e_dir.is_dir():
        raise InputError(f"--scs-e2e-dir: {settings.e2e_dir} is no folder; name one, which need not be there yet")


def _check_registry_map(path: Path) -> None:
    """Raise InputError for a file that the runners could not use either, before a run of hours begins."""
    try:
        content = yamlfile.load(path, "registry map")
    except InputError as error:
        raise InputError(f"--scs-e2e-repo-config: {error}") from None
    if not isinstance(content, Mapping) or not all(isinstance(value, str) for value in content.values()):
        raise InputError(
            f"--scs-e2e-repo-config: registry map {path} must be a mapping of registries, e.g. "
            f"promoterE2eRegistry: registry.example.org/e2e"
        )


def needs_own_report(settings: KubernetesSettings, selected: Collection[str], now: dt.datetime) -> str:
    """What makes a report of another time than that of a run at ``now`` (UTC), in words; empty if nothing does.

    ``selected`` are the testcases of the run. Raises InputError for a result that cannot be read.
    """
    for testcase, path in settings.e2e_results.items():
        if testcase in selected and (moment := as_of(_read(testcase, path), now)):
            return f"{OPTION}={testcase}: the result is of {moment:%Y-%m-%d %H:%M} UTC"
    return ""


def _read(testcase: str, path: Path) -> E2eRun:
    try:
        stamp = path.stat()
        return _read_once(path, stamp.st_mtime_ns, stamp.st_size)
    except OSError as error:
        raise InputError(f"{OPTION}={testcase}: cannot read {path}: {why_unreadable(error)}") from None
    except InputError as error:
        raise InputError(f"{OPTION}={testcase}: {error}") from None


@functools.lru_cache(maxsize=4)
def _read_once(path: Path, changed: int, size: int) -> E2eRun:
    """The result at a path as it was at that time: it is looked at when the run begins, and judged later."""
    return dataclasses.replace(read_results(path), given=True)


def _given_exceptions(path: Path) -> tuple[ExcusedTest, ...]:
    try:
        return read_exceptions(path)
    except InputError as error:
        raise InputError(f"--scs-okfail: {error}") from None
