# SPDX-License-Identifier: Apache-2.0
"""``scs data``: days, differences, and copies of the user's, from folders and over HTTP."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.base.paths import SCOPES
from pytest_scs.cli import main
from pytest_scs.commands import data_sources
from pytest_scs.core.selection import bundled_scopes, select
from pytest_scs.standards.bundled_data import DATA, copies, days, notices
from pytest_scs.standards.iaas import os_releases, tempest_list

Capture = pytest.CaptureFixture[str]

UBUNTU = """version,codename,series,created,release,eol
24.04 LTS,Noble Numbat,noble,2023-10-26,2024-04-25,2029-05-31
25.10,Questing Quokka,questing,2025-04-17,2025-10-09,2026-07-06
26.04 LTS,Resolute Raccoon,resolute,2025-10-09,2026-04-23,2031-05-29
26.10,Some Animal,someword,2026-04-23,2026-10-15,2027-07-01
"""
DEBIAN = """version,codename,series,created,release,eol
1.1,Buzz,buzz,1993-08-16,1996-06-17,1997-06-05
13,Trixie,trixie,2023-06-10,2025-08-09,2028-08-09
14,Forky,forky,2025-08-09
,Sid,sid,1993-08-16
"""
IMAGES = "images:\n- name: Ubuntu 28.04\n  source: https://cloud-images.ubuntu.com/releases/x/\n  status: mandatory\n"
TESTS = "tempest.api.a.B.test_c[id-e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59,smoke]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder, which is not there yet."""
    monkeypatch.setenv("PYTEST_SCS_DATA", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def upstream_folder(tmp_path: Path) -> Path:
    """A folder with a newer file of every kind."""
    path = tmp_path / "new"
    path.mkdir()
    scope = (SCOPES / "scs-compatible-iaas.yaml").read_text("utf-8")
    scope = scope.replace("  - version: next\n", "  - version: v6\n").replace(
        "      next: draft\n", "      v6: effective\n"
    )
    (path / "scs-compatible-iaas.yaml").write_text(scope, "utf-8")
    for name in ("scs-0104-v1-images.yaml", "scs-0104-v1-images-v5.yaml"):
        (path / name).write_text(IMAGES, "utf-8")
    (path / "ubuntu.csv").write_text(UBUNTU, "utf-8")
    (path / "debian.csv").write_text(DEBIAN, "utf-8")
    (path / "tempest-tests-non-admin.lst").write_text(TESTS, "utf-8")
    return path


def test_every_data_file_is_listed_with_its_day(capsys: Capture) -> None:
    assert main(["data", "show"]) == 0
    out = capsys.readouterr().out
    for datum in DATA:
        assert f"as of {datum.day}" in out
        assert datum.title in out
    assert "draft as of 2026-09; ids of scs-0104-v2 are ours; not for the official monitor" in out


def test_what_is_bundled_is_read_by_our_own_readers() -> None:
    assert [datum.name for datum in DATA if datum.sources and not datum.content()] == []
    assert set(days()) == {datum.name for datum in DATA}


def test_differences_are_shown_and_nothing_is_written(upstream_folder: Path, folder: Path, capsys: Capture) -> None:
    assert main(["data", "refresh", f"--from={upstream_folder}", "--as-of=2026-10-05", "-v"]) == 0
    out = capsys.readouterr().out
    assert "scope-iaas: as of 2026-08-21 -> 2026-10-05: " in out
    assert "  + version v6: draft" in out
    assert "  - version next: draft" in out
    assert "  + Ubuntu 28.04: mandatory; https://cloud-images.ubuntu.com/releases/x/" in out
    assert "  + ubuntu 26.10: someword\n" in out
    assert "nothing is written; --write keeps this in" in out
    assert not folder.exists()


def test_what_is_written_is_read_from_then_on_and_named(upstream_folder: Path, folder: Path, capsys: Capture) -> None:
    assert main(["data", "refresh", f"--from={upstream_folder}", "--as-of=2026-10-05", "--write"]) == 0
    assert sorted(file.name for file in folder.iterdir()) == [
        "image-spec-v4.yaml",
        "image-spec-v5.yaml",
        "os-releases.yaml",
        "scs-compatible-iaas.yaml",
        "tempest_tests.txt",
    ]
    assert all(line.endswith("(as of 2026-10-05)") for line in copies())
    assert len(copies()) == 5
    # The official file has v6, so that ours goes.
    assert "iaas-v6" not in bundled_scopes()
    [version] = select(["iaas-v6"], dt.date(2026, 11, 1), ("main",), Path()).versions
    assert (version.scope.official, version.name, version.code) == (True, "v6", "effective")
    assert notices(version.scope, dt.date(2026, 11, 1)) == []
    assert "v6" not in notices(version.scope, dt.date(2027, 2, 1))[0]
    capsys.readouterr()
    assert main(["data", "refresh", "tempest", "scope-iaas", f"--from={folder}"]) == 0
    assert capsys.readouterr().out.count("as of 2026-10-05 -> 2026-10-05: no differences") == 2


def test_releases_of_both_distributions_get_a_date_only_where_they_may_be_demanded(
    upstream_folder: Path, folder: Path
) -> None:
    assert main(["data", "refresh", "releases", f"--from={upstream_folder}", "--as-of=2026-10-05", "--write"]) == 0
    known = os_releases.parse_releases((folder / "os-releases.yaml").read_text("utf-8"), "x")
    assert known.as_of == dt.date(2026, 10, 5)
    assert [(one.version, one.codename, bool(one.released)) for one in known.releases["ubuntu"]] == [
        ("24.04", "noble", True),
        ("25.10", "questing", False),
        ("26.04", "resolute", True),
        ("26.10", "someword", False),
    ]
    assert [one.version for one in known.releases["debian"]] == ["1.1", "13", "14"]
    assert known.accepted("ubuntu", dt.date(2026, 11, 1)) == ("26.04",)
    assert known.accepted("debian", dt.date(2026, 11, 1)) == ("13",)


def test_a_tempest_list_is_written_in_our_form(upstream_folder: Path, folder: Path) -> None:
    assert main(["data", "refresh", "tempest", f"--from={upstream_folder}", "--write"]) == 0
    [test] = tempest_list.parse_list((folder / "tempest_tests.txt").read_text("utf-8"))
    assert test.id == TESTS.strip()


@pytest.mark.parametrize(
    ("name", "file", "text", "word"),
    [
        ("scope-iaas", "scs-compatible-iaas.yaml", "groups: []\n", "keyword 'uuid' is missing"),
        ("scope-iaas", "scs-compatible-iaas.yaml", "a: [\n", "not valid YAML"),
        ("scope-iaas", "scs-compatible-iaas.yaml", "<html>Not Found</html>\n", "must be a mapping"),
        ("images-v5", "scs-0104-v1-images-v5.yaml", "images: []\n", "lists no image"),
        ("images-v5", "scs-0104-v1-images-v5.yaml", "images:\n- name: x\n", "expected 'source'"),
        ("images-v5", "scs-0104-v1-images-v5.yaml", "", "no image spec"),
        ("releases", "ubuntu.csv", "nothing\n", "no list of releases"),
        ("releases", "ubuntu.csv", UBUNTU.replace("noble", "../etc"), "no codename"),
        ("releases", "ubuntu.csv", UBUNTU.replace("2024-04-25", "soon"), "no date"),
        ("releases", "debian.csv", UBUNTU.partition("\n")[0], "lists no release"),
        ("tempest", "tempest-tests-non-admin.lst", "<html>\n", "no id of a test"),
        ("tempest", "tempest-tests-non-admin.lst", "\n", "is empty"),
    ],
)
def test_what_is_no_such_file_is_one_line_and_replaces_nothing(
    upstream_folder: Path, folder: Path, capsys: Capture, name: str, file: str, text: str, word: str
) -> None:
    (upstream_folder / file).write_text(text, "utf-8")
    assert main(["data", "refresh", f"--from={upstream_folder}", "--write"]) == 4
    err = capsys.readouterr().err
    assert err.startswith(f"scs: data refresh: {name}: ")
    assert word in err
    assert err.count("\n") == 1
    assert not folder.exists()


def test_the_file_of_another_scope_is_refused(upstream_folder: Path, capsys: Capture) -> None:
    (upstream_folder / "scs-compatible-iaas.yaml").write_text((SCOPES / "beyond.yaml").read_text("utf-8"), "utf-8")
    assert main(["data", "refresh", "scope-iaas", f"--from={upstream_folder}"]) == 4
    assert "the file of another scope" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["nonsense"], "is unknown; what can be refreshed: scope-iaas"),
        (["scope-ias"], "did you mean 'scope-iaas'"),
        (["scope-beyond"], "comes with each version of this package"),
        (["--from=/no/such/folder"], "is no folder"),
        (["--from=ftp://mirror.example/"], "is no https URL"),
        (["--from=http://mirror.example/"], "is no https URL"),
        (["--from=https://me:secret@mirror.example/"], "holds credentials"),
        (["--from=https://[::1/"], "is no URL"),
        (["--as-of=yesterday"], "is no date YYYY-MM-DD"),
        (["--as-of=2999-01-01"], "still to come"),
    ],
)
def test_wrong_arguments_are_one_line(capsys: Capture, arguments: list[str], word: str) -> None:
    assert main(["data", "refresh", *arguments]) == 4
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert word in err
    assert "secret" not in err


