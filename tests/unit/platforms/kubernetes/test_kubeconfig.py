# SPDX-License-Identifier: Apache-2.0
"""Which clusters a user means, and a line for every mistake he can make about that."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.errors import InputError
from pytest_scs.base.redact import Redactor
from pytest_scs.platforms.kubernetes.kubeconfig import find_clusters, find_names, secrets_of
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN EC PRIVATE KEY-----\nMIIB\n-----END EC PRIVATE KEY-----\n"

VERSION = {"apiVersion": "client.authentication.k8s.io/v1"}
PLUGIN = {"command": "login", "interactiveMode": "Never", **VERSION}
PROVIDER = {"name": "oidc", "config": {"id-token": "i-012345", "client-secret": "s-0123", "idp": "x"}}


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def a_file(*names: str, current: str = "", **changes: Any) -> dict[str, Any]:
    """A kubeconfig with a cluster, a user and a context of each name; ``changes`` replace whole keys."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": current,
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}.example"}} for name in names],
        "users": [{"name": name, "user": {"token": f"token-of-{name}"}} for name in names],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in names],
        **changes,
    }


Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file of that name, below the folder that is the home and the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def write(content: Any, name: str = "config") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        return name

    return write


def servers(settings: KubernetesSettings) -> dict[str, str]:
    return {access.name: access.cluster["server"] for access in find_clusters(settings)}


def mistake(settings: KubernetesSettings) -> str:
    with pytest.raises(InputError) as caught:
        find_names(settings)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_file_stands_for_its_current_context(write: Write) -> None:
    settings = KubernetesSettings(files=(write(a_file("a", "b", current="b")),))
    assert find_names(settings) == ("b",)
    access = find_clusters(settings)[0]
    assert access.config["current-context"] == "b"
    assert [entry["name"] for entry in access.config["users"]] == ["b"]
    assert access.origin == "kubeconfig config"


def test_contexts_stand_for_a_cluster_each_in_the_users_order(write: Write) -> None:
    settings = KubernetesSettings(files=(write(a_file("a", "b", "c")),), contexts=("c", "a"))
    assert find_names(settings) == ("c", "a")


def test_several_files_stand_for_their_current_contexts_and_embedded_clusters_keep_their_place(write: Write) -> None:
    files = (write(a_file("a", current="a"), "one"), "demo", write(a_file("b", current="b"), "two"))
    assert find_names(KubernetesSettings(files=files)) == ("a", "demo", "b")
    assert find_names(KubernetesSettings(files=("demo", "demo:vanilla"))) == ("demo", "demo:vanilla")


def test_the_first_file_that_has_a_name_wins_it(write: Write) -> None:
    """As https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig has it."""
    write(a_file("a", current=""), "sub/one")
    other = a_file("a", "b", current="b")
    other["clusters"][0]["cluster"]["server"] = "https://second.example"
    write(other, "two")
    write(a_file("c", current="c"), "three")
    settings = KubernetesSettings(kubeconfig="sub/one::missing:two:three")
    assert find_names(settings) == ("b",)
    assert servers(KubernetesSettings(kubeconfig="sub/one::missing:two:three", contexts=("a", "c"))) == {
        "a": "https://a.example",
        "c": "https://c.example",
    }


def test_without_anything_else_it_is_the_file_at_home(write: Write) -> None:
    assert find_names(KubernetesSettings()) == ()
    write(a_file("home", current="home"), ".kube/config")
    assert find_names(KubernetesSettings()) == ("home",)
    assert find_names(KubernetesSettings(kubeconfig="missing")) == ()


def test_what_lies_beside_the_file_is_embedded_or_absolute(write: Write, tmp_path: Path) -> None:
    write(CERTIFICATE, "sub/ca.pem")
    write(CERTIFICATE, "cert.pem")
    write(KEY, "sub/key.pem")
    write("secret-token\n", "sub/token")
    content = a_file("a", current="a")
    content["clusters"][0]["cluster"]["certificate-authority"] = "ca.pem"
    content["users"][0]["user"] = {
        "client-certificate": "../cert.pem",
        "client-key": "key.pem",
        "tokenFile": "token",
    }
    access = find_clusters(KubernetesSettings(files=(write(content, "sub/config"),)))[0]
    assert access.cluster == {"server": "https://a.example", "certificate-authority-data": coded(CERTIFICATE)}
    assert access.user["client-certificate-data"] == coded(CERTIFICATE)
    assert access.user["client-key-data"] == coded(KEY)
    assert access.user["tokenFile"] == str(tmp_path / "sub" / "token")
    assert "client-key" not in access.user
    content["users"][0]["user"] = {"exec": {**PLUGIN, "command": "./login", "args": ["-x"], "env": None}}
    access = find_clusters(KubernetesSettings(files=(write(content, "sub/config"),)))[0]
    assert access.user["exec"]["command"] == str(tmp_path / "sub" / "login")


