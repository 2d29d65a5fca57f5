# SPDX-License-Identifier: Apache-2.0
"""What ``scs demo --break`` breaks is found by the testcases that its help names, and by no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_scs.demo.kubernetes.state import ClusterState
    from pytest_scs.demo.openstack.state import CloudState


def test_each_defect_of_a_cloud_is_found_by_the_testcases_it_names(judge: Any, clean: CloudState) -> None:
    from pytest_scs.demo.openstack.defects import DEFECTS

    broken = [defect for defect in DEFECTS if defect.fails]
    for defect in broken:
        defect.apply(clean)
    run = judge(clean, "-m", "iaas")
    assert run.having("FAIL") == {testcase for defect in broken for testcase in defect.fails}
    assert run.having("ABORT") == set()


@pytest.mark.parametrize("name", ["images-down", "flavors-garbage", "login-refused"])
def test_a_defect_of_the_access_to_a_cloud_costs_verdicts(judge: Any, state: CloudState, name: str) -> None:
    from pytest_scs.demo.openstack.defects import DEFECTS

    [defect] = [defect for defect in DEFECTS if defect.name == name]
    defect.apply(state)
    run = judge(state, "-k", "0103 or 0104")
    assert run.having("FAIL") == set()
    assert run.having("ABORT")
    assert run.ret == 6


def test_each_defect_of_a_cluster_is_found_by_the_testcases_it_names(
    judge_cluster: Any, cluster_state: ClusterState
) -> None:
    from pytest_scs.demo.kubernetes.defects import DEFECTS

    broken = [defect for defect in DEFECTS if defect.fails]
    for defect in broken:
        defect.apply(cluster_state)
    only = "light and not manual and not creates_resources or scs_0217 and creates_resources"
    run = judge_cluster(cluster_state, "--scs-scope=kaas-v1", "--scs-target=all", "-m", only)
    assert run.having("FAIL") == {testcase for defect in broken for testcase in defect.fails}
