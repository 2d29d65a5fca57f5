# SPDX-License-Identifier: Apache-2.0
"""How versions of Kubernetes are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.standards.kaas.versions import Branch, Version, read_branch, read_git_version, read_version

NUMBER = st.integers(0, 999_999_999)


@pytest.mark.parametrize(
    ("text", "version", "suffix", "compared"),
    [
        ("v1.36.3", (1, 36, 3), "", "v1.36.3"),
        ("1.36.3", (1, 36, 3), "", "v1.36.3"),
        ("v1.36.3+k3s1", (1, 36, 3), "+k3s1", "v1.36.3"),
        ("v1.36.3+rke2r1", (1, 36, 3), "+rke2r1", "v1.36.3"),
        ("v1.35.4-eks-f69f56f", (1, 35, 4), "-eks-f69f56f", "v1.35.4"),
        ("v1.35.4-gke.1234", (1, 35, 4), "-gke.1234", "v1.35.4"),
        ("v1.35.4-gardener.1", (1, 35, 4), "-gardener.1", "v1.35.4"),
        ("v1.37.1-alpha.0.12+abc", (1, 37, 1), "-alpha.0.12+abc", "v1.37.0"),
        ("v1.37.1-rc.1", (1, 37, 1), "-rc.1", "v1.37.0"),
        ("v1.37.0-beta.1", (1, 37, 0), "-beta.1", "None"),
    ],
)
def test_a_git_version_is_three_numbers_and_what_follows(
    text: str, version: tuple[int, int, int], suffix: str, compared: str
) -> None:
    found = read_git_version(text)
    assert found is not None
    assert (found.version, found.suffix, str(found.compared)) == (version, suffix, compared)
    assert found.pre_release == (str(found.version) != compared)


@pytest.mark.parametrize(
    "text",
    ["", "v", "1.36", "v1.36.x", "V1.36.3", " v1.36.3", "v1.36.3 ", "v1.36.3\n", "v1.36.3_1", "v1.٣٦.3", "v1.36.3.1"],
)
def test_anything_else_is_none(text: str) -> None:
    assert read_git_version(text) is None


def test_numbers_without_end_are_none() -> None:
    assert read_git_version(f"v1.{'9' * 5000}.0") is None


@given(NUMBER, NUMBER, NUMBER, st.sampled_from(["", "+k3s1", "-eks-1", "+rke2r1-a"]))
def test_what_is_written_is_read(major: int, minor: int, patch: int, suffix: str) -> None:
    found = read_git_version(f"v{major}.{minor}.{patch}{suffix}")
    assert found is not None
    assert found.compared == Version(major, minor, patch)
    assert read_version(str(found.version)) == found.version == read_version(found.version.plain)
    assert read_branch(str(found.version.branch)) == found.version.branch


@given(st.text())
def test_any_text_is_read_or_not(text: str) -> None:
    found = read_git_version(text)
    assert found is None or found.text == text
    assert read_version(text) is None or found is not None


def test_branches_are_ordered_by_number() -> None:
    assert Branch(1, 9) < Branch(1, 10) < Branch(2, 0)
    assert str(Branch(1, 30)) == "1.30"
    assert read_branch("1.36.3") is None
