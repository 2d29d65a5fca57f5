# SPDX-License-Identifier: Apache-2.0
"""Which clusters a user means: kubeconfig files and their contexts."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.surrounding_secrets import passwords_in
from pytest_scs.base.words import check_single, did_you_mean, shown
from pytest_scs.platforms.kubernetes.embedding import whole_cluster, whole_user
from pytest_scs.platforms.kubernetes.exec_plugin import for_plugins
from pytest_scs.platforms.kubernetes.kubeconfig_files import Entry, Kubeconfig, default_files, read_kubeconfig
from pytest_scs.platforms.kubernetes.settings import DEMO_CLUSTERS, KubernetesSettings

# Names of environment variables of a plug-in, and of its options, whose values are secret.
_SECRET = re.compile(r"pass|secret|token|credential|(access|api)?_?key(_id)?$", re.IGNORECASE)
_SECRET_OPTION = re.compile(r"--?[\w-]*(?:password|secret|token|key)[\w-]*=(.+)", re.IGNORECASE | re.DOTALL)

# Folders of private copies. A thread that the end of the process does not wait for cannot remove its own.
_copies: set[str] = set()


@atexit.register
def _remove_copies() -> None:
    while _copies:
        shutil.rmtree(_copies.pop(), ignore_errors=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Access:
    """How one cluster is reached.

    ``name`` is the context (or the embedded cluster), ``config`` a kubeconfig with that context only, which is its
    current one, and nothing that depends on where it lies; ``origin`` says in words where it is from.
    """

    name: str
    config: Mapping[str, Any]
    origin: str

    @property
    def cluster(self) -> Mapping[str, Any]:
        """The cluster of the only context."""
        found: Mapping[str, Any] = self.config["clusters"][0]["cluster"]
        return found

    @property
    def user(self) -> Mapping[str, Any]:
        """The user of the only context."""
        found: Mapping[str, Any] = self.config["users"][0]["user"]
        return found

    @contextlib.contextmanager
    def private_copy(self) -> Iterator[Path]:
        """A kubeconfig file for other programs, which nobody else can read and which is gone afterwards."""
        folder = tempfile.mkdtemp(prefix="scs-kubeconfig-")
        _copies.add(folder)
        try:
            path = Path(folder, "kubeconfig")
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump(self.config, file)
            yield path
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            _copies.discard(folder)


def secrets_of(access: Access) -> set[str]:
    """What nobody may see of how a cluster is reached, as far as the kubeconfig itself has it."""
    user = access.user
    found = {str(user[key]) for key in ("token", "password", "client-key-data") if user.get(key)}
    provider = user.get("auth-provider") or {}
    config = provider.get("config") or {}
    found |= {str(config[key]) for key in ("id-token", "refresh-token", "client-secret") if config.get(key)}
    plugin = user.get("exec") or {}
    found |= {one["value"] for one in plugin.get("env") or () if _SECRET.search(one["name"])}
    found |= {match[1] for one in plugin.get("args") or () if (match := _SECRET_OPTION.fullmatch(one))}
    if plugin and isinstance(about := for_plugins(access.cluster), Mapping):
        found |= {str(value) for key, value in about.items() if _SECRET.search(key)}
    for address in ("proxy-url", "server"):
        found |= set(passwords_in(str(access.cluster.get(address) or "")))
    return {secret for secret in found if secret}


def is_embedded(name: str) -> bool:
    """Whether a name means an embedded cluster."""
    return name.partition(":")[0] == DEMO_CLUSTERS[0]


def find_names(settings: KubernetesSettings) -> tuple[str, ...]:
    """The names of the clusters that the user means; none if he named none and has no kubeconfig. Raises InputError."""
    if settings.pairs:
        named = iter(access.name for access in find_clusters(settings))
        return tuple(file if is_embedded(file) else next(named) for file, _ in settings.pairs)
    if not settings.files and not settings.contexts and not default_files(settings.kubeconfig):
        return ()
    named = iter(access.name for access in find_clusters(settings))
    files = settings.files or ("",)
    if settings.contexts or not any(map(is_embedded, files)):
        return tuple(named)
    return tuple(name if is_embedded(name) else next(named) for name in files)


def find_clusters(settings: KubernetesSettings) -> list[Access]:
    """The clusters that the user means, embedded ones left out; raises InputError."""
    if settings.contexts and any(map(is_embedded, settings.files)):
        raise InputError("--scs-kube-context: an embedded cluster has no contexts; leave it out")
    found = list(_found(settings))
    seen: dict[str, Access] = {}
    for access in found:
        if is_embedded(access.name):
            raise InputError(
                f"{access.origin}: context {access.name!r} has the name of an embedded cluster; rename it: "
                f"kubectl config rename-context {access.name} NAME"
            )
        other = seen.setdefault(access.name, access)
        if other is not access:
            raise InputError(
                f"{other.origin} and {access.origin} both have the context {shown(access.name)!r}, and each cluster of "
                f"a run needs its own name; rename one: kubectl config rename-context {shown(access.name)} NAME"
            )
    return found


def _found(settings: KubernetesSettings) -> Iterator[Access]:
    for file, context in settings.pairs:
        if is_embedded(file) and context:
            raise InputError(f"kube-context {shown(context)!r}: an embedded cluster has no contexts; leave it out")
        if not is_embedded(file):
            yield from _found(
                dataclasses.replace(settings, pairs=(), files=(file,) if file else (), contexts=_one(context))
            )
    if settings.pairs:
        return
    if settings.files:
        for name in settings.files:
            if not is_embedded(name):
                check_single("--scs-kubeconfig", name, known=[name] if os.path.exists(name) else ())
                yield from _of(read_kubeconfig([Path(os.path.expanduser(name))]), settings)
        return
    paths = default_files(settings.kubeconfig)
    if not paths and settings.contexts:
        where = "no file of $KUBECONFIG is there" if settings.kubeconfig else "there is no ~/.kube/config"
        raise InputError(f"--scs-kube-context: {where}; name the kubeconfig with --scs-kubeconfig=FILE")
    if paths:
        yield from _of(read_kubeconfig(paths), settings)


def _one(context: str) -> tuple[str, ...]:
    return (context,) if context else ()


def _of(kubeconfig: Kubeconfig, settings: KubernetesSettings) -> Iterator[Access]:
    for name in settings.contexts:
        check_single("--scs-kube-context", name, known=kubeconfig.contexts)
    for context in settings.contexts or (_current(kubeconfig),):
        yield _chosen(kubeconfig, context)


def _current(kubeconfig: Kubeconfig) -> str:
    if not kubeconfig.contexts:
        raise InputError(f"{kubeconfig.origin} has no contexts; name another file with --scs-kubeconfig=FILE")
    if not kubeconfig.current:
        raise InputError(
            f"{kubeconfig.origin} has no current-context; give --scs-kube-context (it has: {_names(kubeconfig)})"
        )
    if kubeconfig.current not in kubeconfig.contexts:
        raise InputError(
            f"{kubeconfig.origin}: there is no context {shown(kubeconfig.current)!r}, which its current-context names; "
            f"give --scs-kube-context (it has: {_names(kubeconfig)})"
        )
    return kubeconfig.current


def _chosen(kubeconfig: Kubeconfig, name: str) -> Access:
    if name not in kubeconfig.contexts:
        hint = did_you_mean(name, kubeconfig.contexts)
        raise InputError(f"{kubeconfig.origin} has no context {shown(name)!r}{hint}; it has: {_names(kubeconfig)}")
    context = kubeconfig.contexts[name]
    place = f"kubeconfig {context.file}"
    cluster = _named(context, "cluster", kubeconfig.clusters, f"{place}: context {shown(name)!r}")
    user = _named(context, "user", kubeconfig.users, f"{place}: context {shown(name)!r}")
    of_cluster, of_user = context.content["cluster"], context.content["user"]
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "preferences": {},
        "current-context": name,
        "contexts": [{"name": name, "context": dict(context.content)}],
        "clusters": [
            {
                "name": of_cluster,
                "cluster": whole_cluster(cluster, f"kubeconfig {cluster.file}: cluster {shown(of_cluster)!r}"),
            }
        ],
        "users": [
            {"name": of_user, "user": whole_user(user, f"kubeconfig {user.file}: user {shown(of_user)!r}")},
        ],
    }
    return Access(name, _as_json(config), place)


def _as_json(value: Any) -> Any:
    """The same in what JSON has: extensions may hold anything, and YAML knows dates, and keys that are no texts."""
    if isinstance(value, Mapping):
        return {str(key): _as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_json(one) for one in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _named(context: Entry, kind: str, known: Mapping[str, Entry], place: str) -> Entry:
    name = context.content.get(kind)
    if not isinstance(name, str) or not name:
        raise InputError(f"{place} names no {kind}")
    if name not in known:
        listed = ", ".join(map(shown, known)) or "none"
        raise InputError(f"{place} names the {kind} {shown(name)!r}, which is not there (there are: {listed})")
    return known[name]


def _names(kubeconfig: Kubeconfig) -> str:
    names = [shown(name) for name in kubeconfig.contexts]
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "") or "none"
