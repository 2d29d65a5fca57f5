# SPDX-License-Identifier: Apache-2.0
"""The script of all mends: what it says, and what it does where a program like ``openstack`` is called."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from needs import lacking

from pytest_scs.base.shell import command, properties
from pytest_scs.core.findings import Finding
from pytest_scs.core.results import Result, Run, RunOutcome
from pytest_scs.core.subject import Subject
from pytest_scs.reports.remediation.script import render

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]

BASH = shutil.which("bash") or "/bin/bash"

#: Writes down how it was called: words with a NUL behind each, calls with two.
STUB = """\
#!/bin/sh
for word in "$(basename "$0")" "$@"; do printf '%s\\000' "$word" >> "$CALLS"; done
printf '\\000' >> "$CALLS"
[ ! -f "$CALLS.$2" ] || { cat "$CALLS.$2"; exit 1; }
[ ! -f "$CALLS.$2.out" ] || cat "$CALLS.$2.out"
"""


class Place:
    """A folder with stubs of programs, in which a script is run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls_file = folder / "calls"
        (folder / "bin").mkdir()
        for name in ("openstack", "kubectl"):
            path = folder / "bin" / name
            path.write_text(STUB, "utf-8")
            path.chmod(0o755)

    def write(self, text: str) -> None:
        (self.folder / "fix.sh").write_text(text, "utf-8")

    def run(self, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
        self.calls_file.unlink(missing_ok=True)
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        known = {"PATH": path, "CALLS": str(self.calls_file), "LC_ALL": "C.UTF-8", **environ}
        return subprocess.run(
            [BASH, "fix.sh", *args],
            cwd=self.folder,
            env=known,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def calls(self) -> list[list[str]]:
        if not self.calls_file.exists():
            return []
        return [call.split("\0") for call in self.calls_file.read_bytes().decode().split("\0\0") if call]

    def fails(self, verb: str, output: str) -> None:
        """Let calls with this third word fail."""
        (self.folder / f"calls.{verb}").write_text(output, "utf-8")

    def answers(self, verb: str, output: str) -> None:
        (self.folder / f"calls.{verb}.out").write_text(output, "utf-8")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    folder = tmp_path / "place"
    folder.mkdir()
    return Place(folder)


def flavor(number: str, hint: str, **others: str) -> Finding:
    return Finding(f"flavor m1.{number}", "scs-0100/x", "1", "2", hint=hint, resource_id=number, **others)


def script(make_run: MakeRun, make_result: MakeResult, *findings: Finding, testcase: str = "scs-0100-one") -> str:
    result = make_result(testcase, "FAIL")
    result.findings = [*findings]
    run = make_run({testcase: result})
    return render(run, RunOutcome(run))


@pytest.fixture
def scripted(make_run: MakeRun, make_result: MakeResult, place: Place) -> Callable[..., Place]:
    """Write the script that mends some findings."""

    def make(*findings: Finding) -> Place:
        place.write(script(make_run, make_result, *findings))
        return place

    return make


CREATE = flavor("1", "openstack flavor create --vcpus 1 a")
FILL = flavor("2", "openstack image create --file FILE 'Debian 13'")


def test_without_arguments_nothing_is_done(scripted: Callable[..., Place]) -> None:
    place = scripted(CREATE, FILL)
    shown = place.run()
    assert (shown.returncode, place.calls) == (0, [])
    assert "+ openstack flavor create --vcpus 1 a" in shown.stdout
    assert re.search(
        r"\? line \d+, to be filled in: openstack image create --file FILL_IN_FILE Debian\\ 13", shown.stdout
    )
    assert shown.stdout.endswith("1 commands, 1 more to be filled in; nothing was done: --yes does it\n")


def test_it_does_what_it_shows(scripted: Callable[..., Place]) -> None:
    place = scripted(CREATE)
    done = place.run("--yes", OS_CLOUD="mycloud")
    assert (done.returncode, place.calls) == (0, [["openstack", "flavor", "create", "--vcpus", "1", "a"]])
    assert "OS_CLOUD=mycloud\nOS_AUTH_URL=(not set)" in done.stdout
    assert done.stdout.endswith("1 done, 0 there or gone already, 0 failed, 0 to be filled in\n")


def test_offenders_of_one_kind_are_a_loop(scripted: Callable[..., Place]) -> None:
    place = scripted(*(flavor(str(number), f"openstack flavor set --property a=b {number}") for number in (7, 8)))
    text = (place.folder / "fix.sh").read_text("utf-8")
    assert "ids=(\n  7  # flavor m1.7\n  8  # flavor m1.8\n)\n" in text
    assert place.run("--yes").returncode == 0
    assert [call[-1] for call in place.calls] == ["7", "8"]


def test_where_a_value_is_to_be_filled_in_it_stops(scripted: Callable[..., Place]) -> None:
    place = scripted(FILL, CREATE, flavor("3", "openstack image set --min-ram MIB 3"))
    stopped = place.run("--yes")
    assert stopped.returncode == 3
    assert "write what it should be instead of FILL_IN_" in stopped.stderr
    # What can be done goes first; then nothing that comes behind the place.
    assert [call[:3] for call in place.calls] == [["openstack", "flavor", "create"], ["openstack", "image", "list"]]
    assert not any("FILL_IN" in word for call in place.calls for word in call)
    skipped = place.run("--yes", "--skip")
    assert skipped.returncode == 3
    assert "2 to be filled in" in skipped.stdout


def test_what_was_filled_in_is_done(scripted: Callable[..., Place]) -> None:
    place = scripted(FILL)
    path = place.folder / "fix.sh"
    path.write_text(path.read_text("utf-8").replace("FILL_IN_FILE", "debian.qcow2"), "utf-8")
    assert place.run("--yes").returncode == 0
    assert place.calls[-1] == ["openstack", "image", "create", "--file", "debian.qcow2", "Debian 13"]


def test_what_is_there_already_is_no_failure(scripted: Callable[..., Place]) -> None:
    place = scripted(CREATE, flavor("2", "openstack flavor set --property a=b 2"))
    place.fails("create", "ConflictException: 409: Flavor with name a already exists.")
    again = place.run("--yes")
    assert (again.returncode, len(place.calls)) == (0, 2)
    assert "1 done, 1 there or gone already, 0 failed" in again.stdout


def test_what_has_gone_already_is_no_failure(scripted: Callable[..., Place]) -> None:
    place = scripted(flavor("1", "openstack flavor delete 1 && openstack flavor create --id 1 a  # a gap between"))
    place.fails("delete", "No Flavor found for 1")
    again = place.run("--yes")
    assert (again.returncode, len(place.calls)) == (0, 2)
    assert "# Mind: a gap between" in (place.folder / "fix.sh").read_text("utf-8")


def test_what_was_made_anew_is_not_made_anew_again(scripted: Callable[..., Place]) -> None:
    creation = "openstack flavor create --public --vcpus 2 --ram 8192 --disk 0 --id 1 a"
    place = scripted(flavor("1", f"openstack flavor delete 1 && {creation}"))
    place.answers("show", "0\nTrue\n4096\n2\n")
    assert place.run("--yes").returncode == 0
    assert [call[2] for call in place.calls] == ["show", "delete", "create"]
    place.answers("show", "0\nTrue\n8192\n2\n")
    again = place.run("--yes")
    assert (again.returncode, [call[2] for call in place.calls]) == (0, ["show"])
    assert "as it should be already" in again.stdout


def test_nothing_is_deleted_where_its_successor_may_be_another_one(scripted: Callable[..., Place]) -> None:
    place = scripted(flavor("1", "openstack flavor create b && openstack flavor delete 1"))
    place.fails("create", "Flavor b already exists")
    again = place.run("--yes")
    assert (again.returncode, [call[2] for call in place.calls]) == (0, ["create"])
    assert "what follows it is left to you" in again.stdout


def test_an_image_is_not_made_twice(scripted: Callable[..., Place]) -> None:
    mend = "openstack image create --file x 'Debian 13' && openstack image set --hidden 0ld"
    place = scripted(flavor("0ld", mend))
    place.answers("list", "0ld\n")
    assert place.run("--yes").returncode == 0
    assert [call[2] for call in place.calls] == ["list", "create", "set"]
    assert place.calls[0] == ["openstack", "image", "list", "-f", "value", "-c", "ID", "--name", "Debian 13"]
    place.answers("list", "0ld\nn3w\n")
    again = place.run("--yes")
    assert (again.returncode, [call[2] for call in place.calls]) == (0, ["list"])
    assert "there already, and left as it is: n3w" in again.stdout
    place.fails("list", "503")
    assert place.run("--yes").returncode == 1


@pytest.mark.parametrize("output", ["command not found", "Forbidden (HTTP 403)", "already busy"])
def test_one_failure_stops_nothing_and_is_told(scripted: Callable[..., Place], output: str) -> None:
    place = scripted(CREATE, flavor("2", "openstack flavor delete 2"), flavor("3", "openstack flavor set --a b 3"))
    place.fails("create", output)
    place.fails("delete", output)
    failed = place.run("--yes")
    assert (failed.returncode, len(place.calls)) == (1, 3)
    assert failed.stderr.count("FAILED, line ") == 2
    assert output in failed.stderr


def test_a_program_that_is_missing_is_named(scripted: Callable[..., Place]) -> None:
    place = scripted(CREATE)
    (place.folder / "bin" / "openstack").unlink()
    missing = place.run("--yes", PATH=str(place.folder / "bin"))
    assert missing.returncode == 2
    assert "there is no program openstack here" in missing.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--now"], "unknown argument: --now"),
        (["yes"], "unknown argument: yes"),
        (["--subject=other"], "there is nothing to be done for what --subject and --only choose"),
        (["--only=scs-0999", "--yes"], "there is nothing to be done for what --subject and --only choose"),
    ],
)
def test_wrong_usage(scripted: Callable[..., Place], args: list[str], words: str) -> None:
    place = scripted(CREATE)
    wrong = place.run(*args)
    assert (wrong.returncode, place.calls) == (2, [])
    assert words in wrong.stderr + wrong.stdout


