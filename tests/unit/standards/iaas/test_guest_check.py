# SPDX-License-Identifier: Apache-2.0
"""The sample VM (scs-0101-v1): its user data, the program it runs, its console, and what is concluded from it."""

from __future__ import annotations

import ast
import dataclasses
import itertools
import json
import os
import random
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_scs.core.cause import Inconclusive
from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided
from pytest_scs.standards.iaas import guest_check
from pytest_scs.standards.iaas.data import guest_program
from pytest_scs.standards.iaas.guest_check import read_report
from pytest_scs.standards.iaas.guest_report import FipsRun, GuestReport, Processors, Rngd

TOKEN = "1a2b3c4d"
PROGRAM = Path(guest_program.__file__)
NO_FAILURES = dict.fromkeys(guest_program.TESTS, 0)
PLAIN: dict[str, Any] = {
    "entropy_avail": "256",
    "fips": [{"blocks": 1000, "failures": 1, "tests": {**NO_FAILURES, "runs": 1}}],
    "rngd": {"unit": "rngd", "loaded": True, "active": True},
    "processors": {"count": 2, "with_instructions": 2, "instructions": ["rdrand", "rdseed"], "model": "EPYC"},
    "machine": "x86_64",
    "kernel": "6.1.0-28-amd64",
    "distro": "Debian GNU/Linux 12 (bookworm)",
    "hwrng": "virtio_rng.0",
    "seconds": 7.5,
    "problems": {},
}
REPORT = GuestReport.from_plain(PLAIN)


def run_program(*arguments: str) -> str:
    command = [sys.executable, str(PROGRAM), TOKEN, "--stdout", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


# -- user data --------------------------------------------------------------------------------------------------------


def test_user_data_is_a_cloud_config_that_carries_the_program() -> None:
    text = guest_check.user_data(TOKEN)
    assert text.startswith("#cloud-config\n")
    config = yaml.safe_load(text)
    [file] = config["write_files"]
    assert file["content"] == PROGRAM.read_text("ascii")
    assert config["package_update"] is config["package_upgrade"] is False
    assert "packages" not in config


def test_user_data_fits_into_what_nova_accepts() -> None:
    assert len(guest_check.user_data("x" * 32)) * 4 / 3 < 65535 / 2


def test_the_login_on_the_serial_line_is_masked_before_anything_else() -> None:
    [command] = yaml.safe_load(guest_check.user_data(TOKEN))["bootcmd"]
    assert 'systemctl mask "serial-getty@$line.service"' in command
    assert "ttyS0" in command


@pytest.mark.parametrize("interpreter", ["python3", "/usr/libexec/platform-python", None])
def test_the_program_is_started_with_the_token(tmp_path: Path, interpreter: str | None) -> None:
    config = yaml.safe_load(guest_check.user_data(TOKEN))
    program, console, fallback = tmp_path / "program.py", tmp_path / "console", tmp_path / "platform-python"
    program.write_text("import sys; print(sys.argv[1:])")
    script = config["runcmd"][0].replace(config["write_files"][0]["path"], str(program))
    script = script.replace("/dev/console", str(console)).replace("/usr/libexec/platform-python", str(fallback))
    if interpreter:
        link = tmp_path / "python3" if interpreter == "python3" else fallback
        link.symlink_to(sys.executable)
    result = subprocess.run(
        ["/bin/sh", "-c", script], env={"PATH": str(tmp_path)}, check=True, capture_output=True, text=True
    )
    if interpreter:
        assert result.stdout.strip() == f"['{TOKEN}']"
        assert not console.exists()
    else:
        assert "no Python 3" in guest_check.failed_boot(console.read_text())


@pytest.mark.parametrize("script", ["bootcmd", "runcmd"])
def test_the_commands_are_proper_shell(script: str) -> None:
    [command] = yaml.safe_load(guest_check.user_data(TOKEN))[script]
    subprocess.run(["/bin/sh", "-n", "-c", command], check=True)


@pytest.mark.parametrize("token", ["", "a-b", "a b", "$(x)", "é", "x" * 33, "a\n"])
def test_a_token_that_could_be_anything_else_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="letters or digits"):
        guest_check.user_data(token)
    with pytest.raises(ValueError, match="letters or digits"):
        read_report("", token)


# -- the program ------------------------------------------------------------------------------------------------------