def test_a_folder_without_any_of_the_files_is_refused(tmp_path: Path, capsys: Capture) -> None:
    assert main(["data", "refresh", f"--from={tmp_path}"]) == 4
    assert "it takes scs-compatible-iaas.yaml" in capsys.readouterr().err


def test_a_damaged_copy_stops_what_reads_it_and_can_be_replaced(
    upstream_folder: Path, folder: Path, capsys: Capture
) -> None:
    folder.mkdir()
    (folder / "tempest_tests.txt").write_text("x\n", "utf-8")
    assert main(["data", "show"]) == 4
    assert "was not written by scs data refresh; delete it, or refresh tempest" in capsys.readouterr().err
    assert main(["data", "refresh", "tempest", f"--from={upstream_folder}", "--write"]) == 0
    assert "as of a damaged copy -> " in capsys.readouterr().out
    assert main(["data", "show"]) == 0


def test_a_folder_that_cannot_be_written_is_named(
    upstream_folder: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    folder.write_text("a file", "utf-8")
    assert main(["data", "refresh", "tempest", f"--from={upstream_folder}", "--write"]) == 4
    err = capsys.readouterr().err
    assert "cannot write to" in err
    assert "PYTEST_SCS_DATA names another folder" in err


@pytest.mark.parametrize(("day", "said"), [("2026-11-19", False), ("2026-11-20", True), ("2026-08-01", False)])
def test_an_old_official_scope_file_is_remarked(day: str, said: bool) -> None:
    date = dt.date.fromisoformat(day)
    selection = select(["iaas-v5.1"], date, ("main",), Path())
    found = notices(selection.scopes[0], date)
    assert bool(found) == said
    if said:
        assert found[0].startswith(
            "official scope file as of 2026-08-21, 91 days old; v6 was announced for October 2026; --scs-scope=FILE"
        )


def test_the_draft_says_what_it_is_whenever_it_is_judged() -> None:
    [scope] = select(["iaas-v6"], dt.date(2026, 9, 10), ("main",), Path()).scopes
    assert notices(scope, dt.date(2026, 9, 10)) == [
        "SCS-compatible IaaS v6 (draft, unofficial): draft as of 2026-09; ids of scs-0104-v2 are ours; not for the "
        "official monitor"
    ]


# -- over HTTP --------------------------------------------------------------------------------------------------------

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextlib.contextmanager
def serving(answer: Answer, seen: list[dict[str, str]]) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append({key.lower(): value for key, value in self.headers.items()})
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def body(content: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(content)), **given}.items():
            handler.send_header(name, value)
        handler.end_headers()
        with contextlib.suppress(OSError):
            handler.wfile.write(content)

    return answer


