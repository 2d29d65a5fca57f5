# SPDX-License-Identifier: Apache-2.0
"""What a report says of its own making (docs/standards/framework.md#what-is-public)."""

from __future__ import annotations

from pytest_scs.core.results import SubjectRun
from pytest_scs.core.scope import Scope


def assignment(subject_run: SubjectRun, scope: Scope) -> dict[str, str]:
    """What the scope's variables were, as far as the platform says it; never a path, a server or an entry."""
    known = subject_run.assignment or dict.fromkeys(scope.variables or ("os_cloud",), subject_run.subject.report_name)
    return {name: value for name, value in known.items() if not scope.variables or name in scope.variables}
