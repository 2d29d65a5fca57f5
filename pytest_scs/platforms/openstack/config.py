# SPDX-License-Identifier: Apache-2.0
"""Finding a cloud in clouds.yaml."""

from __future__ import annotations

import os
import re
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pytest_scs.base.errors import InputError
from pytest_scs.base.surrounding_secrets import passwords_in
from pytest_scs.base.words import check_single, did_you_mean
from pytest_scs.platforms.openstack.clouds_files import ENVIRONMENT, CloudsFiles, ask_sdk, fault_of, mentions
from pytest_scs.platforms.openstack.entry import (
    clouds_in,
    doubt_about,
    form_of,
    mistake_in,
    placeholder_in,
    unknown_key_in,
)

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion

#: Seconds a single request may take where clouds.yaml says nothing (docs/standards/framework.md#retries).
API_TIMEOUT = 32

#: The key of a found configuration under which it says where it comes from, for messages.
ORIGIN = "scs_origin"

#: The key under which it says what may be wrong with it, in case that the login fails; empty if nothing seems to be.
NOTE = "scs_note"

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
        found = ask_sdk(files)
        _check_listed(name, found, embedded)
        region = _complete(name, found)
    if not region.config.get("api_timeout"):
        region.config["api_timeout"] = API_TIMEOUT
    region.config[ORIGIN] = found.origin(name)
    return region


def find_cloud_in(text: str, name: str) -> CloudRegion:
    """The configuration of a cloud out of the text of a clouds.yaml, which may hold secrets."""
    with tempfile.TemporaryDirectory(prefix="scs-demo-") as folder:
        path = Path(folder, "clouds.yaml")
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
        region = find_cloud(name, [str(path)])
    region.config[ORIGIN] = "clouds.yaml"
    return region


def origin_of(name: str) -> str:
    """Where the entry of a cloud comes from: one or two paths, or the environment; empty if there is none."""
    try:
        return ask_sdk().origin(name)
    except InputError:
        return ""


def check_embedded(name: str, option: str = "--os-cloud") -> None:
    """Raise InputError if the name of something embedded is also that of an entry of the user's own.

    One of the two would be judged in place of the other. It is an entry of the user's if openstacksdk finds it, or if
    it seems to stand in a file that openstacksdk cannot parse.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ask_sdk()
    if where := found.origin(name):
        if where == ENVIRONMENT:
            raise InputError(
                f"{option}: {name} is embedded, but OS_CLOUD_NAME gives that name to the cloud of the {ENVIRONMENT} "
                "as well; change that"
            )
        raise InputError(f"{option}: {name} is embedded, but {where} has an entry {name!r} as well; rename that")
    for path in found.skipped:
        if mentions(path, name):
            raise InputError(
                f"{option}: {name} is embedded, but {path} seems to have an entry {name!r} as well; {fault_of(path)}"
            )


def secrets_of(region: CloudRegion) -> Iterator[Any]:
    """The values in a cloud's configuration that must never be shown, and those in the variables of an openrc file."""
    for name, value in os.environ.items():
        if name.startswith("OS_") and any(word in name.lower() for word in _SECRET_WORDS):
            yield value
    for section in (region.config, region.config.get("auth") or {}):
        for key, value in section.items():
            if isinstance(value, str) and any(word in key for word in _SECRET_WORDS) and "endpoint" not in key:
                yield value
            elif isinstance(value, str) and "://" in value:
                yield from passwords_in(value)


def hint_at_environment() -> str:
    """What to say where no cloud is named, or an unknown one, and the variables of an openrc file describe one."""
    if not os.environ.get("OS_AUTH_URL"):
        return ""
    name = os.environ.get("OS_CLOUD_NAME", "envvars")
    return f"OS_AUTH_URL is set: --os-cloud={name} takes the cloud that the {ENVIRONMENT} describe"


def _check_listed(name: str, found: CloudsFiles, embedded: str) -> None:
    """Raise InputError if there is no entry of that name, or it has no usable form."""
    if name not in found.names:
        if found.config is None and found.listed is not None:
            raise InputError(found.problem)
        if embedded:
            check_single("--os-cloud", name)
        for path in found.skipped:
            if fault := _fault_of_skipped(path):
                raise InputError(fault)
        _refuse(name, found, [*found.names, embedded] if embedded else found.names)
    for document in (found.main, found.secure):
        entries = clouds_in(document[1]) if document else None
        if document and entries and name in entries and (problem := form_of(entries[name])):
            if document is found.secure and entries[name] is None:
                problem = "the entry is empty"
            raise InputError(f"cloud {name!r} in {document[0]}: {_unindented(entries, name) or problem}")
    if found.config is None:
        raise InputError(found.problem)


def _complete(name: str, found: CloudsFiles) -> CloudRegion:
    """The entry as openstacksdk completes it; raises InputError, in words about the entry."""
    entry = found.config.cloud_config["clouds"][name]
    origin = found.origin(name)
    where = f"cloud {name!r} in {origin}"
    try:
        region: CloudRegion = found.config.get_one(cloud=name)
    except InputError:  # of the file with profiles, which is read now
        raise
    except Exception as error:  # the loaders of authentication plugins raise what they like
        raise InputError(f"{where}: {_in_words_of(origin, _why_unusable(entry, found, error))}") from None
    if problem := mistake_in(region.config):
        raise InputError(f"{where}: {_in_words_of(origin, problem)}")
    region.config[NOTE] = doubt_about(entry)
    return region


