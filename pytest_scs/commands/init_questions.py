# SPDX-License-Identifier: Apache-2.0
"""The questions of ``scs init``: each with an answer that Enter gives, asked again until the answer can be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pytest_scs.base.errors import InputError
from pytest_scs.base.language import Language
from pytest_scs.base.words import did_you_mean, printable, some
from pytest_scs.commands.init_answers import SYSTEMS, TIMERS, Answers
from pytest_scs.commands.run_words import reworded
from pytest_scs.core.selection import known_labels
from pytest_scs.platforms.platform import Platform


def ask_everything(language: Language) -> Answers:
    """Ask for all there is, in a language; raises EOFError where the input ends."""
    answers = Answers(read_only=False)
    phrase = language.phrase
    print(phrase("Enter takes what stands in brackets; Ctrl-C ends it, and nothing is written."), end="\n\n")
    print(phrase("Scopes: {names}", names=", ".join(known_labels())))
    _ask(phrase("What is to be judged?"), "iaas", lambda text: _take_scopes(answers, text), language)
    for platform in answers.judged():
        _ask_subjects(answers, platform, language)
    answers.values["report"] = _words(
        _ask_file(phrase("SCS report (YAML), a file or a folder with a slash?"), "reports/")
    )
    answers.html = _ask_file(phrase("Page for people (HTML)?"), "report.html")
    answers.junit = _ask_file(phrase("File of JUnit (XML)?"), "")
    answers.systems = _ask_choice(phrase("Job for a CI system?"), SYSTEMS, language)
    answers.timers = _ask_choice(phrase("Timer of this machine?"), TIMERS, language)
    return answers


def agreed(question: str, language: Language) -> bool:
    """Whether the user says yes; Enter is no."""
    return input(f"{question} {language.phrase('[y/N]')} ").strip().lower() in ("y", "yes", "j", "ja")


def _ask_subjects(answers: Answers, platform: Platform, language: Language) -> None:
    try:
        where, names = platform.offered()
    except InputError as error:
        where, names = "", ()
        print(f"({language.whole(str(error))})")
    phrase, nouns = language.phrase, language.text(platform.nouns)
    if names:
        print(phrase("{nouns} in {path}: {names}", nouns=_capital(nouns), path=printable(where), names=some(names, 30)))
    else:
        embedded = ", ".join(platform.embedded)
        print(phrase("There are no {nouns} here yet; {names} come with pytest-scs.", nouns=nouns, names=embedded))
    known = [*names, *platform.embedded]
    default = names[0] if len(names) == 1 else ("" if names else platform.embedded[0])

    def take(text: str) -> None:
        if not text:
            raise InputError(f"name at least one of: {some(known, 30)}")
        for name in _words(text):
            if name not in known:
                raise InputError(f"there is no {platform.noun} {name!r}{did_you_mean(name, known)}")
        for name in _words(text):
            naming = platform.embedded_naming if name in platform.embedded else ""
            answers.values.setdefault(naming or platform.naming, []).append(name)

    _ask(phrase("Which {nouns}?", nouns=nouns), default, take, language)


def _capital(noun: str) -> str:
    return noun[:1].upper() + noun[1:]


def _ask(question: str, default: str, take: Callable[[str], None], language: Language) -> None:
    while True:
        text = input(f"{question} [{default}] ").strip() or default
        try:
            take(text)
            return
        except InputError as error:
            print(language.whole(reworded(str(error))))


def _ask_file(question: str, default: str) -> str:
    text = input(f"{question} [{default or 'none'}] ").strip() or default
    return "" if text in ("none", "-") else text


def _ask_choice(question: str, known: Sequence[str], language: Language) -> Sequence[str]:
    found: list[str] = []

    def take(text: str) -> None:
        for word in _words(text):
            if word not in (*known, "none"):
                raise InputError(f"{word!r} is none of {', '.join(known)}{did_you_mean(word, known)}")
        found[:] = [word for word in _words(text) if word != "none"]

    _ask(f"{question} ({', '.join(known)})", "none", take, language)
    return found


def _take_scopes(answers: Answers, text: str) -> None:
    answers.scopes = _words(text)
    if not answers.scopes:
        raise InputError("name a scope")
    answers.judged()


def _words(text: str) -> list[str]:
    """What blanks or commas part, each once."""
    return list(dict.fromkeys(word for word in re.split(r"[\s,]+", text) if word))
