# SPDX-License-Identifier: Apache-2.0
"""Entries of version discovery documents: keystoneauth's fixtures with the dates of the real services."""

from __future__ import annotations

from keystoneauth1.fixture import VersionDiscovery
from keystoneauth1.fixture.discovery import DiscoveryBase


def dated(entry: DiscoveryBase, updated: str = "") -> DiscoveryBase:
    """The entry with the date its service gives, or without any; the fixture says thirty days ago in all of them."""
    if updated:
        entry.updated_str = updated
    else:
        del entry["updated"]
    return entry


def plain(name: str, url: str, status: str = "CURRENT") -> DiscoveryBase:
    """An entry of a service that tells neither microversions nor dates."""
    return dated(VersionDiscovery(url, name, status=status))
