# SPDX-License-Identifier: Apache-2.0
"""What image properties say about origin and upkeep: build date, source, promises (scs-0102-v1 and -v2).

What is fine for whom: docs/standards/scs-0102.md#properties.

Each check takes one image. Whether the promise to replace an image is kept is judged in
:mod:`pytest_scs.standards.iaas.image_recency`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from pytest_scs.core.findings import Basis, Finding, Observation, show
from pytest_scs.standards.dates import parse_day, parse_official, parse_text, parse_timestamp
from pytest_scs.standards.iaas import image_hints as hints
from pytest_scs.standards.iaas import image_vocabulary as vocabulary
from pytest_scs.standards.iaas.image_rules import enumerated, for_judged_images, offence, text_of
from pytest_scs.standards.iaas.model import Image

#: The row for dates that the official suite reads, but the text does not know.
DEV_DATES = "DEV-0102-15"
#: The row for the epoch, which the official suite takes for no date.
DEV_EPOCH = "DEV-0102-20"

#: The row for digits that are not those of ASCII.
DEV_DIGITS = "DEV-0102-23"

_IS_DATE: Final = "scs-0102/image_build_date"
_REGISTERED_LATER: Final = "scs-0102/image_build_date_before_registration"
_NOT_IN_FUTURE: Final = "scs-0102/image_build_date_not_in_future"
_DATE_FORMS: Final = "YYYY-MM-DD or YYYY-MM-DD hh:mm[:ss]"

# The ordinary URL; anything else is left to urlsplit, which is slow.
_PLAIN_URL = re.compile(r"[a-z]+://[A-Za-z0-9.-]+/")
_LAST = re.compile(r"last-(\d+)")  # digits of any script, as the official suite (DEV-0102-23)
_HOURS = re.compile(r"\d+")
_DECIMAL_HOURS = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@for_judged_images
def check_image_build_date(image: Image, now: dt.datetime) -> Iterator[Observation]:
    """``image_build_date`` is a date, not after the registration, and not in the future.

    Source: scs-0102-v1, "Image build info"; docs/standards/scs-0102.md#dates. ``now`` is an aware instant. The official
    suite reads more forms of dates than the text allows (DEV-0102-15), but takes the epoch for none (DEV-0102-20).
    """
    value = image["image_build_date"]
    official, text = parse_official(value), parse_text(value)
    built, created = official or text, parse_timestamp(image["created_at"])
    if official is None or text is None:
        yield dataclasses.replace(
            _misdated(image, _IS_DATE, "image_build_date: is a date", _DATE_FORMS, show(value)),
            basis=Basis.TEXT if official else Basis.OFFICIAL if text else Basis.BOTH,
            deviation=DEV_DATES if official else DEV_EPOCH if text else "",
        )
    if built and created and built > created:
        title = "image_build_date: built after registration"
        yield _misdated(image, _REGISTERED_LATER, title, f"not after {_print(created)}", _print(built))
    if (base := built or created) and base > now:
        title = f"{'image_build_date' if built else 'created_at'}: in the future"
        yield _misdated(image, _NOT_IN_FUTURE, title, f"not after {_print(now)}", _print(base))


@for_judged_images
def check_image_original_user(image: Image) -> Iterator[Observation]:
    """``image_original_user`` names the default login user, or is ``none`` (scs-0102-v1)."""
    if not text_of(image, "image_original_user"):
        yield offence(
            image,
            "image_original_user",
            False,
            False,
            official="the default user, or 'none'",
            hint=hints.set_property(image, image_original_user="USER"),
        )


@for_judged_images
def check_image_source(image: Image) -> Iterator[Observation]:
    """``image_source`` is the URL the image came from, or ``private`` (scs-0102-v1).

    The official suite looks at nothing but the scheme, and accepts it in lower case only (DEV-0102-16).
    """
    value = text_of(image, "image_source") or ""
    if value == hints.PRIVATE:
        return
    official_ok = value.startswith(vocabulary.SOURCE_SCHEMES)
    text_ok = (official_ok or value.lower().startswith(vocabulary.SOURCE_SCHEMES)) and _has_host(value)
    if official_ok and text_ok:
        return
    yield offence(
        image,
        "image_source",
        official_ok,
        text_ok,
        official="'private' or a URL starting with http://, https://, ftp:// or ftps://",
        text="'private' or a URL with a host, starting with http://, https://, ftp:// or ftps://",
        hint=hints.set_property(image, image_source="URL"),
        deviation="DEV-0102-16",
    )


@for_judged_images
def check_image_description(image: Image) -> Iterator[Observation]:
    """``image_description`` is a URL or a text (scs-0102-v1), for the text not of blanks only (DEV-0102-26)."""
    value = text_of(image, "image_description")
    if value and not value.isspace():
        return
    yield offence(
        image,
        "image_description",
        bool(value),
        False,
        official="a URL or a text",
        hint=hints.set_property(image, image_description="URL_OR_TEXT"),
        deviation="DEV-0102-26",
    )


@for_judged_images
def check_replace_frequency(image: Image) -> Iterator[Observation]:
    """``replace_frequency`` is one of the values of the standard (scs-0102-v1)."""
    return enumerated(
        image,
        "replace_frequency",
        vocabulary.REPLACE_FREQUENCIES,
        vocabulary.REPLACE_FREQUENCIES,
        partial(hints.set_property, replace_frequency="FREQUENCY"),
    )


@for_judged_images
def check_provided_until(image: Image) -> Iterator[Observation]:
    """``provided_until`` is ``none``, ``notice`` or a date (scs-0102-v1); DEV-0102-6: officially any text."""
    value = text_of(image, "provided_until")
    if value in ("none", "notice") or parse_day(value):
        return
    yield offence(
        image,
        "provided_until",
        bool(value),
        False,
        official="none, notice or YYYY-MM-DD",
        hint=hints.set_property(image, provided_until="YYYY-MM-DD"),
        deviation="DEV-0102-6",
    )


@for_judged_images
def check_uuid_validity(image: Image) -> Iterator[Observation]:
    """``uuid_validity`` is ``none``, ``last-N``, a date, ``notice`` or ``forever`` (scs-0102-v1).

    The official suite lets it be absent (DEV-0102-5), reads more forms of dates (DEV-0102-15), but not the epoch
    (DEV-0102-20), and accepts ``last-0`` (DEV-0102-28) and digits of any script (DEV-0102-23).
    """
    value = text_of(image, "uuid_validity")
    if value in ("none", "notice", "forever"):
        return
    last = _LAST.fullmatch(value or "")
    text_ok = last[1].isascii() and last[1].strip("0") != "" if last else parse_day(value) is not None
    official_ok = value is None or last is not None or parse_official(value) is not None
    if official_ok and text_ok:
        return
    yield offence(
        image,
        "uuid_validity",
        official_ok,
        text_ok,
        official="none, last-N (N at least 1), YYYY-MM-DD, notice or forever",
        hint=hints.set_property(image, uuid_validity="VALIDITY"),
        deviation=_why_validities_differ(value, last, text_ok=text_ok),
    )


def _why_validities_differ(value: str | None, last: re.Match[str] | None, *, text_ok: bool) -> str:
    """The row for a ``uuid_validity`` that one of the judges rejects."""
    if value is None:
        return "DEV-0102-5"
    if last:
        return "DEV-0102-28" if last[1].isascii() else DEV_DIGITS
    return DEV_EPOCH if text_ok else DEV_DATES


@for_judged_images
def check_hotfix_hours(image: Image) -> Iterator[Observation]:
    """``hotfix_hours`` is absent or a number of hours (scs-0102-v1).

    Officially it is a whole one (DEV-0102-27), with digits of any script (DEV-0102-23).
    """
    value = text_of(image, "hotfix_hours")
    if not value:
        return
    official_ok, text_ok = _HOURS.fullmatch(value) is not None, _DECIMAL_HOURS.fullmatch(value) is not None
    if official_ok and text_ok:
        return
    yield offence(
        image,
        "hotfix_hours",
        official_ok,
        text_ok,
        official="a whole number of hours",
        text="a number of hours, in the digits 0 to 9",
        hint=hints.set_property(image, hotfix_hours="HOURS"),
        deviation="DEV-0102-27" if text_ok else DEV_DIGITS,
    )


def _has_host(url: str) -> bool:
    if _PLAIN_URL.match(url):
        return True
    try:
        host = urlsplit(url).hostname
    except ValueError:  # such as an unclosed bracket
        return False
    return host is not None and not any(character.isspace() for character in host)


def _misdated(image: Image, rule: str, title: str, expected: str, observed: str) -> Finding:
    hint = hints.set_property(image, image_build_date="YYYY-MM-DD")
    return Finding(image.label, rule, expected, observed, hint, resource_id=image.id, title=title)


def _print(instant: dt.datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
