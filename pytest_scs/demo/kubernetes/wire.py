# SPDX-License-Identifier: Apache-2.0
"""What the parts of the demo cluster share: who asks for what, answers, refusals in the API's own form."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import yaml
from werkzeug.wrappers import Request, Response

from pytest_scs.demo.kubernetes import protobuf
from pytest_scs.demo.kubernetes.resources import Resource
from pytest_scs.demo.kubernetes.state import ClusterState

#: The reasons the API has for its statuses.
_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    409: "AlreadyExists",
    410: "Expired",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


@dataclasses.dataclass(frozen=True, slots=True)
class User:
    """Who a request comes from, as the API server sees it."""

    name: str
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    uid: str = ""

    @property
    def info(self) -> dict[str, Any]:
        """The user as reviews show it."""
        found: dict[str, Any] = {"username": self.name, "groups": list(self.groups)}
        if self.uid:
            found["uid"] = self.uid
        if self.extra:
            found["extra"] = {key: list(values) for key, values in self.extra.items()}
        return found


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """One request on its way through the API: who asks for what.

    ``resource`` None is a path outside the API's objects. ``version`` is the version asked for, ``tail`` what follows a
    subresource (of a proxy: the path behind it).
    """

    state: ClusterState
    request: Request
    user: User
    verb: str
    resource: Resource | None = None
    version: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    tail: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The query parameters; of a repeated one the first."""
        return self.request.args.to_dict()

    @property
    def dry(self) -> bool:
        """Whether nothing is to be stored."""
        return self.query.get("dryRun") == "All"

    @property
    def kind(self) -> Resource:
        """The resource of a call that has one."""
        if self.resource is None:
            raise RefusedError(404, "the server could not find the requested resource")
        return self.resource

    def body(self) -> dict[str, Any]:
        """The object in the body of the request; raises RefusedError (400) if it is none."""
        mimetype, data = self.request.mimetype or "json", self.request.get_data()
        try:
            if mimetype == protobuf.MEDIA_TYPE:
                return protobuf.decode(data)
            if mimetype.endswith("yaml"):
                found = yaml.safe_load(data)
            elif "json" in mimetype:
                found = json.loads(data)
            else:
                raise _unknown_format()
        except LookupError:
            raise _unknown_format() from None
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            words = " ".join(str(error).split())
            raise RefusedError(400, f"the object provided is unrecognized: {words}") from None
        if not isinstance(found, dict):
            raise RefusedError(400, "the object provided is unrecognized (must be of type object): couldn't get kind")
        return found

    def options(self) -> dict[str, Any]:
        """The object in the body of a request that needs none."""
        return self.body() if self.request.get_data() else {}


def _unknown_format() -> RefusedError:
    types = f"application/json, application/yaml, {protobuf.MEDIA_TYPE}"
    return RefusedError(
        415, f"the body of the request was in an unknown format - accepted media types include: {types}"
    )


class RefusedError(Exception):
    """The API says no. ``details`` say about what, ``headers`` go with the answer."""

    def __init__(
        self,
        status: int,
        message: str,
        reason: str = "",
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason or _REASONS.get(status, "")
        self.details = details
        self.headers = dict(headers or {})
        self.metadata = dict(metadata or {})

    def response(self) -> Response:
        """The refusal as a Status object."""
        body: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": self.metadata, "status": "Failure"}
        body["message"] = self.message
        if self.reason:
            body["reason"] = self.reason
        if self.details is not None:
            body["details"] = dict(self.details)
        return reply({**body, "code": self.status}, self.status, self.headers)


def details(call: Call, **more: Any) -> dict[str, Any]:
    """What a refusal is about: name, group and, as ever in this API, the plural as ``kind``."""
    found: dict[str, Any] = {"name": call.name} if call.name else {}
    if call.kind.group:
        found["group"] = call.kind.group
    return {**found, "kind": call.kind.plural, **more}


def not_found(call: Call) -> RefusedError:
    """There is no object of this name."""
    where = f"{call.kind.plural}.{call.kind.group}" if call.kind.group else call.kind.plural
    return RefusedError(404, f'{where} "{call.name}" not found', details=details(call))


def reply(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(json.dumps(data, separators=(",", ":")) + "\n", status, headers, content_type="application/json")


def text(words: str, status: int = 200) -> Response:
    """An answer in words."""
    return Response(words, status, content_type="text/plain; charset=utf-8")
