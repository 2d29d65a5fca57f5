# SPDX-License-Identifier: Apache-2.0
"""scs-0217: who is authenticated how, and who authorizes (document: scs-0217-v1).

See docs/standards/scs-0217.md#authentication and docs/standards/scs-0217.md#authorization.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.kaas.component_flags import ComponentFlags
from pytest_scs.standards.kaas.control_plane import SERVER, ControlPlane
from pytest_scs.standards.kaas.unseen import Unseen, hidden

#: What the authorizer Node says of an object that is no business of a node.
NO_RELATIONSHIP: Final = "no relationship found between node"

_MODE = "authorization-mode"
_CONFIGURED = "authorization-config"
#: What the API server does if no mode is given.
_DEFAULT_MODE = "AlwaysAllow"
_BESIDE_NODE = frozenset(("ABAC", "RBAC", "Webhook"))
_HINT = "start the API server with --authorization-mode=Node,RBAC"


@dataclasses.dataclass(frozen=True, slots=True)
class Review:
    """What a review of access says: ``denied`` is an explicit no, after which no other authorizer is asked."""

    allowed: bool
    denied: bool
    reason: str

    @classmethod
    def read(cls, fields: Fields) -> Review:
        """Raises FormError."""
        review = cls(fields.truth("allowed"), fields.truth("denied"), fields.text("reason"))
        if review.allowed and review.denied:
            raise FormError(f"{fields.where}: expected one of allowed and denied, got both")
        return review


@dataclasses.dataclass(frozen=True, slots=True)
class AccessReviews:
    """Three reviews of what others may do.

    ``node``: of a node that reads a secret which does not exist (None: there is no node), ``own``: of somebody
    authenticated who asks who he is, ``nobody``: of somebody without rights who reads secrets.
    """

    node: Review | None
    own: Review
    nobody: Review

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> AccessReviews:
        """Raises FormError."""
        fields = Fields("access reviews", data)
        node = Review.read(fields.fields("node")) if fields.has("node") else None
        return cls(node, Review.read(fields.fields("own")), Review.read(fields.fields("nobody")))


@dataclasses.dataclass(frozen=True, slots=True)
class ServiceAccountToken:
    """What a review says of a token that a service account was given: is it valid, and whose is it."""

    authenticated: bool
    expected: str
    user: str

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> ServiceAccountToken:
        """Raises FormError."""
        fields = Fields("token", data)
        return cls(fields.truth("authenticated"), fields.name("expected"), fields.text("user"))


def check_node_authorization(plane: ControlPlane, reviews: AccessReviews | Unseen) -> Iterator[Observation]:
    """Node authorization MUST be active. See docs/standards/scs-0217.md#authorization."""
    for server in _with_modes(plane):
        if "Node" not in _modes(server):
            yield _no_node(server.name, ",".join(_modes(server)))
    if plane.api_servers and not _configured(plane):
        yield from plane.unread()
        return
    if isinstance(reviews, Unseen):
        yield hidden(SERVER, _no_modes(plane, reviews))
    elif reviews.node is None:
        yield Undecided(SERVER, "there is no node whose rights could be asked for")
    elif reviews.node.allowed:
        yield _no_node(SERVER, "a node may read any secret of kube-system")
    elif NO_RELATIONSHIP not in reviews.node.reason:
        if reviews.node.denied:
            yield Undecided(SERVER, f"another authorizer denies what nodes ask for: {show(reviews.node.reason)}")
        else:
            yield _no_node(SERVER, f"a node's request is refused for another reason: {show(reviews.node.reason)}")


def check_authorization_mode(plane: ControlPlane, reviews: AccessReviews | Unseen) -> Iterator[Observation]:
    """Beside Node, ABAC, RBAC or Webhook MUST be active, and nothing that allows everything.

    See docs/standards/scs-0217.md#authorization.
    """
    for server in _with_modes(plane):
        modes = _modes(server)
        if _DEFAULT_MODE in modes or not _BESIDE_NODE & set(modes):
            yield _mode(server.name, ",".join(modes))
    if plane.api_servers and not _configured(plane):
        yield from plane.unread()
        return
    if isinstance(reviews, Unseen):
        yield hidden(SERVER, _no_modes(plane, reviews))
    elif reviews.nobody.allowed:
        yield _mode(SERVER, "a user without any rights may read the secrets of kube-system")
    elif not reviews.own.allowed:
        yield Undecided(SERVER, "users may not even ask who they are, so which authorizer decides is not visible")
    elif not reviews.own.reason.startswith("RBAC:"):
        yield Remark("another authorizer than RBAC allows users to ask who they are", SERVER)


def check_service_account_tokens(token: ServiceAccountToken) -> Iterator[Observation]:
    """Tokens of service accounts MUST be one of the methods. See docs/standards/scs-0217.md#authentication."""
    if token.authenticated and token.user == token.expected:
        return
    yield Finding(
        resource=SERVER,
        rule="scs-0217/service_account_token",
        title="a new token of a service account is accepted",
        expected=f"authenticated as {show(token.expected)}",
        observed=f"authenticated as {show(token.user or None)}" if token.authenticated else "not authenticated",
        hint="give the API server --service-account-issuer, --service-account-key-file and "
        "--service-account-signing-key-file that belong together",
    )


def _with_modes(plane: ControlPlane) -> list[ComponentFlags]:
    """The API servers whose flags tell the modes; with a file of authorizers they do not."""
    return [server for server in plane.api_servers if not server.text(_CONFIGURED)]


def _configured(plane: ControlPlane) -> bool:
    """Whether an API server has a file of authorizers: what it does then is seen by what it answers alone."""
    return len(_with_modes(plane)) < len(plane.api_servers)


def _no_modes(plane: ControlPlane, reviews: Unseen) -> list[Unseen]:
    if plane.api_servers:
        return [Unseen(f"the authorizers are in the file of --{_CONFIGURED}"), reviews]
    return plane.unseen(reviews)


def _modes(server: ComponentFlags) -> tuple[str, ...]:
    return server.listed(_MODE) or (_DEFAULT_MODE,)


def _no_node(resource: str, observed: str) -> Finding:
    return Finding(
        resource=resource,
        rule="scs-0217/node_authorization",
        title="node authorization is active",
        expected="the mode Node",
        observed=observed,
        hint=_HINT,
    )


def _mode(resource: str, observed: str) -> Finding:
    return Finding(
        resource=resource,
        rule="scs-0217/authorization_mode",
        title="authorization mode beside Node",
        expected="ABAC, RBAC or Webhook, and not AlwaysAllow",
        observed=observed,
        hint=_HINT,
    )
