# SPDX-License-Identifier: Apache-2.0
"""Presets of a run out of the file of ``--scs-config``: defaults of options, subjects with their names, groups.

What is typed comes before what the ini file says, and that before what stands here.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import did_you_mean
from pytest_scs.core.subject import SUBJECT
from pytest_scs.platforms.option import Option, PresetSubject
from pytest_scs.platforms.platform import Platform
from pytest_scs.platforms.registry import platforms

if TYPE_CHECKING:
    from pytest_scs.pipeline.configuration import Configuration

#: Its name, and that of its ini key without ``scs_``.
NAME = "config"

# A value with one of these in its metavar is a path, or has one behind the first ``=``.
_PATHS = frozenset(("FILE", "DIR", "DIR/", "PATH"))
_URL = re.compile(r"[a-z]+://", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Presets:
    """What the file says that concerns a run; empty where no file is named.

    ``options``: by their names, texts, lists of texts or truths; relative paths have become absolute ones.
    ``groups``: name -> names of subjects in reports.
    """

    path: Path | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    subjects: Sequence[PresetSubject] = ()
    groups: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)


_presets_key = pytest.StashKey[tuple[str, Presets]]()


def presets_of(config: pytest.Config, options: Any, known: Iterable[Option]) -> Presets:
    """The presets of a run; ``options`` is the namespace known so far. Read once; raises InputError."""
    text = getattr(options, f"scs_{NAME}", None) or config.getini(f"scs_{NAME}")
    if not text:
        return Presets()
    found = config.stash.get(_presets_key, None)
    if found is None or found[0] != text:
        found = text, read_presets(Path(config.invocation_params.dir, os.path.expanduser(text)), known)
        config.stash[_presets_key] = found
    return found[1]


def read_presets(path: Path, known: Iterable[Option]) -> Presets:
    """The presets in a file, with ``known`` options; raises InputError, which names the file, the table and the key."""
    from pytest_scs.pipeline.configuration import read_configuration

    configuration = read_configuration(path)
    folder = path.absolute().parent
    options = {option.name: option for option in known if option.ini and option.name != NAME}
    return Presets(
        path,
        {
            name: _value(path, folder, _option(path, name, options), value)
            for name, value in configuration.options.items()
        },
        _subjects(configuration, path, folder),
        configuration.groups,
    )


def _option(path: Path, name: str, known: Mapping[str, Option]) -> Option:
    if name not in known:
        spelled = name.removeprefix("scs_").replace("-", "_")
        hint = f"; did you mean {spelled!r}?" if spelled in known else did_you_mean(name, known)
        raise InputError(f"{path}: options.{name} is no option with an ini key{hint}")
    return known[name]


def _value(path: Path, folder: Path, option: Option, value: Any) -> Any:
    """The value of an option in the form that pytest gives it; raises InputError for one of another type."""
    place = f"{path}: options.{option.name}"
    if option.switch:
        if not isinstance(value, bool):
            raise InputError(f"{place}: must be true or false, not {value!r}")
        return value
    if option.alone and isinstance(value, bool):
        return option.alone if value else None
    if option.many:
        values = value if isinstance(value, list) else [value]
        return [_located(folder, option, _text(place, one, "a text or a list of texts")) for one in values]
    return _located(folder, option, _text(place, value, "a text"))


def _text(place: str, value: Any, wanted: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | dt.date):
        raise InputError(f"{place}: must be {wanted}, not {value!r}")
    if not str(value).strip():
        raise InputError(f"{place}: is empty; leave it out, or give it a value")
    return str(value)


def _located(folder: Path, option: Option, text: str) -> str:
    """A value in which what is a path starts at the file's folder, as far as it is relative."""
    if option.name == "scope":
        # The name of a version, or of a file with one.
        is_file = text.rpartition("@")[0].endswith((".yaml", ".yml")) or text.endswith((".yaml", ".yml"))
        return os.path.join(folder, os.path.expanduser(text)) if is_file else text
    if not _PATHS & set(re.split(r"[|=]", option.metavar)) or _URL.match(text) or _is_embedded(text):
        return text
    before, equals, name = text.partition("=") if "=" in option.metavar else ("", "", text)
    # With its slash at the end, which says that it is a folder.
    return f"{before}{equals}{os.path.join(folder, os.path.expanduser(name))}"


def _is_embedded(text: str) -> bool:
    return any(text.partition(":")[0] in platform.embedded for platform in platforms())


def _subjects(configuration: Configuration, path: Path, folder: Path) -> list[PresetSubject]:
    found: list[PresetSubject] = []
    for name, values in configuration.subjects.items():
        place = f"{path}: subjects.{name}"
        if not SUBJECT.fullmatch(name):
            raise InputError(f"{place}: the name in reports has characters other than letters, digits, '_', '-', '.'")
        platform, options = _platform_of(place, values)
        given = {one: _located(folder, options[one], _text(place, value, "a text")) for one, value in values.items()}
        subject = PresetSubject(name, platform.name, {options[one].name: value for one, value in given.items()})
        for other in found:
            if (other.platform, other.values) == (subject.platform, subject.values):
                raise InputError(f"{place}: is the same {platform.noun} as subjects.{other.report_name}")
        found.append(subject)
    return found


def _platform_of(place: str, values: Mapping[str, str]) -> tuple[Platform, Mapping[str, Option]]:
    """The platform whose options name a subject, and these options as they are written in the file."""
    naming = {platform.name: _naming(platform) for platform in platforms()}
    known = [name for options in naming.values() for name in options]
    for name in values:
        if name not in known:
            hint = did_you_mean(name, known)
            raise InputError(f"{place}.{name}: names no subject{hint}; known: {', '.join(known)}")
    fitting = [one for one in platforms() if values and values.keys() <= naming[one.name].keys()]
    if not fitting:
        what = "are of two kinds of subjects" if values else "is nobody"
        raise InputError(f"{place}: {', '.join(values) or 'it'} {what}; give one of {', '.join(known)}")
    return fitting[0], naming[fitting[0].name]


def _naming(platform: Platform) -> dict[str, Option]:
    """The options that name a subject of a platform, spelled as on the command line without the dashes."""
    names = [name for name in (platform.embedded_naming, platform.naming) if name]
    return {
        (option.short or option.spelling).lstrip("-").removeprefix("scs-"): option
        for name in names
        for option in platform.options
        if option.name == name
    }
