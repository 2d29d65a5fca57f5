# SPDX-License-Identifier: Apache-2.0
"""Where newer data come from: the projects that keep them (HTTPS), a mirror of these, or a folder."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, Final, Protocol
from urllib.parse import urljoin, urlsplit

from pytest_scs.base import datafiles, yamlfile
from pytest_scs.base.errors import InputError
from pytest_scs.base.urls import check_url
from pytest_scs.standards.datum import Source

#: Bytes of a file, seconds for each of its parts to arrive, and for all of it.
MOST_BYTES: Final = yamlfile.MAX_BYTES
PATIENCE: Final = 15.0
MOST_SECONDS: Final = 60.0

#: Pages of a listing.
MOST_PAGES: Final = 30

_CHUNK: Final = 64 * 1024
_NEXT_PAGE: Final = re.compile(r'<([^<>]+)>\s*;[^,]*\brel="?next\b')


class Place(Protocol):
    """Where files are read from; ``name`` is how messages and copies call it."""

    name: str

    def read(self, source: Source) -> str | None:
        """The text of a file, None if it is not there; raises InputError for one that cannot be read."""

    def pages(self, source: Source) -> list[str] | None:
        """The texts of all pages of a listing, None if it is not there; raises InputError."""

    def read_own(self, name: str) -> tuple[str, dt.date] | None:
        """A file of ours with its day, as an earlier refresh wrote it; None if there is none."""

    def day(self, source: Source, text: str) -> dt.date:
        """The day (UTC) of which a file read there is."""


class Folder:
    """A folder: one that holds the files, or a checkout of the project that keeps them."""

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise InputError(f"--from: {path} is no folder; name one that holds the files, or an https URL")
        self.path = path
        self.name = str(path)

    def read(self, source: Source) -> str | None:
        """The text of a file in it, or None."""
        file = self._file(source)
        return None if file is None else yamlfile.read_text(file, "data file", MOST_BYTES)

    def pages(self, source: Source) -> list[str] | None:
        """The text of a file in it, which holds the whole listing, or None."""
        text = self.read(source)
        return None if text is None else [text]

    def read_own(self, name: str) -> tuple[str, dt.date] | None:
        """A file of ours in it, which says its day."""
        source = Source("", name)
        text = self.read(source)
        return None if text is None else (text, self.day(source, text))

    def day(self, source: Source, text: str) -> dt.date:
        """The day that the file itself names, or on which it was last changed."""
        file = self._file(source)
        moment = file.stat().st_mtime if file else time.time()
        return datafiles.stamp_of(text) or dt.datetime.fromtimestamp(moment, dt.UTC).date()

    def _file(self, source: Source) -> Path | None:
        files = (self.path / name for name in (source.path, source.name))
        return next((file for file in files if file.exists() and not file.is_dir()), None)


class Online:
    """The projects themselves, or with ``base`` a mirror that has their files, by name alone, below that URL."""

    def __init__(self, base: str = "") -> None:
        if base:
            check_url(base, "--from")
        self.base = base.rstrip("/")
        self.name = base

    def read(self, source: Source) -> str | None:
        """The text of a file; there is none at a mirror that answers 404."""
        return fetch(self._url(source), missing_ok=bool(self.base))

    def pages(self, source: Source) -> list[str] | None:
        """The texts of all pages of a listing, whose links lead from one to the next on the same host."""
        found: list[str] = []
        url = self._url(source)
        while True:
            page = fetch_page(url, missing_ok=bool(self.base) and not found)
            if page is None:
                return None
            found.append(page.text)
            if not page.following:
                return found
            if urlsplit(page.following)[:2] != urlsplit(url)[:2] or len(found) >= MOST_PAGES:
                raise InputError(f"{url} leads to more pages than it can have: {page.following[:100]!r}")
            url = page.following

    def _url(self, source: Source) -> str:
        return f"{self.base}/{source.name}" if self.base else source.url

    def read_own(self, name: str) -> tuple[str, dt.date] | None:
        """None: the projects have files of their own, and so has a mirror."""
        return None

    def day(self, source: Source, text: str) -> dt.date:
        """Today."""
        return dt.datetime.now(dt.UTC).date()


def place(given: str) -> Place:
    """The place that ``--from`` names; without it the projects online. Raises InputError for neither folder nor URL."""
    if not given:
        return Online()
    return Online(given) if "://" in given else Folder(Path(given).expanduser())


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects of the kind of URL that could have been given."""

    max_redirections = 5

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """The next request; raises InputError for another scheme."""
        try:
            check_url(newurl, f"{req.full_url} redirects")
            if urlsplit(newurl).scheme != urlsplit(req.full_url).scheme:
                raise InputError(f"{req.full_url} redirects to another scheme: {newurl[:100]!r}")
        except InputError:
            fp.close()  # nobody else does, and the connection would stay open
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """A text behind a URL, and the URL of the next page, empty if it is the last."""

    text: str
    following: str = ""


def fetch(url: str, *, missing_ok: bool = False) -> str | None:
    """The text behind a URL; see :func:`fetch_page`."""
    page = fetch_page(url, missing_ok=missing_ok)
    return None if page is None else page.text


def fetch_page(url: str, *, missing_ok: bool = False) -> Page | None:
    """The text behind a URL, without credentials, bounded in size and time.

    None for a 404 if that is fine. Raises InputError, in one line, for anything else that is no text in UTF-8.
    """
    check_url(url, "data")
    opener = urllib.request.build_opener(_Redirects)
    opener.addheaders = [("User-Agent", "pytest-scs"), ("Accept", "*/*")]
    try:
        with opener.open(url, timeout=PATIENCE) as answer:
            content = _content(answer, url)
            links = ", ".join(answer.headers.get_all("Link") or ())
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 404 and missing_ok:
            return None
        raise InputError(f"{url} answered with {error.code}; try later, or --from=FOLDER") from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        words = " ".join(str(reason).split()) or "it broke off"
        raise InputError(f"{url} cannot be read: {words}; without network: --from=FOLDER") from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{url} is not UTF-8 text (byte {error.start})") from None
    following = _NEXT_PAGE.search(links)
    return Page(text, urljoin(url, following[1]) if following else "")


def _content(answer: Any, url: str) -> bytes:
    """The body of an answer; raises InputError for one that is too long or takes too long."""
    content, started = b"", time.monotonic()
    while chunk := answer.read1(_CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            raise InputError(f"{url} is larger than {MOST_BYTES >> 20} MiB; it cannot be what it should be")
        if time.monotonic() - started > MOST_SECONDS:
            raise InputError(f"{url} takes longer than {MOST_SECONDS:.0f} s; try later, or --from=FOLDER")
    expected = answer.headers.get("Content-Length", "")
    if expected.isdigit() and len(content) < int(expected):
        raise InputError(f"{url} broke off after {len(content)} of {expected} bytes; try again")
    return content
