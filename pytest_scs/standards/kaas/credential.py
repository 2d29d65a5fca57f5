# SPDX-License-Identifier: Apache-2.0
"""The credential that a cluster is judged with, and which other methods of authentication there are (scs-0217-v1).

See docs/standards/scs-0217.md#authentication.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_scs.base.fields import Fields, FormError
from pytest_scs.core.findings import Finding, Observation, Remark
from pytest_scs.standards.kaas.certificates import Validity
from pytest_scs.standards.kaas.control_plane import SERVER, ControlPlane
from pytest_scs.standards.kaas.model import listed
from pytest_scs.standards.kaas.unseen import Unseen, hidden


class Method(enum.StrEnum):
    """How the API server authenticated us; the words stand in evidence files."""

    CERTIFICATE = "client certificate"
    SERVICE_ACCOUNT = "service-account token"
    BOOTSTRAP = "bootstrap token"
    PLUGIN = "token of a credential plug-in"
    TOKEN = "token"  # noqa: S105 - a word
    UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True, slots=True)
class Credential:
    """What a kubeconfig holds, without secrets.

    ``method``: how we are authenticated; ``scheme`` of the server's URL; ``certificate``: the validity of our client
    certificate (None: there is none, Unseen: it cannot be read); ``authorities``: that of the cluster's.
    """

    method: Method
    scheme: str
    certificate: Validity | Unseen | None
    authorities: tuple[Validity, ...] | Unseen

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Credential:
        """Raises FormError."""
        fields = Fields("credential", data)
        word = fields.text("method")
        method = next((one for one in Method if one == word), None)
        if method is None:
            raise FormError(f"credential.method: expected a known method, got {word!r}")
        certificate: Validity | Unseen | None = None
        if fields.has("certificate"):
            certificate = Validity.read(fields.fields("certificate"))
        elif fields.has("certificate_problem"):
            certificate = Unseen(fields.text("certificate_problem"))
        authorities: tuple[Validity, ...] | Unseen = tuple(map(Validity.read, listed(fields, "authorities")))
        if fields.has("authorities_problem"):
            authorities = Unseen(fields.text("authorities_problem"))
        return cls(method, fields.text("scheme"), certificate, authorities)


#: Flags of the API server that switch on another method than tokens of service accounts.
_METHODS = {
    "client-ca-file": "client certificates",
    "oidc-issuer-url": "OpenID Connect",
    "authentication-config": "a file of authenticators",
    "authentication-token-webhook-config-file": "a webhook for tokens",
}
_PROVEN = (Method.CERTIFICATE, Method.PLUGIN, Method.TOKEN)


def check_second_method(plane: ControlPlane, credential: Credential | Unseen) -> Iterator[Observation]:
    """There MUST be a second method of authentication beside tokens of service accounts.

    See docs/standards/scs-0217.md#authentication.
    """
    for server in plane.api_servers:
        if server.text("token-auth-file"):
            yield Remark("--token-auth-file: tokens in a file are not fit for production", server.name)
    if isinstance(credential, Credential) and credential.method in _PROVEN:
        yield Remark(f"the credential of this run is another method: {credential.method}", SERVER)
        return
    yield from plane.unread()
    without = [server for server in plane.api_servers if not any(map(server.text, _METHODS))]
    for server in without:
        yield Finding(
            resource=server.name,
            rule="scs-0217/second_auth_method",
            title="a second method of authentication",
            expected="one of " + ", ".join(f"--{flag}" for flag in _METHODS),
            observed="none is set",
            hint="give the API server --client-ca-file, or an OpenID Connect issuer in --authentication-config",
        )
    if not plane.api_servers:
        own = credential if isinstance(credential, Unseen) else Unseen(f"this run uses a {credential.method}")
        yield hidden(SERVER, plane.unseen(own))
