# SPDX-License-Identifier: Apache-2.0
"""The file of --scs-config."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_scs.base.errors import InputError
from pytest_scs.pipeline.configuration import OFFICIAL_MONITOR, read_configuration


def test_no_file_is_the_empty_configuration() -> None:
    assert read_configuration(None).monitor == OFFICIAL_MONITOR


def test_accounts_and_groups(tmp_path: Path) -> None:
    file = tmp_path / "scs.toml"
    file.write_text(
        "[accounts.prod1]\ntoken_file = 'secrets/prod1.token'\nkey = '/keys/prod1'\n"
        "[accounts.zuul_ci]\ntoken_file = 'z'\nfor_subjects = ['a', 'b']\n"
        "[groups]\nprod = ['prod1', 'prod2']\n[subjects.prod1]\nos-cloud = 'p1'\n[options]\nscope = ['iaas']\n"
    )
    found = read_configuration(file)
    assert found.accounts["prod1"].token_file == tmp_path / "secrets/prod1.token"
    assert found.accounts["prod1"].key == Path("/keys/prod1")
    assert found.accounts["zuul_ci"].for_subjects == ("a", "b")
    assert found.groups == {"prod": ("prod1", "prod2")}
    assert found.subjects == {"prod1": {"os-cloud": "p1"}}
    assert found.options == {"scope": ["iaas"]}


def test_a_file_may_begin_with_the_mark_of_an_editor(tmp_path: Path) -> None:
    file = tmp_path / "scs.toml"
    file.write_bytes(b"\xef\xbb\xbf[options]\r\nscope = 'iaas'\r\n")
    assert read_configuration(file).options == {"scope": "iaas"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[acounts]", "unknown table [acounts]; did you mean 'accounts'?"),
        ("[accounts", "not valid TOML"),
        ("accounts.a.key = '~nobody-has-it/x'", "accounts.a.key: there is no home folder '~nobody-has-it'"),
        ("groups.'' = ['a']", "groups.: a name is empty"),
        ("groups.a = ['b', ' ']", "groups.a: a name is empty"),
        ("a = " + "[" * 20000, "not valid TOML: nested too deep"),
        ("a = " + "1" * 5000, "not valid TOML: "),
        ("accounts = 1", "accounts: expected an object, got"),
        (
            "[certificates.a]\nb = 'c'",
            "certificates.a.b: expected the day of issue, such as 2026-11-20, without quotes",
        ),
        ("[certificates.a]\nb = 2026-11-20T10:00:00", "certificates.a.b: expected the day of issue"),
        ("certificates = 1", "certificates: expected an object"),
        ("[groups]\na = 'b'", "groups.a: expected a list of texts, got the text"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_file(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "scs.toml"
    file.write_text(text)
    with pytest.raises(InputError) as raised:
        read_configuration(file)
    assert words in str(raised.value)
    assert str(file) in str(raised.value)
    assert "\n" not in str(raised.value)
