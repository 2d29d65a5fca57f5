# SPDX-License-Identifier: Apache-2.0
"""Beyond the table: the credentials of foreign users, and whether an own user can work (spec 21.5)."""

from __future__ import annotations

import datetime as dt
import secrets
from functools import partial
from typing import Any

from keystoneauth1.identity.v3 import Password

from pytest_scs.errors import Inconclusive
from pytest_scs.openstack.client import Client, Refused
from pytest_scs.openstack.probes.domain_manager.manager import Grant, undecided
from pytest_scs.openstack.probes.domain_manager.stage import Seen, Stage
from pytest_scs.standards.domain_manager import MEMBER


def run(stage: Stage) -> None:
    """All of it."""
    _foreign(stage)
    _work(stage)


def _foreign(stage: Stage) -> None:
    """What is created where that is permitted goes with the user, which is deleted at the end."""
    a, b = stage.a, stage.b

    def listing(path: str) -> Seen:
        return stage.lookup(a, path.format(user=b.live("user").id))

    def creation(path: str, body: dict[str, Any]) -> Seen:
        status, content = a.ask("POST", path.format(user=b.live("user").id), body)
        stage.probing.conceal(
            entry.get("secret") for entry in content.values() if isinstance(entry, dict) and entry.get("secret")
        )
        return Seen(status, None)

    def application_credential() -> Seen:
        name = a.janitor.name("0302", "application-credential")
        body = {"application_credential": {"name": name, "roles": [{"id": stage.role(MEMBER)}]}}
        return creation("/users/{user}/application_credentials", body)

    def ec2() -> Seen:
        return creation("/users/{user}/credentials/OS-EC2", {"tenant_id": b.live("project").id})

    def trust() -> Seen:
        body = {
            "trustor_user_id": b.live("user").id,
            "trustee_user_id": a.live("user").id,
            "project_id": b.live("project").id,
            "roles": [{"id": stage.role(MEMBER)}],
            "impersonation": False,
            "expires_at": (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
        }
        return creation("/OS-TRUST/trusts", {"trust": body})

    def password() -> Seen:
        return _patched(stage, new_password(stage))

    user = "foreign user"
    paths = {
        "application-credentials": "/users/{user}/application_credentials",
        "ec2": "/users/{user}/credentials/OS-EC2",
        "trusts": "/OS-TRUST/trusts?trustor_user_id={user}",
    }
    policies = {
        "application-credentials": ("list_application_credentials", "create_application_credential"),
        "ec2": ("ec2_list_credentials", "ec2_create_credential"),
        "trusts": ("list_trusts_for_trustor", "create_trust"),
    }
    creators = {"application-credentials": application_credential, "ec2": ec2, "trusts": trust}
    for what, path in paths.items():
        words = {"application-credentials": "application credential", "ec2": "EC2 credential", "trusts": "trust"}[what]
        listed, created = policies[what]
        stage.refused(f"{what}-list", f"list {words}s", user, listed, partial(listing, path))
        stage.refused(f"{what}-create", f"create {words}s", user, created, creators[what])
    stage.refused("password", "set a password", user, "update_user", password)


def _patched(stage: Stage, password: str) -> Seen:
    status, _ = stage.a.ask("PATCH", f"/users/{stage.b.live('user').id}", {"user": {"password": password}})
    return Seen(status, None)


def new_password(stage: Stage) -> str:
    """A password that no text will show; with all classes of characters that Keystone's rules may ask for."""
    password = f"Aa1!{secrets.token_urlsafe(24)}"
    stage.probing.conceal([password])
    return password


def _work(stage: Stage) -> None:
    a = stage.a
    clients: list[Client] = []

    def log_in() -> Seen:
        password = new_password(stage)
        user = a.make("user", password=password)
        a.keep(user, "worker")
        grant = Grant(("project", a.live("project").id), ("user", user.id), stage.role(MEMBER))
        stage.prepare(a, grant)
        auth = Password(
            a.client.region.config["auth"]["auth_url"],
            user_id=user.id,
            password=password,
            project_id=a.live("project").id,
        )
        client = a.client.another(auth, stage.probing.inventory.region)
        try:
            token = client.access().auth_token
        except Refused as error:
            if error.status == 401:
                # The password and the role are right, so this is a refusal.
                return Seen(401, False, means=403)
            raise
        stage.probing.conceal([token])
        clients.append(client.for_section("domain_manager"))
        return Seen(201, True)

    def servers() -> Seen:
        if not clients:
            raise Inconclusive("the user could not log in")
        try:
            clients[0].get("compute", "/servers")
        except Refused as error:
            if undecided(error.status) and error.status != 401:
                raise
            return Seen(error.status, False, means=403)
        return Seen(200, True)

    on = "own user, own project"
    stage.allowed("work-login", "log in as a user made by a manager", on, "authenticate", log_in)
    stage.allowed(
        "work-servers", "list servers as a user made by a manager", on, "os_compute_api:servers:index", servers
    )
