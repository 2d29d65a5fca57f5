# SPDX-License-Identifier: Apache-2.0
"""The values image properties may have (scs-0102, and the OpenStack image properties it refers to).

See docs/standards/scs-0102.md#vocabularies.

Names in ``OFFICIAL_`` are what the official suite accepts where that differs from the text. None in a set means that
the property may be absent.
"""

from __future__ import annotations

from typing import Final

OFFICIAL_ARCHITECTURES: Final = frozenset({"x86_64", "aarch64", "risc-v"})
ARCHITECTURES: Final = frozenset(
    {
        *("alpha", "armv6", "armv7l", "armv7b", "aarch64", "cris", "i686", "ia64", "lm32", "m68k"),
        *("microblaze", "microblazeel", "mips", "mipsel", "mips64", "mips64el", "openrisc", "parisc", "parisc64"),
        *("ppc", "ppcle", "ppc64", "ppc64le", "ppcemb", "riscv64", "s390", "s390x", "sh4", "sh4eb"),
        *("sparc", "sparc64", "unicore32", "x86_64", "xtensa", "xtensaeb"),
    }
)

HASH_ALGORITHMS: Final = frozenset({"sha256", "sha512"})

PURPOSES_V1: Final = frozenset({"generic", "minimal", "k8snode", "gpu", "network", "custom"})
PURPOSES: Final = PURPOSES_V1 | {"oldgeneric"}

OFFICIAL_DISK_BUSES: Final[frozenset[str | None]] = frozenset({"virtio", "scsi", None})
DISK_BUSES: Final = frozenset({"scsi", "virtio", "ide", "sata", "usb", "fdc", "xen", "uml", "lxc"})

OFFICIAL_HYPERVISORS: Final[frozenset[str | None]] = frozenset({"qemu", "kvm", "xen", "hyper-v", "esxi", None})
#: ``kvm`` is understood, but ``qemu`` is the documented value for both.
HYPERVISORS: Final[frozenset[str | None]] = frozenset(
    {"hyperv", "ironic", "kvm", "lxc", "qemu", "uml", "vmware", "xen", None}
)

#: The only device Nova knows.
RNG_MODELS: Final[frozenset[str | None]] = frozenset({"virtio", None})

REPLACE_FREQUENCIES: Final = frozenset({"yearly", "quarterly", "monthly", "weekly", "daily", "critical_bug", "never"})

#: Schemes of ``image_source``; the official suite knows them in lower case only (DEV-0102-16).
SOURCE_SCHEMES: Final = ("http://", "https://", "ftp://", "ftps://")

DISTROS: Final = frozenset(
    {
        *("arch", "centos", "debian", "fedora", "freebsd", "gentoo", "mandrake", "mandriva", "mes", "msdos", "netbsd"),
        *("netware", "openbsd", "opensolaris", "opensuse", "rhel", "sled", "ubuntu", "windows"),
        # not in the documentation of OpenStack, but in libosinfo, from which it takes its names
        # (which of its first two names AlmaLinux has here is not settled)
        *("almalinux", "alma", "rocky", "sles", "flatcar", "alpine", "oraclelinux"),
    }
)
#: Spellings that the documentation advises against, and the right ones.
DISCOURAGED_DISTROS: Final = {
    **dict.fromkeys(("archlinux", "org.archlinux"), "arch"),
    **dict.fromkeys(("org.centos", "CentOS"), "centos"),
    **dict.fromkeys(("Debian", "org.debian"), "debian"),
    **dict.fromkeys(("Fedora", "org.fedora", "org.fedoraproject"), "fedora"),
    **dict.fromkeys(("FreeBSD", "org.freebsd"), "freebsd"),
    "Gentoo": "gentoo",
    **dict.fromkeys(("suse", "SuSE", "org.opensuse"), "opensuse"),
    **dict.fromkeys(("redhat", "RedHat", "com.redhat"), "rhel"),
    "com.suse": "sled",
    **dict.fromkeys(("Ubuntu", "com.ubuntu", "org.ubuntu", "canonical"), "ubuntu"),
    "com.microsoft.server": "windows",
}
#: Distributions that number their releases, so that ``os_version`` is a number.
NUMBERED_DISTROS: Final = frozenset(
    {
        *("ubuntu", "debian", "centos", "rhel", "almalinux", "alma", "rocky", "fedora", "opensuse", "sles", "sled"),
        *("freebsd", "openbsd", "netbsd", "alpine", "oraclelinux"),
    }
)
