# SPDX-License-Identifier: Apache-2.0
"""Reading YAML that people wrote, or that somebody made to hurt."""

from __future__ import annotations

import datetime as dt
import importlib.util
import io
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base import yamlfile
from pytest_scs.base.errors import InputError


def refusal(text: str) -> str:
    """The one line with which a text is refused."""
    with pytest.raises(InputError) as caught:
        yamlfile.load_documents(text, "x.yaml")
    line = str(caught.value)
    assert "\n" not in line
    assert len(line) < 300
    return line


def outcome(text: str) -> str:
    """The line with which a text is refused, empty if it is not; anything but InputError would be a bug."""
    try:
        yamlfile.load_documents(text, "x.yaml")
    except InputError as error:
        return str(error)
    return ""


def test_plain_values_are_loaded() -> None:
    text = "a: [1, two, null]\nb: {c: 2026-06-15}\n"
    assert yamlfile.load_documents(text, "x.yaml") == [{"a": [1, "two", None], "b": {"c": dt.date(2026, 6, 15)}}]


def test_several_documents_are_loaded_in_order() -> None:
    assert yamlfile.load_documents("a: 1\n---\nb: 2\n", "x.yaml") == [{"a": 1}, {"b": 2}]


def test_a_billion_laughs_are_refused_at_the_first_alias() -> None:
    lines = ["a0: &a0 [lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    started = time.monotonic()
    assert refusal("\n".join(lines)) == "x.yaml:2: YAML alias *a0 is not allowed here; write the value out"
    assert time.monotonic() - started < 60  # read to its end, it would take years


def test_an_alias_to_itself_is_refused() -> None:
    assert "alias *a" in refusal("a: &a [*a]")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "[" * 100_000 + "]" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000],
    ids=["open", "closed", "mappings", "block", "keys"],
)
def test_deep_nesting_does_not_crash_the_interpreter(text: str) -> None:
    assert refusal(text) == "x.yaml:1: nested deeper than 40 levels"


# libyaml 0.2.6 has a limit of its own, earlier versions and the pure parser have none; nobody shall see a difference.
DEEP = {
    "key": ("a: 1\nb: " + "[" * 2000, "x.yaml:2: nested deeper than 40 levels"),
    "mixed": ("a: 1\nb: é\nc: " + "[{" * 2000, "x.yaml:3: nested deeper than 40 levels"),
    "lines": ("a: 1\nb:\n" + " [\n" * 2000, "x.yaml:42: nested deeper than 40 levels"),
    "indented": ("".join(" " * depth + "a:\n" for depth in range(1200)), "x.yaml:41: nested deeper than 40 levels"),
    "marked": ("\ufeffb: " + "[" * 2000, "x.yaml:1: nested deeper than 40 levels"),
    "almost": ("a: 1\nb: " + "[" * 39 + "]" * 39 + "\nc: " + "[" * 1010, "x.yaml:3: nested deeper than 40 levels"),
    "no key": ("a: 1\n" + "[" * 2000, "x.yaml:2: not valid YAML: could not find expected ':'"),
}


@pytest.mark.parametrize(("text", "line"), DEEP.values(), ids=DEEP)
def test_deep_nesting_is_the_same_line_whatever_the_parser(text: str, line: str, pure: Any) -> None:
    assert refusal(text) == line
    with pytest.raises(InputError) as caught:
        pure.load_documents(text, "x.yaml")
    assert str(caught.value) == line


