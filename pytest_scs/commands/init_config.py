# SPDX-License-Identifier: Apache-2.0
"""The section of pytest.ini or pyproject.toml with which plain ``pytest`` judges, put into what is there already."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.commands.init_answers import Answers
from pytest_scs.commands.run import READ_ONLY

_HEAD = "# Written by scs init: pytest judges here without further options, and so does scs run."

Value = str | Sequence[str]


def configuration(answers: Answers) -> dict[str, Value]:
    """The keys and their values: options that may be repeated, and ``addopts``, are lists."""
    found: dict[str, Value] = {"scs_scope": list(answers.scopes)}
    for option, values in answers.chosen.items():
        found[option.dest] = list(values) if option.many else values[-1]
    options = [f"--html={answers.html}", "--self-contained-html"] if answers.html else []
    options += [f"--junit-xml={answers.junit}"] if answers.junit else []
    options += ["-m", READ_ONLY] if answers.read_only else []
    return found | ({"addopts": options} if options else {})


def merged(path: Path, keys: Mapping[str, Value]) -> str:
    """The text of a file that has the keys besides what it had; raises InputError where they cannot be put in.

    Lines end as they did; raises also OSError, and UnicodeDecodeError.
    """
    written = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
    old = written.replace("\r\n", "\n")
    text = _into_toml(path, old, keys) if path.suffix == ".toml" else _into_ini(old, keys)
    return text.replace("\n", "\r\n") if "\r\n" in written else text


def _into_ini(old: str, keys: Mapping[str, Value]) -> str:
    """Behind the heading of the section, in place of keys of the same name."""
    lines = old.splitlines()
    if "pytest" not in map(_section, lines):
        lines = [*lines, *([""] if lines else []), "[pytest]"]
    kept: list[str] = []
    dropping = inside = False
    for line in lines:
        section = _section(line)
        if section is not None:
            inside = section == "pytest"
        if inside and (key := re.match(r"([\w.-]+)\s*[:=]", line)):
            dropping = key[1] in keys
        elif not line.startswith((" ", "\t")):
            dropping = False
        if not dropping and line.strip() != _HEAD:
            kept.append(line)
    place = [*map(_section, kept)].index("pytest") + 1
    return "\n".join([*kept[:place], _HEAD, *_ini_lines(keys), *kept[place:]]) + "\n"


def _section(line: str) -> str | None:
    """The section that a line begins, as pytest reads it: a comment may stand behind the heading."""
    heading = re.split("[#;]", line)[0].rstrip() if line.startswith("[") else ""
    return heading[1:-1] if heading.endswith("]") else None


def _ini_lines(keys: Mapping[str, Value]) -> list[str]:
    lines = []
    for key, value in keys.items():
        if isinstance(value, str):
            lines.append(f"{key} = {value}")
        elif key == "addopts":
            lines.append(f"{key} = {shlex.join(value)}")
        else:
            lines += [f"{key} =", *(f"    {one}" for one in value)]
    return lines


def _into_toml(path: Path, old: str, keys: Mapping[str, Value]) -> str:
    """Behind the heading of the section that is there, else at the end; what was there stays as it was."""
    had = _read(path, old)
    tool = had.get("tool", {}).get("pytest", {})
    header = "[tool.pytest.ini_options]" if "ini_options" in tool else "[tool.pytest]"
    section = tool.get("ini_options", tool)
    taken = [key for key in keys if key in section]
    if taken:
        raise InputError(
            f"init: {path}: {header} has {', '.join(taken)} already; remove it there, or write a pytest.ini"
        )
    # JSON's strings and lists of strings are TOML's.
    added = [_HEAD, *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items())]
    # Not where Python ends lines beside these: a text may have such characters.
    lines = old.removesuffix("\n").split("\n") if old else []
    place = next((number for number, line in enumerate(lines) if line.partition("#")[0].strip() == header), None)
    if place is None and section:
        raise InputError(f"init: {path}: the keys of {header} stand in no section of that name; write a pytest.ini")
    if place is None:
        new = [*lines, *([""] if lines else []), header, *added]
    else:
        new = [*lines[: place + 1], *added, *lines[place + 1 :]]
    text = "\n".join(new) + "\n"
    _check_added(path, had, _read(path, text), keys)
    return text


def _read(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"init: {path} is not valid TOML: {error}") from None


def _check_added(path: Path, had: Mapping[str, Any], has: dict[str, Any], keys: Mapping[str, Value]) -> None:
    """Raise InputError unless the keys are all that is new: the file was changed as text."""
    tool = has["tool"]["pytest"]
    section = tool.get("ini_options", tool)
    added = {key: section.pop(key, None) for key in keys}
    if not section and "pytest" not in had.get("tool", {}):
        del has["tool"]["pytest"]
    if not has["tool"] and "tool" not in had:
        del has["tool"]
    if added != dict(keys) or has != had:
        raise InputError(f"init: {path} is written in a way that cannot be extended; write a pytest.ini")
