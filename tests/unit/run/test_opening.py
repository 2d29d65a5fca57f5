# SPDX-License-Identifier: Apache-2.0
"""Beginning a run: live, replayed, planned, in a worker; and what is refused before anything is contacted."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy_platform import READ_AT, Boxes

from pytest_scs.base.errors import InputError
from pytest_scs.core.scope_file import load_scope
from pytest_scs.core.subject import ReportNames, Subject
from pytest_scs.evidence.inventory import Inventory
from pytest_scs.evidence.progress import Progress
from pytest_scs.evidence.recording import write_evidence
from pytest_scs.platforms import registry
from pytest_scs.platforms.platform import PlatformSettings
from pytest_scs.run.opening import open_session, open_worker
from pytest_scs.run.session import Session
from pytest_scs.run.settings import Settings

MakeRun = Callable[..., Session]

NOBODY = {"openstack": PlatformSettings(), "boxes": PlatformSettings()}

ANSWERS = """\
subject: {subject}
answers:
  scs-9903-x-asked:
    answered_by: Jane Doe
    answered_at: 2026-06-01
    questions:
      conforms:
        answer: "yes"
"""


@pytest.fixture
def evidence(boxes: Boxes, scope_path: Path, tmp_path: Path) -> Path:
    """A file with two boxes, the second read a day later, and a cloud."""
    path = tmp_path / "evidence.json"
    found = [
        Inventory(Subject("boxes", "crate"), "2026-06-15T23:59:00+00:00", sections={"lids": [{"name": "top"}]}),
        Inventory(Subject("boxes", "trunk"), "2026-06-16T00:01:00+00:00"),
        Inventory(Subject("openstack", "prod"), READ_AT),
    ]
    write_evidence(path, found, [load_scope(scope_path)])
    return path


def names(active: Session) -> list[str]:
    return [subject.name for subject in active.subjects]


def refusal(make: MakeRun, *args: str, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        make(*args, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_run_finds_its_subjects_and_contacts_none(make_run_of_boxes: MakeRun, boxes: Boxes) -> None:
    active = make_run_of_boxes("crate", "trunk")
    assert names(active) == ["crate", "trunk"]
    assert boxes.told == []
    assert active.selection.date == dt.date(2026, 6, 15)
    assert not active.is_worker
    assert active.attestations is None


def test_without_a_date_it_is_today(make_run_of_boxes: MakeRun) -> None:
    before = dt.datetime.now(dt.UTC).date()
    assert before <= make_run_of_boxes(date=None).selection.date <= dt.datetime.now(dt.UTC).date()


def test_a_plan_opens_nothing_and_writes_nothing(make_run_of_boxes: MakeRun, boxes: Boxes) -> None:
    active = make_run_of_boxes(contact=False, platforms=NOBODY, report=Path("/proc/no/report.yaml"))
    assert names(active) == ["box"]
    assert boxes.opened == []


@pytest.mark.parametrize(("key", "option"), [("report", "--scs-report"), ("record", "--scs-record")])
def test_a_file_that_cannot_be_written_is_refused_first(
    make_run_of_boxes: MakeRun, boxes: Boxes, tmp_path: Path, key: str, option: str
) -> None:
    message = refusal(make_run_of_boxes, "crate", **{key: tmp_path / "no" / "file"})
    assert message == f"{option}: there is no directory {tmp_path}/no; create it first"
    assert boxes.opened == []


def test_where_one_platform_fails_the_others_are_closed_again(
    make_run_of_boxes: MakeRun, boxes: Boxes, monkeypatch: pytest.MonkeyPatch, mini_path: Path, scope_path: Path
) -> None:
    class Tins(Boxes):
        name, variables = "tins", frozenset(("tin",))

        def open_subjects(self, *args: Any) -> Any:
            raise InputError("no tin opener")

    monkeypatch.setattr(registry, "_PLATFORMS", [*registry.platforms(), Tins()])
    mini_path.write_text(mini_path.read_text().replace("os_cloud", "tin"))
    platforms = {**NOBODY, "boxes": PlatformSettings(("crate",)), "tins": PlatformSettings(("can",))}
    scopes = (f"{scope_path}@v1", f"{mini_path}@v1")
    assert refusal(make_run_of_boxes, scopes=scopes, platforms=platforms) == "no tin opener"
    assert boxes.told == ["boxes close"]


def test_a_section_is_called_by_its_words_while_it_is_awaited(
    make_settings: Callable[..., Settings], scope_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_scs.evidence.progress.PERIOD", 0)
    said: list[str] = []
    progress = Progress()
    progress.attach(said.append, at_once=False)
    active = open_session(make_settings("crate"), scope_path.parent, progress, contact=True)
    active.note_filtered()
    active.expect({"a": ("scs-9902-x-weighed", Subject("boxes", "crate"))}, {"scs-9902-x-weighed": ["weight"]})
    active.fixture_value(Subject("boxes", "crate"), "weight")
    active.close()
    assert said == ["waiting for what the box weighs: 0 s"]


def test_a_replay_judges_what_was_recorded_of_the_platforms_that_judge(
    make_run_of_boxes: MakeRun, evidence: Path, boxes: Boxes
) -> None:
    active = make_run_of_boxes(replay=evidence, platforms=NOBODY, date=None)
    assert names(active) == ["crate", "trunk"]
    assert active.inventory(Subject("boxes", "crate")).sections == {"lids": [{"name": "top"}]}
    assert boxes.opened == []


@pytest.mark.parametrize(
    ("given", "chosen", "date"),
    [
        ((), ["crate", "trunk"], "2026-06-15"),
        (("trunk",), ["trunk"], "2026-06-16"),
        (("trunk", "crate"), ["trunk", "crate"], "2026-06-15"),
    ],
)
def test_a_replay_is_of_the_day_on_which_the_first_chosen_subject_was_read(
    make_run_of_boxes: MakeRun, evidence: Path, given: tuple[str, ...], chosen: list[str], date: str
) -> None:
    platforms = {"openstack": PlatformSettings(), "boxes": PlatformSettings(given)}
    active = make_run_of_boxes(replay=evidence, platforms=platforms, date=None)
    assert names(active) == list(chosen)
    # A cloud that is in the file, too, was read earlier and is nobody's business if boxes are named.
    assert active.selection.date == dt.date.fromisoformat(date)
    again = make_run_of_boxes(replay=evidence, platforms=platforms, date=dt.date(2026, 7, 1))
    assert again.selection.date == dt.date(2026, 7, 1)


def test_the_subject_of_a_replay_gets_the_name_that_the_user_gave(make_run_of_boxes: MakeRun, evidence: Path) -> None:
    active = make_run_of_boxes("crate", replay=evidence, subject=ReportNames("Big-One"))
    assert [one.report_name for one in active.subjects] == ["Big-One"]
    assert active.inventory(Subject("boxes", "crate")).sections


def test_a_subject_that_was_not_recorded_is_refused_with_what_there_is(
    make_run_of_boxes: MakeRun, evidence: Path
) -> None:
    assert refusal(make_run_of_boxes, "crte", replay=evidence) == (
        f"--scs-replay: {evidence} has no evidence of box 'crte'; did you mean 'crate'?; known: crate, trunk"
    )


def test_evidence_of_other_platforms_only_is_refused(make_run_of_boxes: MakeRun, evidence: Path) -> None:
    document = json.loads(evidence.read_text())
    document["clouds"], document["cause_kinds"] = document["clouds"][2:], [{}]
    evidence.write_text(json.dumps(document))
    assert refusal(make_run_of_boxes, replay=evidence, platforms=NOBODY) == (
        f"--scs-replay: {evidence} holds no boxes; it was recorded on another platform"
    )


def test_evidence_of_another_shape_is_refused(make_run_of_boxes: MakeRun, evidence: Path) -> None:
    evidence.write_text(evidence.read_text().replace('"top"', "7"))
    assert refusal(make_run_of_boxes, replay=evidence, platforms=NOBODY) == (
        f"--scs-replay: {evidence} is damaged: section lids of crate: "
        "entry 1: lid.name: expected a text, got the number 7"
    )


def test_evidence_for_another_scope_is_refused(make_run_of_boxes: MakeRun, evidence: Path, scope_path: Path) -> None:
    scope_path.write_text(scope_path.read_text().replace("7c1c1a1e", "8c1c1a1e"))
    assert "was recorded for Good boxes, not for Good boxes" in refusal(
        make_run_of_boxes, replay=evidence, platforms=NOBODY
    )


def test_a_worker_begins_the_run_of_the_main_process(
    make_run_of_boxes: MakeRun, make_settings: Callable[..., Settings], begin: Callable[..., Session], scope_path: Path
) -> None:
    main = make_run_of_boxes("crate", date=dt.date(2026, 2, 1), subject=ReportNames("Big-One"))
    told = main.for_worker()
    begin(main, ["scs-9902-x-closed"], {"scs-9902-x-closed": ["lids"]})
    settings = make_settings("nobody", date=None, report=Path("/proc/no/report.yaml"))
    worker = open_worker(settings, scope_path.parent, told, "gw0")
    assert worker.is_worker
    assert [(one.name, one.report_name) for one in worker.subjects] == [("crate", "Big-One")]
    assert worker.selection.date == dt.date(2026, 2, 1)
    assert worker.fixture_value(Subject("boxes", "crate"), "lid_count") == 1
    worker.close()
    assert Path(told["folder"]).is_dir()


def test_a_worker_gets_no_secrets(make_run_of_boxes: MakeRun) -> None:
    active = make_run_of_boxes("crate")
    active.redact.add(["hunter22"])
    assert "hunter22" not in json.dumps(active.for_worker())


def test_answers_of_people_are_about_one_of_the_subjects(make_run_of_boxes: MakeRun, tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(ANSWERS.format(subject="crate"))
    assert make_run_of_boxes("crate", attestations=path).attestations.subjects.keys() == {"crate"}
    assert "is about crate, not about trunk" in refusal(make_run_of_boxes, "trunk", attestations=path)
    path.write_text(ANSWERS.format(subject="Big-One"))
    assert make_run_of_boxes("crate", attestations=path, subject=ReportNames("Big-One")).attestations
    assert make_run_of_boxes(attestations=path, contact=False, platforms=NOBODY).attestations


def test_a_replay_takes_answers_about_what_was_recorded(
    make_run_of_boxes: MakeRun, tmp_path: Path, evidence: Path
) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(ANSWERS.format(subject="trunk"))
    assert make_run_of_boxes(replay=evidence, platforms=NOBODY, attestations=path).attestations
    assert "is about trunk, not about crate" in refusal(make_run_of_boxes, "crate", replay=evidence, attestations=path)
