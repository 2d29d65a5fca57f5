# SPDX-License-Identifier: Apache-2.0
"""``--scs-sign`` in a run: before it, at its end, and that no signature lies beside a report that it is not of."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ssh_keys import make_key, sign
from test_finish import CLOSED, GOOD, INTERRUPTED, OK, end, judged

from pytest_scs.base.errors import InputError
from pytest_scs.core.results import Run
from pytest_scs.pipeline.signing.signatures import is_intact
from pytest_scs.pipeline.signing.ssh_keygen import find_ssh_keygen
from pytest_scs.run import report_signing
from pytest_scs.run.report_files import ReportFiles
from pytest_scs.run.report_place import ReportPlace
from pytest_scs.run.report_signing import check_signing, sign_reports
from pytest_scs.run.session import Session

__all__ = ["judged"]


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return make_key(tmp_path / "key")


def place(tmp_path: Path, text: str) -> ReportPlace:
    return ReportPlace.given(text, tmp_path)


def signature(path: Path) -> Path:
    return path.with_name(f"{path.name}.sig")


def signed(path: Path) -> bool:
    content = signature(path).read_bytes()
    return is_intact(find_ssh_keygen("test"), path.read_bytes(), content)


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    yield


def test_a_good_key_and_a_place_for_signatures(tmp_path: Path, key: Path) -> None:
    for text in ("report.yaml", "reports/"):
        check_signing(key, place(tmp_path, text), writing=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "key.pub"]


@pytest.mark.parametrize("name", ["report.yaml.sig", "report.unofficial.yaml.sig"])
def test_a_folder_where_the_signature_would_lie(tmp_path: Path, key: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=rf"^--scs-sign: .*{name} is a directory"):
        check_signing(key, place(tmp_path, "report.yaml"), writing=True)


def test_a_device_has_no_signature_beside_it(tmp_path: Path, key: Path) -> None:
    with pytest.raises(InputError, match=r"^--scs-sign: no signature can lie beside /dev/null, which is no file"):
        check_signing(key, place(tmp_path, "/dev/null"), writing=False)


def test_a_plan_does_not_try_the_key_but_looks_at_it(tmp_path: Path, key: Path) -> None:
    key.chmod(0o644)
    with pytest.raises(InputError, match="can be read by others"):
        check_signing(key, place(tmp_path, "report.yaml"), writing=False)


@pytest.mark.parametrize("text", ["report.yaml", "reports/"])
def test_reports_are_signed_and_again_when_the_run_writes_them_again(
    make_run: Callable[..., Run], tmp_path: Path, key: Path, text: str
) -> None:
    files = ReportFiles(place(tmp_path, text))
    for now in ("2026-06-15T12:00:00+00:00", "2026-06-15T12:00:01+00:00"):
        files.write(make_run(specs=["iaas-v5.1", "beyond-v1"], now=now))
        assert not list(tmp_path.rglob("*.sig"))
        done = sign_reports(key, files.paths, at_once)
        assert done.problems == []
        assert done.written == [f"signature: {signature(path)}" for path in files.paths]
        assert len(files.paths) == 2
        assert all(map(signed, files.paths))


def test_without_the_option_an_old_signature_goes_with_its_report(
    make_run: Callable[..., Run], tmp_path: Path, key: Path
) -> None:
    ReportFiles(place(tmp_path, "report.yaml")).write(make_run(specs=["iaas-v5.1", "beyond-v1"]))
    for name in ("report.yaml", "report.unofficial.yaml"):
        sign(key, tmp_path / name)
    ReportFiles(place(tmp_path, "report.yaml")).write(make_run(specs=["iaas-v5.1"]))
    assert sorted(path.name for path in tmp_path.glob("report*")) == ["report.yaml"]


def test_a_signature_stays_with_the_report_that_could_not_be_replaced(
    make_run: Callable[..., Run], tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ReportFiles(place(tmp_path, "report.yaml")).write(make_run(specs=["iaas-v5.1"]))
    sign(key, tmp_path / "report.yaml")

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    files = ReportFiles(place(tmp_path, "report.yaml"))
    files.write(make_run(specs=["iaas-v5.1"]))
    monkeypatch.undo()
    assert files.paths == []
    assert len(files.problems) == 1
    assert signed(tmp_path / "report.yaml")


def test_an_old_signature_beside_a_free_name_in_a_folder(
    make_run: Callable[..., Run], tmp_path: Path, key: Path
) -> None:
    files = ReportFiles(place(tmp_path, "reports/"))
    files.write(make_run(specs=["iaas-v5.1"]))
    [path] = files.paths
    sign(key, path)
    path.unlink()
    again = ReportFiles(place(tmp_path, "reports/"))
    again.write(make_run(specs=["iaas-v5.1"]))
    assert again.paths == [path]
    assert not signature(path).exists()


def test_a_signature_that_cannot_be_moved_costs_no_report(
    make_run: Callable[..., Run], tmp_path: Path, key: Path
) -> None:
    (tmp_path / "report.yaml").write_text("old")
    (tmp_path / "report.yaml.sig").mkdir()
    files = ReportFiles(place(tmp_path, "report.yaml"))
    files.write(make_run(specs=["iaas-v5.1"]))
    assert files.paths == [tmp_path / "report.yaml"]
    assert "report.yaml.sig is of an earlier report, and could not be removed" in files.problems[0]
    assert sorted(path.name for path in tmp_path.glob(".*")) == []


def test_what_cannot_be_signed_is_named_and_costs_nothing_else(tmp_path: Path, key: Path) -> None:
    first, gone, last = (tmp_path / name for name in ("first.yaml", "gone.yaml", "last.yaml"))
    first.write_text("a")
    last.write_text("b")
    done = sign_reports(key, [first, gone, last], at_once)
    assert signed(first)
    assert signed(last)
    [problem] = done.problems
    assert problem.startswith(f"{gone} is not signed: --scs-sign: cannot read {gone}: No such file")
    assert problem.endswith(f"(later: scs report sign {gone} --key={key})")


def test_a_key_that_is_gone_at_the_end(tmp_path: Path, key: Path) -> None:
    key.unlink()
    (tmp_path / "a.yaml").write_text("a")
    done = sign_reports(key, [tmp_path / "a.yaml", tmp_path / "b.yaml"], at_once)
    [problem] = done.problems
    assert problem.startswith("2 reports are not signed: --scs-sign: ")
    assert "cannot read the key" in problem
    assert done.written == []


def test_an_interrupt_while_signing_leaves_nothing_half(
    tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while a security key waits for its touch."""

    def interrupted(*arguments: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(report_signing.Signer, "_answer", interrupted)
    (tmp_path / "a.yaml").write_text("a")
    done = sign_reports(key, [tmp_path / "a.yaml"], at_once)
    assert done.interrupted
    assert "a.yaml is not signed: it was interrupted (later: " in done.problems[0]
    assert not signature(tmp_path / "a.yaml").exists()


@pytest.mark.parametrize(("verdict", "code"), [("PASS", 6), ("FAIL", 1)])
def test_a_report_that_could_not_be_signed_keeps_a_run_from_being_perfect(
    judged: Callable[..., Session], tmp_path: Path, key: Path, verdict: str, code: int
) -> None:
    active = judged({**GOOD, CLOSED: verdict}, report=tmp_path / "report.yaml", sign=key)
    key.unlink()
    assert end(active) == code
    assert "report.yaml is not signed: --scs-sign: cannot read the key " in active.outcome.problems[0]
    assert active.outcome.run
    assert (tmp_path / "report.yaml").exists()


def test_a_run_that_was_interrupted_has_its_report_signed(
    judged: Callable[..., Session], tmp_path: Path, key: Path
) -> None:
    active = judged(GOOD, report=tmp_path / "report.yaml", sign=key)
    assert end(active, INTERRUPTED) == INTERRUPTED
    assert signed(tmp_path / "report.yaml")


def test_a_run_that_is_interrupted_while_it_signs(
    judged: Callable[..., Session], tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    active = judged(GOOD, report=tmp_path / "report.yaml", sign=key)

    def interrupted(*arguments: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(report_signing.Signer, "_answer", interrupted)
    assert end(active, OK) == INTERRUPTED
    assert (tmp_path / "report.yaml").exists()


def test_a_bad_key_is_found_before_anything_is_contacted(
    judged: Callable[..., Session], tmp_path: Path, key: Path, boxes: Any
) -> None:
    key.chmod(0o644)
    with pytest.raises(InputError, match=r"^--scs-sign: .*key can be read by others \(mode 0644\)"):
        judged(GOOD, report=tmp_path / "report.yaml", sign=key)
    assert boxes.opened == []