def test_the_program_needs_no_more_than_python_3_6_and_its_library() -> None:
    tree = ast.parse(PROGRAM.read_text("ascii"), feature_version=(3, 6))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))
    assert imported <= sys.stdlib_module_names


def test_the_program_reports_on_this_machine_in_time() -> None:
    for _ in range(5):  # other programs may disturb one or two
        report = read_report(run_program(), TOKEN, "here")
        if report is not None and report.seconds < 6:
            break
    assert report is not None
    assert report.place == "here"
    assert report.entropy_avail == Path("/proc/sys/kernel/random/entropy_avail").read_text().strip()
    assert report.kernel == os.uname().release
    assert report.best_fips is not None
    assert report.best_fips.failures <= 5
    assert report.processors is not None
    assert report.seconds < 6
    assert (report.rngd is None) == ("rngd" in report.problems)


def test_a_source_of_zeros_is_measured_twice_and_fails_throughout() -> None:
    report = read_report(run_program("--random", "/dev/zero"), TOKEN)
    assert report is not None
    everywhere = dict.fromkeys(guest_program.TESTS, 1000)
    assert report.fips == (FipsRun(1000, 1000, everywhere),) * 2


def test_a_source_that_ends_early_is_reported_as_incomplete(tmp_path: Path) -> None:
    source = tmp_path / "random"
    source.write_bytes(random.Random(1).randbytes(4 + 3 * 2500 + 100))
    report = read_report(run_program("--random", str(source)), TOKEN)
    assert report is not None
    assert [run.blocks for run in report.fips] == [3]
    assert report.best_fips is None


def test_a_source_that_cannot_be_read_is_a_problem_of_the_report(tmp_path: Path) -> None:
    report = read_report(run_program("--random", str(tmp_path / "none")), TOKEN)
    assert report is not None
    assert report.fips == ()
    assert "FileNotFoundError" in report.problems["fips"]
    assert report.entropy_avail


