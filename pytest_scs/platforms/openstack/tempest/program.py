# SPDX-License-Identifier: Apache-2.0
"""The program in which Tempest runs: python -m pytest_scs.platforms.openstack.tempest.program list|run FOLDER.

It is never imported by the run that starts it. As long as that run lives, it holds the other end of standard input:
when that closes, this program ends itself and removes its folder, which contains passwords. A run that was killed thus
leaves no Tempest behind that goes on creating things.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import runpy
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

#: Seconds for the interrupted test to tidy up.
GRACE = 20

#: The ids to run, in the folder.
IDS = "ids.txt"


def main() -> None:
    """List the tests of the installed Tempest on standard output, or run those in the folder, as a subunit stream."""
    action, folder = sys.argv[1], Path(sys.argv[2])
    # A job in the background of a shell is started with it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_outlive_nobody, args=(folder,), daemon=True).start()
    spec = importlib.util.find_spec("tempest")
    if spec is None or spec.origin is None:
        raise SystemExit("Tempest is not installed")
    package = Path(spec.origin).parent
    arguments = ["--list"] if action == "list" else ["--load-list", str(folder / IDS)]
    sys.argv = ["tempest", "discover", "-t", str(package.parent), str(package / "test_discover"), *arguments]
    runpy.run_module("stestr.subunit_runner.run", run_name="__main__")


def _outlive_nobody(folder: Path) -> None:
    while os.read(0, 4096):
        pass
    # The interrupted main thread takes this one along when it ends.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # To the main thread itself, so that it wakes from whatever it waits for.
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    time.sleep(GRACE)
    # Only if the interrupted test does not come to an end.
    shutil.rmtree(folder, ignore_errors=True)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
