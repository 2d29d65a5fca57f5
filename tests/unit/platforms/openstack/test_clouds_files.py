# SPDX-License-Identifier: Apache-2.0
"""Whose cloud it is: which of the candidates openstacksdk reads, and what stands in the way of an embedded cloud."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openstack.config import loader

from pytest_scs.base.errors import InputError
from pytest_scs.platforms.openstack.clouds_files import ENVIRONMENT, ask_sdk
from pytest_scs.platforms.openstack.config import check_embedded, find_cloud, hint_at_environment, origin_of

ENTRY = "{auth: {auth_url: 'http://127.0.0.1:9/v3', username: u, password: s3cr3t, project_name: p}}"
DEMO = f"clouds: {{demo: {ENTRY}}}"
OTHER = f"clouds: {{other: {ENTRY}}}"


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """openstacksdk's own lists, for two folders in place of the usual ones; nothing in the environment."""
    for name in [name for name in os.environ if name.startswith("OS_")]:
        monkeypatch.delenv(name)
    for listed, stem in (("CONFIG_FILES", "clouds"), ("SECURE_FILES", "secure"), ("VENDOR_FILES", "clouds-public")):
        names = [Path(path).name for path in getattr(loader, listed)[:3]]
        assert names == [f"{stem}.yaml", f"{stem}.yml", f"{stem}.json"]
        monkeypatch.setattr(
            loader, listed, [str(tmp_path / part / name) for part in ("here", "home") for name in names]
        )
    (tmp_path / "here").mkdir()
    (tmp_path / "home").mkdir()
    return tmp_path


def refusal(name: str = "demo") -> str:
    """Why an embedded cloud of that name is not served; empty if it is."""
    try:
        check_embedded(name)
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("file", ["clouds.yaml", "clouds.yml", "clouds.json"])
@pytest.mark.parametrize("folder", ["here", "home"])
@pytest.mark.parametrize("name", ["demo", "demo:vanilla", "demo:manager-a"])
def test_own_entry_is_found_in_every_file_of_openstacksdk(places: Path, folder: str, file: str, name: str) -> None:
    path = places / folder / file
    if file.endswith("json"):
        path.write_text(f'{{"clouds": {{"{name}": {{"auth": {{"auth_url": "http://h", "password": "s3cr3t"}}}}}}}}')
    else:
        path.write_text(f"clouds: {{'{name}': {ENTRY}}}")
    assert refusal(name) == f"--os-cloud: {name} is embedded, but {path} has an entry {name!r} as well; rename that"
    assert origin_of(name) == str(path)


@pytest.mark.parametrize(
    ("files", "decides"),
    [
        ({"here/clouds.yaml": OTHER, "here/clouds.yml": DEMO}, ""),
        ({"here/clouds.yaml": OTHER, "home/clouds.yaml": DEMO}, ""),
        ({"here/clouds.yml": OTHER, "home/clouds.yaml": DEMO}, ""),
        ({"here/clouds.json": "{}", "home/clouds.yaml": DEMO}, ""),
        ({"here/clouds.yaml": DEMO, "home/clouds.yaml": OTHER}, "here/clouds.yaml"),
        # What it cannot read it passes over.
        ({"here/clouds.yaml": "clouds: [", "home/clouds.yaml": DEMO}, "home/clouds.yaml"),
        ({"here/clouds.yaml": "clouds: [", "home/clouds.yaml": OTHER, "home/clouds.yml": DEMO}, ""),
        ({"here/clouds.yaml": "", "home/clouds.yaml": DEMO}, ""),
        ({"here/clouds.yaml": "clouds:", "here/clouds.yml": DEMO}, ""),
        ({"here/clouds.yaml": "foo: bar", "here/clouds.yml": DEMO}, ""),
        # Secrets are laid over what the first one says.
        ({"here/secure.yaml": DEMO}, "here/secure.yaml"),
        ({"here/clouds.yaml": OTHER, "home/secure.yml": DEMO}, "home/secure.yml"),
        ({"here/clouds.yaml": OTHER, "here/secure.yaml": OTHER, "home/secure.yml": DEMO}, ""),
        ({"here/clouds-public.yaml": "public-clouds: {demo: {}}"}, ""),
        # What it could read, but not use.
        ({"here/clouds.yaml": f"{DEMO}\ncache: 5"}, "here/clouds.yaml"),
        ({"here/clouds.yaml": f"{OTHER}\ncache: 5", "home/clouds.yaml": DEMO}, ""),
        ({"here/clouds.yaml": "clouds: {demo: }"}, "here/clouds.yaml"),
    ],
)
def test_only_the_file_that_openstacksdk_reads_decides(places: Path, files: dict[str, str], decides: str) -> None:
    for name, content in files.items():
        (places / name).write_text(content)
    said = f"--os-cloud: demo is embedded, but {places / decides} has an entry 'demo' as well; rename that"
    assert refusal() == (said if decides else "")


