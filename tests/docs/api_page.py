# SPDX-License-Identifier: Apache-2.0
"""docs/api.md out of the docstrings of ``pytest_scs.api`` and of the fixtures.

``python tests/docs/api_page.py`` writes the page anew; a test says when that is due.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_scs import api

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"

_HEAD = """\
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Made from docstrings by tests/docs/api_page.py; change those, and run it. -->
# What a testcase is written with

For authors of testcases, in this repository or with a scope of their own ([private-scope.md](private-scope.md)).
Everything here is imported from `pytest_scs.api`; these names stay, wherever the package keeps what is behind them.

"""

# Lists the fixtures of this package in a run of its own, because they exist in a run only.
_LISTER = """
import inspect


def pytest_collection_finish(session):
    manager = session._fixturemanager
    if hasattr(manager, "_get_all_fixture_defs"):  # since pytest 9.2
        definitions = list(manager._get_all_fixture_defs())
    else:
        definitions = [one for several in manager._arg2fixturedefs.values() for one in several]
    for definition in sorted(definitions, key=lambda one: one.argname):
        ours = (getattr(definition.func, "__module__", None) or "").startswith("pytest_scs.")
        if ours and not definition.argname.startswith("_"):
            text = inspect.getdoc(definition.func) or ""
            print("FIXTURE", definition.argname, " ".join(text.partition("\\n\\n")[0].split()), sep="\\t")
"""


def render() -> str:
    """The page as it should be."""
    return _HEAD + "\n".join([*_classes(), *_fixtures()])


def _classes() -> Iterator[str]:
    for name in api.__all__:
        thing = getattr(api, name)
        yield f"## {name}\n"
        if inspect.isclass(thing):
            yield from _class(name, thing)
        elif callable(thing):
            yield f"    {name}{_signature(thing)}\n"
            yield _prose(thing)
        else:
            yield f"    {name} = {_short(str(thing))}\n"


def _class(name: str, thing: type) -> Iterator[str]:
    if not issubclass(thing, enum.Enum):
        yield f"    {name}{_signature(thing)}\n"
    yield _prose(thing)
    if issubclass(thing, enum.Enum):
        yield f"Values: {', '.join(f'`{name}.{member.name}`' for member in thing)}.\n"
    fields = {field.name for field in dataclasses.fields(thing)} if dataclasses.is_dataclass(thing) else set()
    for member, value in vars(thing).items():
        if member.startswith("_") or member in fields or not inspect.getdoc(value):
            continue
        if isinstance(value, property):
            yield f"* `.{member}`: {_line(value)}"
        elif isinstance(value, classmethod | staticmethod) or inspect.isfunction(value):
            function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            yield f"* `.{member}{_signature(function)}`: {_line(function)}"
    yield ""


def _signature(thing: Any) -> str:
    """The signature on one line, without ``self`` and without the modules of types."""
    signature = inspect.signature(thing)
    parameters = [value for name, value in signature.parameters.items() if name not in ("self", "cls")]
    if inspect.isclass(thing):
        signature = signature.replace(return_annotation=inspect.Signature.empty)
    return _short(str(signature.replace(parameters=parameters)))


def _short(text: str) -> str:
    text = re.sub(r"<(Basis)\.(\w+): '\w+'>", r"\1.\2", text)
    text = re.sub(r"\b(?:[a-z_]+\.)+([A-Z]\w*)", r"\1", text)
    return re.sub(r"(?<=: |> )'([^']*)'", r"\1", text)


def _prose(thing: Any) -> str:
    """A docstring as Markdown."""
    return _markdown(inspect.getdoc(thing) or "") + "\n"


def _line(thing: Any) -> str:
    return " ".join(_prose(thing).split())


def _markdown(text: str) -> str:
    text = re.sub(r":(?:class|meth|func):`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", text)
    return text.replace("``", "`")


def _fixtures() -> Iterator[str]:
    yield "## Fixtures\n"
    yield "What a testcase asks for is read, and nothing else. Several testcases that ask for the same share it.\n"
    yield "| Fixture | What it is |"
    yield "|---|---|"
    for name, text in fixtures().items():
        yield f"| `{name}` | {_markdown(text).replace('|', chr(92) + '|')} |"
    yield ""


def fixtures() -> dict[str, str]:
    """Fixture -> the first paragraph of its docstring."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "lister.py").write_text(_LISTER)
        command = [
            "-p",
            "lister",
            "--scs-scope=beyond-v1",
            "--scs-plan",
            "--os-cloud=demo",
            "-s",
            "-p",
            "no:cacheprovider",
        ]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *command],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    lines = [line.split("\t") for line in done.stdout.splitlines() if line.startswith("FIXTURE\t")]
    assert lines, done.stdout + done.stderr
    return {name: text for _, name, text in lines}


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
