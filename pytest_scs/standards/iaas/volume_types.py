# SPDX-License-Identifier: Apache-2.0
"""Volume types (scs-0114-v1): the list of aspects at the beginning of a volume type's description.

How it is read: docs/standards/scs-0114.md#list-of-aspects.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from pytest_scs.base.shell import command
from pytest_scs.core.findings import Basis, Finding, Observation, Remark, show
from pytest_scs.standards.iaas.model import VolumeType

#: The standardized aspects, in the order in which a list must have them (scs-0114-v1).
ASPECTS = ("encrypted", "replicated")

#: How many characters from the start of a text an intended, but unreadable list is looked for (DEV-0114-2).
ATTEMPT_WINDOW = 20

_LIST = re.compile(r"\[scs:(?P<content>[^\[\]]*)\]")
_OPENING = re.compile(r"\[\s*scs\s*:", re.IGNORECASE | re.ASCII)
_WORD_ALONE = re.compile(r"scs:", re.IGNORECASE | re.ASCII)
_ASPECTS_AHEAD = re.compile(rf"[\s,\[]*(?:(?:{'|'.join(ASPECTS)})\b[\s,]*)*", re.IGNORECASE | re.ASCII)

#: Aspect -> id of the rule that a type advertises it.
_OFFERED = {"encrypted": "scs-0114/encrypted_offered", "replicated": "scs-0114/replicated_offered"}

# What an operator does to get a volume type with this aspect; replication itself is a matter of the storage backend.
_CREATE_HINTS = {
    "encrypted": (
        "openstack volume type create --description='[scs:encrypted]' --encryption-provider luks "
        "--encryption-cipher aes-xts-plain64 --encryption-key-size 256 --encryption-control-location front-end NAME"
    ),
    "replicated": (
        "openstack volume type create --description='[scs:replicated]' "
        "--property volume_backend_name=REPLICATING_BACKEND NAME"
    ),
}


@dataclasses.dataclass(frozen=True, slots=True)
class AspectList:
    """A list as found: ``text`` with its brackets, ``aspects`` trimmed and in the order written, ``rest`` after it."""

    text: str
    aspects: tuple[str, ...]
    rest: str

    @property
    def mended(self) -> str:
        """The list as it should be: its standardized aspects, sorted; empty where it has none."""
        known = sorted({aspect.lower() for aspect in self.aspects} & set(ASPECTS))
        return render(known) if known else ""

    @property
    def mended_description(self) -> str:
        """The description with the mended list, and with the other aspects as ordinary words behind it."""
        others = dict.fromkeys(aspect for aspect in self.aspects if aspect.lower() not in ASPECTS)
        return " ".join(" ".join([self.mended, *others, self.rest]).split())


@dataclasses.dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody seems to have meant as a list, and nobody will read as one (DEV-0114-2).

    ``text`` is the attempt itself, ``words`` what it holds, ``faults`` say what is wrong with it, ``around`` is the
    description without it.
    """

    text: str
    words: tuple[str, ...]
    faults: tuple[str, ...]
    around: str

    @property
    def aspects(self) -> list[str]:
        """The standardized aspects among its words, as a list has them."""
        return sorted({word.lower() for word in self.words} & set(ASPECTS))

    def mended_description(self, before: Sequence[str] = ()) -> str:
        """The description with a list at its beginning, of these aspects and those ``before``; empty without any."""
        aspects = sorted({*self.aspects, *before})
        others = dict.fromkeys(word for word in self.words if word.lower() not in ASPECTS)
        return " ".join(" ".join([render(aspects), *others, self.around]).split()) if aspects else ""


def read_attempt(text: str) -> Attempt | None:
    """Find what seems to be meant as a list: ``[scs:`` anywhere, in any case, or ``scs:`` near the start.

    Accepts any text, never raises; what is a list (`read_aspects`) has to be cut off before.
    """
    opening = _OPENING.search(text) or _WORD_ALONE.search(text[:ATTEMPT_WINDOW])
    if opening is None:
        return None
    start, after = opening.start(), text[opening.end() :]
    content, bracket, rest = after.partition("]")
    if bracket:
        rest = rest.removeprefix("]") if "[" in content else rest
    else:
        ahead = _ASPECTS_AHEAD.match(after)
        content = ahead[0] if ahead else ""
        rest = after[len(content) :]
    faults = {
        "not at the beginning": start > 0,
        "without an opening bracket": "[" not in opening[0],
        "not in lower case": "scs" not in opening[0],
        "with blanks before the colon": any(char.isspace() for char in opening[0]),
        "with a bracket within": "[" in content,
        "without a closing bracket": not bracket,
    }
    return Attempt(
        text=text[start : len(text) - len(rest)].rstrip(),
        words=tuple(word for word in re.split(r"[\s,\[]+", content) if word),
        faults=tuple(fault for fault, there in faults.items() if there),
        around=f"{text[:start]} {rest}",
    )


def read_aspects(description: str | None) -> AspectList | None:
    """Find the list of aspects in a description; None where there is none.

    Source: scs-0114-v1, "Systematic Description of Volume Types"; docs/standards/scs-0114.md#list-of-aspects.

    A list begins with the very first character; ``[scs:]`` is a list without aspects. Accepts any text, never raises.
    """
    match = _LIST.match(description or "")
    if match is None:
        return None
    content = match["content"]
    aspects = tuple(part.strip() for part in content.split(",")) if content else ()
    return AspectList(match[0], aspects, match.string[match.end() :])


