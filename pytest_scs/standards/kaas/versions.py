# SPDX-License-Identifier: Apache-2.0
"""Versions of Kubernetes: what a cluster calls its own, and what of it is compared (docs/standards/scs-0210.md)."""

from __future__ import annotations

import dataclasses
import re
from typing import Final, NamedTuple

_GIT_VERSION: Final = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})([-+].*)?", re.ASCII)
_PLAIN: Final = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)
_BRANCH: Final = re.compile(r"v?(\d{1,9})\.(\d{1,9})", re.ASCII)
_PRE_RELEASE: Final = ("-alpha", "-beta", "-rc")


class Branch(NamedTuple):
    """A minor version, such as 1.36, of which patch releases are made."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


class Version(NamedTuple):
    """A release, such as 1.36.3."""

    major: int
    minor: int
    patch: int

    @property
    def branch(self) -> Branch:
        """The branch that it is a release of."""
        return Branch(self.major, self.minor)

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}"

    @property
    def plain(self) -> str:
        """The same without the ``v``, as data files have it."""
        return str(self)[1:]


@dataclasses.dataclass(frozen=True, slots=True)
class RunningVersion:
    """What runs somewhere: ``text`` is how it calls itself, ``version`` its three numbers, ``suffix`` what follows.

    ``pre_release`` tells an alpha, a beta or a release candidate; ``compared`` is the release that it counts as, None
    for a pre-release of a branch that has no release yet.
    """

    text: str
    version: Version
    suffix: str
    pre_release: bool

    @property
    def compared(self) -> Version | None:
        """The version itself; of a pre-release the patch before it."""
        if not self.pre_release:
            return self.version
        return self.version._replace(patch=self.version.patch - 1) if self.version.patch else None


def read_git_version(text: str) -> RunningVersion | None:
    """A ``gitVersion`` or ``kubeletVersion``, such as ``v1.35.4-eks-1`` or ``v1.36.3+k3s1``; None if it is none.

    What vendors add behind the numbers does not count (docs/standards/scs-0210.md#version-of-the-cluster).
    """
    match = _GIT_VERSION.fullmatch(text)
    if match is None:
        return None
    suffix = match[4] or ""
    version = Version(int(match[1]), int(match[2]), int(match[3]))
    return RunningVersion(text, version, suffix, suffix.startswith(_PRE_RELEASE))


def read_version(text: str) -> Version | None:
    """A release without anything behind its numbers, ``1.36.3`` or ``v1.36.3``; None if it is none."""
    match = _PLAIN.fullmatch(text)
    return Version(int(match[1]), int(match[2]), int(match[3])) if match else None


def read_branch(text: str) -> Branch | None:
    """A branch, ``1.36`` or ``v1.36``; None if it is none."""
    match = _BRANCH.fullmatch(text)
    return Branch(int(match[1]), int(match[2])) if match else None
