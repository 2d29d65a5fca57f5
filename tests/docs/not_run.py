# SPDX-License-Identifier: Apache-2.0
"""What stands in the documentation and no test tries as it is, with the reason.

``python tests/docs/not_run.py`` lists all of it.

Whatever is here is checked all the same as far as that goes: a shell takes it, options, files and environments that it
names exist, Python and YAML can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from snippets import Block, blocks, documents

#: Pattern of a command -> why it is not run.
COMMANDS = {
    r"openstack |for |done|  ": "changes a cloud of the reader's; tests have no cloud that could be changed by it",
    r"oslopolicy-policy-generator": "reads the policy of an installed Keystone",
    r"kubectl |kubeadm ": "changes a cluster of the reader's",
    r"sonobuoy |hydrophone ": "programs of the Kubernetes project, which tests do not install",
    r"tempest ": "needs a cloud with Tempest's own accounts",
    r"sudo apt-get": "needs an administrator; .ci/run runs the one that matters",
    r"(\.venv/bin/)?pip |pipx |uv |python3 -m venv": "installs something; .ci/run does so by the README's command",
    r"(\.venv/bin/)?(tox|pytest|ruff)\b": "the tests themselves; .ci/run runs them",
    r"\.venv/bin/python tests/docs/reference_pages": "another test compares the pages",
    r"SCS_TEST_|DEVCLOUD_|\.\./shared/": "needs a real cloud or cluster; .ci/run has them",
}

#: How commands begin that tests run.
TRIED_COMMANDS = ("pytest ", "scs ", "bash fix.sh", 'eval "$(scs ')

_TRIED = ("file", "append", "insert", "run", "shows")

#: Folder -> why its blocks that are no commands are not tried.
_FOLDERS = {"standards": "settings of clouds and clusters, grammars and tables of values: there is nothing to run"}


def entries(found: Iterable[Block]) -> Iterator[tuple[Block, str, str]]:
    """Every line of shell, and every other block, that no test tries: the block, its line, the reason (empty: none)."""
    for block in found:
        if block.what in _TRIED:
            continue
        if block.what == "not run":
            yield block, _first(block), block.about
        elif block.kind == "shell":
            lines = [line for line in block.commands if not line.startswith(TRIED_COMMANDS)]
            yield from ((block, line, _reason(line)) for line in lines)
        elif block.document.name != "api.md":
            yield block, _first(block), _FOLDERS.get(block.document.parent.name, "")


def _first(block: Block) -> str:
    return block.text.split("\n", 1)[0]


def _reason(line: str) -> str:
    return next((reason for pattern, reason in COMMANDS.items() if re.match(pattern, line)), "")


if __name__ == "__main__":
    for one, text, why in entries(
        [block for document in documents(Path(__file__).parents[2]) for block in blocks(document)]
    ):
        print(f"{one.place}: {text}\n    {why}")  # noqa: T201