@pytest.mark.parametrize(
    "other",
    [
        {"token": "t-0123456"},
        {"username": "u", "password": "p-0123456"},
        {"client-certificate-data": coded(CERTIFICATE), "client-key-data": coded(KEY)},
    ],
)
def test_what_the_file_shows_itself_wins_over_a_plug_in(write: Write, other: dict[str, Any]) -> None:
    content = a_file("a", current="a")
    content["users"][0]["user"] = {"exec": PLUGIN, **other}
    [access] = find_clusters(KubernetesSettings(files=(write(content),)))
    assert access.user == other


@pytest.mark.parametrize("mode", [{}, {"interactiveMode": None}, {"interactiveMode": ""}])
def test_a_plug_in_of_v1beta1_need_not_say_whether_it_asks(write: Write, mode: dict[str, Any]) -> None:
    content = a_file("a", current="a")
    plugin = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "login", **mode}
    content["users"][0]["user"] = {"exec": plugin}
    [access] = find_clusters(KubernetesSettings(files=(write(content),)))
    assert access.user["exec"] == {**plugin, "env": []}


def test_a_variable_of_a_plug_in_without_value_is_empty(write: Write) -> None:
    content = a_file("a", current="a")
    content["users"][0]["user"] = {"exec": {**PLUGIN, "env": [{"name": "A"}]}}
    [access] = find_clusters(KubernetesSettings(files=(write(content),)))
    assert access.user["exec"]["env"] == [{"name": "A", "value": ""}]


def test_a_private_copy_is_for_nobody_else_and_goes(write: Write) -> None:
    access = find_clusters(KubernetesSettings(files=(write(a_file("a", "b", current="b")),)))[0]
    copies: list[Path] = []

    def interrupted() -> None:
        with access.private_copy() as path:
            copies.append(path)
            looked_at(path)
            raise KeyboardInterrupt

    def looked_at(path: Path) -> None:
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert json.loads(path.read_text()) == access.config
        assert "token-of-a" not in path.read_text()

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not copies[0].parent.exists()


def test_extensions_may_hold_what_json_has_not(write: Write) -> None:
    text = json.dumps(a_file("a", current="a"))
    dated = text.replace('"contexts"', '"x": {2026-11-20: 1}, "contexts"').replace(
        '"server"', '"extensions": [{"name": "cluster_info", "extension": {"updated": 2026-11-20, 1: [a]}}], "server"'
    )
    [access] = find_clusters(KubernetesSettings(files=(write(dated),)))
    assert access.cluster["extensions"][0]["extension"] == {"updated": "2026-11-20", "1": ["a"]}
    with access.private_copy() as path:
        assert json.loads(path.read_text()) == access.config