def test_secrets_and_entry_in_two_files(places: Path) -> None:
    (places / "here" / "clouds.yaml").write_text(DEMO)
    (places / "home" / "secure.yaml").write_text(DEMO)
    assert f"{places}/here/clouds.yaml and {places}/home/secure.yaml has an entry" in refusal()


def test_missing_file_of_the_environment_is_passed_over(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(places / "none.yaml"))
    (places / "here" / "clouds.yml").write_text(DEMO)
    assert str(places / "here" / "clouds.yml") in refusal()


def test_file_of_the_environment_hides_the_others(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (places / "given.yaml").write_text(OTHER)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(places / "given.yaml"))
    (places / "here" / "clouds.yaml").write_text(DEMO)
    assert refusal() == ""
    assert origin_of("other") == str(places / "given.yaml")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", os.devnull)
    assert refusal() == ""


def test_file_with_secrets_that_the_environment_names(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (places / "given.yaml").write_text(DEMO)
    monkeypatch.setenv("OS_CLIENT_SECURE_FILE", str(places / "given.yaml"))
    assert str(places / "given.yaml") in refusal()


def test_cloud_of_the_environment_called_like_an_embedded_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_AUTH_URL", "http://h/v3")
    assert refusal() == ""
    monkeypatch.setenv("OS_CLOUD_NAME", "demo")
    assert "OS_CLOUD_NAME gives that name to the cloud of the environment variables OS_* as well" in refusal()


@pytest.mark.parametrize(
    ("content", "seems"),
    [
        ("clouds:\n  demo:\n    auth: {password: *s3cr3t}\n", True),
        ("clouds:\n\tdemo:\n\t\tauth:\n", True),
        ("clouds: {'demo': {", True),
        ('{"clouds": {"demo": {}}, ]', True),
        ("clouds: {demolition: {", False),
        ("clouds: {my-demo: {", False),
        ("clouds: {demo:vanilla: {", False),
        ("clouds: {x: {project_name: demo, ]", False),
        ("clouds: [", False),
        ("\x80\x81", False),
    ],
)
def test_broken_file_that_seems_to_have_the_entry(places: Path, content: str, seems: bool) -> None:
    path = places / "here" / "clouds.yaml"
    path.write_bytes(content.encode("latin-1"))
    beginning = (
        f"--os-cloud: demo is embedded, but {path} seems to have an entry 'demo' as well; clouds.yaml is not valid"
    )
    assert refusal().startswith(beginning) is seems
    assert bool(refusal()) is seems


def test_folder_and_dangling_link_are_passed_over(places: Path) -> None:
    (places / "here" / "clouds.yaml").mkdir()
    (places / "here" / "clouds.yml").symlink_to(places / "none")
    assert refusal() == ""
    with pytest.raises(InputError, match="Is a directory"):
        find_cloud("other")
    (places / "home" / "clouds.yaml").write_text(OTHER)
    assert find_cloud("other").name == "other"


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 << 20)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _deep(path: Path) -> None:
    path.write_text("[" * 5000)


