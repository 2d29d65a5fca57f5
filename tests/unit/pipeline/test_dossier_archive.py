# SPDX-License-Identifier: Apache-2.0
"""The zip of a dossier, as strangers make it."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.cli import main as scs
from pytest_scs.pipeline.dossier import archive


def member(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    return entry


def zipped(*entries: tuple[zipfile.ZipInfo, bytes], compressed: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compressed) as made:
        for entry, text in entries:
            entry.compress_type = compressed
            made.writestr(entry, text)
    return buffer.getvalue()


def _large() -> bytes:
    """A member that says that it is larger than anything, as bombs do."""
    good = bytearray(zipped((member("a"), b"x" * 100)))
    at = good.rfind(b"PK\x01\x02")
    good[at + 24 : at + 28] = (archive.MAX_MEMBER + 1).to_bytes(4, "little")
    return bytes(good)


def _lying() -> bytes:
    """A member of which more comes than it says."""
    good = bytearray(zipped((member("manifest.json"), b" " * 100_000), compressed=zipfile.ZIP_DEFLATED))
    at = good.rfind(b"PK\x01\x02")
    good[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(good)


def _encrypted() -> bytes:
    good = bytearray(zipped((member("manifest.json"), b"{}")))
    good[good.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(good)


def _long_directory() -> bytes:
    good = bytearray(zipped((member("a"), b"")))
    good[-10:-6] = (1 << 30).to_bytes(4, "little")
    return bytes(good)


def _twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return zipped((member("a"), b"1"), (member("a"), b"2"))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: b"", "it is no zip file"),
        (lambda: b"PK\x05\x06", "it is no zip file"),
        (lambda: b"no zip" * 1000, "it is no zip file"),
        (lambda: zipped((member("../up"), b"")), "the name '../up' could lead out of it"),
        (lambda: zipped((member("/etc/passwd"), b"")), "the name '/etc/passwd' could lead out of it"),
        (lambda: zipped((member("a\\..\\b"), b"")), "could lead out of it"),
        (lambda: zipped((member("a/./b"), b"")), "could lead out of it"),
        (lambda: zipped((member("C:a"), b"")), "could lead out of it"),
        (lambda: zipped((member("\u202eab"), b"")), "could lead out of it"),
        (lambda: zipped((member("a/"), b"")), "could lead out of it"),
        (lambda: zipped((member("a" * 500), b"")), "could lead out of it"),
        (lambda: zipped((member(f"scopes/{'a' * 300}"), b"")), "could lead out of it"),
        (lambda: zipped((member("a", stat.S_IFLNK | 0o777), b"/etc/passwd")), "a is a link, or no file"),
        (lambda: zipped((member("a"), b"1"), (member("A"), b"2")), "it holds A twice"),
        (lambda: zipped((member("a/b"), b"1"), (member("A"), b"2")), "a is a file and a folder in it"),
        (_twice, "it holds a twice"),
        (_large, "a is larger than 64 MiB"),
        (_lying, "manifest.json in it is "),
        (_encrypted, "manifest.json is encrypted"),
        (_long_directory, "it holds more than 5000 files"),
        (
            lambda: zipped((member("a"), b"x"), compressed=zipfile.ZIP_BZIP2),
            "is compressed in a way that no dossier is",
        ),
        (lambda: zipped((member("a"), b"x")), "it has no manifest.json"),
        (lambda: zipped((member("manifest.json"), b"[")), "manifest.json: "),
    ],
)
def test_what_strangers_send_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], made: Callable[[], bytes], words: str
) -> None:
    path = tmp_path / "d.zip"
    path.write_bytes(made())
    code, said = scs(["report", "verify", str(path), "--any-signer"]), capsys.readouterr().err
    assert (code, words in said, said.count("\n")) == (4, True, 1), said
    assert [one.name for one in tmp_path.iterdir()] == ["d.zip"]


def test_what_is_packed_is_read_again_and_does_not_depend_on_the_order(tmp_path: Path) -> None:
    files = {"b/c.txt": b"2" * 1000, "a.txt": "1\u00e4".encode()}
    data = archive.packed(files)
    assert data == archive.packed(dict(sorted(files.items())))
    (tmp_path / "d.zip").write_bytes(data)
    with archive.Archive(tmp_path / "d.zip") as found:
        assert {name: found.read(name) for name in found.names} == files
        with pytest.raises(InputError, match=r"it has no c\.txt"):
            found.read("c.txt")


def test_too_much_is_not_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_CONTENT", 10)
    with pytest.raises(InputError, match="make one for each subject"):
        archive.packed({"a": bytes(11)})
