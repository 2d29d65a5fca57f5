# SPDX-License-Identifier: Apache-2.0
"""The images of the pods that probes create: those of the Kubernetes project, pinned, or the user's own."""

from __future__ import annotations

#: For pods that execute nothing.
PAUSE = "registry.k8s.io/pause:3.10@sha256:ee6521f290b2168b6e0935a181d4cff9be1ac3f505666ef0e3c98fae8199917a"

#: For pods that write, read, listen and connect: it has a program for each of these, so that no shell is needed.
AGNHOST = (
    "registry.k8s.io/e2e-test-images/agnhost:2.53"
    "@sha256:99c6b4bb4a1e1df3f0b3752168c89358794d02258ebebc26bf21c29399011a85"
)

#: Its program.
PROGRAM = "/agnhost"


def executing(chosen: str) -> str:
    """The image of a pod that executes agnhost; ``chosen`` is what the user wants instead."""
    return chosen or AGNHOST