@pytest.fixture
def pure(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module as it is where PyYAML was built without libyaml."""
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    spec = importlib.util.spec_from_file_location("pure_yamlfile", yamlfile.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nesting_that_files_of_people_have_is_fine() -> None:
    [document] = yamlfile.load_documents("[" * 40 + "]" * 40, "x.yaml")
    assert str(document) == "[" * 40 + "]" * 40


def test_breadth_is_not_depth() -> None:
    [document] = yamlfile.load_documents("\n".join(["- [{a: 1}]"] * 1000), "x.yaml")
    assert len(document) == 1000


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("a: 1\nb: 2\na: 3", 3, "key 'a' occurs twice"),
        ("top:\n  a: 1\n  'a': 2", 3, "key 'a' occurs twice"),
        ("- {a: 1, a: 1}", 1, "key 'a' occurs twice"),
        ("1: x\n1: y", 2, "key '1' occurs twice"),
        ("a:\n\tb: 1", 2, "cannot start any token"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "expected"),
        ("a: b: c", 1, "mapping values are not allowed"),
        ("a: 'open", 1, "end of stream"),
        ("x: 1\na: 2026-02-30", 2, "day is out of range for month"),
        ("x: 1\na: 2026-13-01", 2, "month must be in 1..12"),
        ("x: 1\na: 2026-01-01 25:00:00", 2, "hour must be in 0..23"),
        ("x: 1\n? [a]\n: 1", 2, "a key must be"),
        ("x: 1\n? {a: 1}\n: 1", 2, "a key must be"),
        ("x: 1\ny: !!bool maybe", 2, "bad value"),
        ("x: 1\ny: !!timestamp soon", 2, "bad value"),
        ("x: 1\ny: !!int ''", 2, "bad value"),
        ("x: 1\ny: !!map text", 2, "bad value"),
        ("x: 1\ny: !!python/object/apply:os.system [exit 1]", 2, "could not determine a constructor"),
        ("x: 1\ny: !Custom 1", 2, "could not determine a constructor"),
        ("%YAML 2.0\n---\na: 1", 1, "incompatible YAML document"),
        ("x: 1\ny: " + "9" * 10_000, 2, "number longer than 100 characters"),
        ("x: 1\ny: 1" + ":59" * 100_000, 2, "number longer than 100 characters"),
        ("x: 1\ny: 1" + ":59" * 100_000 + ".5", 2, "number longer than 100 characters"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_place(text: str, line: int, cause: str) -> None:
    message = refusal(text)
    assert message.startswith(f"x.yaml:{line}: not valid YAML: ")
    assert cause in message


def test_the_same_word_as_text_and_as_number_are_two_keys() -> None:
    assert yamlfile.load_documents("1: a\n'1': b", "x.yaml") == [{1: "a", "1": "b"}]


def test_the_same_key_in_two_mappings_is_fine() -> None:
    assert yamlfile.load_documents("- a: 1\n- a: 2", "x.yaml") == [[{"a": 1}, {"a": 2}]]


def test_nul_is_refused() -> None:
    assert "characters are not allowed" in refusal("a: x\0y")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_either_loaded_or_refused_in_one_line(text: str) -> None:
    assert "\n" not in outcome(text)


_TOKENS = ["a", "b", ": ", "- ", "? ", "\n", "  ", "[", "]", "{", "}", ", ", "&a ", "*a", "<<", "|", ">", "'", '"', "#"]
_TAGS = [
    "!!int ",
    "!!set ",
    "!!omap ",
    "!!pairs ",
    "!!binary ",
    "!!null ",
    "!!float ",
    "!!bool ",
    "!x ",
    "---\n",
    "...",
]
_VALUES = ["1", "1:59", "2026-02-30", "0x_", ".inf", "~", "=", "%", "@", "\t", "1_0", "0b", "é"]


@given(st.lists(st.sampled_from(_TOKENS + _TAGS + _VALUES), max_size=25).map("".join))
def test_any_mixture_of_yaml_is_either_loaded_or_refused_in_one_line(text: str) -> None:
    assert "\n" not in outcome(text)


def load(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        yamlfile.load(path, "scope file")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("\ufeffa: grün\r\n".encode())
    assert yamlfile.load(path, "scope file") == {"a": "grün"}


def test_a_file_that_is_not_utf8_names_the_first_bad_byte(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: gr\xfcn\n")
    assert load(path) == f"scope file {path} is not UTF-8 text (byte 5); name another file"


class Endless(io.BytesIO):
    """A file that is larger than memory: whoever asks for all of it has lost."""

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert 0 <= size <= 2 * yamlfile.MAX_BYTES
        return b"x" * size


def test_a_file_that_is_too_large_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", lambda *args: Endless())
    assert "larger than 4096 KiB" in load(Path("x.yaml"))


def test_a_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"x" * 100)
    assert yamlfile.read_text(path, "report", 100) == "x" * 100
    with pytest.raises(InputError, match=r"report .* is larger than"):
        yamlfile.read_text(path, "report", 99)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "\n\n"])
def test_an_empty_file_is_no_document(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    assert load(path) == f"{path}: scope file must be one YAML document, found 0"


def test_two_documents_are_one_too_many(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\n---\na: 2\n")
    assert load(path) == f"{path}: scope file must be one YAML document, found 2"


def test_a_missing_file_and_a_directory_are_named_with_their_cause(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    assert load(path) == f"cannot read scope file {path}: No such file or directory; name a file that exists"
    path.mkdir()
    assert load(path) == f"cannot read scope file {path}: it is a directory, not a file; name a file in it"


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ((), 1),
        (("name",), 1),
        (("items",), 2),
        (("items", 0), 3),
        (("items", 1, "deep"), 5),
        (("items", 1, "deep", "key"), 6),
        (("items", 1, "deep", "nothing", "below"), 5),
        (("items", 7), 2),
        (("name", "below"), 1),
        (("nothing",), 1),
    ],
)
def test_the_line_of_a_place_is_that_of_its_key_or_the_nearest_above(
    tmp_path: Path, place: tuple[str | int, ...], line: int
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("name: x\nitems:\n- a: 1\n- b: 2\n  deep:\n    key: 3\n")
    assert yamlfile.line_of(path, place) == line
