# SPDX-License-Identifier: Apache-2.0
"""What Tempest is configured with: the parts of its servers, tempest.conf as Tempest reads it, and its accounts."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.core.cause import Inconclusive
from pytest_scs.platforms.openstack.tempest.conf import Account, Survey, accounts_yaml, facts, render, sections
from pytest_scs.standards.iaas.model import Flavor, Image
from pytest_scs.standards.iaas.tempest_choice import choose_parts

FOLDER = Path("/workspace")
PREFIX = "_scs-0128-1a2b3c4d"


def image(identity: str, **more: Any) -> Image:
    base = {
        "id": identity,
        "name": identity,
        "status": "active",
        "visibility": "public",
        "size": 1 << 28,
        "min_disk": 5,
    }
    return Image(base | more)


def flavor(name: str, vcpus: int, ram: int, disk: int, **more: Any) -> Flavor:
    base: dict[str, Any] = {"is_public": True, "disabled": False, "extra_specs": {}}
    return Flavor(id=name, name=name, vcpus=vcpus, ram=ram, disk=disk, **(base | more))


FLAVORS = [
    flavor("SCS-1V-4", 1, 4096, 0),
    flavor("SCS-4V-16-50", 4, 16384, 50),
    flavor("SCS-2V-8-20", 2, 8192, 20),
    flavor("SCS-1V-4-10", 1, 4096, 10),
    flavor("m1.tiny", 1, 512, 1),
]
IMAGES = [image("big", min_disk=20), image("small"), image("medium", min_disk=8)]


def test_smallest_images_and_a_flavor_that_can_grow() -> None:
    parts = choose_parts(IMAGES, FLAVORS)
    assert (parts.image.id, parts.image_alt.id) == ("small", "medium")
    assert parts.flavor.name == "SCS-1V-4-10"
    assert parts.flavor_alt is not None
    assert parts.flavor_alt.name == "SCS-2V-8-20"


@pytest.mark.parametrize(
    "unfit",
    [
        {"status": "queued"},
        {"os_hidden": True},
        {"visibility": "private"},
        {"min_disk": 1000},
        {"size": 1 << 50},
        {"min_ram": 1 << 20},
    ],
)
def test_images_that_do_not_fit_are_not_taken(unfit: dict[str, Any]) -> None:
    parts = choose_parts([image("a", **{"min_disk": 0, **unfit}), image("b")], FLAVORS)
    assert parts.image.id == parts.image_alt.id == "b"


def test_image_of_special_purpose_is_taken_only_if_there_is_no_other() -> None:
    node = image("node", min_disk=0, os_purpose="k8snode")
    assert choose_parts([node, image("b")], FLAVORS).image.id == "b"
    assert choose_parts([node], FLAVORS).image.id == "node"


def test_flavors_that_not_everybody_sees_are_not_taken() -> None:
    hidden = [flavor("a", 1, 1024, 10, is_public=False), flavor("b", 1, 1024, 10, disabled=True)]
    assert choose_parts(IMAGES, [*hidden, *FLAVORS]).flavor.name == "SCS-1V-4-10"


def test_without_a_larger_flavor_there_is_no_resizing() -> None:
    parts = choose_parts(IMAGES, [flavor("one", 2, 4096, 10), flavor("other", 4, 2048, 20)])
    assert parts.flavor_alt is None
    content = sections(dataclasses.replace(SURVEY, parts=parts), PREFIX, FOLDER)
    assert content["compute-feature-enabled"]["resize"] is False
    assert content["compute"]["flavor_ref_alt"] == content["compute"]["flavor_ref"]


def test_nothing_to_boot_is_said() -> None:
    with pytest.raises(Inconclusive, match="none of 3 public images fits to one of 0 public flavors with a disk"):
        choose_parts(IMAGES, FLAVORS[:1])


SURVEY = Survey(
    auth_url="https://cloud.example:5000/v3",
    region="Region$One",
    domain_id="domain-id",
    interface="public",
    verify=True,
    cacert="/etc/ca.pem",
    services=frozenset({"compute", "image", "network", "identity", "block-storage"}),
    public_network="public-net",
    network_extensions=("router", "security-group"),
    microversions={"compute": "2.96", "block-storage": "3.71"},
    parts=choose_parts(IMAGES, FLAVORS),
)


#: Prints the options in a file as the library that Tempest uses reads them; Tempest stays out of this process.
READER = """
import json, sys
from oslo_config import cfg
from tempest import config
conf = cfg.ConfigOpts()
for group, options in config.list_opts():
    conf.register_opts(options, group=group)
conf(["--config-file", sys.argv[1]], project="tempest", default_config_dirs=[])
print(json.dumps({str(group): {name: conf[group.name][name] for name in conf[group.name]} if group else
    {option.name: conf[option.name] for option in options} for group, options in config.list_opts()}, default=str))
