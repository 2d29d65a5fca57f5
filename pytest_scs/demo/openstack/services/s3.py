# SPDX-License-Identifier: Apache-2.0
"""S3 at the root of the server, as Swift and Ceph offer it: buckets, which are the containers, and objects."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from pytest_scs.demo.openstack.services import object_store
from pytest_scs.demo.openstack.services.s3_signature import authenticate, is_signed
from pytest_scs.demo.openstack.state import Container, StoredObject
from pytest_scs.demo.openstack.wire import Api, Call, Handler, RefusedError, Route, nothing

_XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_MAX_KEYS = 1000
#: The error code of a refusal that has none of its own.
_CODES = {403: "AccessDenied", 404: "NoSuchKey", 405: "MethodNotAllowed", 501: "NotImplemented", 503: "SlowDown"}
#: Parts of a bucket or object that this S3 has not got.
_SUBRESOURCES = frozenset(
    ("acl", "cors", "delete", "lifecycle", "policy", "tagging", "uploads", "uploadId", "versioning", "versions")
)

Tree = Mapping[str, "str | Tree | list[Tree]"]


def refuse(request: Request, refused: RefusedError) -> Response:
    """The error document of S3; Swift's page for what is no request to S3 at all."""
    if not refused.kind and not is_signed(request):
        return object_store.refuse(request, refused)
    code = refused.kind or _CODES.get(refused.status, "InternalError" if refused.status >= 500 else "InvalidRequest")
    error: Tree = {"Error": {"Code": code, "Message": refused.message, "RequestId": uuid.uuid4().hex}}
    return _xml(error, refused.status, refused.headers)


