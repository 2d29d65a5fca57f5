# SPDX-License-Identifier: Apache-2.0
"""What the services of the demo cloud share: routes, answers, refusals, microversions, pages."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Request, Response

from pytest_scs.demo.openstack.state import CloudState


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """One request on its way through a service, with the variable parts of its path; ``admin``: the administrator's."""

    state: CloudState
    request: Request
    arguments: Mapping[str, str]
    admin: bool = False

    @property
    def base(self) -> str:
        """The URL of the cloud as the client addressed it, without a slash at the end."""
        return self.request.host_url.rstrip("/")

    @property
    def query(self) -> dict[str, str]:
        """The query parameters; of a repeated one the first."""
        return self.request.args.to_dict()


class RefusedError(Exception):
    """A service says no; the service's own ``refuse`` gives it its form.

    ``kind`` is the name Neutron has for it, ``headers`` go with the answer.
    """

    def __init__(self, status: int, message: str, kind: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.headers = dict(headers or {})

    @property
    def title(self) -> str:
        """The words that belong to the status."""
        return HTTP_STATUS_CODES.get(self.status, "Unknown Error")


Handler = Callable[[Call], Response]


@dataclasses.dataclass(frozen=True, slots=True)
class Route:
    """A path (in werkzeug's notation, below the service's prefix), its methods, and who answers.

    ``public`` routes need no token.
    """

    path: str
    handler: Handler
    methods: tuple[str, ...] = ("GET",)
    public: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Api:
    """One service: its prefix below the cloud's URL, its routes, and how it words a refusal."""

    prefix: str
    routes: tuple[Route, ...]
    refuse: Callable[[Request, RefusedError], Response]


def reply(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(json.dumps(data), status, headers, content_type="application/json")


def nothing(status: int = 204, headers: Mapping[str, str] | None = None) -> Response:
    """An answer without content."""
    response = Response(status=status, headers=headers)
    del response.headers["Content-Type"]
    return response


def content(call: Call, key: str, message: str) -> dict[str, Any]:
    """What the body of the request has under this key; raises RefusedError (400) if it is not an object."""
    body = call.request.get_json(force=True, silent=True)
    found = body.get(key) if isinstance(body, dict) else None
    if not isinstance(found, dict):
        raise RefusedError(400, message)
    return found


def find(items: Iterable[dict[str, Any]], identity: str) -> dict[str, Any] | None:
    """The item with this id."""
    return next((item for item in items if item["id"] == identity), None)


def unauthorized(request: Request) -> Response:
    """What keystonemiddleware answers in front of nearly every service."""
    message = "The request you have made requires authentication."
    return reply({"error": {"code": 401, "title": "Unauthorized", "message": message}}, 401, challenge(request))


def challenge(request: Request) -> dict[str, str]:
    """The header that tells where tokens are to be had."""
    return {"WWW-Authenticate": f'Keystone uri="{request.host_url}identity/v3"'}


def constant(data: object) -> Handler:
    """A handler that always gives the same answer."""
    body = json.dumps(data)
    return lambda call: Response(body, content_type="application/json")


def forbidden(message: str) -> Handler:
    """A handler that refuses what only administrators may do."""

    def refuse(call: Call) -> Response:
        raise RefusedError(403, message, "PolicyNotAuthorized")

    return refuse


def not_here(what: str) -> Handler:
    """A handler that says that the demo cloud makes nothing of a kind which the real service would make."""

    def refuse(call: Call) -> Response:
        raise RefusedError(501, f"The demo cloud makes no {what}.", "NotImplemented")

    return refuse


def administrators(message: str, handler: Handler) -> Handler:
    """A handler for administrators only; anybody else is refused."""
    refuse = forbidden(message)
    return lambda call: handler(call) if call.admin else refuse(call)


def microversion(call: Call, service: str, maximum: str, minimum: str, legacy: str = "") -> tuple[int, int]:
    """The microversion a request asks for: the minimum by default, ``latest`` is the maximum.

    Raises RefusedError: 400 for something that is no version, 406 for one out of range.
    """
    asked = call.request.headers.get(legacy, minimum) if legacy else minimum
    for entry in call.request.headers.get("OpenStack-API-Version", "").split(","):
        name, _, version = entry.strip().partition(" ")
        if name == service:
            asked = version
    if asked == "latest":
        asked = maximum
    if not re.fullmatch(r"[1-9]\d*\.\d+", asked):
        raise RefusedError(
            400, f"API Version String {asked} is of invalid format. Must be of format MajorNum.MinorNum."
        )
    if not _version(minimum) <= _version(asked) <= _version(maximum):
        raise RefusedError(
            406, f"Version {asked} is not supported by the API. Minimum is {minimum} and maximum is {maximum}."
        )
    return _version(asked)


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)


def after(items: Sequence[dict[str, Any]], marker: str) -> int:
    """The index behind the item with this id; -1 if there is none."""
    return next((index + 1 for index, item in enumerate(items) if item["id"] == marker), -1)


def next_query(call: Call, page: Sequence[dict[str, Any]]) -> str:
    """The query string of the page behind this one: what was asked, with a new marker."""
    return urlencode({**call.query, "marker": page[-1]["id"]})
