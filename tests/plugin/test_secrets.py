# SPDX-License-Identifier: Apache-2.0
"""A canary: no secret of a run reaches anything it writes, whatever goes wrong and however much is logged."""

from __future__ import annotations

import base64
import html
import json
import shlex
import shutil
import urllib.parse
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.base.paths import TESTCASES
from pytest_scs.cli import main as scs
from pytest_scs.demo.openstack.state import CloudState, Fault

EVERYTHING = (
    "--scs-record=evidence.json",
    "--html=report.html",
    "--self-contained-html",
    "--junit-xml=junit.xml",
    "--scs-json=result.json",
    "--scs-csv=result.csv",
    "--scs-sarif=result.sarif",
    "--scs-metrics=result.prom",
    "--scs-remediation=fix.sh",
    "-vv",
    "-rA",
    "--tb=long",
    "--showlocals",
    "--log-level=DEBUG",
    "--log-file=log.txt",
    "-p",
    "no:cacheprovider",
    "--metadata",
    "somebody's variable",
    "PASSWORD",
    "-o",
    "log_cli=true",
    "-o",
    "junit_logging=all",
)

#: Tests of the user's own in the same run, which do with a secret whatever one can do with it.
CARELESS = """
import base64, html, json, logging, shlex, sys, urllib.parse, warnings
import pytest

SECRET = {secret!r}

def spellings():
    quoted = json.dumps(SECRET)
    pair = "admin:" + SECRET
    yield from (SECRET, repr(SECRET), html.escape(SECRET), html.escape(quoted), shlex.quote(SECRET), quoted)
    yield from (json.dumps(SECRET, ensure_ascii=False), json.dumps(quoted), ascii(SECRET), repr(SECRET.encode()))
    yield from (urllib.parse.quote(SECRET, safe=""), urllib.parse.quote_plus(SECRET), SECRET.encode().hex())
    yield from (base64.b64encode((" " * n + pair).encode()).decode() for n in range(3))

def test_careless(record_property, request):
    secret = SECRET
    record_property("what", SECRET)
    for text in spellings():
        print("printed", text)
        print("to stderr", text, file=sys.stderr)
        logging.getLogger("careless").warning("logged %s and %r, %s", text, {{"password": text}}, 4711)
    logging.getLogger("careless").warning("wrong %d", SECRET)
    warnings.warn(SECRET)
    holder = {{"filler": "x" * 150, "password": SECRET, "more": "y" * 150}}
    raise RuntimeError("\\n".join(spellings())) from ValueError(SECRET)

@pytest.fixture
def broken():
    logging.getLogger("careless").exception("in a fixture: %s", SECRET, stack_info=True)
    raise OSError(SECRET)

@pytest.mark.parametrize("given", [1])
def test_setup(broken, given):
    pass

def test_xfail():
    pytest.xfail(SECRET)

def test_skip():
    pytest.skip(SECRET)
"""