def test_the_secrets_of_a_kubeconfig_are_known(write: Write) -> None:
    content = a_file("a", current="a")
    content["users"][0]["user"] = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "login",
            "args": ["get-token", "--client-secret=c-0123456", "--issuer=x"],
            "env": [{"name": "AWS_SECRET_ACCESS_KEY", "value": "k-0123"}, {"name": "AWS_PROFILE", "value": "x"}],
        },
    }
    content["clusters"][0]["cluster"]["extensions"] = [
        {"name": "client.authentication.k8s.io/exec", "extension": {"apiKey": "e-0123456", "audience": "x"}}
    ]
    secrets = secrets_of(find_clusters(KubernetesSettings(files=(write(content),)))[0])
    assert secrets == {"c-0123456", "k-0123", "e-0123456"}
    content["users"][0]["user"] = {
        "token": "t-0123456",
        "password": "p-0123456",
        "client-certificate-data": coded(CERTIFICATE),
        "client-key-data": coded(KEY),
        "auth-provider": PROVIDER,
    }
    others = secrets_of(find_clusters(KubernetesSettings(files=(write(content),)))[0])
    assert others == {"t-0123456", "p-0123456", coded(KEY), "i-012345", "s-0123"}
    secrets |= others
    redact = Redactor()
    redact.add(secrets)
    assert "0123" not in redact(" ".join(secrets))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (a_file("a", "b"), "kubeconfig config has no current-context; give --scs-kube-context (it has: a, b)"),
        (
            a_file("a", "b", current="c"),
            "kubeconfig config: there is no context 'c', which its current-context names; "
            "give --scs-kube-context (it has: a, b)",
        ),
        (a_file(), "kubeconfig config has no contexts; name another file with --scs-kubeconfig=FILE"),
        ("", "kubeconfig config has no contexts; name another file with --scs-kubeconfig=FILE"),
        ("- a\n", "kubeconfig config is no kubeconfig: it must be a mapping with clusters, users and contexts"),
        ("kind: Pod\n", "kubeconfig config is no kubeconfig: its kind is 'Pod', not Config"),
        ("a: [\n", "kubeconfig config:2: not valid YAML: "),
        ("a: &x 1\nb: *x\n", "kubeconfig config:2: YAML alias *x is not allowed here; write the value out"),
        ("a: 1\n---\nb: 1\n", "kubeconfig config has several YAML documents; it must be one"),
        ("contexts: {}\n", "kubeconfig config: contexts must be a list"),
        ("contexts: [1]\n", "kubeconfig config: contexts[0] must be a mapping with name and context"),
        (
            "contexts: [{name: 1}]\n",
            "kubeconfig config: contexts[0] has no name, or one that is no text (numbers have to be put in quotes)",
        ),
        ("users: [{name: a, user: 1}]\n", "kubeconfig config: users[0] (a): user must be a mapping"),
        (a_file("a", "a"), "kubeconfig config: clusters has two entries named 'a'"),
        ("current-context: 1\n", "kubeconfig config: current-context must be a text (numbers have to be put in "),
        (a_file("a", current="a", clusters=[]), "kubeconfig config: context 'a' names the cluster 'a', which is not "),
        (a_file("a", current="a", users=None), "kubeconfig config: context 'a' names the user 'a', which is not there"),
        (
            a_file("a", current="a", contexts=[{"name": "a", "context": {"cluster": "a"}}]),
            "kubeconfig config: context 'a' names no user",
        ),
        (
            a_file("a", current="a", contexts=[{"name": "a", "context": None}]),
            "kubeconfig config: context 'a' names no cluster",
        ),
        (
            a_file("demo", current="demo"),
            "kubeconfig config: context 'demo' has the name of an embedded cluster; rename it: kubectl config ",
        ),
    ],
)
def test_mistakes_in_a_file_are_one_line(write: Write, content: Any, message: str) -> None:
    assert mistake(KubernetesSettings(files=(write(content),))).startswith(message)


