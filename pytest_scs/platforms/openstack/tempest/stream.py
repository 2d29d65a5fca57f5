# SPDX-License-Identifier: Apache-2.0
"""Results as Tempest's runner sends them: a subunit v2 stream, read while it grows."""

from __future__ import annotations

import datetime as dt
import threading
from typing import IO, Any

from pytest_scs.standards.iaas.tempest_outcomes import FAILED, NOT_RUN, PASSED, SKIPPED, Record, failure, one_line

#: As much of an attachment as is kept, in bytes; the end of a traceback says what happened.
_KEPT = 65536

_STATUS = {"success": PASSED, "skip": SKIPPED, "xfail": SKIPPED, "fail": FAILED, "uxsuccess": FAILED}


class Results:
    """Takes the events of a stream; may be asked by other threads meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._status: dict[str, str] = {}
        self._texts: dict[str, dict[str, bytes]] = {}
        self._listed: set[str] = set()
        self.finished: dt.datetime | None = None
        self.packets = 0

    def read(self, source: IO[bytes]) -> None:
        """Read a stream to its end; what is no subunit in it is passed over.

        Raises ModuleNotFoundError without python-subunit.
        """
        from subunit.v2 import ByteStreamToStreamResult

        # The package is not typed.
        stream = ByteStreamToStreamResult(source, non_subunit_name="other")  # type: ignore[no-untyped-call]
        stream.run(self)  # type: ignore[no-untyped-call]

    def status(
        self,
        test_id: str | None = None,
        test_status: str | None = None,
        file_name: str | None = None,
        file_bytes: bytes | None = None,
        timestamp: dt.datetime | None = None,
        **unused: Any,
    ) -> None:
        """Take one event; the signature is that of testtools' StreamResult."""
        with self._lock:
            if timestamp and (self.finished is None or timestamp > self.finished):
                self.finished = timestamp
            if test_id is None or test_id.startswith("subunit."):
                return
            self.packets += 1
            if test_status == "exists":
                self._listed.add(test_id)
            elif test_status and _worse(test_status, self._status.get(test_id)):
                self._status[test_id] = test_status
            if file_name and file_bytes and file_name.startswith(("traceback", "reason")):
                texts = self._texts.setdefault(test_id, {})
                texts[file_name] = (texts.get(file_name, b"") + file_bytes)[-_KEPT:]

    def records(self) -> list[Record]:
        """What is known so far, tests that were begun and not ended included."""
        with self._lock:
            return [self._record(test_id, status) for test_id, status in self._status.items()]

    def listed(self) -> set[str]:
        """The ids that were announced to exist."""
        with self._lock:
            return set(self._listed)

    def _record(self, test_id: str, status: str) -> Record:
        texts = {name: text.decode(errors="replace") for name, text in self._texts.get(test_id, {}).items()}
        traceback = next((texts[name] for name in sorted(texts) if name.startswith("traceback")), "")
        match _STATUS.get(status):
            case None:
                return Record(test_id, NOT_RUN, "it was begun, and no end of it was recorded")
            case "failed":
                return failure(test_id, traceback or texts.get("reason", ""))
            case known:
                return Record(test_id, known, one_line(texts.get("reason", "")))


def _worse(new: str, old: str | None) -> bool:
    """A later event replaces an earlier one, but no success replaces a failure (streams of several runs)."""
    return old is None or old not in ("fail", "uxsuccess") or new in ("fail", "uxsuccess")
