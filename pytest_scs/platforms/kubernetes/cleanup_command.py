# SPDX-License-Identifier: Apache-2.0
"""How a user names a cluster to ``scs cleanup``."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence


def cleanup_command(files: Sequence[str], context: str, origin: str = "") -> str:
    """The command that lists what is left in a cluster, as the user has named it.

    ``files`` are the kubeconfig files that he gave, none if they come from ``$KUBECONFIG`` or his home, ``context`` is
    the cluster's context. Of several files it is the one that ``origin`` (of Access) names.
    """
    given = [name for name in files if len(files) == 1 or origin.endswith(f" {os.path.expanduser(name)}")]
    words = ["scs", "cleanup", *(f"--kubeconfig={name}" for name in given[:1]), f"--kube-context={context}"]
    return shlex.join(words)
