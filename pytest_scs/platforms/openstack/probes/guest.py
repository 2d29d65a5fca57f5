# SPDX-License-Identifier: Apache-2.0
"""The sample VM that looks at its own entropy: one VM for all testcases of scs-0101 that need one.

It needs no network, no package and no key: user data comes by config drive, results leave by the console. Where nobody
can read the console, a second VM gets a disk for its report (see ``report_disk``). How all of it is chosen and done:
docs/standards/scs-0101.md#the-sample-vm.
"""

from __future__ import annotations

import base64
import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import Any

import tenacity

from pytest_scs.base.fields import Fields
from pytest_scs.core.cause import CauseKind, Inconclusive
from pytest_scs.evidence.phase import doing
from pytest_scs.evidence.section import Section, single
from pytest_scs.platforms.openstack.answers import reading
from pytest_scs.platforms.openstack.client import Refused
from pytest_scs.platforms.openstack.explain import kind_of_standstill
from pytest_scs.platforms.openstack.listings import flavors as flavors_listing
from pytest_scs.platforms.openstack.listings import images as images_listing
from pytest_scs.platforms.openstack.probes import report_disk
from pytest_scs.platforms.openstack.probes.console import ConsoleWatch
from pytest_scs.platforms.openstack.probing import Probing
from pytest_scs.platforms.openstack.removal import Resource
from pytest_scs.standards.iaas import guest_check, guest_choice
from pytest_scs.standards.iaas.guest_report import GuestReading, GuestReport
from pytest_scs.standards.iaas.hopeless_boot import NO_INTERPRETER
from pytest_scs.standards.iaas.model import Flavor, Image

#: Seconds until the server runs, until its volume is there, and then until the console has the results
#: (docs/standards/scs-0101.md#the-sample-vm).
BOOT = 500
VOLUME = 500
CONSOLE = 300

_FIRST = "vm"
_OTHER_IMAGE = "; offer a public image with cloud-init and Python 3, such as Ubuntu 24.04"


def probe(probing: Probing) -> dict[str, Any]:
    """What the VM reported. Keys: ``report`` (see GuestReport), ``image``, ``flavor``, ``zone``, ``seconds``.

    Raises Inconclusive if there is no report: no image or flavor to boot, quota, no boot, no console and no disk, time
    out.
    """
    images = images_listing.SECTION.typed(probing.inventory)
    flavors = flavors_listing.SECTION.typed(probing.inventory)
    try:
        return _by_console(probing, images, flavors)
    except _SilentError as silent:
        try:
            return _boot(probing, [silent.image], flavors, "disk-vm", by_disk=True)
        except Inconclusive as error:
            raise Inconclusive(f"{silent}; then, with a disk for its report: {error}", error.kind) from None


class _NotBooted(Inconclusive):
    """The VM, or the system in it, did not start; ``remedy`` where the image is to blame.

    ``with_any_flavor``: it would be so with every flavor.
    """

    def __init__(
        self, text: str, kind: CauseKind, image: Image, remedy: str = "", *, with_any_flavor: bool = False
    ) -> None:
        super().__init__(text, kind)
        self.image = image
        self.remedy = remedy
        self.with_any_flavor = with_any_flavor


class _SilentError(Inconclusive):
    """The VM runs, but its console is empty, or the cloud does not show it."""

    def __init__(self, text: str, kind: CauseKind, image: Image) -> None:
        super().__init__(text, kind)
        self.image = image


def _by_console(probing: Probing, images: list[Image], flavors: list[Flavor]) -> dict[str, Any]:
    """Boot the best image or, if that is broken, the second best, and read the console."""
    try:
        return _boot(probing, images, flavors, _FIRST)
    except _NotBooted as first:
        # It may be the image's fault.
        others = [image for image in images if image.id != first.image.id]
        if not others and not first.with_any_flavor:
            others = _with_another_flavor(first.image, flavors)
        if not others:
            raise Inconclusive(f"{first}; there is no other image to try{first.remedy}", first.kind) from None
        try:
            return _boot(probing, others, flavors, "second-vm")
        except _SilentError:
            raise
        except _NotBooted as second:
            raise Inconclusive(f"{first}; then {second}{second.remedy}", second.kind) from None
        except Inconclusive as second:
            raise Inconclusive(f"{first}; then {second}", second.kind) from None


