# SPDX-License-Identifier: Apache-2.0
"""For people working in this checkout.

With an editable install pytest loads this file in every conformance run, from whatever directory: options, hooks and
``pytest_plugins`` must stay out of it (the latter would end such a run). Tests of the plugin have tests/conftest.py.
"""

from __future__ import annotations

collect_ignore = ["build", "dist"]
