# SPDX-License-Identifier: Apache-2.0
"""Which tests of the e2e suite are run, and in how many rounds: the modes of ``--scs-e2e-mode``."""

from __future__ import annotations

import dataclasses

#: A skip pattern that fits nothing. An empty one would not do: the suite's image then leaves out the tests marked
#: ``[Serial]`` of a parallel run.
NOTHING = "no test has this name"

_CONFORMANCE = r"\[Conformance\]"
_SERIAL = r"\[Serial\]"
_DISRUPTIVE = r"\[Disruptive\]"
_SERIAL_CONFORMANCE = rf"{_SERIAL}.*{_CONFORMANCE}|{_CONFORMANCE}.*{_SERIAL}"

MODES = ("full", "serial", "split", "parallel", "dry")

#: Minor version of Kubernetes from which on the suite runs its serial tests alone at the end of a parallel run.
DECORATED = 29


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """A choice of tests: ``focus`` and ``skip`` are regular expressions for their names.

    ``name`` is what lines about the run and files call it. ``narrowed``: it is not what a standard asks for, only a
    trial of the machinery.
    """

    name: str
    focus: str
    skip: str
    narrowed: bool = False

    @property
    def has_serial_tests(self) -> bool:
        """Whether tests marked ``[Serial]`` are among them: no test of NetworkPolicy is."""
        return self.name == CONFORMANCE.name

    def narrow(self, focus: str) -> Choice:
        """The same with another focus, to try out a run in minutes; never the evidence for a verdict of PASS."""
        return dataclasses.replace(self, focus=focus, narrowed=True)


#: scs-0201-v1: all tests tagged ``[Conformance]``.
CONFORMANCE = Choice("conformance", _CONFORMANCE, NOTHING)

#: scs-0219-v1: the tests of NetworkPolicy.
NETWORKING = Choice("networking", "NetworkPolicy", _DISRUPTIVE)


@dataclasses.dataclass(frozen=True, slots=True)
class Round:
    """One start of the runner.

    ``everything``: these are all conformance tests and no others, for which runners have a mode of their own. ``dry``:
    the tests are listed, none is run.
    """

    focus: str
    skip: str
    parallel: bool
    everything: bool = False
    dry: bool = False


def effective_mode(mode: str, tests: Choice, minor: int) -> str:
    """The mode that is as complete as the user wants it to be on a server of Kubernetes 1.``minor``.

    Before 1.29 a parallel run would mix serial tests with others: ``full`` becomes ``split``.
    """
    return "split" if mode == "full" and minor < DECORATED and tests.has_serial_tests else mode


def rounds(tests: Choice, mode: str) -> tuple[Round, ...]:
    """The rounds of a run in one of :data:`MODES`, in order."""
    serial_left_out = f"{tests.skip}|{_SERIAL}" if tests.skip != NOTHING else _SERIAL
    plain = not tests.narrowed and tests.has_serial_tests
    match mode:
        case "dry":
            return (Round(tests.focus, tests.skip, parallel=False, dry=True),)
        case "serial":
            return (Round(tests.focus, tests.skip, parallel=False, everything=plain),)
        case "parallel" if tests.has_serial_tests:
            return (Round(tests.focus, serial_left_out, parallel=True),)
        case "split" if tests.has_serial_tests:
            focus = _serial_of(tests.focus) if tests.narrowed else _SERIAL_CONFORMANCE
            return (
                Round(tests.focus, serial_left_out, parallel=True),
                Round(focus, tests.skip, parallel=False),
            )
    return (Round(tests.focus, tests.skip, parallel=True, everything=plain),)


def _serial_of(focus: str) -> str:
    """The focus on those tests of another one that are marked ``[Serial]``."""
    return rf"{_SERIAL}.*({focus})|({focus}).*{_SERIAL}"
