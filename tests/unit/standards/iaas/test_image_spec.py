# SPDX-License-Identifier: Apache-2.0
"""The image specs that say which images are standard images (scs-0104-v1)."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from pytest_scs.standards.iaas.image_spec import (
    ImageEntry,
    ImageSpec,
    ImageSpecUnknown,
    Status,
    load_image_spec,
    load_image_specs,
)
from pytest_scs.standards.iaas.standard_images import STANDARD_IMAGES

URL = "https://raw.githubusercontent.com/SovereignCloudStack/standards/main/Tests/iaas/"
V4 = load_image_spec(f"{URL}scs-0104-v1-images.yaml")
V5 = load_image_spec(f"{URL}scs-0104-v1-images-v5.yaml")


def test_the_bundled_specs_say_what_the_official_files_say() -> None:
    def facts(spec: ImageSpec) -> dict[str, str]:
        return {entry.name: entry.status for entry in spec.entries}

    optional = ("Ubuntu 20.04", "Debian 11", "Debian 10")
    assert facts(V4) == {"Ubuntu 22.04": "mandatory", "ubuntu-capi-image": "recommended", "Debian 12": "optional"} | (
        dict.fromkeys(optional, "optional")
    )
    assert facts(V5) == {
        "Ubuntu 24.04": "mandatory",
        "Debian 12": "recommended",
        "ubuntu-capi-image": "recommended",
        "Ubuntu 22.04": "optional",
    } | dict.fromkeys(optional, "optional")
    table = {entry.entry.name: entry.entry.sources for entry in STANDARD_IMAGES.values()}
    for spec, separator in ((V4, " "), (V5, "-")):
        assert {entry.name: entry.sources for entry in spec.entries}.items() <= table.items()
        (scheme,) = [entry.scheme for entry in spec.entries if entry.scheme]
        assert scheme.pattern == rf"ubuntu-capi-image{separator}v[0-9]\.[0-9]+(\.[0-9]+)?"


@pytest.mark.parametrize(
    "reference",
    [
        "https://mirror.example/scs-0104-v1-images.yaml",
        "http://mirror.example/a/b/scs-0104-v1-images.yaml?ref=main",
    ],
)
def test_official_files_are_known_by_their_base_name_without_the_network(
    reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("the network was used"))
    spec = load_image_spec(reference)
    assert spec.entries == V4.entries
    assert spec.reference == reference


@pytest.mark.parametrize("reference", ["https://example.org/own.yaml", "https://[", "https://example.org/", "ftp://x"])
def test_other_addresses_are_not_fetched(reference: str) -> None:
    with pytest.raises(ImageSpecUnknown, match="is bundled"):
        load_image_spec(reference)


def test_a_local_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "images:\n"
        "- {name: One, source: 'https://one.example/', status: mandatory}\n"
        "- {name: two, name_scheme: 'two [0-9]', source: ['https://a.example/', 'https://b.example/']}\n"
    )
    assert load_image_spec(str(path)).entries == (
        ImageEntry("One", ("https://one.example/",), Status.MANDATORY),
        ImageEntry("two", ("https://a.example/", "https://b.example/"), Status.OPTIONAL, re.compile("two [0-9]")),
    )


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "images: 7",
        "images: [7]",
        "images: [{source: 'https://x/'}]",
        "images: [{name: A}]",
        "images: [{name: A, source: []}]",
        "images: [{name: A, source: [7]}]",
        "images: [{name: A, source: x, status: needed}]",
        "images: [{name: A, source: x, status: [mandatory]}]",
        "images: [{name: A, source: x, name_scheme: '('}]",
        "images: [{name: A, source: x, name_scheme: 7}]",
        "images: {{",
    ],
)
def test_a_file_that_is_no_image_spec_is_unknown(content: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(content)
    with pytest.raises(ImageSpecUnknown):
        load_image_spec(str(path))
    (spec,) = load_image_specs([str(path)])
    assert str(path) in spec.problem


@pytest.mark.parametrize("reference", ["missing.yaml", "", "\0", "."])
def test_a_path_that_cannot_be_read_is_unknown(reference: str) -> None:
    with pytest.raises(ImageSpecUnknown):
        load_image_spec(reference)
