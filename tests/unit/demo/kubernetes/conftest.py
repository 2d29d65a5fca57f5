# SPDX-License-Identifier: Apache-2.0
"""A demo cluster, and the official client to ask it with: every answer is plain data."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import kubernetes.client
import kubernetes.config
import pytest

from pytest_scs.demo.kubernetes.server import DemoCluster
from pytest_scs.demo.kubernetes.state import ClusterState


class Asking:
    """The API of a demo cluster for one account; a refusal is an ApiException."""

    def __init__(self, cluster: DemoCluster, account: str = "admin", *, token: bool = False) -> None:
        configuration = kubernetes.client.Configuration()
        config = cluster.kubeconfig(account=account, token=token)
        kubernetes.config.load_kube_config_from_dict(config, client_configuration=configuration)
        configuration.retries = False
        if "authorization" in configuration.api_key:  # client 36 looks for it elsewhere than it puts it
            configuration.api_key["BearerToken"] = configuration.api_key["authorization"]
        self.state = cluster.state
        self.configuration = configuration
        self.client = kubernetes.client.ApiClient(configuration)

    def __getattr__(self, name: str) -> Any:
        """``asking.CoreV1Api`` and so on."""
        return getattr(kubernetes.client, name)(self.client)

    def __call__(self, api: str, method: str, *arguments: Any, **options: Any) -> Any:
        """What a method of the client answers, as plain data."""
        response = getattr(getattr(self, api), method)(*arguments, _preload_content=False, **options)
        return json.loads(response.data)

    def raw(self, path: str, method: str = "GET", **headers: str) -> Any:
        """The response to a request that the client has no method for."""
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        token = self.configuration.get_api_key_with_prefix("BearerToken")
        if token:
            sent["Authorization"] = token
        pool = self.client.rest_client.pool_manager
        return pool.request(method, self.configuration.host + path, headers=sent, retries=False)

    def refused(self, api: str, method: str, *arguments: Any, **options: Any) -> dict[str, Any]:
        """The Status object with which a request is refused."""
        with pytest.raises(kubernetes.client.ApiException) as caught:
            self(api, method, *arguments, **options)
        status: dict[str, Any] = json.loads(caught.value.body)
        assert status["kind"] == "Status"
        assert status["status"] == "Failure"
        assert status["code"] == caught.value.status
        return status

    def until(self, what: Callable[[], Any]) -> Any:
        """Ask until there is an answer that is true."""
        for _ in range(200):
            if found := what():
                return found
            time.sleep(0.01)
        raise AssertionError("it never came")


@pytest.fixture
def cluster(cluster_state: ClusterState) -> Iterator[DemoCluster]:
    with DemoCluster(cluster_state) as running:
        yield running


@pytest.fixture
def ask(cluster: DemoCluster) -> Iterator[Asking]:
    """The API for the administrator."""
    asking = Asking(cluster)
    yield asking
    asking.client.close()


@pytest.fixture
def ask_as(cluster: DemoCluster) -> Iterator[Callable[..., Asking]]:
    """The API for somebody else."""
    opened: list[Asking] = []

    def asking(account: str, *, token: bool = False) -> Asking:
        opened.append(Asking(cluster, account, token=token))
        return opened[-1]

    yield asking
    for one in opened:
        one.client.close()
