# SPDX-License-Identifier: Apache-2.0
"""The catalogues of pytest_scs/locale out of the source, with Babel.

``python tests/language/catalogues.py`` looks for texts anew, keeps what is translated, and compiles; a test says when
that is due. Translate the entries of the .po files that are empty then, and run it again.
"""

from __future__ import annotations

import datetime as dt
import errno
import io
import os
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml
from babel.messages import extract as babel
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from extraction import extract as texts_in
from extraction import phrases_in

from pytest_scs.base.language import LOCALE, PHRASES, TEXTS
from pytest_scs.commands.explain import ALLOWED
from pytest_scs.core.cause import CauseKind
from pytest_scs.core.scope import CODES
from pytest_scs.platforms.registry import platforms
from pytest_scs.reports import html_words
from pytest_scs.reports.remediation.script import HEAD, MESSAGE
from pytest_scs.standards.kaas.offered_versions import OFFERING

ROOT = Path(__file__).resolve().parents[2]

#: Where texts that people read arise, and what of it they do not: wrong usage, and commands of their own.
ROOMS = (
    *("testcases", "pytest_scs/core", "pytest_scs/standards", "pytest_scs/attestations", "pytest_scs/evidence"),
    *("pytest_scs/base", "pytest_scs/platforms", "pytest_scs/run", "pytest_scs/reports/result_files.py"),
    *("pytest_scs/pipeline/due.py", "pytest_scs/pipeline/strangers.py"),
)
SILENT = {
    *("core/scope_file.py", "base/yamlwalk.py", "base/masking.py"),
    *("base/yamlfile.py", "base/language.py", "platforms/openstack/entry.py"),
    "platforms/kubernetes/embedding.py",
    *("standards/kaas/version_sources.py", "run/startup.py"),
    *("standards/iaas/data/guest_program.py", "run/short_spellings.py"),
    *("run/pipeline_options.py", "standards/kaas/version_data.py"),
    *("platforms/openstack/settings.py", "platforms/kubernetes/settings.py", "platforms/option.py", "run/bundle.py"),
    *("platforms/openstack/tls/scan_program.py", "base/shell.py"),
    *("run/pytest_internals.py", "run/pytest_files.py", "run/pytest_terminal.py"),
}

#: Where the wrong usage arises that people meet most.
USAGE = {
    f"pytest_scs/{name}"
    for name in (
        *("base/files.py", "core/selection.py", "run/chosen.py", "run/settings.py", "run/setting_values.py"),
        *("run/subjects.py", "platforms/openstack/config.py"),
        *("platforms/kubernetes/kubeconfig.py", "platforms/kubernetes/kubeconfig_files.py"),
    )
}

#: Where wrong usage arises of commands whose output is English, as that of ``scs report`` is.
OF_REPORTS = (
    *("reports/", "commands/report/", "pipeline/changes/", "pipeline/dossier/", "pipeline/monitor/"),
    *("pipeline/scorecard/", "pipeline/site.py", "pipeline/signing/registering.py", "pipeline/signing/verifying.py"),
)

#: What Python's argparse says of a command that cannot be understood, and what is said behind it.
WRONG_WORDS = (
    "try {command} --help",
    "the following arguments are required: {names}",
    "one of the arguments {names} is required",
    "unrecognized arguments: {words}",
    "argument {name}: expected one argument",
    "argument {name}: expected at least one argument",
    "{name}: unknown {value}; known: {names}",
    "{name}: unknown {value}; did you mean {name2}?; known: {names}",
    "argument {name}: invalid {kind} value: {value}",
    "argument {name}: not allowed with argument {other}",
    "argument {name}: ignored explicit argument {value}",
    "ambiguous option: {option} could match {known}",
)

#: Files that people name, and what is said of one that cannot be read.
UNREADABLE = (
    "cannot read {path}: {error}",
    *(f"cannot read {what} {{path}}: {{error}}" for what in ("report", "scope file", "kubeconfig", "configuration")),
    *(f"cannot read {what} {{path}}: {{error}}" for what in ("waiver file", "attestation file", "score card")),
)
NO_ACCESS = (errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOTDIR)

#: Texts of the questions of manual checks.
QUESTIONS = ("ask", "tell", "mend", "needed", "not_applicable")

_DAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def texts() -> Iterator[tuple[str, str]]:
    """Texts that reach the reports ready-made: file, message."""
    for room in ROOMS:
        found = ROOT / room
        for path in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
            name = path.relative_to(ROOT).as_posix()
            if name.removeprefix("pytest_scs/") not in SILENT:
                with path.open("rb") as file:
                    yield from (
                        (name, message) for _, _, message, _ in texts_in(file, (), (), {"usage": name in USAGE})
                    )
    yield from usage()
    for path in sorted((ROOT / "scopes").glob("*.yaml")):
        yield from ((f"scopes/{path.name}", text.replace("{", "{{").replace("}", "}}")) for text in _of_scope(path))
    yield from words()
    # What makes one line of several texts: a cause is such a line.
    yield from ((name, one) for name, one in phrases() if name.startswith("pytest_scs/core/") and isinstance(one, str))
    yield from (("pytest_scs/reports/remediation/head.sh", text) for text in MESSAGE.findall(HEAD.read_text("utf-8")))
    checks = ROOT / "pytest_scs" / "standards" / "data" / "manual-checks.yaml"
    yield from (
        (checks.relative_to(ROOT).as_posix(), text) for text in _of_questions(yaml.safe_load(checks.read_text()))
    )


