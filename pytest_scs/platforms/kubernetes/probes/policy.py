# SPDX-License-Identifier: Apache-2.0
"""Pairs of pods, one for each direction, and network policies that forbid and allow them to connect.

See docs/standards/scs-0219.md#policies-that-are-tried-out.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from pytest_scs.base.words import shown
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence import apart
from pytest_scs.evidence.phase import doing
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.kubernetes.belongings import metadata_of, name_of, part_of
from pytest_scs.platforms.kubernetes.kinds import CONTENTS
from pytest_scs.platforms.kubernetes.making import NotMade
from pytest_scs.platforms.kubernetes.polling import may_pass
from pytest_scs.platforms.kubernetes.probes import pods
from pytest_scs.platforms.kubernetes.probing import Probing
from pytest_scs.standards.kaas.policy_probe import DIRECTIONS, PolicyEnforcement

#: Seconds that a plugin has to carry out a policy.
ENFORCED = 60

#: Seconds that a connection has to stay as it has become, so that a hiccup is not taken for a policy.
STEADY = 4

#: Seconds between two looks.
LOOK = 0.5

#: What is waited for, in words.
_CONNECTS = "network policies: the client is to connect"
_IS_CUT_OFF = "network policies: the client is not to connect any more"
_OTHER_DIRECTION = "network policies: those for egress"

#: What is demanded, in this order.
_DEMANDS = ("deny", "allow")

#: Foreign policies that are named.
_NAMED = 5

#: How the kubelet tells that it could not execute the program that connects, or not in time (agnhost itself says
#: TIMEOUT); what it tells of the program's own failures begins with the second.
_NOT_EXECUTED = ("probe errored", "timed out")
_FAILED = "Readiness probe failed"

PORT = 8080

Plain = dict[str, Any]


def probe(probing: Probing) -> Plain:
    """What became of connections: the keys of :class:`PolicyEnforcement`.

    Raises Inconclusive where pods do not run, or do not even connect without policies.
    """
    namespace = probing.janitor.namespace("0219", {"pod-security.kubernetes.io/enforce": "restricted"})
    try:
        found = {"steps": _steps(probing, namespace)}
        probing.tell(found)
        return found
    finally:
        probing.janitor.discard(namespace)


def _steps(probing: Probing, namespace: str) -> list[Plain]:
    """All steps, in order; both directions are tried at the same time, each with pods of its own.

    Raises Inconclusive if the run was interrupted, or if nothing could be tried in either direction.
    """
    ingress, egress = (_Trial(probing, namespace, direction) for direction in DIRECTIONS)
    other = apart.start(egress.attempt, name="scs-policies")
    ingress.attempt()
    doing(_OTHER_DIRECTION)
    other.result()
    problems = [trial.problem for trial in (ingress, egress) if trial.problem]
    for problem in problems:
        if problem.kind is CauseKind.INTERRUPTED or len(problems) == len(DIRECTIONS):
            raise problem
    return [*ingress.steps, *egress.steps]


class _Trial:
    """A server and a client, which is ready as long as it can connect, and policies of one direction for them."""

    def __init__(self, probing: Probing, namespace: str, direction: str) -> None:
        self.steps: list[Plain] = []
        self.problem: Inconclusive | None = None
        self._probing = probing
        self._namespace = namespace
        self._direction = direction
        self._steady = probing.patiently(STEADY)
        self._server, self._client = f"scs-{direction}-server", f"scs-{direction}-client"
        self._asked: dict[str, Plain] = {}

    def attempt(self) -> None:
        """Take all steps, which end with the first policy that is not obeyed; ``problem`` is why there are none."""
        try:
            self._start()
            for rule in _DEMANDS:
                self.steps.append(self._try(rule))
                if not self.steps[-1]["obeyed"]:
                    break
        except Inconclusive as error:
            self.problem = error
            self.steps = [self._unseen("deny", str(error), error.kind)]

    def _start(self) -> None:
        """Start both pods; raises Inconclusive if they do not run or do not connect."""
        server = self._run(self._server, "server", ["netexec", f"--http-port={PORT}"])
        self._run(self._client, "client", ["pause"], ["connect", self._address(server), "--timeout=2s"])
        if not self._become(connected=True):
            self._require_server()
            events = pods.last_events(self._probing, self._namespace, self._client)
            raise Inconclusive(
                f"the pods do not connect without any policy of ours{self._foreign_policies()}; {events}"
            )

    def _run(self, name: str, role: str, arguments: list[str], ready_if: list[str] | None = None) -> Plain:
        """Start a pod and wait until it runs."""
        labels = _labels(self._direction, role)
        self._asked[name] = pods.pod(self._probing, arguments, labels=labels, ready_if=ready_if or ())
        pods.start(self._probing, self._namespace, name, self._asked[name])
        return pods.wait_until_ready(self._probing, self._namespace, name)

    def _try(self, rule: str) -> Plain:
        """Make a policy and see what becomes of connections."""
        try:
            content = {"spec": _policy(self._direction, rule)}
            name = _name(self._direction, rule)
            self._probing.janitor.create("networkpolicy", self._namespace, name, content)
        except NotMade as error:
            refused = pods.not_admitted("a network policy", error)
            return self._unseen(rule, str(refused), refused.kind)
        before = self._failures()
        try:
            obeyed = self._become(connected=rule == "allow")
            self._require_server()
            self._require_executed(rule, before, obeyed=obeyed)
            if not obeyed:
                self._require_pods_of_ours()
                self._require_no_others()
        except Inconclusive as error:
            if error.kind is CauseKind.INTERRUPTED:
                raise
            return self._unseen(rule, str(error), error.kind)
        return {"direction": self._direction, "rule": rule, "obeyed": obeyed, "seconds": self._limit}

    @property
    def _limit(self) -> float:
        return self._probing.patiently(ENFORCED)

    def _unseen(self, rule: str, why: str, kind: CauseKind) -> Plain:
        said = {"said": why, "kind": str(kind)}
        return {"direction": self._direction, "rule": rule, "obeyed": None, "seconds": self._limit, **said}

    def _become(self, *, connected: bool) -> bool:
        """Whether the client comes to connect, or not to, and stays so, within the time limit."""
        doing(_CONNECTS if connected else _IS_CUT_OFF, self._limit)
        until = time.monotonic() + self._limit
        since: float | None = None
        while True:
            self._probing.janitor.check_cancelled()
            now = time.monotonic()
            if self._connects() is connected:
                since = since if since is not None else now
                if now - since >= self._steady:
                    return True
            else:
                since = None
            # What has begun in time may show that it stays.
            if now >= until and since is None:
                return False
            time.sleep(LOOK)

    def _connects(self) -> bool | None:
        """Whether the client connects at present; None if nobody can tell."""
        try:
            found = pods.look(self._probing, self._namespace, self._client)
        except Inconclusive as error:
            if may_pass(error):
                return None
            raise
        if not pods.runs(found):
            raise pods.not_running(self._probing, self._namespace, self._client, found)
        return pods.is_ready(found)

    def _require_server(self) -> None:
        """Raise Inconclusive if the server does not run any more: then a failed connection tells nothing."""
        found = pods.look(self._probing, self._namespace, self._server)
        if not pods.runs(found):
            raise pods.not_running(self._probing, self._namespace, self._server, found)

    def _require_pods_of_ours(self) -> None:
        """Raise Inconclusive if somebody made the pods others than were asked for: policies mean nothing for them then.

        The container of a service mesh takes each connection itself, and a pod in the network of its node has none.
        """
        for name, role in ((self._server, "server"), (self._client, "client")):
            found = pods.look(self._probing, self._namespace, name)
            kept = part_of(metadata_of(found), "labels")
            if more := pods.added(found):
                listed = ", ".join(map(shown, more[:_NAMED]))
                raise Inconclusive(f"something in the cluster put containers into pod {name}: {listed}")
            if part_of(found, "spec").get("hostNetwork"):
                raise Inconclusive(f"something in the cluster put pod {name} into the network of its node")
            if not _labels(self._direction, role).items() <= kept.items():
                raise Inconclusive(f"something in the cluster changed the labels of pod {name}")
            if changed := pods.changed(found, self._asked[name]):
                raise Inconclusive(changed)

    def _require_no_others(self) -> None:
        """Raise Inconclusive if there are other policies than ours: they count together.

        Somebody may give them to every new namespace, or change ours, and a lost request of ours may be carried out
        late.
        """
        kind = CONTENTS["networkpolicy"]
        ours = {_name(direction, rule): _policy(direction, rule) for direction in DIRECTIONS for rule in _DEMANDS}
        found = self._probing.client.list(kind.api, kind.list, self._namespace)
        if changed := [name for one in found if (name := name_of(one)) in ours and not _says(one, ours[name])]:
            # One of this direction first: that tells the reader more.
            changed.sort(key=lambda name: not name.endswith(self._direction))
            raise Inconclusive(f"something in the cluster changed the policy {shown(changed[0])}")
        if others := sorted({name_of(one) or "?" for one in found} - ours.keys()):
            raise Inconclusive(f"the namespace also has the policies {', '.join(map(shown, others[:_NAMED]))}")

    def _require_executed(self, rule: str, before: tuple[int, int], *, obeyed: bool) -> None:
        """Raise Inconclusive if it is the kubelet that did not execute the program, since that counts as no connection.

        Where connections are denied, one that failed shows it; where they are allowed, none tells anything.
        """
        wanted = rule == "allow"
        if obeyed is wanted:
            return  # it connects, for which it was executed
        (errors, failures), (errors_before, failures_before) = self._failures(), before
        if errors > errors_before and (wanted or failures == failures_before):
            raise Inconclusive(
                "the kubelet could not execute the program that connects: "
                f"{pods.last_events(self._probing, self._namespace, self._client)}",
                CauseKind.OUTAGE,
            )

    def _failures(self) -> tuple[int, int]:
        """How often the kubelet could not execute the program that connects, and how often it failed.

        As far as events tell.
        """
        errors = failures = 0
        for one in pods.events_about(self._probing, self._namespace, self._client):
            message = str(one.get("message"))
            count = one.get("count")
            times = count if isinstance(count, int) else 1
            if any(words in message for words in _NOT_EXECUTED):
                errors += times
            elif _FAILED in message:
                failures += times
        return errors, failures

    def _foreign_policies(self) -> str:
        """The policies that somebody else has put into the new namespace, in words; empty if there are none."""
        kind = CONTENTS["networkpolicy"]
        try:
            found = self._probing.client.list(kind.api, kind.list, self._namespace)
        except Inconclusive:
            return ""
        names = ", ".join(shown(name_of(one)) for one in found[:_NAMED])
        return f" (the namespace was given the policies {names})" if names else ""

    def _address(self, server: Mapping[str, Any]) -> str:
        """Address and port of the server, as a program takes them; raises Inconclusive if the pod has no address."""
        address = str(part_of(server, "status").get("podIP") or "")
        if not address:
            raise Inconclusive(f"pod {self._server} runs without an address", CauseKind.MALFORMED)
        return f"[{address}]:{PORT}" if ":" in address else f"{address}:{PORT}"


def _labels(direction: str, role: str) -> dict[str, str]:
    """The labels of the pods of one direction: ``server`` or ``client``."""
    return {"pytest-scs/direction": direction, "pytest-scs/role": role}


def _name(direction: str, rule: str) -> str:
    return f"scs-{rule}-{direction}"


def _policy(direction: str, rule: str) -> Plain:
    """A policy for one side of the connection: nothing is allowed, or only the other side."""
    sides = [_labels(direction, "server"), _labels(direction, "client")]
    concerned, other = sides if direction == "ingress" else reversed(sides)
    policy: Plain = {"podSelector": {"matchLabels": concerned}, "policyTypes": [direction.capitalize()]}
    if rule == "allow":
        side = "from" if direction == "ingress" else "to"
        policy[direction] = [{side: [{"podSelector": {"matchLabels": other}}]}]
    return policy


def _says(stored: Mapping[str, Any], policy: Plain) -> bool:
    """Whether a policy in the cluster says what was asked for; what the API adds by itself are empty lists at most."""
    spec = stored.get("spec")
    return isinstance(spec, Mapping) and all(
        (spec.get(key) or None) == policy.get(key) for key in ("podSelector", "policyTypes", "ingress", "egress")
    )


SECTION: Section[PolicyEnforcement] = Section(
    name="policy_enforcement",
    words="pods that connect or not, as network policies say",
    summary="What became of connections between pods.",
    load=single(PolicyEnforcement.from_plain),
    probe=probe,
    lasts=60,
    creates="a namespace with four pods and network policies",
)
