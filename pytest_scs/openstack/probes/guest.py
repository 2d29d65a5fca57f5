# SPDX-License-Identifier: Apache-2.0
"""The sample VM that looks at its own entropy (scs-0101, spec 5.4 and 5.6): one VM for all testcases that need one.

It needs no network, no package and no key: user data comes by config drive, results leave by the console.
"""

from __future__ import annotations

import base64
import dataclasses
import time
from typing import Any

import tenacity

from pytest_scs.errors import Inconclusive
from pytest_scs.openstack.client import Refused
from pytest_scs.openstack.probes import Probing
from pytest_scs.openstack.removal import Resource
from pytest_scs.standards import guest_check, guest_choice
from pytest_scs.standards.model import Flavor, Image

#: Seconds (spec 3.9): until the server runs, until its volume is there, and then until the console has the results.
BOOT = 500
VOLUME = 500
CONSOLE = 300


def probe(probing: Probing) -> dict[str, Any]:
    """What the VM reported. Keys: ``report`` (see GuestReport), ``image``, ``flavor``, ``zone``, ``seconds``.

    Raises Inconclusive if there is no report: no image or flavor to boot, quota, no boot, no console, time out.
    """
    images = [Image(entry) for entry in probing.inventory.section("images")]
    flavors = [Flavor.from_dict(entry) for entry in probing.inventory.section("flavors")]
    try:
        return _boot(probing, images, flavors, "vm")
    except _NotBooted as first:
        # It may be the image's fault. One that says nothing at all is not tried again: that takes too long.
        others = [image for image in images if image.id != first.image.id]
        if not others:
            raise Inconclusive(f"{first}; there is no other image to try") from None
        try:
            return _boot(probing, others, flavors, "second-vm")
        except Inconclusive as second:
            raise Inconclusive(f"{first}; then {second}") from None


class _NotBooted(Inconclusive):
    """The VM, or the system in it, did not start."""

    def __init__(self, text: str, image: Image) -> None:
        super().__init__(text)
        self.image = image


def _boot(probing: Probing, images: list[Image], flavors: list[Flavor], name: str) -> dict[str, Any]:
    """Try the best of the images."""
    image = guest_choice.choose_image(images, flavors).value
    flavor = guest_choice.choose_flavor(flavors, image).value
    size = guest_choice.boot_from_volume(flavor, image)
    needs = {"instances": 1, "cores": flavor.vcpus, "ram": flavor.ram}
    with probing.quota.claim({**needs, "volumes": 1, "gigabytes": size} if size else needs):
        return _try(probing, image, flavor, size, name)


def _try(probing: Probing, image: Image, flavor: Flavor, size: int | None, name: str) -> dict[str, Any]:
    """Boot a VM, from a new volume of ``size`` GiB if there is one, and read its report."""
    started = time.monotonic()
    token = probing.janitor.run
    body: dict[str, Any] = {
        "flavorRef": flavor.id,
        "user_data": base64.b64encode(guest_check.user_data(token).encode()).decode(),
        "config_drive": True,
        "networks": "none",
    }
    volume = _volume(probing, image, size, f"{name}-volume") if size else None
    rest = [volume] if volume else []
    if volume:
        mapping = {"boot_index": 0, "uuid": volume.id, "source_type": "volume", "destination_type": "volume"}
        body["block_device_mapping_v2"] = [{**mapping, "delete_on_termination": False}]
    else:
        body["imageRef"] = image.id
    server, _ = probing.janitor.create("server", "0101", name, body)
    current = probing.janitor.wait(server, lambda status: status in ("active", "error"), BOOT)
    if str(current.get("status")).lower() != "active":
        fault = (current.get("fault") or {}).get("message") or f"still {current.get('status')} after {BOOT} s"
        probing.janitor.discard(server, *rest)
        raise _NotBooted(f"the sample VM ({flavor.name}, {image.name}) did not start: {fault}", image)
    zone = current.get("OS-EXT-AZ:availability_zone")
    try:
        report = _report(probing, server, token, f"{flavor.name}, {image.name}, zone {zone}")
    except _BrokenError as error:
        probing.janitor.discard(server, *rest)
        raise _NotBooted(str(error), image) from None
    probing.janitor.discard(server, *rest)
    return {
        "report": dataclasses.asdict(report),
        "image": {"name": image.name, "id": image.id},
        "flavor": flavor.name,
        "zone": zone,
        "seconds": round(time.monotonic() - started, 1),
    }


class _BrokenError(Inconclusive):
    """The console shows that the system in the VM did not come up."""


def _volume(probing: Probing, image: Image, size: int, name: str) -> Resource:
    volume, _ = probing.janitor.create("volume", "0101", name, {"size": size, "imageRef": image.id})
    current = probing.janitor.wait(volume, lambda status: status == "available" or status.startswith("error"), VOLUME)
    if current.get("status") != "available":
        raise Inconclusive(f"the sample VM's volume did not become available: it is {current.get('status')}")
    return volume


def _report(probing: Probing, server: Resource, token: str, what: str) -> guest_check.GuestReport:
    """Poll the console until the report is complete."""
    path = f"{server.kind.one(server.id)}/action"
    text = ""

    def poll() -> guest_check.GuestReport | None:
        nonlocal text
        answer = probing.client.post(
            "compute", path, {"os-getConsoleOutput": {}}, repeatable=True, microversion=server.kind.microversion
        )
        text = str(answer.get("output") or "")
        report = guest_check.read_console(text, token, what)
        # A console may show a failure and a report as well; the report wins.
        if report is None and (cause := guest_check.failed_boot(text)):
            raise _BrokenError(f"the sample VM ({what}) failed: {cause}")
        return report

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda report: report is None)
        | tenacity.retry_if_exception(lambda error: isinstance(error, Refused) and error.status in (404, 409)),
        wait=tenacity.wait_exponential(multiplier=1, max=5),
        stop=tenacity.stop_after_delay(CONSOLE) | tenacity.stop_when_event_set(probing.cancelled),
        sleep=tenacity.sleep_using_event(probing.cancelled),
        retry_error_callback=lambda state: None,
    )
    report = retrying(poll)
    probing.janitor.check_cancelled()
    if report is None:
        seen = f"{len(text)} characters, none of them ours" if text else "nothing"
        raise Inconclusive(f"the sample VM ({what}) printed no report within {CONSOLE} s; its console has {seen}")
    return report
