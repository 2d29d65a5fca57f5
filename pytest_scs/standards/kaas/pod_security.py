# SPDX-License-Identifier: Apache-2.0
"""scs-0217: pod security standards are enforced (document: scs-0217-v1).

See docs/standards/scs-0217.md#pod-security.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_scs.base.fields import Fields
from pytest_scs.base.shell import command
from pytest_scs.core.findings import Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.kaas.admission import POD_SECURITY, Attempt, enabled
from pytest_scs.standards.kaas.control_plane import SERVER, ControlPlane
from pytest_scs.standards.kaas.model import part
from pytest_scs.standards.kaas.unseen import Unseen

#: The label that says which level a namespace enforces, and the levels that are enough.
ENFORCE: Final = "pod-security.kubernetes.io/enforce"
ENOUGH: Final = ("baseline", "restricted")

#: What the plugin says when it refuses a pod.
VIOLATES: Final = "violates PodSecurity"

#: Offending namespaces that are named.
MOST: Final = 10

#: Labels of namespaces that tests have for a while: ours, and those of the Kubernetes project's e2e suite.
_MANAGED_BY, _OURS, _E2E = "app.kubernetes.io/managed-by", "pytest-scs", "e2e-run"


@dataclasses.dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace, and the level that its label enforces (None: no label); ``test``: it is there for a test only."""

    name: str
    enforce: str | None
    test: bool

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Namespace:
        """A namespace of what :func:`slim_namespace` keeps; raises FormError."""
        fields = Fields("namespace", data)
        return cls(fields.name("name"), fields.text_or_null("enforce", None), fields.truth("test", False))

    @property
    def of_the_system(self) -> bool:
        """Whether Kubernetes itself has it: the prefix kube- is reserved for such."""
        return self.name.startswith("kube-")


@dataclasses.dataclass(frozen=True, slots=True)
class PodTrials:
    """What became of a pod that shares the processes of its node, in two namespaces.

    ``labelled`` enforces the level *baseline*, ``unlabelled`` has no level of its own.
    """

    labelled: Attempt
    unlabelled: Attempt

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> PodTrials:
        """Raises FormError."""
        fields = Fields("pod trials", data)
        return cls(Attempt.read(fields.fields("labelled")), Attempt.read(fields.fields("unlabelled")))


def slim_namespace(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a namespace of the API; raises FormError."""
    metadata = part(namespace, "metadata")
    labels = part(metadata, "labels")
    test = labels.get(_MANAGED_BY) == _OURS or _E2E in labels
    return {"name": metadata.get("name"), "enforce": labels.get(ENFORCE), "test": test}


def check_admission(plane: ControlPlane, trials: PodTrials | Unseen) -> Iterator[Observation]:
    """The admission plugin for pod security MUST be active.

    It is on by default, so flags can only say that it is off; what decides is a pod that it has to refuse.
    """
    off = [server for server in plane.api_servers if not enabled(server, POD_SECURITY, default=True)]
    for server in off:
        yield _inactive(server.name, "in --disable-admission-plugins")
    if off:
        return
    if isinstance(trials, Unseen):
        if not plane.api_servers and not (plane.counted and POD_SECURITY in plane.counted.admission_plugins):
            yield plane.hidden(trials)
        else:
            yield from plane.unread()
            yield Remark(f"not tried with a pod: {trials.text}", SERVER)
    elif trials.labelled.accepted:
        yield _inactive(SERVER, "a pod with hostPID was accepted in a namespace that enforces baseline")
    elif not _refused(trials.labelled):
        yield Undecided(SERVER, f"the pod was refused for another reason: {trials.labelled}")


def check_baseline(namespaces: Sequence[Namespace], trials: PodTrials) -> Iterator[Observation]:
    """Pods MUST meet at least the level *baseline*, in the whole cluster or in every namespace of its users."""
    if _refused(trials.unlabelled):
        return
    if not trials.unlabelled.accepted:
        yield Undecided(SERVER, f"the pod was refused for another reason: {trials.unlabelled}")
        return
    if trials.labelled.accepted:
        yield _inactive(SERVER, "labels of namespaces have no effect", "scs-0217/pod_security_baseline")
        return
    if not _refused(trials.labelled):
        yield Undecided(SERVER, f"whether labels have an effect was not seen: {trials.labelled}")
    if all(one.test or one.of_the_system for one in namespaces):
        yield Undecided("namespaces", "there is none of users, and every cluster has one: default")
    lacking = [one for one in namespaces if not (one.test or one.of_the_system) and one.enforce not in ENOUGH]
    for namespace in lacking[:MOST]:
        yield Finding(
            resource=f"namespace {namespace.name}",
            rule="scs-0217/pod_security_baseline",
            title=f"label {ENFORCE}",
            expected=" or ".join(map(show, ENOUGH)),
            observed=show(namespace.enforce),
            hint=command(["kubectl", "label", "--overwrite", "namespace"], namespace.name, f"{ENFORCE}=baseline"),
        )
    if len(lacking) > MOST:
        yield Remark(f"and {len(lacking) - MOST} namespaces more without it")


def _refused(attempt: Attempt) -> bool:
    return attempt.status == 403 and VIOLATES in attempt.message


def _inactive(resource: str, observed: str, rule: str = "scs-0217/pod_security_admission") -> Finding:
    return Finding(
        resource=resource,
        rule=rule,
        title=f"the admission plugin {POD_SECURITY} is active",
        expected=f"a pod with hostPID is refused: {VIOLATES}",
        observed=observed,
        hint=f"start the API server without {POD_SECURITY} in --disable-admission-plugins",
    )
