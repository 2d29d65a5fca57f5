# SPDX-License-Identifier: Apache-2.0
"""The demo cloud as an HTTP server on the loopback interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from pytest_scs.base.private_files import write_for_owner
from pytest_scs.demo.openstack.app import CloudApp
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.serving import ADDRESS, LoopbackServer


class DemoCloud(LoopbackServer):
    """A running demo cloud; a context manager.

    ``state`` is what it contains and may be changed while it runs. ``port`` 0 takes any free port; the address is
    always that of the loopback interface.
    """

    def __init__(self, state: CloudState, port: int = 0) -> None:
        super().__init__(CloudApp(state), port, name="demo cloud")
        self.state = state

    @property
    def url(self) -> str:
        """The root of the cloud, below which every service has a path. Raises RuntimeError unless it is running."""
        return f"http://{ADDRESS}:{self.port}"

    @property
    def auth_url(self) -> str:
        """What clients need to authenticate."""
        return f"{self.url}/identity/v3"

    def clouds_yaml(
        self, name: str = "demo", *, region: str | None = None, application_credential: bool = False
    ) -> str:
        """The text of a clouds.yaml with this cloud as its only entry.

        ``region`` None means the first one; the empty string leaves the region out.
        """
        state = self.state
        auth: dict[str, str] = {"auth_url": self.auth_url}
        entry: dict[str, Any] = {"auth": auth, "interface": "public"}
        if application_credential:
            entry["auth_type"] = "v3applicationcredential"
            auth["application_credential_id"] = state.application_credential_id
            auth["application_credential_secret"] = state.application_credential_secret
        else:
            auth["username"] = state.username
            auth["password"] = state.password
            auth["project_name"] = state.project_name
            auth["user_domain_name"] = auth["project_domain_name"] = "Default"
        if region is None:
            region = state.regions[0]
        if region:
            entry["region_name"] = region
        return yaml.safe_dump({"clouds": {name: entry}}, sort_keys=False)

    def administrator(self) -> dict[str, Any]:
        """The entry of clouds.yaml for who may change what all share; it is not to be judged by."""
        state = self.state
        auth = {"auth_url": self.auth_url, "username": "admin", "password": state.admin_password}
        auth |= {"project_name": state.project_name, "user_domain_name": "Default", "project_domain_name": "Default"}
        return {"auth": auth, "interface": "public", "region_name": state.regions[0]}

    def managers(self, name: str = "demo") -> dict[str, Any]:
        """The entries of clouds.yaml for the managers of domains: ``demo:manager-a`` and so on."""
        state, found = self.state, {}
        for domain in state.directory.domains:
            manager = next(
                (
                    user
                    for user in state.directory.users
                    if user["domain_id"] == domain["id"] and user["name"] == "manager" and "_password" in user
                ),
                None,
            )
            if manager:
                auth = {"auth_url": self.auth_url, "username": manager["name"], "password": manager["_password"]}
                auth["user_domain_name"] = auth["domain_name"] = domain["name"]
                entry = {"auth": auth, "interface": "public", "region_name": state.regions[0]}
                found[f"{name}:{domain['name']}"] = entry
        return found

    def write_clouds_yaml(
        self,
        path: Path,
        name: str = "demo",
        *,
        region: str | None = None,
        application_credential: bool = False,
        administrator: str = "",
    ) -> None:
        """Write ``clouds_yaml`` to a file that only its owner can read; ``administrator`` names one more entry."""
        text = self.clouds_yaml(name, region=region, application_credential=application_credential)
        if administrator:
            entries = {**yaml.safe_load(text)["clouds"], administrator: self.administrator()}
            text = yaml.safe_dump({"clouds": entries}, sort_keys=False)
        write_for_owner(path, text)