def test_a_source_that_blocks_is_given_up_at_the_deadline() -> None:
    reading, writing = os.pipe()
    try:
        os.write(writing, b"abc")
        assert guest_program.read_exactly(reading, 10, deadline=0.0) == b"abc"
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize(
    ("first", "times"), [((1000, 4), 1), ((1000, 5), 2), ((999, 900), 1)], ids=["good", "suspicious", "slow"]
)
def test_a_suspicious_measurement_is_repeated_with_as_much_time(
    monkeypatch: pytest.MonkeyPatch, first: tuple[int, int], times: int
) -> None:
    now, deadlines = [1000.0], []

    def measure(path: str, deadline: float) -> dict[str, object]:
        deadlines.append(deadline)
        now[0] += guest_program.PATIENCE - 1
        return {"blocks": first[0], "failures": first[1], "tests": {}}

    monkeypatch.setattr(guest_program.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(guest_program, "measure", measure)
    assert len(guest_program.measure_twice_if_needed("/dev/random")) == times
    assert deadlines == [1120.0, 1239.0][:times]


@pytest.mark.parametrize(
    ("block", "failed"),
    [
        (bytes(2500), set(guest_program.TESTS)),
        (b"\xff" * 2500, set(guest_program.TESTS)),
        (b"\xaa" * 2500, {"poker", "runs", "continuous"}),
        (b"\x0f" * 2500, {"poker", "runs", "continuous"}),
        (b"\xc5" * 2500, {"poker", "runs", "continuous"}),
        (b"plain text, all of it the same" * 83 + b"plain text", {"monobit", "poker", "runs"}),
    ],
)
def test_a_source_with_a_pattern_fails(block: bytes, failed: set[str]) -> None:
    assert set(guest_program.failed_tests(block, block[-4:])) == failed


def good_block() -> bytearray:
    """A block that passes, always the same."""
    block = bytearray(random.Random(2001).randbytes(2500))
    assert guest_program.failed_tests(bytes(block), b"abcd") == []
    return block


@pytest.mark.parametrize(("bits", "failed"), [(25, []), (26, ["long_run"])])
@pytest.mark.parametrize("value", [0, 1])
def test_a_run_of_26_is_too_long(bits: int, failed: list[str], value: int) -> None:
    block = good_block()
    text = f"{int.from_bytes(block[400:408], 'big'):064b}"
    run = str(1 - value) + str(value) * bits + str(1 - value)
    block[400:408] = int(text[:10] + run + text[10 + len(run) :], 2).to_bytes(8, "big")
    assert guest_program.failed_tests(bytes(block), b"abcd") == failed


def test_equal_words_fail_also_across_blocks() -> None:
    block = good_block()
    assert guest_program.failed_tests(bytes(block), bytes(block[:4])) == ["continuous"]
    block[800:804] = block[804:808]
    assert guest_program.failed_tests(bytes(block), b"abcd") == ["continuous"]
    assert guest_program.failed_tests(bytes(good_block()[1:] + b"x"), b"abcd") == []


def simply_failed(block: bytes, previous: bytes) -> list[str]:
    """The tests as the standard describes them, bit by bit."""
    bits = "".join(f"{byte:08b}" for byte in block)
    runs = [(bit, len(list(group))) for bit, group in itertools.groupby(bits)]
    limits = {1: (2315, 2685), 2: (1114, 1386), 3: (527, 723), 4: (240, 384), 5: (103, 209), 6: (103, 209)}
    nibbles = [int(bits[start : start + 4], 2) for start in range(0, 20000, 4)]
    words = [(previous + block)[start : start + 4] for start in range(0, 2504, 4)]
    broken = {
        "monobit": not 9725 < bits.count("1") < 10275,
        "poker": not 2.16 < 16 / 5000 * sum(nibbles.count(value) ** 2 for value in range(16)) - 5000 < 46.17,
        "runs": any(
            not low <= sum(one == bit and min(size, 6) == length for one, size in runs) <= high
            for bit in "01"
            for length, (low, high) in limits.items()
        ),
        "long_run": any(size >= 26 for _, size in runs),
        "continuous": any(one == other for one, other in itertools.pairwise(words)),
    }
    return [test for test in guest_program.TESTS if broken[test]]


@settings(max_examples=60, deadline=None)
@given(st.integers(0), st.integers(0, 30), st.binary(min_size=4, max_size=4))
def test_the_fast_tests_agree_with_the_plain_ones(seed: int, bias: int, previous: bytes) -> None:
    source = random.Random(seed)
    # A few ones too many bring the counts near their limits, where an error would show.
    number = int.from_bytes(source.randbytes(2500), "big")
    for _ in range(bias * 20):
        number |= 1 << source.randrange(20000)
    block = number.to_bytes(2500, "big")
    assert guest_program.failed_tests(block, previous) == simply_failed(block, previous)


def test_a_good_source_fails_about_one_block_in_a_thousand() -> None:
    source = random.Random(140)
    failures = sum(bool(guest_program.failed_tests(source.randbytes(2500), b"abcd")) for _ in range(3000))
    assert 0 <= failures <= 15


@pytest.mark.parametrize(
    ("active", "written"),
    [
        ("tty0 ttyS0\n", ["/dev/console", "/dev/ttyAMA0", "/dev/hvc0"]),
        ("ttyS0 tty0\n", ["/dev/console", "/dev/ttyS0", "/dev/ttyAMA0", "/dev/hvc0"]),
        ("ttyS1 ttyS0 tty0\n", ["/dev/console", "/dev/ttyS1", "/dev/ttyS0", "/dev/ttyAMA0", "/dev/hvc0"]),
        ("", ["/dev/console", "/dev/ttyS0", "/dev/ttyAMA0", "/dev/hvc0"]),
    ],
)
def test_every_serial_line_is_written_to_once(monkeypatch: pytest.MonkeyPatch, active: str, written: list[str]) -> None:
    monkeypatch.setattr(guest_program, "text_of", lambda path: active)
    monkeypatch.setattr(os.path, "exists", lambda path: True)
    assert guest_program.consoles() == written


def test_the_report_arrives_through_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["guest_program.py", TOKEN])
    monkeypatch.setattr(guest_program, "report", lambda source: PLAIN)
    monkeypatch.setattr(guest_program, "PAUSE", 0)
    keyboard, screen = os.openpty()
    monkeypatch.setattr(guest_program, "consoles", lambda: [str(tmp_path / "none"), os.ttyname(screen)])
    seen = bytearray()

    def watch() -> None:
        while seen.count(f"_scs-{TOKEN}-end-".encode()) < guest_program.COPIES or not seen.endswith(b"\n"):
            seen.extend(os.read(keyboard, 1024))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        assert guest_program.main() == 0
        watcher.join(timeout=60)
    finally:
        os.close(screen)
        os.close(keyboard)
    assert b"\r\n" in seen
    assert read_report(seen.decode(), TOKEN) == REPORT


