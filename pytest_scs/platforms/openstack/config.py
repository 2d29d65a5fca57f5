# SPDX-License-Identifier: Apache-2.0
"""Finding a cloud in clouds.yaml."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from pytest_scs.base.errors import InputError
from pytest_scs.base.words import check_single, did_you_mean
from pytest_scs.platforms.openstack.entry import clouds_in, form_of, mistake_in

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion

#: Seconds a single request may take where clouds.yaml says nothing (docs/standards/framework.md#retries).
API_TIMEOUT = 32

#: Words in the names of authentication parameters whose values are secret.
_SECRET_WORDS = ("password", "secret", "token", "passcode", "assertion", "access_key")


def find_cloud(name: str, files: Sequence[str] | None = None, *, embedded: str = "") -> CloudRegion:
    """The configuration of a cloud; ``files`` replaces the places where clouds.yaml is searched.

    ``embedded`` names the embedded cloud that may be had instead, where one may.

    Raises InputError if there is no clouds.yaml, no such cloud in it, or the entry cannot be used.
    """
    # Deprecations inside the SDK concern nobody who reads a verdict.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _find_cloud(name, files, embedded)


def _find_cloud(name: str, files: Sequence[str] | None, embedded: str) -> CloudRegion:
    from openstack import exceptions
    from openstack.config import OpenStackConfig

    try:
        only: dict[str, Any] = {"config_files": list(files), "secure_files": [], "load_envvars": False} if files else {}
        config = OpenStackConfig(**only)
        known = sorted(config.get_cloud_names())
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, TypeError) as error:
        first = next(iter(_existing()))
        if clouds_in(_document(first)) is None:
            _check_skipped([first])
            _refuse(name, first, None, ())
        cause = " ".join(str(error).split())
        raise InputError(f"clouds.yaml is not valid ({', '.join(_existing())}): {cause}") from None
    except (exceptions.ConfigException, OSError) as error:
        raise InputError(f"clouds.yaml cannot be read: {' '.join(str(error).split())}") from None
    where = config.config_filename
    listed = clouds_in(_document(where)) if where else {}
    if "defaults" not in (listed or {}):
        known = [one for one in known if one != "defaults"]  # the SDK's own, where a file has no clouds
    if name not in known:
        if embedded:
            check_single("--os-cloud", name)
        _check_skipped(files)
        _refuse(name, where, listed, [*known, embedded] if embedded else known)
    if problem := form_of(listed[name]) if listed and name in listed else "":
        raise InputError(f"cloud {name!r} in {where}: {problem}")
    try:
        region = config.get_one(cloud=name)
    except Exception as error:  # the loaders of authentication plugins raise what they like
        problem = mistake_in(listed[name]) if listed and name in listed else ""
        cause = problem or f"it cannot be used: {' '.join(str(error).split())}"
        raise InputError(f"cloud {name!r} in {where}: {cause}") from None
    if problem := mistake_in(region.config):
        raise InputError(f"cloud {name!r} in {where}: {problem}")
    if not region.config.get("api_timeout"):
        region.config["api_timeout"] = API_TIMEOUT
    return region


def find_cloud_in(text: str, name: str) -> CloudRegion:
    """The configuration of a cloud out of the text of a clouds.yaml, which may hold secrets."""
    with tempfile.TemporaryDirectory(prefix="scs-demo-") as folder:
        path = Path(folder, "clouds.yaml")
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
        return find_cloud(name, [str(path)])


def check_embedded(name: str, option: str = "--os-cloud") -> None:
    """Raise InputError if the name of something embedded is also that of an entry in the user's own clouds.yaml.

    One of the two would be judged in place of the other.
    """
    for path in filter(os.path.exists, _searched()):
        if (document := _document(path)) is not None:
            if name in (clouds_in(document) or {}):
                raise InputError(f"{option}: {name} is embedded, but {path} has an entry {name!r} as well; rename that")
            return  # the SDK reads no other


def secrets_of(region: CloudRegion) -> Iterator[Any]:
    """The values in a cloud's configuration that must never be shown."""
    for section in (region.config, region.config.get("auth") or {}):
        for key, value in section.items():
            if isinstance(value, str) and any(word in key for word in _SECRET_WORDS) and "endpoint" not in key:
                yield value


def _searched() -> list[str]:
    from openstack.config import loader

    override = os.environ.get("OS_CLIENT_CONFIG_FILE")
    return (
        [override] if override else list(dict.fromkeys(path for path in loader.CONFIG_FILES if path.endswith(".yaml")))
    )


def _refuse(name: str, where: str | None, listed: Mapping[str, Any] | None, known: Sequence[str]) -> NoReturn:
    """Say why there is no such cloud; ``listed`` are the entries of the file ``where``, None if it has no clouds."""
    if where is None:
        raise InputError(
            f"cloud {name!r}: no clouds.yaml found (searched: {', '.join(_searched())}); write one or set "
            f"OS_CLIENT_CONFIG_FILE{', or try --os-cloud=demo' if 'demo' in known else ''}"
        )
    if listed is None:
        raise InputError(f"cloud {name!r}: {where} has no entries; they stand in a mapping with the key clouds")
    raise InputError(
        f"cloud {name!r} is not in {where}{did_you_mean(name, known)}; known: {', '.join(known) or 'none'}"
    )


def _document(path: str) -> Any:
    """The content of a file that the SDK has read."""
    try:
        with open(path, encoding="utf-8") as file:
            return yaml.safe_load(file)
    except (OSError, ValueError, yaml.YAMLError):
        return None


def _check_skipped(files: Sequence[str] | None) -> None:
    """Raise InputError for a clouds.yaml that is there, but that the SDK has passed over because it cannot read it."""
    for path in filter(os.path.lexists, files or _searched()):
        try:
            with open(path, encoding="utf-8") as file:
                yaml.safe_load(file)
        except OSError as error:
            raise InputError(f"clouds.yaml cannot be read ({path}): {error.strerror or error}") from None
        except (ValueError, yaml.YAMLError) as error:
            cause = " ".join(str(error).split())
            raise InputError(f"clouds.yaml is not valid ({path}): {cause}") from None


def _existing() -> list[str]:
    return [path for path in _searched() if os.path.exists(path)] or _searched()
