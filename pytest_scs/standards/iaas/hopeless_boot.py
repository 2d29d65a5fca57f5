# SPDX-License-Identifier: Apache-2.0
"""Consoles of machines that will never report, by kind (docs/standards/scs-0101.md#hopeless-boots).

A healthy boot speaks of emergency shells, failed units and file system checks as well: a pattern is what only a machine
says that has come to its end, or it counts only where nothing comes after it.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Final

#: What our own start script says on the console.
NO_PYTHON: Final = "scs: this image has no Python 3"

FIRMWARE: Final = "the firmware found nothing to boot"
LOADER: Final = "the boot loader found no system"
INITRAMFS: Final = "the system did not find its disk"
ROOT: Final = "the root file system cannot be used"
MAINTENANCE: Final = "the system gave up"
MEMORY: Final = "the flavor has too little RAM for the image"
PANIC: Final = "the kernel panicked"
USER_DATA: Final = "cloud-init failed to run the user data"
NO_USER_DATA: Final = "cloud-init got no user data, neither by metadata service nor by config drive"
NO_INTERPRETER: Final = "the image has no Python 3"

#: Modules of cloud-init that carry our program, with the spelling of every version.
_MODULES: Final = r"(?:write[-_]files|runcmd|scripts[-_]user)(?![-\w])"


@dataclasses.dataclass(frozen=True, slots=True)
class Sign:
    """What a console shows of a machine that will never report: ``cause`` says what it means, ``example`` is one.

    ``at_end``: only if nothing but blanks comes after it. Such a line may pass, so it is looked at twice.
    """

    cause: str
    pattern: re.Pattern[str]
    example: str
    at_end: bool = False


def _sign(cause: str, pattern: str, example: str) -> Sign:
    return Sign(cause, re.compile(pattern, re.MULTILINE), example)


def _ending(cause: str, pattern: str, example: str) -> Sign:
    return Sign(cause, re.compile(rf"^(?:{pattern})\s*\Z", re.MULTILINE), example, at_end=True)


#: The first match counts: what is nearer to the reason comes before what follows from it.
SIGNS: Final = (
    # The user data has the same words in quotes.
    _sign(NO_INTERPRETER, rf"(?<![\"']){NO_PYTHON}", NO_PYTHON),
    _sign(
        MEMORY,
        # A group of processes with a limit of its own is no matter of the flavor.
        r"Out of memory: Kill|Out of memory and no killable processes|oom-kill:(?!constraint=CONSTRAINT_MEMCG)"
        r"|System is deadlocked on memory",
        "[ 10.0] Out of memory: Killed process 612 (cloud-init) total-vm:91234kB",
    ),
    _sign(
        PANIC,
        r"Kernel panic - not syncing|KDB: enter: panic",
        "[ 3.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)",
    ),
    _sign(
        ROOT,
        r"(?i:run \w*fsck\w* manually|(?:requires|perform) a manual fsck|manual fsck must be performed)"
        r"|fsck failed\. +Please repair manually|Automatic file system check failed|run xfs_repair"
        r"|File system check of the root filesystem failed|An error occurred during the (?:root )?file ?system check"
        r"|Failed to mount (?:/sysroot|the real root|.{1,80} on real root)",
        "/dev/vda1: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.",
    ),
    _ending(ROOT, r"mountroot>.*|root device(?: \([^)\n]*\))?:|root block device\(.*\) ?::", "mountroot> "),
    _sign(
        INITRAMFS,
        r"(?i:dropp(?:ing|ed) (?:you )?(?:in)?to an? (?:[\w-]+ ){0,2}shell|exiting to /bin/sh)"
        r"|(?:emergency|rescue|recovery) shell launched|Entering (?:emergency|rescue|recovery) mode(?!\.\.)"
        r"|Dropping to debug shell|dracut-initqueue:? timeout|dracut(?:-\w+\[\d+\])?:? (?:Warning: )?Could not boot"
        r"|dracut(?:-\w+\[\d+\])?: FATAL|Gave up waiting for root|An error occurred in stage 1 of the boot process"
        r"|Mounting (?:boot media|root):? failed|Unable to find root device|[Cc]ould not find the root block device"
        r"|Unable to find a medium containing a live file system",
        "dracut-initqueue[421]: Warning: dracut-initqueue timeout - starting timeout scripts",
    ),
    _ending(
        INITRAMFS,
        r"\(initramfs\)|(?:initramfs|dracut):[^\s#]*#|\[(?:root|init)fs[^\]\n]*\]#|(?:emergency|rescue|recovery)[>#$]",
        "(initramfs) ",
    ),
    # The shell of an initial RAM disk has no terminal, and says so before its first prompt.
    _ending(
        INITRAMFS,
        r".*(?:can't access tty; job control turned off|no job control in this shell)\s+.{0,40}[#$>]",
        "/bin/sh: can't access tty; job control turned off\n~ # ",
    ),
    _sign(
        FIRMWARE,
        r"No boot(?:able)? (?:device|medium|media|disk|option)|No valid boot device|[Nn]ot a bootable d(?:isk|evice)"
        r"|Boot failed: could not read the boot disk|(?:No|Missing|Error loading) [Oo]perating [Ss]ystem"
        r"|Operating [Ss]ystem not found|Non-[Ss]ystem disk|proper [Bb]oot device"
        r"|No IPL device available|Could not find a suitable boot device",
        "BdsDxe: No bootable option or device was found.",
    ),
    _ending(
        FIRMWARE,
        r"(?:\w+: )?failed to (?:load|start) Boot[0-9A-F]{4}\b.*|Boot [Ff]ailed\. EFI .*",
        'BdsDxe: failed to load Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x2,0x3): Not Found',
    ),
    _sign(
        LOADER,
        r"Entering rescue mode\.\.\.|No DEFAULT or UI configuration directive found|Could not find kernel image",
        "error: no such partition.\nEntering rescue mode...",
    ),
    _ending(
        LOADER,
        r"grub2?(?: rescue)?>|[\w.() -]{0,20}=>|[\w -]*[Uu]-?[Bb]oot[^>\n]{0,20}[>#]|(?:\d+\.\d+ )?Shell>"
        r"|FS\d+:\\?[^>\n]{0,60}>|[ig]PXE>|[\w-]*loader>|(?:aboot|barebox|limine|RedBoot|efi)[^>\n]{0,40}>|\d+ >"
        r"|\{\d+\} ok"
        # These loaders show their prompt in every boot; something is wrong only where they say so.
        r"|.{0,200}(?:[Cc]an't (?:load|find|open)|[Ff]ailed|[Nn]ot found|[Nn]o such file|'\?' for a list of commands)"
        r".{0,200}\n\s*(?:boot ?[:>]|OK)",
        "grub rescue> ",
    ),
    _sign(
        MAINTENANCE,
        r"(?:You are in|Welcome to) (?:emergency|rescue|maintenance|single-user) mode"
        r"|(?:Give|Enter) (?:the )?root password for (?:system )?(?:maintenance|login)"
        r"|(?:[Pp]ress|[Hh]it) (?:Enter|Return|ENTER|RETURN) for (?:system )?maintenance"
        r"|[Cc]annot open access to console, the root account is locked|Enter full pathname of shell or RETURN",
        "Cannot open access to console, the root account is locked.",
    ),
    _sign(
        USER_DATA,
        rf"Failed to run module {_MODULES}|Running (?:module )?{_MODULES} \(.{{0,300}}\) failed",
        "util.py[WARNING]: Running module runcmd (<module 'cloudinit.config.cc_runcmd' from '/usr/lib/x'>) failed",
    ),
    _sign(
        NO_USER_DATA,
        r"Datasource DataSourceNone|Used fallback datasource|No instance datasource found",
        "Cloud-init v. 24.1 finished at now. Datasource DataSourceNone.  Up 9.87 seconds",
    ),
)

#: What cloud-init says when it comes to the user's own commands.
_RUNS_USER_DATA: Final = re.compile(r"Cloud-init v\.? ?\S+ running 'modules[:-]final'")

_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-9;?=]*[ -/]*[@-~]|[()][0-9A-B]|[=>78cM])|[\x00\x07]")
_LONGEST: Final = 160
_MOST: Final = 1 << 17
_SHORT: Final = 40

#: Lines of kernel, init system and services end as prompts do, but nobody waits at them.
_LOG_LINE: Final = re.compile(
    r"\s*(?:\[ *\d+\.\d+\]|\[(?: *OK *|FAILED|DEPEND| *INFO *|[ *]+)\]|<\d+>|\d{4}-\d\d-\d\d|\w{3} +\d+ \d\d:\d\d"
    r"|[\w.-]+\[\d+\]:|ci-info:|cloud-init|BdsDxe:)"
)
_PROMPT: Final = re.compile(r".*[>#$:)] ?")
_LOGIN: Final = re.compile(r"(?i).*\blogin: ?")


@dataclasses.dataclass(frozen=True, slots=True)
class Hopeless:
    """Why a machine will never report, and the line that says so; ``at_end`` as in :class:`Sign`."""

    cause: str
    line: str
    at_end: bool

    def __str__(self) -> str:
        return self.cause if self.cause == NO_INTERPRETER else f"{self.cause}: {self.line!r}"


def hopeless_boot(text: str) -> Hopeless | None:
    """Why the machine with this console will never report; None if nothing on it tells so.

    A console may show such a message and a report as well (the kernel may have killed something else): look for the
    report first.
    """
    plain = _plain(text[-_MOST:])
    for sign in SIGNS:
        match = sign.pattern.search(plain)
        if match:
            begin = max(plain.rfind("\n", 0, match.start()) + 1, match.start() - 60)
            return Hopeless(sign.cause, _shown(plain[begin : match.end() + 100]), sign.at_end)
    return None


def failed_boot(text: str) -> str:
    """The same as text, cause and line; empty if nothing on the console tells so."""
    found = hopeless_boot(text)
    return str(found) if found else ""


def runs_user_data(text: str) -> bool:
    """Whether the console shows that the machine has come to the commands of its user data: its report is near."""
    return _RUNS_USER_DATA.search(text[-_MOST:]) is not None


def prompt_at_end(text: str) -> str:
    """The last line of a console if it may be a prompt that waits for somebody, other than a login; else empty."""
    line = last_line(text)
    if not _PROMPT.fullmatch(line) or _LOGIN.fullmatch(line) or _LOG_LINE.match(line):
        return ""
    # Who waits for an answer does not begin a new line; where one follows all the same, it is short at least.
    ended = text.rstrip(" \0").endswith(("\n", "\r"))
    return "" if ended and len(line) > _SHORT else _shown(line)


def last_line(text: str) -> str:
    """The last line of a console that is not blank, with the blanks at its end, without escape sequences."""
    return next((line for line in reversed(_plain(text[-_MOST:]).split("\n")) if line.strip()), "")


def _plain(text: str) -> str:
    """Without escape sequences, blank lines at the end, and carriage returns."""
    lines = _ESCAPES.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return lines.rstrip("\n")


def _shown(line: str) -> str:
    first = line.strip("\n").split("\n")[0]
    return "".join(filter(str.isprintable, first)).strip()[:_LONGEST]