def usage() -> Iterator[tuple[str, str]]:
    """What is said of wrong usage, by a run and by all commands but those of reports: file, message."""
    for path in sorted((ROOT / "pytest_scs").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(tuple(f"pytest_scs/{room}" for room in OF_REPORTS)):
            with path.open("rb") as file:
                yield from ((name, message) for _, _, message, _ in texts_in(file, (), (), {"usage": "only"}))


def words() -> Iterator[tuple[str, str]]:
    """Words that are values elsewhere, and are read by people as well."""
    yield from (("pytest_scs/core/cause.py", str(kind)) for kind in CauseKind)
    yield from (("pytest_scs/core/scope.py", code) for code in CODES)
    yield from (("pytest_scs/platforms/registry.py", platform.noun) for platform in platforms())
    yield from (("pytest_scs/platforms/registry.py", platform.nouns) for platform in platforms())
    yield "pytest_scs/standards/kaas/offered_versions.py", OFFERING
    yield from (("pytest_scs/platforms/openstack/probes/domain_manager", word) for word in ("own", "foreign"))
    yield "pytest_scs/standards/iaas/security_groups.py", "anywhere"
    yield from (("pytest_scs/standards/scope_data.py", word) for word in ("demanded", "draft"))
    yield from (("pytest_scs/cli.py", text) for text in WRONG_WORDS)
    yield "pytest_scs/commands/explain.py", ALLOWED
    yield from (("pytest_scs/base/yamlfile.py", text) for text in UNREADABLE)
    yield from (("pytest_scs/base/files.py", os.strerror(number)) for number in NO_ACCESS)


def _of_scope(path: Path) -> Iterator[str]:
    document = yaml.safe_load(path.read_text("utf-8"))
    yield document["name"]
    for script in document["scripts"]:
        yield from (case["description"] for case in script["testcases"] if case.get("description"))
    yield from (module["name"].partition(": ")[2] or module["name"] for module in document["modules"])


def _of_questions(found: object) -> Iterator[str]:
    if isinstance(found, dict):
        for key, value in found.items():
            if key in QUESTIONS and isinstance(value, str):
                yield value
            else:
                yield from _of_questions(value)


def phrases() -> Iterator[tuple[str, str | tuple[str, str]]]:
    """Phrases that reports make sentences with: file, message."""
    for path in sorted((ROOT / "pytest_scs").rglob("*.py")):
        with path.open("rb") as file:
            yield from ((path.relative_to(ROOT).as_posix(), message) for message in phrases_in(file))
    said = (*html_words.VALIDITY.values(), *html_words.TARGETS.values())
    yield from (("pytest_scs/reports/html_words.py", message) for message in said)
    keywords = {"phrase": None, "number": (2, 3)}
    for path in sorted((ROOT / "pytest_scs").rglob("*.*")):
        if path.suffix not in (".j2", ".css"):
            continue
        with path.open("rb") as file:
            for _, message, *_ in babel.extract("jinja2.ext:babel_extract", file, keywords):
                yield path.relative_to(ROOT).as_posix(), message


DOMAINS: dict[str, Callable[[], Iterator[tuple[str, str | tuple[str, str]]]]] = {TEXTS: texts, PHRASES: phrases}


def template(domain: str) -> Catalog:
    """All messages of a domain, untranslated."""
    catalog = Catalog(project="pytest-scs", copyright_holder="the pytest-scs authors", creation_date=_DAY)
    for name, message in DOMAINS[domain]():
        catalog.add(message, locations=[(name, 0)])
    return catalog


def fields(message: str) -> list[str]:
    """The names of the placeholders of a message, sorted; raises ValueError for one that is badly written."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(message) if name is not None)


def read(path: Path) -> Catalog:
    """A catalogue as translators have it; an empty one where there is none."""
    locale = path.parents[1].name
    if not path.exists():
        return Catalog(locale=locale, creation_date=_DAY, revision_date=_DAY)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def compiled(catalog: Catalog) -> bytes:
    """A catalogue as programs read it."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def update(path: Path) -> None:
    """Bring the .po file up to date, and its .mo file with it."""
    old = read(path)
    new = template(path.stem)
    catalog = Catalog(
        locale=path.parents[1].name,
        project="pytest-scs",
        header_comment="# SPDX-License-Identifier: Apache-2.0",
        creation_date=_DAY,
        revision_date=_DAY,
        fuzzy=False,
    )
    for message in new:
        if message.id:
            known = old.get(message.id)
            locations = sorted(set(message.locations))
            catalog.add(message.id, known.string if known else None, locations=locations)
    with path.open("wb") as file:
        write_po(file, catalog, width=0, include_lineno=False, sort_by_file=True)
    path.with_suffix(".mo").write_bytes(compiled(catalog))


if __name__ == "__main__":
    for folder in sorted(LOCALE.glob("*/LC_MESSAGES")):
        for domain in DOMAINS:
            update(folder / f"{domain}.po")
