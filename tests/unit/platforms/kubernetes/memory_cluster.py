# SPDX-License-Identifier: Apache-2.0
"""A cluster in memory, in place of a client: it stores objects, and fails when a test says so."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.client import Answer, Refused

Entry = dict[str, Any]


def refused(status: int, reason: str = "", message: str = "") -> Refused:
    return Refused(status, reason, message or reason, {})


def lost() -> Inconclusive:
    return Inconclusive("the connection was closed", CauseKind.OUTAGE)


class MemoryCluster:
    """``before`` and ``after`` map methods to what is raised, once each, instead of and after carrying them out.

    ``holding`` names namespaces that do not go, with the words of their condition.
    """

    patience = 0.01
    deadline = 3.0
    server = "https://cluster.example:6443"

    def __init__(self) -> None:
        self.access = SimpleNamespace(config={"contexts": [{"context": {"user": "somebody"}}]})
        self.objects: dict[tuple[str, str, str], Entry] = {}
        self.asked: list[str] = []
        self.bodies: list[Any] = []
        self.before: dict[str, list[Exception]] = {}
        self.after: dict[str, list[Exception]] = {}
        self.holding: dict[str, str] = {}
        self.user = "admin"
        self.at: Callable[[str], None] = lambda method: None

    def for_section(self, section: str) -> MemoryCluster:
        return self

    def get(self, api: str, method: str, *arguments: Any, **options: Any) -> Entry:
        return self.call(api, method, *arguments, **options).mapping

    def list(self, api: str, method: str, *arguments: Any, **options: Any) -> list[Entry]:
        found = self.get(api, method, *arguments, **options)["items"]
        return list(found)

    def call(self, api: str, method: str, *arguments: Any, **options: Any) -> Answer:
        self.asked.append(method)
        self.at(method)
        if planned := self.before.get(method):
            raise planned.pop(0)
        content = self._done(method, list(arguments), options)
        if planned := self.after.get(method):
            raise planned.pop(0)
        return Answer(200, {}, json.dumps(content))

    def add(self, noun: str, name: str, namespace: str = "", **content: Any) -> Entry:
        labels = content.pop("labels", {})
        metadata = {"name": name, "uid": str(uuid.uuid4()), "labels": labels, **content.pop("metadata", {})}
        entry = {"metadata": metadata, **content}
        self.objects[noun, namespace, name] = entry
        if noun == "namespace":
            self.objects["service_account", name, "default"] = {"metadata": {"name": "default"}}
        return entry

    def names(self, noun: str) -> set[str]:
        return {name for kind, _, name in self.objects if kind == noun}

    def _done(self, method: str, arguments: list[Any], options: Mapping[str, Any]) -> Any:
        verb, noun = method.split("_", 1)
        namespaced = noun.startswith("namespaced_")
        noun = noun.removeprefix("namespaced_")
        if noun == "self_subject_review":
            return {"status": {"userInfo": {"username": self.user}}}
        if verb == "list":
            where = str(arguments[0]) if namespaced else None
            matching = [
                one for (kind, space, _), one in self.objects.items() if kind == noun and where in (None, space)
            ]
            return {"metadata": {}, "items": matching}
        if verb == "create":
            body = arguments[-1]
            where = str(arguments[0]) if namespaced else ""
            return self._create(noun, where, body)
        name = str(arguments[0])
        key = (noun, str(arguments[1]) if namespaced else "", name)
        if key not in self.objects:
            raise refused(404, "NotFound", f'{noun} "{name}" not found')
        if verb == "delete":
            return self._delete(key, options.get("body") or {})
        if verb == "patch":
            self.bodies.append(arguments[-1])
            self.objects[key].setdefault("spec", {}).update(arguments[-1].get("spec", {}))
        return self.objects[key]

    def _create(self, noun: str, where: str, body: Entry) -> Entry:
        name = body["metadata"]["name"]
        if (noun, where, name) in self.objects:
            raise refused(409, "AlreadyExists", f'{noun} "{name}" already exists')
        content = copy.deepcopy(body)
        labels = content["metadata"].get("labels", {})
        return self.add(noun, name, where, labels=labels, **{key: content[key] for key in content if key != "metadata"})

    def _delete(self, key: tuple[str, str, str], body: Mapping[str, Any]) -> Entry:
        self.bodies.append(body)
        entry = self.objects[key]
        if (body.get("preconditions") or {}).get("uid") not in (None, entry["metadata"]["uid"]):
            raise refused(409, "Conflict", "the UID in the precondition does not match")
        if key[2] in self.holding:
            message = self.holding[key[2]]
            entry["metadata"]["deletionTimestamp"] = "2026-06-15T12:00:00Z"
            entry["status"] = {"conditions": [{"type": "Held", "status": "True", "reason": "Held", "message": message}]}
            return entry
        del self.objects[key]
        if key[0] == "namespace":
            self.objects = {one: content for one, content in self.objects.items() if one[1] != key[2]}
        return entry