def test_a_pause_lies_between_two_copies_and_who_takes_none_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[Any] = []

    def write_to(path: str, text: str) -> None:
        happened.append((path, text))
        if path == "broken":
            raise OSError("nothing takes the output")

    monkeypatch.setattr(guest_program, "write_to", write_to)
    monkeypatch.setattr(guest_program.time, "sleep", happened.append)
    assert guest_program.print_copies(["good", "broken"], ["a", "b", "c"]) == ["good"]
    assert happened == [("good", "a"), ("broken", "a"), 2, ("good", "b"), 2, ("good", "c")]
    assert guest_program.PAUSE >= 2


def test_no_pause_is_made_where_nothing_takes_a_copy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(guest_program.time, "sleep", lambda seconds: pytest.fail("it waits"))
    assert guest_program.print_copies([str(tmp_path / "none")], ["a", "b"]) == []


def test_a_report_that_nothing_takes_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["guest_program.py", TOKEN])
    monkeypatch.setattr(guest_program, "report", lambda source: PLAIN)
    stuck = tmp_path / "stuck"
    stuck.touch()
    monkeypatch.setattr(guest_program.select, "select", lambda *arguments: ([], [], []))
    monkeypatch.setattr(guest_program, "consoles", lambda: [str(stuck)])
    assert guest_program.main() == 1


@pytest.fixture
def disks(tmp_path: Path) -> Path:
    """Devices, none of which has our label."""
    contents = {
        "loop0": guest_check.disk_label(TOKEN),
        "vda": b"\xeb\x63\x90",
        "vdb": guest_check.disk_label("ffffffff"),
        "vdc": b"",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_only_a_disk_with_our_label_is_found(disks: Path) -> None:
    assert guest_program.labelled_disk(TOKEN, str(disks), str(disks)) == ""
    (disks / "vdd").write_bytes(guest_check.disk_label(TOKEN) + bytes(100))
    assert guest_program.labelled_disk(TOKEN, str(disks), str(disks)) == str(disks / "vdd")


def test_a_device_that_is_gone_is_passed_over(disks: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = tmp_path_factory.mktemp("dev")
    assert guest_program.labelled_disk(TOKEN, str(disks), str(empty)) == ""


@pytest.mark.parametrize("consoles", [[], ["none"]])
def test_the_report_arrives_on_a_disk_before_the_machine_shuts_down(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, consoles: list[str]
) -> None:
    label = guest_check.disk_label(TOKEN)
    disk = tmp_path / "vdb"
    disk.write_bytes(label.ljust(1 << 20, b"\0"))
    (tmp_path / "systemctl").write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called; cp {disk} {tmp_path}/then\n')
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(sys, "argv", ["guest_program.py", TOKEN])
    monkeypatch.setattr(guest_program, "report", lambda source: PLAIN)
    monkeypatch.setattr(guest_program, "consoles", lambda: [str(tmp_path / name) for name in consoles])
    monkeypatch.setattr(guest_program, "labelled_disk", lambda token: str(disk))
    assert guest_program.main() == 0
    assert (tmp_path / "called").read_text() == "--no-block poweroff\n"
    content = (tmp_path / "then").read_bytes()
    assert content.startswith(label)
    assert len(content) == 1 << 20
    assert read_report(content[: guest_check.DISK_REPORT].decode("ascii", "replace"), TOKEN) == REPORT


def test_a_long_report_fits_on_the_disk() -> None:
    full = {**PLAIN, "fips": PLAIN["fips"] * 2, "problems": {"rngd": "x" * 2000, "processors": "x" * 2000}}
    text = guest_program.copies(guest_program.frames("x" * 32, full))[0]
    assert guest_program.DISK_OFFSET + len(text) < guest_check.DISK_REPORT


def test_a_report_by_disk_says_so() -> None:
    report = dataclasses.replace(REPORT, by_disk=True)
    assert GuestReport.from_plain(dataclasses.asdict(report)) == report
    for check in (guest_check.check_entropy, guest_check.check_fips, guest_check.check_rngd):
        plain, by_disk = list(check(REPORT)), list(check(report))
        [added] = [one for one in by_disk if one not in plain]
        assert isinstance(added, Remark)
        assert "by a disk" in added.text


def test_the_services_are_asked_for_under_all_their_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(
        "#!/bin/sh\n"
        'case "$4$3" in\n'
        "  *rng-tools-debian.service) echo LoadState=loaded; echo ActiveState=active;;\n"
        "  *rngd.service) echo LoadState=loaded; echo ActiveState=inactive;;\n"
        "  *) echo LoadState=not-found; echo ActiveState=inactive;;\n"
        "esac\n"
    )
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert guest_program.rngd() == {"unit": "rng-tools-debian", "loaded": True, "active": True}


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        (
            "model name\t: EPYC\nflags\t\t: fpu rdrand rdseed\n\nmodel name\t: EPYC\nflags\t\t: fpu rdrandom\n",
            {"count": 2, "with_instructions": 1, "instructions": ["rdrand", "rdseed"], "model": "EPYC"},
        ),
        (
            "Features\t: fp asimd rng\nCPU part\t: 0xd40\n",
            {"count": 1, "with_instructions": 1, "instructions": ["rng"], "model": "0xd40"},
        ),
        ("", {"count": 0, "with_instructions": 0, "instructions": [], "model": ""}),
    ],
)
def test_processors_are_counted_with_their_instructions(
    monkeypatch: pytest.MonkeyPatch, cpuinfo: str, expected: dict[str, Any]
) -> None:
    monkeypatch.setattr(guest_program, "text_of", lambda path: cpuinfo)
    assert guest_program.processors() == expected


