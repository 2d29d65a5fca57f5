# SPDX-License-Identifier: Apache-2.0
"""Commands for a shell, made of words that may come from outside: each word stays one word, and no option."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Mapping

from pytest_scs.base.words import printable

#: The words in commands that the reader has to replace, as a pattern: no other word in capitals is one, for a name may
#: look alike; and those that no name looks like.
PLACEHOLDERS = (
    "ARCHITECTURE|BACKEND|CLASS|CODENAME|DATE|DISTRIBUTION|ENDPOINT|FILE|FLAVOR|FREQUENCY|GIB|HOST|HOURS|ID|IMAGE|LEVEL|MIB"
    "|NAME|PATH|PORT|PROJECT|PURPOSE|RECURSORS|REGION|TEXT|TYPE|URL|USER|VALIDITY|VERSION|WORDS|YYYY-MM-DD|ZONE"
)
LONG_PLACEHOLDERS = (
    "AGGREGATE_OF_THE_HOSTS_OF_ONE_FIRE_ZONE|ANOTHER_NAME|CLASS_OF_STORAGE_IN_THE_NETWORK|CLASS_WITH_A_DRIVER|FURTHER_WORDS"
    "|ITS_REGION|ITS_ZONE|REPLICATING_BACKEND|TRUE_AND_UNDISPUTED_SCS_NAME|TYPE_THAT_IS_ENCRYPTED|TYPE_THAT_IS_REPLICATED"
    "|URL_OR_TEXT|VALID_AND_TRUE_SCS_NAME"
)

# What is quoted in a command, in the ways of :func:`quote`.
_QUOTED = re.compile(r"\$'(?:[^'\\]|\\.)*'|'[^']*'|\"[^\"]*\"")
# What goes on in words has a comma or a colon before a blank; between commands there are these.
_SENTENCE = re.compile(r"[,:]\s")
# A word that is to be replaced. In the markup of a page it would vanish between angle brackets.
_PLACEHOLDER = re.compile(rf"(?<=\s)(?:{PLACEHOLDERS}|{LONG_PLACEHOLDERS})(?=\s|$)")
_TO_REPLACE = re.compile(rf"(?<![\w$.-])(?:{PLACEHOLDERS}|{LONG_PLACEHOLDERS})(?![\w-])")
_BETWEEN = re.compile(r"\s*(?:;|&&|\|\||\|)\s+")


class Placeholder(str):
    """A word that the reader has to replace, in capitals, such as ``FILE``: it is not quoted."""

    __slots__ = ()


def quote(word: str) -> str:
    """One word of a command, on one line: line breaks and the like are escapes, as bash, ksh and zsh read them."""
    if isinstance(word, Placeholder):
        return str(word)
    if word.startswith("--") and (start := re.match(r"--[a-z][a-z-]*=", word)):
        return start[0] + quote(word[start.end() :])
    if word.isprintable():
        return shlex.quote(word)
    return f"$'{''.join(map(_ansi, word))}'"


def _ansi(char: str) -> str:
    if "\x80" <= char < "\u0100" and not char.isprintable():
        return f"\\u{ord(char):04x}"  # after \\x shells take a byte, not a character
    return f"\\{char}" if char in "\\'" else printable(char)


def command(words: Iterable[str], *operands: str) -> str:
    """A command: ``words`` are the program, what it is to do and its options, ``operands`` are names and ids.

    One that begins with ``-`` would be taken for an option, so ``--`` stands before them then. One that looks like a
    word to be replaced, and is none (:class:`Placeholder`), stands in double quotes: a flavor may be called FILE.
    """
    end = ["--"] if any(operand.startswith("-") for operand in operands) else []
    return " ".join([*map(quote, [*words, *end]), *map(_named, operands)])


def _named(operand: str) -> str:
    quoted = quote(operand)
    if isinstance(operand, Placeholder) or quoted != operand or not _has(_TO_REPLACE, operand):
        return quoted
    return f'"{operand}"'


def _has(placeholder: re.Pattern[str], text: str) -> bool:
    """Whether a word to be replaced is in a text; it has capitals, which is seen sooner in ten thousand texts."""
    return not text.islower() and placeholder.search(text) is not None


def option(name: str, value: str) -> list[str]:
    """An option with its value, as words for :func:`command`; in one word where the value looks like an option."""
    return [f"{name}={value}"] if value.startswith("-") else [name, value]


def properties(values: Mapping[str, str]) -> list[str]:
    """The options that set properties."""
    return [word for key, value in values.items() for word in option("--property", f"{key}={value}")]


def for_each(line: str, operand: str) -> str | None:
    """A command on one operand as one on a variable ``id``, for :func:`loop`; None if it has no such word.

    A sentence is no command: it has a capital or a sign that commands of ours do not have. Nor is there a loop where a
    reader has to find another word for each operand (:class:`Placeholder`).
    """
    body, comment = _parts(line)
    if not line[:1].islower() or any(sign in body for sign in (", ", ": ", "; ")) or _has(_PLACEHOLDER, body):
        return None
    word = _named(operand)
    found = _replaced(body, word, '"$id"')
    return found + _replaced(comment, word, '"$id"') if found != body else None


def _replaced(line: str, word: str, other: str) -> str:
    """The line with another word in place of this one; no pattern, because there can be ten thousand words."""
    found = line.find(word)
    while found >= 0:
        end = found + len(word)
        alone = line[:found][-1:].strip() == line[end : end + 1].strip() == ""
        line = line[:found] + other + line[end:] if alone else line
        found = line.find(word, found + len(other) if alone else found + 1)
    return line


def loop(line: str, operands: Iterable[str]) -> str:
    """What :func:`for_each` gives, done for each of the operands, on one line."""
    body, comment = _parts(line)
    return f"for id in {' '.join(map(quote, operands))}; do {body}; done{comment}"


def script_loop(line: str, operands: Iterable[str]) -> str:
    """The same for a script, with one operand on each line of a here-document; for operands without line breaks."""
    body, comment = _parts(line)
    return _script_loop([body], operands, comment)


def common_script_loop(lines: Iterable[str], operands: Iterable[str]) -> str:
    """The same with several commands, none of them with a comment, on each of the operands."""
    return _script_loop(lines, operands)


def has_comment(line: str) -> bool:
    """Whether a command has a comment behind it, for people."""
    return bool(_parts(line)[1])


def _script_loop(bodies: Iterable[str], operands: Iterable[str], comment: str = "") -> str:
    commands = [f"  {body} </dev/null" for body in bodies]
    return "\n".join([f"while IFS= read -r id; do{comment}", *commands, "done <<'END_OF_IDS'", *operands, "END_OF_IDS"])


def is_command(line: str, programs: Collection[str]) -> bool:
    """Whether a line can be typed as it is, but for words to replace: each command in it calls one of the programs.

    A sentence that begins with a command and goes on in words is none.
    """
    body, _ = _parts(line)
    words = _QUOTED.sub("word", body)
    if _SENTENCE.search(words):
        return False
    return all(part.split()[:1] and part.split()[0] in programs for part in _BETWEEN.split(words))


def _parts(line: str) -> tuple[str, str]:
    """A command, and the comment behind it with what separates the two."""
    body, mark, comment = line.partition("  # ")
    return body, mark + comment
