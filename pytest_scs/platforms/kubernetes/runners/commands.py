# SPDX-License-Identifier: Apache-2.0
"""The command lines of sonobuoy 0.57.3 and hydrophone 0.7.0 and later.

Nothing is run here. Two things are always said that the programs' defaults would spoil: ``--plugin e2e``, else sonobuoy
starts a privileged daemon set nobody needs; and focus and skip together, else the skip pattern of another mode holds.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from pytest_scs.platforms.kubernetes.runners.choice import NOTHING, Round

#: Where sonobuoy's worker takes the progress of the suite: what is given as extra arguments replaces its default.
_PROGRESS = "--progress-report-url=http://localhost:8099/progress"

#: A test that fails is tried once more (DEV-0201-9).
_ATTEMPTS = 2

_PLAIN = re.compile(r"v\d+\.\d+\.\d+")


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """What all command lines of a run share.

    ``program`` is the runner, ``kubeconfig`` the file whose current context is ``context``, ``namespace`` the run's
    own.
    """

    program: Path
    kubeconfig: Path
    context: str
    namespace: str


@dataclasses.dataclass(frozen=True, slots=True)
class Extras:
    """What the user and the cluster add to a run.

    ``seconds``: the time limit of a round. ``version``: the server's, ``v1.36.3`` without a vendor's suffix.
    ``image``: conformance image, empty for the Kubernetes project's. ``repo_config``: registry map; ``busybox`` what
    follows from it. ``processes``: how many of the suite's run side by side, for hydrophone. ``no_dns_check``: the
    cluster's DNS has other labels than sonobuoy looks for. ``options``: the long options that the program has.
    """

    seconds: int
    version: str = ""
    image: str = ""
    repo_config: Path | None = None
    busybox: str = ""
    processes: int = 2
    no_dns_check: bool = False
    options: frozenset[str] = frozenset()


def sonobuoy_run(call: Call, one: Round, extras: Extras) -> list[str]:
    """Start a round; sonobuoy comes back at once."""
    parallel = "true" if one.parallel else "false"
    if one.everything and not one.parallel:
        # This mode refuses to be mixed with a focus; it runs the tests one after the other.
        which = ["--mode", "certified-conformance"]
    else:
        which = ["--e2e-focus", one.focus, "--e2e-skip", one.skip, f"--e2e-parallel={parallel}"]
    command = [
        *_sonobuoy(call, "run"),
        *("--plugin", "e2e"),
        *which,
        *("--plugin-env", f"e2e.E2E_EXTRA_ARGS={_PROGRESS} --ginkgo.flake-attempts={_ATTEMPTS}"),
        *("--plugin-env", "e2e.E2E_EXTRA_GINKGO_ARGS=-v"),
        *(("--plugin-env", "e2e.E2E_DRYRUN=true") if one.dry else ()),
        *("--timeout", str(extras.seconds)),
    ]
    if extras.image:
        command += ["--plugin-image", f"e2e:{extras.image}", "--image-pull-policy", "IfNotPresent"]
    elif extras.version:
        command += ["--kubernetes-version", extras.version]
    if extras.repo_config:
        command += ["--e2e-repo-config", str(extras.repo_config)]
    if extras.no_dns_check:
        command += ["--skip-preflight=dnscheck"]
    return command


def sonobuoy_status(call: Call) -> list[str]:
    """How far it is, as JSON."""
    return [*_sonobuoy(call, "status"), "--json"]


def sonobuoy_retrieve(call: Call, folder: Path, name: str) -> list[str]:
    """Fetch the archive into a file called ``name`` in a folder."""
    return [*_sonobuoy(call, "retrieve"), "-f", name, str(folder)]


def sonobuoy_delete(call: Call, minutes: int) -> list[str]:
    """Remove the namespace and the cluster roles of the run, and wait so many minutes for that."""
    return [*_sonobuoy(call, "delete"), f"--wait={minutes}"]


def _sonobuoy(call: Call, action: str) -> list[str]:
    return [
        *(str(call.program), action),
        *("--kubeconfig", str(call.kubeconfig)),
        *(("--context", call.context) if call.context else ()),
        *("-n", call.namespace),
    ]


def hydrophone_run(call: Call, one: Round, extras: Extras, folder: Path, *, resume: bool = False) -> list[str]:
    """Run a round to its end, and fetch its results into ``folder``; ``resume`` attaches to one that is running."""
    which = ["--conformance"] if one.everything else ["--focus", one.focus]
    if one.skip != NOTHING:
        which += ["--skip", one.skip]
    command = [
        *_hydrophone(call),
        *("-o", str(folder)),
        *("--startup-timeout", "10m"),
        *which,
        *("-p", str(extras.processes if one.parallel else 1)),
        *("--extra-ginkgo-args", f"--v=true,--flake-attempts={_ATTEMPTS},--timeout={_go_duration(extras.seconds)}"),
        *(("--dry-run",) if one.dry else ()),
        *(("--continue",) if resume else ()),
    ]
    if extras.image:
        command += ["--conformance-image", extras.image]
    if extras.busybox:
        command += ["--busybox-image", extras.busybox]
    if extras.repo_config:
        command += ["--test-repo-list", str(extras.repo_config)]
    if "--disable-progress-status" in extras.options:
        # It would run a program in the suite's container again and again; the log tells the same.
        command += ["--disable-progress-status"]
    return command


def hydrophone_cleanup(call: Call) -> list[str]:
    """Remove the namespace and the cluster role of the run, and wait for that."""
    return [*_hydrophone(call), "--cleanup"]


def _hydrophone(call: Call) -> list[str]:
    # It has no option for the context.
    return [str(call.program), "--kubeconfig", str(call.kubeconfig), "-n", call.namespace]


def plain_version(git_version: str) -> str:
    """``v1.36.3`` of ``v1.36.3-vendor.1+abc``: images are tagged without suffixes. Empty if it is no version."""
    found = _PLAIN.match(git_version)
    return found[0] if found else ""


def _go_duration(seconds: int) -> str:
    return f"{seconds // 3600}h" if seconds % 3600 == 0 else f"{seconds}s"
