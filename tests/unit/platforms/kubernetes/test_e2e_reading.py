# SPDX-License-Identifier: Apache-2.0
"""Results of the e2e suite from files: real ones of both runners, broken ones, and what may be named by mistake."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import os
import tarfile
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path

import e2e_results as made
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_scs.base.errors import InputError
from pytest_scs.core.cause import CauseKind
from pytest_scs.evidence import junit_reading
from pytest_scs.platforms.kubernetes.results import members as archives
from pytest_scs.platforms.kubernetes.results.reading import read_results
from pytest_scs.standards.kaas.e2e_run import E2eRun, Named, Part, Problem, Tally

#: Cut from archives of sonobuoy 0.57.3, the output folder of hydrophone 0.8.0, and a file of the suite itself, all from
#: Kubernetes 1.36.3.
DATA = Path(__file__).resolve().parents[3] / "data" / "e2e"


def _file(folder: Path, text: str | bytes, name: str = "junit_01.xml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_an_archive_of_sonobuoy() -> None:
    run = read_results(DATA / "sonobuoy.tar.gz")
    assert (run.runner, run.runner_version) == ("sonobuoy", "0.57.3")
    assert (run.server_version, run.suite_version, run.aggregator) == ("v1.36.3", "v1.36.3", "passed")
    assert run.started == dt.datetime(2026, 11, 27, 1, 21, 45, tzinfo=dt.UTC)
    assert run.ended == dt.datetime(2026, 11, 27, 1, 21, 59, tzinfo=dt.UTC)
    assert run.parts == (Part(5, 7579, 5),)
    assert run.every == Tally(5, 0, 7574, 0, 989, 1450)
    assert run.conformance == Tally(5, 0, 441, 0, 29, 29)
    assert run.network_policy == Tally(0, 0, 50)
    assert (run.problems, run.failures, run.suite_failures, run.flaky) == ((), (), (), ())
    assert (run.dry, run.given) == (False, False)
    assert "plugins/e2e/results/global/junit_01.xml" in run.files


def test_the_folder_it_was_unpacked_into_says_the_same(tmp_path: Path) -> None:
    with tarfile.open(DATA / "sonobuoy.tar.gz") as tar:
        tar.extractall(tmp_path, filter="data")
    packed, unpacked = read_results(DATA / "sonobuoy.tar.gz"), read_results(tmp_path)
    assert sorted(packed.files) == sorted(unpacked.files)
    assert packed.to_plain() | {"files": []} == unpacked.to_plain() | {"files": []}


def test_the_output_of_hydrophone() -> None:
    run = read_results(DATA / "hydrophone.tar.gz")
    assert (run.runner, run.server_version, run.suite_version) == ("hydrophone", "v1.36.3", "v1.36.3")
    assert run.parts == (Part(2, 7579, 2),)
    assert run.conformance.executed == 2
    assert not run.problems


def test_why_an_image_was_missing_is_told_by_the_pod() -> None:
    (problem,) = read_results(DATA / "image-missing.tar.gz").problems
    assert problem.kind is CauseKind.TIMEOUT
    assert problem.text.startswith("Plugin timeout while waiting for results so there are no results.")
    assert (
        'pod of the suite: ImagePullBackOff: Back-off pulling image "registry.k8s.io/conformance:v9.9.9"'
        in problem.text
    )
    assert "\n" not in problem.text


def test_what_was_read_can_be_recorded() -> None:
    for name in ("sonobuoy", "hydrophone", "image-missing"):
        run = read_results(DATA / f"{name}.tar.gz")
        assert E2eRun.from_plain(json.loads(json.dumps(run.to_plain()))) == run


def test_a_junit_file_alone(tmp_path: Path) -> None:
    run = read_results(_file(tmp_path, made.junit(made.conformance())))
    assert run.runner == run.server_version == ""
    assert run.parts == (Part(None, None, 446),)
    assert run.conformance == Tally(446, 0, 0, 29)
    assert run.ended == dt.datetime(2026, 11, 27, 2, 0, tzinfo=dt.UTC)


def test_a_failure_that_the_suite_itself_wrote() -> None:
    run = read_results(DATA / "failed.xml")
    name = "[sig-node] Kubelet when scheduling a read only busybox container should not write to root filesystem"
    assert run.failures == (Named(f"{name} [LinuxOnly] [NodeConformance] [Conformance]", "Timed out after 60.014s."),)
    # It was repeated, and failed again.
    assert "Attempt #1 Failed." in (DATA / "failed.xml").read_text("utf-8")
    assert (run.flaky, run.suite_failures) == ((), ())
    # Most of the file was left out here, and it is noticed.
    assert [one.text for one in run.problems] == ["failed.xml: it says that it has 7586 tests, and holds 14"]


def test_failures_are_named_with_the_first_line_of_what_they_say(tmp_path: Path) -> None:
    tests = [
        made.Test("[It] [sig-a] fails [Conformance]", "failed", "timed out waiting\nfor the condition"),
        made.Test(
            "[It] [sig-a] introduces [Conformance]", "failed", "Unexpected error:\n    <*errors.errorString>:\n    no"
        ),
        made.Test("[It] [sig-a] panics [Conformance]", "panicked", "Test Panicked"),
        made.Test("[It] [sig-a] takes too long", "timedout"),
        made.Test("[It] [sig-a] is something else", "weird"),
        made.Test("[It] [sig-a] leaves itself out", "skipped", "needs two nodes"),
        made.Test("[It] [sig-a] waits", "pending"),
    ]
    run = read_results(_file(tmp_path, made.junit(tests)))
    assert run.failures == (
        Named("[sig-a] fails [Conformance]", "timed out waiting"),
        Named("[sig-a] introduces [Conformance]", "Unexpected error: <*errors.errorString>: no"),
        Named("[sig-a] panics [Conformance]", "Test Panicked"),
        Named("[sig-a] takes too long", "In [It] at: k8s.io/kubernetes/test/e2e/network.go:42 @ 11/27/26 01:21:59.1"),
    )
    assert run.unclear == (Named("[sig-a] is something else", "status weird"),)
    assert run.left_out == (Named("[sig-a] leaves itself out", "needs two nodes"),)
    assert run.every == Tally(0, 4, 2)


def test_a_node_of_the_suite_is_no_test(tmp_path: Path) -> None:
    nodes = [
        made.Test("[SynchronizedBeforeSuite]", "failed", "no nodes"),
        made.Test("[ReportAfterSuite] [sig-testing] Log"),
    ]
    run = read_results(_file(tmp_path, made.junit([], nodes, SuiteSucceeded="false")))
    assert run.suite_failures == (Named("[SynchronizedBeforeSuite]", "no nodes"),)
    assert run.every == Tally()
    assert not run.problems


@pytest.mark.parametrize("where", ["output", "log"])
def test_a_test_that_passed_when_it_was_repeated(where: str, tmp_path: Path) -> None:
    output = "STEP\n\nAttempt #1 Failed.  Retrying ↺ @ 11/27/26 01:21:59\n" if where == "output" else ""
    name = "[sig-a] Pods are flaky [Conformance]"
    tests = [made.Test(f"[It] {name}", output=output), made.Test("[It] [sig-a] Pods are flaky")]
    files = made.sonobuoy(tests, flaky=[] if output else [f"{name} [Conformance]", "[sig-a] Nobody knows this"])
    run = read_results(made.folder(tmp_path, files))
    assert run.flaky == (name,)
    assert (run.every.passed, run.failures) == (2, ())


def test_the_worst_of_several_entries_of_a_test_counts_unless_it_was_repeated(tmp_path: Path) -> None:
    names = [f"[It] [sig-a] {letter}" for letter in "abc"]
    first = [made.Test(names[0], "failed", "x"), made.Test(names[1], "skipped"), made.Test(names[2], "failed", "x")]
    second = [made.Test(names[0]), made.Test(names[1]), made.Test(names[2], output="Attempt #1 Failed.")]
    files = {"junit_01.xml": made.junit(first), "junit_02.xml": made.junit(second), "e2e.log": made.log(3)}
    run = read_results(made.folder(tmp_path, files))
    assert run.failures == (Named("[sig-a] a", "x"),)
    assert run.flaky == ("[sig-a] c",)
    assert run.every == Tally(2, 1, 0)
    assert run.parts == (Part(3, 7579, 3),)


def test_two_runs_make_one_result(tmp_path: Path) -> None:
    parallel = made.folder(tmp_path / "1", made.sonobuoy(made.conformance(serial="skipped")))
    serial = made.archive(tmp_path / "2.tar.gz", made.sonobuoy(made.conformance("skipped", "passed")))
    run = read_results(parallel, serial)
    assert run.parts == (Part(417, 7579, 417), Part(29, 7579, 29))
    assert run.conformance == Tally(446, 0, 0, 29)
    assert run.network_policy.skipped == made.NETWORK_POLICY


def test_a_failure_in_one_of_two_runs_stays_one(tmp_path: Path) -> None:
    name = "[It] [sig-a] both"
    for number, test in enumerate([made.Test(name, "failed", "x"), made.Test(name, output="Attempt #1 Failed.")]):
        made.folder(tmp_path / str(number), made.sonobuoy([test]))
    run = read_results(tmp_path)
    assert run.failures == (Named("[sig-a] both", "x"),)
    assert len(run.parts) == 2


def test_a_dry_run_is_told_by_the_file_or_by_the_definition(tmp_path: Path) -> None:
    assert read_results(_file(tmp_path, made.junit(made.conformance(), DryRun="true"))).dry
    environment = [{"name": "E2E_DRYRUN", "value": "true"}, {"name": "POD", "valueFrom": {}}]
    definition = json.dumps({"Definition": {"spec": {"env": environment}}})
    files = made.sonobuoy(made.conformance()) | {"plugins/e2e/definition.json": definition}
    assert read_results(made.folder(tmp_path / "a", files)).dry


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text[: len(text) // 2], "it is not well-formed XML"),
        (lambda text: "", "it is not well-formed XML: no element found"),
        (lambda text: text.replace("<testsuites", "<!DOCTYPE a>\n<testsuites", 1), "it has a document type"),
        (lambda text: "<html></html>", "its root element is 'html'"),
        (lambda text: text.replace("</testcase>", "<testcase/></testcase>", 1), "one of its tests holds another one"),
        (lambda text: text.replace("utf-8", "x"), ""),
    ],
)
def test_what_is_wrong_with_a_junit_file_is_a_problem_beside_what_was_read(
    change: Callable[[str], str], words: str, tmp_path: Path
) -> None:
    failing = made.Test("[It] [sig-a] first [Conformance]", "failed", "broken")
    files = made.sonobuoy([failing, *made.conformance()])
    name = "plugins/e2e/results/global/junit_01.xml"
    files[name] = change(files[name])
    run = read_results(made.archive(tmp_path / "a.tar.gz", files))
    assert [problem.text.startswith(f"{name}: {words}") for problem in run.problems] == [True] * bool(words)
    if words.endswith("XML") or not words:
        assert run.failures == (Named("[sig-a] first [Conformance]", "broken"),)


def test_a_time_out_of_sonobuoy(tmp_path: Path) -> None:
    run = read_results(made.archive(tmp_path / "a.tar.gz", made.timed_out()))
    assert run.problems == (Problem(made.PLUGIN_TIMEOUT, CauseKind.TIMEOUT),)
    assert (run.aggregator, run.every, run.started) == ("failed", Tally(), None)
    assert run.ended == dt.datetime.fromtimestamp(made.CHANGED, dt.UTC)


def test_a_suite_that_gave_up_says_so(tmp_path: Path) -> None:
    text = made.junit(made.conformance(), SpecialSuiteFailureReason="Suite Timeout Elapsed", SuiteSucceeded="false")
    run = read_results(_file(tmp_path, text))
    assert run.problems == (Problem("the suite says: Suite Timeout Elapsed", CauseKind.TIMEOUT),)


@pytest.mark.parametrize("by", ["suite", "sonobuoy"])
def test_success_is_not_made_of_a_failure_without_a_name(by: str, tmp_path: Path) -> None:
    files = made.sonobuoy(made.conformance())
    if by == "suite":
        files["plugins/e2e/results/global/junit_01.xml"] = made.junit(made.conformance(), SuiteSucceeded="false")
    else:
        tree = "plugins/e2e/sonobuoy_results.yaml"
        files[tree] = files[tree].replace("status: passed", "status: failed", 1)
    (problem,) = read_results(made.folder(tmp_path, files)).problems
    assert problem.text.endswith("and no failure is named")


def test_a_folder_without_junit_file(tmp_path: Path) -> None:
    run = read_results(made.folder(tmp_path, {"e2e.log": made.log(446)}))
    assert run.problems == (Problem("there is no JUnit file", CauseKind.OUTAGE),)
    assert run.parts == (Part(446, 7579, 0),)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty; name a tarball"),
        (b"hello", "is none of what is known here; name a tarball"),
        (gzip.compress(b"hello", mtime=0), "is no sound archive"),
        (gzip.compress(bytes(10240), mtime=0), "holds no result of the e2e suite"),
        (gzip.compress(b"hello", mtime=0)[:-4], "ends in the middle"),
        (b"\x1f\x8b\x08\x00", "ends in the middle"),
        (b"\x1f\x8bhello hello", "is no sound archive"),
    ],
)
def test_what_is_no_result_is_refused_in_one_line(content: bytes, words: str, tmp_path: Path) -> None:
    path = _file(tmp_path, content, "a")
    with pytest.raises(InputError) as caught:
        read_results(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_archive_that_ends_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = made.archive(tmp_path / "a.tar.gz", made.sonobuoy(made.conformance()))
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(InputError, match="ends in the middle; fetch it again"):
        read_results(path)


def test_other_folders_and_archives_are_refused(tmp_path: Path) -> None:
    made.folder(tmp_path / "a", {"meta/config.json": "{}", "plugins/systemd-logs/junit_01.xml": made.junit([])})
    made.archive(tmp_path / "b.tar.gz", {"readme": ""})
    for name in ("a", "b.tar.gz"):
        with pytest.raises(InputError, match="holds no result of the e2e suite; name a tarball"):
            read_results(tmp_path / name)
    with pytest.raises(InputError, match="No such file"):
        read_results(tmp_path / "c")


def _member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.size, member.linkname = kind, size, link
    return member


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (_member("plugins/e2e/x", tarfile.SYMTYPE, link="/etc/passwd"), "holds a link"),
        (_member("plugins/e2e/x", tarfile.LNKTYPE, link="meta/config.json"), "holds a link"),
        (_member("../x"), "holds a name that leads out of it"),
        (_member("a/../../x"), "holds a name that leads out of it"),
        (_member("/etc/x"), "holds a name that leads out of it"),
        (_member("x", tarfile.FIFOTYPE), "holds something that is neither file nor folder"),
        (_member("x", size=5 * 1024**3), "holds a file of more than 4 GiB"),
        (_member("x", tarfile.XHDTYPE, size=64 * 1024**2), "has a header that no archive of a result has"),
    ],
)
def test_an_archive_that_is_a_trap_is_refused(member: tarfile.TarInfo, words: str, tmp_path: Path) -> None:
    path = made.archive(tmp_path / "a.tar.gz", made.sonobuoy(made.conformance()))
    with gzip.open(path) as file:
        content = file.read()
    header = member.tobuf(format=tarfile.GNU_FORMAT)
    path.write_bytes(gzip.compress(header + content))
    with pytest.raises(InputError, match=words):
        read_results(path)


def _spoiled(kind: str, packed: bytes) -> bytes:
    content = gzip.decompress(packed)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        last = archive.getmembers()[-1].offset
    match kind:
        case "without its last files":
            return gzip.compress(content[:last])
        case "within a header":
            return content[: last + 100]
        case "with a broken header":
            return gzip.compress(content[:last] + b"x" + content[last + 1 :])
        case "without its sum":
            return packed[:-8]
        case _:
            return packed[:-8] + bytes(4) + packed[-4:]


@pytest.mark.parametrize(
    "kind",
    ["without its last files", "within a header", "with a broken header", "without its sum", "with a wrong sum"],
)
def test_an_archive_that_lost_something_is_refused(kind: str, tmp_path: Path) -> None:
    path = made.archive(tmp_path / "a.tar.gz", made.sonobuoy(made.conformance()))
    path.write_bytes(_spoiled(kind, path.read_bytes()))
    with pytest.raises(InputError, match="fetch it again") as caught:
        read_results(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["link", "link to a folder", "pipe"])
def test_a_folder_with_what_is_not_read_is_refused(kind: str, tmp_path: Path) -> None:
    folder = made.folder(tmp_path / "a", made.sonobuoy(made.conformance()))
    place = folder / "plugins/e2e/results/global/junit_02.xml"
    if kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(tmp_path if kind == "link to a folder" else tmp_path / "none")
    with pytest.raises(InputError, match=r"holds (a link|something that is neither file nor folder).*junit_02\.xml"):
        read_results(folder)


def test_a_folder_that_cannot_be_looked_into_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made.folder(tmp_path / "a", made.sonobuoy(made.conformance()))
    scan = os.scandir

    def refusing(place: str) -> object:
        if str(place).endswith("global"):
            raise PermissionError(13, "Permission denied", str(place))
        return scan(place)

    monkeypatch.setattr(archives.os, "scandir", refusing)
    with pytest.raises(InputError, match=r"cannot read .*global: Permission denied"):
        read_results(folder)


@pytest.mark.parametrize("name", ["junit_\x1b[31m.xml", "junit_\n.xml", "junit_\u202e.xml", "junit_\udcff.xml"])
def test_names_of_files_are_shown_and_none_is_overlooked(name: str, tmp_path: Path) -> None:
    files = made.sonobuoy(made.conformance()) | {f"plugins/e2e/results/global/{name}": "<x"}
    run = read_results(made.archive(tmp_path / "a.tar.gz", files))
    (problem,) = run.problems
    assert "it is not well-formed XML" in problem.text
    assert all(text.isprintable() for text in (problem.text, *run.files))


def test_an_archive_is_not_unpacked_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made.archive(tmp_path / "a.tar.gz", {"x": "a" * 20000} | made.sonobuoy([]))
    monkeypatch.setattr(archives, "MOST_BYTES", 22_000)
    with pytest.raises(InputError, match="GiB unpacked"):
        read_results(path)
    monkeypatch.undo()
    monkeypatch.setattr(archives, "MOST_FILES", 3)
    with pytest.raises(InputError, match="more than 3 members"):
        read_results(path)
    with pytest.raises(InputError, match="more than 3 files"):
        read_results(made.folder(tmp_path / "b", made.sonobuoy([])))


def test_a_junit_file_is_not_read_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _file(tmp_path, made.junit(made.conformance()))
    monkeypatch.setattr(junit_reading, "MOST_CASES", 100)
    assert read_results(path).problems[0].text == "junit_01.xml: it holds more than 100 tests"
    monkeypatch.setattr(junit_reading, "MOST_BYTES", 1000)
    assert read_results(path).problems[0].text.startswith("junit_01.xml: it is larger than")


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 20))
    text = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "aaaaaaaaaa">{entities}]><testsuite name="&a19;"/>'
    (problem,) = read_results(_file(tmp_path, text)).problems
    assert problem.text == "junit_01.xml: it has a document type, which no test result has"


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"error": {"a": 1}, "pod": 7}', '{"error": null}', "\xff", '{"a": 1, "a": 2}']
)
def test_an_error_of_any_form_is_a_problem(text: str, tmp_path: Path) -> None:
    files = made.timed_out() | {"plugins/e2e/errors/global/error.json": text}
    run = read_results(made.folder(tmp_path, files))
    assert made.PLUGIN_TIMEOUT in [problem.text for problem in run.problems]
    assert all("\n" not in problem.text for problem in run.problems)


@pytest.mark.parametrize("text", ["- a", "a: [", "items: 7", "items:\n- 7\n", "x: &a 1\ny: *a\n", "é\x00"])
def test_a_tree_of_any_form_is_read_or_a_problem(text: str, tmp_path: Path) -> None:
    files = made.sonobuoy(made.conformance()) | {"plugins/e2e/sonobuoy_results.yaml": text}
    (problem,) = read_results(made.folder(tmp_path, files)).problems
    assert problem.text.startswith("plugins/e2e/sonobuoy_results.yaml: ")


def _read(path: Path) -> E2eRun | None:
    """The result, or None where it was refused in one line."""
    try:
        return read_results(path)
    except InputError as error:
        refusal = str(error)
    assert "\n" not in refusal
    return None


_WHOLE = made.junit(made.conformance()).encode()


@given(st.integers(0, len(_WHOLE) - 2))
def test_no_truncated_file_is_without_problem(length: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = _read(_file(Path(folder), _WHOLE[:length]))
    assert run is None or run.problems or not _WHOLE[length:].strip()


@given(st.binary(max_size=300) | st.text(alphabet="<>/&;! testcase=\"'[]", max_size=100).map(str.encode))
def test_random_bytes_are_refused_or_a_problem_or_hold_no_test(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("a", "junit_01.xml"):
            run = _read(_file(Path(folder), content, name))
            assert run is None or run.problems or not run.every.executed
        assert _read(Path(folder)) is None or read_results(Path(folder)).problems


@given(st.binary(max_size=200), st.integers(0, 10_000))
def test_a_damaged_archive_raises_nothing_but_one_line(content: bytes, place: int) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        data = made.junit(made.conformance()[:20]).encode()
        member = tarfile.TarInfo("plugins/e2e/results/global/junit_01.xml")
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    whole = bytearray(stream.getvalue())
    whole[place : place + len(content)] = content
    with tempfile.TemporaryDirectory() as folder:
        _read(_file(Path(folder), bytes(whole), "a.tar"))


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ('tests="450"', "it says that it has 450 tests, and holds 3"),
        ('tests="3" failures="1" errors="1"', "it says that it has 2 failures, and holds 1"),
        ('tests="3" failures="1"', ""),
        ('tests="2" failures="0"', ""),
        ('tests="many" failures="-5"', ""),
    ],
)
def test_a_file_that_holds_less_than_it_says_is_not_complete(attributes: str, words: str, tmp_path: Path) -> None:
    tests = [made.Test("[It] [sig-a] one"), made.Test("[It] [sig-a] two", "failed", "no"), made.Test("[It] [sig-a] 3")]
    text = made.junit(tests, nodes=()).replace("<testsuite ", f"<testsuite {attributes} ")
    run = read_results(_file(tmp_path, text))
    assert [problem.text for problem in run.problems] == ([f"junit_01.xml: {words}"] if words else [])
    assert run.failures == (Named("[sig-a] two", "no"),)


@pytest.mark.parametrize("status", ["timeout", "unknown", "failed"])
def test_a_status_that_only_sonobuoy_tells_of_is_not_passed(status: str, tmp_path: Path) -> None:
    """DEV-0201-5."""
    files = made.sonobuoy(made.conformance())
    files["plugins/e2e/sonobuoy_results.yaml"] += (
        "    - name: '[It] [sig-node] Pods\n        do thing 7 [Conformance]'\n      details:\n        failure: |-\n"
        f"          status: passed\n          - name: x\n      status: {status}\n"
        "    - name: '[It] b'\n      status: skipped\n"
    )
    run = read_results(made.folder(tmp_path, files))
    assert run.unclear == (Named("[sig-node] Pods do thing 7 [Conformance]", f"status {status}, says sonobuoy"),)
    assert run.problems == ()


def test_a_failure_that_both_files_tell_of_is_one(tmp_path: Path) -> None:
    broken = made.Test("[It] [sig-node] Pods do it [Conformance]", "failed", "no")
    files = made.sonobuoy([*made.conformance(), broken])
    files["plugins/e2e/sonobuoy_results.yaml"] += f"    - name: '{broken.name}'\n      status: failed\n"
    run = read_results(made.folder(tmp_path, files))
    assert (run.unclear, [one.name for one in run.failures]) == ((), ["[sig-node] Pods do it [Conformance]"])


@pytest.mark.parametrize(
    "words",
    [
        "no\n\nfor no reason",
        "no\n\n\n" + "and no\n" * 200_000,
        "n" * 200_000,
        "no\n- name: c\n  status: failed",
        "\n\n",
    ],
    ids=["empty line", "long", "long line", "like a tree", "empty lines"],
)
def test_what_a_failure_says_is_no_part_of_the_tree(words: str, tmp_path: Path) -> None:
    broken = made.Test("[It] [sig-node] Pods do it [Conformance]", "failed", "no")
    files = made.sonobuoy([*made.conformance(), broken])
    told = textwrap.indent(words, " " * 10)
    files["plugins/e2e/sonobuoy_results.yaml"] += (
        f"    - name: '{broken.name}'\n      status: failed\n      details:\n        failure: |-\n{told}\n"
        "    - name: '[It] [sig-node] last [Conformance]'\n      status: timeout\n"
    )
    run = read_results(made.folder(tmp_path, files))
    assert [one.name for one in run.failures] == ["[sig-node] Pods do it [Conformance]"]
    assert run.unclear == (Named("[sig-node] last [Conformance]", "status timeout, says sonobuoy"),)
    assert run.problems == ()


@pytest.mark.parametrize("status", ["unknown", "timeout", "running"])
def test_a_suite_that_did_not_end_well_for_sonobuoy_is_a_problem(status: str, tmp_path: Path) -> None:
    files = made.sonobuoy(made.conformance())
    tree = "plugins/e2e/sonobuoy_results.yaml"
    files[tree] = files[tree].replace("status: passed", f"status: {status}", 1)
    (problem,) = read_results(made.folder(tmp_path, files)).problems
    assert problem.text == f"sonobuoy says of the suite: {status}, and no failure is named"


@pytest.mark.parametrize("timestamp", ["9999-12-31T23:59:59", "0001-01-01T00:00:00+14:00", "2026-13-01", "", "now"])
def test_a_time_beyond_all_calendars_is_none(timestamp: str, tmp_path: Path) -> None:
    path = _file(tmp_path, made.junit(made.conformance(), timestamp=timestamp))
    run = read_results(path)
    assert run.started is None
    assert run.ended == dt.datetime.fromtimestamp(int(path.stat().st_mtime), dt.UTC)
