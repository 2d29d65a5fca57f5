# SPDX-License-Identifier: Apache-2.0
"""What is known of a cluster that only its operator needs to know (docs/standards/framework.md#what-is-public)."""

from __future__ import annotations

from pytest_scs.base.private import PrivateNames, is_ip, values_under
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.platforms.kubernetes.kubeconfig import Access


def addresses_of(inventory: Inventory) -> list[str]:
    """The addresses of the nodes in what was read of a cluster; their names are none."""
    return [text for text in values_under(inventory.sections.get("nodes"), "address") if is_ip(text)]


def learn_access(private: PrivateNames, access: Access) -> None:
    """Learn what a kubeconfig says of a cluster: where it is, and by which names it knows it and its user."""
    cluster, user = access.cluster, access.user
    private.add_addresses(cluster.get(key) for key in ("server", "tls-server-name", "proxy-url"))
    private.add("USER", (access.config["users"][0].get("name"), user.get("username")))
    private.add("ENTRY", (access.config["clusters"][0].get("name"),))
    plugin = user.get("exec") or {}
    private.add_files(name for name in (user.get("tokenFile"), plugin.get("command")) if name and "/" in str(name))
    private.add_files(word for word in access.origin.split(" ", 1)[1:] if word.startswith("/"))
