# SPDX-License-Identifier: Apache-2.0
"""docs/api.md out of the docstrings of ``pytest_scs.api`` and of the fixtures.

``python tests/docs/api_page.py`` writes the page anew; a test says when that is due.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_scs import api
from pytest_scs.platforms.registry import platforms
from pytest_scs.run import provide

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"

_HEAD = """\
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Made from docstrings by tests/docs/api_page.py; change those, and run it. -->
# What a testcase is written with

For authors of testcases, in this repository or with a scope of their own ([private-scope.md](private-scope.md)).
Everything here is imported from `pytest_scs.api`; these names stay, wherever the package keeps what is behind them.

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
    text = re.sub(r"<function (\w+) at 0x\w+>", r"\1", text)
    text = re.sub(r"<([A-Z]\w*)\.(\w+): '[^']*'>", r"\1.\2", text)
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
    own = {name: inspect.getdoc(function) or "" for name, function in provide.OWN_FIXTURES.items()}
    own["inventory"] = "Everything that was read, as plain data; a section's own fixture is better where one is enough."
    for name, text in own.items():
        yield f"| `{name}` | {_cell(text)} |"
    for platform in (one for one in platforms() if type(one).__module__.startswith("pytest_scs.")):
        yield f"\n### {platform.name}\n"
        yield "| Fixture | What it is | Where it is read | What there is for a while because of it |"
        yield "|---|---|---|---|"
        for section in platform.sections.values():
            yield f"| `{section.name}` | {_cell(section.summary)} | {_cell(section.words)} | {_cell(section.creates)} |"
        for derived in platform.derived_fixtures.values():
            needs = ", ".join(f"`{name}`" for name in derived.needs)
            yield f"| `{derived.name}` | {_cell(derived.summary)} | {needs} | |"
    yield ""


def _cell(text: str) -> str:
    """The first paragraph, fit for a table."""
    return _markdown(" ".join(text.partition("\n\n")[0].split())).replace("|", r"\|")


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
