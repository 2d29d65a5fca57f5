# SPDX-License-Identifier: Apache-2.0
"""``scs scopes`` and ``scs scopes diff``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from second_form import write_second_form

from pytest_scs.base.paths import SCOPES
from pytest_scs.cli import main

Capture = pytest.CaptureFixture[str]

DAY = "--date=2026-11-20"
IAAS = SCOPES / "scs-compatible-iaas.yaml"


@pytest.fixture
def said(capsys: Capture) -> Callable[..., str]:
    """What a command prints; it is fine, and says nothing on standard error."""

    def call(*words: str) -> str:
        assert main(["scopes", *words, DAY]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return call


def as_json(text: str) -> Any:
    return json.loads(text)


def test_every_version_has_a_line_with_validity_and_counts(said: Callable[..., str]) -> None:
    lines = said().splitlines()
    assert lines[0] == "On 2026-11-20 (UTC):"
    assert "iaas: SCS-compatible IaaS" in lines
    assert "beyond: SCS IaaS beyond the official suite (unofficial), not official" in lines
    [line] = [line for line in lines if line.startswith("  iaas-v5.1 ")]
    assert line.split(None, 1)[1].startswith("effective since 2024-12-19; 54 testcases in main, ")
    [line] = [line for line in lines if line.startswith("  iaas-v3 ")]
    assert line.split(None, 1)[1].startswith("deprecated; 16 testcases in main")
    assert "effective: in force, certificates are given for this version." in lines
    assert "draft: it can be tried out, and nobody can be certified for it yet." in lines
    assert not [line for line in lines if line.startswith("warn:")]


def test_the_list_is_there_for_programs(said: Callable[..., str]) -> None:
    listed = as_json(said("--json"))
    scopes = {scope["scope"]: scope for scope in listed["scopes"]}
    assert listed["date"] == "2026-11-20"
    assert (scopes["iaas"]["official"], scopes["beyond"]["official"]) == (True, False)
    versions = {version["label"]: version for version in scopes["iaas"]["versions"]}
    v51 = versions["iaas-v5.1"]
    assert (v51["validity"], v51["since"], v51["until"], v51["certifiable"]) == ("effective", "2024-12-19", None, True)
    assert (v51["stable"], v51["stabilized_at"], v51["testcases"]["main"]) == (True, "2024-12-19", 54)
    assert versions["iaas-v4"]["warnings"] == ["not in force any more: nobody can be certified for it; in force: v5.1"]


def test_a_version_that_is_named_shows_its_testcases(said: Callable[..., str]) -> None:
    lines = said("iaas-v5.1").splitlines()
    assert lines[0].startswith("iaas-v5.1: SCS-compatible IaaS v5.1, effective since 2024-12-19; 54 testcases in main,")
    # As in the plan of a run.
    place = lines.index("  scs-0100-syntax-check: light; iaas-v5.1 main through scs-0100-v3.1")
    assert lines[place - 1] == "scs-0100 Flavor names"
    assert lines[place + 1] == "      Every flavor whose name begins with `SCS-` follows the naming grammar."
    assert "  scs-0101-entropy-avail: heavy; iaas-v5.1 main through scs-0101-v1" in lines


def test_testcases_are_there_for_programs(said: Callable[..., str]) -> None:
    shown = as_json(said("iaas-v5.1", "kaas-v1", "--json"))
    assert [version["label"] for version in shown["versions"]] == ["iaas-v5.1", "kaas-v1"]
    assert shown["versions"][1]["scope"]["name"] == "SCS-compatible KaaS"
    testcases = {one["id"]: one for one in shown["testcases"]}
    one = testcases["cncf-k8s-conformance"]
    assert (one["standard"], one["cost"], one["lifetime"], one["manual"]) == ("scs-0201", "heavy", "year", False)
    assert one["demanded_by"] == [{"version": "kaas-v1", "target": "main", "module": "cncf-k8s-conformance"}]
    in_main = [
        one for one in shown["testcases"] if {"iaas-v5.1", "main"} <= {*one["demanded_by"][0].values()}
    ]  # fmt: skip
    assert len(in_main) == 54


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("iaas-v4", "WARNING: iaas-v4 is not in force any more: nobody can be certified for it; in force: v5.1\n"),
        ("iaas-v5.1", ""),
        ("iaas-next", ""),
    ],
)
def test_a_version_nobody_should_choose_is_warned_of(capsys: Capture, name: str, warning: str) -> None:
    assert main(["scopes", name, DAY]) == 0
    assert capsys.readouterr().err == warning


@pytest.mark.parametrize(
    ("day", "code", "warning"),
    [
        (
            "2025-02-01",
            "warn since 2025-02-01, from 2025-07-01 deprecated",
            "to expire on 2025-07-01, in 150 days",
        ),
        ("2025-01-15", "effective since 2024-12-19, from 2025-02-01 warn", ""),
    ],
)
def test_the_list_warns_of_what_expires(capsys: Capture, day: str, code: str, warning: str) -> None:
    assert main(["scopes", f"--date={day}"]) == 0
    out, err = capsys.readouterr()
    assert f"  iaas-v4         {code}; 39 testcases" in out
    assert warning in err
    assert ("iaas-v4" in err) == bool(warning)
    # What is over already has its line in the list, and is no news.
    assert "iaas-v3" not in err


def test_init_warns_too(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "iaas-v4", "--cloud", "mycloud"]) == 0
    assert "WARNING: iaas-v4 is not in force any more" in capsys.readouterr().err


def test_the_difference_says_what_is_still_to_be_done(said: Callable[..., str]) -> None:
    text = said("diff", "iaas-v5.1", "iaas-next")
    lines = text.splitlines()
    assert lines[0] == (
        "From SCS-compatible IaaS v5.1 (iaas-v5.1, effective since 2024-12-19) to "
        "SCS-compatible IaaS next (iaas-next, draft since 2025-09-09), on 2026-11-20:"
    )
    place = lines.index("To be met in addition (3):")
    assert lines[place + 1] == (
        "  scs-0102-prop-os_purpose: light; main through scs-0102-v2; in recommended of the other version"
    )
    assert lines[place + 2].startswith("      The purpose of every image is one of")
    assert lines[place + 3].startswith("      https://docs.scs.community/standards/scs-0102-w1")
    place = lines.index("No longer demanded (2):")
    assert lines[place + 1] == "  scs-0123-service-placement: light; main through scs-0123-v1"
    assert "Demanded by both: 52 testcases." in lines
    # What moved between targets is said once.
    assert text.count("scs-0102-prop-os_purpose:") == 1
    link = "https://docs.scs.community/standards/scs-0102-v2-image-metadata"
    place = lines.index(f"  scs-0102-v1 -> scs-0102-v2: Properties of images, v2; {link}")
    assert lines[place + 1] == "      + scs-0102-prop-os_purpose"


def test_the_difference_is_there_for_programs(said: Callable[..., str]) -> None:
    found = as_json(said("diff", "iaas-v5.1", "iaas-next", "--json"))
    assert (found["from"]["label"], found["to"]["label"]) == ("iaas-v5.1", "iaas-next")
    main_ = found["targets"]["main"]
    assert [one["id"] for one in main_["new"]] == [
        "scs-0102-prop-os_purpose", "scs-0102-os_purpose-uniqueness", "scs-0123-service-s3",
    ]  # fmt: skip
    assert main_["new"][0]["other_target"] == "recommended"
    assert main_["new"][0]["modules"] == ["scs-0102-v2"]
    assert [one["id"] for one in main_["dropped"]] == ["scs-0123-service-placement", "scs-0123-swift-s3"]
    assert (main_["dropped"][0]["other_target"], main_["same"]) == (None, 52)
    pairs = [tuple(one[side] and one[side]["id"] for side in ("before", "after")) for one in found["modules"]]
    assert pairs == [
        ("scs-0102-v1", "scs-0102-v2"),
        ("scs-0102-v1-rec", "scs-0102-v2-rec"),
        ("scs-0123-v1", "scs-0123-v2"),
    ]
    assert found["declared_otherwise"] == {}


def test_parameters_and_modules_that_come_and_go_are_named(said: Callable[..., str]) -> None:
    lines = said("diff", "iaas-v4", "iaas-v5.1").splitlines()
    [place] = [number for number, line in enumerate(lines) if line.startswith("  scs-0104-v1-1 -> scs-0104-v1-2:")]
    [parameter] = [line for line in lines[place:] if line.startswith("      image_spec: ")][:1]
    assert parameter.endswith("/scs-0104-v1-images-v5.yaml")
    assert "scs-0104-v1-images.yaml -> " in parameter
    assert any(line.startswith("  + scs-0114-v1:") for line in lines)
    assert any(line.startswith("To be met in addition (") for line in lines)


def test_the_same_version_does_not_differ(said: Callable[..., str]) -> None:
    assert said("diff", "kaas", "kaas-v1").endswith("\nNothing differs in main: 3 testcases in both.\n")


def test_files_are_compared_whatever_their_form(tmp_path: Path, said: Callable[..., str]) -> None:
    second = write_second_form(IAAS, tmp_path / "second")
    text = said("diff", "iaas-v5.1", f"{second}@v5.1")
    assert "Nothing differs in main: 54 testcases in both." in text
    document = yaml.safe_load(second.read_text())
    document["scripts"][0]["testcases"][0]["lifetime"] = "month"
    second.write_text(yaml.safe_dump(document))
    assert "  scs-0100-syntax-check: lifetime week -> month\n" in said("diff", "iaas-v5.1", f"{second}@v5.1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["iaas-v9"], "scs: scopes: 'iaas-v9': SCS-compatible IaaS has no version 'v9'; known: iaas-next, iaas-v5.1"),
        (["iass-v5.1"], "scs: scopes: unknown scope 'iass-v5.1'; did you mean 'iaas-v5.1'?"),
        (["gone.yaml"], "scs: scopes: cannot read scope file "),
        (["diff", "iaas-v5.1"], "scs: scopes: diff takes two versions, found 1; example: scs scopes diff iaas-v5.1"),
        (["diff"], "scs: scopes: diff takes two versions, found 0"),
        (["diff", "a", "b", "c"], "scs: scopes: diff takes two versions, found 3"),
        (["diff", "iaas-v5.1", "iaas"], "and 'iaas' has several in force; name one: iaas-next, iaas-v5.1"),
        (["--date=tomorrow"], "scs: scopes: --date: 'tomorrow' is not a date; write YYYY-MM-DD"),
        (["iaas", "--date=2020-01-01"], "scs: scopes: no version of SCS-compatible IaaS is in force on 2020-01-01"),
    ],
)
def test_wrong_usage_is_one_line(capsys: Capture, words: list[str], message: str) -> None:
    assert main(["scopes", *words]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_names_out_of_a_file_cannot_play_with_the_terminal(mini: str, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "mini.yaml"
    path.write_text(mini.replace("The second rule holds.", '"a\\e[31m\\nb"').replace("name: Images", 'name: "\\e]0;x"'))
    assert main(["scopes", f"{path}@v1", "--date=2026-01-01"]) == 0
    assert main(["scopes", "diff", f"{path}@v1", f"{path}@next", "--date=2026-01-01"]) == 0
    assert "\x1b" not in capsys.readouterr().out
