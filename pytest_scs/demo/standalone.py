# SPDX-License-Identifier: Apache-2.0
"""The demo cloud or the demo cluster by itself, for trying clients out: ``scs demo``, ``python -m pytest_scs.demo``.

Servers are imported when one is to be started: they need packages of an extra.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.signals import temporary_folder
from pytest_scs.base.words import install
from pytest_scs.demo import defects
from pytest_scs.demo.kubernetes.defects import DEFECTS as OF_CLUSTERS
from pytest_scs.demo.openstack.defects import DEFECTS as OF_CLOUDS
from pytest_scs.standards.kaas.small_version_data import small_version_data
from pytest_scs.standards.kaas.version_data import to_plain

if TYPE_CHECKING:
    from pytest_scs.demo.kubernetes.server import DemoCluster
    from pytest_scs.demo.openstack.server import DemoCloud

#: What its entry of clouds.yaml, or its context, is called; ``demo`` is what a run starts for itself.
NAME = "standalone"
#: The entry of clouds.yaml for who may change what all share.
ADMINISTRATOR = f"{NAME}-admin"

_LAST_PORT = 65535

DESCRIPTION = """\
Serve the cloud that comes with the plugin, or the cluster, on the loopback
interface until Ctrl-C, for trying clients out and for breaking it.
"""

EPILOG = f"""\
what can be broken in the cloud (--break NAME), and who finds it:
{defects.listing(OF_CLOUDS)}

what can be broken in the cluster (--cluster --break NAME):
{defects.listing(OF_CLUSTERS)}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what can be chosen."""
    parser.add_argument("--cluster", action="store_true", help="a Kubernetes cluster instead of an OpenStack cloud")
    parser.add_argument("--vanilla", action="store_true", help="one that never heard of SCS")
    broken: Any = parser.add_argument(
        "--break", dest="broken", action="append", default=[], metavar="NAME", help="break it like this; repeatable"
    )
    broken.completer = lambda **_: [*(one.name for one in OF_CLOUDS), *(one.name for one in OF_CLUSTERS)]  # for shells
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the port to listen on (default: a free one)")


def serve(options: argparse.Namespace) -> int:
    """Serve until interrupted; prints what clients need. Returns the exit code.

    Raises InputError, and NoTemporaryFile where the file that clients need cannot be made.
    """
    if not 0 <= options.port <= _LAST_PORT:
        raise InputError(f"demo: cannot listen on port {options.port}: there is no such port; leave --port out")
    try:
        served = _cluster(options) if options.cluster else _cloud(options)
    except ModuleNotFoundError as error:
        raise InputError(f"demo: it needs the package {error.name}; {install('demo')}") from None
    try:
        served.server.start()
    except OSError as error:
        raise InputError(f"demo: cannot listen on port {options.port}: {error.strerror}; leave --port out") from None
    # Whoever starts this in the background of a script hands SIGINT down as ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with temporary_folder("scs-demo-") as folder, suppress(KeyboardInterrupt):
            sys.stdout.write(served.told(folder))
            sys.stdout.flush()
            threading.Event().wait()
    finally:
        served.server.stop()
    return 0


@dataclasses.dataclass(frozen=True, slots=True)
class _Served:
    """What is served, and ``write``: puts the file that clients need into a folder, and returns what to tell of it."""

    server: DemoCloud | DemoCluster
    write: Callable[[Path], Sequence[str]]
    broken: Sequence[str]

    def told(self, folder: Path) -> str:
        """Write the file, and say how clients find it and what to try."""
        return "\n".join([*self.write(folder), *self.broken, "", "Serving; Ctrl-C ends it.", ""])


def _cloud(options: argparse.Namespace) -> _Served:
    from pytest_scs.demo.openstack.presets import preset
    from pytest_scs.demo.openstack.server import DemoCloud

    state = preset(options.vanilla)
    broken = _lines(defects.apply_defects(state, options.broken, OF_CLOUDS, "cloud"))
    cloud = DemoCloud(state, options.port)

    def write(folder: Path) -> Sequence[str]:
        path = folder / "clouds.yaml"
        cloud.write_clouds_yaml(path, NAME, administrator=ADMINISTRATOR)
        return (
            cloud.clouds_yaml(NAME),
            f"export OS_CLIENT_CONFIG_FILE={_quoted(path)} OS_CLOUD={NAME}",
            "    openstack flavor list",
            f"    scs run iaas-v5.1 --cloud {NAME}",
            "",
            f"Mending flavors, public images, volume types: openstack --os-cloud {ADMINISTRATOR} ...",
        )

    return _Served(cloud, write, broken)


def _cluster(options: argparse.Namespace) -> _Served:
    from pytest_scs.demo.kubernetes.presets import preset
    from pytest_scs.demo.kubernetes.server import DemoCluster

    state = preset(options.vanilla)
    broken = _lines(defects.apply_defects(state, options.broken, OF_CLUSTERS, "cluster"))
    cluster = DemoCluster(state, options.port)

    def write(folder: Path) -> Sequence[str]:
        path = folder / "kubeconfig"
        cluster.write_kubeconfig(path, NAME)
        # By the real data it would be outdated some weeks after each release of this package.
        versions = folder / "k8s-versions.json"
        versions.write_text(json.dumps(to_plain(small_version_data(dt.datetime.now(dt.UTC)))), "utf-8")
        return (
            f"export KUBECONFIG={_quoted(path)}",
            "    kubectl get nodes",
            f"    scs run kaas-v1 beyond-kaas --context {NAME} -m light --k8s-data={_quoted(versions)}",
        )

    return _Served(cluster, write, broken)


def _quoted(path: Path) -> str:
    """A path as it is typed: the folder for temporary files may have a blank in its name."""
    return shlex.quote(str(path))


def _lines(chosen: Iterable[defects.Defect[Any]]) -> list[str]:
    return [f"broken: {defect.name}: {defect.words}" for defect in chosen]
