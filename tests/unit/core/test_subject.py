# SPDX-License-Identifier: Apache-2.0
"""Names in the report: what is made of a name, and what --scs-subject says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.errors import InputError
from pytest_scs.core.subject import SUBJECT, ReportNames, Subject, read_report_names, subject_of


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("prod", "prod"),
        ("kubernetes-admin@kubernetes", "kubernetes-admin-kubernetes"),
        ("arn:aws:eks:eu-1:42:cluster/x", "arn-aws-eks-eu-1-42-cluster-x"),
        ("a_b.c", "a_b.c"),
    ],
)
def test_a_name_in_the_report_is_made_of_the_own_name(name: str, subject: str) -> None:
    assert subject_of(name) == subject
    assert Subject("boxes", name).report_name == subject


@given(st.text(min_size=1))
def test_what_is_made_of_a_name_is_legal(name: str) -> None:
    assert SUBJECT.fullmatch(subject_of(name))


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        ([], ReportNames()),
        (["acme"], ReportNames("acme")),
        (["acme", "acme"], ReportNames("acme")),
        (["a@x=acme-1.36", "b=acme-1.35"], ReportNames(by_name={"a@x": "acme-1.36", "b": "acme-1.35"})),
        (["key=value@x=acme"], ReportNames(by_name={"key=value@x": "acme"})),
        (["a=acme", "a=acme"], ReportNames(by_name={"a": "acme"})),
    ],
)
def test_a_name_or_a_name_for_each(texts: list[str], names: ReportNames) -> None:
    assert read_report_names(texts) == names


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([""], "--scs-subject: the name is empty; give one of letters, digits, '_', '-' and '.'"),
        (["a="], "--scs-subject: the name is empty; give one of letters, digits, '_', '-' and '.'"),
        (["a b"], "--scs-subject: 'a b' has characters other than letters, digits, '_', '-' and '.'"),
        (["a=b:c"], "--scs-subject: 'b:c' has characters other than letters, digits, '_', '-' and '.'"),
        (["=b"], "--scs-subject: '=b' has no name before the '='; write NAME=SUBJECT"),
        (["a=b", "a=c"], "--scs-subject: 'a' has two names, b and c; leave one out"),
        (["b", "c"], "--scs-subject: b is the one name of everything; with several, write NAME=SUBJECT for each"),
        (["b", "a=c"], "--scs-subject: b is the one name of everything; with several, write NAME=SUBJECT for each"),
    ],
)
def test_mistakes_are_one_line(texts: list[str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_report_names(texts)
    assert str(caught.value) == message