# -- the console ------------------------------------------------------------------------------------------------------

FRAMES = guest_program.frames(TOKEN, PLAIN)
OTHERS = guest_program.frames("ffffffff", {**PLAIN, "entropy_avail": "1"})
NOISE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["\r\n", "[   12.3] random: crng init done\r\n", "\x1b[0;32m  OK  \x1b[0m", f"_scs-{TOKEN}-0-"]),
    st.sampled_from(FRAMES).map(lambda frame: frame[: len(frame) // 2]),
    st.sampled_from(FRAMES).map(lambda frame: frame[20:]),
    st.sampled_from(OTHERS),
)


@given(st.data())
def test_one_undamaged_copy_of_each_frame_suffices_amid_any_noise(data: st.DataObject) -> None:
    pieces = [(f"{data.draw(NOISE)}\n", frame) for frame in FRAMES]
    for frame in FRAMES:
        cut = data.draw(st.integers(0, len(frame)))
        pieces.append(("", f"{frame[:cut]}{data.draw(NOISE)}{frame[cut:]}"))
    shuffled = data.draw(st.permutations(pieces))
    text = "".join(f"{before}{frame}{data.draw(NOISE)}" for before, frame in shuffled)
    assert read_report(text, TOKEN) == REPORT


@given(st.data())
def test_a_report_is_read_rightly_or_not_at_all(data: st.DataObject) -> None:
    lines = list(FRAMES)
    for _ in range(data.draw(st.integers(1, 5))):
        number = data.draw(st.integers(0, len(lines) - 1))
        start, end = sorted((data.draw(st.integers(0, 90)), data.draw(st.integers(0, 90))))
        lines[number] = lines[number][:start] + data.draw(NOISE) + lines[number][end:]
    assert read_report("\n".join(lines), TOKEN) in (None, REPORT)


COPIES = guest_program.copies(FRAMES)
#: What lands in the middle of a report: pieces of kernel, init system, cloud-init and login.
PIECES = (
    "[   12.345678] random: crng init done\r\n",
    "\x1b[0;32m  OK  \x1b[0m] Finished Execute cloud user/final scripts.\r\n",
    "ci-info: no authorized SSH keys fingerprints found for user debian.\n",
    "\r\nvm login: ",
    "x",
    f"_scs-{TOKEN}-3-",
)


def test_a_console_gets_five_copies_or_more_that_begin_at_other_frames() -> None:
    assert len(COPIES) >= 5
    for number, copy in enumerate(COPIES):
        lines = copy.split()
        first = number * len(FRAMES) // len(COPIES)
        assert lines == FRAMES[first:] + FRAMES[:first]


@pytest.mark.parametrize("size", [1, 12, 60, 100, 117])
def test_all_copies_together_stay_below_64_kib(size: int) -> None:
    copies = guest_program.copies(["x" * 110] * size)
    assert 5 <= len(copies) <= 6
    assert sum(map(len, copies)) < 65536


def test_whatever_a_system_calls_itself_there_is_room_for_five_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ValueError("x" * 5000)

    monkeypatch.setattr(guest_program, "text_of", lambda path: "PRETTY_NAME=" + "\u20ac" * 5000)
    monkeypatch.setattr(guest_program.platform, "release", lambda: "x" * 5000)
    for name in ("measure_twice_if_needed", "rngd", "processors"):
        monkeypatch.setattr(guest_program, name, lambda *arguments: broken())
    report = guest_program.report("")
    copies = guest_program.copies(guest_program.frames("x" * 32, report))
    assert len(copies) >= 5
    assert sum(map(len, copies)) < 65536


def readable(seed: int, pieces: int, *, burst: bool) -> bool:
    """Whether a report is read from a console into which so many pieces fell: anywhere, or within one copy's length."""
    source = random.Random(seed)
    text = "".join(COPIES)
    width = len(COPIES[0]) if burst else len(text)
    begin = source.randrange(len(text) - width + 1)
    places = sorted((begin + source.randrange(width) for _ in range(pieces)), reverse=True)
    for place in places:
        text = text[:place] + source.choice(PIECES) + text[place:]
    return read_report(text, TOKEN) == REPORT


#: 10,000 as the rule says with SCS_TEST_THOROUGH, fewer for somebody who waits.
CONSOLES = 10_000 if os.environ.get("SCS_TEST_THOROUGH") else 1000


@pytest.mark.parametrize(("pieces", "burst", "share"), [(8, False, 0.999), (8, True, 1.0), (12, False, 0.999)])
def test_a_report_survives_foreign_pieces(pieces: int, burst: bool, share: float) -> None:
    assert sum(readable(seed, pieces, burst=burst) for seed in range(CONSOLES)) >= share * CONSOLES


@pytest.mark.parametrize("missing", FRAMES)
def test_a_missing_frame_leaves_the_report_incomplete(missing: str) -> None:
    assert read_report("\n".join(frame for frame in FRAMES if frame != missing), TOKEN) is None


@given(st.text())
def test_any_console_without_the_report_gives_none(text: str) -> None:
    assert read_report(text, TOKEN) is None


def test_the_report_of_another_token_does_not_count() -> None:
    assert read_report("\n".join(OTHERS), TOKEN) is None


def test_frames_are_short_enough_for_a_console_line() -> None:
    assert all(re.fullmatch(rf"_scs-{TOKEN}-(?:end|\d+)-[0-9a-f]{{8}}-[A-Za-z0-9+/]{{60}}", line) for line in FRAMES)


@pytest.mark.parametrize("data", [{}, [], {**PLAIN, "fips": [{}]}, {**PLAIN, "problems": []}])
def test_a_complete_report_of_another_form_is_inconclusive(data: Any) -> None:
    with pytest.raises(Inconclusive, match="another form"):
        read_report("\n".join(guest_program.frames(TOKEN, data)), TOKEN)


def test_a_report_survives_being_recorded_as_json() -> None:
    report = dataclasses.replace(REPORT, place="image Debian 12, flavor SCS-1L-1")
    assert GuestReport.from_plain(json.loads(json.dumps(dataclasses.asdict(report)))) == report
    assert GuestReport.from_plain(dataclasses.asdict(report), "elsewhere").place == "elsewhere"


def test_what_could_not_be_measured_is_missing_from_the_report() -> None:
    data = {key: value for key, value in PLAIN.items() if key not in ("fips", "rngd", "processors")}
    report = GuestReport.from_plain({**data, "problems": {"rngd": "no systemctl"}})
    assert (report.fips, report.rngd, report.processors) == ((), None, None)
    assert report.problems == {"rngd": "no systemctl"}


def test_the_values_of_a_report_have_names() -> None:
    assert REPORT.fips == (FipsRun(1000, 1, {**NO_FAILURES, "runs": 1}),)
    assert REPORT.rngd == Rngd("rngd", loaded=True, active=True)
    assert REPORT.processors == Processors(2, 2, ("rdrand", "rdseed"), "EPYC")


# -- conclusions ------------------------------------------------------------------------------------------------------


def measured(*failures: int, blocks: int = 1000) -> GuestReport:
    runs = tuple(FipsRun(blocks, count, {**NO_FAILURES, "poker": count}) for count in failures)
    return dataclasses.replace(REPORT, fips=runs, place="image Debian 12")


def outcome(observations: list[Observation]) -> list[tuple[str, str]]:
    """Kind and basis (findings) of what was observed."""
    return [(type(entry).__name__, entry.basis.value if isinstance(entry, Finding) else "") for entry in observations]


@pytest.mark.parametrize("value", ["255", "3072", "0", "0256", "256 "])
def test_any_other_entropy_is_a_violation(value: str) -> None:
    [finding] = guest_check.check_entropy(dataclasses.replace(REPORT, entropy_avail=value, place="image X"))
    assert isinstance(finding, Finding)
    assert (finding.basis, finding.resource, finding.expected) == (Basis.BOTH, "image X", "'256'")
    assert finding.observed == f"'{value}' (kernel 6.1.0-28-amd64)"
    assert (finding.rule, finding.title) == ("scs-0101/entropy_avail", "entropy_avail has its constant value")


def test_the_constant_entropy_passes_and_a_missing_one_is_undecided() -> None:
    assert list(guest_check.check_entropy(REPORT)) == []
    [undecided] = guest_check.check_entropy(dataclasses.replace(REPORT, entropy_avail=""))
    assert isinstance(undecided, Undecided)


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        ((0,), []),
        ((3,), []),
        ((4,), [("Remark", "")]),
        ((5, 5), [("Finding", "text"), ("Remark", "")]),
        ((5, 2), [("Remark", "")]),
        ((6, 6), [("Finding", "both")]),
        ((6, 5), [("Finding", "text"), ("Remark", "")]),
        ((6, 4), [("Remark", ""), ("Remark", "")]),
        ((7, 0), [("Remark", "")]),
        ((1000, 1000), [("Finding", "both")]),
    ],
)
def test_the_better_of_the_fips_measurements_counts(failures: tuple[int, ...], expected: list[tuple[str, str]]) -> None:
    assert outcome(list(guest_check.check_fips(measured(*failures)))) == expected


