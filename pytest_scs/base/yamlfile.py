# SPDX-License-Identifier: Apache-2.0
"""Reading YAML files that people wrote: one line for what is wrong, and no way to blow up the reader."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import yaml

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_file, why_unreadable

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 40
#: Longest number in characters; PyYAML's time for ``1:59:59...`` grows with the square of the length.
MAX_NUMBER = 100

# libyaml is ten times faster than the pure parser; wheels of PyYAML contain it, some distributions' builds do not.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: The dumper that belongs to it.
Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Loader(_Base):  # type: ignore[misc]
    """A safe loader that refuses a key given twice, which YAML forbids and PyYAML lets pass.

    Whatever PyYAML raises for a value it cannot build (ValueError for the 30th of February, KeyError for ``!!bool x``)
    leaves as an error with a line.
    """

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """The value of a node; raises YAMLError."""
        if isinstance(node, yaml.ScalarNode) and len(node.value) > MAX_NUMBER and node.tag.endswith((":int", ":float")):
            raise _refusal(f"number longer than {MAX_NUMBER} characters", node)
        try:
            return super().construct_object(node, deep)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise _refusal(f"bad value: {error}", node) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The value of a mapping; raises YAMLError."""
        if not isinstance(node, yaml.MappingNode):
            raise _refusal("bad value: expected a mapping", node)
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _refusal("a key must be a single word or text", key)
            if (key.tag, key.value) in seen:
                raise _refusal(f"key {key.value!r} occurs twice", key)
            seen.add((key.tag, key.value))
        # What is written in two ways is one key all the same: 1 and 01, and 1 and true, too.
        words = [key for key, _ in node.value if not key.tag.endswith((":str", ":merge"))]
        values: set[Hashable] = set()
        for key in words if len(words) > 1 else ():
            value = self.construct_object(key)
            if value in values:
                raise _refusal(f"key {key.value!r} occurs twice, in another form", key)
            values.add(value)
        return super().construct_mapping(node, deep)  # type: ignore[no-any-return]


def read_text(path: Path, what: str, max_bytes: int = MAX_BYTES) -> str:
    """The text of a file in UTF-8; raises InputError naming ``what`` it is, the path and the cause."""
    try:
        check_file(path)
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise InputError(f"cannot read {what} {path}: {why_unreadable(error)}") from None
    if len(data) > max_bytes:
        raise InputError(f"{what} {path} is larger than {max_bytes // 1024} KiB; it cannot be what it should be")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{what} {path} is not UTF-8 text (byte {error.start}); name another file") from None


def load_documents(text: str, name: str, *, loader: type[Any] | None = None) -> list[Any]:
    """All documents of a YAML text; raises InputError ``name:line: cause``. ``loader`` reads words in another way.

    Aliases are refused (they are the stuff of YAML bombs, and no file of ours needs them), so are deep nesting and
    duplicate keys.
    """
    try:
        _check_shape(text, name)
        return list(yaml.load_all(text, Loader=loader or Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}" if mark else name
        raise InputError(f"{place}: not valid YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{name}: not valid YAML: {str(error).splitlines()[0]}") from None


def load(path: Path, what: str) -> Any:
    """The only document of a YAML file; raises InputError."""
    return only_document(read_text(path, what), path, what)


def only_document(text: str, path: Path, what: str) -> Any:
    """The only document of a text that was read from a YAML file; raises InputError."""
    documents = load_documents(text, str(path))
    if len(documents) != 1:
        raise InputError(f"{path}: {what} must be one YAML document, found {len(documents)}")
    return documents[0]


def line_of(path: Path, place: Sequence[str | int], document: int = 0) -> int | None:
    """The line (from 1) of the key or entry at ``place`` (keys and indexes) in a YAML file, or of the nearest above.

    ``document`` counts from 0.
    """
    nodes = yaml.compose_all(path.read_text("utf-8"), Loader=_Base)
    node: Any = next(itertools.islice(nodes, document, None), None)
    mark = node.start_mark if node is not None else None
    for step in place:
        if isinstance(node, yaml.MappingNode):
            key, child = next(((key, value) for key, value in node.value if key.value == str(step)), (None, None))
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            key = child = node.value[step]
        else:
            break
        if key is None:
            break
        node, mark = child, key.start_mark
    return mark.line + 1 if mark is not None else None


def _check_shape(text: str, name: str) -> None:
    """Refuse aliases and deep nesting by looking at the events, before anything is built from them.

    libyaml has a limit of its own since 0.2.6 (1000 levels). As it reads ahead for a possible key, up to the end of a
    line, it may hit that before it gives out the event that is one too many here: what stands before is read again.
    """
    try:
        _refuse_events(text, name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if mark is None or "nesting depth" not in str(error.problem):
            raise
        # The blanks take it beyond the 1024 characters a key can have, as what was cut off does.
        _refuse_events(text[: mark.index] + " " * 1100, name)
        raise


def _refuse_events(text: str, name: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Base):
        if isinstance(event, yaml.AliasEvent):
            raise InputError(
                f"{name}:{_line(event)}: YAML alias *{event.anchor} is not allowed here; write the value out"
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise InputError(f"{name}:{_line(event)}: nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refusal(cause: str, node: yaml.Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, cause, node.start_mark)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
