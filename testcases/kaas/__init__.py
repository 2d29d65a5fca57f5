# SPDX-License-Identifier: Apache-2.0
"""Testcases of the scope SCS-compatible KaaS."""