def _xml(tree: Tree, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = f"<?xml version='1.0' encoding='UTF-8'?>\n{_elements(tree)}"
    return Response(text, status, headers, content_type="application/xml")


def _elements(tree: Tree) -> str:
    """Elements for the entries of a tree; a list makes one element of each of its entries."""
    text = ""
    for name, value in tree.items():
        namespace = f' xmlns="{_XMLNS}"' if name.endswith(("Result", "LocationConstraint")) else ""
        for content in value if isinstance(value, list) else [value]:
            inner = escape(content) if isinstance(content, str) else _elements(content)
            text += f"<{name}{namespace}>{inner}</{name}>"
    return text


def _guarded(handler: Handler) -> Handler:
    """The handler for signed requests, of a cloud with object storage, about what this S3 can do."""

    def guarded(call: Call) -> Response:
        if not any(service["type"] in ("object-store", "object-store-s3") for service in call.state.services):
            raise RefusedError(404, "The resource could not be found.")
        if call.arguments and not is_signed(call.request):
            raise RefusedError(404, "The resource could not be found.")  # of Swift, not of S3
        authenticate(call.state, call.request)
        if _SUBRESOURCES & call.query.keys() or "X-Amz-Copy-Source" in call.request.headers:
            message = "A header you provided implies functionality that is not implemented."
            raise RefusedError(501, message, "NotImplemented")
        return handler(call)

    return guarded


# -- buckets --------------------------------------------------------------------------------------------------------


def _iso(moment: object) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _owner(call: Call) -> Tree:
    return {"ID": call.state.project_id, "DisplayName": call.state.project_name}


def _buckets(call: Call) -> Response:
    buckets: list[Tree] = [
        {"Name": name, "CreationDate": _iso(container.created_at)}
        for name, container in sorted(call.state.containers.items())
    ]
    return _xml({"ListAllMyBucketsResult": {"Owner": _owner(call), "Buckets": {"Bucket": buckets}}})


def _put_bucket(call: Call) -> Response:
    name = call.arguments["bucket"]
    if not _BUCKET_NAME.fullmatch(name):
        raise RefusedError(400, "The specified bucket is not valid.", "InvalidBucketName")
    if not object_store.put_container(call.state, name):
        message = "Your previous request to create the named bucket succeeded and you already own it."
        raise RefusedError(409, message, "BucketAlreadyOwnedByYou")
    return Response(headers={"Location": f"/{name}"}, content_type="text/html; charset=UTF-8")


def _bucket(call: Call) -> Container:
    container = call.state.containers.get(call.arguments["bucket"])
    if container is None:
        raise RefusedError(404, "The specified bucket does not exist.", "NoSuchBucket")
    return container


def _list_bucket(call: Call) -> Response:
    """The objects of a bucket in either version of the listing, by prefix and in pages."""
    container = _bucket(call)
    if "location" in call.query:
        return _xml({"LocationConstraint": ""})
    second = call.query.get("list-type") == "2"
    prefix = call.query.get("prefix", "")
    start = call.query.get("continuation-token" if second else "marker") or call.query.get("start-after", "")
    names = [name for name in sorted(container.objects) if name.startswith(prefix) and name > start]
    asked = call.query.get("max-keys", "")
    count = min(int(asked) if asked.isdigit() else _MAX_KEYS, _MAX_KEYS, call.state.page_size)
    page, truncated = names[:count], len(names) > count
    result: dict[str, str | Tree | list[Tree]] = {"Name": call.arguments["bucket"], "Prefix": prefix}
    if second:
        result["KeyCount"] = str(len(page))
    else:
        result["Marker"] = start
    result |= {"MaxKeys": str(count), "IsTruncated": str(truncated).lower()}
    if truncated and page:
        result["NextContinuationToken" if second else "NextMarker"] = page[-1]
    result["Contents"] = [_entry(name, container.objects[name]) for name in page]
    return _xml({"ListBucketResult": result})


def _entry(name: str, stored: StoredObject) -> Tree:
    return {
        "Key": name,
        "LastModified": _iso(stored.modified),
        "ETag": f'"{stored.etag}"',
        "Size": str(len(stored.data)),
        "StorageClass": "STANDARD",
    }


def _delete_bucket(call: Call) -> Response:
    if _bucket(call).objects:
        raise RefusedError(409, "The bucket you tried to delete is not empty", "BucketNotEmpty")
    del call.state.containers[call.arguments["bucket"]]
    return nothing()


# -- objects --------------------------------------------------------------------------------------------------------


def _headers(stored: StoredObject) -> dict[str, str]:
    return {"Etag": f'"{stored.etag}"', "Last-Modified": http_date(stored.modified)}


def _get_object(call: Call) -> Response:
    stored = _bucket(call).objects.get(call.arguments["key"])
    if stored is None:
        raise RefusedError(404, "The specified key does not exist.", "NoSuchKey")
    metadata = {f"X-Amz-Meta-{name}": value for name, value in stored.metadata.items()}
    return Response(stored.data, headers=_headers(stored) | metadata, content_type=stored.content_type)


def _put_object(call: Call) -> Response:
    stored = object_store.put_object(call, _bucket(call), call.arguments["key"], "X-Amz-Meta-")
    return Response(headers=_headers(stored), content_type="text/html; charset=UTF-8")


def _delete_object(call: Call) -> Response:
    """Forget an object; that there is none is as good."""
    _bucket(call).objects.pop(call.arguments["key"], None)
    return nothing()


def _unsupported(call: Call) -> Response:
    message = "The specified method is not allowed against this resource."
    raise RefusedError(405, message, "MethodNotAllowed")


def _routes(path: str, methods: Mapping[str, Callable[[Call], Response]]) -> list[Route]:
    return [Route(path, _guarded(handler), (method,), public=True) for method, handler in methods.items()]


API = Api(
    "",
    (
        *_routes("/", {"GET": _buckets}),
        *_routes(
            "/<bucket>",
            {"GET": _list_bucket, "PUT": _put_bucket, "DELETE": _delete_bucket, "POST": _unsupported},
        ),
        *_routes(
            "/<bucket>/<path:key>",
            {"GET": _get_object, "PUT": _put_object, "DELETE": _delete_object, "POST": _unsupported},
        ),
    ),
    refuse,
)
