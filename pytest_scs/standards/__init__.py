# SPDX-License-Identifier: Apache-2.0
"""What the standards say, as pure functions and data: no pytest, no SDK, no network."""