def _with_another_flavor(image: Image, flavors: list[Flavor]) -> list[Image]:
    """The only image once more, where a second VM would not get the flavor of the first one."""
    chosen = [guest_choice.choose_flavor(flavors, image, whatever_disk=whatever).value for whatever in (False, True)]
    return [image] if chosen[0] != chosen[1] else []


def _boot(
    probing: Probing, images: list[Image], flavors: list[Flavor], name: str, *, by_disk: bool = False
) -> dict[str, Any]:
    """Try the best of the images."""
    image = guest_choice.choose_image(images, flavors).value
    # Where a first VM did not start, the hosts with disks may be full.
    flavor = guest_choice.choose_flavor(flavors, image, whatever_disk=name != _FIRST).value
    size = guest_choice.boot_from_volume(flavor, image)
    sizes = ([size] if size else []) + ([report_disk.SIZE] if by_disk else [])
    needs = {"instances": 1, "cores": flavor.vcpus, "ram": flavor.ram}
    with probing.quota.claim({**needs, "volumes": len(sizes), "gigabytes": sum(sizes)} if sizes else needs):
        return _try(probing, image, flavor, size, name, by_disk=by_disk)


def _try(
    probing: Probing, image: Image, flavor: Flavor, size: int | None, name: str, *, by_disk: bool
) -> dict[str, Any]:
    """Boot a VM, from a new volume of ``size`` GiB if there is one, and get its report."""
    started = time.monotonic()
    token = probing.janitor.run
    disk = report_disk.make(probing, token) if by_disk else None
    volume = _volume(probing, image, size, f"{name}-volume") if size else None
    server, zone = _start(probing, image, flavor, volume, disk, name)
    what = f"{flavor.name}, {image.name}, zone {zone}"
    try:
        if disk:
            report_disk.wait(probing, server)
            probing.janitor.delete(server)
            report = report_disk.read(probing, disk, token, what)
        else:
            report = _report(probing, server, token, what, image)
    except BaseException:
        probing.janitor.discard(server, *_used(volume, disk))
        raise
    found = {
        "report": dataclasses.asdict(report),
        "image": {"name": image.name, "id": image.id},
        "flavor": flavor.name,
        "zone": zone,
        "seconds": round(time.monotonic() - started, 1),
    }
    probing.tell(found)
    probing.janitor.dismiss(server, *_used(volume, disk))
    return found


def _start(
    probing: Probing, image: Image, flavor: Flavor, volume: Resource | None, disk: Resource | None, name: str
) -> tuple[Resource, str | None]:
    """A VM that runs, and its zone as far as it is told; raises _NotBooted, and discards all of it, if it does not."""
    body: dict[str, Any] = {
        "flavorRef": flavor.id,
        "user_data": base64.b64encode(guest_check.user_data(probing.janitor.run).encode()).decode(),
        "config_drive": True,
        "networks": "none",
        **_devices(image, volume, disk),
    }
    server, _ = probing.janitor.create("server", "0101", name, body)
    seconds = probing.patiently(BOOT)
    doing("sample VM: booting", seconds)
    current = probing.janitor.wait(server, lambda status: status in ("active", "shutoff", "error"), seconds)
    status = str(current.get("status"))
    # One that reports by a disk may have done so, and shut down, between two looks.
    if status.lower() not in (("active", "shutoff") if disk else ("active",)):
        fault = _fault_of(current) or f"it is {status}, {seconds:.0f} s were given"
        probing.janitor.discard(server, *_used(volume, disk))
        kind = kind_of_standstill(status)
        raise _NotBooted(f"the sample VM ({flavor.name}, {image.name}) did not start: {fault}", kind, image)
    zone = current.get("OS-EXT-AZ:availability_zone")
    return server, zone if isinstance(zone, str) else None


def _fault_of(server: Mapping[str, Any]) -> str:
    """Why a server did not start, in the cloud's words; empty where it has none."""
    fault = server.get("fault")
    message = fault.get("message") if isinstance(fault, Mapping) else None
    return message if isinstance(message, str) else ""


def _used(*volumes: Resource | None) -> list[Resource]:
    return [volume for volume in volumes if volume]


