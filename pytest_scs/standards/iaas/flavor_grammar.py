# SPDX-License-Identifier: Apache-2.0
"""Reading SCS flavor names (scs-0100-v3), by the text of the standard and by the official suite at once.

The grammar: docs/standards/scs-0100.md#grammar.

The two disagree about some spellings (DEV-0100-2 to -7, -12, -13). The reader accepts what either accepts, notes each
such place as a ``Difference``, and refuses a name only if both do.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Final

from pytest_scs.core.findings import Remark
from pytest_scs.core.judge import Judge
from pytest_scs.standards.iaas.flavor_cursor import Cursor, Difference, FlavorNameError
from pytest_scs.standards.iaas.flavor_name import (
    PREFIX,
    Disk,
    FlavorName,
    Gpu,
    Processor,
    Syntax,
    format_name,
    is_scs_name,
)
from pytest_scs.standards.iaas.flavor_tables import (
    CPU_TYPES,
    CPU_VENDORS,
    CURRENT_SYNTAX_VERSIONS,
    DISK_TYPES,
    GPU_VENDORS,
    HYPERVISOR_SINCE,
    HYPERVISORS,
    NEWEST_VERSION,
)

__all__ = ["Difference", "FlavorNameError", "ParsedName", "parse"]

#: Nova's limit for the name of a flavor. It also keeps every number short enough to be converted.
MAX_LENGTH: Final = 255

#: The delimiter after the CPU part tells the syntax, as neither syntax allows one within that part.
_V1_START: Final = re.compile(r"[^:-]*:")
_RAM: Final = re.compile(r"[0-9.]+")
_DECIMAL: Final = re.compile(r"([0-9]*)(?:\.([0-9]*))?")
_MULTIPLE: Final = "a RAM size that is a positive multiple of 0.5 GiB"
_RAM_BY_THE_TEXT: Final = re.compile(r"[1-9][0-9]*|(?:0|[1-9][0-9]*)\.[05]")
_MULTIPLIER: Final = re.compile(r"([0-9]*)x")
_GPU_GENERATION: Final = re.compile(r"[a-gi-z]|[0-9]+(?:\.[0-9]+)?")
#: A vendor letter must be followed by nothing but its own part, or ``_ib`` would begin with Intel.
_PROCESSOR: Final[Mapping[Syntax, re.Pattern[str]]] = {
    syntax: re.compile(rf"{syntax.outer}(?=[{''.join(CPU_VENDORS)}][0-9]*h*(?:{syntax.outer}|\Z))") for syntax in Syntax
}


@dataclasses.dataclass(frozen=True, slots=True)
class ParsedName:
    """A name that the official suite, the text, or both accept.

    ``versions`` are the major versions of scs-0100 whose text admits the name, ascending; it is empty for spellings
    no text knows and for v1 syntax with codes younger than v1 (tolerated all the same). ``warnings`` leave the verdict
    alone.
    """

    text: str
    syntax: Syntax
    flavor: FlavorName
    differences: tuple[Difference, ...]
    warnings: tuple[Remark, ...]
    versions: tuple[int, ...]

    def accepted_by(self, *judges: Judge) -> bool:
        """Whether each of the given judges accepts the name; without any, whether both do."""
        return not any(difference.rejected_by in (judges or Judge) for difference in self.differences)

    @property
    def canonical(self) -> str:
        """The canonical spelling in the syntax the name uses."""
        return format_name(self.flavor, self.syntax)


def parse(name: str) -> ParsedName:
    """Read a flavor name in the current or, with a warning, in the v1 syntax (scs-0100-v3, DEV-0100-9).

    Raises FlavorNameError for every string that neither the official suite nor the text accepts, also for one that
    is no SCS name at all.
    """
    if not is_scs_name(name):
        raise FlavorNameError(name, 0, f"the prefix {PREFIX!r}")
    if len(name) > MAX_LENGTH:
        raise FlavorNameError(name, MAX_LENGTH, f"the end of the name, Nova allows {MAX_LENGTH} characters")
    syntax = Syntax.V1 if _V1_START.match(name, len(PREFIX)) else Syntax.CURRENT
    return _Reader(name, syntax).read()


class _Reader(Cursor):
    """Reads one name from left to right in one syntax."""

    def __init__(self, name: str, syntax: Syntax) -> None:
        super().__init__(name, len(PREFIX))
        self.syntax = syntax
        self.warnings: list[Remark] = []

    def read(self) -> ParsedName:
        """Read everything. The order of the calls is the order of the parts in the grammar."""
        cpus = self.number("the number of CPUs")
        cpu_type = self.letter("".join(CPU_TYPES))
        if not cpu_type:
            raise self.error(f"the CPU type, one of {', '.join(CPU_TYPES)}")
        insecure = self.skip("i")
        if not self.skip(self.syntax.inner):
            raise self.error(f"'{self.syntax.inner}' and the RAM size")
        flavor = FlavorName(
            cpus=cpus,
            cpu_type=cpu_type,
            insecure=insecure,
            half_gib=self.ram(),
            no_ecc=self.skip("u"),
            ram_oversubscribed=self.skip("o"),
            disk=self.disk(),
            hypervisor=self.hypervisor(),
            hwv=self.skip(f"{self.syntax.outer}hwv"),
            processor=self.processor(),
            gpu=self.gpu(),
            infiniband=self.skip(f"{self.syntax.outer}ib"),
        )
        if self.rest:
            raise self.error(self.what_may_follow(flavor))
        return self.result(flavor)

    def result(self, flavor: FlavorName) -> ParsedName:
        """Join what was read; raises FlavorNameError if each side refuses a different place of the name."""
        differences = tuple(self.differences)
        if len({difference.rejected_by for difference in differences}) == 2:
            first = min(differences, key=lambda difference: difference.position)
            raise self.error(first.expected, first.position)
        if self.syntax is Syntax.V1:
            self.warn("the name is written in the v1 syntax, which is merely tolerated", "DEV-0100-9")
        if flavor.half_gib % 2 and flavor.half_gib > 2 * 10:
            self.warn("the name promises half a GiB, which should not be done for 10 GiB and more")
        versions = _admitting_versions(flavor, self.syntax, differences)
        return ParsedName(self.name, self.syntax, flavor, differences, tuple(self.warnings), versions)

    def ram(self) -> int:
        """The RAM size in units of 512 MiB; what only the official suite accepts (DEV-0100-12) as that rounds it."""
        start = self.position
        text = self.match(_RAM)
        decimal = _DECIMAL.fullmatch(text)
        if not decimal or not (decimal[1] or decimal[2]):
            raise self.error("the RAM size in GiB", start)
        fraction = (decimal[2] or "").rstrip("0")
        half_gib = 2 * int(decimal[1] or "0") + (fraction == "5")
        # To the official suite it is a binary double, in which digits beyond its precision do not count.
        rounded = 2 * float(text)
        exact = fraction in ("", "5")
        if not (half_gib if exact else rounded.is_integer() and rounded):
            raise self.error(_MULTIPLE, start)
        if not exact:
            self.differ(Judge.TEXT, "DEV-0100-12", _MULTIPLE, start)
        elif not _RAM_BY_THE_TEXT.fullmatch(text):
            self.differ(Judge.TEXT, "DEV-0100-5", "the RAM size without superfluous or missing digits", start)
        return half_gib if exact else int(rounded)

    def disk(self) -> Disk | None:
        """The disk part with its delimiter, if there is one."""
        if not self.skip(self.syntax.inner):
            return None
        count = 1
        multiplier = _MULTIPLIER.match(self.name, self.position)
        if multiplier:
            if multiplier[1]:
                count = self.number("the number of disks")
            else:
                self.differ(Judge.TEXT, "DEV-0100-4", "the number of disks")
            self.skip("x")
        size = self.optional_number("the disk size in GB")
        if size is None and multiplier and multiplier[1]:
            self.differ(Judge.TEXT, "DEV-0100-3", "the disk size in GB")
        return Disk(size=size, type=self.letter("".join(DISK_TYPES)), count=count)

    def hypervisor(self) -> str:
        """The hypervisor code, or an empty string."""
        for code in HYPERVISORS:
            known = self.syntax is Syntax.CURRENT or code not in HYPERVISOR_SINCE
            if known and self.skip(self.syntax.outer + code):
                return code
        return ""

    def processor(self) -> Processor | None:
        """The CPU vendor, generation and speed."""
        if not self.match(_PROCESSOR[self.syntax]):
            return None
        vendor = self.letter("".join(CPU_VENDORS))
        start = self.position
        generation = int(self.digits() or "0")
        known = CPU_VENDORS[vendor].generations
        if generation not in known:
            raise self.error(f"a generation of {CPU_VENDORS[vendor].name} CPUs, 0 to {max(known)}", start)
        return Processor(vendor, generation, self.marks(most=3))

    def gpu(self) -> Gpu | None:
        """The GPU vendor, generation, units and video memory."""
        passthrough = self.skip(f"{self.syntax.outer}G")
        if not passthrough and not self.skip(f"{self.syntax.outer}g"):
            return None
        vendor = self.letter("".join(GPU_VENDORS))
        if not vendor:
            raise self.error(f"the GPU vendor, one of {', '.join(GPU_VENDORS)}")
        generation = self.gpu_generation(vendor)
        units = self.gpu_number("the number of GPU units")
        start = self.position
        units_speed = self.marks(most=2)
        if units is None and units_speed:
            self.differ(Judge.TEXT, "DEV-0100-6", "the number of GPU units before h", start)
        elif units is None and self.rest == f"{self.syntax.outer}ib":
            self.differ(Judge.OFFICIAL, "DEV-0100-2", "the number of GPU units before the next part")
        elif units is not None and not generation:
            self.warn("the name tells the number of GPU units, but not the generation", "DEV-0100-8")
        memory = self.gpu_number("the video memory in GiB")
        start = self.position
        memory_speed = self.marks(most=2) if memory else 0
        if memory_speed > 1:
            self.differ(Judge.TEXT, "DEV-0100-13", "at most one h after the video memory", start + 1)
        return Gpu(passthrough, vendor, generation, units, units_speed, memory, memory_speed)

    def gpu_generation(self, vendor: str) -> str:
        """The code of the GPU generation, or an empty string."""
        start = self.position
        code = self.match(_GPU_GENERATION)
        known = GPU_VENDORS[vendor].generations
        if code and code not in known:
            raise self.error(f"a generation of {GPU_VENDORS[vendor].name} GPUs, one of {', '.join(known)}", start)
        if code and not known[code].official:
            self.differ(Judge.OFFICIAL, "DEV-0100-7", "a GPU generation that the official suite knows", start)
        return code

    def gpu_number(self, what: str) -> int | None:
        """A delimiter and a positive number, if the delimiter stands here."""
        return self.number(what) if self.skip(self.syntax.inner) else None

    def warn(self, text: str, deviation: str = "") -> None:
        """Note something that leaves the verdict alone."""
        self.warnings.append(Remark(text, deviation=deviation))

    def what_may_follow(self, flavor: FlavorName) -> str:
        """What the grammar allows after the parts read so far, for the message about the rest."""
        stages = (flavor.hypervisor, flavor.hwv, flavor.processor, flavor.gpu, flavor.infiniband)
        last = max((stage for stage, part in enumerate(stages, 1) if part), default=0)
        extensions = ("a hypervisor", "hwv", "a CPU vendor with generation", "a GPU", "ib")[last:]
        choices = ["the end of the name"]
        if extensions:
            choices.insert(0, f"'{self.syntax.outer}' with {', '.join(extensions)}")
        if not last and not flavor.disk:
            choices.insert(0, f"'{self.syntax.inner}' with a disk")
        elif not last and flavor.disk and not flavor.disk.type:
            choices.insert(0, "a disk type" if flavor.disk.size else "a disk size or type")
        return " or ".join(choices)


def _admitting_versions(flavor: FlavorName, syntax: Syntax, differences: tuple[Difference, ...]) -> tuple[int, ...]:
    """The major versions whose text admits the name: each knows its own delimiters, and older ones fewer codes."""
    odd = {difference.deviation for difference in differences if difference.rejected_by is Judge.TEXT}
    if odd - {"DEV-0100-3"}:
        return ()
    first = HYPERVISOR_SINCE.get(flavor.hypervisor, 1)
    if flavor.processor:
        first = max(first, CPU_VENDORS[flavor.processor.vendor].generations[flavor.processor.generation].since)
    if flavor.gpu and flavor.gpu.generation:
        first = max(first, GPU_VENDORS[flavor.gpu.vendor].generations[flavor.gpu.generation].since)
    if flavor.gpu and flavor.gpu.memory:
        first = max(first, NEWEST_VERSION)
    # Several disks without a size occur only in the examples of the two older texts.
    last = NEWEST_VERSION - 1 if odd else NEWEST_VERSION
    written = CURRENT_SYNTAX_VERSIONS if syntax is Syntax.CURRENT else (1,)
    return tuple(version for version in written if first <= version <= last)