def test_help(scripted: Callable[..., Place]) -> None:
    told = scripted(CREATE).run("--help")
    assert told.returncode == 0
    assert "usage: bash FILE" in told.stdout


def test_standards_and_subjects_can_be_chosen(make_run: MakeRun, make_result: MakeResult, place: Place) -> None:
    results = {
        "scs-0100-one": make_result("scs-0100-one", "FAIL"),
        "scs-0102-three": make_result("scs-0102-three", "FAIL"),
    }
    results["scs-0102-three"].findings = [flavor("9", "openstack image delete 9")]
    run = make_run(results, clouds=("a", "b"))
    place.write(render(run, RunOutcome(run)))
    assert place.run().returncode == 0
    stopped = place.run("--yes")
    assert (stopped.returncode, place.calls) == (2, [])
    assert "this is about several: a b; choose one with --subject=NAME" in stopped.stderr
    assert place.run("--yes", "--subject=b", "--only=scs-0102").returncode == 0
    assert place.calls == [["openstack", "image", "delete", "9"]]


@pytest.mark.parametrize(
    "hint",
    [
        "install octavia; then: openstack service create --name octavia load-balancer",
        "put TLS before the API, then openstack endpoint set",
        "openstack x | sh",
        "",
    ],
)
def test_what_no_command_can_do_is_a_comment(scripted: Callable[..., Place], hint: str) -> None:
    place = scripted(flavor("1", hint))
    assert (place.run("--yes").returncode, place.calls) == (0, [])
    text = (place.folder / "fix.sh").read_text("utf-8")
    assert (f"# By hand: {hint}\n" in text) is bool(hint)


