# SPDX-License-Identifier: Apache-2.0
"""``python -m pytest_scs.demo``: run the demo cloud by itself, for trying clients out."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pytest_scs.demo.openstack.presets import preset
from pytest_scs.demo.openstack.server import DemoCloud

#: What its entry of clouds.yaml is called; ``demo`` is the cloud that a run starts for itself.
NAME = "standalone"


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted; prints what clients need. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pytest_scs.demo", description=__doc__)
    parser.add_argument("--vanilla", action="store_true", help="an OpenStack that never heard of SCS")
    parser.add_argument("--port", type=int, default=0, help="the port to listen on (default: any free one)")
    options = parser.parse_args(argv)
    try:
        cloud = DemoCloud(preset(options.vanilla), options.port).start()
    except OSError as error:
        parser.error(f"cannot listen on port {options.port}: {error.strerror}")
    # Whoever starts this in the background of a script hands SIGINT down as ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="scs-demo-") as directory, suppress(KeyboardInterrupt):
        path = Path(directory) / "clouds.yaml"
        cloud.write_clouds_yaml(path, NAME)
        sys.stdout.write(
            f"{cloud.clouds_yaml(NAME)}\nexport OS_CLIENT_CONFIG_FILE={path} OS_CLOUD={NAME}\n\n"
            "Serving; Ctrl-C ends it.\n"
        )
        sys.stdout.flush()
        threading.Event().wait()
    cloud.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
