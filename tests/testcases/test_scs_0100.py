# SPDX-License-Identifier: Apache-2.0
"""The testcases of scs-0100 on demo clouds: names that break the grammar, and promises that are not kept."""

from __future__ import annotations

from typing import Any

from pytest_scs.demo.openstack.state import CloudState

SYNTAX, SEMANTICS = TESTCASES = ("scs-0100-syntax-check", "scs-0100-semantics-check")

#: Name that nobody accepts -> what was expected, and what stands there.
BAD_NAMES = {
    "SCS-": ("the number of CPUs after 'SCS-'", "the end of the name"),
    "SCS-foo": ("the number of CPUs after 'SCS-'", "'foo'"),
    "SCS-2D-4": ("after 'SCS-2'", "'D-4'"),
    "SCS-2C-4ou-10n": ("after 'SCS-2C-4o'", "'u-10n'"),
    "SCS-4V-3.25": ("after 'SCS-4V-'", "'3.25'"),
    "SCS-2C-4-10l": ("after 'SCS-2C-4-10'", "'l'"),
    "SCS-2C-4-10n-": ("after 'SCS-2C-4-10n'", "'-'"),
    "SCS-2C-4-10n_hwv_xen": ("after 'SCS-2C-4-10n_hwv", "xen'"),
    "SCS-2C-4-10n_i7": ("after 'SCS-2C-4-10n_", "7'"),
    "SCS-2C-4-10n_GNz": ("after 'SCS-2C-4-10n_", "z'"),
    "SCS-1V:4-10": ("after 'SCS-1V:4", "10'"),
}
#: Name, CPUs, RAM (MiB), disk of a flavor that keeps one promise less -> quantity, promise, delivery.
BROKEN_PROMISES = {
    ("SCS-8C-16", 4, 16384, 0): ("CPUs", "at least 8", "4"),
    ("SCS-8C-16_kvm", 8, 16332, 0): ("RAM", "at least 16384 MiB (16 GiB)", "16332 MiB"),
    ("SCS-8C-16-50", 8, 16384, 49): ("disk", "at least 50 GB", "49 GB"),
    ("SCS-8C:16:50", 8, 16384, 49): ("disk", "at least 50 GB", "49 GB"),
}
#: What is no SCS name may be called anything, and promises nothing.
NO_SCS_NAMES = ("scs-64V-256", " SCS-64V-256", "SCS_64V_256", "m1.huge", "ÜSCS-1")
GOOD_NAMES = ("SCS-1V-0.5", "SCS-2C-4uo-10n", "SCS-2C-4-", "SCS-16T-64-3x10s_bms_hwv_i3h_GNa-64_ib", "SCS-2C-4_z3")


def test_conforming_flavors_pass(passes: Any) -> None:
    passes(TESTCASES, "scs-0100")


def test_each_bad_name_and_each_broken_promise_is_named(judge: Any, state: CloudState, add_flavor: Any) -> None:
    names = {add_flavor(name): (name, *said) for name, said in BAD_NAMES.items()}
    promises = {add_flavor(*flavor): (flavor[0], *said) for flavor, said in BROKEN_PROMISES.items()}
    everything = add_flavor("SCS-32V-64-100", 16, 32768, 50)
    for name in NO_SCS_NAMES:
        add_flavor(name, 1, 256, 0)
    run = judge(state)
    assert run.ret == 1
    assert run.failed == {SYNTAX, SEMANTICS}

    assert run.named(SYNTAX) == set(names)
    for found in run.violations(SYNTAX):
        name, expected, observed = names[found.uuid]
        assert found.resource == f"flavor {name}"
        assert expected in found.expected, name
        assert found.found.endswith(observed), name
        assert "openstack flavor create" in found.hint, name
        assert found.hint.endswith(f"openstack flavor delete {found.uuid}"), name

    assert run.named(SEMANTICS) == {*promises, everything}
    for found in run.violations(SEMANTICS):
        assert found.hint.startswith(f"openstack flavor delete {found.uuid} && openstack flavor create"), found
        if found.uuid != everything:
            name, quantity, expected, observed = promises[found.uuid]
            assert found.resource == f"flavor {name}"
            assert found.rule == f"{quantity} promised by the name"
            assert (found.expected, found.found) == (expected, observed), name
    assert [found.rule.split()[0] for found in run.violations(SEMANTICS) if found.uuid == everything] == [
        "CPUs",
        "RAM",
        "disk",
    ]


def test_names_and_promises_that_only_the_text_rejects(
    both_judge: Any, dispute: Any, state: CloudState, add_flavor: Any
) -> None:
    disputes = [
        dispute(SYNTAX, add_flavor("SCS-4V-16-3x"), "text", "DEV-0100-3"),
        dispute(SYNTAX, add_flavor("SCS-4V-16-3xs"), "text", "DEV-0100-3"),
        dispute(SYNTAX, add_flavor("SCS-4V-16-x10"), "text", "DEV-0100-4"),
        dispute(SYNTAX, add_flavor("SCS-04V-16"), "text", "DEV-0100-5"),
        dispute(SYNTAX, add_flavor("SCS-4V-.5"), "text", "DEV-0100-5"),
        dispute(SYNTAX, add_flavor("SCS-2C-4-10n_z03"), "text", "DEV-0100-5"),
        dispute(SYNTAX, add_flavor("SCS-2C-4-10n_GNah"), "text", "DEV-0100-6"),
        dispute(SEMANTICS, add_flavor("SCS-2C-4_kvm", 2, 4045, 0), "text", "DEV-0100-10"),
    ]
    for name in GOOD_NAMES:
        add_flavor(name)
    both_judge(state, disputes, "-m", "scs_0100", ret=(0, 1))


def test_names_that_only_the_official_suite_rejects(
    both_judge: Any, dispute: Any, state: CloudState, add_flavor: Any
) -> None:
    disputes = [
        dispute(SYNTAX, add_flavor("SCS-2C-4-10n_GNa_ib"), "official", "DEV-0100-2"),
        dispute(SYNTAX, add_flavor("SCS-2C-4-10n_GA0.3"), "official", "DEV-0100-7"),
        dispute(SYNTAX, add_flavor("SCS-2C-4-10n_GA5"), "official", "DEV-0100-7"),
    ]
    # Good for both, with a remark for those who rely on the official suite or on names of another time.
    add_flavor("SCS-2C-4-n")
    add_flavor("SCS-2C-4_GN-64")
    add_flavor("SCS-1V:4")
    add_flavor("SCS-4V-10.5")
    official, _ = both_judge(state, disputes, "-m", "scs_0100", ret=(1, 0))
    remarks = [*official.remarks(SYNTAX), *official.remarks(SEMANTICS)]
    for name, words in {
        "SCS-2C-4-n": "gives ABORT for all flavors (DEV-0100-1)",
        "SCS-2C-4_GN-64": "DEV-0100-8",
        "SCS-1V:4": "DEV-0100-9",
        "SCS-4V-10.5": "10",
    }.items():
        assert [line for line in remarks if line.startswith(f"flavor {name}: ") and words in line], (name, remarks)


def test_unreadable_flavors_are_no_verdict(aborts: Any) -> None:
    aborts(TESTCASES, reads="flavors")