def test_a_run_without_mends_has_a_script_that_says_so(make_run: MakeRun, place: Place) -> None:
    run = make_run()
    text = render(run, RunOutcome(run))
    assert "# There is nothing to mend." in text
    place.write(text)
    assert place.run("--yes").returncode == 0


def test_what_looks_like_something_to_fill_in_is_a_name(scripted: Callable[..., Place]) -> None:
    place = scripted(flavor("a.FILL_IN_X1", "openstack flavor delete a.FILL_IN_X1"), FILL)
    stopped = place.run("--yes")
    assert "instead of FILL_IN_HERE_..." in stopped.stderr
    assert ["openstack", "flavor", "delete", "a.FILL_IN_X1"] in place.calls


NASTY = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=40),
    st.lists(
        st.sampled_from(
            [
                "'",
                '"',
                "$(touch pwned)",
                "`touch pwned`",
                "\n",
                "; touch pwned #",
                "END_OF_IDS",
                ")",
                '"$id"',
                "--",
                "\\",
            ]
        ),
        min_size=1,
        max_size=5,
    ).map("".join),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(names=st.lists(NASTY, min_size=1, max_size=3, unique=True), value=NASTY, subject=NASTY)
def test_no_name_gets_out_of_its_quotes(
    make_run: MakeRun,
    make_result: MakeResult,
    tmp_path_factory: pytest.TempPathFactory,
    names: list[str],
    value: str,
    subject: str,
) -> None:
    place = Place(tmp_path_factory.mktemp("nasty"))
    hints = [command(["openstack", "flavor", "set", *properties({"a": value})], name) for name in names]
    result = make_result("scs-0100-one", "FAIL")
    result.findings = [
        Finding(f"flavor {name}", "scs-0100/x", name, value, hint=hint, resource_id=name)
        for name, hint in zip(names, hints, strict=True)
    ]
    result.findings.append(Finding("flavor", "scs-0100/y", "1", "2", hint=f"look at {value}, then at {subject}"))
    run = make_run({"scs-0100-one": result})
    run.subject_runs[0].subject = Subject("openstack", "testcloud", subject)
    place.write(render(run, RunOutcome(run)))
    done = place.run("--yes", "--skip")
    assert done.returncode in (0, 3), done.stderr
    assert not (place.folder / "pwned").exists()
    assert all(call[:3] == ["openstack", "flavor", "set"] for call in place.calls)
    if done.returncode == 0 and all(text.isprintable() for text in (*names, value)) and '"$id"' not in value:
        assert {call[-1] for call in place.calls} <= set(names)
        assert {call[-2].removeprefix("--property=") for call in place.calls if call[-2] != "--"} <= {f"a={value}"}


def test_shellcheck_finds_nothing(make_run: MakeRun, make_result: MakeResult, tmp_path: Path) -> None:
    if not shutil.which("shellcheck"):
        lacking("shellcheck", "no program shellcheck (Debian's package) to look at the script with")
    several = [flavor(str(number), f"openstack flavor set --property a=b {number}") for number in range(3)]
    recreated = flavor("r", "openstack flavor delete r && openstack flavor create --id r a")
    texts = [
        script(make_run, make_result, CREATE, FILL, *several, recreated, flavor("x", "do something, please")),
        script(make_run, make_result, flavor("x", "do something, please")),
    ]
    for number, text in enumerate(texts):
        path = tmp_path / f"fix{number}.sh"
        path.write_text(text, "utf-8")
        found = subprocess.run(["shellcheck", path], capture_output=True, text=True, check=False)
        assert (found.returncode, found.stdout) == (0, "")
