# SPDX-License-Identifier: Apache-2.0
"""Which official client is installed, and whether it can be used."""

from __future__ import annotations

import re
from importlib import metadata

from pytest_scs.base.errors import InputError

#: The oldest generation of the client that can be used: those before it refuse odd answers in other ways.
OLDEST = 36

#: The newest that was tried.
NEWEST = 37

_PACKAGE = "kubernetes"


def check_client() -> str:
    """Raise InputError if the official client is missing or too old.

    One that is newer than any that was tried is given a try; what to say of it is returned, else an empty text.
    """
    try:
        version = metadata.version(_PACKAGE)
    except metadata.PackageNotFoundError:
        raise InputError(
            f"clusters are judged with the package {_PACKAGE}: pip install '{_PACKAGE}>={OLDEST}'"
        ) from None
    found = re.match(r"\d+", version)
    if found and int(found[0]) < OLDEST:
        raise InputError(
            f"the package {_PACKAGE} {version} is too old to judge clusters with; {OLDEST} or newer is needed: "
            f"pip install '{_PACKAGE}>={OLDEST}'"
        )
    if found and int(found[0]) > NEWEST:
        return (
            f"the package {_PACKAGE} {version} is newer than any that was tried ({NEWEST}); if clusters cannot be "
            f"read, take an older one: pip install '{_PACKAGE}<{NEWEST + 1}'"
        )
    return ""
