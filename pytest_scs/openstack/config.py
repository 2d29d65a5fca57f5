# SPDX-License-Identifier: Apache-2.0
"""Finding a cloud in clouds.yaml."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import yaml

from pytest_scs.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion

#: Seconds a single request may take where clouds.yaml says nothing (spec 3.1).
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
        cause = " ".join(str(error).split())
        raise InputError(f"clouds.yaml is not valid ({', '.join(_existing())}): {cause}") from None
    except (exceptions.ConfigException, OSError) as error:
        raise InputError(f"clouds.yaml cannot be read: {' '.join(str(error).split())}") from None
    if name not in known:
        if config.config_filename is None and not files:
            _check_skipped()
            raise InputError(
                f"cloud {name!r}: no clouds.yaml found (searched: {', '.join(_searched())}); "
                "write one or set OS_CLIENT_CONFIG_FILE" + (f", or try --os-cloud={embedded}" if embedded else "")
            )
        where = f"cloud {name!r} is not in {config.config_filename}"
        raise InputError(
            f"{where}{did_you_mean(name, known)}; known: {', '.join([*known, embedded] if embedded else known)}"
        )
    try:
        region = config.get_one(cloud=name)
    except Exception as error:  # the loaders of authentication plugins raise what they like
        cause = " ".join(str(error).split())
        raise InputError(f"cloud {name!r} in {config.config_filename} cannot be used: {cause}") from None
    if not region.config.get("api_timeout"):
        region.config["api_timeout"] = API_TIMEOUT
    return region


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


def _check_skipped() -> None:
    """Raise InputError for a clouds.yaml that is there, but that the SDK has passed over because it cannot read it."""
    for path in filter(os.path.exists, _searched()):
        try:
            with open(path, encoding="utf-8") as file:
                yaml.safe_load(file)
        except (OSError, ValueError, yaml.YAMLError) as error:
            cause = " ".join(str(error).split())
            raise InputError(f"clouds.yaml is not valid ({path}): {cause}") from None


def _existing() -> list[str]:
    return [path for path in _searched() if os.path.exists(path)] or _searched()
