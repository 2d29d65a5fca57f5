# SPDX-License-Identifier: Apache-2.0
"""The wheel, as users install it: built, installed into a new environment, run from an empty directory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import cast

import pytest

import pytest_scs
from pytest_scs.base import paths

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the wheel's content, which goes before everything else on the path of a run."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), str(wheel)],
        check=True,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    return folder


def _run(installed: Path, cwd: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_", "OS_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *args],
        cwd=cwd,
        env={**environment, "PYTHONPATH": str(installed), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_wheel_holds_testcases_scopes_and_data_inside_the_package(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "pytest_scs/py.typed",
        "pytest_scs/scopes/scs-compatible-iaas.yaml",
        "pytest_scs/scopes/beyond.yaml",
        "pytest_scs/docs/standards/framework.md",
        "pytest_scs/docs/attestations.md",
        "pytest_scs/testcases/iaas/test_scs_0100_flavor_naming.py",
        "pytest_scs/standards/iaas/data/image-spec-v5.yaml",
        "pytest_scs/standards/data/manual-checks.yaml",
        "pytest_scs/standards/iaas/data/tls-profile-5.7.json",
        "pytest_scs/platforms/openstack/tls/scan_program.py",
        "pytest_scs/reports/conformance.html.j2",
        "pytest_scs/reports/conformance.css",
    } <= names
    # Nothing may be installed beside the package: `testcases` would collide with anybody's.
    beside = {name for name in names if ".dist-info/" not in name and not name.startswith("pytest_scs/")}
    assert beside == {f"pytest_scs-{pytest_scs.__version__}.data/data/share/man/man1/scs.1"}
    assert not any("tests/" in name or "conftest" in name or "__pycache__" in name for name in names)


def test_the_page_of_the_package_points_at_nothing_beside_it(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    [name] = [one for one in archive.namelist() if one.endswith(".dist-info/METADATA")]
    fields = message_from_bytes(archive.read(name))
    page = cast(bytes, fields.get_payload(decode=True)).decode()
    targets = re.findall(r"\]\(([^)]+)\)", page)
    assert len(targets) > 10
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []
    assert "<!--" not in page
    [source] = [url for label, url in urls(fields) if label == "Source"]
    assert any(target.startswith(f"{source}/blob/main/docs/") for target in targets)
    assert {label for label, _ in urls(fields)} >= {"Documentation", "Issues", "Changelog"}


def urls(fields: Message) -> list[tuple[str, str]]:
    """Label and address of every link of the package."""
    return [tuple(value.split(", ", 1)) for value in fields.get_all("Project-URL", [])]  # type: ignore[misc]


def test_wheel_judges_the_demo_cloud_from_an_empty_directory(installed: Path, tmp_path: Path) -> None:
    plugins = ("-p", "xdist", "-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin", "-p", "pytest_scs.plugin")
    command = (
        "--scs-scope=iaas-v5.1",
        "--os-cloud=demo",
        "--html=report.html",
        "--self-contained-html",
        "-m",
        "not creates_resources",
    )
    done = _run(installed, tmp_path, *plugins, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "iaas-v5.1 (effective) main: 49 PASS of 49 chosen" in done.stdout
    assert done.stderr == ""
    assert (tmp_path / "report.html").stat().st_size > 20_000


def test_wheel_judges_with_nothing_but_its_command(wheel: Path, tmp_path: Path) -> None:
    # As if it was installed and nothing else of it, so that pytest finds its plugin by itself.
    site = tmp_path / "site"
    site.mkdir()
    zipfile.ZipFile(wheel).extractall(site)
    program = (
        "import sys; sys.path = [one for one in sys.path if not one.endswith('editable')]; "
        "from pytest_scs.cli import main; sys.exit(main())"
    )
    (tmp_path / "work").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", program, "run", "iaas-v5.1", "--cloud", "demo", "-k", "0114"],
        cwd=tmp_path / "work",
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "warning" not in done.stdout


def test_wheel_uses_its_own_testcases(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "show.py").write_text(
        "from pytest_scs.base import paths\n\n\n"
        "def pytest_report_header():\n    return f'FROM {paths.TESTCASES} {paths.SCOPES}'\n"
    )
    done = _run(installed, tmp_path, "-p", "pytest_scs.plugin", "-p", "show", "--scs-scope=iaas-v5.1", "--scs-plan")
    assert f"FROM {installed}/pytest_scs/testcases {installed}/pytest_scs/scopes" in done.stdout, done.stderr


def test_wheel_explains_from_its_own_pages(installed: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pytest_scs import cli; from pytest_scs.base import paths; "
        "print(paths.PAGES); sys.exit(cli.main(['explain', 'PASS']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{installed}/pytest_scs/docs/standards\nPASS\n====\n")


def test_checkout_uses_the_live_tree() -> None:
    # An editable install leaves a dead copy in site-packages; the checkout must win.
    package = Path(pytest_scs.__file__).parent
    home = ROOT if package == ROOT / "pytest_scs" else package
    found = [paths.TESTCASES, paths.SCOPES, paths.PAGES]
    assert found == [home / "testcases", home / "scopes", home / "docs" / "standards"]
