# SPDX-License-Identifier: Apache-2.0
"""All platforms, and which of them judges a scope."""

from __future__ import annotations

from pytest_scs.base.errors import InputError
from pytest_scs.core.scope import Scope
from pytest_scs.core.subject import Subject
from pytest_scs.platforms.kubernetes.platform import Kubernetes
from pytest_scs.platforms.openstack.platform import OpenStack
from pytest_scs.platforms.platform import Platform

_PLATFORMS: list[Platform] = [OpenStack(), Kubernetes()]


def platforms() -> tuple[Platform, ...]:
    """All platforms, in the order in which their subjects are judged."""
    return tuple(_PLATFORMS)


def register_platform(platform: Platform) -> None:
    """Add a platform, before pytest reads its options; raises ValueError if its name is taken."""
    if any(known.name == platform.name for known in _PLATFORMS):
        raise ValueError(f"there is a platform {platform.name} already")
    _PLATFORMS.append(platform)


def platform_named(name: str) -> Platform:
    """A platform by name; raises KeyError."""
    return {platform.name: platform for platform in _PLATFORMS}[name]


def platform_of_subject(subject: Subject) -> Platform:
    """The platform that judges a subject; raises KeyError."""
    return platform_named(subject.platform)


def platform_of_scope(scope: Scope) -> Platform:
    """The platform that judges a scope, by its ``variables``; a scope without any is about the first platform.

    Raises InputError for variables that no platform, or that several platforms have.
    """
    if not scope.variables:
        return _PLATFORMS[0]
    found = [platform for platform in _PLATFORMS if platform.variables.intersection(scope.variables)]
    if len(found) != 1:
        known = ", ".join(sorted(variable for platform in _PLATFORMS for variable in platform.variables))
        raise InputError(
            f"{scope.path}: variables are {', '.join(scope.variables)}, which "
            f"{'no platform has' if not found else 'belong to several platforms'}; known: {known}"
        )
    return found[0]
