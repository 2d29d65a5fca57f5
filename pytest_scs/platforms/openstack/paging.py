# SPDX-License-Identifier: Apache-2.0
"""Answers that come in pages, and what one of them holds (docs/standards/framework.md#shape-of-answers)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_scs.base.fields import FormError
from pytest_scs.base.value_words import value_in_words
from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.phase import read_more
from pytest_scs.platforms.openstack import bounds
from pytest_scs.platforms.openstack.explain import path_of
from pytest_scs.platforms.openstack.links import check_links
from pytest_scs.platforms.openstack.retrying import Refused

if TYPE_CHECKING:
    import requests

Page = dict[str, Any]

# Statuses below 400 with which the content is not what was asked for, or not all of it, and what they mean.
_NOT_WHOLE = {
    201: "something was created",
    202: "the answer is yet to be made",
    204: "no content",
    205: "no content",
    206: "a part of the answer",
    207: "an answer in several parts",
    300: "a choice of several answers",
    304: "nothing new",
}
_WHOLE = (200, 203)


def pages_of(
    read: Callable[[str], Page], service: str, path: str, following: Callable[[Page], str | None]
) -> Iterator[Page]:
    """All pages of a listing: ``read`` gives one, ``following`` its link to the next one.

    Only the link's query is used: a service behind a proxy may name another host, which must not get our token.
    Raises Inconclusive if a page cannot be read or the listing has no end: Refused only if it is the first page, for
    half a listing is neither one that is forbidden nor the whole one.
    """
    plain = path.partition("?")[0]
    listing = f"the {service} service's listing {plain}"
    seen: set[str] = set()
    entries = 0
    url: str | None = path
    while url:
        if url in seen:
            # Half a listing must not pass for the whole one.
            raise Inconclusive(f"{listing} leads in a circle", CauseKind.MALFORMED)
        if len(seen) >= bounds.PAGES:
            raise Inconclusive(f"{listing} has more than {bounds.PAGES} pages", CauseKind.MALFORMED)
        seen.add(url)
        try:
            page = read(url)
        except Refused as error:
            if url == path:
                raise
            raise Inconclusive(f"{error}, in the middle of a listing", error.kind) from error
        more = max((len(value) for value in page.values() if isinstance(value, list)), default=0)
        read_more(more)
        entries += more
        if entries > bounds.ENTRIES:
            raise Inconclusive(f"{listing} has more than {bounds.ENTRIES} entries", CauseKind.MALFORMED)
        check_links(page, f"{service} GET {plain}")
        yield page
        link = following(page)
        url = f"{plain}?{urlsplit(link).query}" if link else None


class Shown:
    """What a listing has shown so far: an entry that comes again as it was is one that moved to the next page.

    A listing that changes while it is read, or pages that overlap, show things twice. ``kind`` is what they are called
    in messages, ``passing`` are fields that may differ.
    """

    def __init__(self, kind: str, passing: Collection[str] = ()) -> None:
        self._kind = kind
        self._passing = passing
        self._seen: dict[str, Mapping[str, Any]] = {}

    def new(self, entries: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """The entries that were not there before; all have an ``id``.

        Raises FormError if one comes again as something else: nobody knows which of the two is there.
        """
        for entry in entries:
            known = self._seen.setdefault(entry["id"], entry)
            if known is entry:
                yield entry
            elif differing := [key for key in {**known, **entry} if self._differs(key, known, entry)]:
                name, identity, field = map(shown, (str(entry.get("name")), entry["id"], differing[0]))
                raise FormError(
                    f"{self._kind} {name} (id {identity}): it is listed twice, with another {field}: the listing "
                    "changed while it was read, or gives one id to two things"
                )

    def _differs(self, key: str, known: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
        return key not in self._passing and (key in known, known.get(key)) != (key in entry, entry.get(key))


def content_of(response: requests.Response, service: str) -> Page:
    """The JSON object that an answer holds; raises Inconclusive if it holds none, or one that is not unambiguous.

    What is read has to be the whole answer: 206 is a part of one, 202 a promise of one.
    """
    why = ""
    method, status = response.request.method, response.status_code
    if status >= 300 or (method == "GET" and status not in _WHOLE):
        meaning = _NOT_WHOLE.get(status, "not the usual status")
        expected = "200 and all of it" if method == "GET" else "a success"
        raise Inconclusive(
            f"the {service} service answered {method} {path_of(response.request.url)} with {status}: {meaning}, "
            f"where {expected} was expected",
            CauseKind.MALFORMED,
        )
    if method == "GET":
        _require_version(response, service)
    try:
        content = response.json()
        why = "" if isinstance(content, dict) else f": {value_in_words(content)}"
    except ValueError as error:
        content, why = None, f": {error.__cause__}" if error.__cause__ else ""
    except MemoryError:
        content, why = None, ": it is more than this machine's memory holds"
    if not isinstance(content, dict):
        what = f"{response.request.method} {path_of(response.request.url)}"
        raise Inconclusive(
            f"the {service} service answered {what} with something that is no JSON object{why}", CauseKind.MALFORMED
        )
    return content


def _require_version(response: requests.Response, service: str) -> None:
    """Raise Inconclusive where a service says that it answers in an older microversion than it was asked in.

    Such an answer lacks what the newer one brought, which would look as if the cloud hid it.
    """
    asked, given = (_microversion(headers) for headers in (response.request.headers, response.headers))
    if asked and given and given < asked:
        older, newer = (".".join(map(str, version)) for version in (given, asked))
        raise Inconclusive(
            f"the {service} service answered GET {path_of(response.request.url)} in the microversion {older}, "
            f"where {newer} was asked for",
            CauseKind.MALFORMED,
        )


def _microversion(headers: Mapping[str, str]) -> tuple[int, int] | None:
    """The microversion that headers name, as in ``compute 2.61``; None where they name none."""
    found = re.search(r"(?:^|\s)(\d{1,4})\.(\d{1,4})\s*$", headers.get("OpenStack-API-Version") or "", re.ASCII)
    return (int(found[1]), int(found[2])) if found else None