def _in_words_of(origin: str, problem: str) -> str:
    """A mistake in an entry in the words of where it comes from: in the environment ``password`` is OS_PASSWORD."""
    if origin != ENVIRONMENT:
        return problem
    lacks = re.fullmatch("auth lacks (.+)", problem)
    if not lacks:
        return problem
    return re.sub(r"\b(?!or\b|and\b)\w+", lambda key: f"OS_{key[0].upper()}", lacks[1]) + " is not set"


def _why_unusable(entry: Mapping[str, Any], found: CloudsFiles, error: Exception) -> str:
    """Why openstacksdk cannot use an entry; its own words only where they are about clouds.yaml."""
    from keystoneauth1 import exceptions as keystone
    from openstack import exceptions

    given = entry.get("auth_type") or entry.get("auth_plugin") or "password"
    taken = _keys_of(str(given))
    flat = {**entry, "auth_type": given}
    if isinstance(error, keystone.MissingRequiredOptions):
        missing = [option.dest for option in error.options]
        lacks = f"auth lacks {' and '.join(missing)}"
    else:
        lacks = ""
    return (
        found.unknown_profile(entry)
        or (_unknown_type(str(given)) if taken is None else "")
        or _of_remote_profile(entry)
        or (mistake_in(flat) if str(given).startswith("v2") else "")
        or unknown_key_in(entry, str(given), taken or ())
        or mistake_in(flat)
        or lacks
        or placeholder_in(entry)
        or (" ".join(str(error).split()) if isinstance(error, exceptions.ConfigException) else "")
        or f"openstacksdk cannot use the entry with auth_type {given}; compare it with the openstacksdk documentation"
    )


def _keys_of(auth_type: str) -> set[str] | None:
    """The keys that an authentication type takes in auth, with those that openstacksdk translates; None if unknown."""
    from keystoneauth1 import exceptions, loading

    try:
        options = loading.get_plugin_loader(auth_type).get_options()
    except exceptions.NoMatchingPlugin:
        return None
    except Exception:  # a plugin whose package is not installed raises what it likes
        return set()
    names = {option.dest or option.name.replace("-", "_") for option in options}
    names |= {old.name.replace("-", "_") for option in options for old in option.deprecated}
    return names | ({"tenant_id", "tenant_name"} if "project_name" in names else set())


def _unknown_type(auth_type: str) -> str:
    from keystoneauth1 import loading

    mean = did_you_mean(auth_type.lower(), loading.get_available_plugin_names())
    return f"there is no auth_type {auth_type!r}{mean}; usual: password, v3applicationcredential, v3token"


def _of_remote_profile(entry: Mapping[str, Any]) -> str:
    """Whether it was a profile that openstacksdk fetches which it could not get."""
    from openstack.config import vendors

    profile = entry.get("profile") or entry.get("cloud")
    if not isinstance(profile, str) or "://" not in profile:
        return ""
    try:
        vendors.get_profile(profile)
    except Exception:  # whatever comes of an answer that is no profile
        return f"the profile {profile} cannot be fetched: that host has none at /.well-known/openstack/api"
    return ""


def _unindented(entries: Mapping[Any, Any], name: str) -> str:
    """Whether the keys of an empty entry stand on its own level."""
    if entries[name] is None and "auth" in entries and name != "auth":
        return "the entry is empty, and auth stands beside it; indent its keys below it"
    return ""


def _fault_of_skipped(path: str) -> str:
    if not os.path.exists(path):
        return f"clouds.yaml cannot be read ({path}): it is a link to a file that does not exist"
    return fault_of(path)


def _refuse(name: str, found: CloudsFiles, known: Sequence[str]) -> NoReturn:
    """Say why there is no such cloud."""
    hint = hint_at_environment()
    ending = f"; {hint}" if hint else ""
    if found.main is None and not found.names:
        trial = ", or try --os-cloud=demo" if "demo" in known else ""
        raise InputError(
            f"cloud {name!r}: no clouds.yaml found (searched: {_places(found.searched)}); write one or set "
            f"OS_CLIENT_CONFIG_FILE{trial}"
        )
    where = found.where or ENVIRONMENT
    if found.listed is None:
        raise InputError(f"cloud {name!r}: {where} has no entries; they stand in a mapping with the key clouds{ending}")
    if any(str(one) == name for one in found.listed if not isinstance(one, str)):
        raise InputError(f"cloud {name!r} in {where}: YAML does not read the name as text; put it in quotes there")
    listing = ", ".join(known) or "none"
    raise InputError(f"cloud {name!r} is not in {where}{did_you_mean(name, known)}; known: {listing}{ending}")


def _places(paths: Sequence[str]) -> str:
    """Candidates of openstacksdk's, each folder once."""
    usual = ("clouds.yaml", "clouds.yml", "clouds.json")
    single = [path for path in paths if os.path.basename(path) not in usual]
    folders = dict.fromkeys(os.path.dirname(path) for path in paths if os.path.basename(path) in usual)
    listed = [*single, f"{', '.join(usual)} in {', '.join(folders)}"] if folders else single
    return "; ".join(listed)
