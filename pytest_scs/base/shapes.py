# SPDX-License-Identifier: Apache-2.0
"""Secrets that nobody told us of, known by their form or by what stands before them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from pytest_scs.base.paths import SCOPES, TESTCASES
from pytest_scs.base.spellings import MASK

#: Shorter ones occur by chance anywhere, and years in every date.
SHORTEST = 4
_YEAR = re.compile("20[0-9][0-9]")

_B64 = r"[A-Za-z0-9+/=_-]"

# Up to the last @ before the path: a password may contain one.
_USERINFO = re.compile(r"""(?<=://)[^/\s"'<>]+@""")
_FERNET = re.compile(r"gAAAA[A-Za-z0-9_-]{20,}={0,2}")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){1,4}")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----"
    r"(?:[\s\S]{0,20000}?-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|(?:[A-Za-z0-9+/=\s:,.-]|\\+[nrt])*)"
)
_KINDS_OF_TOKENS = re.compile(
    r"\b(?:gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|sha256~[\w-]{20,})"
)
_BEGINNINGS = ("gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "xox", "sha256~")
_JOIN_TOKEN = re.compile(r"\b(?=[a-z]*\d)[a-z0-9]{6}\.(?=[a-z]*\d)[a-z0-9]{16}\b(?!\.)")
# To look for a dot and what follows takes a small part of the time.
_JOIN_TOKEN_END = re.compile(r"\.[a-z0-9]{16}\b")
# An encoded private key, as in client-key-data.
_ENCODED_KEY = re.compile(rf"LS0tLS1CRUdJTi{_B64}{{20,}}")
# No ordinary word: with a digit, a capital or a sign after its first character.
_CODE = rf"(?={_B64}[a-z]*[A-Z0-9+/=_.-])[A-Za-z0-9+/=_.~-]{{6,}}"
_SCHEME = re.compile(rf"\b([Bb]earer|BEARER|[Bb]asic|BASIC)((?:\s|\+|%20)+)(?:{_CODE})")
_QUERY = re.compile(
    r"(?i)([?&;](?:x-(?:amz|goog)-(?:signature|credential|security-token)|awsaccesskeyid|signature|temp_url_sig|sig"
    r"|password|passwd|secret|access_token|api_?key|apikey|key|token|auth|code)=)[^&;\s\"'<>]+"
)
_QUOTED = r"(?:[\"'\\]|&quot;|&#3[49];|&#x27;)*"
_TOKEN_HEADER = re.compile(
    r"(?i)\b((?:x-(?:auth|subject|service|storage|vault|amz-security)-token|x-auth-key|openstack-auth-receipt)"
    rf"{_QUOTED}\s*[:=,]\s*(?:b')?{_QUOTED})([^\s\"'\\<,;&]+)"
)
# The value of these goes to the end of the line, or of the quotation. A testcase's id that ends like one is none.
_LONG_HEADER = re.compile(
    rf"(?i)(?<![\w-])((?:(?:proxy-|x-[\w-]+-)?authorization|(?:set-)?cookie){_QUOTED}\s*[:=,]\s*(?:b')?{_QUOTED}"
    r"(?:(?:basic|bearer|digest|negotiate|token|aws[\w-]*)\s+)?)([^\r\n\"'\\<]+)"
)
_NAMES = (
    r"passwords?|passwd|passphrase|passcode|pwd|adminpass|admin_pass|secret(?:[_-]?(?:access)?[_-]?key)?|tokens?"
    r"|api[_-]?key|access[_-]?key|private[_-]?key|client-key-data|credentials?|ec2_secret|payload"
)
# Not in a path: what follows /auth/tokens: is said of it.
_PAIR = re.compile(
    rf"(?i)(?<![a-z/])((?:{_NAMES})(?P<quote>(?:[\"'\\]|&quot;|&#3[49];|&#x27;)*)\s*(?:[:=]|=>|%3D)\s*)"
    r"(?:(?P<open>\\*[\"']|&quot;|&#3[49];|&#x27;)(?P<quoted>(?:(?!(?P=open)).){1,4000})"
    r"|(?P<bare>[^\s\"'\\,;&<>(){}\[\]]{3,}))"
)


# Of things, or of seconds.
_NUMBER = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,6})?")


