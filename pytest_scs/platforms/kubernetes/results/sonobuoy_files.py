# SPDX-License-Identifier: Apache-2.0
"""What sonobuoy writes around the results of the suite: errors, versions, and the state of the pods."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import IO, Any, Final

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import UNREADABLE
from pytest_scs.base.strict_json import NoStrictJson, read_json
from pytest_scs.base.words import cut, printable

#: Bytes of a JSON file, of what is kept of the tree of results, and of one of its lines.
MOST_JSON: Final = 16 * 1024**2
_MOST_TREE: Final = 1024**2
_MOST_LINE: Final = 64 * 1024

_MOST_WORDS: Final = 400

#: Tests of a tree that are noted because of their status; a suite has fewer.
_MOST_LEAVES: Final = 20_000

#: Status of a file of results in which nothing went wrong.
_HARMLESS: Final = ("passed", "skipped")


@dataclasses.dataclass(frozen=True, slots=True)
class Tree:
    """What ``sonobuoy_results.yaml`` says on its first level: the status of the plugin, and errors, a line each.

    ``leaves`` are the tests that neither passed nor were skipped, each with its status.
    """

    status: str
    errors: tuple[str, ...]
    leaves: tuple[tuple[str, str], ...] = ()


def read_tree(stream: IO[bytes]) -> Tree:
    """The first level of a tree of results: what has no children there is an error, unless it passed.

    Raises ValueError, in words, for another form.
    """
    leaves = _Leaves()
    text = "".join(_first_level(stream, leaves))
    try:
        documents = yamlfile.load_documents(text, "sonobuoy_results.yaml")
    except InputError as error:
        raise ValueError(str(error)) from None
    content = documents[0] if len(documents) == 1 else None
    if not isinstance(content, Mapping):
        raise ValueError("it is no tree of results")
    items = content.get("items") or []
    if not isinstance(items, list):
        raise ValueError("its items are no list")
    return Tree(one_line(content.get("status") or ""), tuple(_errors(items)), tuple(leaves.found))


class _Leaves:
    """Looks line by line for the tests of a tree, as sonobuoy indents them: that spares parsing megabytes of YAML."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self._name: list[str] = []
        self._goes_on = False

    def take(self, line: str) -> None:
        """One more line below the files of results."""
        if line.startswith("    - "):
            self._name, self._goes_on = [line.removeprefix("    - ")], True
        elif line.startswith("        "):
            # A long name is folded; what stands deeper behind another key does not belong to it.
            self._name += [line] * self._goes_on
        elif self._name and line.startswith("      status:"):
            status = one_line(line.partition(":")[2]).strip("\"'")
            if status not in _HARMLESS and len(self.found) < _MOST_LEAVES:
                self.found.append((self._named(), status))
            self._name = []
        else:
            self._goes_on = False

    def _named(self) -> str:
        try:
            documents = yamlfile.load_documents(" ".join(self._name), "name")
        except InputError:
            documents = []
        content = documents[0] if documents else None
        return one_line(content.get("name") if isinstance(content, Mapping) else "".join(self._name))


def _first_level(stream: IO[bytes], leaves: _Leaves) -> Iterator[str]:
    """The lines about the plugin and its files; what a file holds is replaced by ``true``."""
    size, inside, begun = 0, False, True
    while line := stream.readline(_MOST_LINE):
        goes_on, begun = not begun, line.endswith(b"\n")
        # What a failure says may have empty lines, which are not indented, and lines of any length.
        if inside and (goes_on or line.startswith(b"  ") or not line.strip()):
            if not goes_on:
                leaves.take(line.decode("utf-8", "replace").rstrip("\r\n"))
            continue
        inside = line.rstrip() == b"  items:"
        size += len(line)
        if size > _MOST_TREE:
            raise ValueError(f"it says more than {_MOST_TREE >> 20} MiB about the files of results")
        yield "  items: true\n" if inside else line.decode("utf-8", "replace")


def _errors(items: list[Any]) -> Iterator[str]:
    for item in items:
        if not isinstance(item, Mapping):
            raise ValueError("one of its items is no object")
        if item.get("items") or item.get("status") in _HARMLESS:
            continue
        details = item.get("details")
        error = details.get("error") if isinstance(details, Mapping) else None
        yield one_line(error or item.get("name") or f"status {item.get('status')}")


def read_object(stream: IO[bytes]) -> Mapping[str, Any]:
    """The object in a JSON file; raises ValueError, in words, for anything else."""
    content = stream.read(MOST_JSON + 1)
    if len(content) > MOST_JSON:
        raise ValueError(f"it is larger than {MOST_JSON >> 20} MiB")
    try:
        found = read_json(content)
    except NoStrictJson as error:
        raise ValueError(str(error)) from None
    if not isinstance(found, Mapping):
        raise ValueError("it is no object")
    return found


def error_of(content: Mapping[str, Any]) -> str:
    """What ``error.json`` says, with the state of the pod if it is there."""
    words = [one_line(content.get("error") or "the suite ended with an error")]
    pod = content.get("pod")
    if isinstance(pod, Mapping) and (state := pod_state(pod)):
        words.append(state)
    return "; ".join(words)


def environment(definition: Mapping[str, Any]) -> Mapping[str, str]:
    """The environment of the plugin, from ``definition.json``; empty where it has another form."""
    try:
        entries = definition["Definition"]["spec"]["env"]
        return {entry["name"]: entry["value"] for entry in entries if isinstance(entry.get("value"), str)}
    except UNREADABLE:
        return {}


def is_suite_pod(pod: Any) -> bool:
    """Whether a pod is the one the suite runs in."""
    labels = _get(pod, "metadata", "labels")
    return isinstance(labels, Mapping) and labels.get("sonobuoy-plugin") == "e2e"


def pod_state(pod: Any) -> str:
    """Why a pod is not what it should be, in words; empty if it does not say."""
    found = [one_line(_get(pod, "status", key) or "") for key in ("reason", "message")]
    statuses = _get(pod, "status", "containerStatuses")
    for status in statuses if isinstance(statuses, list) else []:
        waiting, ended = _get(status, "state", "waiting"), _get(status, "state", "terminated")
        if isinstance(waiting, Mapping):
            found += [one_line(waiting.get(key) or "") for key in ("reason", "message")]
        elif isinstance(ended, Mapping) and ended.get("exitCode"):
            found.append(one_line(f"container {_get(status, 'name')} ended with {ended.get('exitCode')}"))
            found += [one_line(ended.get(key) or "") for key in ("reason", "message")]
    if not any(found) and _get(pod, "status", "phase") == "Pending":
        found.append("Pending")
    return cut("pod of the suite: " + ": ".join(filter(None, found)), _MOST_WORDS) if any(found) else ""


def one_line(value: object) -> str:
    """Whatever it is, as one line of bounded length."""
    text = value if isinstance(value, str) else str(value)
    return cut(printable(" ".join(text.split())), _MOST_WORDS)


def _get(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def warnings_about(names: Collection[str], events: Iterable[Any]) -> Iterator[str]:
    """The last two different warnings about some pods, a line each, the newest last."""
    found = [
        (str(event.get("lastTimestamp") or event.get("eventTime") or ""), one_line(event.get("message") or ""))
        for event in events
        if isinstance(event, Mapping)
        and event.get("type") == "Warning"
        and _get(event, "involvedObject", "name") in names
    ]
    yield from list(dict.fromkeys(message for _, message in sorted(found)))[-2:]
