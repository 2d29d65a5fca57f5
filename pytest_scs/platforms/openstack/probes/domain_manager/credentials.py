# SPDX-License-Identifier: Apache-2.0
"""Beyond the table: the credentials of foreign users, and whether an own user can work.

See docs/standards/scs-0302.md#beyond-the-table.
"""

from __future__ import annotations

import datetime as dt
import secrets
from functools import partial
from typing import Any

from keystoneauth1.identity.v3 import Password

from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.openstack.client import Refused
from pytest_scs.platforms.openstack.probes.domain_manager.manager import Grant, undecided
from pytest_scs.platforms.openstack.probes.domain_manager.stage import Row, Seen, Stage
from pytest_scs.platforms.openstack.retrying import LoginRefused
from pytest_scs.standards.iaas.domain_manager import ALLOWED, MEMBER, REFUSED

_APPLICATION_CREDENTIALS = "/users/{user}/application_credentials"
_EC2 = "/users/{user}/credentials/OS-EC2"
_TRUSTS = "/OS-TRUST/trusts?trustor_user_id={user}"


# Of foreign users: what is created where that is permitted goes with the user, which is deleted at the end.


def _list(path: str, stage: Stage) -> Seen:
    return stage.lookup(stage.a, path.format(user=stage.b.live("user").id))


def _creation(stage: Stage, path: str, body: dict[str, Any]) -> Seen:
    status, content = stage.a.ask("POST", path.format(user=stage.b.live("user").id), body)
    stage.probing.conceal(
        entry.get("secret") for entry in content.values() if isinstance(entry, dict) and entry.get("secret")
    )
    return Seen(status, None)


def _create_application_credential(stage: Stage) -> Seen:
    name = stage.a.janitor.name("0302", "application-credential")
    body = {"application_credential": {"name": name, "roles": [{"id": stage.role(MEMBER)}]}}
    return _creation(stage, _APPLICATION_CREDENTIALS, body)


def _create_ec2(stage: Stage) -> Seen:
    return _creation(stage, _EC2, {"tenant_id": stage.b.live("project").id})


def _create_trust(stage: Stage) -> Seen:
    body = {
        "trustor_user_id": stage.b.live("user").id,
        "trustee_user_id": stage.a.live("user").id,
        "project_id": stage.b.live("project").id,
        "roles": [{"id": stage.role(MEMBER)}],
        "impersonation": False,
        "expires_at": (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
    }
    return _creation(stage, "/OS-TRUST/trusts", {"trust": body})


def _set_password(stage: Stage) -> Seen:
    body = {"user": {"password": new_password(stage)}}
    status, _ = stage.a.ask("PATCH", f"/users/{stage.b.live('user').id}", body)
    return Seen(status, None)


def new_password(stage: Stage) -> str:
    """A password that no text will show; with all classes of characters that Keystone's rules may ask for."""
    password = f"Aa1!{secrets.token_urlsafe(24)}"
    stage.probing.conceal([password])
    return password


# An own user


def _log_in(stage: Stage) -> Seen:
    a = stage.a
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
    except LoginRefused as error:
        if error.status == 401:
            # The password and the role are right, so this is a refusal.
            return Seen(401, False, means=403)
        raise
    stage.probing.conceal([token])
    stage.worker = client.for_section("domain_manager")
    return Seen(201, True)


def _list_servers(stage: Stage) -> Seen:
    if not stage.worker:
        raise Inconclusive("the user could not log in")
    try:
        stage.worker.get("compute", "/servers")
    except Refused as error:
        if undecided(error.status) and error.status != 401:
            raise
        return Seen(error.status, False, means=403)
    return Seen(200, True)


_FOREIGN, _OWN = "foreign user", "own user, own project"

ROWS = (
    Row(
        "application-credentials-list",
        "list application credentials",
        _FOREIGN,
        "list_application_credentials",
        REFUSED,
        partial(_list, _APPLICATION_CREDENTIALS),
    ),
    Row(
        "application-credentials-create",
        "create application credentials",
        _FOREIGN,
        "create_application_credential",
        REFUSED,
        _create_application_credential,
    ),
    Row("ec2-list", "list EC2 credentials", _FOREIGN, "ec2_list_credentials", REFUSED, partial(_list, _EC2)),
    Row("ec2-create", "create EC2 credentials", _FOREIGN, "ec2_create_credential", REFUSED, _create_ec2),
    Row("trusts-list", "list trusts", _FOREIGN, "list_trusts_for_trustor", REFUSED, partial(_list, _TRUSTS)),
    Row("trusts-create", "create trusts", _FOREIGN, "create_trust", REFUSED, _create_trust),
    Row("password", "set a password", _FOREIGN, "update_user", REFUSED, _set_password),
    Row("work-login", "log in as a user made by a manager", _OWN, "authenticate", ALLOWED, _log_in),
    Row(
        "work-servers",
        "list servers as a user made by a manager",
        _OWN,
        "os_compute_api:servers:index",
        ALLOWED,
        _list_servers,
    ),
)