def test_a_fips_finding_shows_both_counts_and_the_tests() -> None:
    [finding] = guest_check.check_fips(measured(9, 7))
    assert isinstance(finding, Finding)
    assert finding.expected == "at most 5 failures"
    assert finding.rule == "scs-0101/fips_140_2"
    assert finding.title == "blocks of /dev/random pass the tests of FIPS 140-2"
    assert finding.observed.startswith(
        "9 of 1000 (continuous 0, long run 0, monobit 0, poker 9, runs 0); measured again"
    )
    assert "7 of 1000" in finding.observed
    assert finding.deviation == ""


def test_five_failures_name_the_row() -> None:
    finding = next(iter(guest_check.check_fips(measured(5, 5))))
    assert isinstance(finding, Finding)
    assert (finding.deviation, finding.expected) == ("DEV-0101-1", "at most 4 failures")


def test_an_incomplete_second_measurement_does_not_count() -> None:
    runs = (FipsRun(1000, 8, NO_FAILURES), FipsRun(400, 0, NO_FAILURES))
    [finding] = guest_check.check_fips(dataclasses.replace(REPORT, fips=runs))
    assert isinstance(finding, Finding)


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (measured(), "not reported"),
        (measured(0, blocks=12), "only 12 of 1000 blocks"),
        (dataclasses.replace(measured(), problems={"fips": "PermissionError: no"}), "PermissionError: no"),
    ],
)
def test_without_a_complete_fips_measurement_nothing_is_decided(report: GuestReport, reason: str) -> None:
    [undecided] = guest_check.check_fips(report)
    assert isinstance(undecided, Undecided)
    assert reason in undecided.reason


@pytest.mark.parametrize(
    ("rngd", "expected"),
    [
        (Rngd("rngd", loaded=True, active=True), [("Remark", "")]),
        (Rngd("rngd", loaded=True, active=False), [("Remark", ""), ("Finding", "both")]),
        (Rngd("", loaded=False, active=False), [("Remark", ""), ("Finding", "both")]),
        (None, [("Remark", ""), ("Undecided", "")]),
    ],
)
def test_rngd_runs_or_the_dropped_recommendation_is_violated(
    rngd: Rngd | None, expected: list[tuple[str, str]]
) -> None:
    observations = list(guest_check.check_rngd(dataclasses.replace(REPORT, rngd=rngd)))
    assert outcome(observations) == expected
    assert isinstance(observations[0], Remark)
    assert observations[0].deviation == "DEV-0101-6"
    for finding in observations:
        if isinstance(finding, Finding):
            assert (finding.rule, finding.title) == ("scs-0101/rngd_runs", "service rngd runs")