def render(aspects: Sequence[str]) -> str:
    """Write a list of aspects the way the standard shows it: ``[scs:encrypted, replicated]``."""
    return f"[scs:{', '.join(aspects)}]"


def check_aspect_list(volume_type: VolumeType) -> Iterator[Observation]:
    """The list in the description, if any, is sorted, without repetition, and of standardized aspects (scs-0114-v1).

    DEV-0114-1: the text merely advises against other aspects, the official suite rejects them. An empty part between
    the commas is no aspect, and wrong for both. Lists that nobody will recognise (DEV-0114-2) or that are
    written in another style (DEV-0114-3) get a remark.
    """
    found = read_aspects(volume_type.description)
    if found is None:
        attempt = read_attempt(volume_type.description or "")
        if attempt:
            yield Remark(
                f"the description {show(volume_type.description)} seems to announce aspects, but contains no list: "
                f"{show(attempt.text)} is {' and '.join(attempt.faults)}; a list looks like [scs:encrypted], "
                f"in lower case, and comes first{_as_it_should_be(attempt.mended_description())}",
                volume_type.label,
                "DEV-0114-2",
            )
        return
    yield from _rule_findings(volume_type, found)
    yield from _style_remarks(volume_type, found)


def check_aspect_offered(aspect: str, volume_types: Sequence[VolumeType]) -> Iterator[Observation]:
    """At least one volume type advertises ``aspect``, one of `ASPECTS` (scs-0114-v1, "RECOMMENDED volume types").

    A list that breaks another rule counts as well.
    """
    lists = [read_aspects(volume_type.description) for volume_type in volume_types]
    if any(found and aspect in found.aspects for found in lists):
        return
    described = "; ".join(sorted(f"{one.name}: {_described(one)}" for one in volume_types))
    yield Finding(
        resource="volume types",
        rule=_OFFERED[aspect],
        title=f"one of them advertises the aspect {aspect}",
        expected=f"a description that starts with {render([aspect])}",
        observed=described or "no volume type at all",
        hint=_offering_hint(aspect, volume_types),
    )


def _described(volume_type: VolumeType) -> str:
    """The list of a type, for the finding that no list has some aspect."""
    found = read_aspects(volume_type.description)
    if found:
        return found.text
    attempt = read_attempt(volume_type.description or "")
    return ", ".join(("a list", *attempt.faults)) if attempt else "no list"


def _offering_hint(aspect: str, volume_types: Sequence[VolumeType]) -> str:
    """How to come to a type that advertises the aspect: first by those whose description tries to."""
    meant = [
        f"if {show(one.name)} is {aspect}: {_describe_command(one, attempt.mended_description())}"
        for one in volume_types
        if not read_aspects(one.description)
        and (attempt := read_attempt(one.description or ""))
        and aspect in attempt.aspects
    ]
    general = (
        f"if a type is {aspect}: openstack volume type set --description='{render([aspect])} FURTHER_WORDS' TYPE; "
        f"if there is none yet: {_CREATE_HINTS[aspect]}"
    )
    return "; ".join([*meant, general])


def _describe_command(volume_type: VolumeType, description: str) -> str:
    """The command that gives a type another description."""
    return command(["openstack", "volume", "type", "set", f"--description={description}"], volume_type.id)


def _as_it_should_be(description: str) -> str:
    return f"; if that is meant and true, the description should be {show(description)}" if description else ""


def _rule_findings(volume_type: VolumeType, found: AspectList) -> Iterator[Observation]:
    aspects = found.aspects
    broken: list[tuple[str, str, str, Basis, str]] = []
    if list(aspects) != sorted(aspects):
        broken.append(("scs-0114/aspects_sorted", "aspects are in alphabetical order", "", Basis.BOTH, ""))
    if len(set(aspects)) < len(aspects):
        broken.append(("scs-0114/aspects_once", "each aspect is listed once", "", Basis.BOTH, ""))
    if "" in aspects:
        broken.append(("scs-0114/aspects_filled", "there is an aspect between any two commas", "", Basis.BOTH, ""))
    unknown = dict.fromkeys(aspect for aspect in aspects if aspect and aspect not in ASPECTS)
    if unknown:
        detail = f"{', '.join(map(show, unknown))} in "
        title = "only standardized aspects are listed"
        broken.append(("scs-0114/aspects_standardized", title, detail, Basis.OFFICIAL, "DEV-0114-1"))
    for rule, title, detail, basis, deviation in broken:
        yield Finding(
            resource=volume_type.label,
            resource_id=volume_type.id,
            rule=rule,
            title=title,
            expected=show(found.mended) if found.mended else "no list",
            observed=detail + show(found.text),
            hint=_describe_command(volume_type, found.mended_description),
            basis=basis,
            deviation=deviation,
        )


def _style_remarks(volume_type: VolumeType, found: AspectList) -> Iterator[Observation]:
    if not found.aspects:
        yield Remark("the description starts with an empty list of aspects; leave it out", volume_type.label)
    elif all(found.aspects) and found.text != render(found.aspects):
        yield Remark(
            f"the list {show(found.text)} is accepted, but the standard writes it {show(render(found.aspects))}",
            volume_type.label,
            "DEV-0114-3",
        )
    if attempt := read_attempt(found.rest):
        known = [aspect.lower() for aspect in found.aspects if aspect.lower() in ASPECTS]
        yield Remark(
            f"only {show(found.text)} counts; what follows, {show(found.rest)}, seems to be meant as a list as well"
            f"{_as_it_should_be(attempt.mended_description(known))}",
            volume_type.label,
            "DEV-0114-2",
        )
