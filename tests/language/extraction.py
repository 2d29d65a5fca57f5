# SPDX-License-Identifier: Apache-2.0
"""Finds the texts for people in the source, for the catalogues; a method of extraction in the sense of Babel.

What testcases find is worded where it is found, in f-strings of some hundred functions. They are data, and stay
English; where people read them in another language, they are looked up by their text (pytest_scs/base/patterns.py). So
each f-string becomes a message with placeholders here, and each choice within one (``'s' if many else ''``) two.
"""

from __future__ import annotations

import ast
import itertools
import re
import string
from collections.abc import Collection, Iterator
from typing import IO, Any

#: Calls whose texts no report shows: patterns and programs are no texts, and wrong usage is told before there is a run;
#: what is met most of the latter is in the catalogues all the same.
SILENT = {
    *("InputError", "TypeError", "KeyError", "RuntimeError", "NotImplementedError", "SystemExit"),
    *("UsageError", "Option", "print", "getgroup", "add_argument", "addinivalue_line"),
    *("compile", "search", "match", "fullmatch", "sub", "split", "finditer", "findall", "unpack", "pack", "debug"),
    *("startswith", "endswith", "removeprefix", "removesuffix", "partition", "note_asked", "warning"),
    *("getattr", "strptime", "strftime", "info", "TypeVar", "NewType", "cast", "load", "load_documents", "text_of"),
    *("phrase", "_sign", "help", "create_atomically"),
}

#: Calls that tell wrong usage.
WRONG_USAGE = ("InputError", "ArgumentTypeError")
#: Arguments that no report shows.
SILENT_ARGUMENTS = {"help", "metavar", "match", "pattern", "summary", "marker_words"}

#: Arguments that are shown alone, so that a single word is a text.
SHOWN = {"expected", "observed", "title", "reason", "text", "what", "hint", "note", "remark", "words", "mend", "noun"}

#: Calls all whose texts are shown alone.
SHOWING = {"Finding", "Undecided", "Remark", "Inconclusive", "Cause", "each", "whole", "examined", "offence"}

#: What others say, and is looked for in their answers.
OF_OTHERS = {
    *("failed calling webhook", "cannot impersonate", "cannot create resource", 'cannot patch resource "nodes"'),
    *("is not allowed to modify labels", "no relationship found between node", "quota exceeded", "exceeds allowed"),
    *("the request you have made requires authentication", "mount-tester new file", "Attempt #1 Failed"),
    *("violates PodSecurity", "no test has this name", "pytest-scs evidence", "certificate has expired"),
    *("not yet valid", "wrong version number", "certificate verify failed", "User-Agent: pytest-scs"),
    *("Connection: close", "Accept: */*", "timed out", "component in ({known_flags})", "closed the connection"),
    *("interrupted the TLS handshake", "rejected the connection", "gzip, deflate", "official scopes"),
    *("k8s-app in (kube-dns, coredns)", "stopping after", "env", "count", "fips", "size", "plugins", "total"),
    *("completed", "parts", "it", "containers", "clouds", "rows"),
}

