# SPDX-License-Identifier: Apache-2.0
"""Listings in pages: which end, which go on, and which are no listing."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from pytest_scs.base.fields import FormError
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence import apart, limit, progress
from pytest_scs.platforms.openstack import bounds
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.clock import instant, pause_asked_for
from pytest_scs.platforms.openstack.links import check_links
from pytest_scs.platforms.openstack.listings import flavors, images, volume_types
from pytest_scs.platforms.openstack.paging import Shown, pages_of

NEXT = "http://cloud.example/v2/images?marker=7"


def links(*found: Any) -> dict[str, Any]:
    return {"flavors": [], "flavors_links": list(found)}


@pytest.mark.parametrize(
    "page",
    [
        {"images": []},
        {"images": [], "next": NEXT},
        {"images": [], "next": "/v2/images?marker=7", "first": None},
        links(),
        links({"rel": "self", "href": None}),
        links({"rel": "next", "href": NEXT}),
        links({"rel": "previous", "href": NEXT}, {"rel": "next", "href": "/flavors?a"}),
        {"users": [], "links": {"self": "x", "next": None, "previous": None}},
        {"users": [], "links": {"next": NEXT}},
        {"users": [], "links": {}},
        {"version": {}, "links": []},
    ],
)
def test_usable_links(page: dict[str, Any]) -> None:
    check_links(page, "image GET /images")


@pytest.mark.parametrize(
    "link",
    [
        None,
        {},
        [],
        "",
        7,
        True,
        "/v2/images",
        "http://cloud.example/v2/images",
        "?marker=7",
        "http:?marker=7",
        "http://[::1?marker=7",
        "mailto:x?marker=7",
        "file:///x?marker=7",
        "http://a.example/?",
    ],
)
@pytest.mark.parametrize(
    ("place", "page"),
    [
        ("next", lambda link: {"images": [], "next": link}),
        ("flavors_links: href", lambda link: links({"rel": "next", "href": link})),
        ("volume_type_links: href", lambda link: {"volume_type_links": [{"rel": "next", "href": link}]}),
        ("links.next", lambda link: {"users": [], "links": {"next": link}}),
    ],
)
def test_unusable_links(place: str, page: Callable[[Any], dict[str, Any]], link: Any) -> None:
    if place == "links.next" and link is None:
        return  # so Keystone says that there is no further page
    with pytest.raises(Inconclusive, match="half a listing is no listing") as caught:
        check_links(page(link), "image GET /images")
    assert str(caught.value).startswith(f"image GET /images: {place}: expected the address of the next page, with a ")
    assert caught.value.kind is CauseKind.MALFORMED


@pytest.mark.parametrize("found", [None, {}, "", 7, [None], ["next"], [{"href": NEXT}], [{"rel": None}], [[]]])
def test_lists_of_links_that_are_none(found: Any) -> None:
    with pytest.raises(Inconclusive, match="flavors_links: expected"):
        check_links({"flavors": [], "flavors_links": found}, "compute GET /flavors/detail")


def test_link_without_href_is_unusable() -> None:
    with pytest.raises(Inconclusive, match="got nothing"):
        check_links(links({"rel": "next"}), "compute GET /flavors/detail")


def numbered(url: str) -> dict[str, Any]:
    number = int(url.partition("marker=")[2] or 0)
    return {"images": [{}] * 10, "next": f"/v2/images?marker={number + 1}"}


@pytest.mark.parametrize(("limit", "told"), [("PAGES", "more than 5 pages"), ("ENTRIES", "more than 5 entries")])
def test_pages_without_end(monkeypatch: pytest.MonkeyPatch, limit: str, told: str) -> None:
    monkeypatch.setattr(bounds, limit, 5)
    pages = pages_of(numbered, "image", "/images", lambda page: str(page["next"]))
    with pytest.raises(Inconclusive, match=told):
        for _ in itertools.islice(pages, 100):
            pass


@pytest.mark.parametrize("link", ["/v2/images?marker=0", "/images?limit=9"])
def test_link_that_repeats(link: str) -> None:
    pages = pages_of(lambda url: {"images": [], "next": link}, "image", "/images?limit=9", lambda page: link)
    with pytest.raises(Inconclusive, match="leads in a circle"):
        list(pages)


def test_listing_has_a_time_limit(client: Client, state: CloudState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LISTING", 0.5)
    client.access()
    state.latency = 0.2
    state.page_size = 1
    with pytest.raises(Inconclusive, match=r"did not answer GET \S+ completely within 0.5 s"):
        list(client.pages("compute", "/flavors/detail", lambda page: page["flavors_links"][0]["href"]))


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_page_that_is_refused_does_not_end_a_listing(client: Client, state: CloudState, status: int) -> None:
    state.page_size = 1
    state.faults.append(Fault("GET", "/flavors/detail.*marker=", status=status))
    with pytest.raises(Inconclusive, match="in the middle of a listing"):
        list(client.pages("compute", "/flavors/detail", lambda page: page["flavors_links"][0]["href"]))


# -- dates and pauses in headers --------------------------------------------------------------------------------------

NOW = dt.datetime(2026, 11, 27, 2, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("0007", 7),
        ("9999", 9999),
        ("10000", 0),
        ("9" * 400, 0),
        ("9" * 5000, 0),
        ("-7", 0),
        ("+7", 0),
        ("7.5", 0),
        ("1e3", 0),
        ("1_0", 0),
        ("\u0667", 0),
        ("soon", 0),
        ("7 seconds", 0),
        ("Fri, 27 Nov 2026 02:00:30 GMT", 30),
        ("Friday, 27-Nov-26 02:00:30 GMT", 30),
        ("Fri Nov 27 02:00:30 2026", 30),
        ("Fri, 27 Nov 2026 01:00:00 GMT", 0),
        ("Fri, 27 Nov 99999999 02:00:00 GMT", 0),
        ("Fri, 27 Nov 2026 02:00:00 -9999", 0),
        ("27", 27),
    ],
)
def test_pauses(header: str | None, seconds: float) -> None:
    assert pause_asked_for(header, lambda: NOW) == seconds


@pytest.mark.parametrize(
    ("date", "known"),
    [
        ("Fri, 27 Nov 2026 02:00:00 GMT", True),
        ("Fri, 27 Nov 2026 03:00:00 +0100", True),
        ("Fri, 27 Nov 2026 02:00:00 -0000", True),
        ("", False),
        ("garbage", False),
        ("Fri, 27 Nov 99999999 02:00:00 GMT", False),
        ("Fri, 27 Nov 10000 02:00:00 GMT", False),
        ("Fri, 31 Feb 2026 02:00:00 GMT", False),
        ("Fri, 27 Nov 2026 25:00:00 GMT", False),
        ("Fri, 27 Nov 2026 02:00:00 -9999", False),
        ("1" * 5000, False),
        ("\ud800", False),
    ],
)
def test_dates(date: str, known: bool) -> None:
    assert instant(date) == (NOW if known else None)


@pytest.mark.parametrize("date", ["garbage", "Fri, 27 Nov 99999999 02:00:00 GMT", "Fri, 27 Nov 2026 02:00:00 -9999"])
def test_date_that_is_none_is_remarked(client: Client, state: CloudState, date: str) -> None:
    versions = {
        "version": {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "http://a.example/v3"}]}
    }
    first = Fault("GET", "/identity/v3$", status=200, body=json.dumps(versions), headers={"Date": date}, times=1)
    state.faults.append(first)
    login = client.log_in()
    assert login.server_time is None
    assert login.remark == (
        "its clock was not compared with this machine's: the header Date of its first answer is "
        f"{date!r}, which is no date"
    )


def test_login_tells_the_time_without_a_remark(client: Client) -> None:
    login = client.log_in()
    assert login.server_time is not None
    assert login.remark == ""


# -- work that hangs --------------------------------------------------------------------------------------------------


def test_what_hangs_is_given_up_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, "GRACE", 0.0)
    monkeypatch.setattr(progress, "PERIOD", 0.0)
    told: list[str] = []
    voice = progress.Voice(told.append)
    with pytest.raises(Inconclusive, match=r"^the login did not end within 1\.2 s$") as caught:
        apart.result_of(lambda: time.sleep(5), 1.2, "the login", voice)
    assert caught.value.kind is CauseKind.TIMEOUT
    apart.wait_until([apart.start(time.sleep, 1.3)], bounds.Limit.of(5), lambda pending: told.append(str(len(pending))))
    assert (told[0], told[-1]) == ("waiting for the login: 1 s of at most 1 s", "1")


def test_what_ends_is_given_back() -> None:
    assert apart.result_of(lambda: 7, 5, "it") == 7
    with pytest.raises(KeyError, match="x"):
        apart.result_of(lambda: {}["x"], 5, "it")
    assert apart.start(int, "7").result(5) == 7


def test_what_is_on_two_pages_is_there_once() -> None:
    first, second = {"id": "1", "name": "a"}, {"id": "2", "name": "b"}
    shown = Shown("flavor")
    assert list(shown.new([first, second, dict(first)])) == [first, second]
    assert list(shown.new([dict(second), {"id": "3"}])) == [{"id": "3"}]


@pytest.mark.parametrize("other", [{"id": "1", "name": "SCS-2V-4"}, {"id": "1"}, {"id": "1", "name": "a", "x": None}])
def test_what_comes_again_as_something_else_is_neither(other: dict[str, Any]) -> None:
    with pytest.raises(FormError, match=r"flavor .* \(id 1\): it is listed twice, with another (name|x): the listing"):
        list(Shown("flavor").new([{"id": "1", "name": "a"}, other]))


def test_what_may_change_may_differ() -> None:
    one, other = {"id": "1", "updated_at": "a"}, {"id": "1", "updated_at": "b"}
    assert list(Shown("image", ["updated_at"]).new([one, other])) == [one]


def test_generic_image_on_two_pages_is_no_second_one(client: Client, state: CloudState) -> None:
    expected = len(images.SECTION.read(client))  # type: ignore[misc]
    bodies = [client.get("image", "/images?limit=1000", version="2")["images"]] * 2
    pages = [json.dumps({"images": bodies[0], "next": NEXT}), json.dumps({"images": bodies[1]})]
    state.faults += [
        Fault("GET", "/v2/images.*limit", status=200, body=pages[0]),
        Fault("GET", "/v2/images.*marker", status=200, body=pages[1]),
    ]
    assert len(images.SECTION.read(client)) == expected  # type: ignore[misc]


@pytest.mark.parametrize(
    ("service", "section", "key"),
    [("image", images, "images"), ("compute", flavors, "flavors"), ("block-storage", volume_types, "volume_types")],
)
def test_thing_that_changes_while_it_is_listed_decides_nothing(
    client: Client, state: CloudState, service: str, section: Any, key: str
) -> None:
    path = {"images": "/images", "flavors": "/flavors/detail", "volume_types": "/types"}[key]
    version = {"images": "2"}.get(key)
    body = client.get(service, path, version=version, **({"microversion": "2.61"} if key == "flavors" else {}))
    body[key].append({**body[key][0], "name": "another"})
    state.faults.append(Fault("GET", path, status=200, body=json.dumps(body)))
    with pytest.raises(
        Inconclusive, match=rf"{path.rsplit('/', 1)[0]}.*another \(id .*listed twice, with another name"
    ):
        section.SECTION.read(client)
