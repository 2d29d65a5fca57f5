# SPDX-License-Identifier: Apache-2.0
"""Where the reports of a run lie: no file that people send holds anything unofficial."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from report_text import render

from pytest_scs.base import files
from pytest_scs.base.errors import InputError
from pytest_scs.base.paths import SCOPES
from pytest_scs.core.results import Run
from pytest_scs.core.scope import Scope
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.verdict import Verdict
from pytest_scs.run.report_files import ReportFiles, check_reports
from pytest_scs.run.report_place import ReportPlace

IAAS = load_scope(SCOPES / "scs-compatible-iaas.yaml")
BEYOND = load_scope(SCOPES / "beyond.yaml")


@pytest.fixture
def kaas(mini: str, tmp_path: Path) -> Scope:
    """A second official scope, known by its UUID."""
    path = tmp_path / "scs-compatible-kaas.yaml"
    path.write_text(mini.replace("0f6d2a34-9f5e-4c27-8a53-3c1e4b7d9a01", "1fffebe6-fd4b-44d3-a36c-fc58b4bb0180"))
    return load_scope(path)


def place(tmp_path: Path, text: str) -> ReportPlace:
    return ReportPlace.given(text, tmp_path)


def scopes_in(path: Path) -> list[str]:
    return [document["spec"]["name"] for document in yaml.safe_load_all(path.read_text())]


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("text", "sibling"),
    [
        ("report.yaml", "report.unofficial.yaml"),
        ("report", "report.unofficial"),
        ("my.report.yml", "my.report.unofficial.yml"),
        ("report.unofficial.yaml", "report.unofficial.unofficial.yaml"),
    ],
)
def test_a_file_has_a_sibling_for_what_is_unofficial(tmp_path: Path, text: str, sibling: str) -> None:
    given = place(tmp_path, text)
    assert (given.path, given.folder, given.sibling) == (tmp_path / text, False, tmp_path / sibling)
    assert list(given.outputs.values()) == [given.path, given.sibling]


def test_a_folder_ends_with_a_slash_or_exists(tmp_path: Path) -> None:
    assert place(tmp_path, "new/").folder
    assert place(tmp_path, ".").folder
    (tmp_path / "there").mkdir()
    assert place(tmp_path, "there").folder
    assert list(place(tmp_path, "new/").outputs) == ["--scs-report"]
    assert not place(tmp_path, "x" * 300).folder


def test_home_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert place(Path("/elsewhere"), "~/report.yaml").path == tmp_path / "report.yaml"


@pytest.mark.parametrize("scopes", [(IAAS,), (BEYOND,), (IAAS, BEYOND)])
def test_one_subject_and_one_official_scope_go_into_a_file(tmp_path: Path, scopes: tuple[Scope, ...]) -> None:
    check_reports(place(tmp_path, "report.yaml"), [("a", scope) for scope in scopes], writing=True)
    assert below(tmp_path) == []


def test_more_than_one_report_needs_a_folder(tmp_path: Path, kaas: Scope) -> None:
    several = {
        "2 subjects (a, b)": [("a", IAAS), ("b", IAAS)],
        "3 subjects (a, b, c)": [("a", BEYOND), ("b", BEYOND), ("c", BEYOND)],
        "2 official scopes (SCS-compatible IaaS, SCS-compatible Mini)": [("a", IAAS), ("a", BEYOND), ("a", kaas)],
        "2 official scopes (SCS-compatible IaaS)": [("same", IAAS), ("same", IAAS)],
    }
    for words, reports in several.items():
        with pytest.raises(InputError) as caught:
            check_reports(place(tmp_path, "report.yaml"), reports, writing=False)
        assert str(caught.value) == (
            f"--scs-report: report.yaml holds one report, but there are {words}; give a folder: --scs-report=DIR/"
        )
        check_reports(place(tmp_path, "reports/"), reports, writing=True)


def test_beside_a_device_there_is_nothing(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.symlink_to(os.devnull)
    check_reports(place(tmp_path, "device"), [("a", IAAS)], writing=True)
    with pytest.raises(InputError, match=r"for the unofficial scope .*; give a folder: --scs-report=DIR/$"):
        check_reports(place(tmp_path, "device"), [("a", IAAS), ("a", BEYOND)], writing=True)


@pytest.mark.parametrize(
    ("text", "reports", "words"),
    [
        ("no/such/report.yaml", [("a", IAAS)], "there is no directory "),
        ("no/such/report.yaml", [("a", BEYOND)], "there is no directory "),
        ("taken/", [("a", IAAS)], "is no directory, so "),
        ("taken/more/", [("a", IAAS)], "is no directory, so "),
        ("reports/", [("a" * 300, IAAS)], "File name too long"),
        ("reports/", [("..", IAAS)], "no folder can be named after the subject '..'; give it another name"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_run(
    tmp_path: Path, text: str, reports: list[tuple[str, Scope]], words: str
) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError) as caught:
        check_reports(place(tmp_path, text), reports, writing=True)
    line = str(caught.value)
    assert line.startswith("--scs-report: ")
    assert words in line
    assert below(tmp_path) == ["taken"]


def test_a_sibling_that_cannot_be_written_is_refused_where_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / "report.unofficial.yaml").mkdir()
    check_reports(place(tmp_path, "report.yaml"), [("a", IAAS)], writing=True)
    with pytest.raises(InputError, match=r"report\.unofficial\.yaml is a directory"):
        check_reports(place(tmp_path, "report.yaml"), [("a", IAAS), ("a", BEYOND)], writing=True)


def test_a_folder_that_takes_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(InputError, match=r"^--scs-report: cannot write .*: No space left on device; free some space"):
        check_reports(place(tmp_path, "reports/"), [("a", IAAS)], writing=True)


def test_an_official_report_is_the_file(make_run: Any, tmp_path: Path) -> None:
    written = ReportFiles(place(tmp_path, "report.yaml"))
    written.write(make_run(specs=["iaas-v5.1"]))
    assert written.written == [f"SCS report: {tmp_path / 'report.yaml'}"]
    assert written.problems == []
    assert scopes_in(tmp_path / "report.yaml") == ["SCS-compatible IaaS"]
    assert not (tmp_path / "report.unofficial.yaml").exists()


def test_what_is_unofficial_lies_beside_it(make_run: Any, tmp_path: Path, mini_path: Path) -> None:
    written = ReportFiles(place(tmp_path, "report.yaml"))
    written.write(make_run(specs=["beyond-v1", "iaas-v5.1", f"{mini_path}@v1"]))
    assert scopes_in(tmp_path / "report.yaml") == ["SCS-compatible IaaS"]
    beside = tmp_path / "report.unofficial.yaml"
    assert scopes_in(beside) == [BEYOND.name, "SCS-compatible Mini"]
    assert written.written == [
        f"SCS report: {tmp_path / 'report.yaml'}",
        f"SCS report: {beside} (unofficial: not for the compliance monitor)",
    ]


def test_the_name_of_a_scope_file_makes_nothing_official(make_run: Any, tmp_path: Path, mini: str) -> None:
    (tmp_path / "own").mkdir()
    path = tmp_path / "own" / "scs-compatible-iaas.yaml"
    path.write_text(mini)
    ReportFiles(place(tmp_path, "report.yaml")).write(make_run(specs=[f"{path}@v1"]))
    assert not (tmp_path / "report.yaml").exists()
    assert scopes_in(tmp_path / "report.unofficial.yaml") == ["SCS-compatible Mini"]


@pytest.mark.parametrize("earlier", [None, "an earlier report\n"])
def test_a_run_without_an_official_scope_leaves_the_file_alone(
    make_run: Any, tmp_path: Path, earlier: str | None
) -> None:
    path = tmp_path / "report.yaml"
    if earlier:
        path.write_text(earlier)
    written = ReportFiles(place(tmp_path, "report.yaml"))
    written.write(make_run(specs=["beyond-v1"]))
    assert (path.read_text() if path.exists() else None) == earlier
    assert written.written[-1] == (
        f"no official scope was judged, so {path} is not written"
        f"{'; what is there is of an earlier run' if earlier else ''}"
    )


def test_what_an_earlier_run_left_beside_a_new_report_goes(make_run: Any, tmp_path: Path) -> None:
    beside = tmp_path / "report.unofficial.yaml"
    ReportFiles(place(tmp_path, "report.yaml")).write(make_run(specs=["iaas-v5.1", "beyond-v1"]))
    assert beside.exists()
    written = ReportFiles(place(tmp_path, "report.yaml"))
    for _ in range(2):
        written.write(make_run(specs=["iaas-v5.1"]))
        assert not beside.exists()
        assert written.written[-1] == f"{beside} was of an earlier run, and is removed"


@pytest.mark.parametrize("text", ["", "notes of mine\n", "official", "foreign", "torn: ["])
def test_a_file_that_is_no_unofficial_report_of_ours_stays(make_run: Any, tmp_path: Path, text: str) -> None:
    if text == "official":
        text = render(make_run(specs=["iaas-v5.1"]))
    elif text == "foreign":
        text = render(make_run(specs=["beyond-v1"])).replace("tool: pytest-scs", "tool: another")
    beside = tmp_path / "report.unofficial.yaml"
    beside.write_text(text)
    written = ReportFiles(place(tmp_path, "report.yaml"))
    written.write(make_run(specs=["iaas-v5.1"]))
    assert beside.read_text() == text
    assert written.written == [f"SCS report: {tmp_path / 'report.yaml'}"]
    assert written.problems == []


def test_what_is_beside_an_old_report_stays_when_the_new_one_cannot_be_written(
    make_run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ReportFiles(place(tmp_path, "report.yaml")).write(make_run(specs=["iaas-v5.1", "beyond-v1"]))
    before = {path: path.read_text() for path in tmp_path.glob("report*")}
    full_disk(monkeypatch)
    written = ReportFiles(place(tmp_path, "report.yaml"))
    written.write(make_run(specs=["iaas-v5.1"]))
    assert written.written == []
    assert written.problems == [f"the report could not be written to {tmp_path / 'report.yaml'}: No space left"]
    assert {path: path.read_text() for path in tmp_path.glob("report*")} == before


def test_what_cannot_be_removed_is_said(make_run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    beside = tmp_path / "report.unofficial.yaml"
    beside.write_text(render(make_run(specs=["beyond-v1"])))
    monkeypatch.setattr(Path, "unlink", refuse)
    written = ReportFiles(place(tmp_path, "report.yaml"))
    written.write(make_run(specs=["iaas-v5.1"]))
    assert written.problems == [f"{beside} is of an earlier run, and could not be removed: Permission denied"]


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left")

    monkeypatch.setattr(os, "fsync", refuse)


def test_a_folder_has_a_file_for_each_subject_and_scope(make_run: Any, tmp_path: Path) -> None:
    run = make_run(specs=["iaas-v5.1", "beyond-v1"], clouds=("a", "b.c"))
    written = ReportFiles(place(tmp_path, "deep/reports/"))
    written.write(run)
    folder = tmp_path / "deep" / "reports"
    name = "2026-06-15T120344Z.yaml"
    assert below(folder) == [
        *(f"beyond/{subject}/{name}" for subject in ("a", "b.c")),
        *(f"scs-compatible-iaas/{subject}/{name}" for subject in ("a", "b.c")),
    ]
    for scope, title in (("beyond", BEYOND.name), ("scs-compatible-iaas", IAAS.name)):
        for subject in ("a", "b.c"):
            [document] = yaml.safe_load_all((folder / scope / subject / name).read_text())
            assert (document["subject"], document["spec"]["name"]) == (subject, title)
    assert written.written[:2] == [
        f"SCS report: {folder / 'scs-compatible-iaas' / 'a' / name}",
        f"SCS report: {folder / 'beyond' / 'a' / name} (unofficial: not for the compliance monitor)",
    ]


def test_no_report_in_a_folder_is_written_over(make_run: Any, tmp_path: Path) -> None:
    run: Run = make_run(specs=["iaas-v5.1"])
    for _ in range(3):
        ReportFiles(place(tmp_path, "reports/")).write(run)
    inside = tmp_path / "reports" / "scs-compatible-iaas" / "testcloud"
    assert below(inside) == [f"2026-06-15T120344Z{number}.yaml" for number in ("-2", "-3", "")]
    assert len({yaml.safe_load(path.read_text())["run"]["uuid"] for path in inside.iterdir()}) == 3


def test_one_run_that_writes_twice_has_one_report(make_run: Any, tmp_path: Path) -> None:
    written = ReportFiles(place(tmp_path, "reports/"))
    for interrupted in (True, False):
        written.write(make_run(specs=["iaas-v5.1"], interrupted=interrupted))
    [name] = below(tmp_path / "reports")
    assert yaml.safe_load((tmp_path / "reports" / name).read_text())["debug"]["interrupted"] is False
    assert len(written.written) == 1


EARLIER = "2026-05-01T08:00:00+00:00"


@pytest.mark.parametrize("text", ["reports/", "r.yaml"])
def test_where_only_verdicts_count_no_report_is_without_one(make_run: Any, tmp_path: Path, text: str) -> None:
    (tmp_path / "out").mkdir()
    for verdict in (Verdict.MISS, Verdict.ABORT):
        run = make_run()
        for result in run.subject_runs[0].results.values():
            result.official = result.text = verdict
        reports = ReportFiles(place(tmp_path / "out", text), only_verdicts=True)
        reports.write(run)
        assert bool(reports.paths) is (verdict is Verdict.ABORT)
        assert bool(below(tmp_path / "out")) is (verdict is Verdict.ABORT)
        assert ("no verdict in SCS-compatible" in reports.written[0]) is (verdict is Verdict.MISS)
        assert not reports.problems


def of_another_time(make_run: Any, testcase: str = "scs-0100-syntax-check") -> Run:
    """A run in which one verdict is about another time, and the others about that of the run."""
    run: Run = make_run(specs=["iaas-v5.1"])
    for results in (one.results for one in run.subject_runs):
        for identity, result in results.items():
            result.official = result.text = Verdict.PASS
            result.as_of = EARLIER if identity == testcase else ""
    return run


def test_what_is_of_another_time_has_a_report_of_its_own(make_run: Any, tmp_path: Path) -> None:
    written = ReportFiles(place(tmp_path, "reports/"))
    for _ in range(2):
        written.write(of_another_time(make_run))
    inside = tmp_path / "reports" / "scs-compatible-iaas" / "testcloud"
    assert below(inside) == ["2026-05-01T080000Z.yaml", "2026-06-15T120344Z.yaml"]
    old, new = (yaml.safe_load((inside / name).read_text()) for name in below(inside))
    assert str(old["checked_at"]) == "2026-05-01 08:00:00.065044"
    assert str(new["checked_at"]).startswith("2026-06-15 12:03:44")
    judged = [
        {name for one in document["run"]["invocations"].values() for name in one["results"]} for document in (old, new)
    ]
    assert judged[0] == {"scs-0100-syntax-check"}
    assert "scs-0100-syntax-check" not in judged[1]
    assert len(judged[1]) > 50
    assert written.problems == []
    assert len(written.written) == 2


def test_a_file_does_not_take_what_is_of_another_time(make_run: Any, tmp_path: Path) -> None:
    written = ReportFiles(place(tmp_path, "report.yaml"))
    written.write(of_another_time(make_run))
    document = yaml.safe_load((tmp_path / "report.yaml").read_text())
    assert "scs-0100-syntax-check" not in str(document["run"]["invocations"])
    assert written.problems == [
        "scs-0100-syntax-check: judged as of 2026-05-01 08:00:00 UTC, so it belongs into a report of its own, "
        "and is in none; give a folder: --scs-report=DIR/"
    ]


def test_one_report_that_cannot_be_written_costs_no_other(make_run: Any, tmp_path: Path) -> None:
    (tmp_path / "beyond").write_text("in the way")
    written = ReportFiles(place(tmp_path, "."))
    written.write(make_run(specs=["beyond-v1", "iaas-v5.1"]))
    assert len(written.written) == 1
    assert "scs-compatible-iaas" in written.written[0]
    [problem] = written.problems
    assert problem.startswith(f"the report could not be written to {tmp_path / 'beyond' / 'testcloud'}")


def test_a_new_file_is_whole_at_once_also_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> Any:
        raise OSError(errno.EPERM, "Operation not permitted")

    for name in ("with", "without"):
        path = tmp_path / name
        files.create_atomically(path, "text\n")
        assert path.read_text() == "text\n"
        with pytest.raises(FileExistsError):
            files.create_atomically(path, "other\n")
        assert path.read_text() == "text\n"
        monkeypatch.setattr(os, "link", refuse)
    assert below(tmp_path) == ["with", "without"]
