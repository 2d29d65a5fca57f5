# SPDX-License-Identifier: Apache-2.0
"""The administrator of the demo cloud mends what all share; members may not, and nobody is judged as administrator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import openstack
import pytest
from openstack import exceptions
from openstack.connection import Connection

from pytest_scs.demo.openstack.server import DemoCloud
from pytest_scs.demo.openstack.state import CloudState

#: What the SDK warns of is its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


@pytest.fixture
def admin(cloud: DemoCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    path = tmp_path / "with-administrator.yaml"
    cloud.write_clouds_yaml(path, administrator="demo-admin")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    with closing(openstack.connect(cloud="demo-admin")) as connection:
        yield connection
        connection.session.session.close()


def test_the_token_of_the_administrator_has_its_role(admin: Connection, state: CloudState) -> None:
    access = admin.session.auth.get_access(admin.session)
    assert access.role_names == [*state.roles, "admin"]
    assert access.username == "admin"
    assert access.project_id == state.project_id


def test_flavors_are_made_labelled_and_removed(admin: Connection, connection: Connection, state: CloudState) -> None:
    made = admin.compute.create_flavor(name="SCS-3V-6", vcpus=3, ram=6144, disk=0)
    admin.compute.create_flavor_extra_specs(made, {"scs:cpu-type": "shared-core"})
    assert connection.compute.get_flavor(made.id).extra_specs == {"scs:cpu-type": "shared-core"}
    with pytest.raises(exceptions.ConflictException, match="already exists"):
        admin.compute.create_flavor(name="SCS-3V-6", vcpus=3, ram=6144, disk=0)
    admin.compute.delete_flavor_extra_specs_property(made, "scs:cpu-type")
    admin.compute.delete_flavor(made)
    assert "SCS-3V-6" not in {flavor["name"] for flavor in state.flavors}
    for forbidden in (
        lambda: connection.compute.create_flavor(name="x", vcpus=1, ram=1, disk=0),
        lambda: connection.compute.create_flavor_extra_specs(state.flavors[0]["id"], {"a": "b"}),
        lambda: connection.compute.delete_flavor(state.flavors[0]["id"]),
    ):
        with pytest.raises(exceptions.ForbiddenException):
            forbidden()


def test_public_images_volume_types_and_the_template_of_rules_are_changed(
    admin: Connection, connection: Connection, state: CloudState
) -> None:
    image, kind = state.images[0]["id"], state.volume_types[0]["id"]
    with pytest.raises(exceptions.ForbiddenException):
        connection.image.update_image(image, min_disk=7)
    admin.image.update_image(image, min_disk=7)
    assert connection.image.get_image(image).min_disk == 7
    with pytest.raises(exceptions.ForbiddenException):
        connection.block_storage.update_type(kind, description="mended")
    admin.block_storage.update_type(kind, description="mended", name=None)
    after = connection.block_storage.get_type(kind)
    assert (after.name, after.description) == (state.volume_types[0]["name"], "mended")
    assert after.name
    rules = state.default_security_group_rules or []
    admin.network.delete_default_security_group_rule(rules[0]["id"])
    assert rules[0] not in (state.default_security_group_rules or [])