def test_a_mirror_is_read_without_credentials(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n", "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    seen: list[dict[str, str]] = []
    with serving(body(IMAGES.encode()), seen) as url:
        assert main(["data", "refresh", "images-v5", f"--from={url}", "--write"]) == 0
    assert "+ Ubuntu 28.04" in capsys.readouterr().out
    assert [set(headers) & {"authorization", "cookie", "x-auth-token"} for headers in seen] == [set()]
    first, _, rest = (folder / "image-spec-v5.yaml").read_text("utf-8").partition("\n")
    assert first == f"# pytest-scs data, as of {dt.datetime.now(dt.UTC).date()}, from {url}"
    assert rest == IMAGES


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (body(b"", 404), "has no images-v5"),
        (body(b"", 403), "answered with 403"),
        (body(b"", 500), "answered with 500"),
        (body(b"\xff\xfe", 200), "is not UTF-8 text"),
        (body(b"x" * 20, Content_Length="40"), "broke off after 20 of 40 bytes"),
        (body(b"images: []"), "lists no image"),
        (body(b"", 302, Location="file:///etc/passwd"), "answered with 302"),
        (body(b"", 302, Location="http://mirror.example/x"), "is no https URL"),
        (body(b"", 302, Location="https://mirror.example/x"), "another scheme"),
        (body(b"", 302, Location="/x"), "answered with 302"),
        (body(b"#" * (data_sources.MOST_BYTES + 1)), "is larger than 4 MiB"),
    ],
)
def test_a_wrong_answer_is_one_line_and_replaces_nothing(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, answer: Answer, word: str
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with serving(answer, []) as url:
        code = main(["data", "refresh", "images-v5", f"--from={url}", "--write"])
    err = capsys.readouterr().err
    assert (code, err.count("\n")) == (4, 1), err
    assert word in err
    assert not folder.exists()


def test_a_slow_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(100):
                handler.wfile.write(b"#")
                handler.wfile.flush()
                threading.Event().wait(0.02)

    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(data_sources, "MOST_SECONDS", 0.1)
    with serving(drip, []) as url, pytest.raises(InputError, match="takes longer than"):
        data_sources.fetch(f"{url}/x")


def test_nothing_listens(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with serving(body(b""), []) as url:
        pass
    assert main(["data", "refresh", "tempest", f"--from={url}"]) == 4
    assert "without network: --from=FOLDER" in capsys.readouterr().err
