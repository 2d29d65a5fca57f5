# SPDX-License-Identifier: Apache-2.0
"""The reports in folders: each once, in every form, and what is something else passed over or named."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.errors import InputError
from pytest_scs.cli import main
from pytest_scs.core.report_format import ReportFormat
from pytest_scs.core.scope import OFFICIAL
from pytest_scs.core.verdict import Verdict
from pytest_scs.pipeline import report_store
from pytest_scs.pipeline.merging import newest_results
from pytest_scs.pipeline.report_store import StoredReport, read_store
from pytest_scs.reports.scs.model import Invocation, ReportDocument, ReportedRun, ScopeReference
from pytest_scs.reports.scs.writer import render

SCOPE = OFFICIAL[0]
NOON = dt.datetime(2026, 11, 20, 12)
CARD = """---
subject: prod1
scope: 50393e6f-2ae1-4c5c-a62c-3b75f2abef3f
results:
  scs-0100-syntax-check: {report: 1, checked_at: '2026-11-20 20:00:00', expires_at: '2026-11-30 00:00:00', result: 1}
"""


def document(uuid: str = "a", at: dt.datetime = NOON, subject: str = "prod1", **results: Verdict) -> ReportDocument:
    known = results or {"scs-0100-syntax-check": Verdict.PASS}
    lines = tuple(f"ERROR: {name}: 1 of 2 flavors violates it" for name, one in known.items() if one is Verdict.FAIL)
    invocation = Invocation("i", "pytest", known, 0, (), lines)
    return ReportDocument(ScopeReference(SCOPE), at, subject, ReportedRun(uuid, invocations={"i": invocation}))


def write(path: Path, *documents: ReportDocument) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(documents))
    return path


def uuids(*places: Path) -> list[str]:
    return [report.document.uuid for report in read_store(places).reports]


def test_every_report_below_a_folder_in_the_order_of_time(tmp_path: Path) -> None:
    write(tmp_path / "x/late.yaml", document("late", NOON + dt.timedelta(1)))
    write(tmp_path / "y/z/early.yaml", document("early"))
    write(tmp_path / "two.yaml", document("first", NOON - dt.timedelta(2)), document("second", NOON - dt.timedelta(1)))
    assert uuids(tmp_path) == ["first", "second", "early", "late"]
    assert [(one.number, one.total) for one in read_store([tmp_path]).reports] == [(1, 2), (2, 2), (1, 1), (1, 1)]


@pytest.mark.parametrize("form", ReportFormat)
@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_every_form_of_a_report_is_the_same_result(tmp_path: Path, form: ReportFormat, suffix: str) -> None:
    failed = document("a", a=Verdict.FAIL, b=Verdict.PASS, c=Verdict.ABORT).in_format(form)
    path = tmp_path / f"report{suffix}"
    path.write_text(json.dumps(failed.to_plain(), default=str) if suffix == ".json" else render([failed]))
    (found,) = read_store([tmp_path]).reports
    assert found.document.format is form
    assert found.document.results == {"a": Verdict.FAIL, "b": Verdict.PASS, "c": Verdict.ABORT}
    assert found.document.said() == {"a": ["ERROR: a: 1 of 2 flavors violates it"]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("scorecard.yaml", CARD),
        ("deployment.yaml", "apiVersion: v1\nkind: Pod\nspec: {containers: []}\n"),
        ("values.yaml", "spec: {{ .Values.spec }}\n"),
        ("list.yaml", "- 1\n- 2\n"),
        ("text.json", '"a"'),
        ("evidence.json", '{"form": 3, "subjects": []}'),
        ("broken.json", '{"form": '),
        ("tests.json", '{"run": {"id": 1}, "tests": [], "spec": 1}'),
        ("certificate.yaml", "apiVersion: v1\nspec: {subject: {organizations: [a]}}\n"),
        (".hidden.yaml", "spec: [\nsubject: [\n"),
        (".report.yaml.x1y2", "spec: [\nsubject: [\n"),
        ("report.yaml.sig", "-----BEGIN SSH SIGNATURE-----"),
        ("report.yaml.sent", "{}"),
        ("report.yaml~", "spec: [\nsubject: [\n"),
        (".git/config.yaml", "spec: [\nsubject: [\n"),
    ],
)
def test_what_is_no_report_is_passed_over(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path / "good.yaml", document())
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    store = read_store([tmp_path])
    assert (len(store.reports), store.unreadable) == (1, ())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("broken.yaml", b"spec: [\nsubject: x\nchecked_at: y\n", "not valid YAML"),
        ("cut.json", b'{"spec": {"uuid": "x"}, "checked_at": "2026', "not valid JSON"),
        ("empty.yaml", b"", "the file is empty"),
        ("latin.yaml", "subject: fl\u00e4che\nspec: {}\n".encode("latin-1"), "is not UTF-8 text"),
        ("alias.yaml", b"subject: &a x\nspec: *a\n", "alias"),
        ("result.yaml", render([document()]).replace("check: 1", "check: 2").encode(), "is none of -1, 0, 1"),
        ("next.yaml", b"creator: x 1\nsubject: a\ntests: {}\n", "report.scope: is missing"),
        ("old.yaml", b"spec: {}\nsubject: a\nversions: {}\n", "is read instead of run.invocations"),
        ("large.yaml", b"spec: 1\nsubject: 2\n" + b"#" * 200, "it is larger than"),
        ("twice.yaml", render([document()]).encode() + b"subject: b\n", "occurs twice"),
    ],
)
def test_what_should_be_a_report_and_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, words: str
) -> None:
    if name == "large.yaml":
        monkeypatch.setattr(report_store, "MAX_BYTES", 100)
    (tmp_path / name).write_bytes(content)
    store = read_store([tmp_path])
    assert store.reports == ()
    (line,) = store.unreadable
    assert name in line
    assert words in line
    assert line.isprintable()
    with pytest.raises(InputError, match=name):
        read_store([tmp_path / name])


def test_a_large_file_of_others_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_store, "MAX_BYTES", 100)
    (tmp_path / "evidence.json").write_text(json.dumps({"run": "x" * 200}))
    assert read_store([tmp_path]).unreadable == ()


def test_a_score_card_that_is_named_is_refused_as_one(tmp_path: Path) -> None:
    (tmp_path / "card.yaml").write_text(CARD)
    with pytest.raises(InputError, match=r"card\.yaml: this is a score card"):
        read_store([tmp_path / "card.yaml"])


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.yaml")
    store = read_store([tmp_path])
    assert len(store.unreadable) == 1
    assert "gone.yaml: No such file or directory" in store.unreadable[0]
    with pytest.raises(InputError, match=r"cannot read report .*missing: No such file"):
        read_store([tmp_path / "missing"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed").chmod(0)
    try:
        assert "cannot read folder" in read_store([tmp_path]).unreadable[0]
    finally:
        (tmp_path / "closed").chmod(stat.S_IRWXU)


def test_a_folder_of_which_only_the_names_may_be_seen_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("closed", "open"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_text("subject: a\nrun: 1\n")
    is_file = Path.is_file

    def refusing(path: Path) -> bool:
        if path.parent.name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refusing)
    store = read_store([tmp_path])
    assert store.unreadable[0].startswith(f"cannot read folder {tmp_path}/closed: Permission denied")
    assert store.unreadable[1].startswith(f"{tmp_path}/open/a.yaml")


def test_links_in_circles_end(tmp_path: Path) -> None:
    write(tmp_path / "a/b/report.yaml", document())
    (tmp_path / "a/b/up").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert uuids(tmp_path) == ["a"]


def test_a_folder_behind_a_link_is_read(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/report.yaml", document())
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/linked").symlink_to(tmp_path / "elsewhere")
    assert uuids(tmp_path / "reports") == ["a"]


def test_a_report_that_lies_there_twice_counts_once(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", document())
    signed = write(tmp_path / "b/copy.yaml", document())
    (tmp_path / "b/copy.yaml.sig").touch()
    (tmp_path / "c.json").write_text(json.dumps(document().in_format(ReportFormat.NEXT).to_plain(), default=str))
    store = read_store([tmp_path / "a.yaml", tmp_path, tmp_path])
    assert [report.path for report in store.reports] == [signed]
    assert store.unreadable == ()


def test_another_report_with_the_same_uuid_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", document(check=Verdict.FAIL))
    write(tmp_path / "b.yaml", document(check=Verdict.PASS))
    store = read_store([tmp_path])
    assert store.reports[0].document.results == {"check": Verdict.FAIL}
    assert store.unreadable[0].endswith("but has its UUID (a): not counted")


def test_a_name_cannot_write_lines_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a\n\x1b[31mb.yaml").write_text("spec: [\nsubject: 1\n")
    (line,) = read_store([tmp_path]).unreadable
    assert line.isprintable()


def test_the_newest_result_of_each_testcase_counts(tmp_path: Path) -> None:
    old = StoredReport(tmp_path, document("a", NOON, a=Verdict.PASS, b=Verdict.PASS))
    new = StoredReport(tmp_path, document("b", NOON + dt.timedelta(microseconds=1), a=Verdict.FAIL))
    same = StoredReport(tmp_path, document("c", NOON + dt.timedelta(microseconds=1), a=Verdict.PASS))
    known = newest_results([old, new, same])["prod1", SCOPE]
    assert {name: (one.verdict, one.report) for name, one in known.items()} == {
        "a": (Verdict.FAIL, "b"),
        "b": (Verdict.PASS, "a"),
    }


def test_answers_of_people_are_known_as_such() -> None:
    asked = Invocation("q", "self-assessment of 2026-11-20, counts until 2027-03-31", {"m": Verdict.PASS})
    run = ReportedRun("a", invocations={"q": asked, **document().run.invocations})
    report = ReportDocument(ScopeReference(SCOPE), NOON, "prod1", run)
    for form in ReportFormat:
        plain = report.in_format(form).to_plain()
        (known,) = newest_results([StoredReport(Path(), ReportDocument.from_plain(plain))]).values()
        assert {name: one.attested for name, one in known.items()} == {"m": True, "scs-0100-syntax-check": False}


REPORTS = st.lists(
    st.builds(
        lambda uuid, minutes, subject, results: StoredReport(
            Path(uuid), document(uuid, NOON + dt.timedelta(minutes=minutes), subject, **results)
        ),
        st.text(min_size=1, max_size=70),
        st.integers(0, 2),
        st.sampled_from(["p", "q"]),
        st.dictionaries(st.sampled_from("abc"), st.sampled_from([Verdict.PASS, Verdict.FAIL]), min_size=1),
    ),
    max_size=6,
    unique_by=lambda report: report.document.uuid,
)


@given(REPORTS.flatmap(lambda reports: st.tuples(st.just(reports), st.permutations(reports))))
def test_the_order_of_reports_never_matters(reports: tuple[list[StoredReport], list[StoredReport]]) -> None:
    one, other = (newest_results(order) for order in reports)
    assert one == other
    assert [*one] == [*other]
    assert [[*known] for known in one.values()] == [[*known] for known in other.values()]


def test_validating_a_folder_passes_over_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "report.yaml", document(at=dt.datetime.now(dt.UTC).replace(tzinfo=None)))
    (tmp_path / "scorecard.yaml").write_text(CARD)
    assert main(["report", "validate", str(tmp_path)]) == 0
    assert "scorecard" not in capsys.readouterr().out
    (tmp_path / "cut.yaml").write_text("spec: [\nsubject: x\n")
    assert main(["report", "validate", str(tmp_path)]) == 1
