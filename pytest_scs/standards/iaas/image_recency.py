# SPDX-License-Identifier: Apache-2.0
"""Images are as recent as their ``replace_frequency`` promises.

Source: scs-0102-v1 and -v2, "Image updating"; docs/standards/scs-0102.md#image-recency.

The official suite and the text measure differently, so every image gets a standing with each of them. An image out of
date is acceptable if a fresh one took over its name; which ones did is gathered in the same pass over the list.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided, show
from pytest_scs.standards.iaas import image_hints as hints
from pytest_scs.standards.iaas.image_renaming import (
    Renaming,
    attached,
    is_build_mark,
    officially_marked,
    plain_name,
    recommended_name,
    renaming,
)
from pytest_scs.standards.iaas.image_rules import DEV_NAMELESS, DEV_SUBJECT, name_of, text_of, visible
from pytest_scs.standards.iaas.image_standing import (
    GRACE,
    NOT_FINE,
    OFFICIAL_LIMITS,
    Standing,
    due_day,
    is_epoch,
    official_base,
    official_standing,
    row_of_difference,
    text_base,
    text_standing,
)
from pytest_scs.standards.iaas.model import Image

#: Rule id and title of what an outdated image lacks.
_REPLACED: Final = ("scs-0102/recency", "outdated without replacement")
_PROMISE_ENDS: Final = ("scs-0102/recency_provided_until", "outdated without valid provided_until")

#: The row for the way in which a replaced image and its successor are found.
_DEV_NAMES: Final = "DEV-0102-14"

#: A name, and what an image taking over that name must share with the old one.
_Kind = tuple[str, str | None, str | None, str | None]


@dataclasses.dataclass(frozen=True, slots=True)
class _Judged:
    """An image and how it stands with both judges."""

    image: Image
    official: Standing
    text: Standing

    @property
    def officially_fine(self) -> bool:
        return self.official not in NOT_FINE

    @property
    def fine_by_text(self) -> bool:
        return self.text not in NOT_FINE


class _Names:
    """The images that are there, by name: who may have taken over."""

    def __init__(self) -> None:
        self.official: dict[str, _Judged] = {}  # one that is fine, if any is
        self.last: dict[str, _Judged] = {}  # the one listed last, which is all that the official suite knows
        self.text: dict[_Kind, _Judged] = {}  # one that is fine, if any is; without those that the text ignores

    def add(self, judged: _Judged) -> None:
        name = judged.image["name"]
        if not isinstance(name, str):
            return
        self.last[name] = judged
        if name not in self.official or (judged.officially_fine and not self.official[name].officially_fine):
            self.official[name] = judged
        kind = _kind(judged.image, name)
        if judged.text is not Standing.IGNORED and (
            kind not in self.text or (judged.fine_by_text and not self.text[kind].fine_by_text)
        ):
            self.text[kind] = judged


@dataclasses.dataclass(frozen=True, slots=True)
class _Succession:
    """What came after an image: for the official suite the image behind its shortened name, for the text by renaming.

    ``order_decides``: other images with the shortened name are not fine, and the official suite sees one of these.
    """

    official: _Judged | None
    order_decides: bool
    renaming: Renaming | None
    text: _Judged | None

    @property
    def replaced(self) -> bool:
        """Whether the official suite finds a successor."""
        return self.official is not None and self.official.officially_fine

    @property
    def renamed(self) -> bool:
        """Whether the text does."""
        return self.text is not None and self.text.fine_by_text


def check_recency(images: Sequence[Image], now: dt.datetime) -> Iterator[Observation]:
    """Every visible image is within the period it promises, or a fresh image took over its name (scs-0102-v1).

    ``now`` is an aware instant; "today" of the text is its UTC day. Differences between the judges are the rows
    DEV-0102-9 to -15, -17, -20 to -22, -29 and -32.
    """
    now = now.astimezone(dt.UTC)
    today = now.date()
    listed = visible(images)
    names = _Names()
    doubtful: list[_Judged] = []
    for image in listed:
        judged = _Judged(image, official_standing(image, now), text_standing(image, today))
        names.add(judged)
        if not judged.officially_fine or judged.text is not Standing.FRESH:
            doubtful.append(judged)
    yield from _remarks_on_names(listed)
    for judged in doubtful:
        succession = _succession(judged, names)
        yield from _remarks(judged, succession)
        yield from _judge(judged, succession, names, today)


def _judge(judged: _Judged, succession: _Succession, names: _Names, today: dt.date) -> Iterator[Observation]:
    yield from _undated(judged)
    official_bad = judged.official is Standing.UNTIL_INVALID or (
        judged.official is Standing.OUTDATED and not succession.replaced
    )
    text_bad = judged.text is Standing.OUTDATED and not succession.renamed
    if official_bad or text_bad:
        basis = Basis.BOTH if official_bad and text_bad else Basis.OFFICIAL if official_bad else Basis.TEXT
        row = "" if basis is Basis.BOTH else _row(judged, succession, today)
        yield _finding(judged, basis, row, _hint(judged.image, succession, names))
    if judged.text is Standing.OUTDATED and succession.renaming and not text_bad:
        recommended = recommended_name(judged.image, succession.renaming.base)
        if judged.image["name"] != recommended:
            yield Remark(
                f"renamed and replaced; the recommended form of its name is {recommended!r}", judged.image.label
            )
    elif (
        judged.official is Standing.OUTDATED
        and succession.replaced
        and not text_bad
        and not officially_marked(judged.image)
    ):
        yield Remark("seems outdated, but is neither hidden nor marked as such by its name", judged.image.label)


def _succession(judged: _Judged, names: _Names) -> _Succession:
    image, name = judged.image, judged.image["name"]
    if not isinstance(name, str):
        return _Succession(None, False, None, None)
    official = order_decides = None
    shortened = name.rsplit(" ", 1)[0].rstrip()
    if shortened != name and (official := names.official.get(shortened)):
        order_decides = official.officially_fine and not names.last[shortened].officially_fine
    found = renaming(image, lambda base: _kind(image, base) in names.text)
    text = names.text[_kind(image, found.base)] if found else None
    return _Succession(official, bool(order_decides), found, text)


def _remarks(judged: _Judged, succession: _Succession) -> Iterator[Remark]:
    """Remarks on an image that at least one judge may take exception to."""
    image, label = judged.image, judged.image.label
    if judged.text is Standing.EXCUSED:
        reason = "its build is older than replace_frequency promises, but it was registered in time"
        yield Remark(reason, label, "DEV-0102-29")
    if is_epoch(image["image_build_date"]) and judged.official is not judged.text:
        yield Remark(
            "the official suite takes this build date for none and counts from created_at", label, "DEV-0102-20"
        )
    if judged.official is Standing.UNTIL_INVALID and image["provided_until"] is None:
        yield Remark("over-age without provided_until; the official suite gives ABORT", label, "DEV-0102-9")
    if judged.official is Standing.OUTDATED and image["name"] is None:
        yield Remark("outdated and without name; the official suite gives ABORT", label, "DEV-0102-9")
    if judged.official is Standing.OUTDATED and succession.replaced and succession.order_decides:
        reason = "of several images with the name of its successor the official suite judges the one listed last: FAIL"
        yield Remark(reason, label, "DEV-0102-21")


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


def _remarks_on_names(images: Iterable[Image]) -> Iterator[Remark]:
    """Remarks about names that occur twice, as Glance allows, or are absent twice (DEV-0102-22)."""
    ids: dict[str, list[str]] = {}
    nameless: list[str] = []
    for image in images:
        if name := name_of(image):
            ids.setdefault(name, []).append(image.id)
        elif image["name"] is None:
            nameless.append(image.id)
    for name, same in ids.items():
        if len(same) > 1:
            yield Remark(f"{len(same)} images have this name: {_few(same)}", f"image {name}")
    if len(nameless) > 1:
        reason = f"{len(nameless)} images have no name: {_few(nameless)}; the official suite gives ABORT"
        yield Remark(reason, "images", DEV_NAMELESS)


def _few(identities: Sequence[str], most: int = 10) -> str:
    more = f" and {len(identities) - most} more" if len(identities) > most else ""
    return ", ".join(identities[:most]) + more


def _finding(judged: _Judged, basis: Basis, deviation: str, hint: str) -> Finding:
    image = judged.image
    frequency = text_of(image, "replace_frequency") or ""
    base = official_base(image) if basis is Basis.OFFICIAL else text_base(image)
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
        hint=hint,
        basis=basis,
        deviation=deviation,
        resource_id=image.id,
    )


def _hint(image: Image, succession: _Succession, names: _Names) -> str:
    """The mend: out of sight, if a fresh image has its name already; else a newer build of the name comes first."""
    name = (name_of(image) or "").rstrip()
    namesake = names.text.get(_kind(image, name))
    if succession.renamed or (namesake and namesake.fine_by_text and namesake.image is not image):
        return hints.set_option(image, "--hidden")
    return hints.replace(image, plain_name(image) or "NAME")


def _row(judged: _Judged, succession: _Succession, today: dt.date) -> str:
    """The row for an image that only one judge rejects."""
    outdated = judged.official is Standing.OUTDATED and judged.text is Standing.OUTDATED
    if not outdated:
        return row_of_difference(judged.image, judged.official, judged.text, today)
    official, text = succession.official, succession.text
    if official and text and official.image["name"] == text.image["name"]:
        other = text if succession.renamed else official
        if other.officially_fine is not other.fine_by_text:
            return row_of_difference(other.image, other.official, other.text, today)
    if official and official.text is Standing.IGNORED and _mark_fits(judged.image, official.image):
        return DEV_SUBJECT
    return _DEV_NAMES


def _mark_fits(image: Image, successor: Image) -> bool:
    return is_build_mark(attached((name_of(image) or "")[len(name_of(successor) or "") :]), image)


def _kind(image: Image, name: str) -> _Kind:
    return name, text_of(image, "os_distro"), text_of(image, "os_version"), text_of(image, "architecture")
