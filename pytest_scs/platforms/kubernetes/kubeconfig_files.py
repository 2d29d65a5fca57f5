# SPDX-License-Identifier: Apache-2.0
"""Kubeconfig files as kubectl reads them: several are merged, and the first one that has a name wins it.

See https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.words import shown

#: The lists of a kubeconfig, and the key of what an entry is about.
_LISTS = {"clusters": "cluster", "users": "user", "contexts": "context"}


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A named cluster, user or context; ``file`` is where it stands, which relative paths in it start from."""

    content: Mapping[str, Any]
    file: Path


@dataclasses.dataclass(frozen=True, slots=True)
class Kubeconfig:
    """One or several files, merged; ``origin`` names them for messages, ``current`` is their ``current-context``."""

    origin: str
    clusters: Mapping[str, Entry]
    users: Mapping[str, Entry]
    contexts: Mapping[str, Entry]
    current: str


def read_kubeconfig(paths: Sequence[Path]) -> Kubeconfig:
    """Read files and merge them; raises InputError, in one line that names the file, for what no kubeconfig is like."""
    found: dict[str, dict[str, Entry]] = {name: {} for name in _LISTS}
    current = ""
    for path in paths:
        content = _read(path)
        for name, key in _LISTS.items():
            for label, entry in _entries(path, content, name, key):
                found[name].setdefault(label, entry)
        current = current or _current(path, content)
    origin = f"kubeconfig {', '.join(map(str, paths))}"
    return Kubeconfig(origin, found["clusters"], found["users"], found["contexts"], current)


def default_files(variable: str) -> list[Path]:
    """The files of ``$KUBECONFIG`` that are there, as for kubectl; without that variable ``~/.kube/config``."""
    if variable:
        # Path.exists raises what os.path.exists takes for absence: a name that is too long, for instance.
        return [Path(name) for name in variable.split(os.pathsep) if name and os.path.exists(name)]
    path = Path(os.path.expanduser("~/.kube/config"))
    return [path] if os.path.exists(path) else []


def _read(path: Path) -> Mapping[str, Any]:
    documents = yamlfile.load_documents(yamlfile.read_text(path, "kubeconfig"), f"kubeconfig {path}")
    if len(documents) > 1:
        raise InputError(f"kubeconfig {path} has several YAML documents; it must be one")
    content = documents[0] if documents and documents[0] is not None else {}
    if not isinstance(content, dict):
        raise InputError(f"kubeconfig {path} is no kubeconfig: it must be a mapping with clusters, users and contexts")
    kind = content.get("kind", "Config")
    if kind != "Config":
        raise InputError(f"kubeconfig {path} is no kubeconfig: its kind is {shown(str(kind))!r}, not Config")
    return content


def _entries(path: Path, content: Mapping[str, Any], name: str, key: str) -> Iterable[tuple[str, Entry]]:
    entries = content.get(name)
    if entries is None:
        return
    if not isinstance(entries, list):
        raise InputError(f"kubeconfig {path}: {name} must be a list")
    seen = set()
    for number, entry in enumerate(entries):
        place = f"kubeconfig {path}: {name}[{number}]"
        if not isinstance(entry, dict):
            raise InputError(f"{place} must be a mapping with name and {key}")
        label, about = entry.get("name"), entry.get(key)
        if not isinstance(label, str) or not label:
            raise InputError(f"{place} has no name, or one that is no text (numbers have to be put in quotes)")
        if label in seen:
            raise InputError(f"kubeconfig {path}: {name} has two entries named {shown(label)!r}")
        seen.add(label)
        if about is not None and not isinstance(about, dict):
            raise InputError(f"{place} ({shown(label)}): {key} must be a mapping")
        yield label, Entry(about or {}, path)


def _current(path: Path, content: Mapping[str, Any]) -> str:
    current = content.get("current-context")
    if current is None:
        return ""
    if not isinstance(current, str):
        raise InputError(f"kubeconfig {path}: current-context must be a text (numbers have to be put in quotes)")
    return current
