# SPDX-License-Identifier: Apache-2.0
"""Glance v2: image listings with the visibility rules, hidden images and pages of the real one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from pytest_scs.demo.openstack.services.discovery import plain
from pytest_scs.demo.openstack.state import CloudState
from pytest_scs.demo.openstack.wire import Api, Call, RefusedError, Route, after, challenge, find, next_query, reply

#: Glance's own default for a listing without ``limit``.
DEFAULT_LIMIT = 25

_VISIBILITIES = ("public", "private", "community", "shared", "all")
_MEMBER_STATUS = ("pending", "accepted", "rejected", "all")
#: Query parameters that are no filters, and those this Glance refuses rather than ignores.
_CONTROL = {"limit", "marker", "visibility", "member_status", "os_hidden"}
_UNSUPPORTED = {"sort", "sort_key", "sort_dir", "size_min", "size_max", "created_at", "updated_at"}


def refuse(request: Request, refused: RefusedError) -> Response:
    """The error of Glance's web framework: JSON, HTML or plain text, whatever the client accepts."""
    status = f"{refused.status} {refused.title}"
    headers = refused.headers | (challenge(request) if refused.status == 401 else {})
    accepted = request.accept_mimetypes.best_match(["text/html", "application/json"])
    if accepted == "application/json":
        body = {"message": f"{refused.message}<br /><br />\n\n\n", "code": status, "title": refused.title}
        return reply(body, refused.status, headers)
    if accepted == "text/html" or not request.accept_mimetypes:
        page = (
            f"<html>\n <head>\n  <title>{status}</title>\n </head>\n <body>\n  <h1>{status}</h1>\n"
            f"  {refused.message}<br /><br />\n\n\n\n </body>\n</html>"
        )
        return Response(page, refused.status, headers, content_type="text/html; charset=UTF-8")
    text = f"{status}\n\n{refused.message}\n\n   "
    return Response(text, refused.status, headers, content_type="text/plain; charset=UTF-8")


# -- which images are seen ------------------------------------------------------------------------------------------


def _own(state: CloudState, image: Mapping[str, Any]) -> bool:
    return bool(image["owner"] == state.project_id)


def _shared(state: CloudState, image: Mapping[str, Any], status: str) -> bool:
    """Whether another project shares the image with this one, which has answered with this status."""
    answer = image.get("_member_status")
    if image["visibility"] != "shared" or _own(state, image) or answer is None:
        return False
    return status in ("all", answer)


def _listed(state: CloudState, image: Mapping[str, Any], visibility: str, member_status: str) -> bool:
    """Glance's rule for listings: community images of others are shown only when asked for."""
    public = image["visibility"] == "public"
    own = _own(state, image)
    shared = _shared(state, image, member_status)
    if not visibility:
        return public or own or shared
    if visibility == "all":
        return public or own or shared or image["visibility"] == "community"
    if image["visibility"] != visibility:
        return False
    return visibility in ("public", "community") or own or shared


def _accessible(state: CloudState, image: Mapping[str, Any]) -> bool:
    return image["visibility"] in ("public", "community") or _own(state, image) or _shared(state, image, "all")


# -- listing --------------------------------------------------------------------------------------------------------


def shown(image: Mapping[str, Any]) -> dict[str, Any]:
    """An image as Glance shows it."""
    told = {key: value for key, value in image.items() if not key.startswith("_")}
    path = f"/v2/images/{image['id']}"
    return told | {"self": path, "file": f"{path}/file", "schema": "/v2/schemas/image"}


def _choice(call: Call, name: str, allowed: tuple[str, ...], default: str, message: str) -> str:
    value = call.query.get(name, default)
    if value and value not in allowed:
        raise RefusedError(400, message.format(value))
    return value


def _limit(call: Call) -> int:
    asked = call.query.get("limit", str(DEFAULT_LIMIT))
    try:
        limit = int(asked)
    except ValueError:
        raise RefusedError(400, "limit param must be an integer") from None
    if limit < 0:
        raise RefusedError(400, "limit param must be positive")
    return min(limit, call.state.page_size)


def _matches(call: Call) -> Callable[[Mapping[str, Any]], bool]:
    """The filter a query stands for: equality of properties; operators and sorting are refused."""
    for name in _UNSUPPORTED & call.query.keys():
        raise RefusedError(400, f"The demo cloud does not support the query parameter {name}")
    visibility = _choice(call, "visibility", _VISIBILITIES, "", "Invalid visibility value: {}")
    member_status = _choice(call, "member_status", _MEMBER_STATUS, "accepted", "Invalid status: {}")
    invalid_hidden = "Invalid value '{}' for 'os_hidden' filter. Valid values are 'true' or 'false'."
    hidden = _choice(call, "os_hidden", ("true", "false", "True", "False"), "false", invalid_hidden).lower() == "true"
    wanted = {name: value for name, value in call.query.items() if name not in _CONTROL | {"tag"}}
    tags = set(call.request.args.getlist("tag"))

    def matches(image: Mapping[str, Any]) -> bool:
        return (
            image["os_hidden"] is hidden
            and _listed(call.state, image, visibility, member_status)
            and all(str(image.get(name)) == value for name, value in wanted.items())
            and tags <= set(image["tags"])
        )

    return matches


def _images(call: Call) -> Response:
    """A page of the images; the next one is announced whenever this one is full."""
    limit = _limit(call)
    images = list(call.state.images)
    marker = call.query.get("marker")
    start = after(images, marker) if marker else 0
    if start < 0:
        raise RefusedError(400, f"No image found with ID {marker}")
    matches = _matches(call)
    page: list[dict[str, Any]] = []
    for image in images[start:]:
        if len(page) == limit:
            break
        if matches(image):
            page.append(image)
    query = call.request.query_string.decode()
    body: dict[str, Any] = {
        "images": [shown(image) for image in page],
        "first": f"/v2/images?{query}" if query else "/v2/images",
        "schema": "/v2/schemas/images",
    }
    if page and len(page) == limit:
        body["next"] = f"/v2/images?{next_query(call, page)}"
    return reply(body)


def find_accessible(state: CloudState, identity: str) -> dict[str, Any] | None:
    """The image with this id, if the project may use it."""
    image = find(state.images, identity)
    return image if image is not None and _accessible(state, image) else None


def _image(call: Call) -> Response:
    wanted = call.arguments["image"]
    image = find_accessible(call.state, wanted)
    if image is None:
        raise RefusedError(404, f"No image found with ID {wanted}")
    return reply(shown(image))


def _versions(call: Call, status: int) -> Response:
    url = f"{call.base}/image/v2/"
    older = (f"v2.{minor}" for minor in (16, 15, 9, 7, 6, 5, 4, 3, 2, 1, 0))
    versions = [plain("v2.17", url), *(plain(name, url, "SUPPORTED") for name in older)]
    return reply({"versions": versions}, status)


API = Api(
    "/image",
    (
        Route("", lambda call: _versions(call, 300), public=True),
        Route("/versions", lambda call: _versions(call, 200), public=True),
        Route("/v2/images", _images),
        Route("/v2/images/<image>", _image),
    ),
    refuse,
)
