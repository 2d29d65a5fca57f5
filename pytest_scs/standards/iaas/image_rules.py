# SPDX-License-Identifier: Apache-2.0
"""What all rules about single images share: which images they concern, how values are read, how offenders are named."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Concatenate, Final, ParamSpec

from pytest_scs.core.findings import Basis, Finding, Observation, Remark, Undecided, one_of, show
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas.model import Image

P = ParamSpec("P")

#: Own community images and images that are not active: examined by the official suite, no concern of the text.
DEV_SUBJECT = "DEV-0102-17"

#: A nameless image breaks the official suite where it is written into a message.
DEV_NAMELESS = "DEV-0102-22"
_CRASH: Final = "it has no name, so the official suite gives ABORT"
#: Rules whose official messages do without the name.
_NAMELESS_IS_FINE: Final = frozenset(
    {
        "scs-0102/hotfix_hours",
        "scs-0102/image_build_date",
        "scs-0102/image_build_date_before_registration",
        "scs-0102/image_build_date_not_in_future",
        "scs-0102/uuid_validity",
    }
)

#: Property -> id of the rule about its value.
RULES: Final[Mapping[str, str]] = {
    "architecture": "scs-0102/architecture",
    "hotfix_hours": "scs-0102/hotfix_hours",
    "hw_disk_bus": "scs-0102/hw_disk_bus",
    "hw_rng_model": "scs-0102/hw_rng_model",
    "hypervisor_type": "scs-0102/hypervisor_type",
    "image_description": "scs-0102/image_description",
    "image_original_user": "scs-0102/image_original_user",
    "image_source": "scs-0102/image_source",
    "min_disk": "scs-0102/min_disk",
    "min_ram": "scs-0102/min_ram",
    "os_distro": "scs-0102/os_distro",
    "os_hash_algo": "scs-0102/os_hash_algo",
    "os_hash_value": "scs-0102/os_hash_value",
    "os_purpose": "scs-0102/os_purpose",
    "os_version": "scs-0102/os_version",
    "provided_until": "scs-0102/provided_until",
    "replace_frequency": "scs-0102/replace_frequency",
    "uuid_validity": "scs-0102/uuid_validity",
}


def visible(images: Iterable[Image]) -> list[Image]:
    """The images that ordinary listings show; hidden ones are never examined (DEV-0102-10)."""
    return [image for image in images if not image.hidden]


def concerns_text(image: Image) -> bool:
    """Whether the text of scs-0102 speaks about this (visible) image: the provider's public images that can be used.

    See docs/standards/scs-0102.md#which-images.
    """
    properties = image.properties
    return properties.get("visibility") == "public" and properties.get("status") == "active"


def narrowed(observations: Iterable[Observation]) -> Iterator[Observation]:
    """The observations as far as the official suite makes them: for images that the text is not about."""
    for observation in observations:
        if isinstance(observation, Remark) or observation.basis is Basis.OFFICIAL:
            yield observation
        elif observation.basis is Basis.BOTH:
            if isinstance(observation, Undecided):
                yield dataclasses.replace(observation, basis=Basis.OFFICIAL)
            else:
                yield dataclasses.replace(observation, basis=Basis.OFFICIAL, deviation=DEV_SUBJECT)


def for_judged_images(
    check: Callable[Concatenate[Image, P], Iterator[Observation]],
) -> Callable[Concatenate[Image, P], Iterator[Observation]]:
    """Let a check on one image apply to its subject only (scs-0102 and DEV-0102-17).

    Nothing is said about hidden images; about images that do not concern the text only what the official suite says.
    A remark tells where the official suite breaks on an offender without name (DEV-0102-22).
    """

    @functools.wraps(check)
    def limited(image: Image, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[Observation]:
        if image.properties.get("os_hidden"):
            return iter(())
        observations = check(image, *args, **kwargs)
        if image.properties.get("name") is None:
            observations = _nameless(image, observations)
        return observations if concerns_text(image) else narrowed(observations)

    return limited


def nameless_crash(image: Image) -> Remark:
    """The remark that the official suite breaks on this image, which has no name (DEV-0102-22)."""
    return Remark(_CRASH, image.label, DEV_NAMELESS)


def _nameless(image: Image, observations: Iterable[Observation]) -> Iterator[Observation]:
    """What was observed, and a remark if the official suite breaks on an offence it sees."""
    crash = False
    for observation in observations:
        yield observation
        if isinstance(observation, Finding) and observation.rule not in _NAMELESS_IS_FINE:
            crash = crash or observation.basis.concerns(Judge.OFFICIAL)
    if crash:
        yield nameless_crash(image)


def text_of(image: Image, key: str) -> str | None:
    """A property as text; None where it is absent, the empty text where it is neither text nor a number.

    Glance sends additional properties as text, but a recording or a proxy may hold anything.
    """
    value = image.properties.get(key)
    if isinstance(value, str):
        return value
    if value is None:
        return None
    return str(value) if isinstance(value, int | float) else ""


def number_of(image: Image, key: str) -> int | None:
    """A base property as a whole number, also where it comes as text; None where it is absent or anything else."""
    value = image.properties.get(key)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    # the length keeps off texts that Python refuses to convert
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        return int(value)
    return None


def name_of(image: Image) -> str | None:
    """The image's name; None where it has none."""
    name = image.properties.get("name")
    return name if isinstance(name, str) and name else None


def offence(
    image: Image,
    key: str,
    official_ok: bool,
    text_ok: bool,
    *,
    official: str,
    text: str = "",
    hint: str,
    deviation: str = "",
    observed: str = "",
) -> Finding:
    """The finding about a property, a key of RULES, that at least one of the two judges rejects.

    ``official`` and ``text`` say what each expects (the latter by default the same); where both reject, the text's
    expectation is printed. ``deviation`` is used only where they disagree.
    """
    basis = Basis.OFFICIAL if text_ok else Basis.TEXT if official_ok else Basis.BOTH
    return Finding(
        resource=image.label,
        rule=RULES[key],
        title=key,
        expected=official if text_ok else text or official,
        observed=observed or show(image[key]),
        hint=hint,
        basis=basis,
        deviation="" if basis is Basis.BOTH else deviation,
        resource_id=image.id,
    )


def enumerated(
    image: Image,
    key: str,
    official: Set[str | None],
    text: Set[str | None],
    hint: Callable[[Image], str],
    deviation: str = "",
) -> Iterator[Finding]:
    """Judge a property that has one of some values, compared as they are; None in a set allows it to be absent."""
    value = text_of(image, key)
    official_ok, text_ok = value in official, value in text
    if official_ok and text_ok:
        return
    allowed = official if text_ok else text if official_ok else official & text
    expected = one_of(sorted(map(repr, allowed - {None}))) + (" or not set" if None in allowed else "")
    yield offence(image, key, official_ok, text_ok, official=expected, hint=hint(image), deviation=deviation)
