# SPDX-License-Identifier: Apache-2.0
"""``scs data refresh kubernetes``: from a folder and over HTTP; what is wrong with a source is a line."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_scs.base.errors import InputError
from pytest_scs.cli import main
from pytest_scs.commands import data_versions
from pytest_scs.core.selection import select
from pytest_scs.standards.bundled_data import DATA, copies, days, notices
from pytest_scs.standards.kaas import bundled_data
from pytest_scs.standards.kaas.bundled_data import VERSIONS_FILE, current_versions, load_versions, user_copy
from pytest_scs.standards.kaas.versions import Branch, Version

Capture = pytest.CaptureFixture[str]

#: 26 November 2026, noon UTC.
FILES_OF = 1795694400
#: Every branch that the bundled data have in support.
RELEASED = {"1.34.0": "2025-08-27", "1.35.0": "2025-12-17", "1.36.0": "2026-04-22", "1.37.0": "2026-08-26"}


def github(**published: str) -> list[dict[str, Any]]:
    """A page of GitHub's listing, newest first; underscores in names stand for points."""
    found = [
        {
            "tag_name": f"v{name.strip('_').replace('_', '.')}",
            "published_at": moment,
            "draft": False,
            "prerelease": False,
        }
        for name, moment in published.items()
    ]
    strange = [
        {"tag_name": "v1.38.0-alpha.1", "published_at": "2026-11-20T00:00:00Z", "draft": False, "prerelease": True},
        {"tag_name": "v1.36.9", "published_at": None, "draft": True, "prerelease": False},
        {"tag_name": "v1.36.5-rc.1", "published_at": "2026-11-02T00:00:00Z", "draft": False, "prerelease": False},
    ]
    return [*strange, *found]


def record(identity: str, version: str, fixed: str, score: float = 8.8, product: str = "Kubernetes") -> dict[str, Any]:
    versions = [{"status": "affected", "version": version, "lessThan": fixed}]
    cna = {
        "affected": [{"product": product, "versions": versions}],
        "metrics": [{"cvssV3_1": {"baseScore": score}}],
    }
    return {"cveMetadata": {"cveId": identity, "state": "PUBLISHED"}, "containers": {"cna": cna}}


def plan(release: str, began: str, ends: str, *patches: tuple[str, str]) -> dict[str, Any]:
    return {
        "release": release,
        "releaseDate": began,
        "maintenanceModeStartDate": ends,
        "endOfLifeDate": ends,
        "previousPatches": [{"release": name, "targetDate": day} for name, day in patches],
    }


def good() -> dict[str, Any]:
    """The content of each file by its name."""
    return {
        "releases": github(
            _1_36_5="2026-11-11T15:00:00Z",
            _1_37_0="2026-08-26T15:00:00Z",
            _1_36_3="2026-07-22T19:03:11Z",
            _1_36_0="2026-04-22T15:00:00Z",
        ),
        "schedule.yaml": {
            "schedules": [
                plan("1.37", "2026-08-26", "2027-10-28"),
                plan("1.36", "2026-04-22", "2027-06-28", ("1.36.2", "2026-06-09"), ("1.36.6", "2026-12-09")),
                plan("1.35", "2025-12-17", "2027-02-28"),
            ]
        },
        "eol.yaml": {
            "branches": [
                {"release": "1.34", "endOfLifeDate": "2026-11-03"},
                {"release": "1.23", "endOfLifeDate": "2023-02-28"},
            ]
        },
        "index.json": {"items": [{"id": f"CVE-2026-100{number}"} for number in range(6)] + [{"id": "CVE-2024-10220"}]},
        "CVE-2026-1000.json": record("CVE-2026-1000", "1.36.0", "1.36.5"),
        "CVE-2026-1001.json": record("CVE-2026-1001", "1.36.0", "1.36.5", score=6.9),
        "CVE-2026-1002.json": record("CVE-2026-1002", "1.20.0", "1.20.5", score=9.8),
        "CVE-2026-1003.json": record("CVE-2026-1003", "1.36.0", "1.36.*", product="kubelet"),
        "CVE-2026-1004.json": record("CVE-2026-1004", "1.36.4", "1.36.2"),
        "CVE-2026-1005.json": {"cveMetadata": {"cveId": "CVE-2026-1005", "state": "REJECTED"}, "containers": {}},
        "CVE-2024-10220.json": record("CVE-2024-10220", "0", "1.30.3", product="kubelet", score=8.1),
        "k8s-eol-data.yml": [{"branch": "1.37", "end-of-life": "2027-10-28"}],
    }


