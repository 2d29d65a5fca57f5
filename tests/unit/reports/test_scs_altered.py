# SPDX-License-Identifier: Apache-2.0
"""A good report, altered in each way that is known to matter, in YAML and JSON: what is said is what the monitor does.

What it does is asked of the stand-in as well, which reads reports apart from the package.
"""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from monitor_standin import KINDS, HttpError, documents_in, report_text, stored

from pytest_scs.cli import main
from pytest_scs.core.selection import known_scopes
from pytest_scs.pipeline.monitor.checking import check_content
from pytest_scs.reports.scs.validate import Problem

NOW = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
IAAS = "50393e6f-2ae1-4c5c-a62c-3b75f2abef3f"
KAAS = "1fffebe6-fd4b-44d3-a36c-fc58b4bb0180"
TESTCASE = "scs-0100-syntax-check"

A = ("run", "invocations", "a")
RESULT = (*A, "results", TESTCASE)
GONE = object()

SCOPES = known_scopes()


def good(**more: Any) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(report_text({TESTCASE: 1}, checked_at=str(NOW), **more))
    return found


def problems(content: str | bytes, form: str = "yaml") -> list[Problem]:
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    return check_content(data, SCOPES, is_json=form == "json")


def monitor_says(content: str, form: str) -> str:
    """``500``, ``empty`` or ``stored``."""
    try:
        documents = documents_in(content, KINDS[form == "json"])
        for document in documents:
            stored(document, 0)
    except HttpError as error:
        return str(error.status)
    return "stored" if documents else "empty"


def check(content: str, form: str, words: str, fatal: bool) -> None:
    found = problems(content, form)
    assert words in " / ".join(str(problem) for problem in found), (content, found)
    assert next(problem.fatal for problem in found if words in str(problem)) is fatal
    # Nothing is accepted that it answers with 500, and nothing is said to be answered so that is not.
    said = {problem.consequence for problem in found if problem.fatal}
    if monitor_says(content, form) == "500":
        assert any("500" in one for one in said), found
    else:
        assert not any(one.endswith("the monitor answers 500") for one in said), found


def written(document: Any, form: str) -> str:
    if form == "json":
        return json.dumps(document, default=str)
    return yaml.safe_dump(document, explicit_start=True, sort_keys=False)


def put(document: dict[str, Any], where: tuple[str, ...], value: Any) -> dict[str, Any]:
    holder = copied = copy.deepcopy(document)
    for step in where[:-1]:
        holder = holder.setdefault(step, {})
    if value is GONE:
        del holder[where[-1]]
    else:
        holder[where[-1]] = value
    return copied


FATAL, ADVICE = True, False

