# SPDX-License-Identifier: Apache-2.0
"""Asking a credential plug-in of a kubeconfig (``exec``), as kubectl does, but never without an end.

See https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind, Inconclusive

#: Seconds for a plug-in; one that wants a person to log in gets no terminal from us.
PATIENCE = 60

#: ``interactiveMode`` of a plug-in that runs at a terminal only.
ALWAYS = "Always"

# The extension of a cluster that is meant for plug-ins: an API key of a provider, for instance.
_EXTENSION = "client.authentication.k8s.io/exec"

# Characters of its answer.
_MOST = 2**20


@dataclasses.dataclass(frozen=True, slots=True)
class Given:
    """What a plug-in gave: a token, or a certificate with its key in PEM, and until when that is good."""

    token: str = ""
    certificate: str = ""
    key: str = ""
    ends: dt.datetime | None = None


class _TooMuch(Exception):
    """A plug-in says more than any credential takes."""


class PluginFailed(Inconclusive):
    """A plug-in that ended with an error. ``complaint`` is its last line, which may hold anything.

    So it is no part of the cause, which stands in reports: it is for the terminal alone.
    """

    def __init__(self, text: str, complaint: str) -> None:
        super().__init__(text, CauseKind.AUTHENTICATION)
        self.complaint = complaint


def run_plugin(plugin: Mapping[str, Any], cluster: Mapping[str, Any], *, seconds: float = PATIENCE) -> Given:
    """Run a plug-in and read what it gives; ``cluster`` is that of the kubeconfig. Raises Inconclusive."""
    name = shown(PurePath(plugin["command"]).name)
    if plugin.get("interactiveMode") == ALWAYS:
        raise _refusal(name, "asks a person at a terminal at each run (interactiveMode: Always), and here is none")
    environment = {**os.environ, **{one["name"]: one["value"] for one in plugin.get("env") or ()}}
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        spec["cluster"] = _about(cluster)
    environment["KUBERNETES_EXEC_INFO"] = json.dumps(
        {"apiVersion": plugin["apiVersion"], "kind": "ExecCredential", "spec": spec}
    )
    try:
        code, said, complaint = _run([plugin["command"], *(plugin.get("args") or ())], environment, seconds)
    except FileNotFoundError:
        hint = " ".join(str(plugin.get("installHint") or "").split())
        raise _refusal(
            name, f"is not installed here{f' ({shown(hint)})' if hint else ''}", CauseKind.MISSING_TOOL
        ) from None
    except _TooMuch:
        raise _refusal(name, f"gave more than {_MOST >> 20} MiB", CauseKind.MALFORMED) from None
    except OSError as error:
        raise _refusal(name, f"cannot be started: {error.strerror or 'no reason is known'}") from None
    except subprocess.TimeoutExpired:
        raise _refusal(
            name, f"gave nothing within {seconds:g} s (it may want a person to log in)", CauseKind.TIMEOUT
        ) from None
    if code != 0:
        lines = [line.strip() for line in complaint.splitlines() if line.strip()]
        refused = _refusal(name, f"ended with exit code {code}")
        raise PluginFailed(str(refused), shown(lines[-1]) if lines else "")
    return _given(name, said, str(plugin["apiVersion"]))


def _run(command: list[str], environment: Mapping[str, str], seconds: float) -> tuple[int, str, str]:
    process = subprocess.Popen(  # noqa: S603 - the user's own kubeconfig names it
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,
    )
    try:
        out, errors = _outputs(process, time.monotonic() + seconds, seconds)
        process.wait(timeout=seconds)
    except BaseException:
        # With all it has started: a browser that waits for somebody would keep its output open.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()
        process.wait()
        raise
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
    return process.returncode, out.decode("utf-8", "replace"), errors.decode("utf-8", "replace")


def _outputs(process: subprocess.Popen[bytes], until: float, seconds: float) -> list[bytes]:
    """What a process says on its two outputs, both read to their end; raises _TooMuch, and TimeoutExpired."""
    said = {pipe: bytearray() for pipe in (process.stdout, process.stderr) if pipe}
    with selectors.DefaultSelector() as selector:
        for pipe, text in said.items():
            selector.register(pipe, selectors.EVENT_READ, text)
        while selector.get_map():
            ready = selector.select(max(0, until - time.monotonic()))
            if not ready:
                raise subprocess.TimeoutExpired(process.args, seconds)
            for key, _ in ready:
                if part := os.read(key.fd, 65536):
                    key.data.extend(part)
                else:
                    selector.unregister(key.fileobj)
                if len(key.data) > _MOST:
                    raise _TooMuch
    return [bytes(text) for text in said.values()]


def _given(name: str, text: str, asked: str) -> Given:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    status = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(status, dict):
        raise _refusal(name, "gave something that is no ExecCredential with a status")
    if (kind := answer.get("kind", "ExecCredential")) != "ExecCredential":
        raise _refusal(name, f"gave something of the kind {shown(str(kind))!r}, not ExecCredential")
    if (version := answer.get("apiVersion", asked)) != asked:
        raise _refusal(name, f"gave the version {shown(str(version))!r}, where the kubeconfig says {shown(asked)!r}")
    found = {key: status.get(key) or "" for key in ("token", "clientCertificateData", "clientKeyData")}
    token, certificate, key = (value if isinstance(value, str) else "" for value in found.values())
    if not token and not (certificate and key):
        raise _refusal(name, "gave neither a token nor a certificate with its key")
    if bool(certificate) is not bool(key):
        raise _refusal(name, f"gave a {'certificate without its key' if certificate else 'key without a certificate'}")
    return Given(token, certificate, key, _instant(status.get("expirationTimestamp")))


def _instant(text: Any) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text)
        return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _about(cluster: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url")
    found = {key: cluster[key] for key in keys if cluster.get(key)}
    config = for_plugins(cluster)
    return found if config is None else {**found, "config": config}


def for_plugins(cluster: Mapping[str, Any]) -> Any:
    """What a cluster of a kubeconfig has for plug-ins alone, of any form; None if nothing."""
    extensions = cluster.get("extensions")
    entries = [one for one in extensions if isinstance(one, Mapping)] if isinstance(extensions, list) else []
    return next((one.get("extension") for one in entries if one.get("name") == _EXTENSION), None)


def _refusal(name: str, what: str, kind: CauseKind = CauseKind.AUTHENTICATION) -> Inconclusive:
    return Inconclusive(f"the credential plug-in {name} of the kubeconfig {what}", kind)