@pytest.mark.parametrize("name", ["demo", "other"])
@pytest.mark.parametrize("file", ["clouds.yaml", "clouds.yml", "clouds.json", "secure.yaml"])
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_pipe, "it is a pipe or device, not a file"),
        (_device, "it is a pipe or device, not a file"),
        (_huge, "it is larger than 1024 KiB; it cannot be what it should be"),
        (_deep, "nested deeper than 40 levels; it cannot be a clouds.yaml"),
    ],
)
def test_file_that_must_not_be_read_is_said_at_once(
    places: Path, make: Callable[[Path], None], words: str, file: str, name: str
) -> None:
    path = places / "here" / file
    make(path)
    with pytest.raises(InputError) as caught:
        check_embedded(name) if name == "demo" else find_cloud(name)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert origin_of(name) == ""


def test_profile_of_an_own_file(places: Path) -> None:
    (places / "here" / "clouds.yaml").write_text(
        "clouds: {a: {profile: our-cloud, auth: {username: u, password: s3cr3t, project_name: p}}}"
    )
    public = places / "home" / "clouds-public.yaml"
    public.write_text("public-clouds: {our-clouds: {auth: {auth_url: 'http://h/v3'}}}")
    with pytest.raises(InputError, match=f"no profile our-cloud; did you mean 'our-clouds'.; not in {public}"):
        find_cloud("a")
    public.write_text("public-clouds: {our-cloud: {auth: {auth_url: 'http://h/v3'}}}")
    assert find_cloud("a").config["auth"]["auth_url"] == "http://h/v3"
    public.unlink()
    os.mkfifo(public)
    with pytest.raises(InputError, match="pipe"):
        find_cloud("a")


def test_nothing_is_found_anywhere(places: Path) -> None:
    usual = "clouds.yaml, clouds.yml, clouds.json"
    with pytest.raises(InputError) as caught:
        find_cloud("other")
    assert str(caught.value) == (
        f"cloud 'other': no clouds.yaml found (searched: {usual} in {places}/here, {places}/home); write one or set "
        "OS_CLIENT_CONFIG_FILE"
    )


def test_openrc_is_a_cloud_that_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hint_at_environment() == ""
    monkeypatch.setenv("OS_AUTH_URL", "http://127.0.0.1:9/v3")
    hint = "OS_AUTH_URL is set: --os-cloud=envvars takes the cloud that the environment variables OS_* describe"
    assert hint_at_environment() == hint
    with pytest.raises(InputError) as caught:
        find_cloud("other")
    assert str(caught.value) == f"cloud 'other' is not in {ENVIRONMENT}; known: envvars; {hint}"
    with pytest.raises(InputError) as caught:
        find_cloud("envvars")
    assert str(caught.value) == f"cloud 'envvars' in {ENVIRONMENT}: OS_PASSWORD is not set"
    monkeypatch.setenv("OS_PASSWORD", "s3cr3t")
    with pytest.raises(InputError, match="OS_USERNAME or OS_USER_ID is not set"):
        find_cloud("envvars")
    monkeypatch.setenv("OS_USERNAME", "u")
    monkeypatch.setenv("OS_PROJECT_NAME", "p")
    assert find_cloud("envvars").config["auth"]["username"] == "u"
    assert origin_of("envvars") == ENVIRONMENT


def test_openrc_beside_an_entry_of_that_name(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = places / "here" / "clouds.yaml"
    path.write_text(f"clouds: {{envvars: {ENTRY}}}")
    monkeypatch.setenv("OS_AUTH_URL", "http://127.0.0.1:9/v3")
    monkeypatch.setenv("OS_CLOUD_NAME", "envvars")
    with pytest.raises(InputError, match=f"{path} has an entry 'envvars', which is also the name of the cloud that"):
        find_cloud("envvars")


def test_openstacksdk_still_asks_the_way_it_is_listened_to(places: Path) -> None:
    """The look before reading hangs on a method of openstacksdk's that is not public."""
    found = ask_sdk()
    assert found.searched == tuple(loader.CONFIG_FILES)
    (places / "here" / "clouds.yaml").write_text(DEMO)
    assert ask_sdk().where == str(places / "here" / "clouds.yaml")
    assert ask_sdk().names == ["demo"]
