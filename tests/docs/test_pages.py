# SPDX-License-Identifier: Apache-2.0
"""The pages of standards and the code say the same: rule ids, rows of differences, testcases."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_scs.base.markdown import subtree, tables
from pytest_scs.base.pages import RULE, Page
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.scope import Testcase, standard_of
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.selection import bundled_scopes
from pytest_scs.core.verdict import Verdict

#: Every rule id that was ever released, one a line; ``retired`` and the reason behind those that are gone.
REGISTRY = Path(__file__).parent / "rule_ids.txt"

ROW = re.compile(r"DEV-\d{4}-\d+")

HEADINGS = [
    "Requirement",
    "Testcases",
    "Rules",
    "Official suite and text",
    "How it is judged",
    "How to mend",
    "Sources",
]


def _literals(sources: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every text literal in Python sources, and every word in data files, with the name of its file."""
    for name, text in sources.items():
        if name.endswith(".py"):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield name, node.value
        else:
            for word in re.findall(r"[\w/-]+", text):
                yield name, word


def _rules_in_code(sources: Mapping[str, str]) -> dict[str, str]:
    """Rule id -> a file that has it as a literal."""
    return {text: name for name, text in _literals(sources) if RULE.fullmatch(text)}


def _rules_in_pages(standards: Mapping[str, Page]) -> dict[str, str]:
    return {rule: name for name, page in standards.items() for rule in page.rules}


def _declared() -> dict[str, Testcase]:
    scopes = map(load_scope, bundled_scopes().values())
    return {identity: testcase for scope in scopes for identity, testcase in scope.testcases.items()}


def _standards() -> dict[str, str | None]:
    """The number of the standard of each testcase."""
    found: dict[str, str | None] = {}
    for scope in map(load_scope, bundled_scopes().values()):
        for identity, testcase in scope.testcases.items():
            of = [one for one in scope.modules.values() if any(identity in ids for ids in one.targets.values())]
            found[identity] = standard_of(testcase, of)
    return found