def _devices(image: Image, volume: Resource | None, disk: Resource | None) -> dict[str, Any]:
    """What the VM boots from and which disk it gets, as a request for a server says it."""
    if not volume and not disk:
        return {"imageRef": image.id}
    local = {"source_type": "image", "destination_type": "local", "uuid": image.id, "delete_on_termination": True}
    devices = [{**(_attached(volume) if volume else local), "boot_index": 0}]
    if disk:
        devices.append({**_attached(disk), "boot_index": -1})
    return {"block_device_mapping_v2": devices} | ({} if volume else {"imageRef": image.id})


def _attached(volume: Resource) -> dict[str, Any]:
    return {
        "source_type": "volume",
        "destination_type": "volume",
        "uuid": volume.id,
        "delete_on_termination": False,
    }


def _volume(probing: Probing, image: Image, size: int, name: str) -> Resource:
    seconds = probing.patiently(VOLUME)
    doing("sample VM: copying the image to its volume", seconds)
    volume, _ = probing.janitor.create("volume", "0101", name, {"size": size, "imageRef": image.id})
    current = probing.janitor.wait(volume, lambda status: status == "available" or status.startswith("error"), seconds)
    if current.get("status") != "available":
        status = current.get("status")
        kind = kind_of_standstill(status)
        raise Inconclusive(f"the sample VM's volume did not become available: it is {status}", kind)
    return volume


def _report(probing: Probing, server: Resource, token: str, what: str, image: Image) -> GuestReport:
    """Poll the console until the report is complete."""
    watch = ConsoleWatch(probing.patiently(CONSOLE), probing.client.patience)
    doing("sample VM: running, its report is to come on the console", watch.allowed())
    refusal = ""

    def poll() -> GuestReport | None:
        nonlocal refusal
        began = time.monotonic()
        try:
            text = _look(probing, server)
        except Refused as error:
            refusal = str(error)
            if error.status in (404, 409):
                watch.looked("", began)  # it may not have a console yet
                return None
            raise _SilentError(
                f"the console of the sample VM ({what}) cannot be read: {error}", error.kind, image
            ) from None
        watch.looked(text, began)
        report = guest_check.read_report(text, token, what)
        # A console may show a failure and a report as well; the report wins.
        if report is None:
            _require_hope(watch.hopeless(token, at_end=watch.over()), what, image)
        return report

    report = _polled(probing, poll, watch.over, lambda: watch.pause(token))
    if report is None:
        late = f"the sample VM ({what}) printed no report within {watch.allowed():.0f} s"
        if not watch.text.strip():
            raise _SilentError(f"{late}; {refusal or 'its console is empty'}", CauseKind.TIMEOUT, image)
        ours = "not the whole report" if f"_scs-{token}-" in watch.text else "none of them ours"
        seen = f"its console has {len(watch.text)} characters, {ours}, and ends with {watch.end!r}"
        raise Inconclusive(f"{late}; {seen}", CauseKind.TIMEOUT)
    return report


def _look(probing: Probing, server: Resource) -> str:
    """The text of a console; raises Refused, and Inconclusive."""
    path = f"{server.kind.one(server.id)}/action"
    answer = probing.client.post(
        "compute", path, {"os-getConsoleOutput": {}}, repeatable=True, microversion=server.kind.microversion
    )
    with reading(f"compute POST {path}"):
        return Fields("console", answer).text("output")


def _require_hope(cause: str, what: str, image: Image) -> None:
    if cause:
        words, always = f"the sample VM ({what}) failed: {cause}", cause == NO_INTERPRETER
        raise _NotBooted(words, CauseKind.OUTAGE, image, _OTHER_IMAGE, with_any_flavor=always)


SECTION: Section[GuestReading] = Section(
    name="guest",
    words="the console of a sample VM",
    summary="What the sample VM reported.",
    load=single(GuestReading.from_plain),
    probe=probe,
    lasts=120,
    needs=("flavors", "images"),
    creates="a VM and, if its flavor has no disk, a volume",
)


def _polled(
    probing: Probing,
    poll: Callable[[], GuestReport | None],
    over: Callable[[], bool],
    pause: Callable[[], float],
) -> GuestReport | None:
    """Ask until there is a report, or the time for the console is over; raises Inconclusive on interruption."""
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda report: report is None),
        wait=lambda state: pause(),
        stop=lambda state: over() or probing.cancelled.is_set(),
        sleep=tenacity.sleep_using_event(probing.cancelled),
        retry_error_callback=lambda state: None,
    )
    report = retrying(poll)
    if report is None:
        probing.janitor.check_cancelled()
    return report
