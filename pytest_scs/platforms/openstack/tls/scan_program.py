# SPDX-License-Identifier: Apache-2.0
"""A program of its own: scans one server with sslyze and prints what it offers, a line of JSON for each part.

It runs in a process of its own, because a scan can neither be stopped nor survived if the scanner's old OpenSSL fails.
It must not import anything of this package. Standard input has the server as a line of JSON (``host``, ``port``,
``address``, ``cert``, ``key``) and stays open; when it is closed, whoever started the program is gone, and so is it.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

#: Connections to a server at the same time.
CONNECTIONS = 5

# In words of the data: what sslyze calls the versions, and then its other commands with the attribute of their results.
_VERSIONS = {
    "TLSv1.3": "tls_1_3_cipher_suites",
    "TLSv1.2": "tls_1_2_cipher_suites",
    "TLSv1.1": "tls_1_1_cipher_suites",
    "TLSv1": "tls_1_0_cipher_suites",
    "SSLv3": "ssl_3_0_cipher_suites",
    "SSLv2": "ssl_2_0_cipher_suites",
}
_ANSWERS = {
    "compression": ("tls_compression", "supports_compression"),
    "ccs_injection": ("openssl_ccs_injection", "is_vulnerable_to_ccs_injection"),
    "fallback_scsv": ("tls_fallback_scsv", "supports_fallback_scsv"),
    "heartbleed": ("heartbleed", "is_vulnerable_to_heartbleed"),
    "robot": ("robot", "robot_result"),
    "secure_renegotiation": ("session_renegotiation", "supports_secure_renegotiation"),
    "extended_master_secret": ("tls_extended_master_secret", "supports_ems_extension"),
}

#: What is asked together, the most important first. Each part begins with a handshake that has to succeed.
PARTS = (
    ("TLSv1.3", "TLSv1.2"),
    ("TLSv1.1", "TLSv1"),
    ("SSLv3", "SSLv2"),
    ("curves",),
    tuple(_ANSWERS),
)

# How the scanner words a rejection without any answer, and one by an end of the connection.
_NO_ANSWER = "timed out"
_CLOSED = ("rejected the connection", "closed the connection", "interrupted the TLS handshake")


def main() -> int:
    """Scan what standard input names; the exit code is 0 if the scan came to its end."""
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    warnings.simplefilter("ignore")
    pending: tuple[dict[str, Any], dict[str, str]] | None = None
    for part in (*PARTS, ()):
        results, errors, lost = _scan(order, part)
        if pending is not None:
            # What came before rests on rejections: they mean something only if the server answers still.
            if lost:
                doubt = f"the server stopped answering meanwhile, as if it limited connections: {lost}"
                pending[1].update(dict.fromkeys(pending[0], doubt))
            _say({"results": pending[0], "errors": pending[1]})
        if lost:
            _say({"problem": lost})
            return 1
        pending = results, errors
    _say({"done": True})
    return 0


def _scan(order: dict[str, Any], part: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, str], str]:
    """Results and errors of one part, and why there was no handshake, if so; an empty part is only that handshake."""
    # Not by an import statement: the package is optional, also for who checks types.
    sslyze: Any = importlib.import_module("sslyze")
    names = [_command(criterion) for criterion in part] or ["tls_compression"]
    location = sslyze.ServerNetworkLocation(order["host"], order["port"], ip_address=order["address"])
    credentials = None
    if order["cert"]:
        key = Path(order["key"] or order["cert"])
        credentials = sslyze.ClientAuthenticationCredentials(Path(order["cert"]), key)
    scanner = sslyze.Scanner(per_server_concurrent_connections_limit=CONNECTIONS, concurrent_server_scans_limit=1)
    network = sslyze.ServerNetworkConfiguration(location.hostname, tls_client_auth_credentials=credentials)
    commands = {sslyze.ScanCommand(name) for name in names}
    scanner.queue_scans([sslyze.ServerScanRequest(location, network, commands)])
    (found,) = list(scanner.get_results())
    if found.scan_result is None:
        return {}, {}, _last_line(found.connectivity_error_trace)
    results: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for criterion in part:
        attempt = getattr(found.scan_result, _command(criterion))
        if attempt.result is None:
            errors[criterion] = _last_line(attempt.error_trace)
        else:
            _read(criterion, attempt.result, found.connectivity_result, results, errors)
    return results, errors, ""


def _command(criterion: str) -> str:
    if criterion == "curves":
        return "elliptic_curves"
    return _VERSIONS.get(criterion) or _ANSWERS[criterion][0]


def _read(criterion: str, result: Any, probed: Any, results: dict[str, Any], errors: dict[str, str]) -> None:
    if criterion == "curves":
        results[criterion] = [curve.name for curve in result.supported_curves or ()]
    elif criterion in _VERSIONS:
        results[criterion] = [_suite(accepted) for accepted in result.accepted_cipher_suites]
        if doubt := _doubt(result, probed):
            errors[criterion] = doubt
    else:
        answer = getattr(result, _ANSWERS[criterion][1])
        results[criterion] = answer if isinstance(answer, bool) else str(answer.value)
        if str(results[criterion]).startswith("UNKNOWN"):
            errors[criterion] = "the server's answers are not consistent"


def _suite(accepted: Any) -> dict[str, Any]:
    """A suite with the curve, or the size of the group, that was negotiated with it."""
    key = accepted.ephemeral_key
    curve = getattr(key, "curve_name", None)
    bits = key.size if key is not None and curve is None else None
    return {"name": accepted.cipher_suite.name, "curve": curve, "dh_bits": bits}


def _doubt(result: Any, probed: Any) -> str:
    """Why the rejected suites of a protocol version cannot be taken for "not offered"; empty if they can.

    A server that has a version answers other suites with an alert: one that falls silent or hangs up now and then
    may be defending itself against many connections.
    """
    accepted, rejected = result.accepted_cipher_suites, result.rejected_cipher_suites
    silent = sum(_NO_ANSWER in suite.error_message for suite in rejected)
    closed = sum(any(words in suite.error_message for words in _CLOSED) for suite in rejected)
    if silent:
        return f"{silent} of {len(accepted) + len(rejected)} handshakes were not answered in time"
    if closed and closed < len(rejected):
        return f"the server hung up in {closed} of {len(accepted) + len(rejected)} handshakes and answered the others"
    if not accepted and result.tls_version_used == probed.highest_tls_version_supported:
        return "every suite was rejected, although a handshake had succeeded before"
    return ""


def _last_line(trace: Any) -> str:
    """The words of the exception in a TracebackException, without its class, and without the server's name."""
    lines = list(trace.format_exception_only()) if trace is not None else []
    line = " ".join(lines[-1].split()) if lines else "no cause given"
    match = re.search(r' -> "(.*)"\.$', line)
    return match[1] if match else line.partition(": ")[2] or line


def _end_with_parent() -> None:
    while sys.stdin.readline():
        pass
    os._exit(2)


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