def _registry() -> dict[str, str]:
    """Rule id -> what stands behind it."""
    lines = [line for line in REGISTRY.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {rule: rest for rule, _, rest in (line.partition(" ") for line in lines)}


def test_every_rule_in_the_code_is_in_its_page(sources: Mapping[str, str], standards: Mapping[str, Page]) -> None:
    pages = _rules_in_pages(standards)
    lacking = [f"{rule} ({name})" for rule, name in _rules_in_code(sources).items() if rule not in pages]
    assert not lacking, "\n".join(sorted(lacking))


def test_every_rule_in_a_page_is_in_the_code(sources: Mapping[str, str], standards: Mapping[str, Page]) -> None:
    code = _rules_in_code(sources)
    lacking = [f"{name}.md: {rule}" for rule, name in _rules_in_pages(standards).items() if rule not in code]
    assert not lacking, "\n".join(sorted(lacking))


def test_a_rule_stands_in_the_page_of_its_standard_with_title_and_testcase(standards: Mapping[str, Page]) -> None:
    testcases = set(_declared())
    problems = []
    for name, page in standards.items():
        for rule, (title, where) in page.rules.items():
            named = set(re.findall(r"[\w-]+", where)) & testcases
            if not title or not (named or "*" in where) or not rule.startswith(f"{name}/"):
                problems.append(f"{name}.md: {rule}: title {title!r}, testcases {where!r}")
    assert not problems, "\n".join(problems)


def test_no_rule_is_ever_renamed(sources: Mapping[str, str]) -> None:
    code = _rules_in_code(sources)
    registry = _registry()
    gone = [rule for rule, rest in registry.items() if rule not in code and not rest.startswith("retired")]
    assert not gone, "\n".join(
        [
            f"others know these ids: keep them, or write `retired` and why behind them in {REGISTRY.name}:",
            *gone,
        ]
    )
    back = [rule for rule, rest in registry.items() if rule in code and rest.startswith("retired")]
    assert not back, f"retired ids must not come back with another meaning: {', '.join(back)}"


def test_every_rule_is_registered(sources: Mapping[str, str]) -> None:
    registry = _registry()
    new = sorted(rule for rule in _rules_in_code(sources) if rule not in registry)
    assert not new, "\n".join([f"add to {REGISTRY.name}:", *new])


def test_the_registry_is_sorted_and_holds_ids_only() -> None:
    rules = [*_registry()]
    assert rules == sorted(rules)
    assert [rule for rule in rules if not RULE.fullmatch(rule)] == []


def test_every_row_that_the_code_names_is_in_a_page(sources: Mapping[str, str], pages: Mapping[str, Page]) -> None:
    known = {row for page in pages.values() for row in page.deviations}
    lacking = {f"{row} ({name})" for name, text in sources.items() for row in ROW.findall(text) if row not in known}
    assert not lacking, "\n".join(sorted(lacking))


def test_every_row_that_decides_by_the_official_suite_is_named_in_the_code(
    sources: Mapping[str, str], standards: Mapping[str, Page]
) -> None:
    # Only such a row can be seen in a verdict; the others say why there is nothing to see.
    named = {row for text in sources.values() for row in ROW.findall(text)}
    lacking = [
        f"{name}.md: {row}"
        for name, page in standards.items()
        for row, cells in page.deviations.items()
        if cells.get("Default", "").startswith("official") and row not in named
    ]
    assert not lacking, "\n".join(lacking)


def test_a_row_stands_once_and_in_the_page_of_its_standard(standards: Mapping[str, Page]) -> None:
    strange = [
        f"{name}.md: {row}: {cells}"
        for name, page in standards.items()
        for row, cells in page.deviations.items()
        if not row.startswith(f"DEV-{name.removeprefix('scs-')}-")
        or list(cells) != ["Official suite", "Text", "Default"]
        or not cells["Default"].startswith(("official", "text", "same"))
    ]
    assert not strange, "\n".join(strange)


def test_every_testcase_has_a_heading_in_a_page(standards: Mapping[str, Page]) -> None:
    lacking = []
    for identity, standard in _standards().items():
        pages = [standards.get(f"scs-{standard}")] if standard else [*standards.values()]
        if not any(page.about(identity) for page in pages if page):
            lacking.append(identity)
    assert not lacking, "\n".join(lacking)


def test_every_page_has_the_same_headings_in_the_same_order(standards: Mapping[str, Page]) -> None:
    wrong = {}
    for name, page in standards.items():
        found = [part.heading for part in page.parts if part.level == 2]
        if found != HEADINGS or not page.title.startswith(f"{name}: "):
            wrong[name] = [page.title, *found]
    assert not wrong


def test_the_index_has_every_page(root: Path, standards: Mapping[str, Page]) -> None:
    index = (root / "docs" / "standards" / "README.md").read_text("utf-8")
    assert [name for name in standards if f"]({name}.md)" not in index] == []


def test_the_index_counts_the_testcases(pages: Mapping[str, Page]) -> None:
    for scope_name, part in (("iaas", "Standards of the scope"), ("beyond", "Beyond")):
        counted: Counter[str] = Counter()
        for identity, testcase in load_scope(bundled_scopes()[scope_name]).testcases.items():
            standard = "-".join(identity.split("-")[: 3 if "-x-v2-" in identity else 2])
            counted["manual" if testcase.manual else standard.replace("-x", "-v2")] += 1
        [heading] = [one for one in pages["README"].parts if one.heading.startswith(part)]
        for row in (row for table in tables(heading.text) for row in table.rows):
            standard = match[1] if (match := re.match(r"\[(scs-[\w-]+)\]", row[0])) else "manual"
            assert int(row[1]) == counted[standard], (scope_name, row[0])
            del counted[standard]
        assert set(counted) <= {"manual"}


def test_the_framework_explains_every_verdict_and_every_kind_of_cause(pages: Mapping[str, Page]) -> None:
    headings = [part.heading for part in pages["framework"].parts if part.level == 3]
    verdicts, kinds = list(map(str, Verdict)), list(map(str, CauseKind))
    assert [word for word in (*verdicts, *kinds) if word not in headings] == []
    causes = next(part for part in pages["framework"].parts if part.heading == "Causes")
    below = [part.heading for part in subtree(pages["framework"].parts, causes)[1:]]
    assert [heading for heading in below if heading not in kinds] == []
