# SPDX-License-Identifier: Apache-2.0
"""Whatever points to a page of the documentation leads there; nothing points to what readers do not have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pytest_scs.base.markdown import parts

POINTER = re.compile(r"\bdocs/[\w./-]+\.md(?:#[\w-]+)?")
LINK = re.compile(r"\]\((?!https?://|mailto:)([^()\s]+)\)")

#: Documents that exist where the project is planned, and not in the repository.
ELSEWHERE = re.compile(
    r"\bspec(?:s|ification)?\b[ ,.:]+(?:(?:sections?|numbers?) )?\d+(?:\.\d+)*"
    r"|\b(?:certification|iaas|DESIGN)\.md\b|(?<!docs/)(?<!\[)(?<!\.\./)(?<!\()\bkaas\.md\b"
    r"|\(guides?\b",
    re.IGNORECASE,
)

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/**/*.md", "examples/**/*.md")


def _problem(root: Path, path: Path, fragment: str) -> str:
    """What is wrong with a pointer to an anchor of a file, empty if it resolves."""
    if not path.is_file():
        return f"there is no {path.relative_to(root) if path.is_relative_to(root) else path}"
    if fragment and fragment not in {part.anchor for part in parts(path.read_text("utf-8"))}:
        return f"{path.name} has no heading #{fragment}"
    return ""


def _in_one_line(text: str) -> str:
    """The text with lines joined, as far as a sentence in a comment or docstring goes on."""
    return re.sub(r"\s*\n[ \t]*(?:#:? ?)?", " ", text)


def test_every_pointer_in_the_sources_resolves(sources: Mapping[str, str], root: Path) -> None:
    problems = []
    for name, text in sources.items():
        for pointer in POINTER.findall(text):
            path, _, fragment = pointer.partition("#")
            if problem := _problem(root, root / path, fragment):
                problems.append(f"{name}: {pointer}: {problem}")
    assert not problems, "\n".join(problems)


def test_no_source_points_to_documents_that_nobody_has(sources: Mapping[str, str]) -> None:
    offenders = [
        f"{name}: ...{found[max(0, match.start() - 40) : match.end() + 20]}..."
        for name, text in sources.items()
        for found in [_in_one_line(text)]
        for match in ELSEWHERE.finditer(found)
    ]
    assert not offenders, "\n".join([f"{len(offenders)} pointers:", *offenders])


def _documents(root: Path) -> Iterator[Path]:
    for pattern in DOCUMENTS:
        yield from sorted(root.glob(pattern))


def test_every_link_between_documents_resolves(root: Path) -> None:
    problems = []
    for document in _documents(root):
        prose = re.sub(r"^(?: {4}.*|```.*?^```)$", "", document.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        for link in LINK.findall(re.sub(r"`[^`\n]*`", "", prose)):
            name, _, fragment = link.partition("#")
            target = (document.parent / name).resolve() if name else document
            if target.suffix != ".md":
                problem = "" if target.exists() else "does not exist"
            else:
                problem = _problem(root, target, fragment)
            if problem:
                problems.append(f"{document.relative_to(root)}: {link}: {problem}")
    assert not problems, "\n".join(problems)


def test_no_document_names_what_nobody_has(root: Path) -> None:
    offenders = [
        f"{document.relative_to(root)}: {match[0]}"
        for document in _documents(root)
        for match in ELSEWHERE.finditer(document.read_text("utf-8"))
    ]
    assert not offenders, "\n".join(offenders)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("as it is (spec 3.5)", True),
        ("(scs-0003-v2, spec sections 1.1 and 23.7)", True),
        ("#: so many (see the spec,\n#: 4.5)", True),
        ("(certification.md, 2.2)", True),
        ("image_spec 5 and spec v5", False),
        ("The JavaScript specification has it", False),
    ],
)
def test_a_pointer_to_elsewhere_is_seen(text: str, found: bool) -> None:
    assert bool(ELSEWHERE.search(_in_one_line(text))) is found
