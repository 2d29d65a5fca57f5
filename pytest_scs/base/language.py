# SPDX-License-Identifier: Apache-2.0
"""The languages that people can read a run in: which one is chosen, and how a text becomes one of it.

Identifiers, commands, names and everything that programs read are the same in each of them.
"""

from __future__ import annotations

import functools
import gettext
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pytest_scs.base.errors import InputError
from pytest_scs.base.translating import Translator
from pytest_scs.base.words import did_you_mean

#: Where the catalogues are, a folder for each language.
LOCALE: Final = Path(__file__).resolve().parents[1] / "locale"

#: The language that all messages are written in, so that it has no catalogue.
SOURCE: Final = "en"

# What stands between the thousands of a number that people read.
_THOUSANDS: Final = {SOURCE: ",", "de": "."}

# Words of English without which hardly a message of ours does, and which the other languages do not have.
_ENGLISH: Final = re.compile(
    r"\b(?:a|the|is|are|it|its|no|not|of|there|cannot|must|has|have|give|name|write|leave|and|or|to|this|that|with|for|from|one)\b"
)
_VALUES: Final = re.compile(r"""(?<!\w)'[^']*'(?!\w)|\S*[/=.]\S*|(?<!\S)--?[a-z][\w-]*""")

#: The catalogue of phrases that reports make sentences with, and that of texts which reach them ready-made.
PHRASES, TEXTS = "phrases", "texts"


class Language:
    """How texts are said in one language; without catalogues, as they are."""

    def __init__(self, code: str = SOURCE, folder: Path | None = None, *, thousands: str = "") -> None:
        """``code`` as in ISO 639, ``folder`` has the two catalogues; raises OSError where one cannot be read.

        ``thousands`` stands between the digits of a large number, which programs want without.
        """
        self.code = code
        self._thousands = thousands
        self._phrases: gettext.NullTranslations = gettext.NullTranslations()
        self._texts: Translator | None = None
        if folder:
            with (folder / f"{PHRASES}.mo").open("rb") as file:
                self._phrases = gettext.GNUTranslations(file)
            self._texts = Translator(messages(folder / f"{TEXTS}.mo"), thousands=thousands)

    def phrase(self, message: str, /, **values: object) -> str:
        """A phrase with its placeholders filled in: numbers :meth:`grouped`, all other values as they are."""
        said = self._phrases.gettext(message)
        return said.format_map(self._grouped(values)) if values else said

    def number(self, count: int, one: str, many: str, /, **values: object) -> str:
        """A phrase for one, or for many, of something: ``{count}`` and the placeholders of ``values`` filled in."""
        return self._phrases.ngettext(one, many, count).format_map(self._grouped({"count": count, **values}))

    def grouped(self, number: int) -> str:
        """A number of things in digits as people read it: ``10,000``, in German ``10.000``."""
        return f"{number:,}".replace(",", self._thousands)

    def text(self, english: str) -> str:
        """What a text that was made in English says in this language; as it is where no message is known for it."""
        return self._texts.translate(english) if self._texts else english

    def whole(self, english: str) -> str:
        """As :meth:`text`, but as it was written where that would be half a translation, which helps nobody."""
        said = self.text(english)
        return english if _ENGLISH.search(_VALUES.sub("", said)) else said

    def _grouped(self, values: Mapping[str, object]) -> dict[str, object]:
        return {name: self.grouped(value) if type(value) is int else value for name, value in values.items()}


#: The language of the messages themselves, with numbers as programs read them.
ENGLISH: Final = Language()


def messages(path: Path) -> dict[str, str]:
    """The messages of a compiled catalogue (GNU gettext's .mo) with their translations; raises OSError."""
    data = path.read_bytes()
    order = "<" if data[:4] == b"\xde\x12\x04\x95" else ">"
    count, originals, translations = struct.unpack(f"{order}3I", data[8:20])
    found = {}
    for number in range(count):
        texts = []
        for table in (originals, translations):
            length, start = struct.unpack_from(f"{order}2I", data, table + 8 * number)
            texts.append(data[start : start + length].decode())
        found[texts[0]] = texts[1]
    found.pop("", None)
    return found


@functools.cache
def language(code: str) -> Language:
    """The language of a code of :func:`languages`, read once; raises OSError where its catalogue cannot be read."""
    folder = None if code == SOURCE else LOCALE / code / "LC_MESSAGES"
    return Language(code, folder, thousands=_THOUSANDS.get(code, ""))


def languages() -> list[str]:
    """The codes of the languages there are."""
    found = (path.parents[1].name for path in LOCALE.glob(f"*/LC_MESSAGES/{TEXTS}.mo"))
    return sorted({SOURCE, *found})


def chosen(asked: str | None, environ: Mapping[str, str], option: str = "--scs-lang") -> Language:
    """The language that the user asked for, else that of the environment; raises InputError for an unknown one.

    ``asked`` may be written as locales are, ``de_AT.UTF-8``; ``option`` is what it was asked with. Of the environment,
    what has no catalogue is passed over.
    """
    known = languages()
    if asked is None:
        return language(_of_environment(environ, known))
    code = _code(asked)
    if code not in known:
        raise InputError(f"{option}: unknown language {asked!r}{did_you_mean(code, known)}; known: {', '.join(known)}")
    return language(code)


def _of_environment(environ: Mapping[str, str], known: list[str]) -> str:
    """As GNU gettext looks for it: the locale of messages, before it LANGUAGE; the locale C has no languages.

    Other than there, LANGUAGE counts also where there is no locale at all, as for Python's gettext.
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((value for name in names if (value := environ.get(name, ""))), "")
    if _code(locale) in ("c", "posix"):
        return SOURCE
    wanted = [*environ.get("LANGUAGE", "").split(":"), locale]
    return next((code for one in wanted if (code := _code(one)) in known), SOURCE)


def _code(locale: str) -> str:
    return re.split(r"[_.@-]", locale.strip(), maxsplit=1)[0].lower()