# where, values, what is said, whether it is fatal; each in YAML and JSON
VALUES: list[tuple[tuple[str, ...], list[Any], str, bool]] = [
    (
        ("debug", "x"),
        [float("nan"), float("inf"), [float("-inf")], {"a": float("nan")}],
        "the monitor answers 500",
        FATAL,
    ),
    (("debug", "x"), ["a\0b", {"a\0": 1}, [["\0"]]], "contains the character NUL", FATAL),
    (("checked_at",), ["infinity", "-infinity", "+Infinity", "INFINITY"], "breaks the monitor's pages", FATAL),
    (("checked_at",), ["yesterday", "tomorrow", "today", f"{NOW.date()}"], "stored as midnight of that day", FATAL),
    (("checked_at",), ["2026-W48-4", "soon", "", [], {}, True, None, GONE], "the monitor answers 500", FATAL),
    (("checked_at",), [1763668800, 1763668800.5, 20261120], "the monitor answers 500", FATAL),
    (("checked_at",), [str(NOW + dt.timedelta(hours=9)), str(NOW + dt.timedelta(days=1))], "never expires", FATAL),
    (("checked_at",), [str(NOW - dt.timedelta(days=20)), "1999-01-01 00:00:00"], "stored, and counts nowhere", FATAL),
    (RESULT, ["1", " 1", "+1", "01", 1.0, 0.6], "stored as 1", FATAL),
    (RESULT, ["0", 0.0, 0.5, 0.4, -0.5], "stored as 0", FATAL),
    (RESULT, [2, 3, 1000, 2**31 - 1, "2", 1.6], "counts as passed", FATAL),
    (RESULT, [True, False, "PASS", "1.0", "", [1], {}, 2**31, -(2**31) - 1, 1e30], "the monitor answers 500", FATAL),
    (RESULT, [None], "counts as missing", FATAL),
    (("run", "uuid"), [17, 1.5, 0], "stored as text", FATAL),
    (("run", "uuid"), ["a/b", "/", "a?b", "a#b", "..", ""], "its page cannot be reached", FATAL),
    (("run", "uuid"), [None, GONE, [], {}], "the monitor answers 500", FATAL),
    (("versions",), [{}, {"v5.1": {}}], "read instead of run.invocations", FATAL),
    (("spec", "uuid"), ["scs-compatible-kaas", IAAS.upper(), "iaas", "", f" {IAAS}", 5], "belongs to no scope", FATAL),
    (("spec", "uuid"), [None, GONE], "the monitor answers 500", FATAL),
    (("spec", "uuid"), ["8d5b1f0a-2c0e-4d53-9d0b-0f1f3c1c5a77"], "must not be sent to the official monitor", FATAL),
    (("run", "assignment"), [None, [], "x", 1, GONE], "stored, but its page answers 500", FATAL),
    ((*A, "stdout"), [None, "x", {"a": 1}, [1], [None], [["a"]], [True]], "stored, but its page answers 500", FATAL),
    ((*A, "stderr"), [None, "x", {"a": 1}, [1], [None], [["a"]], [True]], "stored, but its page answers 500", FATAL),
    (("subject",), [None, GONE], "the monitor answers 500", FATAL),
    (("run",), [None, [], "x", GONE], "the monitor answers 500", FATAL),
    (("spec",), [None, [], "x", GONE], "the monitor answers 500", FATAL),
    (("run", "invocations"), [None, [], "x", GONE], "the monitor answers 500", FATAL),
    ((*A, "results"), [None, [], "x", GONE], "the monitor answers 500", FATAL),
    (A, [None, [], "x"], "the monitor answers 500", FATAL),
    (("run", "argv"), [GONE, None, "x", [1]], "the pages of the coming monitor answer 500", ADVICE),
    ((*A, "cmd"), [GONE, None, 5, ["x"]], "the pages of the coming monitor answer 500", ADVICE),
    ((*A, "stderr"), [GONE], "the pages of the coming monitor answer 500", ADVICE),
    ((*A, "stdout"), [["a <b>"], ["x", "a & b"], ["`x`"], [">"]], "shown as markup", ADVICE),
    ((*A, "stderr"), [["ERROR: <b>"]], "shown as markup", ADVICE),
    ((*A, "cmd"), ["x --file <FILE>", "a && b"], "shown as markup", ADVICE),
    (("run", "assignment"), [{"os_cloud": "<b>"}, {"<b>": "x"}], "shown as markup", ADVICE),
    (("spec", "name"), ["<b>"], "shown as markup", ADVICE),
    ((*A, "results", "scs-9999-x"), [1], "it is ignored", ADVICE),
    (("subject",), ["a b", "a:b", "clöud", "a/b", "😀"], "not advisable for an account", ADVICE),
    ((*A, "error"), [1, 7, "x"], "shown wrongly", ADVICE),
    ((*A, "warning"), [1], "shown wrongly", ADVICE),
    ((*A, "critical"), [-1], "shown wrongly", ADVICE),
]

ROWS = [pytest.param(*row, id=f"{number}-{'.'.join(row[0][-2:])}") for number, row in enumerate(VALUES)]


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize(("where", "values", "words", "fatal"), ROWS)
def test_a_value_of_another_kind(where: tuple[str, ...], values: list[Any], words: str, fatal: bool, form: str) -> None:
    for value in values:
        check(written(put(good(), where, value), form), form, words, fatal)


TEXT = written(good(), "yaml")
DEEP = "[" * 45 + "]" * 45

