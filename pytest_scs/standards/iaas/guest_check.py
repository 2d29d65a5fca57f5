# SPDX-License-Identifier: Apache-2.0
"""The sample VM of scs-0101-v1: what it is told to do, how its console is read, and what follows from that.

The VM needs neither network nor packages (docs/standards/scs-0101.md#the-sample-vm): it runs ``data/guest_program.py``,
which measures and prints.
"""

from __future__ import annotations

import base64
import functools
import json
import re
import textwrap
import zlib
from collections.abc import Iterator
from importlib import resources
from typing import Final

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.iaas.guest_report import BLOCKS, GuestReport
from pytest_scs.standards.iaas.hopeless_boot import NO_PYTHON
from pytest_scs.standards.iaas.hopeless_boot import failed_boot as failed_boot

#: What ``entropy_avail`` is pinned to by kernels with the reworked generator.
ENTROPY_AVAIL: Final = "256"

#: Failed blocks that are still accepted: by the official suite, by the text (DEV-0101-1), by the strict limit.
OFFICIAL_LIMIT: Final = 5
TEXT_LIMIT: Final = 4
STRICT_LIMIT: Final = 3

#: Bytes at the beginning of a labelled disk that hold the report.
DISK_REPORT: Final = 1 << 16

_PROGRAM_PATH: Final = "/run/scs-guest-program.py"
_TOKEN: Final = re.compile(r"[0-9A-Za-z]{1,32}")
_MOST_FRAMES: Final = 10_000

_FEED_HINT: Final = (
    "let the hypervisor pass RDSEED and RDRAND to the guests (nova.conf: [libvirt] cpu_mode = host-model) and offer a "
    "random number device: openstack flavor set --property hw_rng:allowed=true FLAVOR && "
    "openstack image set --property hw_rng_model=virtio IMAGE"
)

# The login prompt on the serial line is masked so that it does not disturb the output. Everything else is left out
# because it costs time or needs a network.
_CLOUD_CONFIG: Final = """\
#cloud-config
# Measures the entropy of this machine once and prints the result to its console.
package_update: false
package_upgrade: false
ssh_genkeytypes: [ed25519]
ssh:
  emit_keys_on_console: false
bootcmd:
  - |
    for line in ttyS0 ttyAMA0 hvc0; do
      systemctl mask "serial-getty@$line.service"
      systemctl stop --no-block "serial-getty@$line.service"
    done || true
write_files:
  - path: {path}
    permissions: '0644'
    content: |
{program}
runcmd:
  - |
    for python in python3 /usr/libexec/platform-python; do
      if command -v "$python" >/dev/null; then
        exec "$python" {path} {token}
      fi
    done
    echo "{no_python}" >/dev/console
"""


def user_data(token: str) -> str:
    """The cloud-config (YAML) that makes a VM measure its entropy and print the result under this token.

    ``token`` (1 to 32 letters or digits, else ValueError) tells the report from any other text on the console.
    """
    return _CLOUD_CONFIG.format(
        path=_PROGRAM_PATH, program=_indented_program(), token=_checked(token), no_python=NO_PYTHON
    )


def disk_label(token: str) -> bytes:
    """How a disk has to begin for a VM with this token to write its report there, too, and to shut down then.

    The report lies behind the label, within the first `DISK_REPORT` bytes; ``token`` is as for `user_data`.
    """
    return f"_scs-disk-{_checked(token)}\n".encode("ascii")


def read_report(text: str, token: str, place: str = "") -> GuestReport | None:
    """Put the report together from the text of a console or disk; None while it is incomplete.

    The frames (see ``data/guest_program.py``) may come in any order, repeatedly, damaged, and mixed with any other
    text: only those with a correct checksum count. ``place`` is the report's place. Raises Inconclusive if a complete
    report makes no sense, ValueError for an impossible token.
    """
    frame = re.compile(rf"_scs-{_checked(token)}-(end|[0-9]{{1,4}})-([0-9a-f]{{8}})-([A-Za-z0-9+/]{{60}})")
    chunks: dict[str, bytes] = {}
    for number, checksum, payload in frame.findall(text):
        if zlib.crc32(f"{token}-{number}-{payload}".encode("ascii")) == int(checksum, 16):
            chunks[number] = base64.b64decode(payload)
    if "end" not in chunks:
        return None
    try:
        numbers = [str(number) for number in range(min(int(chunks["end"]), _MOST_FRAMES))]
        if not all(number in chunks for number in numbers):
            return None
        data = json.loads(b"".join(chunks[number] for number in numbers))
    except ValueError:
        raise Inconclusive(
            "the report of the sample VM cannot be read, although it is complete", CauseKind.MALFORMED
        ) from None
    try:
        return GuestReport.from_plain(data, place)
    except ValueError as error:
        raise Inconclusive(f"the report of the sample VM has another form ({error})", CauseKind.MALFORMED) from None


