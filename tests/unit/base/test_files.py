# SPDX-License-Identifier: Apache-2.0
"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.base.files import check_creatable, check_writable, read_bytes, write_atomically


def refuse(*args: Any, **kwargs: Any) -> Any:
    raise PermissionError(13, "Permission denied")


def test_a_new_file_holds_the_text_in_utf8(tmp_path: Path) -> None:
    path = tmp_path / "report.yaml"
    write_atomically(path, "ü: 1\n")
    assert path.read_bytes() == b"\xc3\xbc: 1\n"
    assert os.listdir(tmp_path) == ["report.yaml"]


def test_an_existing_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "report.yaml"
    path.write_text("something much longer than the new text\n" * 100)
    write_atomically(path, "new\n")
    assert path.read_text() == "new\n"
    assert os.listdir(tmp_path) == ["report.yaml"]


def test_a_reader_of_the_old_file_goes_on_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "report.yaml"
    path.write_text("old\n")
    with path.open() as reader:
        write_atomically(path, "new\n")
        assert reader.read() == "old\n"


def test_a_file_is_as_readable_as_the_umask_says(tmp_path: Path) -> None:
    # In a process of its own: the umask is read once, when the module is imported.
    code = "import os; os.umask(0o027); from pytest_scs.base import files as f; f.write_atomically(f.Path('x'), '')"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640


@pytest.mark.parametrize("broken", ["replace", "fsync", "chmod"])
def test_when_writing_fails_the_existing_file_stays_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    path = tmp_path / "report.yaml"
    path.write_text("old\n")
    monkeypatch.setattr(os, broken, refuse)
    with pytest.raises(PermissionError):
        write_atomically(path, "new\n")
    assert path.read_text() == "old\n"
    assert os.listdir(tmp_path) == ["report.yaml"]


def test_an_interruption_leaves_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(number: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "report.yaml", "new\n")
    assert os.listdir(tmp_path) == []


def test_text_that_cannot_be_encoded_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_atomically(tmp_path / "report.yaml", "half a character: \ud800")
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "gone" / "report.yaml", "x")


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path / "folder", "x")
    assert (tmp_path / "folder").is_dir()


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """A device by a name of our own: if the code were wrong, root would replace this link and not /dev/null itself."""
    path = tmp_path / "device"
    path.symlink_to(os.devnull)
    return path


def test_a_device_stays_a_device(device: Path) -> None:
    write_atomically(device, "x" * 1000)
    assert device.is_symlink()
    assert stat.S_ISCHR(device.stat().st_mode)
    assert os.listdir(device.parent) == ["device"]


def test_a_pipe_gets_the_text(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()), daemon=True)
    reader.start()
    write_atomically(pipe, "through the pipe\n")
    reader.join(5)
    assert received == ["through the pipe\n"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_checking_a_good_place_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "report.yaml"
    check_writable(path, "--scs-report")
    assert os.listdir(tmp_path) == []
    path.write_text("old\n")
    check_writable(path, "--scs-report")
    assert path.read_text() == "old\n"
    assert os.listdir(tmp_path) == ["report.yaml"]


def test_checking_a_device_opens_nothing(tmp_path: Path, device: Path) -> None:
    check_writable(device, "--scs-report")
    os.mkfifo(tmp_path / "pipe")
    check_writable(tmp_path / "pipe", "--scs-report")  # opening it would wait for a reader


def test_a_folder_in_place_of_the_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        check_writable(tmp_path, "--scs-report")
    assert str(caught.value) == f"--scs-report: {tmp_path} is a directory; name a file in it"


def test_a_full_disk_is_noticed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(InputError) as caught:
        check_writable(tmp_path / "report.yaml", "--scs-report")
    assert str(caught.value) == (
        f"--scs-report: cannot write {tmp_path / 'report.yaml'}: No space left on device; "
        "free some space, or name another place"
    )
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        check_writable(tmp_path / "gone" / "x.yaml", "--scs-record")
    assert str(caught.value) == f"--scs-record: there is no directory {tmp_path / 'gone'}; create it first"


def test_a_file_in_place_of_the_folder_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="there is no directory"):
        check_writable(tmp_path / "file" / "x.yaml", "--scs-report")


def test_a_folder_without_permission_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    path = tmp_path / "x.yaml"
    with pytest.raises(InputError) as caught:
        check_writable(path, "--scs-report")
    assert (
        str(caught.value)
        == f"--scs-report: cannot write {path}: Permission denied; name a place that this user may write to"
    )


def test_a_read_only_file_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda *args: False)
    with pytest.raises(InputError) as caught:
        check_writable(path, "--scs-report")
    assert str(caught.value) == f"--scs-report: cannot write {path}: the file is read-only"
    assert os.listdir(tmp_path) == ["x.yaml"]


@pytest.mark.parametrize("check", [check_writable, check_creatable])
@pytest.mark.parametrize("name", ["x" * 300, "x" * 250, f"{'x' * 300}/y", "y/" * 3000])
def test_name_that_no_file_can_have_is_refused_in_one_line(tmp_path: Path, check: Any, name: str) -> None:
    with pytest.raises(InputError) as caught:
        check(tmp_path / name, "--scs-report")
    assert (
        str(caught.value) == f"--scs-report: cannot write {tmp_path / name}: File name too long; choose a shorter name"
    )


def test_files_are_read_up_to_a_size(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"123")
    assert read_bytes(path, 3) == b"123"
    with pytest.raises(OSError, match="it is larger than 0 KiB"):
        read_bytes(path, 2)


# -- traps in folders where everybody may write ------------------------------------------------------------------------

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link to somebody else")


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder like /tmp."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


@ROOT
@pytest.mark.parametrize("owner", [1234, 0])
@pytest.mark.parametrize("what", ["link", "link in a folder", "link to a link", "pipe"])
def test_what_somebody_else_put_there_is_not_written_to(open_folder: Path, what: str, owner: int) -> None:
    target = open_folder.parent / "target"
    target.mkdir()
    path = open_folder / "trap"
    if what == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(target if what == "link in a folder" else target / "file")
    os.lchown(path, owner, owner)
    wanted = path / "report" if what == "link in a folder" else path
    if what == "link to a link":
        wanted = open_folder.parent / "mine"
        wanted.symlink_to(path)
    if owner:
        with pytest.raises(PermissionError, match="somebody else's in a folder open to everybody"):
            write_atomically(wanted, "text")
        with pytest.raises(InputError, match=r"--out: cannot write .* somebody else's"):
            check_writable(wanted, "--out")
        assert list(target.iterdir()) == []
    elif what != "pipe":
        write_atomically(wanted, "text")
        assert len(list(target.iterdir())) == 1


def test_a_link_to_an_open_pipe_leads_to_it(tmp_path: Path) -> None:
    """As /dev/stdout does where the output goes to another program."""
    reader, writer = os.pipe()
    try:
        link = tmp_path / "stdout"
        link.symlink_to(f"/proc/self/fd/{writer}")
        check_writable(link, "--x")
        write_atomically(link, "text")
        assert os.read(reader, 10) == b"text"
        assert link.is_symlink()
    finally:
        os.close(reader)
        os.close(writer)


def test_a_link_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("gone/report.yaml")
    with pytest.raises(InputError, match=r"^--x: there is no directory .*/gone; create it first$"):
        check_writable(link, "--x")
    (tmp_path / "gone").mkdir()
    check_writable(link, "--x")
    write_atomically(link, "text")
    assert (tmp_path / "gone" / "report.yaml").read_text() == "text"
