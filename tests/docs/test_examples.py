# SPDX-License-Identifier: Apache-2.0
"""The examples are what ``scs init`` writes, and what the systems they are for take."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import example_files
import pytest
import yaml
from needs import lacking

from pytest_scs import cli
from pytest_scs.commands.init_answers import Answers
from pytest_scs.commands.init_texts import files_for

#: What Zuul knows of these (https://zuul-ci.org/docs/zuul/latest/config/): the keys that are used here.
JOB = {"name", "description", "run", "post-run", "timeout", "post-timeout", "secrets"}

#: The modules that the playbooks may use, and what each needs.
MODULES = {
    "ansible.builtin.file": {"path", "state"},
    "ansible.builtin.pip": {"name", "virtualenv"},
    "ansible.builtin.copy": {"content", "dest", "mode"},
    "ansible.builtin.command": {"cmd"},
    "ansible.builtin.stat": {"path"},
    "ansible.builtin.fail": {"msg"},
    "ansible.posix.synchronize": {"src", "dest", "mode"},
    "zuul_return": {"data"},
}
WORDS = {"name", "environment", "register", "failed_when", "changed_when", "when", "delegate_to", "loop", "no_log"}


class _Loader(yaml.SafeLoader):
    """Knows the tag of what Zuul has encrypted."""


_Loader.add_constructor("!encrypted/pkcs1-oaep", lambda loader, node: loader.construct_sequence(node))  # type: ignore[no-untyped-call,arg-type,type-var]


def example(name: str) -> Any:
    return yaml.load((example_files.FOLDER / name).read_text("utf-8"), _Loader)


def test_the_examples_are_what_init_writes() -> None:
    found = {
        str(path.relative_to(example_files.FOLDER)): path.read_text("utf-8")
        for path in example_files.FOLDER.rglob("*")
        if path.is_file() and path.name != "README.md" and path.parent.name != "kubernetes"
    }
    assert found == example_files.render(), "python tests/docs/example_files.py writes them anew"


@pytest.mark.parametrize(
    ("schema", "name"),
    [("gitlab-ci", "gitlab/.gitlab-ci.yml"), ("github-workflows", "github/.github/workflows/scs.yml")],
)
@pytest.mark.parametrize("scope", ["iaas-v5.1", "kaas-v1"])
def test_jobs_fit_the_schema_of_their_system(tmp_path: Path, schema: str, name: str, scope: str) -> None:
    values = {"os_cloud": ["my 'cloud'"], "report": ["a b/"]} if scope.startswith("iaas") else {"kube_context": ["p"]}
    answers = Answers([scope], values, "", "j.xml" if "os_cloud" in values else "", systems=[name.partition("/")[0]])
    [text] = files_for(answers).values()
    (tmp_path / "job.yml").write_text(text)
    program = "import sys; from check_jsonschema import main; sys.exit(main())"
    files = [str(tmp_path / "job.yml"), str(example_files.FOLDER / name)]
    done = subprocess.run(
        [sys.executable, "-c", program, "--builtin-schema", f"vendor.{schema}", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_jobs_start_a_run_that_scs_understands() -> None:
    commands = [
        example("gitlab/.gitlab-ci.yml")["scs-conformance"]["script"][-1],
        re.search(r"scs run [^|\n]*(?= \|\|)", github())[0],  # type: ignore[index]
        next(
            task["ansible.builtin.command"]["cmd"].replace("{{ scs_folder }}/venv/bin/", "")
            for task in example("zuul/playbooks/scs/run.yaml")[0]["tasks"]
            if "ansible.builtin.command" in task
        ),
    ]
    for command in commands:
        arguments, unknown = cli.parser().parse_known_args(command.split()[1:])
        assert (arguments.scopes, arguments.scs_os_cloud, unknown) == (["iaas-v5.1"], ["mycloud"], [])
        assert arguments.scs_report == "report.yaml"


def github() -> str:
    [step] = [
        step for step in example("github/.github/workflows/scs.yml")["jobs"]["conformance"]["steps"] if "env" in step
    ]
    return str(step["run"])


@pytest.mark.parametrize("code", [0, 1, 6])
def test_the_github_step_ends_with_the_code_of_the_run_and_keeps_the_secret_to_itself(
    tmp_path: Path, code: int
) -> None:
    (tmp_path / "bin").mkdir()
    stand_in = tmp_path / "bin" / "scs"
    stand_in.write_text(f'#!/bin/sh\nstat -c %a "$OS_CLIENT_CONFIG_FILE"; cat "$OS_CLIENT_CONFIG_FILE"; exit {code}\n')
    stand_in.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}/bin:/usr/bin:/bin",
        "RUNNER_TEMP": str(tmp_path),
        "CLOUDS_YAML": "clouds: {}\n# %s \\n",
    }
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", github()], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert done.stdout.startswith("600\nclouds: {}\n# %s \\n\n")
    assert ("::warning::" in done.stdout) == (code == 6)


def test_the_zuul_job_is_made_of_what_zuul_knows() -> None:
    kinds = {next(iter(entry)): next(iter(entry.values())) for entry in example("zuul/.zuul.yaml")}
    assert set(kinds) == {"secret", "job", "project"}
    assert set(kinds["secret"]) == {"name", "data"}
    assert set(kinds["job"]) == JOB
    assert kinds["job"]["secrets"] == [{"name": "clouds_yaml", "secret": kinds["secret"]["name"]}]
    assert kinds["project"] == {"periodic": {"jobs": [kinds["job"]["name"]]}}
    for playbook in (kinds["job"]["run"], kinds["job"]["post-run"]):
        assert (example_files.FOLDER / "zuul" / playbook).is_file()


@pytest.mark.parametrize("name", ["run", "post"])
def test_the_zuul_playbooks_are_made_of_tasks_that_ansible_knows(name: str) -> None:
    [play] = example(f"zuul/playbooks/scs/{name}.yaml")
    assert set(play) == {"hosts", "vars", "tasks"}
    returned = 0
    for task in play["tasks"]:
        [module] = set(task) - WORDS
        assert set(task[module]) >= MODULES[module], task
        returned += module == "zuul_return"
        if "clouds_yaml.content" in str(task):
            assert task["no_log"] is True
    assert returned == 1


def test_the_crontab_line_says_nothing_unless_something_is_wrong(tmp_path: Path) -> None:
    [line] = [one for one in example_files.render()["cron/scs.cron"].splitlines() if not one.startswith("#")]
    minute, hour, *rest, command = line.split(" ", 5)
    assert (minute.isdecimal(), hour.isdecimal(), rest) == (True, True, ["*", "*", "*"])
    for code, expected in ((0, ""), (1, "said\n")):
        stand_in = tmp_path / f"scs{code}"
        stand_in.write_text(f"#!/bin/sh\necho said\nexit {code}\n")
        stand_in.chmod(0o755)
        trial = command.replace("/usr/local/bin/scs", str(stand_in)).replace("/var/lib/scs", str(tmp_path))
        done = subprocess.run(["sh", "-c", trial], capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == (expected, "")


def test_signs_of_percent_are_written_as_timers_want_them() -> None:
    answers = Answers(["iaas"], {"os_cloud": ["50% $x"]}, timers=["cron", "systemd"])
    files = files_for(answers, program="/bin/scs", folder="/srv/a b")
    assert "--cloud '50\\% $x'" in files["scs.cron"]
    assert "cd '/srv/a b' &&" in files["scs.cron"]
    assert '--cloud "50%% $$x"' in files["scs.service"]


def test_timers_take_any_path_and_any_word(tmp_path: Path) -> None:
    """Quotes of a shell are not those of systemd, in which a backslash counts as well."""
    program = tmp_path / "my programs 100%" / "scs"
    program.parent.mkdir()
    shutil.copy("/bin/true", program)
    words = {"os_cloud": ["it's", 'a"b', "c\\d"], "report": ["my reports/"]}
    files = files_for(Answers(["iaas"], words, timers=["cron", "systemd"]), program=str(program), folder="/")
    command = files["scs.cron"].splitlines()[-1].split("$(")[1].rpartition(" 2>")[0].replace("\\%", "%")
    typed = [str(program), *["run", "iaas", "--report"], "my reports/", "--cloud", "it's", "--cloud", 'a"b']
    assert shlex.split(command) == [*typed, "--cloud", "c\\d"]
    [line] = [one for one in files["scs.service"].splitlines() if one.startswith("ExecStart=")]
    path = str(program).replace("%", "%%")
    assert (
        line == f'ExecStart="{path}" run iaas --report "my reports/" --cloud "it\'s" --cloud "a\\"b" --cloud "c\\\\d"'
    )
    assert complaints_of_systemd(tmp_path, files["scs.service"], files["scs.timer"]) == []


def test_systemd_has_nothing_to_say_against_the_units(tmp_path: Path) -> None:
    files = example_files.render()
    service = files["systemd/scs.service"].replace("/usr/local/bin/scs", "/bin/true")
    assert complaints_of_systemd(tmp_path, service, files["systemd/scs.timer"]) == []


def complaints_of_systemd(tmp_path: Path, service: str, timer: str) -> list[str]:
    """What systemd says about the two units."""
    if not shutil.which("systemd-analyze"):
        lacking("systemd", "there is no systemd here")
    (tmp_path / "scs.timer").write_text(timer)
    (tmp_path / "scs.service").write_text(service)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / "scs.service"), str(tmp_path / "scs.timer")],
        capture_output=True,
        text=True,
        check=False,
    )
    # It speaks of the units of this machine, too.
    return [line for line in done.stderr.splitlines() if "scs." in line]
