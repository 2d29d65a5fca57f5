# SPDX-License-Identifier: Apache-2.0
"""A real OpenStack of which one answer is altered on its way: only what rests on it is undecided."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from altering_proxy import Alteration, Answer, altering, stranger
from needs import lacking
from real_cloud import READ_ONLY, STATE, Devcloud, judged

from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.config import find_cloud

FLAVORS = ("compute", "/flavors/detail")
IMAGES = ("image", "/v2/images")
TYPES = ("block-storage", "/types")


def replaced(content: str) -> Alteration:
    return lambda answer: Answer(answer.status, answer.headers, content.encode())


def each_entry(key: str, **changes: Any) -> Alteration:
    def alter(answer: Answer) -> Answer:
        document = json.loads(answer.body)
        for entry in document[key]:
            entry.update(changes)
        return Answer(answer.status, answer.headers, json.dumps(document).encode())

    return alter


def with_top(**changes: Any) -> Alteration:
    def alter(answer: Answer) -> Answer:
        return Answer(answer.status, answer.headers, json.dumps(json.loads(answer.body) | changes).encode())

    return alter


#: What is altered, how, the standards that rest on it, and what the cause says.
ALTERED = {
    "flavors are a mapping": (FLAVORS, replaced('{"flavors": {}}'), {"0100", "0103"}, "flavors"),
    "numbers are texts": (FLAVORS, each_entry("flavors", vcpus="4"), {"0100", "0103"}, "vcpus"),
    "no number": (FLAVORS, each_entry("flavors", ram=float("nan")), {"0100", "0103"}, "NaN"),
    "half a listing": (
        FLAVORS,
        with_top(flavors_links=[{"rel": "next", "href": None}]),
        {"0100", "0103"},
        "half a listing",
    ),
    "images are a text": (IMAGES, replaced('{"images": ""}'), {"0102", "0104"}, "images"),
    "unknown visibility": (IMAGES, each_entry("images", visibility="PUBLIC"), {"0102", "0104"}, "visibility"),
    "next page is a mapping": (IMAGES, with_top(next={}), {"0102", "0104"}, "half a listing"),
    "volume types are a mapping": (TYPES, replaced('{"volume_types": {}}'), {"0114"}, "volume_types"),
}


@pytest.fixture
def alter(cloud: str, devcloud: Devcloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Gives the context in which one answer of the cloud ``altered`` is altered."""
    if devcloud is None:
        lacking("cloud", "only the answers of the devcloud are altered")
    client = Client(find_cloud(cloud), 60)
    entry = yaml.safe_load((STATE / "clouds.yaml").read_text())["clouds"][cloud]

    def before(service: str, proxy: str) -> str:
        path = tmp_path / "clouds.yaml"
        option = f"{service.replace('-', '_')}_endpoint_override"
        if service == "image" and not proxy.endswith("/v2"):
            # An override is taken as it is, and Glance's entry in the catalog has no version.
            proxy = f"{proxy.rstrip('/')}/v2"
        path.write_text(yaml.safe_dump({"clouds": {"altered": entry | {option: proxy}}}))
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
        return "altered"

    def start(service: str, path: str, alteration: Alteration, method: str = "GET") -> Any:
        return altering(client.endpoint(service), method, path, alteration), lambda proxy: before(service, proxy)

    return start


@pytest.mark.parametrize("case", ALTERED)
def test_one_answer_of_another_form_takes_down_only_what_rests_on_it(launch: Any, alter: Any, case: str) -> None:
    (service, path), alteration, standards, words = ALTERED[case]
    proxied, entered = alter(service, path, alteration)
    with proxied as proxy:
        run = judged(launch, entered(proxy), READ_ONLY)
    resting = {testcase for testcase in run.verdicts if testcase.split("-")[1] in standards}
    assert resting
    assert run.having("ABORT") == resting
    assert run.having("PASS") == set(run.verdicts) - resting
    assert words in run.result.stdout.str()
    assert run.ret == 6


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_token_follows_no_redirect_to_another_host(launch: Any, alter: Any, status: int) -> None:
    with stranger() as (elsewhere, got):
        proxied, entered = alter(*FLAVORS, lambda _: Answer(status, {"Location": f"{elsewhere}/steal"}, b""))
        with proxied as proxy:
            run = judged(launch, entered(proxy), READ_ONLY)
    assert got == []
    assert {testcase.split("-")[1] for testcase in run.having("ABORT")} == {"0100", "0103"}
    shown = run.result.stdout.str()
    assert f"{elsewhere}/steal" in shown
    assert proxy in shown
