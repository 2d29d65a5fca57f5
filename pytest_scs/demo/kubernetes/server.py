# SPDX-License-Identifier: Apache-2.0
"""The demo cluster as an HTTPS server on the loopback interface."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Self

import yaml

from pytest_scs.base.private_files import write_for_owner
from pytest_scs.demo.kubernetes.app import ClusterApp
from pytest_scs.demo.kubernetes.certificates import Authority
from pytest_scs.demo.kubernetes.state import ClusterState
from pytest_scs.demo.serving import ADDRESS, LoopbackServer


class DemoCluster(LoopbackServer):
    """A running demo cluster; a context manager.

    ``state`` is what it contains and may be changed while it runs, certificates excepted. ``port`` 0 takes any free
    port; the address is always that of the loopback interface.
    """

    def __init__(self, state: ClusterState, port: int = 0) -> None:
        self.state = state
        self._authority = Authority(state.authority)
        self._sign()
        super().__init__(ClusterApp(state), port, name="demo cluster", tls=self._authority.context(state.serving))

    def start(self) -> Self:
        """Listen; when this returns, requests are answered. Raises OSError if the port is taken."""
        self.state.stopping = False
        return super().start()

    def stop(self) -> None:
        """Stop listening and close all connections; harmless when it is not running."""
        self.state.stopping = True  # for those who watch
        super().stop()

    def _sign(self) -> None:
        """Give what is approved of the signing requests the certificate it is for."""
        for request in self.state.signing_requests:
            status = request.get("status") or {}
            approved = any(one.get("type") == "Approved" for one in status.get("conditions") or ())
            if approved and "certificate" not in status:
                purpose = "client" if "client" in request["spec"]["signerName"] else "server"
                name, groups = request["spec"]["username"], ("system:nodes",)
                certificate, _ = self._authority.issue(purpose, name, groups, self.state.kubelet)
                status["certificate"] = _encoded(certificate)

    @property
    def url(self) -> str:
        """The root of the API. Raises RuntimeError unless it is running."""
        return f"https://{ADDRESS}:{self.port}"

    def kubeconfig(self, context: str = "demo", account: str = "admin", *, token: bool = False) -> dict[str, Any]:
        """A kubeconfig with one context for an account of the state: by client certificate or with its token.

        What belongs to the context is inside, nothing in other files.
        """
        who = self.state.accounts[account]
        user: dict[str, str] = {}
        if token:
            user["token"] = who.token
        else:
            certificate, key = self._authority.issue("client", who.name, who.groups, self.state.client)
            user = {"client-certificate-data": _encoded(certificate), "client-key-data": _encoded(key)}
        cluster = {"server": self.url, "certificate-authority-data": _encoded(self._authority.pem)}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": context, "cluster": cluster}],
            "users": [{"name": f"{context}-{account}", "user": user}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": f"{context}-{account}"}}],
            "current-context": context,
        }

    def write_kubeconfig(
        self, path: Path, context: str = "demo", account: str = "admin", *, token: bool = False
    ) -> None:
        """Write ``kubeconfig`` to a file that only its owner can read."""
        text = yaml.safe_dump(self.kubeconfig(context, account, token=token), sort_keys=False)
        write_for_owner(path, text)


def _encoded(pem: str) -> str:
    return base64.b64encode(pem.encode()).decode()
