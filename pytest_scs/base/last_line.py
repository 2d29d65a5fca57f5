# SPDX-License-Identifier: Apache-2.0
"""Interruptions that nothing takes. Imported before everything else, so it imports next to nothing itself."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def end_in_one_line(line: str, code: int) -> Callable[[], None]:
    """Let an interruption that nothing takes end the process with a line and an exit code, instead of a traceback.

    It may come while modules are imported, where nobody can take it. Returns what ends this.
    """
    previous = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, at: Any) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            previous(kind, error, at)
            return
        try:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
        finally:
            raise SystemExit(code)

    def end() -> None:
        if sys.excepthook is hook:
            sys.excepthook = previous

    sys.excepthook = hook
    return end
