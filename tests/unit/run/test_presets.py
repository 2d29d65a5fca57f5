# SPDX-License-Identifier: Apache-2.0
"""Presets of a run out of the file of --scs-config: what is typed wins over the ini file, and that over them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.core.report_format import ReportFormat
from pytest_scs.core.selection import select
from pytest_scs.run.groups import check_groups, strange_members
from pytest_scs.run.options import all_options
from pytest_scs.run.presets import read_presets
from pytest_scs.run.settings import Settings, read_settings
from pytest_scs.run.subjects import select_for, subjects_of_run, with_names

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: {0}
contexts: [{{name: {0}, context: {{cluster: c, user: u}}}}, {{name: {0}-2, context: {{cluster: c, user: u}}}}]
clusters: [{{name: c, cluster: {{server: "https://127.0.0.1:9"}}}}]
users: [{{name: u, user: {{token: t}}}}]
"""

FLEET = """
[subjects.pco-prod1]
os-cloud = "prod1"
[subjects.pco-prod2]
os-cloud = "prod2"
[subjects.teuto-1]
kubeconfig = "kube/teuto.yaml"
[subjects.teuto-2]
kubeconfig = "kube/noris.yaml"
kube-context = "noris-2"
[groups]
pco = ["pco-prod1", "pco-prod2"]
[options]
scope = ["iaas-v5.1"]
report = "reports/"
judge = "text"
deadline = 30
public = true
waivers = ["w1.yaml", "/etc/w2.yaml"]
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    folder = tmp_path / "etc"
    (folder / "kube").mkdir(parents=True)
    for name in ("teuto", "noris"):
        (folder / f"kube/{name}.yaml").write_text(KUBECONFIG.format(name))
    path = folder / "scs.toml"
    path.write_text(FLEET)
    return path


def settings(pytester: pytest.Pytester, *args: str) -> Settings:
    return read_settings(pytester.parseconfigure(*args, "--help"), {"OS_CLOUD": "other"})


def judged(found: Settings, scope: str = "") -> dict[str, str]:
    selection = select((scope,) if scope else found.scopes, dt.date(2026, 11, 20), ("main",), Path())
    found = with_names(found, selection, needed=True)
    return {subject.name: subject.report_name for subject in subjects_of_run(found, selection, needed=True)}


@pytest.mark.parametrize(
    ("change", "subjects", "words"),
    [
        (
            ('"pco-prod2"]', '"pco-prdo2"]'),
            [],
            r"scs\.toml:12: groups\.pco: no subject is named 'pco-prdo2'; did you mean "
            r"'pco-prod2'\?; known: pco-prod1, pco-prod2, teuto-1, teuto-2$",
        ),
        (
            ('["pco-prod1", "pco-prod2"]', '["a", "b"]'),
            ["prod1"],
            r"scs\.toml:12: groups\.pco: no subject is named 'a'; known: ",
        ),
        (
            ("[options]", "[certificates.tuto-1]\nscs-compatible-kaas = 2026-01-10\n[options]"),
            [],
            r"scs\.toml:13: certificates\.tuto-1: .* did you mean 'teuto-1'",
        ),
        (
            ("[options]", "'teu to' = [\n'teuto-3',\n]\n[options]"),
            [],
            r"scs\.toml:13: groups\.teu to: no subject is named 'teuto-3'; did you mean",
        ),
    ],
)
def test_who_is_mistyped_in_a_group_is_told_at_the_door(
    pytester: pytest.Pytester, fleet: Path, change: tuple[str, str], subjects: list[str], words: str
) -> None:
    fleet.write_text(FLEET.replace(*change))
    found = settings(pytester, f"--scs-config={fleet}")
    with pytest.raises(InputError, match=words):
        check_groups(found, subjects)


@pytest.mark.parametrize(
    "change",
    [
        ("", ""),
        # One that is judged elsewhere, one that this run names itself, and one that only has an account.
        ('"pco-prod2"]', '"pco-prod2", "frankfurt"]'),
        ('"pco-prod2"]', '"pco-prod2", "typed"]'),
        ("[options]", "[accounts.frankfurt]\n[options]"),
    ],
)
def test_who_may_be_judged_elsewhere_is_no_mistake(
    pytester: pytest.Pytester, fleet: Path, change: tuple[str, str]
) -> None:
    fleet.write_text(FLEET.replace(*change) if change[0] else FLEET)
    found = settings(pytester, f"--scs-config={fleet}")
    check_groups(found, ["typed"])
    said = strange_members(found, ["typed"])
    assert [line.partition(": ")[2].partition(";")[0] for line in said] == (
        ["groups.pco: no subject is named 'frankfurt'"] if 'frankfurt"]' in change[1] else []
    )


def test_a_file_for_many_runs_does_not_fill_the_header(pytester: pytest.Pytester, fleet: Path) -> None:
    many = ", ".join(f'"{number:x}-elsewhere-{number}"' for number in range(2000))
    fleet.write_text(FLEET.replace('"pco-prod2"]', f'"pco-prod2", {many}]'))
    said = strange_members(settings(pytester, f"--scs-config={fleet}"), [])
    assert len(said) == 6
    assert said[-1] == f"{fleet}: 1995 more names in groups and certificates are nobody's here"


def test_without_subjects_the_file_does_not_say_who_there_is(pytester: pytest.Pytester, tmp_path: Path) -> None:
    (tmp_path / "scs.toml").write_text('options.scope = ["iaas"]\ngroups.prod = ["prod1", "prod3"]\n')
    found = settings(pytester, f"--scs-config={tmp_path / 'scs.toml'}")
    check_groups(found, ["prod2"])
    assert strange_members(found, ["prod1"]) == [
        f"{tmp_path / 'scs.toml'}: groups.prod: no subject is named 'prod3'; known: prod1"
    ]


def test_names_are_never_given_to_others_than_those_they_are_for(pytester: pytest.Pytester, fleet: Path) -> None:
    found = settings(pytester, f"--scs-config={fleet}")
    own = found.platforms["openstack"]
    fewer = {**found.platforms, "openstack": dataclasses.replace(own, preset=own.preset[:1])}
    with pytest.raises(InputError, match=r"scs\.toml: \[subjects\] names 1 clouds, and there are 2: prod1, prod2; say"):
        judged(dataclasses.replace(found, platforms=fewer))


def test_a_file_of_presets_is_a_whole_command_line(pytester: pytest.Pytester, fleet: Path) -> None:
    found = settings(pytester, f"--scs-config={fleet}")
    assert found.scopes == ("iaas-v5.1",)
    assert judged(found) == {"prod1": "pco-prod1", "prod2": "pco-prod2"}
    assert (found.judge, found.deadline, found.limit, found.public) == ("text", 30, 30, True)
    assert found.report is not None
    assert (found.report.path, found.report.folder) == (fleet.parent / "reports", True)
    assert found.pipeline.waivers == (fleet.parent / "w1.yaml", Path("/etc/w2.yaml"))
    assert found.groups == {"pco": ("pco-prod1", "pco-prod2")}
    assert found.report_format is ReportFormat.CURRENT
    assert found.inputs["--scs-config"] == fleet


def test_clusters_have_their_files_contexts_and_names(pytester: pytest.Pytester, fleet: Path) -> None:
    found = settings(pytester, f"--scs-config={fleet}", "--scs-scope=kaas-v1")
    assert judged(found) == {"teuto": "teuto-1", "noris-2": "teuto-2"}
    assert found.inputs["--scs-kubeconfig"] == fleet.parent / "kube/teuto.yaml"


def test_whoever_names_one_means_no_others_and_need_not_repeat_its_name(pytester: pytest.Pytester, fleet: Path) -> None:
    one = settings(pytester, f"--scs-config={fleet}", "--os-cloud=prod2", "--os-cloud=lab")
    assert judged(one) == {"prod2": "pco-prod2", "lab": "lab"}
    named = settings(pytester, f"--scs-config={fleet}", "--os-cloud=prod2", "--scs-subject=prod2=mine")
    assert judged(named) == {"prod2": "mine"}
    renamed = settings(pytester, f"--scs-config={fleet}", "--scs-subject=prod1=mine")
    assert judged(renamed) == {"prod1": "mine", "prod2": "pco-prod2"}


def test_typed_before_ini_before_presets(pytester: pytest.Pytester, fleet: Path) -> None:
    pytester.makeini(f"[pytest]\nscs_config = {fleet}\nscs_judge = official\nscs_public = false\nscs_scope = kaas-v1")
    found = settings(pytester, "--scs-deadline=5")
    assert (found.scopes, found.judge, found.public, found.deadline) == (("kaas-v1",), "official", False, 5)
    assert settings(pytester, "--scs-judge=text").judge == "text"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[options]\nreprot = 'x'", "options.reprot is no option with an ini key; did you mean 'report'?"),
        ("[options]\nscs_report = 'x'", "options.scs_report is no option with an ini key; did you mean 'report'?"),
        (
            "[options]\nreport-format = 'x'",
            "options.report-format is no option with an ini key; did you mean 'report_f",
        ),
        ("[options]\nrecord = 'x'", "options.record is no option with an ini key"),
        ("[options]\nconfig = 'x'", "options.config is no option with an ini key"),
        ("[options]\npublic = 'yes'", "options.public: must be true or false, not 'yes'"),
        ("[options]\njudge = true", "options.judge: must be a text, not True"),
        ("[options]\njudge = ['a']", "options.judge: must be a text, not ['a']"),
        ("[options]\nscope = [1.5, {a = 1}]", "options.scope: must be a text or a list of texts, not {'a': 1}"),
        ("[options]\nreport = ''", "options.report: is empty"),
        ("[subjects.a]\nos-clod = 'x'", "subjects.a.os-clod: names no subject; did you mean 'os-cloud'?"),
        ("[subjects.a]", "subjects.a: it is nobody; give one of os-cloud, kubeconfig, kube-context"),
        ("[subjects.a]\nos-cloud = 'x'\nkubeconfig = 'y'", "subjects.a: os-cloud, kubeconfig are of two kinds"),
        ("[subjects.a]\nos-cloud = ''", "subjects.a: is empty"),
        ("[subjects.a]\nos-cloud = 1", "subjects.a.os-cloud: expected a text"),
        ("[subjects.'a b']\nos-cloud = 'x'", "subjects.a b: the name in reports has characters other than"),
        ("[subjects.a]\nos-cloud='x'\n[subjects.b]\nos-cloud='x'", "subjects.b: is the same cloud as subjects.a"),
        ("[subject.a]\nos-cloud = 'x'", "unknown table [subject]; did you mean 'subjects'?"),
        ("[monitor]\nulr = 'x'", "monitor.ulr: is not known; did you mean 'url'?"),
        ("[accounts.a]\ntoken = 'x'", "accounts.a.token: is not known; did you mean 'token_file'?"),
        ("a = [", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "scs.toml"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        read_presets(path, all_options())
    assert str(raised.value).startswith(f"{path}: {words}")
    assert len(str(raised.value).splitlines()) == 1


def test_a_context_of_an_embedded_cluster_is_refused(pytester: pytest.Pytester, tmp_path: Path) -> None:
    path = tmp_path / "scs.toml"
    path.write_text("[subjects.a]\nkubeconfig = 'demo'\nkube-context = 'x'\n[options]\nscope = ['kaas-v1']")
    with pytest.raises(InputError, match="an embedded cluster has no contexts"):
        judged(settings(pytester, f"--scs-config={path}"))


def test_a_mistake_in_the_file_ends_the_run_with_one_line(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", scs="[options]\nscope = 'iaas-v5.1'\nreprot = 'x'")
    result = pytester.runpytest("--scs-config=scs.toml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *scs.toml: options.reprot is no option with an ini key; did you mean*"])
    result.stderr.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize("how", ["--kube-context=demo", "--kubeconfig=demo", "--scs-config=p.toml"])
def test_an_embedded_cluster_may_be_named_like_a_context(pytester: pytest.Pytester, how: str) -> None:
    (pytester.path / "p.toml").write_text("subjects.one = {kube-context = 'demo'}")
    found = settings(pytester, "--scs-scope=kaas-v1", how)
    selection = select(["kaas-v1"], dt.date(2026, 11, 20), ["main"], pytester.path)
    subjects = subjects_of_run(with_names(found, selection, needed=True), selection, needed=True)
    assert [subject.name for subject in subjects] == ["demo"]


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("", "iaas-v5.1 kaas-v1"),
        ("--os-cloud=demo", "iaas-v5.1"),
        ("--kubeconfig=demo", "kaas-v1"),
        ("--os-cloud=demo --kubeconfig=demo", "iaas-v5.1 kaas-v1"),
        ("--os-cloud=demo --scs-scope=iaas-v5.1 --scs-scope=kaas-v1", "iaas-v5.1 kaas-v1"),
    ],
)
def test_whoever_names_one_judges_no_scope_of_the_presets_that_is_about_others(
    pytester: pytest.Pytester, typed: str, labels: str
) -> None:
    (pytester.path / "p.toml").write_text("options.scope = ['iaas-v5.1', 'kaas-v1']\nsubjects.a = {os-cloud = 'demo'}")
    found = settings(pytester, "--scs-config=p.toml", *typed.split())
    selection = select_for(found, dt.date(2026, 11, 20), pytester.path)
    assert [version.label for version in selection.versions] == labels.split()
