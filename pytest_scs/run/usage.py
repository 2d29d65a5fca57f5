# SPDX-License-Identifier: Apache-2.0
"""Mistakes of the user in the form that pytest shows as one line (exit 4)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from pytest_scs.base.errors import InputError

if TYPE_CHECKING:
    from pytest_scs.base.language import Language


@contextlib.contextmanager
def masked_errors(redact: Callable[[str], str]) -> Iterator[None]:
    """Mask the secrets in an InputError on its way out."""
    try:
        yield
    except InputError as error:
        raise InputError(redact(str(error))) from None


def usage_errors(function: Any, *args: Any, **options: Any) -> Any:
    """What ``function(*args, **options)`` returns; raises pytest.UsageError in place of InputError."""
    from pytest_scs.base.shapes import mask_shapes
    from pytest_scs.base.words import printable

    try:
        return function(*args, **options)
    except InputError as error:
        text = _language_of(args).whole(str(error))
        raise pytest.UsageError(printable(mask_shapes(text))) from None


def _language_of(known: Iterable[Any]) -> Language:
    """The language of a run that may have settings by now, or only options, or none that can be understood."""
    from pytest_scs.base import language

    try:
        for one in known:
            if settings := getattr(one, "settings", None):
                found: Language = settings.language
                return found
            config = getattr(one, "config", one)
            if isinstance(config, pytest.Config):
                given = config.getoption("scs_lang", None) or config.getini("scs_lang")
                return language.chosen(str(given) if given else None, os.environ)
    except (InputError, KeyError, ValueError, OSError):
        pass
    return language.ENGLISH
