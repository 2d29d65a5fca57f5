# SPDX-License-Identifier: Apache-2.0
"""Where ``--scs-report`` wants the reports: one file, or a folder with a file for each subject and scope."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from pytest_scs.pipeline.signing.signature_places import signature_of


@dataclasses.dataclass(frozen=True, slots=True)
class ReportPlace:
    """A file for one official report, or a folder (``folder``) for any number of reports."""

    path: Path
    folder: bool

    @classmethod
    def given(cls, text: str, base: Path) -> ReportPlace:
        """What the user wrote; a relative name starts from ``base``. A folder ends with ``/``, or exists."""
        path = Path(base, os.path.expanduser(text))
        return cls(path, text.endswith(("/", os.sep)) or os.path.isdir(path))

    @property
    def sibling(self) -> Path:
        """The file beside the file for unofficial scopes: ``report.unofficial.yaml`` beside ``report.yaml``."""
        return self.path.with_suffix(f".unofficial{self.path.suffix}")

    @property
    def outputs(self) -> dict[str, Path]:
        """What may be written there, by what the user is told it is. In a folder no file is ever written over."""
        if self.folder:
            return {"--scs-report": self.path}
        return {"--scs-report": self.path, "--scs-report (unofficial scopes)": self.sibling}

    @property
    def signatures(self) -> dict[str, Path]:
        """The signatures that may be written there, likewise."""
        if self.folder:
            return {}
        return {f"the signature beside {option}": signature_of(path) for option, path in self.outputs.items()}
