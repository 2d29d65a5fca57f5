# SPDX-License-Identifier: Apache-2.0
"""That the token of a kubeconfig is sent, with every client allowed: by its methods, and where it has none."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_scs.demo.kubernetes.state import ClusterState
from pytest_scs.platforms.kubernetes.client import Client, Refused
from pytest_scs.platforms.kubernetes.kubeconfig import Access


@pytest.mark.parametrize("token", [False, True])
def test_the_credential_is_sent_whatever_is_asked(serve_cluster: Any, cluster_state: ClusterState, token: bool) -> None:
    cluster = serve_cluster(cluster_state)
    client = Client(Access("test", cluster.kubeconfig(token=token), "a test"), deadline=0)
    assert len(client.list("CoreV1Api", "list_node")) == 9
    assert client.raw("GET", "/metrics", accept="*/*").status == 200
    client.close()


def test_a_wrong_token_is_refused(serve_cluster: Any, cluster_state: ClusterState) -> None:
    config = serve_cluster(cluster_state).kubeconfig(token=True)
    config["users"][0]["user"]["token"] = "wrong"
    client = Client(Access("test", config, "a test"), deadline=0)
    for ask in (lambda: client.list("CoreV1Api", "list_node"), lambda: client.raw("GET", "/metrics")):
        with pytest.raises(Refused) as caught:
            ask()
        assert caught.value.status == 401
    client.close()