#: Parts of commands, addresses and files, and what is wrong with the user's own files, which is told before a run.
NO_TEXTS = {
    *(" (-x, --maxfail)", ", released: {released}", "--extra-property name=remote_ip_prefix,value=", "as_of: {day}"),
    *("--min-disk {min_disk} --min-ram {min_ram}", "--min-disk {needed}", "--min-ram <MiB>", '{words} -- "$id"'),
    *("clouds[{number}]", "true", "false", "no", "id-{uuid}", "{outer}hwv", "{outer}ib", "scope file", "--min-ram MIB"),
    *("; it is {path} now", "; known: {manual}", "; sha256sum prints it", "answer {testcase} of {asked_in} instead"),
    *("keyword 'sha256' is missing{name}", "known: {manual}", "must be a date YYYY-MM-DD, found {value}"),
    *("must be 64 hexadecimal digits, found {sha256}; sha256sum prints them", "{day} is in the future"),
    *("must be a mapping, found {answers}", "must be an address, the name of a document, or a file with its sha256"),
    "must be text, found no; put it in quotes if it is meant so",
    "must be text, found yes; put it in quotes if it is meant so",
    "no scope has a manual testcase {identity}{hint}",
    "no version of a scope contains {identity}; {instead}",
    "{found} is no answer to {ask}; allowed: a whole number such as 3",
    "{found} is no answer to {ask}; allowed: {allowed}",
    "{identity} is judged automatically and takes no answers; known: {manual}",
    "{subject} has characters other than letters, digits, '_', '-' and '.'",
    "within {seconds} s",
    "grub rescue> ",
    *("scs: {parts}", "scs: {one}", "scs: this image has no Python 3"),
    'BdsDxe: failed to load Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x2,0x3): Not Found',
    "unknown period {other}; known: {periods}",
    "a missing testcase has no number; leave it out of the report",
    "two sections are called {name}",
    "there is a platform {name} already",
    "--scs-report (unofficial scopes)",
    "SCS-compatible IaaS",
    "{months} months from {day} leads out of the calendar",
    "a token has 1 to 32 letters or digits, not {token}",
    *("{number} MiB", "{ram} MiB", "{min_disk} GiB", "Host: {host}", "{scope} (waits)", "[It] {name}"),
    "Basic {pair}",
    "Bearer {token}",
    "application/json;v={version};g=config.k8s.io;as=Flagz",
    "component in ({known_flags})",
    "create_{noun}",
    "default_domain_{end}",
    "delete_{noun}",
    "e2e.E2E_EXTRA_ARGS={progress} --ginkgo.flake-attempts={attempts}",
    "identity:{policy}",
    "involvedObject.name={name}",
    "key-{value}",
    "list_{noun}",
    "metadata.name={namespace}",
    "metadata.name={name}",
    "patch_{noun}",
    "pytest-scs/{version}",
    "read_{noun}",
    "security_group limit",
    "security_group used",
    "security_group_rule limit",
    "security_group_rule used",
    "system:node:{names}",
    "system:node:{name}",
    "system:serviceaccount:{namespace}:{name}",
    "testcases about Kubernetes clusters",
    "testcases about OpenStack clouds",
    "{prefix}project_{what}",
    "{root}resources/ns/{namespace}/core_v1_",
    "{server} kubeconfig:{client}",
    "{summary} Or why that is not known.",
}

# Parts of commands and addresses: what the user has to fill in, lists of YAML.
_PART = re.compile(r"<[^<>]*>|[A-Z][A-Z_-]*|  - .*|https?://\S*|\0\w+\.csv|[\w-]+\0v1\.33\.1", re.DOTALL)

_MOST_VARIANTS = 12
_WORD = re.compile(r"[A-Za-z][a-z']+")
_ONE_WORD = re.compile(r"[a-z][a-z'-]+|[A-Z][a-z]+")
_PROGRAM = re.compile(
    r"(openstack|kubectl|scs(?!:)|pip|apt|GET|POST|PUT|DELETE|PATCH|for|curl|etcdctl|kube-\w+|sudo|https?:)\b"
)


# Regular expressions, paths, selectors.
_EXPRESSION = re.compile(r"\w\|\w|\\\\|\(\?|[\w\]]\.\*|^\w+(?:[._:/=-]\0)")


class Field:
    """A placeholder."""

    def __init__(self, name: str) -> None:
        self.name = name


Part = str | Field


