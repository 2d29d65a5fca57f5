# SPDX-License-Identifier: Apache-2.0
"""What earlier runs left: by the run ids that things carry, by journals, and what cannot be told."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path

import pytest

from pytest_scs.demo.openstack.state import CloudState, Fault
from pytest_scs.evidence.journal import Journal
from pytest_scs.platforms.openstack import leftovers
from pytest_scs.platforms.openstack.client import Client
from pytest_scs.platforms.openstack.journaling import teller
from pytest_scs.platforms.openstack.resource import RUN_KEY, mark_of

RUN, OTHER = "1a2b3c4d", "0badcafe"
NAME = f"_scs-0117-{RUN}-volume"


def make(client: Client, name: str, **more: object) -> str:
    made = client.post("block-storage", "/volumes", {"volume": {"size": 1, "name": name, **more}})
    return str(made["volume"]["id"])


def journal(client: Client, run: str = RUN) -> Journal:
    return Journal(run, "demo").sign(teller(client))


def find(client: Client, runs: Collection[str] = ()) -> tuple[set[tuple[str, str]], list[str]]:
    left = leftovers.find_leftovers(client, "demo", runs)
    return {(one.kind.name, one.id) for one in left.resources}, left.unlisted


# -- found by what they carry -----------------------------------------------------------------------------------------


def test_name_and_metadata_prove_a_run_together(client: Client) -> None:
    mine = make(client, NAME, metadata={RUN_KEY: RUN})
    make(client, NAME)
    make(client, NAME, metadata={RUN_KEY: OTHER})
    make(client, "production", metadata={RUN_KEY: RUN})
    assert find(client) == ({("volume", mine)}, [])


def test_what_a_journal_says_to_be_made_without_metadata_needs_none(client: Client) -> None:
    mine = make(client, NAME)
    make(client, NAME, metadata={RUN_KEY: OTHER})
    journal(client).write("intent", kind="volume", name=NAME)
    assert find(client) == (set(), [])
    journal(client).write("intent", kind="volume", name=NAME, bare=True)
    assert find(client) == ({("volume", mine)}, [])


def test_copy_without_metadata_is_named_and_left_alone(client: Client) -> None:
    mine = make(client, NAME)
    make(client, NAME, metadata={RUN_KEY: OTHER})
    make(client, "_scs-0117-restored")
    image = client.post("image", "/images", {"name": f"_scs-0117-{RUN}-image", "visibility": "private"}, version="2")
    # Nothing makes a network out of something else.
    client.post("network", "/networks", {"network": {"name": f"_scs-0117-{RUN}-net"}}, version="2")
    left = leftovers.find_leftovers(client, "demo", [RUN])
    assert left.resources == []
    assert sorted(line.rpartition(": ")[2] for line in left.foreign) == [
        f"openstack image delete {image['id']}",
        f"openstack volume delete {mine}",
    ]
    assert all("neither its metadata nor a journal says so: left alone" in line for line in left.foreign)


def test_names_of_programs_count_for_known_runs_only(client: Client) -> None:
    name = f"_scs-0128-{RUN}-Net-1"
    made = client.post("network", "/networks", {"network": {"name": name}}, version="2")["network"]["id"]
    port = {"port": {"network_id": made, "name": "of somebody"}}
    held = client.post("network", "/ports", port, version="2")["port"]["id"]
    assert find(client) == (set(), [])
    assert find(client, [OTHER]) == (set(), [])
    assert find(client, [RUN]) == ({("network", made), ("port", held)}, [])


def test_what_hangs_on_something_of_an_unknown_run_is_nobodys(client: Client) -> None:
    network = {"name": f"_scs-0128-{RUN}-network", "description": f"{RUN_KEY}={RUN}"}
    made = client.post("network", "/networks", {"network": network}, version="2")["network"]["id"]
    client.post("network", "/ports", {"port": {"network_id": made, "name": "of somebody"}}, version="2")
    assert find(client) == ({("network", made)}, [])


def test_what_hangs_on_it_and_cannot_be_listed_is_told(client: Client, state: CloudState) -> None:
    name = f"_scs-0128-{RUN}-Net-1"
    made = client.post("network", "/networks", {"network": {"name": name}}, version="2")["network"]["id"]
    state.faults += [Fault("GET", "/ports", status=200, body='{"ports": []}', times=1), Fault("GET", "/ports")]
    found, (problem,) = find(client, [RUN])
    assert found == {("network", made)}
    assert problem.startswith("what hangs on it cannot be listed: ")


@pytest.mark.parametrize(("status", "told"), [(403, False), (404, False), (500, True)])
def test_kind_that_may_not_be_listed_is_no_problem_unless_a_journal_has_it(
    client: Client, state: CloudState, status: int, told: bool
) -> None:
    state.faults.append(Fault("GET", "/volumes/detail", status=status))
    assert [line.partition(":")[0] for line in find(client)[1]] == (
        ["what is left of kind volume cannot be listed"] if told else []
    )
    journal(client).write("intent", kind="volume", name=NAME)
    assert [line.partition(":")[0] for line in find(client)[1]] == ["what is left of kind volume cannot be listed"]


# -- found by journals ------------------------------------------------------------------------------------------------


def key_pair(client: Client) -> dict[str, str]:
    body = {"tenant_id": client.access().project_id}
    made = client.post("identity", "/users/{user}/credentials/OS-EC2", body, version="3", log=False)
    pair: dict[str, str] = made["credential"]
    return pair


def test_thing_without_a_name_is_known_from_its_journal_and_looked_up(client: Client) -> None:
    pair = key_pair(client)
    key, name, bucket = pair["access"], f"_scs-0123-{RUN}-key", f"scs-0123-{RUN}"
    journal(client).write("created", kind="ec2-credential", name=name, id=key, mark=mark_of(RUN, pair))
    journal(client).write("created", kind="ec2-credential", name=f"{name}-2", id="gone", mark=mark_of(RUN, pair))
    journal(client).write("created", kind="bucket", name=f"_scs-0123-{RUN}-bucket", id=bucket, key=key)
    journal(client).write("created", kind="zeppelin", name="z", id="z")
    assert find(client) == ({("ec2-credential", key), ("bucket", bucket)}, [])


@pytest.mark.parametrize("mark", ["", "0" * 64, "of another run"])
def test_keys_that_a_journal_names_without_their_mark_are_somebodys(client: Client, mark: str) -> None:
    pair = key_pair(client)
    mark = mark_of(OTHER, pair) if mark == "of another run" else mark
    journal(client).write("created", kind="ec2-credential", name=f"_scs-0123-{RUN}-key", id=pair["access"], mark=mark)
    left = leftovers.find_leftovers(client, "demo", [RUN])
    assert (left.resources, left.unlisted) == ([], [])
    (line,) = left.foreign
    assert "nothing else says that this run made it: left alone; see openstack ec2 credentials list" in line


ODD = [
    ("volume", "precious-db", ""),
    ("volume", f"_scs-0117-{OTHER}-volume", ""),
    ("volume", NAME, "../secrets/x"),
    ("volume", NAME, ".."),
    ("volume", NAME, "x?force=true"),
    ("volume", NAME, "x#"),
    ("volume", NAME, "x%2f..%2fy"),
    ("volume", NAME, "x/y"),
    ("volume", NAME, "x\ny"),
    ("secret", f"_scs-0116-{RUN}-secret", "no-uuid"),
    ("bucket", f"_scs-0123-{RUN}-bucket", "precious"),
    ("bucket", f"_scs-0123-{RUN}-bucket", f"scs-0123-{OTHER}"),
    ("bucket", "precious", f"scs-0123-{RUN}"),
    ("ec2-credential", f"_scs-0123-{RUN}-key", "../../../users"),
]


@pytest.mark.parametrize(("kind", "name", "identity"), ODD)
def test_line_that_cannot_be_of_its_run_is_left_alone_and_told(
    client: Client, state: CloudState, kind: str, name: str, identity: str
) -> None:
    identity = identity or make(client, name)
    journal(client).write("created", kind=kind, name=name, id=identity, key="k", bare=True)
    state.requests.clear()
    left = leftovers.find_leftovers(client, "demo", [RUN])
    assert (left.resources, left.unlisted) == ([], [])
    (line,) = left.foreign
    assert line.startswith("journal ")
    assert "\n" not in line
    # Nothing but listings was asked for.
    assert not [one.path for one in state.requests if identity in one.path or "precious" in one.path]


def test_thing_that_has_another_name_by_now_is_none_of_a_run(client: Client) -> None:
    mine = make(client, "renamed")
    journal(client).write("created", kind="volume", name=NAME, id=mine)
    assert find(client) == (set(), [])


def test_thing_that_cannot_be_looked_at_is_told(client: Client, state: CloudState) -> None:
    gone = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    journal(client).write("created", kind="volume", name=NAME, id=gone)
    state.faults.append(Fault("GET", f"/volumes/{gone}", status=500))
    found, (problem,) = find(client)
    assert found == set()
    assert problem.startswith(f"whether volume {NAME} ({gone}) is left cannot be told: ")


def test_thing_that_only_the_listing_shows_is_known_by_its_name_there(client: Client, state: CloudState) -> None:
    theirs = make(client, "renamed")
    journal(client).write("created", kind="volume", name=NAME, id=theirs)
    state.faults.append(Fault("GET", f"/volumes/{theirs}", status=500))
    assert find(client) == (set(), [])


# -- what cannot be told ----------------------------------------------------------------------------------------------


def test_what_appeared_while_a_program_ran_is_named(client: Client) -> None:
    before = make(client, "before")
    journal(client).write("program", standard="0128", before={"volume": [before]})
    later, proved = make(client, "later"), make(client, "proved")
    lines = [line for line in leftovers.lines_about_appeared(client, "demo", [RUN], [proved]) if "volume" in line]
    assert len(lines) == 1
    assert lines[0].startswith(f"not removed: volume later ({later}) appeared during the run")
    assert list(leftovers.lines_about_appeared(client, "demo", [OTHER], [])) == []


def running(path: Path) -> None:
    lines = [{**json.loads(line), "process": os.getppid()} for line in path.read_text().splitlines()]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def test_run_that_goes_on_is_left_out_of_it(client: Client) -> None:
    written = journal(client)
    written.write("program", standard="0128", before={})
    written.write("intent", kind="ec2-credential", name=f"_scs-0123-{RUN}-key")
    make(client, "later")
    assert list(leftovers.lines_about_uncertain(client, "demo", None))
    running(written.path)
    assert list(leftovers.lines_about_appeared(client, "demo", [RUN], [])) == []
    assert list(leftovers.lines_about_uncertain(client, "demo", None)) == []


def test_thing_without_a_name_that_was_not_answered_is_for_the_user(client: Client) -> None:
    journal(client).write("intent", kind="ec2-credential", name=f"_scs-0123-{RUN}-key")
    journal(client).write("intent", kind="volume", name=NAME)
    journal(client).write("intent", kind="zeppelin", name="z")
    (line,) = leftovers.lines_about_uncertain(client, "demo", None)
    assert line.startswith(f"run {RUN} may have made an ec2-credential at ")
    assert line.endswith("look yourself: openstack ec2 credentials list")
    assert list(leftovers.lines_about_uncertain(client, "demo", RUN)) == [line]
    assert list(leftovers.lines_about_uncertain(client, "demo", OTHER)) == []


@pytest.mark.parametrize(
    ("account", "words"),
    [("u/p/", "is of another user or project than demo is now; "), ("", "does not say whose it is; ")],
)
def test_journal_of_another_account_is_named(client: Client, account: str, words: str) -> None:
    written = Journal(RUN, "demo")
    if account:
        written.sign(lambda: account)
    written.write("intent", kind="volume", name=NAME)
    (line,) = leftovers.lines_about_other_accounts(client, "demo", None)
    assert line.startswith(f"journal {written.path} {words}")
    assert list(leftovers.lines_about_other_accounts(client, "demo", RUN)) == [line]
    assert list(leftovers.lines_about_other_accounts(client, "demo", OTHER)) == []
    assert list(leftovers.lines_about_other_accounts(client, "another", None)) == []
    running(written.path)
    assert list(leftovers.lines_about_other_accounts(client, "demo", None)) == []


def test_own_journal_and_one_that_left_nothing_are_no_strangers(client: Client) -> None:
    journal(client).write("intent", kind="volume", name=NAME)
    tidy = Journal(OTHER, "demo").sign(lambda: "u/p/")
    tidy.write("created", kind="volume", name="x", id="1")
    tidy.write("gone", kind="volume", name="x", id="1")
    assert list(leftovers.lines_about_other_accounts(client, "demo", None)) == []
