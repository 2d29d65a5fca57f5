# SPDX-License-Identifier: Apache-2.0
"""Fixtures of evidence that may be missing, because another kind of it may decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.section import DerivedFixture, Section
from pytest_scs.platforms.kubernetes.listings import api_server_flags, api_server_metrics, control_plane_pods
from pytest_scs.standards.kaas.control_plane import ControlPlane
from pytest_scs.standards.kaas.unseen import Unseen

T = TypeVar("T")


def seen(section: Section[T], inventory: Inventory) -> T | Unseen:
    """The value of a section, or why it is not there; raises Inconclusive if nothing of the subject can be judged."""
    inventory.admit()
    try:
        return section.typed(inventory)
    except Inconclusive as error:
        if error.kind is CauseKind.INTERRUPTED:
            raise
        return Unseen(str(error), error.kind)


def control_plane(inventory: Inventory) -> ControlPlane:
    """What is visible of the control plane."""
    pods = seen(control_plane_pods.SECTION, inventory)
    flags = seen(api_server_flags.SECTION, inventory)
    metrics = seen(api_server_metrics.SECTION, inventory)
    return ControlPlane(pods, flags, metrics)


CONTROL_PLANE = DerivedFixture(
    name="control_plane",
    summary="What is visible of the control plane: pods, flags and metrics.",
    needs=(control_plane_pods.SECTION.name, api_server_flags.SECTION.name, api_server_metrics.SECTION.name),
    make=control_plane,
)


def if_seen(section: Section[Any]) -> DerivedFixture[Any]:
    """The fixture ``NAME_if_seen`` of a section: its value, or why it is not there."""
    make: Callable[[Inventory], Any] = lambda inventory: seen(section, inventory)  # noqa: E731 - for the type
    summary = f"{section.summary} Or why that is not known."
    return DerivedFixture(name=f"{section.name}_if_seen", summary=summary, needs=(section.name,), make=make)