def forms(secret: str) -> dict[str, str]:
    """The secret as it may stand in a file, and as much of it as nobody may see."""
    as_json = json.dumps(secret)
    found = {
        "plain": secret,
        "repr": repr(secret)[1:-1],
        "html": html.escape(secret),
        "html of json": html.escape(as_json[1:-1]),
        "shell": shlex.quote(secret)[1:-1],
        "json": as_json[1:-1],
        "json without escapes": json.dumps(secret, ensure_ascii=False)[1:-1],
        "bytes": repr(secret.encode())[2:-1],
        "percent": urllib.parse.quote(secret, safe=""),
        "form": urllib.parse.quote_plus(secret),
        "hex": secret.encode().hex(),
        "beginning": secret[: len(secret) // 2 + 2],
        "end": secret[-len(secret) // 2 - 2 :],
    }
    for shift in range(3):
        found[f"base64 {shift}"] = base64.b64encode(bytes(shift) + secret.encode()).decode()[4:-4]
    return found


def leaks(folder: Path, run: Any, secrets: Iterable[str]) -> list[str]:
    """Where a secret stands, in which form."""
    written = {str(path): path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()}
    # What holds the secret because the test put it there.
    texts = {name: text for name, text in written.items() if not name.endswith(("clouds.yaml", ".py", ".pyc"))}
    texts["stdout"], texts["stderr"] = run.result.stdout.str(), run.result.stderr.str()
    assert {"report.yaml", "evidence.json", "report.html", "junit.xml", "log.txt", "result.json", "fix.sh"} <= {
        Path(name).name for name in texts
    }
    found = []
    for secret in secrets:
        for form, spelled in forms(secret).items():
            found += [f"{Path(name).name}: {form} of {secret!r}" for name, text in texts.items() if spelled in text]
    return found


def make_everything(folder: Path) -> None:
    """What is made of a folder with reports and recordings."""
    store = folder / "store"
    store.mkdir()
    for name in ("report.yaml", "evidence.json"):
        shutil.copy(folder / name, store)
    commands = (
        ("scorecard", store, f"--html={store}/card.html", f"--json={store}/card.json"),
        ("site", store, "-o", store / "public"),
        ("metrics", store, "-o", store / "all.prom"),
        ("dossier", store, "-o", folder / "dossier.zip"),
    )
    for command in commands:
        assert scs(["report", *map(str, command)]) in (0, 1)
    with zipfile.ZipFile(folder / "dossier.zip") as dossier:
        dossier.extractall(folder / "dossier")
    assert (store / "card.html").exists()
    assert list((store / "public").iterdir())


@pytest.mark.parametrize(
    ("password", "workers"),
    [
        ("kana'rien\\vogel", ("--debug=debug.txt",)),
        ('pä"ss&wört <€𝄞> 4711', ()),
        ("kana'rien\\vo\"gel/+%25", ("-n", "2", "--scs-report-format=next")),
    ],
)
def test_no_secret_is_written(
    judge: Any, state: CloudState, pytester: pytest.Pytester, password: str, workers: tuple[str, ...]
) -> None:
    # Services that echo what they were sent: in names, properties, descriptions, errors and addresses.
    state.password = password
    token = "gAAAAABm" + "aB3_-x" * 20
    state.flavors[0]["name"] = f"SCS-{password}"
    state.flavors[1]["extra_specs"] = {**state.flavors[1]["extra_specs"], "scs:name-v1": f"x {password * 12}"}
    state.images[0].update(name=f"Ubuntu 24.04 {password}", image_source=f"https://u:{password}@mirror.example/")
    state.images[1]["image_description"] = f"token: {token}"
    state.volume_types[0]["description"] = f"[scs:{password}] {urllib.parse.quote(password)}"
    encoded = base64.b64encode(f"admin:{password}".encode()).decode()
    body = json.dumps({"forbidden": {"message": f"{'x' * 190}{password} Basic {encoded}", "code": 403}})
    state.faults.append(Fault("GET", "/types", status=403, body=body))
    pytester.makepyfile(test_careless=CARELESS.format(secret=password))
    options = [f"{option} {password}" if option == "PASSWORD" else option for option in EVERYTHING]
    run = judge(state, *options, *workers, str(TESTCASES / "iaas"), "test_careless.py")
    assert run.ret == 1
    if not workers:
        # What is made of reports holds whatever they hold.
        make_everything(pytester.path)
    found = leaks(pytester.path, run, [password, token, *state.tokens])
    assert found == []


def test_command_line_and_paths_stay_out_of_the_report(
    judge: Any, state: CloudState, pytester: pytest.Pytester
) -> None:
    run = judge(state, "-o", "console_output_style=classic", "--scs-subject=my-cloud")
    document = run.documents[0]
    assert document["run"]["argv"] == ["--scs-scope=iaas-v5.1"]
    assert document["run"]["assignment"] == {"os_cloud": "my-cloud"}
    text = (pytester.path / "report.yaml").read_text()
    for word in ("testcloud", "127.0.0.1", str(pytester.path), "console_output_style"):
        assert word not in text
