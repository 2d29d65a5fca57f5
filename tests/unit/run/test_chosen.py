# SPDX-License-Identifier: Apache-2.0
"""What -m and -k choose, and why they chose nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.core.selection import Selection, select
from pytest_scs.run.chosen import check_markers, names_in, why_nothing


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("", []),
        ("scs_0103", ["scs_0103"]),
        ("not creates_resources and (light or light)", ["creates_resources", "light"]),
        ("scs('scs-0100-syntax-check') or True", ["scs"]),
        ("not False and None", []),
        ("scs-0103 or iaas.v5", ["scs-0103", "iaas.v5"]),
    ],
)
def test_names_are_what_is_no_word_of_the_language(expression: str, names: list[str]) -> None:
    assert names_in(expression) == names


@pytest.mark.parametrize("expression", ["", "heavy", "slow and not heavy", "scs_0103", "iaas_v5_1", "not manual"])
def test_registered_markers_and_those_of_bundled_scopes_are_known(expression: str) -> None:
    check_markers(expression, {"slow", "heavy"})


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("scs-0103", "-m: there is no marker 'scs-0103'; did you mean scs_0103?"),
        ("not creates_ressources", "-m: there is no marker 'creates_ressources'; did you mean 'creates_resources'?"),
        ("zzzzzzzz", "-m: there is no marker 'zzzzzzzz'; pytest --markers lists them"),
    ],
)
def test_an_unknown_marker_is_refused_with_a_suggestion(expression: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        check_markers(expression, {"creates_resources"})
    assert str(refusal.value) == message


@pytest.fixture
def selection(mini_path: Path) -> Selection:
    """The main target of the small scope; manual testcases are in ``preview``."""
    return select([f"{mini_path}@next"], dt.date(2026, 6, 15), ("main",), mini_path.parent)


@pytest.mark.parametrize(
    ("expression", "named", "why"),
    [
        ("manual", False, "manual checks are outside target main; add --scs-target=all"),
        ("scs_0116", False, "the testcases with marker scs_0116 are outside target main; add --scs-target=all"),
        (
            "scs_0999",
            False,
            "no testcase of mini-next was chosen by -m 'scs_0999' and the other filters; see --scs-plan",
        ),
        ("scs_0100 and heavy", False, "the testcases with marker heavy are outside target main; add --scs-target=all"),
        (
            "",
            True,
            "the named files have no testcase of mini-next; leave them out, and the bundled testcases are judged",
        ),
        ("", False, "no testcase of mini-next was chosen; see the options -k, --lf and --deselect"),
    ],
)
def test_why_nothing_was_chosen_is_said_with_what_to_do(
    selection: Selection, expression: str, named: bool, why: str
) -> None:
    assert why_nothing(selection, expression, named) == why