@pytest.mark.parametrize(
    ("cluster", "message"),
    [
        ({}, "has no server; it must be the URL of its API"),
        ({"server": "example.com:6443"}, ": server is 'example.com:6443'; it must be a URL with https:// or http://"),
        ({"server": "https://a b"}, ": server is 'https://a b'; it must be a URL with https:// or http://"),
        ({"certificate-authority": "none"}, ": certificate-authority: cannot read "),
        ({"certificate-authority": "config"}, ": certificate-authority config has no certificate in PEM"),
        ({"certificate-authority-data": "!"}, ": certificate-authority-data is no base64"),
        ({"certificate-authority-data": 1}, ": certificate-authority-data must be a text (numbers have to be put in "),
        ({"certificate-authority-data": coded("x")}, ": certificate-authority-data has no certificate in PEM"),
        ({"insecure-skip-tls-verify": "yes"}, ": insecure-skip-tls-verify must be true or false"),
        (
            {"insecure-skip-tls-verify": True, "certificate-authority-data": coded(CERTIFICATE)},
            " has a certificate-authority and insecure-skip-tls-verify; leave one of them out",
        ),
        ({"server": "https://a..b"}, ": server is 'https://a..b'; it must be a URL with https:// or http://"),
        ({"server": "ftp://me:pass@word@a/x"}, ": server is 'ftp://a/x'; it must be a URL with https:// or http://"),
        ({"certificate-authority": "a\0b"}, ": no name of a file has a NUL character"),
        ({"proxy-url": "ftp://me:pa/ss@a"}, ": proxy-url is 'ftp://a'; it must be a URL with http:// or https:// or "),
        ({"proxy-url": "proxy"}, ": proxy-url is 'proxy'; it must be a URL with http:// or https:// or socks5://"),
    ],
)
def test_mistakes_in_a_cluster_are_one_line(write: Write, cluster: dict[str, Any], message: str) -> None:
    content = a_file("a", current="a")
    content["clusters"][0]["cluster"] = {"server": "https://a.example"} | cluster if cluster else {}
    text = mistake(KubernetesSettings(files=(write(content),)))
    assert text.startswith("kubeconfig config: cluster 'a'")
    assert message in text


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ({"as": "admin"}, " acts as somebody else (as), which is not supported; name a user of its own"),
        ({"token": 12345678}, ": token must be a text (numbers have to be put in quotes)"),
        ({"token": "abc\n"}, ": token has a line break, or a character that no token has"),
        ({"token": "abc\u20ac"}, ": token has a line break, or a character that no token has"),
        ({"client-key-data": coded(KEY)}, " has a client-key, but no client-certificate"),
        ({"client-certificate-data": coded(CERTIFICATE)}, " has a client-certificate, but no client-key"),
        ({"client-key-data": coded(CERTIFICATE)}, ": client-key-data has no private key in PEM"),
        ({"tokenFile": "none"}, ": tokenFile: cannot read "),
        ({"tokenFile": "a\0b"}, ": tokenFile: cannot read "),
        ({"exec": {"command": "a\0", **VERSION}}, ": exec has a NUL character, which no program can be given"),
        (
            {"exec": {"command": "a", "args": ["\0"], **VERSION}},
            ": exec has a NUL character, which no program can be given",
        ),
        (
            {"exec": {"command": "a", "env": [{"name": "A", "value": "\0"}], **VERSION}},
            ": exec has a NUL character, which no program can be given",
        ),
        (
            {"exec": {"command": "a", "env": [{"name": "A=B", "value": "c"}], **VERSION}},
            ": env of exec has 'A=B', which is no name of a variable",
        ),
        (
            {"auth-provider": {"name": "gcp"}},
            " logs in with the auth-provider 'gcp', which clients no longer support; use an exec plug-in, or a token",
        ),
        ({"exec": {"args": []}}, ": exec has no command"),
        ({"exec": {}}, ": exec has no command"),
        (
            {"exec": {"command": "login", **VERSION}},
            ": exec has no interactiveMode, which client.authentication.k8s.io/v1 demands: Never, IfAvailable or "
            "Always",
        ),
        ({"exec": PLUGIN, "auth-provider": PROVIDER}, " has an auth-provider and exec; leave one of them out"),
        ({"token": "abc", "username": "u"}, " has a token and a username; leave one of them out"),
        ({"exec": {**PLUGIN, "env": [{"name": "A", "value": 1}]}}, ": a value in env of exec is no text ("),
        (
            {"exec": {"command": "login", **VERSION, "interactiveMode": "always"}},
            ": interactiveMode of exec is 'always'; known: Never, IfAvailable and Always",
        ),
        (
            {"exec": {**PLUGIN, "provideClusterInfo": "yes"}},
            ": provideClusterInfo of exec must be true or false",
        ),
        ({"exec": ["login"]}, ": exec must be a mapping"),
        ({"exec": {"command": "login", "args": [1]}}, ": args of exec must be a list of texts"),
        ({"exec": {"command": "login", "env": [1]}}, ": env of exec must be a list of name and value"),
        (
            {"exec": {"command": "login", "apiVersion": "client.authentication.k8s.io/v1alpha1"}},
            ": apiVersion of exec is 'client.authentication.k8s.io/v1alpha1'; known: v1 and v1beta1",
        ),
    ],
)
def test_mistakes_in_a_user_are_one_line(write: Write, user: dict[str, Any], message: str) -> None:
    content = a_file("a", current="a")
    content["users"][0]["user"] = user
    assert mistake(KubernetesSettings(files=(write(content),))).startswith(f"kubeconfig config: user 'a'{message}")


def test_mistakes_on_the_command_line_are_one_line(write: Write) -> None:
    write(a_file("prod", "stage", current="prod"))
    assert (
        mistake(KubernetesSettings(files=("none",)))
        == "cannot read kubeconfig none: No such file or directory; name a file that exists"
    )
    assert mistake(KubernetesSettings(files=(".",))).startswith("cannot read kubeconfig .: ")
    assert mistake(KubernetesSettings(files=("config",), contexts=("prd",))) == (
        "kubeconfig config has no context 'prd'; did you mean 'prod'?; it has: prod, stage"
    )
    assert mistake(KubernetesSettings(files=("config",), contexts=("prod,stage",))) == (
        "--scs-kube-context: 'prod,stage' is several values; give the option once for each: "
        "--scs-kube-context=prod --scs-kube-context=stage"
    )
    assert mistake(KubernetesSettings(files=("config,other",))).startswith(
        "--scs-kubeconfig: 'config,other' is several"
    )
    assert mistake(KubernetesSettings(contexts=("prod",))) == (
        "--scs-kube-context: there is no ~/.kube/config; name the kubeconfig with --scs-kubeconfig=FILE"
    )
    assert mistake(KubernetesSettings(contexts=("prod",), kubeconfig="none")) == (
        "--scs-kube-context: no file of $KUBECONFIG is there; name the kubeconfig with --scs-kubeconfig=FILE"
    )
    assert mistake(KubernetesSettings(files=("demo",), contexts=("prod",))) == (
        "--scs-kube-context: an embedded cluster has no contexts; leave it out"
    )


