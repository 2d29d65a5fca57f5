# SPDX-License-Identifier: Apache-2.0
"""``scs run``: the conformance run, for people who do not know pytest, who judges here as well.

Its options are those of the plugin, spelled without the prefix that sets them apart among pytest's own. The run goes on
in this process, so that output, exit codes and signals are pytest's.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.base.streams import lose_output, output_failure
from pytest_scs.base.words import did_you_mean
from pytest_scs.commands.completion import spellings
from pytest_scs.core.selection import known_labels
from pytest_scs.platforms.option import Option
from pytest_scs.run import pytest_internals
from pytest_scs.run.lone_options import with_values
from pytest_scs.run.options import all_options
from pytest_scs.run.presets import read_presets

#: What chooses the testcases that create nothing.
READ_ONLY = "not creates_resources"

#: With these pytest tells about itself, and runs nothing.
_INFORMATIVE = ("-h", "--help", "--version", "-V", "--markers", "--fixtures")

#: Where nothing but what is typed is to count, pytest reads its configuration from here.
_NO_CONFIGURATION = ("--config-file", os.devnull, "--rootdir", ".", "--noconftest")

#: Options of pytest with which somebody chose himself where it looks for configuration.
_CHOSEN = ("-c", "--config-file", "--rootdir", "--confcutdir", "--noconftest")

#: The plugins that a run needs, by the names that their distributions load them from.
_NEEDED = ("xdist", "pytest_metadata.plugin", "pytest_html.plugin", "pytest_scs.plugin")

#: Options of pytest that are worth having without ``--``: spelling, place in the namespace, metavar, help.
_OF_PYTEST = (
    ("-m", "markers", "EXPR", "choose by markers: scs_0103, 'not heavy'"),
    ("-k", "keywords", "EXPR", "choose by parts of names: 0102"),
    ("-n", "workers", "N", "judge with N processes at a time"),
)

_USAGE = "scs run SCOPE ... [OPTION ...] [-- PYTEST-OPTION ...]"

_DESCRIPTION = """\
Judge what is named against a scope, show what violates it with the commands
that mend it, and write reports.
"""

_EPILOG = """\
Exit code: 0 everything PASS, 1 at least one FAIL, 6 no FAIL but something
without a verdict, 4 bad usage, 2 interrupted.
Options of pytest go behind --, as in: scs run iaas --cloud mycloud -- --durations=5
"""


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    sub = commands.add_parser(
        "run",
        help="judge what is named against a scope, and write reports",
        usage=_USAGE,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_arguments(sub, everything=False)
    sub.set_defaults(run=run, refuse=refuse, behind=[])


def add_arguments(sub: argparse.ArgumentParser, *, everything: bool) -> None:
    """Add what can be typed: the scopes, and all options; help has the everyday ones, or ``everything``."""
    scope = next(option for option in all_options() if option.name == "scope")
    sub.add_argument("scopes", nargs="*", metavar="SCOPE", help=_sentence(scope.help))
    for option in all_options():
        _add_spellings(sub, option, show=option is not scope and (everything or option.everyday))
    sub.add_argument("--html", metavar="FILE", help="write a page for people to FILE, everything it needs inside")
    sub.add_argument("--junit", metavar="FILE", help="write JUnit XML to FILE")
    sub.add_argument("--read-only", action="store_true", help="leave out the testcases that create something")
    for short, name, metavar, words in _OF_PYTEST:
        sub.add_argument(short, dest=name, metavar=metavar, help=words)
    sub.add_argument("-v", dest="verbose", action="count", default=0, help="say more; -vv still more")
    sub.add_argument("-q", dest="quiet", action="count", default=0, help="say less")
    sub.add_argument("--help-all", action=_HelpAll, nargs=0, help="show all options, and exit")


class _HelpAll(argparse.Action):
    """``--help`` with everything that the short one leaves out."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: Any, values: Any, option_string: Any = None) -> None:
        whole = argparse.ArgumentParser(
            parser.prog,
            usage=_USAGE,
            description=_DESCRIPTION,
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add_arguments(whole, everything=True)
        whole.print_help()
        parser.exit()


def run(arguments: argparse.Namespace) -> int:
    """Run pytest with what was typed; returns its exit code, raises InputError for mistakes of the user."""
    import pytest

    from pytest_scs.commands.run_words import in_words_of_run

    typed = [*pytest_arguments(arguments), *arguments.behind]
    check_scope(Path.cwd(), typed)
    ahead = [*_plugins(), *without_project(Path.cwd(), arguments.behind)]
    code = 0
    try:
        code = int(pytest.main([*ahead, *typed], plugins=[in_words_of_run()]))
        sys.stdout.flush()
    except BrokenPipeError:
        lose_output()  # whoever read it has seen enough: what pytest does then
        return 1
    except KeyboardInterrupt:
        # pytest takes those that come later.
        print("scs: run: interrupted before anything was judged", file=sys.stderr)
        return 2
    except OSError as error:
        if not (line := output_failure(error)):
            raise
        lose_output()
        print(f"scs: run: {line}", file=sys.stderr)
        return code or 6
    return code


def with_lone_values(typed: Sequence[str]) -> list[str]:
    """What was typed, with a value for the options that may stand alone: argparse would take the next word for it."""
    known = [(spelling, option.alone) for option in all_options() if option.alone for spelling in spellings(option)]
    return with_values(typed, known)


def refuse(arguments: argparse.Namespace, unknown: Sequence[str]) -> None:
    """Take what argparse could not place: further scopes behind options; raises InputError for an unknown option."""
    for word in unknown:
        if word.startswith("-"):
            option = word.partition("=")[0]
            known = [spelling for one in all_options() for spelling in spellings(one)]
            known += ["--html", "--junit", "--read-only", "--help-all"]
            raise InputError(
                f"run: unknown option {option!r}{did_you_mean(option, known)}; known: scs run --help-all; "
                "options of pytest go behind --"
            )
    arguments.scopes += unknown


def pytest_arguments(arguments: argparse.Namespace) -> list[str]:
    """The command line of pytest for what was typed."""
    words = [f"--scs-scope={scope}" for scope in arguments.scopes]
    for option in all_options():
        given = getattr(arguments, option.dest)
        if option.switch:
            words += [option.spelling] if given else []
        elif given is not None:
            words += [f"{option.spelling}={value}" for value in (given if option.many else [given])]
    if arguments.html is not None:
        words += [f"--html={_file('--html', arguments.html)}", "--self-contained-html"]
    if arguments.junit is not None:
        words.append(f"--junit-xml={_file('--junit', arguments.junit)}")
    if markers := _markers(arguments):
        words += ["-m", markers]
    words += ["-k", arguments.keywords] if arguments.keywords is not None else []
    words += ["-n", _workers(arguments.workers)] if arguments.workers is not None else []
    return [*words, *["-v"] * arguments.verbose, *["-q"] * arguments.quiet]


def check_scope(folder: Path, typed: Sequence[str]) -> None:
    """Raise InputError where no scope is typed or configured: pytest would run whatever tests are in the folder."""
    if any(word.startswith("--scs-scope") or word in _INFORMATIVE for word in typed):
        return
    keys = pytest_internals.configuration_of(folder)
    if not keys.get("scs_scope") and not _has_scope(folder, typed, keys.get("scs_config")):
        scopes = ", ".join(known_labels())
        raise InputError(f"run: no scope is given; name one, e.g. scs run iaas-v5.1 --cloud demo; known: {scopes}")


def _has_scope(folder: Path, typed: Sequence[str], key: Any) -> bool:
    """Whether the presets of the run name a scope: those that are typed, else those of the ini file; ``key`` is its."""
    words = [word for one in typed for word in one.split("=", 1)]
    named = [after for word, after in itertools.pairwise(words) if word == "--scs-config"]
    written = named[-1] if named else str(getattr(key, "value", key) or "")
    if not written.strip():
        return False
    return bool(read_presets(folder / Path(written).expanduser(), all_options()).options.get("scope"))


def without_project(folder: Path, behind: Sequence[str]) -> list[str]:
    """What keeps the settings of a project that happens to be here out of the run.

    They are for its own tests, and name plugins and modules that are not where ``scs`` is installed. They stay where
    they are about such runs, where a test file is named, and where somebody chose a configuration himself.
    """
    if any(not word.startswith("-") and Path(word.partition("::")[0]).exists() for word in behind):
        return []
    if any(word.partition("=")[0] in _CHOSEN or word.startswith("-c") for word in behind):
        return []
    if any(key.startswith("scs_") for key in pytest_internals.configuration_of(folder)):
        return []
    return list(_NO_CONFIGURATION)


def _markers(arguments: argparse.Namespace) -> str | None:
    if not arguments.read_only:
        return arguments.markers  # type: ignore[no-any-return]
    return f"({arguments.markers}) and {READ_ONLY}" if arguments.markers else READ_ONLY


def _workers(number: str) -> str:
    if number not in ("auto", "logical") and not number.isdecimal():
        raise InputError(f"run: -n: {number!r} is no number of processes; write -n 4, or -n auto")
    return number


def _file(option: str, name: str) -> str:
    if not name.strip():
        raise InputError(f"run: {option}: the file name is empty; write {option} FILE or leave it out")
    return name


def _plugins() -> list[str]:
    """What is needed is loaded also where plugins are not to load themselves."""
    if not os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        return []
    return [word for name in _NEEDED for word in ("-p", name)]


def _add_spellings(sub: argparse.ArgumentParser, option: Option, *, show: bool) -> None:
    """An option with its plain spelling, and those of pytest, which messages and pages name."""
    plain, *others = spellings(option)
    kind: dict[str, Any] = {"action": "store_true"} if option.switch else {"metavar": option.metavar}
    if option.alone:
        kind |= {"nargs": "?", "const": option.alone}
    if option.many:
        kind["action"] = "append"
    sub.add_argument(
        plain, dest=option.dest, help=_sentence(option.help) if show else argparse.SUPPRESS, default=None, **kind
    )
    for other in others:
        sub.add_argument(other, dest=option.dest, help=argparse.SUPPRESS, default=argparse.SUPPRESS, **kind)


def _sentence(text: str) -> str:
    """The help of an option in the form of argparse: no capital ahead; its signs of percent are no formats."""
    return (text if text[1:2].isupper() else text[:1].lower() + text[1:]).replace("%", "%%")
