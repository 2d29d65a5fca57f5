# SPDX-License-Identifier: Apache-2.0
"""The files in which openstacksdk looks for clouds: which it picks, which it passes over, and what stands in them.

The list of candidates is openstacksdk's own, and so is the choice. Here each candidate is only looked at before it is
opened, for openstacksdk would wait for a pipe without end and read whatever size there is.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import did_you_mean
from pytest_scs.platforms.openstack.entry import clouds_in, kind_of_value
from pytest_scs.platforms.openstack.sdk import import_configuration

#: Bytes of a file with clouds. Hundreds of entries take 100 KiB; openstacksdk's parser takes seconds for a MiB.
MAX_BYTES = 1024 * 1024

#: Values of a file with clouds, those of an anchor counted wherever it is used, and how deep they may be nested.
MAX_VALUES = 100_000
MAX_DEPTH = 40

#: Where the entry comes from that openstacksdk makes of variables such as OS_AUTH_URL.
ENVIRONMENT = "environment variables OS_*"

_Document = tuple[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class CloudsFiles:
    """What openstacksdk found.

    ``config`` is its OpenStackConfig, None if it cannot use the file, for ``problem``. ``main`` is the path and content
    of the file it picked, ``secure`` those of the one with secrets. ``skipped`` are candidates before them that it
    could not read, and ``searched`` all candidates for the first.
    """

    config: Any
    problem: str
    main: _Document | None
    secure: _Document | None
    skipped: Sequence[str]
    searched: Sequence[str]
    _looked: _Looked

    def unknown_profile(self, entry: Mapping[str, Any]) -> str:
        """The profile that an entry names and nobody knows, and where it was looked for; empty if it is known.

        The file with profiles is read by openstacksdk only while it completes the entry.
        """
        from openstack.config import vendors

        name = entry.get("profile") or entry.get("cloud")
        if not isinstance(name, str) or "://" in name:
            return ""
        known = list(vendors.profiles())
        path, content = next(iter(filter(None, self._looked.found[2:])), ("", None))
        public = content.get("public-clouds") if isinstance(content, dict) else None
        known += [str(one) for one in public] if isinstance(public, dict) else []
        if name in known:
            return ""
        folders = list(dict.fromkeys(os.path.dirname(one) for one in self.searched if os.path.dirname(one)))
        place = f"not in {path}" if path else f"there is no clouds-public.yaml in {', '.join(folders)}"
        return (
            f"there is no profile {name}{did_you_mean(name, known)}; {place}, and openstacksdk does not know it either"
        )

    @property
    def where(self) -> str:
        """The path of the file that was picked; empty if there is none."""
        return self.main[0] if self.main else ""

    @property
    def listed(self) -> Mapping[Any, Any] | None:
        """The entries of the file that was picked; None if it has no section ``clouds``."""
        return clouds_in(self.main[1]) if self.main else {}

    @property
    def names(self) -> list[str]:
        """The names of all clouds, also of those that come from the environment or the file with secrets, sorted."""
        if self.config is None:
            return sorted(name for name in self.listed or {} if isinstance(name, str))
        names = {name for name in self.config.get_cloud_names() if isinstance(name, str)}
        if not any("defaults" in (clouds_in(document[1]) or {}) for document in self._documents):
            names.discard("defaults")  # openstacksdk's own, where no file has clouds
        return sorted(names)

    def origin(self, name: str) -> str:
        """Where the entry of a cloud comes from, for people."""
        paths = [path for path, content in self._documents if name in (clouds_in(content) or {})]
        return " and ".join(paths) or (ENVIRONMENT if name in self.names else "")

    @property
    def _documents(self) -> list[_Document]:
        return [document for document in (self.main, self.secure) if document]


def ask_sdk(files: Sequence[str] | None = None) -> CloudsFiles:
    """What openstacksdk finds, or in ``files`` alone.

    Raises InputError for a file that must not even be opened, or is no configuration by its size or nesting.
    """
    import_configuration()
    from openstack import exceptions
    from openstack.config import OpenStackConfig

    looked = _Looked()

    class Asked(OpenStackConfig):
        def _load_yaml_json_file(self, filelist: list[str]) -> Any:
            return looked.load(super()._load_yaml_json_file, filelist)

    only: dict[str, Any] = {"config_files": list(files), "secure_files": [], "load_envvars": False} if files else {}
    config: Any = None
    problem = ""
    try:
        config = Asked(**only)
        config.get_cloud_names()
    except exceptions.ConfigException as error:
        problem = _of_sdk(" ".join(str(error).split()), looked)
    except OSError as error:
        problem = f"clouds.yaml cannot be read: {error.strerror or error}"
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        config, problem = None, _unfit(looked)
    main, secure = [*looked.found, None, None][:2]
    searched = tuple(dict.fromkeys(looked.candidates[0] if looked.candidates else ()))
    return CloudsFiles(config if not problem else None, problem, main, secure, tuple(looked.skipped), searched, looked)


def fault_of(path: str) -> str:
    """Why openstacksdk passes over a file that is there; empty if it does not. Shows no value of the file."""
    try:
        with open(path, encoding="utf-8") as file:
            json.load(file) if path.endswith("json") else yaml.safe_load(file)
    except OSError as error:
        return f"clouds.yaml cannot be read ({path}): {error.strerror or error}"
    except UnicodeDecodeError as error:
        return f"clouds.yaml is not valid ({path}): it is not UTF-8 text (byte {error.start})"
    except json.JSONDecodeError as error:
        return f"clouds.yaml is not valid ({path}): line {error.lineno}, column {error.colno}: {error.msg}"
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        return f"clouds.yaml is not valid ({path}): {place}{_yaml_words(error.problem or error.context or '')}"
    except yaml.reader.ReaderError as error:
        return f"clouds.yaml is not valid ({path}): a character that YAML does not allow (at {error.position})"
    except (ValueError, yaml.YAMLError):
        return f"clouds.yaml is not valid ({path}): a value is not what it looks like, such as the date 2026-02-30"
    return ""


def mentions(path: str, name: str) -> bool:
    """Whether a file that cannot be parsed has something that looks like an entry of this name."""
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return False
    return re.search(rf"(?<![\w.:-])[\"']?{re.escape(name)}[\"']?[ \t]*:(?!\w)", text) is not None


class _Looked:
    """What became of the candidates that openstacksdk asked for, in the order of its asking."""

    def __init__(self) -> None:
        self.candidates: list[list[str]] = []
        self.found: list[_Document | None] = []
        self.skipped: list[str] = []

    def load(self, read: Callable[[list[str]], tuple[Any, Any]], paths: list[str]) -> tuple[Any, Any]:
        """The first of the files that openstacksdk can read, by its function for that; ``(None, None)`` if none."""
        self.candidates.append(list(paths))
        for path in dict.fromkeys(paths):
            if not os.path.lexists(path):
                continue
            _check_readable(path)
            found, content = self._read(read, path)
            if found is None:
                if path not in self.skipped:
                    self.skipped.append(path)
                continue
            _check_extent(path, content)
            # A copy, for openstacksdk adds to it.
            self.found.append((path, copy.deepcopy(content)))
            return found, content
        self.found.append(None)
        return None, None

    @staticmethod
    def _read(read: Callable[[list[str]], tuple[Any, Any]], path: str) -> tuple[Any, Any]:
        try:
            return read([path])
        except (RecursionError, MemoryError):
            raise InputError(f"{path}: nested deeper than {MAX_DEPTH} levels; it cannot be a clouds.yaml") from None
        except (AttributeError, ArithmeticError, LookupError, TypeError):  # PyYAML, for tags that do not fit
            raise InputError(
                f"clouds.yaml is not valid ({path}): a value begins with a YAML tag (!) that does not fit; "
                "put such a value in quotes"
            ) from None


def _check_readable(path: str) -> None:
    """Raise InputError for what would be waited for without end, or takes too long."""
    if os.path.realpath(path) == os.devnull or not os.path.exists(path) or os.path.isdir(path):
        return
    if not os.path.isfile(path):
        raise InputError(f"clouds.yaml cannot be read ({path}): it is a pipe or device, not a file")
    if os.path.getsize(path) > MAX_BYTES:
        size = f"larger than {MAX_BYTES // 1024} KiB"
        raise InputError(f"clouds.yaml cannot be read ({path}): it is {size}; it cannot be what it should be")


def _check_extent(path: str, content: Any) -> None:
    """Raise InputError for nesting and anchors that would keep openstacksdk busy without end."""
    left = MAX_VALUES
    waiting = [(content, 0)]
    while waiting:
        value, depth = waiting.pop()
        left -= 1
        if depth > MAX_DEPTH:
            raise InputError(f"{path}: nested deeper than {MAX_DEPTH} levels; it cannot be a clouds.yaml")
        if left < 0:
            raise InputError(f"{path}: its anchors make more than {MAX_VALUES} values; it cannot be a clouds.yaml")
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
        waiting += [(one, depth + 1) for one in inner]


def _of_sdk(said: str, looked: _Looked) -> str:
    if "OS_CLOUD_NAME" in said:
        name = os.environ.get("OS_CLOUD_NAME", "envvars")
        where = next((path for path, _ in filter(None, looked.found)), "clouds.yaml")
        return (
            f"{where} has an entry {name!r}, which is also the name of the cloud that variables such as OS_AUTH_URL "
            "describe; rename the entry, or set OS_CLOUD_NAME to another name"
        )
    return _unfit(looked)


def _unfit(looked: _Looked) -> str:
    """Why openstacksdk cannot use files that it could read, in words about them."""
    for path, content in filter(None, looked.found):
        if content is not None and not isinstance(content, dict):
            return f"{path} is {kind_of_value(content)}, not a mapping with the key clouds"
        if isinstance(content, dict):
            for section in ("clouds", "cache", "client", "metrics"):
                if section in content and not isinstance(content[section], dict):
                    return f"{path}: {section} is {kind_of_value(content[section])}, not a mapping"
    if (port := os.environ.get("STATSD_PORT")) and not port.isdecimal():
        return "the environment variable STATSD_PORT is not a number"
    where = next((path for path, _ in filter(None, looked.found)), "clouds.yaml")
    return f"{where}: a section beside clouds (cache, client, metrics) does not have the form that openstacksdk expects"


def _yaml_words(problem: str) -> str:
    """PyYAML's words without what they quote of the file, which may be secret, and what to do."""
    kept = re.sub(r"'([^']*)'|\"([^\"]*)\"", lambda one: one[0] if len(one[0]) < 5 or "<" in one[0] else "", problem)
    words = " ".join(kept.split())
    if "\\t" in problem or "\t" in problem:
        return f"{words}; indent with blanks, not with tabs"
    if re.search(r"tag|alias|anchor|cannot start any token|alphabetic", problem):
        return f"{words}; a value that begins with one of ! & * % @ ` has to be put in quotes"
    if "mapping values" in problem:
        return f"{words}; a value with a colon and a blank has to be put in quotes"
    return words