def mask_shapes(text: str) -> str:
    """The text without what has the form of a secret; a cheap look tells whether there is anything to do."""
    for needle, replace in _BY_NEEDLE:
        if needle in text:
            text = replace(text)
    if "=" in text and any(sign in text for sign in "?&;"):
        text = _QUERY.sub(rf"\g<1>{MASK}", text)
    lowered = text.lower()
    if "bearer" in lowered or "basic" in lowered:
        text = _SCHEME.sub(rf"\1\2{MASK}", text)
    if _JOIN_TOKEN_END.search(text):
        text = _JOIN_TOKEN.sub(MASK, text)
    if any(beginning in text for beginning in _BEGINNINGS):
        text = _KINDS_OF_TOKENS.sub(MASK, text)
    if any(word in lowered for word in ("-token", "auth", "cookie")):
        text = _LONG_HEADER.sub(_header, _TOKEN_HEADER.sub(_header, text))
    if any(word in lowered for word in ("pass", "pwd", "secret", "token", "key", "credential", "payload")):
        text = _PAIR.sub(_pair, text)
    return text


@functools.cache
def own_words() -> frozenset[str]:
    """The words of three letters and more that our own sentences are made of, in small letters.

    They are read from where the sentences stand, so that no list can get old.
    """
    package = TESTCASES.parent / "pytest_scs" if (TESTCASES.parent / "pytest_scs").is_dir() else TESTCASES.parent
    paths = [path for path in package.rglob("*.py") if "demo" not in path.parts]
    paths += [*TESTCASES.rglob("*.py"), *SCOPES.rglob("*.yaml")]
    text = "\n".join(path.read_text("utf-8", "replace") for path in paths)
    return frozenset(word.lower() for word in re.findall(r"[A-Za-z]{3,}", text)) | _OF_OTHERS


# What pytest, the services and the names in clouds are full of, whatever our own sentences say.
_OF_OTHERS = frozenset({
    "admin", "administrator", "changeme", "debian", "default", "demo", "error", "failed", "guest", "linux", "member",
    "openstack", "passed", "password", "pytest", "public", "reader", "root", "secret", "service", "test", "testing",
    "tests", "ubuntu", "user", "users", "warning",
})  # fmt: skip


def is_ordinary(secret: str) -> bool:
    """Whether a secret (or another name) is too ordinary to be masked wherever it stands."""
    if len(secret) < SHORTEST or _YEAR.fullmatch(secret):
        return True
    return secret.isascii() and secret.isalpha() and secret.lower() in own_words()


def _header(match: re.Match[str]) -> str:
    word = match[2].split()[0].strip(".:,;()") if match[2].strip() else ""
    # A sentence about the header, no value.
    said = not word or (word.isalpha() and word.lower() in own_words())
    return match[0] if said or word == MASK else f"{match[1]}{MASK}"


def _pair(match: re.Match[str]) -> str:
    value = match["quoted"] if match["quoted"] is not None else match["bare"]
    if value == MASK or value.strip("*") == "":
        return match[0]
    if match["quoted"] is None:
        word = value.strip(".:!?|")
        # A sentence about it, a number of such things or of seconds, a place: no value.
        said = (word.isalpha() and word.lower() in own_words()) or _NUMBER.fullmatch(word)
        if said or not word or value.startswith(("/", MASK, "http")):
            return match[0]
    return f"{match[1]}{match['open'] or ''}{MASK}"


_BY_NEEDLE: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("PRIVATE KEY", lambda text: _PRIVATE_KEY.sub(MASK, text)),
    ("LS0tLS1CRUdJTi", lambda text: _ENCODED_KEY.sub(MASK, text)),
    ("://", lambda text: _USERINFO.sub(f"{MASK}@", text)),
    ("gAAAA", lambda text: _FERNET.sub(MASK, text)),
    ("eyJ", lambda text: _JWT.sub(MASK, text)),
)
