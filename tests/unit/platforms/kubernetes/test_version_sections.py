# SPDX-License-Identifier: Apache-2.0
"""The sections about versions: which data and which list are taken, and what of them is evidence."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from version_cases import PLAIN

from pytest_scs.base.errors import InputError
from pytest_scs.base.fields import FormError
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.platforms.kubernetes.probes import offered_versions, version_data
from pytest_scs.platforms.kubernetes.settings import KubernetesSettings
from pytest_scs.standards.kaas.version_data import VersionData


@pytest.fixture(autouse=True)
def no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user has no copy of the data."""
    monkeypatch.setenv("PYTEST_SCS_DATA", str(tmp_path / "kept"))
    return tmp_path / "kept"


def inventory(version: object = "v1.35.1") -> Any:
    sections = {"server_version": [{"gitVersion": version}]} if version else {}
    return SimpleNamespace(fetched_at="2026-11-27T12:00:00+00:00", sections=sections)


def probing(cluster: str = "prod", version: object = "v1.35.1", clusters: Any = (), **settings: Any) -> Any:
    own = inventory(version)
    return SimpleNamespace(
        inventory=own,
        settings=KubernetesSettings(**settings),
        access=SimpleNamespace(name=cluster),
        clusters=lambda: [own, *clusters],
    )


def read(given: Any) -> VersionData:
    assert version_data.SECTION.probe is not None
    entries = [dict(version_data.SECTION.probe(given))]
    version_data.SECTION.accept(entries)
    found: VersionData = version_data.SECTION.load(entries)
    return found


def write(path: Path, **changes: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**PLAIN, **changes}), "utf-8")
    return path


def test_the_bundled_data_are_taken_where_there_is_nothing_else() -> None:
    found = read(probing())
    assert (found.origin, str(found.day), found.trusted_when_old) == ("bundled", "2026-04-16", False)
    assert {str(one.version.branch) for one in found.releases} == {"1.31", "1.32", "1.33", "1.34", "1.35"}
    assert len(found.branches) == 8


def test_a_newer_copy_is_taken(no_copy: Path) -> None:
    write(no_copy / "k8s-versions.json", generated_at="2026-11-20T00:00:00Z")
    found = read(probing())
    assert (found.origin, str(found.day)) == ("the copy of scs data refresh", "2026-11-20")
    write(no_copy / "k8s-versions.json", generated_at="2026-01-20T00:00:00Z")
    assert read(probing()).origin == "bundled"


def test_a_file_that_is_named_is_taken_first(no_copy: Path, tmp_path: Path) -> None:
    write(no_copy / "k8s-versions.json", generated_at="2026-11-20T00:00:00Z")
    named = write(tmp_path / "named.json", generated_at="2026-02-20T00:00:00Z")
    for cluster in ("prod", "demo"):
        found = read(probing(cluster, k8s_data=named, allow_stale_data=True))
        assert (str(found.day), found.trusted_when_old) == ("2026-02-20", True)
        assert str(tmp_path) not in found.origin


def test_an_embedded_cluster_brings_data_along() -> None:
    found = read(probing("demo:vanilla", "v1.36.2"))
    assert str(found.day) == "2026-11-27"
    assert "embedded" in found.origin


@pytest.mark.parametrize("version", [None, "strange", 7])
def test_without_a_version_all_data_are_kept(version: object) -> None:
    assert len({one.version.branch for one in read(probing(version=version)).releases}) == 8


def test_a_file_that_went_away_is_a_cause(no_copy: Path, tmp_path: Path) -> None:
    for settings in ({"k8s_data": tmp_path / "gone"}, {}):
        (no_copy / "k8s-versions.json").parent.mkdir(exist_ok=True)
        (no_copy / "k8s-versions.json").write_text("{}", "utf-8")
        with pytest.raises(Inconclusive) as error:
            read(probing(**settings))
        assert error.value.kind is CauseKind.NOT_GIVEN
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("entries", [[], [{}], [PLAIN, PLAIN], [{**PLAIN, "schema": "1"}]])
def test_evidence_of_another_form_is_refused(entries: list[Any]) -> None:
    with pytest.raises(FormError):
        version_data.SECTION.loaded(entries)


def offered(given: Any) -> Any:
    assert offered_versions.SECTION.probe is not None
    entries = [dict(offered_versions.SECTION.probe(given))]
    offered_versions.SECTION.accept(entries)
    return offered_versions.SECTION.load(entries)


def test_the_list_of_the_provider_is_what_is_offered(tmp_path: Path) -> None:
    listed = tmp_path / "offered"
    listed.write_text("1.36.3\n1.35\n", "utf-8")
    found = offered(probing(offered_versions=listed, clusters=[inventory("v1.30.0")]))
    assert (sorted(str(one.branch) for one in found.versions), found.complete) == (["1.35", "1.36"], True)
    listed.unlink()
    with pytest.raises(Inconclusive, match="--scs-offered-versions"):
        offered(probing(offered_versions=listed))


def test_without_a_list_all_clusters_of_the_run_are() -> None:
    found = offered(probing(clusters=[inventory("v1.36.3")]))
    assert (sorted(str(one.branch) for one in found.versions), found.complete) == (["1.35", "1.36"], True)
    # A cluster that does not answer may be the one with what seems to be missing.
    assert not offered(probing(clusters=[inventory("v1.36.3"), inventory(None)])).complete
    assert not offered(probing()).complete


def test_a_file_from_the_future_would_never_be_old(tmp_path: Path) -> None:
    named = write(tmp_path / "named.json", generated_at="2199-01-01T00:00:00Z")
    with pytest.raises(InputError) as error:
        version_data.check_given(KubernetesSettings(k8s_data=named))
    assert str(error.value) == (
        f"--scs-k8s-data: {named}: it.generated_at: expected an instant that is over, got 2199-01-01"
    )
