# SPDX-License-Identifier: Apache-2.0
"""Certificates hold for a year; who has one is reminded to renew it, who could have one of what is next."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import jsonschema
import pytest
from stored_reports import IAAS, KAAS, NOW, stored

from pytest_scs.base.errors import InputError
from pytest_scs.base.language import language
from pytest_scs.core.selection import known_scopes
from pytest_scs.pipeline.scorecard import certificate_text, certificates, scorecard_html, scorecard_json
from pytest_scs.pipeline.scorecard.certificates import Certificate
from pytest_scs.pipeline.scorecard.scorecard import Fleet, fleet

SCOPES = known_scopes()
MAIN = SCOPES[IAAS].versions["v5.1"].targets()["main"]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def found(**issued: str) -> Fleet:
    named = {subject: {"scs-compatible-iaas": day(text)} for subject, text in issued.items()}
    reports = [stored(dict.fromkeys(MAIN, "PASS"), subject) for subject in ("prod1", "prod2")]
    held = certificates.certificates_of(named, SCOPES)
    return dataclasses.replace(fleet(reports, SCOPES, NOW), certificates=held)


@pytest.mark.parametrize(
    ("issued", "last", "from_day"),
    [
        ("2025-12-20", "2026-12-19", "2026-10-21"),
        ("2026-01-01", "2026-12-31", "2026-11-02"),
        ("2024-02-29", "2025-02-28", "2024-12-31"),
        ("2023-03-01", "2024-02-29", "2024-01-01"),
    ],
)
def test_it_holds_for_a_year_and_is_renewed_in_the_last_sixty_days(issued: str, last: str, from_day: str) -> None:
    certificate = Certificate(day(issued))
    assert certificate.last_day == day(last)
    assert certificate.renewable(day(from_day))
    assert not certificate.renewable(day(from_day) - dt.timedelta(days=1))
    assert not certificate.ended(day(last))
    assert certificate.ended(day(last) + dt.timedelta(days=1))


def test_the_end_of_the_calendar() -> None:
    assert Certificate(dt.date.max).last_day < dt.date.max


def test_who_has_one_is_reminded_and_who_could_have_one_is_told() -> None:
    text = "\n".join(certificate_text.certificate_lines(found(prod1="2026-01-10"), SCOPES))
    assert (
        "prod1, SCS-compatible IaaS: of 2026-01-10, holds until 2027-01-09, 48 more days: apply for its renewal" in text
    )
    assert "the logo links to https://compliance.sovereignit.cloud/page/detail/prod1/scs-compatible-iaas" in text
    assert "SCS-compatible IaaS: ready, and none is known of here ([certificates]): prod2; apply to" in text
    early = "\n".join(certificate_text.certificate_lines(found(prod1="2026-10-10", prod2="2026-10-10"), SCOPES))
    assert "holds until 2027-10-09\n" in early
    assert "apply" not in early


def test_with_due_only_what_is_to_be_renewed() -> None:
    fine = found(prod1="2026-10-10")
    assert not list(certificate_text.renewal_lines(fine, SCOPES))
    late = found(prod1="2026-10-10", prod2="2026-01-10", gone="2025-01-10")
    lines = list(certificate_text.renewal_lines(late, SCOPES))
    assert [line.partition(",")[0] for line in lines] == ["due: prod2", "overdue: gone"]
    assert (certificate_text.any_ended(fine), certificate_text.any_ended(late)) == (False, True)


def test_the_page_links_to_what_is_published() -> None:
    page = scorecard_html.render(found(prod1="2026-01-10"), language("en"))
    assert page.count("it is time to renew it") == 1
    assert 'href="https://compliance.sovereignit.cloud/page/detail/prod1/scs-compatible-iaas"' in page


def test_programs_are_told_of_certificates_also_where_there_is_no_report() -> None:
    held = found(prod1="2026-10-10", prod2="2026-01-10", gone="2025-01-10")
    told = json.loads(scorecard_json.render(held))
    jsonschema.validate(told, scorecard_json.schema())
    assert [(one["subject"], one["state"], one["holds_until"]) for one in told["certificates"]] == [
        ("prod1", "holds", "2027-10-09"),
        ("prod2", "renew", "2027-01-09"),
        ("gone", "ended", "2026-01-09"),
    ]
    assert told["certificates"][2] | {"state": ""} == {
        "subject": "gone",
        "scope": IAAS,
        "issued": "2025-01-10",
        "holds_until": "2026-01-09",
        "state": "",
        "published": "https://compliance.sovereignit.cloud/page/detail/gone/scs-compatible-iaas",
    }


def test_a_name_is_part_of_an_address() -> None:
    address = certificates.published_at("https://monitor.example", "a/b c", SCOPES[KAAS])
    assert address == "https://monitor.example/page/detail/a%2Fb%20c/scs-compatible-kaas"


def test_there_are_certificates_for_official_scopes_only() -> None:
    with pytest.raises(InputError, match=r"\[certificates.prod1\]: there are no certificates for 'beyond'; known: "):
        certificates.certificates_of({"prod1": {"beyond": day("2026-01-01")}}, SCOPES)
