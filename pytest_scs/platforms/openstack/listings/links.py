# SPDX-License-Identifier: Apache-2.0
"""Links to the next page, as Nova and Cinder give them."""

from __future__ import annotations


def next_link(links: list[dict[str, str]] | None) -> str | None:
    """The link to the next page in a list of links as Nova and Cinder give it."""
    return next((link["href"] for link in links or () if link["rel"] == "next"), None)