def check_entropy(report: GuestReport) -> Iterator[Observation]:
    """``entropy_avail`` is exactly 256, as with the kernel's reworked generator.

    Source: scs-0101-v1, "Compute nodes" (docs/standards/scs-0101.md#constant-entropy).
    """
    yield from _way(report)
    if not report.entropy_avail:
        yield Undecided(report.place, "entropy_avail of its kernel could not be read")
    elif report.entropy_avail != ENTROPY_AVAIL:
        yield Finding(
            resource=report.place,
            rule="scs-0101/entropy_avail",
            title="entropy_avail has its constant value",
            expected=show(ENTROPY_AVAIL),
            observed=f"{show(report.entropy_avail)} (kernel {report.kernel})",
            hint="offer an image with a kernel of version 5.18 or later, or an LTS kernel with its random generator",
        )


def check_fips(report: GuestReport) -> Iterator[Observation]:
    """At most 5 of 1000 blocks of ``/dev/random`` fail the tests of FIPS 140-2.

    Source: scs-0101-v1, "Compute nodes" (docs/standards/scs-0101.md#fips-140-2). The better of two measurements counts
    (docs/standards/scs-0101.md#chance). 5 failures are too many by the text (DEV-0101-1); more than 3 give a remark.
    """
    yield from _way(report)
    best = report.best_fips
    if best is None:
        yield Undecided(report.place, f"no complete FIPS measurement: {_fips_problem(report)}")
        return
    counts = "; measured again: ".join(map(str, report.fips))
    if best.failures > TEXT_LIMIT:
        official = best.failures > OFFICIAL_LIMIT
        yield Finding(
            resource=report.place,
            rule="scs-0101/fips_140_2",
            title="blocks of /dev/random pass the tests of FIPS 140-2",
            expected=f"at most {OFFICIAL_LIMIT if official else TEXT_LIMIT} failures",
            observed=counts,
            hint=_FEED_HINT,
            basis=Basis.BOTH if official else Basis.TEXT,
            deviation="" if official else "DEV-0101-1",
        )
    elif report.fips[0].failures > TEXT_LIMIT:
        yield Remark(f"the first FIPS measurement had too many failures, the second counts: {counts}", report.place)
    if STRICT_LIMIT < best.failures <= OFFICIAL_LIMIT:
        yield Remark(f"{best.failures} failures of FIPS 140-2; the strict limit is {STRICT_LIMIT}", report.place)


def check_rngd(report: GuestReport) -> Iterator[Observation]:
    """The service rngd is loaded and active in the VM.

    Recommended by scs-0101-v1 up to 1.0 only, "Images" (docs/standards/scs-0101.md#scs-0101-rngd).
    """
    yield Remark(
        "version 1.1 of scs-0101 dropped rngd; the official suite gives ABORT, whatever the VM runs",
        deviation="DEV-0101-6",
    )
    yield from _way(report)
    if report.rngd is None:
        yield Undecided(report.place, f"the services could not be read: {report.problems.get('rngd', 'not reported')}")
    elif not (report.rngd.loaded and report.rngd.active):
        state = f"{report.rngd.unit} is loaded, but inactive" if report.rngd.loaded else "no such service is loaded"
        yield Finding(
            resource=report.place,
            rule="scs-0101/rngd_runs",
            title="service rngd runs",
            expected="loaded and active",
            observed=state,
            hint="install the package rng-tools (Debian, Ubuntu: rng-tools5) in the image and enable its service",
        )


def _way(report: GuestReport) -> Iterator[Observation]:
    if report.by_disk:
        text = "the console could not be read, so the VM reported by a disk; the official suite gives ABORT"
        yield Remark(text, report.place)


def _checked(token: str) -> str:
    if not _TOKEN.fullmatch(token):
        raise ValueError(f"a token has 1 to 32 letters or digits, not {token!r}")
    return token


@functools.cache
def _indented_program() -> str:
    data = resources.files("pytest_scs.standards.iaas") / "data" / "guest_program.py"
    return textwrap.indent(data.read_text(encoding="ascii"), " " * 6).rstrip("\n")


def _fips_problem(report: GuestReport) -> str:
    if "fips" in report.problems:
        return report.problems["fips"]
    if not report.fips:
        return "not reported"
    return f"/dev/random gave only {max(run.blocks for run in report.fips)} of {BLOCKS} blocks in time"
