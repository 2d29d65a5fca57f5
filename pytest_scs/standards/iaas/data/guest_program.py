# SPDX-License-Identifier: Apache-2.0
"""Measure the entropy of the machine this runs on, and print the result so that it survives a noisy console.

It is handed to a virtual machine as user data and runs there with nothing but Python 3.6 and its standard library, as
``guest_program.py TOKEN``. With ``--stdout`` it prints to the standard output; ``--random FILE`` measures another
source than ``/dev/random``.

What it prints is a list of frames ``_scs-TOKEN-NUMBER-CRC-PAYLOAD``, one per line, and the whole list several times,
each time from another frame on and after a pause: what disturbs one place, or one moment, hits few copies of a frame.
``CRC`` (8 hexadecimal digits) is the CRC-32 of ``TOKEN-NUMBER-PAYLOAD``; ``PAYLOAD`` is always 60 characters of base64.
The payloads 0, 1, ... together are a JSON object padded with blanks; the payload with ``end`` as its number tells how
many there are.

Where a disk is attached that begins with the label ``_scs-disk-TOKEN``, the list is written there as well, and the
machine shuts down: so it can report where nobody can read its console. No other disk is ever written to.
"""

import argparse
import base64
import errno
import json
import os
import platform
import re
import select
import struct
import subprocess
import sys
import time
import zlib

BLOCKS = 1000
BLOCK_BYTES = 2500
BLOCK_BITS = 8 * BLOCK_BYTES
#: So many failed blocks, or more, are suspicious enough to measure a second time.
SUSPICIOUS = 5
#: Seconds after which a measurement ends, ready or not: old kernels give out random bytes very slowly.
PATIENCE = 120

TESTS = ("monobit", "poker", "runs", "long_run", "continuous")
#: Number of runs of the length 1, 2, 3, 4, 5 and of all longer ones that a block may have, of zeros and of ones each.
RUNS = ((2315, 2685), (1114, 1386), (527, 723), (240, 384), (103, 209), (103, 209))
LONG_RUN = 26

CHUNK_BYTES = 45
#: Copies of the report on a console, seconds between them, and bytes that all of them stay below: compute services hand
#: out the last 100 KiB of a console at most, and others write to it as well.
COPIES = 6
FEWEST_COPIES = 5
PAUSE = 2
MOST_BYTES = 1 << 16
#: Characters of a text in the report, which comes from the system and could be of any length.
LONGEST = 200
#: Where on a labelled disk the report begins, in bytes.
DISK_OFFSET = 4096
#: Devices that are no attached disks; reading some of them takes long.
NO_DISKS = ("fd", "loop", "ram", "sr", "zram")
SERIAL = re.compile(r"(ttyS|ttyAMA|hvc|ttysclp|sclp_line)[0-9]+")
RNGD_UNITS = ("rngd", "rng-tools-debian", "rng-tools", "rng-tools5")


def ones_in(number: int) -> int:
    """How many bits of a number are set."""
    return bin(number).count("1")


def run_failure(bits: int) -> "tuple[bool, bool]":
    """Whether the runs of ones in a block have wrong frequencies, and whether one of them is too long.

    ``bits & bits >> 1 & ... & bits >> k-1`` marks where k ones in a row begin. A run of length n >= k has n-k+1 such
    places, so the difference between the counts for k and k+1 is the number of runs of length k or more.
    """
    places = []
    rest = bits
    for length in range(1, len(RUNS) + 2):
        places.append(ones_in(rest))
        rest &= bits >> length
    at_least = [places[k] - places[k + 1] for k in range(len(RUNS))]
    counts = [at_least[k] - at_least[k + 1] for k in range(len(RUNS) - 1)] + at_least[-1:]
    wrong = any(not low <= counts[k] <= high for k, (low, high) in enumerate(RUNS))
    for length in range(len(RUNS) + 2, LONG_RUN):
        rest &= bits >> length
    return wrong, rest != 0


def failed_tests(block: bytes, previous: bytes) -> "list[str]":
    """The tests of FIPS 140-2 (with the change of 2001-10-10) that a block of 20000 bits fails.

    ``previous`` are the four bytes before the block.
    """
    failed = []
    number = int.from_bytes(block, "big")
    if not 9725 < ones_in(number) < 10275:
        failed.append("monobit")
    nibbles = block.hex()
    squares = sum(nibbles.count(digit) ** 2 for digit in "0123456789abcdef")
    if not 2.16 < 16.0 / 5000 * squares - 5000 < 46.17:
        failed.append("poker")
    outcomes = [run_failure(number), run_failure(number ^ ((1 << BLOCK_BITS) - 1))]
    if any(wrong for wrong, _ in outcomes):
        failed.append("runs")
    if any(long for _, long in outcomes):
        failed.append("long_run")
    words = struct.unpack(f">{BLOCK_BYTES // 4 + 1}I", previous + block)
    if any(words[i] == words[i + 1] for i in range(len(words) - 1)):
        failed.append("continuous")
    return failed