def extract(
    fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """The messages of a file of Python: line, function, message, comments."""
    tree = ast.parse(fileobj.read())
    silent = SILENT - set(WRONG_USAGE) if options.get("usage") else SILENT
    only = WRONG_USAGE if options.get("usage") == "only" else ()
    for line, message in sorted(set(_Finder(tree, silent, only).messages())):
        yield line, "", message, []


def phrases_in(file: IO[bytes]) -> Iterator[str | tuple[str, str]]:
    """The messages that a file of Python asks a Language for: phrases, and those for one and for many."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and _called(node) in ("phrase", "number"):
            given = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if given and _called(node) == "phrase":
                yield given[0]
            elif _asks_for_number(node):
                yield given[0], given[1]


class _Finder:
    def __init__(self, tree: ast.Module, silent: Collection[str] = SILENT, only: Collection[str] = ()) -> None:
        """``only``: calls outside of which nothing is a text, where there are some."""
        self._tree = tree
        self._silent = silent
        self._only = only
        self._parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}

    def messages(self) -> Iterator[tuple[int, str]]:
        taken: set[ast.AST] = set()
        for node in ast.walk(self._tree):
            if node in taken or not _is_string(node):
                continue
            taken.update(_constants_taken(node))
            if self._is_silent(node) or not self._is_wanted(node):
                continue
            alone = self._is_shown(node)
            for parts in _variants(node):
                message = _message(parts, alone=alone)
                if message and message not in NO_TEXTS:
                    yield node.lineno, message  # type: ignore[attr-defined]

    def _is_silent(self, node: ast.AST) -> bool:
        """Whether it is a docstring, a key, or an argument of what shows nothing."""
        while node in self._parents:
            parent = self._parents[node]
            if isinstance(parent, ast.Expr) and isinstance(node, ast.Constant):
                return True
            if isinstance(parent, ast.Call) and (
                node is parent.func or _called(parent) in self._silent or _asks_for_number(parent)
            ):
                # "...".format(...) is one: its text is the function's.
                return _called(parent) in self._silent or _asks_for_number(parent)
            if isinstance(parent, ast.Assign) and all(_is_pattern(target) for target in parent.targets):
                return True
            if isinstance(parent, ast.Compare):
                return True
            if isinstance(parent, ast.Dict) and node in parent.keys:
                return not (isinstance(node, ast.Constant) and re.match(r"[a-z]+ ", str(node.value)))
            if isinstance(parent, ast.Subscript) and node is parent.slice:
                return True
            if isinstance(parent, ast.keyword) and parent.arg in SILENT_ARGUMENTS:
                return True
            if isinstance(parent, ast.arg | ast.MatchValue) or (
                isinstance(parent, ast.FunctionDef) and node is parent.returns
            ):
                return True
            if isinstance(parent, ast.stmt):
                return False
            node = parent
        return False

    def _is_wanted(self, node: ast.AST) -> bool:
        """Whether it stands in one of the calls that are looked at."""
        found = not self._only
        while node in self._parents and not found:
            node = self._parents[node]
            found = isinstance(node, ast.Call) and _called(node) in self._only
        return found

    def _is_shown(self, node: ast.AST) -> bool:
        """Whether it is shown alone, so that one word is a text."""
        while node in self._parents:
            parent = self._parents[node]
            if isinstance(parent, ast.keyword):
                return parent.arg in SHOWN
            if isinstance(parent, ast.Call):
                return _called(parent) in SHOWING
            if isinstance(parent, ast.FormattedValue):
                return True
            if not isinstance(parent, ast.IfExp | ast.BoolOp | ast.BinOp):
                return False
            node = parent
        return False


def _is_pattern(target: ast.AST) -> bool:
    """Whether a name is that of a constant which no report shows."""
    return isinstance(target, ast.Name) and bool(re.search(r"PATTERN|REGEX|PROGRAM|CLOUD_CONFIG|REFUSALS", target.id))


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _asks_for_number(call: ast.Call) -> bool:
    """Whether a Language is asked for a phrase of one or of many."""
    return _called(call) == "number" and sum(map(_is_string, call.args)) == 2


def _is_string(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_string(node.left) or _is_string(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _constants_taken(node: ast.AST) -> Iterator[ast.AST]:
    """The strings that are part of the messages of a string; others within it are messages of their own."""
    yield node
    if isinstance(node, ast.JoinedStr):
        for value in node.values:
            yield from _constants_taken(value.value if isinstance(value, ast.FormattedValue) else value)
            if isinstance(value, ast.FormattedValue) and value.format_spec:
                yield from ast.walk(value.format_spec)
    elif isinstance(node, ast.IfExp):
        yield from _constants_taken(node.body)
        yield from _constants_taken(node.orelse)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _constants_taken(node.left)
        yield from _constants_taken(node.right)


def _variants(node: ast.AST) -> list[list[Part]]:
    """All that a string can be, each in parts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [[node.value]]
    if isinstance(node, ast.JoinedStr):
        return _products([_variants(v.value if isinstance(v, ast.FormattedValue) else v) for v in node.values])
    if isinstance(node, ast.BinOp) and _is_string(node):
        return _products([_variants(node.left), _variants(node.right)])
    if isinstance(node, ast.IfExp) and (_is_string(node.body) or _is_string(node.orelse)):
        return _variants(node.body) + _variants(node.orelse)
    return [[Field(_name(node))]]


def _products(several: list[list[list[Part]]]) -> list[list[Part]]:
    found = [list(itertools.chain(*parts)) for parts in itertools.product(*several)]
    return found[:_MOST_VARIANTS]


def _name(node: ast.AST) -> str:
    """What a value is called, after the expression it comes from."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").lower() or "value"
        case ast.Call(func=ast.Name(id="len")):
            return "count"
        case ast.Call(func=ast.Attribute(attr="join"), args=[argument, *_]):
            return _name(argument)
        case ast.Call(func=ast.Name(), args=[argument, *_]):
            return _name(argument)
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=args):
            return _name(args[0]) if args and attr not in ("get",) else _name(value)
        case ast.Subscript(value=value) | ast.Starred(value=value):
            return _name(value)
        case ast.GeneratorExp(generators=[first, *_]) | ast.ListComp(generators=[first, *_]):
            return _name(first.iter)
        case ast.BoolOp(values=[first, *_]):
            return _name(first)
        case ast.IfExp(body=body):
            return _name(body)
        case ast.BinOp(left=left):
            return _name(left)
    return "value"


def _message(parts: list[Part], *, alone: bool) -> str:
    """The message of one variant; empty if it is no text."""
    literal = "".join("\0" if isinstance(part, Field) else part for part in parts)
    if not _WORD.search(literal) or "\n" in literal or _EXPRESSION.search(literal) or literal in OF_OTHERS:
        return ""
    if _PART.fullmatch(literal):
        return ""
    if _PROGRAM.match(literal) and "  # " not in literal:
        return ""
    plain = all(isinstance(part, str) for part in parts)
    if plain and " " not in literal.strip() and not (alone and _ONE_WORD.fullmatch(literal)):
        return ""
    if not plain and not (" " in literal.strip() or re.search(r"[a-z]{2,} |(?: |^)[a-z]{2,}", literal)):
        return ""
    return _of_template("".join(map(str, parts)) if plain else "") or _with_names(parts)


def _of_template(text: str) -> str:
    """The message of a text that is filled in by ``str.format``; empty if it is none."""
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError:
        return ""
    if not any(name and name.isidentifier() for _, name, _, _ in parsed):
        return ""
    return "".join(
        literal.replace("{", "{{").replace("}", "}}") + (f"{{{name}}}" if name else "")
        for literal, name, _, _ in parsed
    )


def _with_names(parts: list[Part]) -> str:
    numbers: dict[str, int] = {}
    message = ""
    for part in parts:
        if isinstance(part, str):
            message += part.replace("{", "{{").replace("}", "}}")
            continue
        numbers[part.name] = number = numbers.get(part.name, 0) + 1
        message += f"{{{part.name}{number if number > 1 else ''}}}"
    return message
