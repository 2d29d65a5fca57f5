# SPDX-License-Identifier: Apache-2.0
"""``scs completion``: shells complete verbs, options, scopes, and the names of what can be judged.

argcomplete asks for values through the attribute ``completer`` of argparse's actions, that nothing else looks at. It
is imported only while a shell asks, or for the code that tells the shell to.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pytest_scs.base.errors import InputError
from pytest_scs.platforms.option import Option
from pytest_scs.run.options import all_options

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")

#: Names of values that are files or folders.
_FILES = ("FILE", "DIR", "PATH")


def add_parser(commands: Any) -> None:
    """Add the subcommand to argparse's ``commands``."""
    sub = commands.add_parser(
        "completion",
        help="print what makes a shell complete commands, options and names",
        description="Print the code that makes a shell complete scs: commands, options, scopes, the clouds of "
        "clouds.yaml, the contexts of kubeconfig files.",
        epilog='for bash, in ~/.bashrc: eval "$(scs completion bash)"',
    )
    sub.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    sub.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the code for a shell."""
    from argcomplete.shell_integration import shellcode

    print(shellcode(["scs"], shell=arguments.shell))
    return 0


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell that asks, and end the process."""
    import argcomplete

    add_completers(parser)
    argcomplete.autocomplete(parser, always_complete_options=False)


def add_completers(parser: argparse.ArgumentParser) -> None:
    """Say of every argument, in whatever command, what completes its value.

    Values of options of the plugin know it themselves; files are left to the shell; there is nothing for the rest.
    """
    spelled = {one: option for option in all_options() for one in spellings(option)}
    scope = next(option for option in all_options() if option.name == "scope")
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                add_completers(sub)
        elif action.choices is None and action.nargs != 0 and not hasattr(action, "completer"):
            option = next((spelled[one] for one in action.option_strings if one in spelled), None)
            metavar = str(action.metavar)
            if option is None and metavar == scope.metavar:
                option = scope
            if (option and option.known) or not any(word in metavar for word in _FILES):
                action.completer = _completer(option)  # type: ignore[attr-defined]


def spellings(option: Option) -> list[str]:
    """All the ways to write an option in commands of ``scs``, the plain one first."""
    return list(dict.fromkeys(one for one in (option.run_spelling, option.spelling, option.short) if one))


def _completer(option: Option | None) -> Callable[..., Iterable[str]]:
    """What argcomplete calls for the values of an option."""

    def values(parsed_args: argparse.Namespace | None = None, **_: Any) -> Sequence[str]:
        if option is None or option.known is None:
            return ()
        try:
            return tuple(option.known(_typed(parsed_args)))
        except (InputError, OSError):
            return ()  # a shell that completes is no place for messages

    return values


def _typed(namespace: argparse.Namespace | None) -> Mapping[str, Sequence[str]]:
    """The values of options that may be repeated, as far as the line goes."""
    found = {option.name: getattr(namespace, option.dest, None) for option in all_options() if option.many}
    return {name: values for name, values in found.items() if isinstance(values, list)}