def read_exactly(source: int, size: int, deadline: float) -> bytes:
    """So many bytes of a file, or fewer if the deadline comes first or the file ends."""
    data = b""
    while len(data) < size:
        ready, _, _ = select.select([source], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            break
        part = os.read(source, size - len(data))
        if not part:
            break
        data += part
    return data


def measure(path: str, deadline: float) -> "dict[str, object]":
    """Examine 1000 blocks: how many were read, how many of them failed, and how often each test."""
    tests = dict.fromkeys(TESTS, 0)
    blocks = failures = 0
    source = os.open(path, os.O_RDONLY)
    try:
        previous = read_exactly(source, 4, deadline)
        while blocks < BLOCKS:
            block = read_exactly(source, BLOCK_BYTES, deadline)
            if len(block) < BLOCK_BYTES:
                break
            failed = failed_tests(block, previous)
            for test in failed:
                tests[test] += 1
            failures += bool(failed)
            blocks += 1
            previous = block[-4:]
    finally:
        os.close(source)
    return {"blocks": blocks, "failures": failures, "tests": tests}


def measure_twice_if_needed(path: str) -> "list[dict[str, object]]":
    """One measurement, and another one if the first has suspiciously many failures."""
    found = [measure(path, time.monotonic() + PATIENCE)]
    if found[0]["blocks"] == BLOCKS and int(str(found[0]["failures"])) >= SUSPICIOUS:
        found.append(measure(path, time.monotonic() + PATIENCE))
    return found


def text_of(path: str) -> str:
    """The content of a file; empty if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(1 << 20).decode("utf-8", "replace")
    except OSError:
        return ""


def rngd() -> "dict[str, object]":
    """Whether the service that feeds the kernel from a random number device is loaded and active, under any name."""
    best = {"unit": "", "loaded": False, "active": False}
    for unit in RNGD_UNITS:
        command = ["systemctl", "show", "--property=LoadState,ActiveState", unit + ".service"]
        output = subprocess.check_output(command, stderr=subprocess.DEVNULL, timeout=20)  # noqa: S603 - constants
        states = dict(line.split("=", 1) for line in output.decode().splitlines() if "=" in line)
        loaded, active = states.get("LoadState") == "loaded", states.get("ActiveState") == "active"
        if (loaded, active) > (best["loaded"], best["active"]):
            best = {"unit": unit, "loaded": loaded, "active": active}
    return best


def processors() -> "dict[str, object]":
    """How many CPUs there are, their model, and how many have an instruction for entropy."""
    text = text_of("/proc/cpuinfo")
    flags = [set(line.split()) for line in re.findall(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)]
    wanted = {"rdrand", "rdseed", "rng"}
    model = re.search(r"^(?:model name|Model|CPU part)\s*:\s*(.*)$", text, re.MULTILINE)
    return {
        "count": len(flags),
        "with_instructions": sum(1 for present in flags if present & wanted),
        "instructions": sorted(set().union(*flags) & wanted),
        "model": model.group(1).strip()[:LONGEST] if model else "",
    }


def report(random: str) -> "dict[str, object]":
    """All that is to be told. What cannot be measured is missing from it, and among its ``problems``."""
    begin = time.monotonic()
    problems = {}
    release = dict(line.split("=", 1) for line in text_of("/etc/os-release").splitlines() if "=" in line)
    found: dict[str, object] = {
        "entropy_avail": text_of("/proc/sys/kernel/random/entropy_avail").strip()[:LONGEST],
        "machine": platform.machine()[:LONGEST],
        "kernel": platform.release()[:LONGEST],
        "distro": release.get("PRETTY_NAME", "").strip("\"'")[:LONGEST],
        "hwrng": text_of("/sys/devices/virtual/misc/hw_random/rng_available").strip()[:LONGEST],
    }
    parts = {"fips": lambda: measure_twice_if_needed(random), "rngd": rngd, "processors": processors}
    for name, part in parts.items():
        try:
            found[name] = part()
        except Exception as error:
            problems[name] = f"{type(error).__name__}: {error}"[:LONGEST]
    found["problems"] = problems
    found["seconds"] = round(time.monotonic() - begin, 1)
    return found


def frames(token: str, data: "dict[str, object]") -> "list[str]":
    """The lines that carry the data, once."""
    text = json.dumps(data, sort_keys=True).encode("ascii")
    chunks = [text[start : start + CHUNK_BYTES] for start in range(0, len(text), CHUNK_BYTES)]
    numbered = [(str(number), chunk) for number, chunk in enumerate(chunks)]
    numbered.append(("end", str(len(chunks)).encode("ascii")))
    lines = []
    for number, chunk in numbered:
        payload = base64.b64encode(chunk.ljust(CHUNK_BYTES)).decode("ascii")
        crc = zlib.crc32(f"{token}-{number}-{payload}".encode("ascii"))
        lines.append(f"_scs-{token}-{number}-{crc:08x}-{payload}")
    return lines


def copies(lines: "list[str]") -> "list[str]":
    """The report as it goes to a console, copy by copy: each begins with another frame and goes round.

    So the copies of one frame lie far apart. A line feed comes first, in case that others wrote half a line.
    """
    size = sum(len(line) + 1 for line in lines) + 1
    count = max(FEWEST_COPIES, min(COPIES, (MOST_BYTES - 1) // size))
    starts = [copy * len(lines) // count for copy in range(count)]
    return ["\n" + "\n".join(lines[start:] + lines[:start]) + "\n" for start in starts]


def consoles() -> "list[str]":
    """``/dev/console`` and the serial lines that are not the same device.

    The kernel lists its consoles with the one behind ``/dev/console`` last.
    """
    active = text_of("/sys/class/tty/console/active").split()
    serial = [name for name in active[:-1] if SERIAL.match(name)]
    serial += [name for name in ("ttyS0", "ttyAMA0", "hvc0") if name not in active]
    return ["/dev/console"] + ["/dev/" + name for name in serial if os.path.exists("/dev/" + name)]


def write_to(path: str, text: str) -> None:
    """Write to a terminal without ever waiting long for one that nobody reads."""
    rest = text.encode("ascii")
    terminal = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        while rest:
            _, ready, _ = select.select([], [terminal], [], 10)
            if not ready:
                raise OSError(errno.ETIMEDOUT, "nothing takes the output", path)
            rest = rest[os.write(terminal, rest[:512]) :]
    finally:
        os.close(terminal)


def print_copies(paths: "list[str]", texts: "list[str]") -> "list[str]":
    """Write the texts to all terminals, with pauses between them; returns the terminals that took all of them."""
    working = list(paths)
    for number, text in enumerate(texts):
        if number and working:
            time.sleep(PAUSE)
        for path in list(working):
            try:
                write_to(path, text)
            except OSError as error:
                sys.stderr.write(f"{error}\n")
                working.remove(path)
    return working


def labelled_disk(token: str, devices: str = "/sys/class/block", folder: str = "/dev") -> str:
    """The path of the disk that begins with our label; empty if there is none."""
    label = f"_scs-disk-{token}\n".encode("ascii")
    for name in sorted(os.listdir(devices)):
        if name.startswith(NO_DISKS):
            continue
        path = os.path.join(folder, name)
        try:
            with open(path, "rb") as disk:
                if disk.read(len(label)) == label:
                    return path
        except OSError:
            continue
    return ""


def write_to_disk(path: str, text: str) -> None:
    """Write behind the label, and wait until it is on the disk."""
    with open(path, "r+b") as disk:
        disk.seek(DISK_OFFSET)
        disk.write(text.encode("ascii"))
        disk.flush()
        os.fsync(disk.fileno())


def main() -> int:
    """Measure and report; 1 if nothing took the output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("token")
    parser.add_argument("--stdout", action="store_true")
    parser.add_argument("--random", default="/dev/random")
    options = parser.parse_args()
    lines = frames(options.token, report(options.random))
    texts = copies(lines)
    if options.stdout:
        sys.stdout.write("".join(texts))
        return 0
    written = print_copies(consoles(), texts)
    disk = labelled_disk(options.token)
    if disk:
        write_to_disk(disk, texts[0])  # nobody else writes there
        subprocess.call(["systemctl", "--no-block", "poweroff"])  # noqa: S607 - whatever the image has
    return 0 if written or disk else 1


if __name__ == "__main__":
    sys.exit(main())