def test_a_name_that_no_file_can_have_is_none(write: Write) -> None:
    long = "x" * 5000
    write(a_file("a", current="a"))
    assert find_names(KubernetesSettings(kubeconfig=f"{long}:config")) == ("a",)
    assert find_names(KubernetesSettings(kubeconfig=long)) == ()
    assert "File name too long" in mistake(KubernetesSettings(files=(long,)))
    assert "no name of a file has a NUL character" in mistake(KubernetesSettings(files=("a\0b",)))


def test_two_clusters_of_a_run_cannot_have_one_name(write: Write) -> None:
    files = tuple(write(a_file("admin@kubernetes", current="admin@kubernetes"), name) for name in ("one", "two"))
    assert mistake(KubernetesSettings(files=files)) == (
        "kubeconfig one and kubeconfig two both have the context 'admin@kubernetes', and each cluster of a run needs "
        "its own name; rename one: kubectl config rename-context admin@kubernetes NAME"
    )


def test_a_file_that_is_too_large_or_nested_is_refused(write: Write) -> None:
    write("a: " + "x" * (5 * 2**20), "large")
    assert "is larger than 4096 KiB" in mistake(KubernetesSettings(files=("large",)))
    write("a: " + "[" * 100 + "]" * 100, "deep")
    assert "nested deeper than 40 levels" in mistake(KubernetesSettings(files=("deep",)))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_a_file_that_may_not_be_read(write: Write, tmp_path: Path) -> None:
    write(a_file("a", current="a"))
    (tmp_path / "config").chmod(0)
    assert (
        mistake(KubernetesSettings(kubeconfig="config"))
        == "cannot read kubeconfig config: Permission denied; let this user read it, or name another file"
    )


def test_a_private_copy_goes_with_a_process_that_waits_for_nobody(write: Write, tmp_path: Path) -> None:
    write(a_file("a", current="a"))
    program = """
import sys, threading, time
from pytest_scs.platforms.kubernetes.kubeconfig import find_clusters
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings

there = threading.Event()

def run():
    with find_clusters(KubernetesSettings(files=("config",)))[0].private_copy() as path:
        print(path, path.exists())
        there.set()
        time.sleep(60)

threading.Thread(target=run, daemon=True).start()
there.wait()
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    path, there = result.stdout.split()
    assert there == "True"
    assert not Path(path).parent.exists()


_ANYTHING: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["https://x", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _about(kind: str, *keys: str) -> Any:
    content = st.fixed_dictionaries({}, optional=dict.fromkeys(keys, _ANYTHING)) | _ANYTHING
    entry = st.fixed_dictionaries({"name": st.just("a") | _ANYTHING, kind: content}) | _ANYTHING
    alone = st.fixed_dictionaries({"name": st.just("a"), kind: content}).map(lambda one: [one])
    return alone | st.lists(entry, max_size=2) | _ANYTHING


@given(
    st.fixed_dictionaries(
        {
            "clusters": _about("cluster", "server", "certificate-authority-data", "proxy-url", "tls-server-name"),
            "users": _about("user", "token", "exec", "auth-provider", "client-key-data", "username", "tokenFile"),
            "contexts": st.just([{"name": "a", "context": {"cluster": "a", "user": "a"}}])
            | _about("context", "cluster", "user"),
            "current-context": st.just("a") | _ANYTHING,
        }
    )
)
def test_whatever_a_file_holds_it_is_a_cluster_or_one_line(tmp_path_factory: Any, content: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "any-kubeconfig"
    path.write_text(json.dumps(content))
    try:
        for access in find_clusters(KubernetesSettings(files=(str(path),))):
            assert secrets_of(access) is not None
            assert access.config["current-context"] == "a" or access.name
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either is good
