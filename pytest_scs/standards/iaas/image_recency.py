# SPDX-License-Identifier: Apache-2.0
"""Images are as recent as their ``replace_frequency`` promises.

Source: scs-0102-v1 and -v2, "Image updating"; docs/standards/scs-0102.md#image-recency.

The official suite and the text measure differently, so every image gets a standing with each of them. An image out of
date is acceptable if a fresh one took over its name; which ones did is gathered in the same pass over the list.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.dates import add_months, parse_day, parse_official, parse_text
from pytest_scs.standards.iaas import image_hints as hints
from pytest_scs.standards.iaas.image_rules import DEV_SUBJECT, concerns_text, name_of, text_of, visible
from pytest_scs.standards.iaas.model import Image

#: The official suite's periods, its margin of 10 % included. A week has days of 25 hours there (DEV-0102-11).
OFFICIAL_LIMITS: Final = {
    "yearly": dt.timedelta(days=365) * 1.1,
    "quarterly": dt.timedelta(days=92) * 1.1,
    "monthly": dt.timedelta(days=31) * 1.1,
    "weekly": dt.timedelta(days=7, hours=7) * 1.1,
    "daily": dt.timedelta(hours=25) * 1.1,
}
#: Days that the text tolerates after the day on which a new build is due.
GRACE: Final = dt.timedelta(days=3)

_MONTHS: Final = {"yearly": 12, "quarterly": 3, "monthly": 1}
_DAYS: Final = {"weekly": 7, "daily": 1}

#: Rule id and title of what an outdated image lacks.
_REPLACED: Final = ("scs-0102/recency", "outdated without replacement")
_PROMISE_ENDS: Final = ("scs-0102/recency_provided_until", "outdated without valid provided_until")

_MARKED = re.compile(r"old|prev|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}")
#: A name, and what an image taking over that name must share with the old one.
_Kind = tuple[str, str | None, str | None, str | None]


class Standing(enum.Enum):
    """How an image stands with one judge, apart from any replacement."""

    FRESH = "within its period, or without one"
    UNPROMISED = "provided_until is none"
    NOTICE = "provided_until is notice, which ends the promise for the official suite"
    EXPIRED = "the promise has ended"
    EXCUSED = "built too long ago, but registered within the period"
    IGNORED = "no concern of this judge"
    UNDATED = "neither build date nor registration is known"
    UNTIL_INVALID = "provided_until is no date"
    OUTDATED = "older than its period"


_NOT_FINE = frozenset({Standing.IGNORED, Standing.UNDATED, Standing.UNTIL_INVALID, Standing.OUTDATED})


@dataclasses.dataclass(frozen=True, slots=True)
class _Judged:
    """An image that at least one judge takes exception to."""

    image: Image
    official: Standing
    text: Standing


def due_day(built: dt.date, frequency: str) -> dt.date:
    """The day on which the text wants the next build, before the days of grace (scs-0102-v1, "Image updating").

    ``frequency`` is one of yearly, quarterly, monthly, weekly, daily; KeyError otherwise. 31 January and a month is the
    last day of February. Raises ValueError or OverflowError beyond the year 9999.
    """
    if months := _MONTHS.get(frequency):
        return add_months(built, months)
    return built + dt.timedelta(days=_DAYS[frequency])


def official_standing(image: Image, now: dt.datetime) -> Standing:
    """How the official suite sees a visible image at the aware instant ``now`` (DEV-0102-9, -11, -12, -13)."""
    limit = OFFICIAL_LIMITS.get(text_of(image, "replace_frequency") or "")
    if limit is None:
        return Standing.FRESH
    base = _official_base(image)
    if base is None:
        return Standing.UNDATED
    if now - base <= limit:
        return Standing.FRESH
    until = image["provided_until"]
    if until == "none":
        return Standing.UNPROMISED
    if until == "notice":
        return Standing.NOTICE
    end = parse_official(until)
    if end is None:
        return Standing.UNTIL_INVALID
    return Standing.EXPIRED if now > end else Standing.OUTDATED


def text_standing(image: Image, today: dt.date) -> Standing:
    """How the text sees a visible image on the UTC day ``today`` (docs/standards/scs-0102.md#image-recency)."""
    if not concerns_text(image):
        return Standing.IGNORED
    frequency = text_of(image, "replace_frequency") or ""
    if frequency not in OFFICIAL_LIMITS:
        return Standing.FRESH
    built = parse_text(image["image_build_date"])
    base = built or parse_official(image["created_at"])
    if base is None:
        return Standing.UNDATED
    if not _overdue(base.date(), frequency, today):
        return Standing.FRESH
    until = image["provided_until"]
    if until == "none":
        return Standing.UNPROMISED
    if (end := parse_day(until)) and today > end:
        return Standing.EXPIRED
    registered = parse_official(image["created_at"]) if built else None
    if registered and not _overdue(registered.date(), frequency, today):
        return Standing.EXCUSED
    return Standing.OUTDATED


def check_recency(images: Sequence[Image], now: dt.datetime) -> Iterator[Observation]:
    """Every visible image is within the period it promises, or a fresh image took over its name (scs-0102-v1).

    ``now`` is an aware instant; "today" of the text is its UTC day. Differences between the judges are the rows
    DEV-0102-9 to -15, DEV-0102-17 and DEV-0102-29.
    """
    now = now.astimezone(dt.UTC)
    today = now.date()
    listed = visible(images)
    official_fresh: set[str] = set()
    text_fresh: set[_Kind] = set()
    doubtful: list[_Judged] = []
    for image in listed:
        official, text = official_standing(image, now), text_standing(image, today)
        if name := name_of(image):
            if official not in _NOT_FINE:
                official_fresh.add(name)
            if text not in _NOT_FINE:
                text_fresh.add(_kind(image, name))
        if official in _NOT_FINE or text is not Standing.FRESH:
            doubtful.append(_Judged(image, official, text))
    yield from _names(listed)
    for judged in doubtful:
        yield from _judge(judged, official_fresh, text_fresh, now)


def _judge(
    judged: _Judged, official_fresh: set[str], text_fresh: set[_Kind], now: dt.datetime
) -> Iterator[Observation]:
    image, official, text = judged.image, judged.official, judged.text
    base_name, _, marker = (name_of(image) or "").rpartition(" ")
    marked = _is_marker(marker)
    replaced = bool(base_name) and base_name in official_fresh
    renamed = bool(base_name) and marked and _kind(image, base_name) in text_fresh

    yield from _undated(judged)
    if text is Standing.EXCUSED:
        yield Remark("its build is older than replace_frequency promises, but it was registered in time", image.label)
    if official is Standing.UNTIL_INVALID and image["provided_until"] is None:
        yield Remark("over-age without provided_until; the official suite gives ABORT", image.label, "DEV-0102-9")

    official_bad = official is Standing.UNTIL_INVALID or (official is Standing.OUTDATED and not replaced)
    text_bad = text is Standing.OUTDATED and not renamed
    if official_bad or text_bad:
        if official_bad and text_bad:
            basis, deviation = Basis.BOTH, ""
        elif official_bad:
            basis, deviation = Basis.OFFICIAL, _why_text_differs(judged)
        else:
            basis, deviation = Basis.TEXT, _why_official_differs(judged, now.date())
        yield _finding(judged, basis, deviation, superseded=replaced)
    if text is Standing.OUTDATED and renamed and len(marker) != len("YYYYMMDD"):
        yield Remark(f"a replaced image is renamed to {base_name!r} and its date as YYYYMMDD", image.label)
    if official is Standing.OUTDATED and replaced and not marked and not text_bad:
        yield Remark("seems outdated, but is neither hidden nor marked as such by its name", image.label)


def _undated(judged: _Judged) -> Iterator[Undecided]:
    sides = [
        basis
        for basis, standing in ((Basis.OFFICIAL, judged.official), (Basis.TEXT, judged.text))
        if standing is Standing.UNDATED
    ]
    if sides:
        reason = "neither image_build_date nor created_at is a date"
        basis = sides[0] if len(sides) == 1 else Basis.BOTH
        yield Undecided(judged.image.label, reason, basis, judged.image.id)


def _names(images: Iterable[Image]) -> Iterator[Remark]:
    """Remarks about names that occur twice, as Glance allows, or not at all (DEV-0102-9)."""
    ids: dict[str, list[str]] = {}
    for image in images:
        if name := name_of(image):
            ids.setdefault(name, []).append(image.id)
        elif image["name"] is None:
            yield Remark("it has no name; the official suite may give ABORT", image.label, "DEV-0102-9")
    for name, same in ids.items():
        if len(same) > 1:
            yield Remark(f"{len(same)} images have this name: {', '.join(same)}", f"image {name}")


def _finding(judged: _Judged, basis: Basis, deviation: str, *, superseded: bool) -> Finding:
    image = judged.image
    frequency = text_of(image, "replace_frequency") or ""
    text_base = parse_text(image["image_build_date"]) or parse_official(image["created_at"])
    base = _official_base(image) if basis is Basis.OFFICIAL else text_base
    rule, title = _REPLACED
    if basis is Basis.OFFICIAL and judged.official is Standing.UNTIL_INVALID:
        rule, title = _PROMISE_ENDS
    if basis is Basis.OFFICIAL or base is None:
        expected = f"a build of the last {OFFICIAL_LIMITS[frequency] / dt.timedelta(days=1):.4g} days ({frequency})"
    else:
        last = due_day(base.date(), frequency) + GRACE
        expected = f"a newer build by {last} ({frequency} and {GRACE.days} days of grace)"
    observed = f"built {base:%Y-%m-%d %H:%M} UTC" if base else "an unknown build date"
    return Finding(
        resource=image.label,
        rule=rule,
        title=title,
        expected=expected,
        observed=f"{observed}, provided_until {show(image['provided_until'])}",
        hint=_hint(image, superseded=superseded),
        basis=basis,
        deviation=deviation,
        resource_id=image.id,
    )


def _hint(image: Image, *, superseded: bool) -> str:
    if superseded:  # there is a fresh image already, this one only has to go out of sight
        return hints.set_option(image, "--hidden")
    name = name_of(image) or "<name>"
    base_name, _, marker = name.rpartition(" ")
    return hints.replace(image, base_name if base_name and _is_marker(marker) else name)


def _why_official_differs(judged: _Judged, today: dt.date) -> str:
    """The row for an image that only the text finds outdated."""
    image = judged.image
    match judged.official:
        case Standing.NOTICE:
            return "DEV-0102-12"
        case Standing.EXPIRED:
            return "DEV-0102-13" if parse_day(image["provided_until"]) == today else "DEV-0102-15"
        case Standing.OUTDATED:
            return "DEV-0102-14"
    return "DEV-0102-11" if _same_base(image) else "DEV-0102-15"


def _why_text_differs(judged: _Judged) -> str:
    """The row for an image that only the official suite finds outdated; empty where the list has none."""
    image = judged.image
    match judged.text:
        case Standing.IGNORED:
            return DEV_SUBJECT
        case Standing.EXCUSED:
            return ""
        case Standing.OUTDATED if judged.official is Standing.UNTIL_INVALID:
            return "DEV-0102-9" if image["provided_until"] is None else ""
    return "DEV-0102-11" if _same_base(image) else "DEV-0102-15"


def _same_base(image: Image) -> bool:
    """Whether both judges measure from the same instant."""
    return parse_text(image["image_build_date"]) == parse_official(image["image_build_date"])


def _official_base(image: Image) -> dt.datetime | None:
    return parse_official(image["image_build_date"]) or parse_official(image["created_at"])


def _overdue(base: dt.date, frequency: str, today: dt.date) -> bool:
    # the first comparison also keeps dates near the end of the calendar out of the second
    return base < today and today > due_day(base, frequency) + GRACE


def _kind(image: Image, name: str) -> _Kind:
    return name, text_of(image, "os_distro"), text_of(image, "os_version"), text_of(image, "architecture")


def _is_marker(word: str) -> bool:
    """Whether the last word of a name says that the image is an old one: old, prev or a date of the calendar."""
    if not _MARKED.fullmatch(word):
        return False
    return not word[0].isdigit() or parse_day(word if "-" in word else f"{word[:4]}-{word[4:6]}-{word[6:]}") is not None
