# SPDX-License-Identifier: Apache-2.0
"""The compliance monitor: what it is sent, what it answers, what it has published."""
