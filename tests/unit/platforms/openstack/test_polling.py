# SPDX-License-Identifier: Apache-2.0
"""How long the pauses between two looks are."""

from __future__ import annotations

from typing import cast

import pytest
import tenacity

from pytest_scs.platforms.openstack.polling import growing_pause


class _State:
    def __init__(self, passed: float | None) -> None:
        self.seconds_since_start = passed


@pytest.mark.parametrize(("passed", "pause"), [(None, 0.25), (0, 0.25), (2, 0.25), (4, 0.5), (8, 1), (16, 2), (500, 2)])
def test_pauses_grow_with_what_has_passed(passed: float | None, pause: float) -> None:
    assert growing_pause(cast("tenacity.RetryCallState", _State(passed))) == pause
