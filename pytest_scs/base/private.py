# SPDX-License-Identifier: Apache-2.0
"""What only the operator of a subject needs to know, replaced in what everybody reads (docs/secrets.md).

Names of accounts and entries, addresses, files and request ids are no secrets: a terminal and a report for the operator
show them. A public report has a label in their place. What is replaced is what the run knows, wherever it stands; in a
text that tells why something failed, and which others have worded, also what looks like an address or a file.
"""

from __future__ import annotations

import functools
import ipaddress
import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pytest_scs.base.shapes import is_ordinary

ADDRESS = "URL"
HOST = "HOST"
FILE = "FILE"
REQUEST = "REQUEST-ID"

# What a name stands behind where it is one, although it may be a word of any sentence.
_NOUNS = (
    r"(?:cloud|cluster|context|entry|subject|user|account|project|tenant|domain|credential|login|owner|namespace)s?"
)
_HEX = "[0-9a-fA-F]"
_REQUEST_IDS = re.compile(
    rf"\breq-{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}|\btx{_HEX}{{21}}-{_HEX}{{10}}[\w-]*"
    r"|(?i:(?<=request id )|(?<=request id: )|(?<=request-id: )|(?<=request-id=)|(?<=requestid>)|(?<=trans-id: )"
    r"|(?<=request_id: )|(?<=request_id=)|(?<=requestid: )|(?<=trace id: ))(?!REQUEST-ID)[\w.-]*\d[\w.-]{6,}"
)
# One of these stands in or before each of them: to look for that is much cheaper.
_BEFORE_REQUEST_IDS = ("req-", "tx", "request", "trans-id", "trace")
# What may follow a host: a port, as clients of HTTP write it, too.
_PORT = r"(?::\d{1,5}\b|['\"]?,? port[=: ]+\d{1,5}\b)?"
_REST = r"(?:[/?#][^\s'\"<>\u2039\u203a`|)\]},;]*)?"
_ANY_URL = re.compile(rf"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s'\"<>\u2039\u203a`|)}},;/]+{_REST}")
_ANY_IP = re.compile(
    rf"(?<![\w.:/-])(?:\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\w./]\w)|\[[0-9a-fA-F:]*:[0-9a-fA-F:.]*\]){_PORT}"
)
_ANY_FILE = re.compile(
    r"(?<![\w:/.-])(?:~|/(?:home|root|Users|tmp|var|etc|opt|srv|mnt|usr|private|run|builds|workspace|github)(?=/))"
    r"/[^\s'\"<>:;,)]+"
)
_HOST = re.compile(r"[\w.:-]+")
_REQUESTED = re.compile(r"\b(?P<method>GET|HEAD|POST|PUT|PATCH|DELETE) (?P<path>/[^ ?]*)(?=[ ?])")
_PREFIX = re.compile(r"[a-z]+://[^/?#]+((?:/(?!v\d)[^/?#]+)+)")
_ANY_PORT = re.compile(r"\bport[= ]\d{2,5}\b")

# A name of so few characters is one only where it cannot be anything else.
_SHORTEST = 3


class PrivateNames:
    """Knows what is private in a run, and puts labels in its place. Shared by threads."""

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}
        self._hosts: dict[str, re.Pattern[str]] = {}
        self._files: dict[str, re.Pattern[str]] = {}
        self._prefixes: set[str] = set()
        self._lock = threading.Lock()

    def add(self, label: str, names: Iterable[object]) -> None:
        """Learn names or ids, in place of which ``label`` stands; what is false (None, 0, empty) is none."""
        with self._lock:
            self._labels = {**self._labels, **{str(name): label for name in names if name}}

    def add_addresses(self, urls: Iterable[object]) -> None:
        """Learn URLs, or hosts: their hosts, and the domain these are in, are private from now on.

        So is what the paths begin with, up to the version of an API.
        """
        known = [str(url) for url in urls if url]
        prefixes = {match[1] for url in known if (match := _PREFIX.match(url))}
        # Many services may share a host.
        named = {host for url in known if _HOST.fullmatch(host := host_of(url))}
        hosts = dict(_patterns_of(host) for host in named if _domain(host) not in self._hosts)
        with self._lock:
            self._hosts = {**hosts, **self._hosts}
            self._prefixes = self._prefixes | prefixes

    def add_files(self, paths: Iterable[object]) -> None:
        """Learn files and folders, with everything in them."""
        found = {str(path).rstrip("/"): _file(str(path).rstrip("/")) for path in paths if path}
        with self._lock:
            self._files = {**self._files, **{path: one for path, one in found.items() if len(path) >= _SHORTEST}}

    def hide(self, text: str, labels: Mapping[str, str] | None = None) -> str:
        """The text with labels in place of what is known; ``labels`` are further names, which come first."""
        lowered = text.lower()
        for host, pattern in self._hosts.items():
            if host in lowered:
                text = pattern.sub(_address, text)
        for path, pattern in self._files.items():
            if path in text:
                text = pattern.sub(FILE, text)
        names = {**self._labels, **(labels or {})}
        # The longest first: a name may contain another.
        for name in sorted((name for name in names if name in text), key=len, reverse=True):
            text = _named(name).sub(_labelled(names[name]), text)
        return _REQUEST_IDS.sub(REQUEST, text)

    def hide_all(
        self, text: str, labels: Mapping[str, str] | None = None, public: Collection[str] = frozenset()
    ) -> str:
        """The same of a text that others have worded: also without what only looks like an address or a file.

        ``public`` are hosts of the internet that everybody knows.
        """

        def address(match: re.Match[str]) -> str:
            return match[0] if host_of(match[0]) in public else _without_end(ADDRESS)(match)

        text = _ANY_URL.sub(address, self.hide(text, labels))
        text = _REQUESTED.sub(self._shortened, text)
        for pattern, label in ((_ANY_FILE, FILE), (_ANY_IP, HOST), (_ANY_PORT, "its port")):
            text = pattern.sub(_without_end(label), text)
        return text

    def _shortened(self, match: re.Match[str]) -> str:
        """A request without what the paths of its service begin with; the longest beginning that is known counts."""
        path = match["path"]
        ends = [place for place, char in enumerate(path) if char == "/" and place] + [len(path)]
        begun = next((end for end in reversed(ends) if path[:end] in self._prefixes), 0)
        return f"{match['method']} {path[begun:]}"

    def concerns(self, text: str, labels: Mapping[str, str] | None = None) -> bool:
        """Whether there is anything in a text, which may be long, that may be hidden: a cheap look."""
        lowered = text.lower()
        needles = (*self._hosts, *map(str.lower, (*self._files, *self._labels, *(labels or ()))))
        return any(needle in lowered for needle in needles) or (
            any(word in lowered for word in _BEFORE_REQUEST_IDS) and bool(_REQUEST_IDS.search(text))
        )