# what is added to, or replaced in, a report in YAML; what is said; whether it is fatal
TEXTS: list[tuple[str, Callable[[str], str], str, bool]] = [
    *(
        (f"added {value}", lambda text, value=value: f"{text}note: {{x: {value}}}\n", "the monitor answers 500", FATAL)  # type: ignore[misc]
        for value in (
            *(".nan", ".NaN", ".inf", "-.Inf", "1e999", "!!binary aGk=", "!!set {a, b}"),
            *("{2026-11-20: x}", "{[a]: x}", "{? {a: b} : x}", "{.nan: x}", "{.inf: x}", "{2026-11-20 10:00:00: x}"),
            *(
                '"a\\0b"',
                '{"\\0": x}',
                '"\\ud800"',
                "!unknown x",
                "=",
                "!!python/name:os.system x",
                "a\x07b",
                "a\x7fb",
                "a\ufffeb",
            ),
            *("{a: 1, a: 2}", "{1: x, 01: y}", "{true: x, 1: y}", "{1: x, 1.0: y}", "[1", "}"),
        )
    ),
    ("key twice", lambda text: f"{text}subject: x\n", "the monitor answers 500", FATAL),
    (
        "testcase twice",
        lambda text: text.replace(f"{TESTCASE}: 1", f"{TESTCASE}: 1\n        {TESTCASE}: 1"),
        "500",
        FATAL,
    ),
    ("day", lambda text: text.replace(str(NOW), str(NOW.date())), "stored as midnight of that day", FATAL),
    ("week", lambda text: text.replace(str(NOW), "2026-W48-4"), "the monitor answers 500", FATAL),
    ("30 February", lambda text: text.replace(str(NOW), "2026-02-30 10:00:00"), "the monitor answers 500", FATAL),
    ("yes is text", lambda text: text.replace(f"{TESTCASE}: 1", f"{TESTCASE}: yes"), "the monitor answers 500", FATAL),
    ("empty", lambda text: "", "empty reports", FATAL),
    ("blank", lambda text: " \n\n", "empty reports", FATAL),
    ("comment", lambda text: "# a report\n", "empty reports", FATAL),
    ("no document", lambda text: "---\n", "the monitor answers 500", FATAL),
    ("null", lambda text: "null\n", "the monitor answers 500", FATAL),
    ("second null", lambda text: f"{text}---\n", "the monitor answers 500", FATAL),
    ("first null", lambda text: f"---\n{text}", "the monitor answers 500", FATAL),
    ("list", lambda text: "- 1\n", "the monitor answers 500", FATAL),
    ("words", lambda text: "just words\n", "the monitor answers 500", FATAL),
    ("twice", lambda text: text + text, "the monitor answers 409", FATAL),
    ("two", lambda text: text + text.replace("0b0f7a0e", "1b0f7a0e"), "one signature for all", ADVICE),
]


@pytest.mark.parametrize(("alter", "words", "fatal"), [pytest.param(*rest, id=name) for name, *rest in TEXTS])
def test_another_text(alter: Callable[[str], str], words: str, fatal: bool) -> None:
    check(alter(TEXT), "yaml", words, fatal)


@pytest.mark.parametrize("added", ["x: &x [1]\ny: *x\n", f"x: {DEEP}\n", f"x: {'9' * 120}\n"])
def test_what_is_only_not_read_here_is_not_said_to_be_refused_there(added: str) -> None:
    [problem] = problems(f"{TEXT}{added}")
    assert problem.fatal
    assert "500" not in problem.consequence
    assert "nothing of the kind is read here" in problem.consequence


JSON = written(good(), "json")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (JSON[:-1] + ', "subject": "other"}', "the last one counts"),
        (JSON.replace(f'"{TESTCASE}": 1', f'"{TESTCASE}": -1, "{TESTCASE}": 1'), "the last one counts"),
        (JSON[:-1] + ', "x": NaN}', "the monitor answers 500"),
        (JSON[:-1] + ', "x": -Infinity}', "the monitor answers 500"),
        (JSON[:-1] + ', "x": 1e999}', "the monitor answers 500"),
        (JSON[:-1] + ', "x": "\\u0000"}', "the monitor answers 500"),
        (JSON[:-1] + ', "x": "\\ud800"}', "the monitor answers 500"),
        (JSON[:-1] + ', "x": "a\tb"}', "the monitor answers 500"),
        (JSON + JSON, "the monitor answers 500"),
        (JSON[:-1], "the monitor answers 500"),
        (JSON[:-1] + ",}", "the monitor answers 500"),
        (TEXT, "the monitor answers 500"),
        ("", "the monitor answers 500"),
        ("  \n", "the monitor answers 500"),
        ("null", "the monitor answers 500"),
        ("[]", "the monitor answers 500"),
        ("5", "the monitor answers 500"),
    ],
    # The texts hold the time of the import, which differs in the workers of xdist.
    ids=map(str, itertools.count()),
)
def test_another_json(text: str, words: str) -> None:
    check(text, "json", words, FATAL)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_another_encoding(encoding: str, form: str) -> None:
    content = TEXT.replace("os_cloud: cloud-a", "os_cloud: 'ü'") if form == "yaml" else f'{JSON[:-1]}, "x": "ü"}}'
    [problem] = problems(content.encode(encoding), form)
    assert problem.fatal
    assert "the monitor answers 500" in problem.consequence


