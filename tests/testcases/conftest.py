# SPDX-License-Identifier: Apache-2.0
"""Demo clouds and clusters that break one rule or another, and what runs say about them.

Every testcase is tested in three directions: a cloud that conforms, a cloud that breaks its rule, and a cloud whose
API is broken. Runs are few, because each takes a moment: one cloud breaks many rules, one object per rule.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import functools
import itertools
import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any

# Inner runs forget the modules they load: this one would be loaded anew by each of them, which takes most of its time.
import openstack.connection  # noqa: F401
import pytest

from pytest_scs.core.subject import Subject
from pytest_scs.demo.kubernetes.state import ClusterState
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.platforms.kubernetes import reader
from pytest_scs.platforms.openstack import gather

#: Noon of an ordinary Monday, so that no verdict here depends on the day the tests are run.
NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)

#: With these every testcase is selected that reads the cloud. The embedded cloud speaks plain HTTP and breaks scs-0125,
#: which has tests of its own.
EVERYTHING = (
    "--scs-scope=iaas-v4",
    "--scs-scope=iaas-next",
    "--scs-scope=beyond-v1",
    "-m",
    "not heavy and not manual and not scs_0125",
)

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VIOLATION = re.compile(
    rf"(?P<resource>.+?)(?: \((?P<uuid>{UUID.pattern})\))?: (?P<rule>.+?): "
    r"expected (?P<expected>.+), found (?P<found>.+?)"
    r"(?:; a violation only for (?P<only>the official suite|the text of the standard))?"
    r"(?: \((?P<row>DEV-[0-9]+-[0-9]+)\))?"
)

#: What Glance shows of an image even where it is not set; anything else is simply not there.
BASE_PROPERTIES = ("name", "size", "virtual_size", "min_disk", "min_ram", "os_hash_algo", "os_hash_value")

#: What goes wrong, and the words for it about a listing and about the token.
FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "503": ({"status": 503}, " with 503", " with 503"),
    "403": ({"status": 403}, " with 403", " with 403"),
    "garbage": (
        {"action": "garbage"},
        "something that is no JSON object",
        "expected an object, got nothing of the kind",
    ),
}
#: What testcases read, and the request that fetches it.
APIS = {"flavors": "/flavors/detail", "images": "/v2/images", "volume_types": "/types"}


@dataclasses.dataclass(frozen=True)
class Violation:
    """One violation as it is shown; ``uuid`` is empty where it is about no single object.

    ``row`` is that of the list of differences. ``only`` names the judge if it is not the one who decides.
    """

    resource: str
    uuid: str
    rule: str
    expected: str
    found: str
    only: str
    row: str
    hint: str


@dataclasses.dataclass(frozen=True)
class Reading:
    """An inner run, read with the questions that tests of testcases have."""

    run: Any

    @property
    def ret(self) -> int:
        return int(self.run.ret)

    @property
    def verdicts(self) -> dict[str, str]:
        return dict(self.run.verdicts)

    @property
    def failed(self) -> set[str]:
        return set(self.run.having("FAIL"))

    @property
    def differing(self) -> dict[str, tuple[str, str]]:
        """Testcase -> what the official suite and the text say, where they differ."""
        return {testcase: (both["official"], both["text"]) for testcase, both in self.run.differing.items()}

    @functools.cached_property
    def _lines(self) -> dict[str, list[str]]:
        """Testcase -> its lines on the terminal, which are complete; those in the YAML report may be cut."""
        found: dict[str, list[str]] = defaultdict(list)
        testcase = ""
        for line in self.run.result.outlines:
            if match := re.match(r"  (FAIL|warning) ([\w.-]+)(?: \(.*\))?: (.*)", line):
                testcase = match[2] if match[1] == "FAIL" else ""
                found[match[2]].extend([match[3]] if match[1] == "warning" else [])
            elif line.startswith("    ") and testcase:
                found[testcase].append(line[4:])
            else:
                testcase = ""
        return found

    def messages(self, testcase: str) -> list[str]:
        return self._lines[testcase]

    def causes(self, testcase: str) -> list[str]:
        """Why there is no verdict."""
        return [line for line in self.run.messages(testcase) if line.startswith("ERROR: not decided: ")]

    def violations(self, testcase: str) -> list[Violation]:
        """The violations that count for the judge who decides."""
        return [violation for violation in self._violations(testcase) if not violation.only]

    def tolerated(self, testcase: str) -> list[Violation]:
        """The violations that count for the other judge only."""
        return [violation for violation in self._violations(testcase) if violation.only]

    def remarks(self, testcase: str) -> list[str]:
        """Lines that are neither violations nor the commands that mend them."""
        lines = [line for line in self.messages(testcase) if not line.startswith(" ")]
        return [line for line in lines if not VIOLATION.fullmatch(line)]

    def named(self, testcase: str) -> set[str]:
        """The UUIDs of all objects that are mentioned, for whatever reason."""
        return {found for line in self.messages(testcase) for found in UUID.findall(line)}

    def _violations(self, testcase: str) -> list[Violation]:
        found = []
        lines = self.messages(testcase)
        for line, following in itertools.zip_longest(lines, lines[1:], fillvalue=""):
            if match := VIOLATION.fullmatch(line):
                hint = following.removeprefix("    mend: ") if following.startswith("    mend: ") else ""
                found.append(Violation(**{key: value or "" for key, value in match.groupdict().items()}, hint=hint))
        return found


@dataclasses.dataclass(frozen=True)
class Dispute:
    """An object (``uuid``) that only one of the judges rejects in a testcase, and the row that says so."""

    testcase: str
    uuid: str
    rejected_by: str
    row: str


@pytest.fixture
def now() -> dt.datetime:
    """The instant at which dates are judged; a test may set another one by parametrization."""
    return NOW


@pytest.fixture(autouse=True)
def _clock(now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def inventory(subject: Subject, fetched_at: str) -> Inventory:
        return Inventory(subject, fetched_at=now.isoformat())

    monkeypatch.setattr(gather, "Inventory", inventory)
    monkeypatch.setattr(reader, "Inventory", inventory)


@pytest.fixture
def judge(judge: Any) -> Callable[..., Reading]:
    """Judge a cloud in all targets, and by all versions that have testcases of their own unless one is named."""

    def run(state: CloudState, *args: str, scope: str = "") -> Reading:
        everything = () if scope else EVERYTHING
        return Reading(judge(state, "--scs-target=all", "-vv", *everything, *args, scope=scope or "iaas-v5.1"))

    return run


@pytest.fixture
def judge_cluster(judge_cluster: Any) -> Callable[..., Reading]:
    """Judge a cluster in all targets; of the account and so on see the fixture of the same name for all tests."""

    def run(state: ClusterState, *args: str, **options: Any) -> Reading:
        return Reading(judge_cluster(state, "--scs-target=all", "-vv", *args, **options))

    return run


@pytest.fixture(scope="session")
def kept() -> dict[object, Reading]:
    """Runs that several files look at."""
    return {}


@pytest.fixture
def conforming(judge: Any, state: CloudState, kept: dict[object, Reading]) -> Callable[[], Reading]:
    """The run that judges the conforming cloud."""

    def run() -> Reading:
        if "conforming" not in kept:
            kept["conforming"] = judge(state)
        return kept["conforming"]

    return run


@pytest.fixture
def passes(conforming: Any) -> Callable[..., None]:
    """Assert that the conforming cloud passes these testcases whoever judges, and that no object is complained about.

    ``prefixes`` select what should be in the table ``testcases``, so that none is forgotten there.
    """

    def check(testcases: Collection[str], *prefixes: str) -> None:
        run = conforming()
        assert {testcase for testcase in run.verdicts if testcase.startswith(prefixes)} == set(testcases)
        for testcase in testcases:
            assert run.verdicts[testcase] == "PASS", (testcase, run.messages(testcase))
            assert run.violations(testcase) == run.tolerated(testcase) == [], testcase
            assert testcase not in run.differing, testcase

    return check


@pytest.fixture
def aborts(judge: Any, state: CloudState, kept: dict[object, Reading]) -> Callable[..., None]:
    """Assert that testcases are ABORT, and say why, if what they read is broken in any of three ways.

    ``reads`` is a key of APIS, or ``catalog``, which comes with the token. The other APIs are broken in another way
    each in the same run, so that a cause cannot be the one of a neighbour.
    """

    def run(reads: str, fault: str) -> Reading:
        broken = {reads: fault}
        if reads in APIS:
            kinds = list(FAULTS)
            turn = kinds.index(fault) - list(APIS).index(reads)
            broken = {name: kinds[(turn + position) % len(kinds)] for position, name in enumerate(APIS)}
        key = frozenset(broken.items())
        if key not in kept:
            for name, kind in broken.items():
                method, path = ("GET", APIS[name]) if name in APIS else ("POST", "/auth/tokens")
                state.faults.append(Fault(method, path, **FAULTS[kind][0]))
            kept[key] = judge(state)
            state.faults.clear()
        return kept[key]

    def check(testcases: Iterable[str], *, reads: str) -> None:
        for fault, (_, of_listing, of_token) in FAULTS.items():
            reading = run(reads, fault)
            assert reading.ret == 6, (reads, fault)
            assert reading.failed == set(), (reads, fault)
            expected = (f"cannot read {reads}: ", of_listing) if reads in APIS else ("identity ", of_token)
            for testcase in testcases:
                case = testcase, fault, reading.causes(testcase)
                assert reading.verdicts[testcase] == "ABORT", case
                assert len(reading.causes(testcase)) == 1, case
                assert all(words in reading.causes(testcase)[0] for words in expected), case

    return check


@pytest.fixture
def both_judge(judge: Any) -> Callable[..., tuple[Reading, Reading]]:
    """Judge a cloud by the official suite and by the text, and assert that they differ in these disputes only.

    ``ret`` are the two exit codes. The runs are returned in the same order.
    """

    def check(
        state: CloudState, disputes: Collection[Dispute], *args: str, ret: tuple[int, int], scope: str = ""
    ) -> tuple[Reading, Reading]:
        rejected = {dispute.testcase: dispute.rejected_by for dispute in disputes}
        verdicts = {"official": ("FAIL", "PASS"), "text": ("PASS", "FAIL")}
        runs = []
        for judged_by, code in zip(("official", "text"), ret, strict=True):
            run = judge(state, f"--scs-judge={judged_by}", *args, scope=scope)
            runs.append(run)
            assert run.ret == code, judged_by
            assert run.differing == {testcase: verdicts[who] for testcase, who in rejected.items()}, judged_by
            assert run.failed == {testcase for testcase, who in rejected.items() if who == judged_by}, judged_by
            for testcase in rejected:
                expected = {(entry.uuid, entry.row) for entry in disputes if entry.testcase == testcase}
                counted = {(entry.uuid, entry.row) for entry in run.violations(testcase)}
                others = {(entry.uuid, entry.row) for entry in run.tolerated(testcase)}
                decides = rejected[testcase] == judged_by
                assert (counted, others) == ((expected, set()) if decides else (set(), expected)), (testcase, judged_by)
        return runs[0], runs[1]

    return check


@pytest.fixture
def dispute() -> type[Dispute]:
    return Dispute


@pytest.fixture
def add_image(state: CloudState) -> Callable[..., str]:
    """Add an image to the cloud and return its UUID.

    It conforms but for the properties given, of which those that are None are absent. Its purpose is ``custom``, so
    that it may stand beside others of its release.
    """
    pattern = copy.deepcopy(next(image for image in state.images if image["name"] == "Ubuntu 24.04"))

    def add(name: str | None, **properties: Any) -> str:
        image = pattern | {"id": str(uuid.uuid4()), "name": name, "os_purpose": "custom"} | properties
        absent = [key for key, value in image.items() if value is None and key not in BASE_PROPERTIES]
        state.images.append({key: value for key, value in image.items() if key not in absent})
        return str(image["id"])

    return add


@pytest.fixture
def add_flavor(state: CloudState) -> Callable[..., str]:
    """Add a flavor to the cloud (RAM in MiB) and return its UUID; nothing is wrong with it unless its name is."""

    def add(name: str, vcpus: int = 128, ram: int = 1 << 20, disk: int = 1000, **more: Any) -> str:
        flavor = {
            "id": str(uuid.uuid4()),
            "name": name,
            "vcpus": vcpus,
            "ram": ram,
            "disk": disk,
            "is_public": True,
            "disabled": False,
            "description": None,
            "extra_specs": {"hw_rng:allowed": "True"},
        }
        state.flavors.append(flavor | more)
        return str(flavor["id"])

    return add
