# SPDX-License-Identifier: Apache-2.0
"""Whether a subject can be certified, and what is needed along with it: the words of runs and of score cards."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_scs.base.language import ENGLISH, Language
from pytest_scs.core.results import Run, SubjectRun
from pytest_scs.core.selection import ChosenVersion
from pytest_scs.core.verdict import Verdict
from pytest_scs.standards.declarations import Needed, wanted_for


def needed_of_run(version: ChosenVersion, subject_run: SubjectRun) -> list[Needed]:
    """The declarations that a certificate for a version needs, by the answers that a run was given."""
    return [
        Needed(one.standard, one.testcase.id, subject_run.declared.get(one.testcase.id, one.unanswered))
        for one in wanted_for(version.scope, [version.name])
    ]


def is_ready(run: Run, version: ChosenVersion, target: str, verdict: Verdict, subject_run: SubjectRun) -> bool:
    """Whether a run promises a certificate: everything in ``main`` of a version that can be certified is PASS."""
    whole = run.covers(version, target, subject_run.subject)
    return whole and target == "main" and version.certifiable and verdict is Verdict.PASS


def certifiable(needed: Sequence[Needed], language: Language = ENGLISH, *, versions: str = "") -> str:
    """``ready to certify: yes (v5.1), plus 3 declarations``; a single declaration is told in full.

    ``versions`` are named where nothing beside the words does so.
    """
    phrase = language.phrase
    answer = phrase("ready to certify: yes")
    if versions:
        answer += f" ({versions})"
    if not needed:
        return answer
    if len(needed) > 1:
        return f"{answer}, " + phrase("plus {count} declarations", count=len(needed))
    return f"{answer}, " + phrase("plus {declaration}", declaration=_told(needed[0], language))


def listed(needed: Sequence[Needed], language: Language = ENGLISH) -> list[str]:
    """A line for each declaration of those that :func:`certifiable` only counts: ``needed: declaration ...``."""
    if len(needed) < 2:
        return []
    return [language.phrase("needed: {declaration}", declaration=_told(one, language)) for one in needed]


def sentences(needed: Sequence[Needed], language: Language = ENGLISH) -> list[str]:
    """A sentence for each declaration, for pages."""
    return [
        language.phrase(
            "Along with a declaration on {standard}: {state}",
            standard=one.standard,
            state=language.text(one.state),
        )
        for one in needed
    ]


def _told(one: Needed, language: Language) -> str:
    return language.phrase("declaration {standard} ({state})", standard=one.standard, state=language.text(one.state))
