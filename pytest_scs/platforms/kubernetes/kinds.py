# SPDX-License-Identifier: Apache-2.0
"""The kinds of things that runs make in clusters: how the client creates, reads and deletes them.

What lies in a namespace goes with it: only what stands for itself is removed one by one, in the order of ``KINDS``.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """A kind: ``name`` as kubectl takes it, the client's class, and the end of the names of its methods.

    ``namespaced``: it lies in a namespace. ``deleted``: it is deleted by us; else it goes by itself.
    """

    name: str
    api: str
    noun: str
    namespaced: bool = False
    deleted: bool = True

    @property
    def create(self) -> str:
        """The client's method that creates one."""
        return f"create_{self.noun}"

    @property
    def read(self) -> str:
        """The client's method that reads one."""
        return f"read_{self.noun}"

    @property
    def patch(self) -> str:
        """The client's method that changes one."""
        return f"patch_{self.noun}"

    @property
    def delete(self) -> str:
        """The client's method that deletes one."""
        return f"delete_{self.noun}"

    @property
    def list(self) -> str:
        """The client's method that lists them, of one namespace where they lie in one."""
        return f"list_{self.noun}"


def _named(*kinds: Kind) -> dict[str, Kind]:
    return {kind.name: kind for kind in kinds}


#: What stands for itself, in the order of removal: a claim in a namespace holds its volume, a binding its role.
KINDS = _named(
    Kind("namespace", "CoreV1Api", "namespace"),
    Kind("clusterrolebinding", "RbacAuthorizationV1Api", "cluster_role_binding"),
    Kind("clusterrole", "RbacAuthorizationV1Api", "cluster_role"),
    # Whoever deletes the object of a volume deletes what is known of it, not what it stores.
    Kind("persistentvolume", "CoreV1Api", "persistent_volume", deleted=False),
)

#: What lies in namespaces.
CONTENTS = _named(
    Kind("pod", "CoreV1Api", "namespaced_pod", namespaced=True),
    Kind("persistentvolumeclaim", "CoreV1Api", "namespaced_persistent_volume_claim", namespaced=True),
    Kind("serviceaccount", "CoreV1Api", "namespaced_service_account", namespaced=True),
    Kind("networkpolicy", "NetworkingV1Api", "namespaced_network_policy", namespaced=True),
)
