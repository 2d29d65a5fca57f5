# SPDX-License-Identifier: Apache-2.0
"""What a server of the demo cloud shows on its serial console: a boot log around lines that a test may choose.

No user data is ever executed: the lines stand for what a healthy guest would print if it did what it is asked to.
"""

from __future__ import annotations

from collections.abc import Iterator

#: What user data that measures the entropy of the guest (scs-0101-v1) prints on a healthy guest.
HEALTHY = """\
_scs-test-entropy-avail: 256
_scs-test-fips-test: rngtest 6.15
_scs-test-fips-test: rngtest: starting FIPS tests...
_scs-test-fips-test: rngtest: bits received from input: 20000032
_scs-test-fips-test: rngtest: FIPS 140-2 successes: 999
_scs-test-fips-test: rngtest: FIPS 140-2 failures: 1
_scs-test-fips-test: rngtest: FIPS 140-2(2001-10-10) Monobit: 0
_scs-test-fips-test: rngtest: FIPS 140-2(2001-10-10) Poker: 0
_scs-test-fips-test: rngtest: FIPS 140-2(2001-10-10) Runs: 1
_scs-test-fips-test: rngtest: FIPS 140-2(2001-10-10) Long run: 0
_scs-test-fips-test: rngtest: FIPS 140-2(2001-10-10) Continuous run: 0
_scs-test-rngd: * rngd.service - Start entropy gathering daemon (rngd)
_scs-test-rngd:      Active: active (running)
_scs-test-virtio-rng: virtio_rng.0
_scs-test-virtio-rng: 41253
_scs-test-end
"""

#: The begin of the log as seconds since the start and text.
_BOOT = (
    (0.0, "Linux version 6.8.0-45-generic (buildd@demo) (gcc 13.2.0) #45-Ubuntu SMP PREEMPT_DYNAMIC"),
    (0.0, "Command line: BOOT_IMAGE=/vmlinuz-6.8.0-45-generic root=LABEL=cloudimg-rootfs ro console=ttyS0"),
    (0.0, "BIOS-provided physical RAM map:"),
    (0.0, "Hypervisor detected: KVM"),
    (0.084121, "smpboot: CPU0: AMD EPYC-Rome Processor (family: 0x17, model: 0x31, stepping: 0x0)"),
    (0.512803, "random: crng init done"),
    (0.713377, "virtio_blk virtio2: [vda] 16777216 512-byte logical blocks (8.59 GB/8.00 GiB)"),
    (1.290314, "EXT4-fs (vda1): mounted filesystem with ordered data mode"),
    (1.874410, "systemd[1]: Detected virtualization kvm."),
    (1.874992, "systemd[1]: Hostname set to <{name}>."),
    (3.110284, "virtio_net virtio1 ens3: renamed from eth0"),
    (6.201907, "cloud-init[512]: Cloud-init v. 24.2 running 'init-local'"),
    (8.930115, "cloud-init[571]: Cloud-init v. 24.2 running 'init'"),
    (12.446201, "cloud-init[803]: Cloud-init v. 24.2 running 'modules:config'"),
    (15.021944, "cloud-init[861]: Cloud-init v. 24.2 running 'modules:final'"),
)
_STARTED = 16.5  # seconds since the start of the guest, when its own lines begin
_PACE = 0.137  # seconds from one of them to the next


def boot_log(name: str, text: str) -> str:
    """The whole log of a server with this name whose user data prints this text."""
    return "".join(f"[{seconds:12.6f}] {line}\n" for seconds, line in _lines(name, text))


def _lines(name: str, text: str) -> Iterator[tuple[float, str]]:
    for seconds, line in _BOOT:
        yield seconds, line.format(name=name)
    seconds = _STARTED
    for line in text.splitlines():
        yield seconds, f"cloud-init[861]: {line}"
        seconds += _PACE
    yield seconds, f"cloud-init[861]: Cloud-init v. 24.2 finished. Datasource DataSourceConfigDrive. Up {seconds:.2f} s"


def first_half(log: str) -> str:
    """The first half of the lines of a log, as it is read while the guest still boots."""
    lines = log.splitlines(keepends=True)
    return "".join(lines[: len(lines) // 2])