"""

#: Prints who may be handed out by Tempest's own provider of accounts.
PROVIDER = """
import json, sys, yaml
from tempest.lib.common.preprov_creds import PreProvisionedCredentialProvider as Provider
made = Provider.get_hash_dict(yaml.safe_load(open(sys.argv[1])), "admin")
print(json.dumps({key: made[key] for key in ("creds", "roles", "project_names")}))
"""


def ask(program: str, path: Path, text: str) -> Any:
    path.write_text(text)
    command = [sys.executable, "-W", "ignore", "-c", program, str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def test_tempest_reads_what_is_meant(tmp_path: Path) -> None:
    conf = ask(READER, tmp_path / "tempest.conf", render(sections(SURVEY, PREFIX, FOLDER)))
    assert conf["None"]["resource_name_prefix"] == PREFIX
    assert conf["auth"]["use_dynamic_credentials"] is False
    assert conf["auth"]["test_accounts_file"] == "/workspace/accounts.yaml"
    assert not conf["auth"]["admin_username"]
    assert conf["identity"]["uri_v3"] == "https://cloud.example:5000/v3"
    assert conf["identity"]["auth_version"] == "v3"
    assert conf["identity"]["default_domain_id"] == "domain-id"
    assert conf["identity"]["region"] == conf["compute"]["region"] == "Region$One"
    assert conf["identity"]["v3_endpoint_type"] == conf["compute"]["endpoint_type"] == "publicURL"
    assert conf["identity"]["ca_certificates_file"] == "/etc/ca.pem"
    assert conf["identity"]["disable_ssl_certificate_validation"] is False
    assert (conf["compute"]["image_ref"], conf["compute"]["image_ref_alt"]) == ("small", "medium")
    assert (conf["compute"]["flavor_ref"], conf["compute"]["flavor_ref_alt"]) == ("SCS-1V-4-10", "SCS-2V-8-20")
    assert conf["compute"]["max_microversion"] == "2.96"
    assert conf["compute-feature-enabled"]["resize"] is True
    assert conf["network"]["public_network_id"] == "public-net"
    assert conf["network-feature-enabled"]["floating_ips"] is True
    assert conf["network-feature-enabled"]["api_extensions"] == ["router", "security-group"]
    assert conf["service_available"]["cinder"] is True
    assert conf["service_available"]["swift"] is False
    assert conf["volume"]["catalog_type"] == "block-storage"
    assert conf["validation"]["run_validation"] is False


def test_what_a_cloud_lacks_is_switched_off(tmp_path: Path) -> None:
    bare = dataclasses.replace(
        SURVEY, services=frozenset({"compute"}), public_network="", network_extensions=(), verify=False, cacert=""
    )
    conf = ask(READER, tmp_path / "tempest.conf", render(sections(bare, PREFIX, FOLDER)))
    available = conf["service_available"]
    services = [available[name] for name in ("nova", "neutron", "glance", "cinder")]
    assert services == [True, False, False, False]
    assert conf["network-feature-enabled"]["floating_ips"] is False
    assert conf["identity"]["disable_ssl_certificate_validation"] is True


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_dollars_and_other_signs_stay_what_they_are(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    from oslo_config import cfg

    path = tmp_path_factory.mktemp("conf") / "x.conf"
    path.write_text(render({"auth": {"x": f"a{text}b"}}), "utf-8")
    conf = cfg.ConfigOpts()
    conf.register_opts([cfg.StrOpt("x")], group="auth")
    conf(["--config-file", str(path)], project="x", default_config_dirs=[])
    assert conf.auth.x == f"a{text}b"


def test_value_with_a_line_break_is_refused() -> None:
    with pytest.raises(ValueError, match="line break"):
        render({"auth": {"x": "a\nadmin_password = b"}})


ACCOUNTS = [
    Account("a", "user-a", "pass: #1", "Default", "project-a", "id-a", "Default", "domain", "net"),
    Account("b", "user-b", 'pass"2', "Other", "project-b", "id-b", "Other", "domain"),
]


def test_two_accounts_are_enough_for_every_test(tmp_path: Path) -> None:
    """What Tempest itself hands out: a member and a reader of one project, and another user of another project."""
    entries = yaml.safe_load(accounts_yaml(ACCOUNTS))
    assert [entry["password"] for entry in entries] == ["pass: #1", 'pass"2'] * 2
    assert entries[0]["resources"] == {"network": "net"}
    made = ask(PROVIDER, tmp_path / "accounts.yaml", accounts_yaml(ACCOUNTS))
    assert len(made["creds"]) == 4
    assert {key: len(value) for key, value in made["roles"].items()} == {"member": 2, "reader": 2}
    assert {key: len(value) for key, value in made["project_names"].items()} == {"project-a": 2, "project-b": 2}
    # Who wants just another user takes the first free entry: the first two are of different projects.
    first, second = list(made["creds"].values())[:2]
    assert first["project_name"] != second["project_name"]


def test_facts_for_the_evidence_hold_no_secrets() -> None:
    assert facts(SURVEY)["flavor_alt"] == "SCS-2V-8-20"
    assert not any(account.password in str(facts(SURVEY)) for account in ACCOUNTS)
