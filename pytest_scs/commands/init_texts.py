# SPDX-License-Identifier: Apache-2.0
"""The files that ``scs init`` makes: jobs of CI systems and timers, out of templates."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from pytest_scs.base.shell import quote
from pytest_scs.commands.init_answers import Answers
from pytest_scs.platforms.registry import platforms

#: System or timer -> file -> template.
_FILES: Mapping[str, Mapping[str, str]] = {
    "gitlab": {".gitlab-ci.yml": "gitlab.yml.j2"},
    "github": {".github/workflows/scs.yml": "github.yml.j2"},
    "zuul": {
        ".zuul.yaml": "zuul.yaml.j2",
        "playbooks/scs/run.yaml": "zuul-run.yaml.j2",
        "playbooks/scs/post.yaml": "zuul-post.yaml.j2",
    },
    "cron": {"scs.cron": "cron.j2"},
    "systemd": {"scs.service": "service.j2", "scs.timer": "timer.j2"},
}

#: What YAML reads as itself without quotes, at the beginning of a value and after it.
_PLAIN = re.compile(r"[A-Za-z./][\w./ -]*[\w./]")


def files_for(answers: Answers, *, program: str = "", folder: str = "") -> dict[str, str]:
    """File -> text for every CI system and timer that is wanted.

    ``program`` is the path of ``scs`` and ``folder`` where it runs, for timers of this machine; those of this process
    by default.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=False,  # noqa: S701 - no HTML: what comes from outside goes through the filters
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
    )
    environment.filters |= {"yaml": _yaml, "shell": quote, "cron": _cron}
    values = _values(answers, program or _program(), folder or str(Path.cwd()))
    wanted = [file for name in (*answers.systems, *answers.timers) for file in _FILES[name].items()]
    return {path: environment.get_template(template).render(values) for path, template in wanted}


def _values(answers: Answers, program: str, folder: str) -> dict[str, Any]:
    arguments = " ".join(map(quote, ("run", *answers.words())))
    embedded = any(answers.embedded(platform) for platform in platforms())
    accesses = [
        {
            "variable": one.variable,
            "file": one.file,
            "usual": one.usual,
            "name": re.sub(r"\W", "_", one.file),
            "secret": re.sub(r"\W", "_", one.file).upper(),
        }
        for one in answers.accesses()
    ]
    return {
        "scopes": ", ".join(answers.scopes),
        "requirement": "pytest-scs[demo]" if embedded else "pytest-scs",
        "arguments": arguments,
        "command": f"scs {arguments}",
        "command_here": _cron(f"{quote(program)} {arguments}"),
        "command_of_unit": _unit(program, "run", *answers.words()),
        "folder": folder,
        "accesses": accesses,
        "files": answers.files(),
        "junit": answers.junit,
    }


def _program() -> str:
    """The path of ``scs``, for those who do not have our PATH."""
    found = shutil.which("scs") or sys.argv[0]
    return str(Path(found).absolute())


def _yaml(text: str) -> str:
    """A text or a list of texts as a value in YAML; quoted only where it has to be."""
    if not isinstance(text, str):
        return f"[{', '.join(map(_yaml, text))}]"
    reserved = text.lower() in ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
    return text if _PLAIN.fullmatch(text) and not reserved else json.dumps(text, ensure_ascii=False)


def _cron(command: str) -> str:
    """A command in a crontab, where a sign of percent ends it."""
    return command.replace("%", r"\%")


def _unit(program: str, *words: str) -> str:
    """A command in a unit, where signs of percent and, but in the program, dollars stand for something.

    Quotes are not those of a shell: they go around a whole word, and a backslash counts in both kinds.
    """
    return " ".join([_unit_word(program), *(_unit_word(word).replace("$", "$$") for word in words)])


def _unit_word(word: str) -> str:
    text = word.replace("%", "%%")
    if re.fullmatch(r"[\w%@+=:,./$-]+", text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
