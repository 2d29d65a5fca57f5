# SPDX-License-Identifier: Apache-2.0
"""The code blocks of the documentation, and what they are.

A comment ahead of a block says what a reader does with it: ``file: NAME`` (a file with this content), ``append: PATH``
(at the end of a file of the checkout), ``insert: PATH, after `LINE``` (below the line that begins so), ``run`` (in a
shell), ``shows: COMMAND`` (what a command of the documentation puts out), ``not run: REASON`` (no test can try it).
"""

from __future__ import annotations

import ast
import dataclasses
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import yaml

#: What lines in a shell begin with; other blocks are no commands.
PROGRAMS = (
    *(
        "pytest",
        "scs",
        "bash",
        "sudo",
        "python",
        "python3",
        "pip",
        "pipx",
        "uv",
        "uvx",
        "tox",
        "for",
        "export",
        "cd",
        "eval",
    ),
    *("openstack", "tempest", "oslopolicy-policy-generator", "kubectl", "kubeadm", "sonobuoy", "hydrophone"),
    *("systemctl", "crontab", "podman", "docker", "man", "register-python-argcomplete"),
)

_COMMENT = re.compile(r"<!-- (?P<what>[a-z ]+?)(?:: (?P<about>.*?))? -->")
_AFTER = re.compile(r"(?P<path>\S+), after `(?P<line>.*)`")


@dataclasses.dataclass(frozen=True)
class Block:
    """A code block; ``text`` is what a reader copies, ``line`` that of its first line in the document."""

    document: Path
    line: int
    text: str
    what: str = ""
    about: str = ""

    @property
    def place(self) -> str:
        return f"{self.document.name}:{self.line}"

    @property
    def kind(self) -> str:
        """``shell``, ``python``, ``yaml`` or ``text``."""
        if self.what == "shows":
            return "text"
        first = self.text.split("\n", 1)[0]
        words = re.sub(r"^(?:[A-Z_]+=\S+ +)+", "", first).split()
        program = words[0].rpartition("/")[2] if words else ""
        if program in PROGRAMS or self.what == "run" or first.startswith(".venv/bin/"):
            return "shell"
        if re.match(r'(import|from|def|class|@|""")', first):
            return "python"
        if re.match(r"(- )?(?!ERROR|WARNING)[\w-]+:( |$)", first):
            return "yaml"
        return "text"

    @property
    def commands(self) -> list[str]:
        """The lines of a shell block, those that go on joined."""
        return [line for line in re.sub(r"\\\n\s*", "", self.text).splitlines() if line.strip()]

    @property
    def target(self) -> tuple[str, str]:
        """Path of an ``insert``, and how the line begins that it goes below."""
        match = _AFTER.fullmatch(self.about)
        assert match, f"{self.place}: after which line?"
        return match["path"], match["line"]

    def check(self) -> None:
        """Raise if Python or YAML cannot be read; shell is checked elsewhere."""
        if self.kind == "python":
            ast.parse(self.text)
        elif self.kind == "yaml":
            yaml.safe_load(self.text)


def documents(root: Path) -> list[Path]:
    """Whatever has snippets for readers."""
    folders = (root / "docs", root / "examples")
    return [
        root / "README.md",
        root / "CONTRIBUTING.md",
        *(path for one in folders for path in sorted(one.rglob("*.md"))),
    ]


def blocks(document: Path) -> Iterator[Block]:
    """The code blocks of a document: indented by four behind a blank line or a comment, or fenced."""
    lines = document.read_text("utf-8").splitlines()
    number, comment = 0, None
    while number < len(lines):
        line = lines[number]
        start = number + 1
        if line.lstrip().startswith("```"):
            end = next(n for n in range(start, len(lines)) if lines[n].lstrip().startswith("```"))
            yield _block(document, start + 1, lines[start:end], comment)
            number, comment = end + 1, None
        elif line.startswith("    ") and (number == 0 or not lines[number - 1].strip() or comment):
            end = number
            while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
                end += 1
            yield _block(document, start, lines[number:end], comment)
            number, comment = end, None
        else:
            if line.strip():
                comment = _COMMENT.fullmatch(line.strip())
            number += 1


def _block(document: Path, line: int, lines: list[str], comment: re.Match[str] | None) -> Block:
    text = textwrap.dedent("\n".join(lines)).strip("\n") + "\n"
    if comment:
        return Block(document, line, text, comment["what"], comment["about"] or "")
    return Block(document, line, text)
