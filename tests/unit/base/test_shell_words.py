# SPDX-License-Identifier: Apache-2.0
"""Command lines read back into words: nothing that a shell would act on gets through."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.shell import Placeholder, command, for_each, quote
from pytest_scs.base.shell_words import Blank, Each, SimpleCommand, read_commands, spelled

PROGRAMS = {"openstack", "kubectl"}
NAMES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")).filter(bool)


def read(line: str) -> list[SimpleCommand]:
    found = read_commands(line, PROGRAMS)
    assert found is not None
    return found


def words(line: str) -> list[list[str]]:
    return [[one.literal(number) for number in range(len(one.words))] for one in read(line)]


def test_commands_and_what_depends_on_them() -> None:
    found = read("openstack a 'b c' && kubectl d=\"e\"; openstack --f -g  # a remark; with && signs")
    assert [(one.literal(0), one.then) for one in found] == [
        ("openstack", True),
        ("kubectl", False),
        ("openstack", False),
    ]
    assert words("openstack a 'b c'\"'\"'d' $'e\\n\\u00e9\\x41\\'\\\\'") == [
        ["openstack", "a", "b c'd", "e\n\u00e9A'\\"]
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "rm -rf /",
        "openstack x && rm y",
        "openstack $(reboot)",
        "openstack `reboot`",
        "openstack $HOME",
        'openstack "$HOME"',
        "openstack x | sh",
        "openstack x > /etc/passwd",
        "openstack x &",
        "openstack x & reboot",
        "openstack x;reboot",
        "openstack x || openstack y",
        "openstack 'x",
        'openstack "x',
        "openstack {a,b}",
        "openstack x\nreboot",
        "openstack x\treboot",
        "openstack *",
        "openstack ~",
        "openstack [a]",
        "openstack !x",
        "openstack #x",
        "openstack \u2028x",
        "openstack $'a\\x00b'",
        "A=1 openstack x",
        "<program> x",
        "'openstack' x && ",
    ],
)
def test_what_is_no_plain_command_is_none(line: str) -> None:
    assert read_commands(line, PROGRAMS) is None


@pytest.mark.parametrize(
    ("line", "blanks"),
    [
        ("openstack a <URL or text>", ["URL or text"]),
        ("openstack a 'b=<URL>' c", ["URL"]),
        ("openstack a https://<host>:<port>/<path> <id>", ["host", "port", "path", "id"]),
        ("openstack --file FILE b=URL https://x/FILE NAME", ["FILE", "URL", "FILE", "NAME"]),
        ("openstack password='***'", ["MASKED_VALUE"]),
        ("openstack --remote-group PARENT SCS-1V-4 'GPU' filename aURL URLs IPv4 x.FILE FILE1", []),
        ("openstack ITS_ZONE topology/zone=TYPE YYYY-MM-DD", ["ITS_ZONE", "TYPE", "YYYY-MM-DD"]),
        ('openstack --name GPU "FILE" --property "a=ID"', []),
        ("openstack 'a b=FILE' 'x FILE' 'https://x/FILE'", ["FILE", "FILE"]),
        ("openstack 'a < b' '<>' 'x<1>'", []),
    ],
)
def test_what_has_to_be_filled_in(line: str, blanks: list[str]) -> None:
    assert [name for one in read(line) for name in one.blanks] == blanks


def test_an_empty_word_stays_one() -> None:
    [one] = read("openstack image set --name '' x")
    assert spelled(one, "FILL_IN_") == "openstack image set --name '' x"


def test_a_blank_is_spelled_so_that_it_is_found() -> None:
    [one] = read("openstack a 'b c=<URL or text>' " + quote(Placeholder("ITS_ZONE")))
    assert one.words[2] == ("b c=", Blank("URL or text"))
    assert spelled(one, "FILL_IN_") == "openstack a 'b c='FILL_IN_URL_OR_TEXT FILL_IN_ITS_ZONE"


def test_an_operand_of_many_stays_a_variable() -> None:
    line = for_each("openstack flavor delete 4711", "4711")
    assert line
    [one] = read(line)
    assert one.words[-1] == (Each(),)
    assert spelled(one, "FILL_IN_") == 'openstack flavor delete "$id"'


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_every_name_comes_back_as_it_was(names: list[str]) -> None:
    line = command(["openstack", "image", "set"], *names)
    found = read_commands(line, PROGRAMS)
    assert found is not None
    [one] = found
    if not one.blanks:
        assert [one.literal(number) for number in range(len(one.words))][-len(names) :] == names
        if all(name.isprintable() for name in names):
            assert shlex.split(spelled(one, "FILL_IN_"))[-len(names) :] == names


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for one in read_commands(f"openstack {text}", PROGRAMS) or ():
        assert spelled(one, "FILL_IN_").isprintable()
