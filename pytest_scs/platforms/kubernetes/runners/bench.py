# SPDX-License-Identifier: Apache-2.0
"""What a round of the suite is run with, and what becomes of it."""

from __future__ import annotations

import dataclasses
import re
import threading
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.external import Captured, Program, run_program, tail_of
from pytest_scs.platforms.kubernetes.client import Client
from pytest_scs.platforms.kubernetes.runners.commands import Call, Extras

#: ``level=error msg="..."`` of sonobuoy, ``09:31:56 ERR ...`` of hydrophone.
_COMPLAINT = re.compile(
    r'level=(?:error|fatal) msg="?(?P<one>(?:[^"\\]|\\.)*)"?|^\d\d:\d\d:\d\d ERR (?P<other>.*)$', re.M
)

#: Characters of what a program complained of that are shown.
_LONGEST = 600

#: Variables that a runner does not get: other clusters, options of its own, those of our test run. What plug-ins for
#: credentials need may have any name.
_NOT_INHERITED = ("KUBECONFIG", "PYTEST_", "SCS_", "SONOBUOY_")


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that parts of a run may take.

    ``start``: until the pods run; ``gone``: without a pod of the suite; ``retrieve``: for one of ``attempts`` to fetch
    the archive; ``delete``: for all that the run made to vanish, and ``farewell`` the same where the run was told to
    end; ``poll``: between two looks; ``margin``: for the runner to end by itself after the time limit of the run;
    ``answer``: for a short command.
    """

    start: float = 600
    gone: float = 120
    retrieve: float = 600
    attempts: int = 3
    delete: float = 900
    farewell: float = 120
    poll: float = 30
    margin: float = 900
    answer: float = 120

    def stretched(self, factor: float) -> Limits:
        """The same for a user with more patience; how often one looks stays."""
        kept = ("poll", "attempts")
        names = [field.name for field in dataclasses.fields(self) if field.name not in kept]
        return dataclasses.replace(self, **{name: getattr(self, name) * factor for name in names})


@dataclasses.dataclass(frozen=True, slots=True)
class Bench:
    """What a round is run with.

    ``name`` begins its lines, ``folder`` is for what it leaves, ``cancelled`` is set when it is to stop, ``say`` takes
    lines for a user who waits, ``environment`` is what programs inherit. ``elapsed``: seconds since a resumed round
    began. ``glance`` is called with each look at the round.
    """

    name: str
    client: Client
    call: Call
    extras: Extras
    folder: Path
    cancelled: threading.Event
    say: Callable[[str], None]
    environment: Mapping[str, str]
    limits: Limits = dataclasses.field(default_factory=Limits)
    elapsed: float = 0
    glance: Callable[[], None] = lambda: None

    def clean(self, text: str) -> str:
        """A text of a program without where the cluster is and which file leads there, on one line."""
        server = urllib.parse.urlsplit(self.client.server)
        for secret in (self.client.server, server.netloc, server.hostname or ""):
            text = text.replace(secret, "the API server") if len(secret) > 3 else text
        text = text.replace(str(self.call.kubeconfig), "the kubeconfig")
        return shown(" ".join(text.split()), _LONGEST)


@dataclasses.dataclass(frozen=True, slots=True)
class RoundEnd:
    """What became of a round.

    ``results`` is the archive or folder with its results, None if there are none. ``problem`` says why the round did
    not come to its end, empty if it did. ``done`` and ``total`` are counts of tests, ``failed`` the names of those that
    are known to have failed by themselves, ``destroyed`` the namespaces that tests removed.
    """

    results: Path | None
    problem: str = ""
    kind: CauseKind = CauseKind.UNDECIDABLE
    done: int = 0
    total: int | None = None
    failed: tuple[str, ...] = ()
    destroyed: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """What a command said: its exit code, its output, and its standard error; ``early`` as in Ending."""

    code: int
    output: str
    errors: str
    early: str


def ask(bench: Bench, command: Sequence[str], seconds: float, *, anyway: bool = False) -> Said:
    """Run a command to its end; ``anyway``: also when the run is to stop. Raises Inconclusive if it cannot be run."""
    captured = Captured()
    cancelled = threading.Event() if anyway else bench.cancelled
    errors = bench.folder / f"{Path(command[0]).name}.short.err"
    try:
        ending = run_program(program(bench, command, errors), captured.read, cancelled=cancelled, seconds=seconds)
    except OSError as error:
        text = f"{Path(command[0]).name} cannot be run: {error.strerror or 'it is no program'}"
        raise Inconclusive(text, CauseKind.MISSING_TOOL) from None
    return Said(ending.code, captured.text, tail_of(errors), ending.early)


def program(bench: Bench, command: Sequence[str], errors: Path) -> Program:
    """A runner's program with what it inherits."""
    inherited = {key: value for key, value in bench.environment.items() if not key.startswith(_NOT_INHERITED)}
    return Program(command=command, folder=bench.folder, errors=errors, environment=inherited)


def complaint(bench: Bench, errors: str, *, last: bool = True) -> str:
    """What a program complained of, in its own words; empty if it did not.

    ``last``: where nothing is marked as an error, the last line counts.
    """
    found = [(match["one"] or match["other"] or "").replace('\\"', '"') for match in _COMPLAINT.finditer(errors)]
    lines = [line for line in errors.splitlines() if line.strip()]
    return bench.clean("; ".join(dict.fromkeys(found or (lines[-1:] if last else []))))
