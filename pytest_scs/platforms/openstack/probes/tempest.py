# SPDX-License-Identifier: Apache-2.0
"""The results of Tempest: run here in two throw-away accounts, or read from a file (docs/standards/scs-0128.md)."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from pytest_scs.evidence.phase import doing
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.listings import flavors as flavors_listing
from pytest_scs.platforms.openstack.listings import images as images_listing
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.tempest import accounts as test_accounts
from pytest_scs.platforms.openstack.tempest import conf, process
from pytest_scs.platforms.openstack.tempest.given import INSTALL, read_results
from pytest_scs.platforms.openstack.tempest.stream import Results
from pytest_scs.standards.iaas.tempest_choice import choose_parts
from pytest_scs.standards.iaas.tempest_list import listed_tests, resolve
from pytest_scs.standards.iaas.tempest_outcomes import FAILED, PASSED, SKIPPED, TempestRun, counts, outcomes, teardowns

#: Seconds for a failing request of a test account to be tried again.
DEADLINE = 60

_LACKING = (
    "it needs two throw-away accounts (--scs-tempest-accounts=A,B: entries of clouds.yaml, users with name, password "
    "and the role member in two projects with nothing else in them) or a result made elsewhere "
    "(--scs-tempest-results=FILE)"
)


def probe(probing: Probing) -> dict[str, Any]:
    """What became of each listed test: see :class:`TempestRun`."""
    if probing.extras.tempest_results:
        return read_results(probing.extras.tempest_results).to_plain()
    if not probing.extras.tempest_accounts:
        return TempestRun(False, problem=_LACKING).to_plain()
    if not (version := _installed()):
        return TempestRun(True, problem=f"Tempest is not installed; {INSTALL}").to_plain()
    return _run(probing, version).to_plain()


def _run(probing: Probing, version: str) -> TempestRun:
    started = time.monotonic()
    environment = probing.client.surroundings.environment
    doing("tempest: its accounts and configuration")
    with process.workspace() as folder:
        survey = _prepare(probing, folder)
        results = Results()
        known = process.list_tests(folder, probing.cancelled, environment)
        ids = resolve(known)
        probing.progress(
            f"tempest: {len(ids)} of {len(listed_tests())} tests begin; they take from 15 minutes to 3 hours"
        )
        problem = process.run_tests(
            folder,
            list(ids.values()),
            results,
            probing.cancelled,
            _teller(probing, results, known),
            environment,
            patience=probing.client.patience,
        )
    records = results.records()
    return TempestRun(
        given=True,
        how="ran",
        problem=problem,
        version=version,
        finished=dt.datetime.now(dt.UTC).replace(microsecond=0),
        seconds=round(time.monotonic() - started, 1),
        config=conf.facts(survey),
        tests=outcomes(records, known),
        teardowns=teardowns(records),
    )


def _installed() -> str:
    """The version of Tempest, empty if it or the reader of its results is not there."""
    try:
        importlib.metadata.version("python-subunit")
        return importlib.metadata.version("tempest")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _prepare(probing: Probing, folder: Path) -> conf.Survey:
    """Let the accounts in, note what they have, and write Tempest's configuration; raises Inconclusive."""
    names = probing.extras.tempest_accounts
    opened = [
        test_accounts.open_account(
            name, Client(probing.others[name], DEADLINE, surroundings=probing.client.surroundings)
        )
        for name in names
    ]
    test_accounts.check_apart(probing.client, probing.inventory.region, opened)
    images = images_listing.SECTION.typed(probing.inventory)
    parts = choose_parts(images, flavors_listing.SECTION.typed(probing.inventory))
    survey = test_accounts.survey(opened[0], probing.inventory.region, parts)
    for one in opened:
        test_accounts.check_idle(one)
        test_accounts.require_quota(one, parts)
    prefix = ""
    for number, one in enumerate(opened):
        janitor = probing.janitor.beside(one.client, one.account.name)
        prefix = janitor.prepare_for_program("0128")
        if "network" in survey.services:
            opened[number] = test_accounts.add_network(one, janitor)
    _write(folder / "tempest.conf", conf.render(conf.sections(survey, prefix, folder)))
    _write(folder / "accounts.yaml", conf.accounts_yaml([one.account for one in opened]))
    return survey


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")


def _teller(probing: Probing, results: Results, known: Collection[str]) -> Callable[[], None]:
    """Says how far Tempest is."""
    began, limit = time.monotonic(), process.LIMIT * probing.client.patience
    counted: dict[int, str] = {}

    def tell() -> None:
        records = results.records()
        if len(records) not in counted:  # counting takes longer than looking
            found = counts(outcomes(records, known))
            done = found[PASSED] + found[FAILED] + found[SKIPPED]
            text = f"tempest: {done} of {len(listed_tests())} tests, {found[FAILED]} failed, {found[SKIPPED]} skipped"
            counted.clear()
            counted[len(records)] = text
        doing(counted[len(records)], limit, ago=time.monotonic() - began)

    return tell


SECTION: Section[TempestRun] = Section(
    name="tempest",
    words="the results of Tempest",
    summary="The results of Tempest.",
    load=single(TempestRun.from_plain),
    probe=probe,
    lasts=3600,
    needs=("flavors", "images"),
    creates="servers, volumes, networks, images and more in the projects of --scs-tempest-accounts",
    only_reads=lambda settings: bool(settings.extras.tempest_results),
    idle=lambda settings: not settings.extras.tempest_accounts,
)
