# SPDX-License-Identifier: Apache-2.0
"""Scope files of the first form in the second: groups for modules (docs/standards/framework.md#scope-files).

No official file of the second form is known here: tests make one of an official file by what is known of the mapping.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

#: A group must not have the id of a testcase, as one official module has.
RENAMED = {"cncf-k8s-conformance": "scs-0201-v1"}


def second_form(first: dict[str, Any], *, nested: bool = False) -> dict[str, Any]:
    """What a file of the first form says, in the second; ``nested`` puts groups into the groups that were modules."""
    groups: list[dict[str, Any]] = []
    included = {one for version in first["versions"] for one in _included(version)}
    for module in first["modules"]:
        targets = module.get("targets") or {}
        # Only what was in ``main`` may be reached from a version.
        ids = targets.get("main", [])
        if module["id"] not in included:
            ids = [one for listed in targets.values() for one in listed]
        entry = {key: module[key] for key in ("name", "url") if key in module}
        identity = RENAMED.get(module["id"], module["id"])
        if nested and len(ids) > 1:
            groups += _halves(identity, ids)
            ids = [f"{identity}-a", f"{identity}-b"]
        groups.append({"id": identity, **entry, "include": ids} if ids else {"id": identity, **entry})
    versions = []
    for version in first["versions"]:
        name = f"{first['name']} {version['version']}"
        ids = [RENAMED.get(one, one) for one in _included(version)]
        groups.append({"id": f"all-{version['version']}", "name": name, "include": ids})
        attn = {"attn": 1} if version.get("stabilized_at") else {}
        versions.append({"version": version["version"], **attn, "test": f"all-{version['version']}"})
    scripts = [{key: value for key, value in script.items() if key != "env"} for script in first["scripts"]]
    kept = {key: value for key, value in first.items() if key != "modules"}
    return {**kept, "scripts": scripts, "groups": groups, "versions": versions}


def _included(version: dict[str, Any]) -> list[str]:
    return [one["ref"] if isinstance(one, dict) else one for one in version["include"]]


def _halves(identity: str, ids: list[str]) -> list[dict[str, Any]]:
    middle = len(ids) // 2
    # What is in both halves counts once.
    return [{"id": f"{identity}-a", "include": ids[: middle + 1]}, {"id": f"{identity}-b", "include": ids[middle:]}]


def write_second_form(first: Path, folder: Path, *, nested: bool = False) -> Path:
    """Write the second form of a file under its name into a folder."""
    folder.mkdir(exist_ok=True)
    path = folder / first.name
    document = second_form(yaml.safe_load(first.read_text("utf-8")), nested=nested)
    path.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    return path