def write(folder: Path, content: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, value in content.items():
        as_json = name.endswith(".json") or name == "releases"
        text = value if isinstance(value, str) else json.dumps(value) if as_json else yaml.safe_dump(value)
        (folder / name).write_text(text, "utf-8")
        os.utime(folder / name, (FILES_OF, FILES_OF))
    return folder


@pytest.fixture(autouse=True)
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's copy, which is not there yet."""
    monkeypatch.delenv("PYTEST_SCS_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "caches" / "pytest-scs" / "k8s-versions.json"


def refresh(place: Path | str, *arguments: str) -> int:
    return main(["data", "refresh", "kubernetes", f"--from={place}", *arguments])


def test_a_folder_with_all_files_is_read_and_kept_at_once(tmp_path: Path, copy: Path, capsys: Capture) -> None:
    assert refresh(write(tmp_path / "new", good())) == 0
    out = capsys.readouterr().out
    assert "kubernetes: as of 2026-04-16 -> 2026-11-26: " in out
    assert "  + release v1.36.5: published 2026-11-11" in out
    assert out.endswith(f"written: {copy}\n")
    data, copied = current_versions()
    assert copied
    assert str(data.generated_at) == "2026-11-26 00:00:00+00:00"
    found = {release.version.plain: release for release in data.releases}
    assert found["1.36.3"].exact
    assert str(found["1.36.3"].published_at) == "2026-07-22 19:03:11+00:00"
    # Drafts, pre-releases and what is only planned are no releases; a plan fills a gap.
    assert not {"1.36.9", "1.38.0", "1.36.6"} & set(found)
    assert (found["1.36.2"].exact, str(found["1.36.2"].published)) == (False, "2026-06-10 00:00:00+00:00")
    # What was known before is still known.
    assert "1.35.4" in found
    # Branches that ended two years ago are left out; actual ends replace plans.
    assert Branch(1, 23) not in data.branches
    assert str(data.branches[Branch(1, 34)].eol) == "2026-11-03"
    assert str(data.branches[Branch(1, 37)].released) == "2026-08-26"
    assert data.official.ends == {Branch(1, 37): data.branches[Branch(1, 37)].eol}
    assert str(data.official.copied_at) == "2026-11-26"
    assert {cve.identity: cve.official for cve in data.cves} == {
        "CVE-2024-10220": False,
        "CVE-2026-1000": True,
        "CVE-2026-1003": False,
    }
    assert data.cves[2].affects(Version(1, 36, 99))
    assert data.odd_records == ("CVE-2026-1004",)
    assert data.sources["schedule"] == "schedule.yaml"
    assert days()["kubernetes"] == "2026-11-26"
    assert copies() == [f"{copy} (as of 2026-11-26)"]


def test_what_is_shown_is_what_is_read(tmp_path: Path, capsys: Capture) -> None:
    assert main(["data", "show"]) == 0
    assert "as of 2026-04-16" in capsys.readouterr().out
    refresh(write(tmp_path / "new", good()))
    capsys.readouterr()
    assert main(["data", "show"]) == 0
    shown = capsys.readouterr().out
    line = next(line for line in shown.splitlines() if line.startswith("kubernetes "))
    assert "as of 2026-11-26" in line
    assert "k8s-versions.json" in line
    assert "branches 1.30 to 1.37" in shown


def test_the_same_again_makes_the_data_younger(tmp_path: Path, capsys: Capture) -> None:
    folder = write(tmp_path / "new", good())
    refresh(folder)
    assert refresh(folder, "--as-of=2026-11-27") == 0
    assert "2026-11-26 -> 2026-11-27: no differences" in capsys.readouterr().out
    assert str(current_versions()[0].day) == "2026-11-27"


def test_older_data_replace_nothing_unless_asked(tmp_path: Path, copy: Path, capsys: Capture) -> None:
    folder = write(tmp_path / "new", good())
    refresh(folder)
    kept = copy.read_bytes()
    assert refresh(folder, "--as-of=2026-11-20") == 0
    assert "WARNING: this is older than what is read now (2026-11-26)" in capsys.readouterr().out
    assert copy.read_bytes() == kept
    assert refresh(folder, "--as-of=2026-11-20", "--write") == 0
    assert str(load_versions(copy).day) == "2026-11-20"


def test_a_copy_older_than_the_bundled_file_is_not_read(tmp_path: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True)
    plain = json.loads(VERSIONS_FILE.read_text("utf-8"))
    copy.write_text(json.dumps({**plain, "generated_at": "2026-01-01T00:00:00Z"}), "utf-8")
    assert current_versions() == (load_versions(VERSIONS_FILE), False)
    assert copies() == []


def test_a_file_of_ours_is_taken_as_it_is(tmp_path: Path, copy: Path) -> None:
    refresh(write(tmp_path / "new", good()))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    copy.rename(elsewhere / copy.name)
    assert refresh(elsewhere) == 0
    assert copy.read_text("utf-8") == (elsewhere / copy.name).read_text("utf-8")


def test_days_of_tags_do_where_there_is_no_listing(tmp_path: Path) -> None:
    content = good()
    del content["releases"]
    tags = {**RELEASED, "1.36.5": "2026-11-11"}
    content["kubernetes.json"] = {"releases": {}, "versions": {name: {"date": day} for name, day in tags.items()}}
    assert refresh(write(tmp_path / "new", content)) == 0
    newest = current_versions()[0].of_branch(Branch(1, 36))[-1]
    assert (newest.version.plain, newest.exact) == ("1.36.5", False)


def test_other_forms_and_names_of_the_same(tmp_path: Path) -> None:
    content = good()
    content["releases.json"] = content.pop("releases")
    content["kubernetes.json"] = [
        {"cycle": "1.36", "releaseDate": "2026-04-22", "latest": "1.36.5", "latestReleaseDate": "2026-11-10"}
    ]
    assert refresh(write(tmp_path / "new", content)) == 0
    newest = current_versions()[0].of_branch(Branch(1, 36))[-1]
    # An instant wins over a day.
    assert (str(newest.published_at), newest.exact) == ("2026-11-11 15:00:00+00:00", True)


NO_RECORD = [f"there is no CVE-2026-100{number}.json" for number in range(3)]
NEW_BRANCH = [plan("1.37", "2026-08-26", "2027-10-28"), plan("1.38", "2026-11-01", "2027-12-28")]
OTHER_RECORD = record("CVE-2026-1001", "1.36.0", "1.36.5")

#: What is wrong with which files, and how the lines about it begin.
BROKEN: list[tuple[dict[str, Any], list[str]]] = [
    ({"releases": {"message": "API rate limit exceeded"}}, ["releases: expected a list of releases, got the message"]),
    ({"releases": {"items": []}}, ["releases: it: expected a list, got"]),
    ({"releases": []}, ["releases: it lists no stable release"]),
    ({"releases": "<html>"}, ["releases: it is no JSON"]),
    ({"releases": [{"tag_name": "v1.36.5"}]}, ["releases: v1.36.5: published_at: expected an instant"]),
    ({"releases": [{"tag_name": None}]}, ["releases: release 1: tag_name: expected a text"]),
    ({"releases": github(_1_36_5="2031-01-01T00:00:00Z")}, ["releases: v1.36.5 is published on 2031-01-01"]),
    (
        {"releases": github(_1_36_5="2026-07-01T00:00:00Z", _1_36_4="2026-08-20T00:00:00Z")},
        ["releases: v1.36.5 is published before v1.36.4"],
    ),
    (
        {"releases": github(_1_37_0="2026-08-26T15:00:00Z"), "schedule.yaml": {"schedules": NEW_BRANCH}},
        ["releases: there is no 1.38.0, though branch 1.38 is in support"],
    ),
    ({"schedule.yaml": "schedules: []"}, ["schedule: it lists no branch"]),
    ({"schedule.yaml": "schedules:\n- release: 1.36\n"}, ["schedule: schedule 1: expected a branch like '1.36'"]),
    ({"schedule.yaml": "- x"}, ["schedule: it: expected an object"]),
    ({"schedule.yaml": "a: b: c"}, ["schedule: "]),
    ({"eol.yaml": {"branches": [{"release": "1.31", "endOfLifeDate": "soon"}]}}, ["eol: 1.31: endOfLifeDate: "]),
    ({"eol.yaml": {}}, ["eol: branches: expected a list, got null"]),
    ({"index.json": {"items": [{"id": "CVE"}]}}, ["cves: item 1: expected the id of a CVE"]),
    ({"index.json": {"items": []}}, ["cves: expected 1 to 2000 CVEs, got 0"]),
    ({"CVE-2026-1000.json": None}, ["cves: there is no CVE-2026-1000.json"]),
    ({"CVE-2026-1000.json": "[]"}, ["cves: CVE-2026-1000: expected an object"]),
    ({"CVE-2026-1000.json": "{}"}, ["cves: CVE-2026-1000: cveMetadata: expected an object"]),
    ({"CVE-2026-1000.json": OTHER_RECORD}, ["cves: CVE-2026-1000: it is the record of CVE-2026-1001"]),
    ({"k8s-eol-data.yml": "- {branch: '1.36'}"}, ["official_eol: 1.36: end-of-life: expected a date"]),
    ({"eol.yaml": None}, ["eol: there is no eol.yaml in"]),
    ({"index.json": None, "schedule.yaml": None}, ["schedule: there is no schedule.yaml", "cves: there is no index."]),
    ({f"CVE-2026-100{number}.json": None for number in range(5)}, [f"cves: {'; '.join(NO_RECORD)}; and 2 more"]),
]


@pytest.mark.parametrize(("changes", "lines"), BROKEN)
def test_what_is_wrong_is_a_line_and_the_old_file_stays(
    tmp_path: Path, copy: Path, capsys: Capture, changes: dict[str, Any], lines: list[str]
) -> None:
    """DEV-0210-11: data are complete, or refused."""
    refresh(write(tmp_path / "old", good()))
    kept = copy.read_bytes()
    capsys.readouterr()
    content = {name: value for name, value in {**good(), **changes}.items() if value is not None}
    assert refresh(write(tmp_path / "new", content), "--as-of=2026-11-27", "--write") == 1
    printed, err = capsys.readouterr()
    assert len(err.splitlines()) == len(lines), err
    for line, words in zip(err.splitlines(), lines, strict=True):
        assert line.startswith(f"scs: data refresh: kubernetes: {words}")
    assert "Error" not in err
    assert "written" not in printed
    assert copy.read_bytes() == kept
    assert [*copy.parent.iterdir()] == [copy]


def test_bad_usage_is_another_exit_code(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "empty").mkdir()
    assert refresh(tmp_path / "empty") == 4
    assert "has no kubernetes; it takes releases, schedule.yaml, eol.yaml, index.json" in capsys.readouterr().err
    assert refresh(tmp_path / "nowhere") == 4
    assert "is no folder" in capsys.readouterr().err


def test_a_checkout_of_the_official_suite_has_its_table(tmp_path: Path, copy: Path) -> None:
    folder = tmp_path / "standards" / "Tests" / "kaas" / "scs_0210_version_policy"
    folder.mkdir(parents=True)
    write(folder, {"k8s-eol-data.yml": [{"branch": "1.37", "end-of-life": "2027-10-28"}]})
    assert refresh(tmp_path / "standards") == 0
    data, copied = current_versions()
    assert copied
    assert str(data.official.copied_at) == "2026-11-26"
    # The other facts are as old as before.
    assert data.day == load_versions(VERSIONS_FILE).day


def test_a_damaged_copy_is_named_and_replaced(tmp_path: Path, copy: Path, capsys: Capture) -> None:
    copy.parent.mkdir(parents=True)
    copy.write_text('{"schema": 1}', "utf-8")
    with pytest.raises(InputError, match=r"k8s-versions\.json: it\..*delete it, or write it anew"):
        current_versions()
    assert main(["data", "show"]) == 4
    assert capsys.readouterr().err.count("\n") == 1
    assert refresh(write(tmp_path / "new", good())) == 0
    assert current_versions()[1]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, copy: Path, capsys: Capture) -> None:
    copy.parent.parent.write_text("no folder", "utf-8")
    assert refresh(write(tmp_path / "new", good())) == 4
    assert "cannot write to" in capsys.readouterr().err


def test_the_variable_names_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_SCS_DATA", str(tmp_path / "ours"))
    assert user_copy() == tmp_path / "ours" / "k8s-versions.json"
    monkeypatch.delenv("PYTEST_SCS_DATA")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_copy() == tmp_path / ".cache" / "pytest-scs" / "k8s-versions.json"


# -- over HTTP --------------------------------------------------------------------------------------------------------


class Server:
    """Serves files by name; ``status`` is that of some of them, ``links`` the header of pages."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.status: dict[str, int] = {}
        self.links: dict[str, str] = {}
        self.seen: list[str] = []
        self.url = ""
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        name = handler.path.lstrip("/")
        with self.lock:
            self.seen.append(name)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        if name.startswith("CVE-"):
            time.sleep(0.02)
        value = self.content.get(name)
        status = self.status.get(name, 404 if value is None else 200)
        as_json = name.endswith(".json") or name.startswith("releases")
        text = value if isinstance(value, str) else json.dumps(value) if as_json else yaml.safe_dump(value)
        # Before the last byte: whoever has read it may ask for the next file at once.
        with self.lock:
            self.at_once -= 1
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(text.encode())))
        if name in self.links:
            handler.send_header("Link", self.links[name])
        handler.end_headers()
        with contextlib.suppress(OSError):
            handler.wfile.write(text.encode())


Serve = Callable[[dict[str, Any]], Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with contextlib.ExitStack() as stack:

        def start(content: dict[str, Any]) -> Server:
            served = Server(content)

            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    served.answer(self)

                def log_message(self, *_: object) -> None:
                    pass

            server = stack.enter_context(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
            thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            served.url = f"http://127.0.0.1:{server.server_port}"
            return served

        yield start


def test_all_pages_are_read_and_records_five_at_a_time(serve: Serve, capsys: Capture) -> None:
    content = good()
    pages = content.pop("releases")
    content |= {"releases": pages[:4], "releases?page=2": pages[4:6], "releases?page=3": pages[6:]}
    identities = [f"CVE-2026-{number}" for number in range(2000, 2030)]
    content["index.json"]["items"] += [{"id": identity} for identity in identities]
    content |= {f"{identity}.json": record(identity, "1.36.0", "1.36.5") for identity in identities}
    server = serve(content)
    server.links = {
        "releases": f'<{server.url}/releases?page=2>; rel="next", <{server.url}/releases?page=3>; rel="last"',
        "releases?page=2": '</releases?page=1>; rel="prev", </releases?page=3>; rel="next"',
        "releases?page=3": f'<{server.url}/releases?page=1>; rel="first"',
    }
    before = time.time()
    assert refresh(server.url) == 0, capsys.readouterr().err
    data = current_versions()[0]
    assert {release.version.plain for release in data.releases} >= {"1.36.5", "1.37.0", "1.36.3", "1.36.0"}
    # Data from the net are of now.
    assert 0 <= data.generated_at.timestamp() - int(before) < 60
    assert len(data.cves) == 33
    assert sorted(name for name in server.seen if name.startswith("CVE-")) == sorted(
        f"{item['id']}.json" for item in content["index.json"]["items"]
    )
    assert 1 < server.most_at_once <= data_versions.CONCURRENCY


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("releases", 403, "releases: http://127.0.0.1:"),
        ("releases", 500, "releases: http://127.0.0.1:"),
        ("schedule.yaml", 429, "schedule: http://127.0.0.1:"),
        ("eol.yaml", 503, "eol: http://127.0.0.1:"),
        ("index.json", 500, "cves: http://127.0.0.1:"),
        ("CVE-2026-1000.json", 500, "cves: http://127.0.0.1:"),
        ("CVE-2026-1000.json", 404, "cves: there is no CVE-2026-1000.json"),
        ("k8s-eol-data.yml", 500, "official_eol: http://127.0.0.1:"),
    ],
)
def test_dev_0210_11_the_status_of_an_answer_counts(
    serve: Serve, copy: Path, capsys: Capture, name: str, status: int, words: str
) -> None:
    server = serve(good())
    server.status[name] = status
    assert refresh(server.url) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith(f"scs: data refresh: kubernetes: {words}")
    assert status == 404 or f"answered with {status}" in err
    assert not copy.exists()


@pytest.mark.parametrize(
    "link", ["<https://elsewhere.example/releases?page=2>", "<file:///etc/passwd>", "<http://127.0.0.1:1/releases>"]
)
def test_pages_do_not_lead_elsewhere(serve: Serve, copy: Path, capsys: Capture, link: str) -> None:
    server = serve(good())
    server.links["releases"] = f'{link}; rel="next"'
    assert refresh(server.url) == 1
    assert "leads to more pages than it can have" in capsys.readouterr().err
    assert not copy.exists()


def test_pages_without_end_are_given_up(serve: Serve, capsys: Capture) -> None:
    server = serve(good())
    server.links["releases"] = '</releases>; rel="next"'
    assert refresh(server.url) == 1
    assert "leads to more pages than it can have" in capsys.readouterr().err
    assert server.seen.count("releases") <= 30


def test_a_mirror_without_any_of_it_is_bad_usage(serve: Serve, capsys: Capture) -> None:
    assert refresh(serve({}).url) == 4
    assert "has no kubernetes" in capsys.readouterr().err


def test_other_data_are_shown_though_a_source_fails(tmp_path: Path, capsys: Capture) -> None:
    tests = "tempest.api.a.B.test_c[id-e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59,smoke]\n"
    folder = write(tmp_path / "new", {**good(), "eol.yaml": "x", "tempest-tests-non-admin.lst": tests})
    assert main(["data", "refresh", f"--from={folder}"]) == 1
    out, err = capsys.readouterr()
    assert "tempest: as of" in out
    assert err.startswith("scs: data refresh: kubernetes: eol: ")


def test_one_broken_file_among_nothing_else_is_told(tmp_path: Path, capsys: Capture) -> None:
    assert main(["data", "refresh", f"--from={write(tmp_path / 'new', {**good(), 'eol.yaml': 'x'})}"]) == 1
    assert capsys.readouterr().err.startswith("scs: data refresh: kubernetes: eol: ")


def test_facts_are_kept_though_what_is_demanded_is_refused(tmp_path: Path, copy: Path, capsys: Capture) -> None:
    folder = write(tmp_path / "new", {**good(), "tempest-tests-non-admin.lst": "x"})
    assert main(["data", "refresh", f"--from={folder}"]) == 4
    out, err = capsys.readouterr()
    assert out.endswith(f"written: {copy}\n")
    assert err.startswith("scs: data refresh: tempest: ")
    assert err.count("\n") == 1


def test_the_projects_themselves_are_asked_where_they_keep_it() -> None:
    named = [source.url for source in bundled_data.VERSIONS.sources] + [bundled_data.cve_source("CVE-2026-1").url]
    assert named == [
        "https://api.github.com/repos/kubernetes/kubernetes/releases?per_page=100",
        "https://raw.githubusercontent.com/kubernetes/website/main/data/releases/schedule.yaml",
        "https://raw.githubusercontent.com/kubernetes/website/main/data/releases/eol.yaml",
        "https://kubernetes.io/docs/reference/issues-security/official-cve-feed/index.json",
        "https://cveawg.mitre.org/api/cve/CVE-2026-1",
    ]


def test_the_exceptions_of_the_e2e_suite_are_facts_too(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    [datum] = [one for one in DATA if one.name == "e2e-exceptions"]
    name = datum.sources[0].name
    (folder / name).write_text(datum.bundled.read_text("utf-8"), "utf-8")
    assert main(["data", "refresh", "e2e-exceptions", f"--from={folder}", "--as-of=2026-11-26"]) == 0
    assert f"written: {datum.copy}" in capsys.readouterr().out
    kept = datum.copy.read_bytes()
    (folder / name).write_text("x", "utf-8")
    assert main(["data", "refresh", "e2e-exceptions", f"--from={folder}", "--as-of=2026-11-27"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("scs: data refresh: e2e-exceptions: ")
    assert err.count("\n") == 1
    assert datum.copy.read_bytes() == kept


def test_nothing_is_said_of_versions_of_another_scope() -> None:
    [scope] = select(["kaas-v1"], dt.date(2027, 1, 1), ("main",), Path()).scopes
    (notice,) = notices(scope, dt.date(2027, 1, 1))
    assert "official scope file as of 2026-08-21, 133 days old" in notice
    assert "announced" not in notice


def test_a_cve_that_the_list_leaves_out_stays_known(tmp_path: Path) -> None:
    content = good()
    content["index.json"] = {"items": [{"id": "CVE-2026-1000"}]}
    refresh(write(tmp_path / "new", content))
    assert [cve.identity for cve in current_versions()[0].cves] == ["CVE-2024-10220", "CVE-2026-1000"]


def test_a_cve_that_was_rejected_since_is_left_out(tmp_path: Path) -> None:
    content = good()
    content["CVE-2024-10220.json"] = {"cveMetadata": {"cveId": "CVE-2024-10220", "state": "REJECTED"}, "containers": {}}
    refresh(write(tmp_path / "new", content))
    assert "CVE-2024-10220" not in {cve.identity for cve in current_versions()[0].cves}


def test_files_from_the_future_are_of_now(tmp_path: Path) -> None:
    folder = write(tmp_path / "new", good())
    for file in folder.iterdir():
        os.utime(file, (time.time() + 90 * 86400,) * 2)
    refresh(folder)
    assert current_versions()[0].generated_at <= dt.datetime.now(dt.UTC)
