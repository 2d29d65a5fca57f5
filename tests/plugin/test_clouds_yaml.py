# SPDX-License-Identifier: Apache-2.0
"""Mistakes in clouds.yaml: one line that names the file, the entry and the key, exit 4, and never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

URL = "auth_url: http://127.0.0.1:9"
GOOD = f"{URL}, username: u, password: s3cr3t-word, project_name: p"


def refused(pytester: pytest.Pytester, cloud: str = "mycloud") -> str:
    """Judge a cloud with bad configuration; returns the only line."""
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", f"--os-cloud={cloud}")
    assert result.ret == 4
    lines = [line for line in result.stderr.lines if line]
    assert len(lines) == 1, lines
    assert "s3cr3t-word" not in lines[0]
    return lines[0].removeprefix("ERROR: ")


@pytest.fixture
def path(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(pytester.path / "clouds.yaml"))
    return pytester.path / "clouds.yaml"


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ("s3cr3t-word", "the entry is text, not a mapping with the key auth"),
        ("", "the entry is empty, not a mapping with the key auth"),
        ("[a]", "the entry is a list, not a mapping with the key auth"),
        ("{auth: s3cr3t-word}", "auth is text, not a mapping with keys such as auth_url and username"),
        ("{auth: }", "auth is empty, not a mapping with keys such as auth_url and username"),
        (f"{{auth: {{{URL}, username: u, project_name: p}}}}", "auth lacks password"),
        (f"{{auth: {{{URL}, username: u, password: , project_name: p}}}}", "auth lacks password"),
        (f"{{auth: {{{URL}, password: s3cr3t-word, project_name: p}}}}", "auth lacks username or user_id"),
        (f"{{auth_type: v3token, auth: {{{URL}}}}}", "auth lacks token"),
        (
            f"{{auth_type: v3applicationcredential, auth: {{{URL}, application_credential_id: i}}}}",
            "auth lacks application_credential_secret",
        ),
        (
            f"{{auth_type: v3applicationcredential, auth: {{{URL}, application_credential_secret: s3cr3t-word}}}}",
            "auth lacks application_credential_id or application_credential_name",
        ),
        (f"{{auth: {{{GOOD.replace('http://', '')}}}}}", "auth_url has to begin with https:// or http://"),
        (f"{{interface: pubic, auth: {{{GOOD}}}}}", "interface is 'pubic'; allowed: public, internal, admin"),
        (f"{{image_interface: x, auth: {{{GOOD}}}}}", "image_interface is 'x'; allowed: public, internal, admin"),
        (f"{{cacert: /no/file.pem, auth: {{{GOOD}}}}}", "cacert names /no/file.pem, which does not exist"),
    ],
)
def test_mistake_in_the_entry(pytester: pytest.Pytester, path: Path, entry: str, line: str) -> None:
    path.write_text(f"clouds:\n  mycloud: {entry}\n")
    assert refused(pytester) == f"cloud 'mycloud' in {path}: {line}"


@pytest.mark.parametrize("content", ["", "clouds: []", "clouds:", "foo: bar"])
@pytest.mark.parametrize("cloud", ["mycloud", "defaults"])
def test_file_without_entries(pytester: pytest.Pytester, path: Path, content: str, cloud: str) -> None:
    path.write_text(content)
    line = f"cloud {cloud!r}: {path} has no entries; they stand in a mapping with the key clouds"
    assert refused(pytester, cloud) == line


@pytest.mark.parametrize("cloud", ["other", "defaults"])
def test_unknown_entry_and_what_there_is(pytester: pytest.Pytester, path: Path, cloud: str) -> None:
    path.write_text(f"clouds: {{mycloud: {{auth: {{{GOOD}}}}}}}")
    assert refused(pytester, cloud) == f"cloud {cloud!r} is not in {path}; known: mycloud, demo"


def test_broken_file_is_named_before_the_next_one_that_lacks_the_cloud(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openstack.config import loader

    monkeypatch.delenv("OS_CLIENT_CONFIG_FILE", raising=False)
    first, second = pytester.path / "clouds.yaml", pytester.path / "second" / "clouds.yaml"
    second.parent.mkdir()
    first.write_text("clouds:\n\tmycloud: {}\n")
    second.write_text(f"clouds: {{other: {{auth: {{{GOOD}}}}}}}")
    monkeypatch.setattr(loader, "CONFIG_FILES", [str(first), str(second)])
    line = refused(pytester)
    assert line.startswith(f"clouds.yaml is not valid ({first}): ")
    assert "line 2, column 1" in line


def test_folder_in_place_of_the_file(pytester: pytest.Pytester, path: Path) -> None:
    path.mkdir()
    assert refused(pytester) == f"clouds.yaml cannot be read ({path}): Is a directory"


@pytest.mark.parametrize("cloud", ["demo", "demo:vanilla"])
def test_entry_with_the_name_of_an_embedded_cloud(pytester: pytest.Pytester, path: Path, cloud: str) -> None:
    path.write_text(f"clouds: {{'{cloud}': {{auth: {{{GOOD}}}}}}}")
    line = f"--os-cloud: {cloud} is embedded, but {path} has an entry {cloud!r} as well; rename that"
    assert refused(pytester, cloud) == line


def test_cleanup_of_an_entry_with_the_name_of_an_embedded_cloud(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from pytest_scs.cli import main

    path.write_text(f"clouds: {{demo: {{auth: {{{GOOD}}}}}}}")
    assert main(["cleanup", "--os-cloud=demo"]) == 4
    assert f"demo is embedded, but {path} has an entry 'demo' as well" in capsys.readouterr().err


def test_account_with_the_name_of_an_embedded_one(pytester: pytest.Pytester, path: Path) -> None:
    path.write_text(f"clouds: {{'demo:manager-a': {{auth: {{{GOOD}}}}}}}")
    args = ("--scs-scope=beyond-v1", "--os-cloud=demo", "--scs-domain-managers=demo:manager-a,demo:manager-b")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *args)
    assert result.ret == 4
    line = f"ERROR: --scs-domain-managers: demo:manager-a is embedded, but {path} has an entry 'demo:manager-a'*"
    result.stderr.fnmatch_lines([line])


@pytest.mark.parametrize("content", ["clouds: [", "", "foo: bar"])
def test_broken_file_does_not_keep_an_embedded_cloud_from_being_judged(
    pytester: pytest.Pytester, path: Path, content: str
) -> None:
    path.write_text(content)
    args = ("-p", "no:cacheprovider", "--scs-scope=iaas-v5.1", "--os-cloud=demo", "-m", "scs_0103")
    assert pytester.runpytest_inprocess(*args).ret == 0
