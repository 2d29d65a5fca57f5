# SPDX-License-Identifier: Apache-2.0
"""Consoles of machines that will never report, by kind, and healthy ones that use the same words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.standards.iaas import guest_check
from pytest_scs.standards.iaas import hopeless_boot as boot
from pytest_scs.standards.iaas.hopeless_boot import (
    SIGNS,
    failed_boot,
    hopeless_boot,
    last_line,
    prompt_at_end,
    runs_user_data,
)

FINAL_MODULE = "<module 'cloudinit.config.cc_{}' from '/usr/lib/python3/dist-packages/cloudinit/config/cc_{}.py'>"

#: Cause, and a console that has come to its end; ``<more>`` stands for what may follow.
HOPELESS = [
    (
        boot.FIRMWARE,
        "Booting from Hard Disk...\r\nBoot failed: not a bootable disk\r\n\r\nNo bootable device.\r\n<more>",
    ),
    (boot.FIRMWARE, "Booting from Hard Disk...\nBoot failed: could not read the boot disk\n<more>"),
    (boot.FIRMWARE, 'BdsDxe: failed to load Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x2,0x3): Not Found\r\n'),
    (boot.FIRMWARE, 'BdsDxe: failed to start Boot0002 "UEFI QEMU HARDDISK" from PciRoot(0x0): Time out\n\n'),
    (
        boot.FIRMWARE,
        "BdsDxe: failed to load Boot0001: Not Found\nBdsDxe: No bootable option or device was found.\n<more>",
    ),
    (boot.FIRMWARE, ">>Start PXE over IPv4.\n  PXE-E18: Server response timeout.\nBoot Failed. EFI Network\n"),
    (boot.FIRMWARE, "FATAL: No bootable medium found! System halted.\n<more>"),
    (boot.FIRMWARE, "Operating System not found\n<more>"),
    (boot.FIRMWARE, "Missing operating system\n"),
    (boot.FIRMWARE, "E3404: Not a bootable device!\nE3407: Load failed\n<more>"),
    (boot.FIRMWARE, "Reboot and Select proper Boot device\nor Insert Boot Media in selected Boot device\n"),
    (
        boot.LOADER,
        "GRUB loading.\r\nWelcome to GRUB!\r\n\r\nerror: no such partition.\r\nEntering rescue mode...\r\n<more>",
    ),
    (boot.LOADER, "error: file `/boot/grub/i386-pc/normal.mod' not found.\ngrub rescue> "),
    (
        boot.LOADER,
        "\x1b[H\x1b[J  GNU GRUB  version 2.06\r\n\r\n   Minimal BASH-like line editing is supported.\r\n\r\ngrub> ",
    ),
    (boot.LOADER, "ISOLINUX 6.04 ETCD\nCould not find kernel image: linux\nboot: "),
    (boot.LOADER, "SYSLINUX 4.07\nNo DEFAULT or UI configuration directive found!\nboot: "),
    (boot.LOADER, "U-Boot 2023.01\n** Booting bootflow failed\n=> "),
    (boot.LOADER, "MMC: no card present\nU-Boot> "),
    (boot.LOADER, 'UEFI Interactive Shell v2.2\nPress ESC in 1 seconds to skip startup.nsh\r\nShell> "'.rstrip('"')),
    (boot.LOADER, "can't load 'kernel'\n\nType '?' for a list of commands, 'help' for more detailed help.\nOK "),
    (boot.LOADER, "booting hd0a:/bsd: open hd0a:/bsd: No such file or directory\n failed(2). will try /bsd\nboot> "),
    (boot.LOADER, "No more network devices\niPXE> "),
    (boot.LOADER, "  Type 'boot' and press return to continue booting the system.\n  Ready! \n0 > "),
    (
        boot.INITRAMFS,
        "[  3.2] dracut-initqueue[421]: Warning: dracut-initqueue timeout - starting timeout scripts\n"
        "Entering emergency mode. Exit the shell to continue.\n<more>",
    ),
    (
        boot.INITRAMFS,
        "dracut-initqueue[310]: Warning: dracut-initqueue: timeout, still waiting for following hooks:\n<more>",
    ),
    (boot.INITRAMFS, "dracut Warning: Could not boot.\ndracut:/# "),
    (boot.INITRAMFS, "ALERT!  UUID=0a-1b does not exist.  Dropping to a shell!\n\n\nBusyBox v1.35\n\n(initramfs) "),
    (boot.INITRAMFS, "Enter 'help' for a list of built-in commands.\r\n\r\n\x1b[6n(initramfs) "),
    (
        boot.INITRAMFS,
        "Mounting boot media: failed. \ninitramfs emergency recovery shell launched. Type 'exit' to go on\n~ # ",
    ),
    (boot.INITRAMFS, "sh: can't access tty; job control turned off\n~ # "),
    (boot.INITRAMFS, "/bin/sh: 0: can't access tty; job control turned off\n# "),
    (
        boot.INITRAMFS,
        "ERROR: device 'UUID=17' not found. Skipping fsck.\nYou are now being dropped into an emergency shell.\n"
        "sh: can't access tty; job control turned off\n[rootfs ]# ",
    ),
    (boot.INITRAMFS, "You are being dropped to a recovery shell\n    Type 'exit' to try and continue booting\n<more>"),
    (boot.INITRAMFS, "Gave up waiting for root file system device.  Common problems:\n<more>"),
    (boot.INITRAMFS, "Could not find /dev/vda2.\nnot found -- exiting to /bin/sh\nsh-4.2# "),
    (boot.INITRAMFS, "An error occurred in stage 1 of the boot process, which must mount the root filesystem\n<more>"),
    (boot.ROOT, "/dev/vda1: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n\t(i.e., without -a or -p options)\n<more>"),
    (boot.ROOT, "The root filesystem on /dev/vda1 requires a manual fsck\n\n(initramfs) "),
    (
        boot.ROOT,
        "THE FOLLOWING FILE SYSTEM HAD AN UNEXPECTED INCONSISTENCY\nAutomatic file system check failed; help!\n<more>",
    ),
    (
        boot.ROOT,
        "*** An error occurred during the file system check.\n*** Dropping you to a shell; reboot afterwards\n<more>",
    ),
    (boot.ROOT, "An automatic check failed.  A manual fsck must be performed, then the system restarted.\n<more>"),
    (boot.ROOT, "Mounting from ufs:/dev/vtbd0p2 failed with error 19.\n\nLoader variables:\n\nmountroot> "),
    (boot.ROOT, "boot device: <unknown>\nroot device (default wd0a): "),
    (boot.ROOT, "root device: "),
    (boot.ROOT, "[FAILED] Failed to mount /sysroot.\nSee 'systemctl status sysroot.mount' for details.\n<more>"),
    (boot.MAINTENANCE, 'You are in emergency mode. After logging in, type "journalctl -xb" to view system logs\n...'),
    (boot.MAINTENANCE, "You are in rescue mode. After logging in\n<more>"),
    (boot.MAINTENANCE, "Welcome to emergency mode! After logging in\n<more>"),
    (boot.MAINTENANCE, "Give root password for maintenance\n(or press Control-D to continue): "),
    (boot.MAINTENANCE, "Enter root password for system maintenance (control-d to bypass): "),
    (boot.MAINTENANCE, "Press Enter for maintenance\n(or press Control-D to continue): "),
    (boot.MAINTENANCE, "\r\nCannot open access to console, the root account is locked.\r\nSee sulogin(8)\r\n<more>"),
    (boot.MAINTENANCE, "Enter full pathname of shell or RETURN for /bin/sh: "),
    (boot.PANIC, "[  3.1] Kernel panic - not syncing: VFS: Unable to mount root fs\n<more>"),
    (boot.PANIC, "panic: vm_fault\ncpuid = 0\nKDB: enter: panic\ndb> "),
    (boot.MEMORY, "[ 10.0] Out of memory: Killed process 612 (cloud-init) total-vm:9\n<more>"),
    (
        boot.MEMORY,
        "[ 10.0] cc1 invoked oom-killer\n[ 10.0] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null)\n<more>",
    ),
    (
        boot.MEMORY,
        "[ 10.0] Out of memory: Kill process\n[ 10.1] Kernel panic - not syncing: System is deadlocked\n<more>",
    ),
    (
        boot.USER_DATA,
        "12:00:00,1 - cc_scripts_user.py[WARNING]: Failed to run module scripts-user (scripts in /x)\n<more>",
    ),
    (boot.USER_DATA, "cc_scripts_user.py[WARNING]: Failed to run module scripts_user (scripts in /var/lib)\n<more>"),
    (
        boot.NO_USER_DATA,
        "ci-info: x\nCloud-init v. 24.1 finished at now. Datasource DataSourceNone.  Up 9 seconds\n<more>",
    ),
    (boot.NO_USER_DATA, "cc_final_message.py[WARNING]: Used fallback datasource\n<more>"),
    (boot.NO_INTERPRETER, "scs: this image has no Python 3\n<more>"),
    *(
        (boot.USER_DATA, f"[   9.1] cloud-init[512]: log_util.py[WARNING]: {said}\n<more>")
        for name in ("write_files", "runcmd", "scripts_user")
        for said in (
            f"Failed to run module {name}",
            f"Failed to run module {name.replace('_', '-')}",
            f"Running module {name} ({FINAL_MODULE.format(name, name)}) failed",
            f"Running module {name.replace('_', '-')} ({FINAL_MODULE.format(name, name)}) failed",
        )
    ),
]

#: Ends of consoles of machines that are well, or may become so.
HEALTHY = [
    "Command line: panic=30 console=ttyS0 rd.emergency=poweroff\nStarting Emergency Shell... rescue.target\n",
    "[    1.2] systemd[1]: Condition check resulted in Dracut Emergency Shell being skipped.\n",
    "[  OK  ] Stopped target Emergency Mode.\n[  OK  ] Closed initctl Compatibility Named Pipe.\n",
    "[FAILED] Failed to start OpenSSH server daemon.\nSee 'systemctl status sshd.service' for details.\n",
    "[FAILED] Failed to start Wait for Network to be Configured.\n",
    "Gave up waiting for suspend/resume device\n",
    "[    4.1] FAT-fs (vda15): Volume was not properly unmounted. Some data may be corrupt. Please run fsck.\n",
    "[    4.1] EXT4-fs (vda1): warning: mounting fs with errors, running e2fsck is recommended\n",
    "systemd-fsck[312]: /dev/vda15: 12 files, 2052/51145 clusters\n",
    "Begin: Will now check root file system ... fsck from util-linux 2.38\n/dev/vda1: clean, 1/2 files\ndone.\n",
    'BdsDxe: failed to load Boot0001 "UEFI QEMU DVD-ROM" from PciRoot(0x0): Not Found\n'
    'BdsDxe: loading Boot0002 "UEFI Misc Device" from PciRoot(0x0)\nBdsDxe: starting Boot0002 "UEFI Misc Device"\n',
    "SeaBIOS (version 1.16)\niPXE (http://ipxe.org) 00:03.0\nBooting from Hard Disk...\nGRUB loading.\n",
    "grub> linux /vmlinuz\nLoading Linux 6.1 ...\nLoading initial ramdisk ...\n",
    "U-Boot 2023.01\nHit any key to stop autoboot:  2 \n",
    "SYSLINUX 6.04\nboot: \nLoading vmlinuz-virt... ok\nLoading initramfs-virt...ok\n",
    ">> OpenBSD/amd64 BOOT 3.65\nboot> \nbooting hd0a:/bsd: 1587+3916 [83]\n",
    "Trying to mount root from ufs:/dev/gpt/rootfs [rw]...\nmountroot: waiting for device /dev/gpt/rootfs...\n",
    "[    0.9] VFS: Mounted root (ext4 filesystem) readonly on device 254:1.\n",
    "[   30.1] Memory cgroup out of memory: Killed process 99 (dnf) total-vm:5\n"
    "[   30.1] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)\n",
    "cc_ntp.py[WARNING]: Failed to run module ntp\n",
    f"Running module apt-configure ({FINAL_MODULE.format('apt_configure', 'apt_configure')}) failed\n",
    "Failed to run module scripts-vendor\nFailed to run module write-files-deferred\nFailed to run module ssh\n",
    "schema.py[WARNING]: Invalid cloud-config provided: Please run 'sudo cloud-init schema --system'\n",
    "Cloud-init v. 24.2 finished at now. Datasource DataSourceConfigDrive [net,ver=2].  Up 15.02 seconds\n",
    '+ echo "scs: this image has no Python 3"\n',
    "Welcome to Foo Operating System\n",
    "Ubuntu 24.04 LTS vm ttyS0\n\nvm login: ",
    "ERROR: file too big: not found\nvm login: ",
    "dracut: Switching root\n[    2.0] systemd[1]: Reached target Initrd Root File System.\n",
    "[  OK  ] Started Serial Getty on ttyS0.\n[  OK  ] Reached target Multi-User System.\n",
    "Jan  5 10:00:00 vm kernel: printk: console [ttyS0] enabled (null)\n",
    "",
]


@pytest.mark.parametrize(("cause", "console"), HOPELESS)
def test_a_machine_that_will_never_report_is_recognised(cause: str, console: str) -> None:
    text = f"[    0.0] Linux version 6.1 (emergency)\r\n{console}".replace("<more>", "more\n")
    found = hopeless_boot(text)
    assert found is not None
    assert found.cause == cause
    assert cause in failed_boot(text)
    assert found.line in text.replace("\x1b[6n", "").replace("\x1b[H\x1b[J", "")


@pytest.mark.parametrize("sign", SIGNS, ids=[sign.example[:40] for sign in SIGNS])
def test_each_entry_of_the_table_recognises_its_example(sign: boot.Sign) -> None:
    assert failed_boot(sign.example).startswith(sign.cause)
    assert bool(failed_boot(f"{sign.example}\nLinux version 6.1\n")) != sign.at_end


def test_each_kind_says_another_cause() -> None:
    assert {sign.cause for sign in SIGNS} == {
        value for name, value in vars(boot).items() if name.isupper() and isinstance(value, str) and value[0] != "_"
    } - {boot.NO_PYTHON, boot._MODULES}


@pytest.mark.parametrize("console", HEALTHY)
@pytest.mark.parametrize("before", ["", "[    0.0] Linux version 6.1\r\n"])
@pytest.mark.parametrize("after", ["", "[   20.1] cloud-init[861]: Cloud-init v. 24.2 running 'modules:final'\r\n"])
def test_a_healthy_boot_is_not_hopeless(before: str, console: str, after: str) -> None:
    text = f"{before}{console}{after}"
    assert failed_boot(text) == ""
    assert prompt_at_end(text) == ""


@pytest.mark.parametrize(
    "prompt",
    [
        "grub> ",
        "mystery$ ",
        "[root@vm ~]# ",
        "What is your name: ",
        "Continue? (y/n)",
        "(debug)",
        "boot: ",
        "\x1b[1mx>\x1b[0m ",
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
def test_a_prompt_at_the_end_is_seen(prompt: str, end: str) -> None:
    assert prompt_at_end(f"[    1.0] EXT4-fs (vda1): mounted (null)\r\n{prompt}{end}")


@pytest.mark.parametrize(
    "line",
    [
        "vm login: ",
        "localhost.localdomain login:",
        "VM Login: ",
        "[    1.0] EXT4-fs (vda1): mounted filesystem with ordered data mode. Opts: (null)",
        "[  *** ] A start job is running for cloud-init (1min 3s / no limit)",
        "cloud-init[861]: Generating public/private rsa key pair:",
        "2026-06-15 12:00:00 something (else)",
        "<6>[ 1.0] something (else)",
        "EXT4-fs (vda1): mounted filesystem with ordered data mode (null)\n",
        "done.",
        "x>  ",
        "",
        "   ",
    ],
)
def test_no_other_line_counts_as_a_prompt(line: str) -> None:
    assert prompt_at_end(f"Linux version 6.1\n{line}") == ""


def test_the_last_line_is_the_last_that_is_not_blank() -> None:
    assert last_line("one\r\ntwo \r\n\r\n  \n") == "two "
    assert last_line("one\x00\rtwo") == "two"
    assert last_line("\n") == ""


def test_the_cause_quotes_the_line_without_control_characters() -> None:
    text = "before\r\n\x1b[31m[ 3.1] Kernel panic - not syncing: Fatal\x07 exception\r\nafter"
    assert failed_boot(text) == "the kernel panicked: '[ 3.1] Kernel panic - not syncing: Fatal exception'"


def test_a_long_line_is_cut() -> None:
    assert len(failed_boot("y" * 5000 + "Kernel panic - not syncing" + "x" * 5000)) < 250


def test_a_long_console_takes_no_time() -> None:
    for filler in ("x", " ", "boot", "failed ", "=", "root device (", "Running module runcmd (", "a\n", "\x1b["):
        assert failed_boot(filler * (100_000 // len(filler))) == ""


def test_the_older_name_of_the_look_is_there() -> None:
    assert guest_check.failed_boot("grub rescue> ") == "the boot loader found no system: 'grub rescue>'"


@given(st.text(st.characters(exclude_characters=">:#$")))
def test_only_known_messages_are_failures(text: str) -> None:
    assert failed_boot(text) == ""
    assert not prompt_at_end(text) or ")" in text


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("[ 45.6] cloud-init[361]: Cloud-init v. 22.4.2 running 'modules:final' at Fri, 27 Nov 2026. Up 45 s.", True),
        ("Cloud-init v. 24.4-0ubuntu1~24.04.2 running 'modules:final' at Fri", True),
        ("Cloud-init v. 0.7.9 running 'modules:config' at Fri", False),
        ("Cloud-init v. 22.4.2 finished at Fri", False),
        ("", False),
    ],
)
def test_the_beginning_of_the_own_commands_is_recognised(text: str, near: bool) -> None:
    assert runs_user_data(text) is near
