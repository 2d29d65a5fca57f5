# SPDX-License-Identifier: Apache-2.0
"""Results of the Kubernetes e2e suite as its runners write them, made small or as large as a real one."""

from __future__ import annotations

import dataclasses
import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

#: As many as the suite of Kubernetes 1.36 has.
CONFORMANCE, SERIAL, NETWORK_POLICY = 446, 29, 50

#: When the files in an archive were changed: on the first day of 2026.
CHANGED = 1767225600

_SUITE = "Kubernetes e2e suite"


@dataclasses.dataclass(frozen=True)
class Test:
    """One test as the suite writes it down; ``message`` is that of a failure, or why it skipped itself."""

    __test__ = False

    name: str
    status: str = "passed"
    message: str = ""
    output: str = ""

    def xml(self) -> str:
        """Its element."""
        inside = ""
        if self.status in ("failed", "timedout", "aborted"):
            inside = (
                f'<failure message="" type="{self.status}">[{self.status.upper()}] {escape(self.message)}\n'
                "In [It] at: k8s.io/kubernetes/test/e2e/network.go:42 @ 11/27/26 01:21:59.1</failure>"
            )
        elif self.status in ("panicked", "interrupted"):
            inside = f'<error message="" type="{self.status}">[{self.status.upper()}] {escape(self.message)}</error>'
        elif self.status == "skipped":
            reason = f"skipped - {self.message}" if self.message else "skipped"
            inside = f"<skipped message={quoteattr(reason)}></skipped>"
        if self.output:
            inside += f"<system-err>{escape(self.output)}</system-err>"
        return (
            f'<testcase name={quoteattr(self.name)} classname="{_SUITE}" status="{self.status}" time="1.5">'
            f"{inside}</testcase>"
        )


def conformance(status: str = "passed", serial: str = "passed") -> list[Test]:
    """All conformance tests with these statuses, and what else the suite has, left out."""
    return [
        *(
            Test(f"[It] [sig-node] Pods do thing {number} [Conformance]", status)
            for number in range(CONFORMANCE - SERIAL)
        ),
        *(Test(f"[It] [sig-apps] Daemon set does {number} [Serial] [Conformance]", serial) for number in range(SERIAL)),
        *network_policy("skipped"),
        Test("[It] [sig-storage] Something else [Slow]", "skipped"),
    ]


def network_policy(status: str = "passed") -> list[Test]:
    """All NetworkPolicy tests with this status."""
    return [
        Test(f"[It] [sig-network] Netpol NetworkPolicy should hold {number} [Feature:NetworkPolicy]", status)
        for number in range(NETWORK_POLICY)
    ]


def networking(status: str = "passed") -> list[Test]:
    """All NetworkPolicy tests with this status, the conformance tests left out."""
    return [*conformance("skipped", "skipped")[: CONFORMANCE - 1], *network_policy(status)]


#: Nodes of the suite that are in every result.
NODES = (
    Test("[ReportBeforeSuite]"),
    Test("[SynchronizedBeforeSuite]"),
    Test("[ReportAfterSuite] [sig-testing] Log Check"),
)


def junit(
    tests: Sequence[Test],
    nodes: Sequence[Test] = NODES,
    timestamp: str = "2026-11-27T01:00:00",
    seconds: str = "3600.5",
    **properties: str,
) -> str:
    """A JUnit file of the suite; ``properties`` such as ``DryRun``."""
    listed = {"SuiteSucceeded": "true", "SpecialSuiteFailureReason": "", "DryRun": "false"} | properties
    lines = [f'<property name="{name}" value="{value}"></property>' for name, value in listed.items()]
    cases = "\n".join(test.xml() for test in (*nodes, *tests))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="1">\n'
        f'<testsuite name="{_SUITE}" package="/usr/local/bin" time="{seconds}" timestamp="{timestamp}">\n'
        f"<properties>{''.join(lines)}</properties>\n{cases}\n</testsuite>\n</testsuites>\n"
    )


def log(announced: int, known: int = 7579, flaky: Sequence[str] = ()) -> str:
    """The log of the suite, run with ``-v``."""
    repeated = "".join(
        f"------------------------------\n↺ [FLAKEY TEST - TOOK 2 ATTEMPTS TO PASS] [4.2 seconds]\n{name} [sig-node]\n"
        for name in flaky
    )
    return (
        f"Running Suite: {_SUITE} - /usr/local/bin\n\nWill run {announced} of {known} specs\nSSSS\n"
        f"  e2e.go:245] e2e test version: v1.36.3\n  e2e.go:254] kube-apiserver version: v1.36.3\n{repeated}"
    )


def executed(tests: Sequence[Test]) -> int:
    """How many of the tests ran."""
    return sum(test.status not in ("skipped", "pending") for test in tests)


def sonobuoy(tests: Sequence[Test], announced: int | None = None, flaky: Sequence[str] = ()) -> dict[str, str]:
    """The files of sonobuoy's archive, by name, of a run that came to its end."""
    return {
        "meta/config.json": json.dumps({"Version": "v0.57.3", "Namespace": "scs-conf-abc123"}),
        "serverversion.json": json.dumps({"major": "1", "minor": "36", "gitVersion": "v1.36.3"}),
        "plugins/e2e/results/global/junit_01.xml": junit(tests),
        "plugins/e2e/results/global/e2e.log": log(executed(tests) if announced is None else announced, flaky=flaky),
        "plugins/e2e/sonobuoy_results.yaml": (
            "name: e2e\nstatus: passed\nmeta:\n  type: summary\nitems:\n- name: junit_01.xml\n  status: passed\n"
            f"  meta:\n    type: file\n  items:\n  - name: {_SUITE}\n    status: passed\n    items:\n"
            "    - name: '[It] a'\n      status: passed\n"
        ),
    }


PLUGIN_TIMEOUT = "Plugin timeout while waiting for results so there are no results."


def timed_out() -> dict[str, str]:
    """The files of sonobuoy's archive after its time-out: no JUnit file, and an error."""
    files = sonobuoy([])
    del files["plugins/e2e/results/global/junit_01.xml"], files["plugins/e2e/results/global/e2e.log"]
    return files | {
        "plugins/e2e/errors/global/error.json": json.dumps({"error": PLUGIN_TIMEOUT}),
        "plugins/e2e/sonobuoy_results.yaml": (
            f"name: e2e\nstatus: failed\nmeta:\n  type: summary\nitems:\n- name: {PLUGIN_TIMEOUT}\n  status: timeout\n"
            f"  meta:\n    file: errors/global/error.json\n  details:\n    error: {PLUGIN_TIMEOUT}\n"
        ),
    }


def folder(path: Path, files: dict[str, str]) -> Path:
    """Write the files below a folder, which is made."""
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    return path


def archive(path: Path, files: dict[str, str]) -> Path:
    """Write the files into an archive like sonobuoy's."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            data = content.encode()
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(data), CHANGED
            tar.addfile(member, io.BytesIO(data))
    return path