def values_under(data: Any, key: str) -> Iterator[str]:
    """The texts under a key, or in a list under it, wherever it stands in plain data of whatever form."""
    pending = [data]
    while pending:
        one = pending.pop()
        if isinstance(one, Mapping):
            found = one.get(key)
            yield from (text for text in (found if isinstance(found, list) else [found]) if isinstance(text, str))
            pending += one.values()
        elif isinstance(one, (list, tuple)):
            pending += one


def is_ip(host: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def host_of(url: str) -> str:
    """The host of a URL, or of ``HOST:PORT``, in small letters; empty where there is none."""
    try:
        return (urlsplit(url if "://" in url else f"//{url}").hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def _patterns_of(host: str) -> tuple[str, re.Pattern[str]]:
    """What has to occur in a text for a host, and the pattern: whole URLs, or the host with its port."""
    shared = _domain(host)
    spelled = rf"\[?{re.escape(host)}\]?" if ":" in host else rf"(?:[\w*-]+\.)*{re.escape(shared)}\.?(?![\w-])"
    port = _PORT
    if _means_this_machine(host):
        # It says nothing by itself, and stands in findings about what listens where.
        port = _PORT.removesuffix("?")
    return shared, re.compile(
        rf"(?P<url>\b[a-z][a-z0-9+.-]*://(?:[^\s/@'\"]*@)?{spelled}(?::\d+)?{_REST})"
        rf"|(?<![\w.:-]){spelled}{port}(?![\w-]|\.\w)",
        re.IGNORECASE,
    )


def _address(match: re.Match[str]) -> str:
    return _without_end(ADDRESS if match["url"] else HOST)(match)


def _without_end(label: str) -> Callable[[re.Match[str]], str]:
    """A replacement by ``label`` that leaves the punctuation of the sentence."""
    return lambda match: label + match[0][len(match[0].rstrip(".,:;!")) :]


def _labelled(label: str) -> Callable[[re.Match[str]], str]:
    return lambda match: f"{match['before']}{label}"


def _domain(host: str) -> str:
    """The domain in which everything is of one owner: ``acme.example`` of ``api.acme.example``."""
    labels = host.split(".")
    if is_ip(host) or len(labels) < 3:
        return host
    # Below something like co.uk or com.de, it has one label more.
    return ".".join(labels[-2:] if len(labels[-2]) > 3 else labels[-3:])


def _means_this_machine(host: str) -> bool:
    return host == "localhost" or (is_ip(host) and ipaddress.ip_address(host).is_loopback)


def _file(path: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/.-]){re.escape(path)}(?:/[^\s'\"<>:;,)]*)?(?![\w-])")


@functools.lru_cache(maxsize=512)
def _named(name: str) -> re.Pattern[str]:
    """Where a name is that name; one that is an ordinary word only behind what it is the name of."""
    word = rf"{re.escape(name)}(?![\w@-]|[.:]\w)"
    if len(name) < _SHORTEST or is_ordinary(name):
        return re.compile(
            rf"(?P<before>(?<![\w-])(?:{_NOUNS} |--[a-z-]+=)[\"'\u2018]?|^(?={word}: )|\[(?={word}\])){word}"
        )
    return re.compile(rf"(?P<before>(?<![\w@-])){word}")