def fine() -> Iterator[tuple[str, str, str]]:
    yield "BOM", f"\ufeff{TEXT}", "yaml"
    yield "CRLF", TEXT.replace("\n", "\r\n"), "yaml"
    yield "no newline", TEXT.rstrip("\n"), "yaml"
    yield "end", f"{TEXT}...\n", "yaml"
    yield "end and comment", f"{TEXT}...\n# end\n", "yaml"
    yield "no start", TEXT.removeprefix("---\n"), "yaml"
    yield "1.1", f"%YAML 1.1\n{TEXT}", "yaml"
    yield "1.2", f"%YAML 1.2\n{TEXT}", "yaml"
    yield "emoji", f"{TEXT}note: 😀 ü\n", "yaml"
    for number in ("+1", "0x1", "01", "0o1", "0b1", "-1", "-0", "0"):
        yield number, TEXT.replace(f"{TESTCASE}: 1", f"{TESTCASE}: {number}"), "yaml"
    yield "merge key", f"{TEXT}note: {{<<: {{a: 1}}, b: 2}}\n", "yaml"
    yield "JSON in YAML", JSON, "yaml"
    yield "comments", f"# a\n{TEXT}# b\n", "yaml"
    yield "control character escaped", f'{TEXT}note: "a\\x07b"\n', "yaml"
    yield "keys of numbers", f"{TEXT}note: {{1: a, 1.5: b, null: c, '1': d}}\n", "yaml"
    yield "times elsewhere", f"{TEXT}note: [2026-11-20, 2026-11-20 10:00:00]\n", "yaml"
    yield "more keys", TEXT.replace("argv: []", "argv: []\n  more: {a: [1, null]}"), "yaml"
    yield "json", JSON, "json"
    yield "json lines", json.dumps(good(), default=str, indent=1).replace("\n", "\r\n"), "json"
    yield "json escapes", f'{JSON[:-1]}, "x": "\\u0007\\ud83d\\ude00"}}', "json"


@pytest.mark.parametrize(("text", "form"), [pytest.param(*rest, id=name) for name, *rest in fine()])
def test_what_is_fine_has_no_word(text: str, form: str) -> None:
    assert problems(text, form) == []
    assert monitor_says(text, form) == "stored"


@pytest.mark.parametrize("written_time", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.5Z", "%Y-%m-%dT%H:%M:%S+00:00"])
def test_times_that_are_fine(written_time: str) -> None:
    assert problems(TEXT.replace(str(NOW), NOW.strftime(written_time))) == []


def test_a_quoted_zone_is_dropped() -> None:
    [problem] = problems(written(put(good(), ("checked_at",), f"{NOW}+05:00"), "json"), "json")
    assert (problem.fatal, problem.consequence) == (False, "the monitor drops the zone")


def test_both_official_scopes_are_known() -> None:
    kaas = {"version-policy-check": 1, "cncf-k8s-conformance": 1}
    assert problems(report_text(kaas, scope=KAAS)) == []
    found = problems(report_text({**kaas, TESTCASE: 1}, scope=KAAS))
    assert [str(problem) for problem in found] == [
        "WARNING: report.run.invocations.a.results.scs-0100-syntax-check: is no testcase of SCS-compatible KaaS "
        "(it is ignored)"
    ]


def test_a_result_that_counts_for_a_year_is_not_expired() -> None:
    when = str(NOW - dt.timedelta(days=200))
    assert problems(report_text({"cncf-k8s-conformance": 1}, scope=KAAS, checked_at=when)) == []
    [problem] = problems(report_text({"version-policy-check": 1}, scope=KAAS, checked_at=when))
    assert problem.consequence == "stored, and counts nowhere"


def test_the_account_is_advice() -> None:
    [problem] = check_content(TEXT.encode(), SCOPES, is_json=False, account="zuul_ci")
    assert not problem.fatal
    assert problem.consequence == "the monitor answers 401 unless 'zuul_ci' is its delegate"


def test_the_announced_form_alone_is_refused_today() -> None:
    document = {
        "uuid": "0b0f7a0e-3d5c-4f0c-9d53-5a1f4d2f3a11",
        "creator": "pytest-scs 1.2.0",
        "checked_at": NOW,
        "subject": "cloud-a",
        "scope": IAAS,
        "tests": {TESTCASE: {"result": 1}},
        "log": [f"INFO: *** {TESTCASE}", f"INFO: +++ {TESTCASE}: PASS"],
    }
    check(written(document, "yaml"), "yaml", "the monitor answers 500", FATAL)
    both = {**document, **good()}
    assert problems(written(both, "yaml")) == []
    assert monitor_says(written(both, "yaml"), "yaml") == "stored"


def test_an_account_without_a_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(TEXT, "utf-8")
    for account in ("", " "):
        with pytest.raises(SystemExit) as ended:
            main(["report", "validate", f"--account={account}", str(path)])
        assert ended.value.code == 4
    assert "the account's name is empty" in capsys.readouterr().err
    assert main(["report", "validate", "--account=cloud-a", str(path)]) == 0
