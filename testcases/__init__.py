# SPDX-License-Identifier: Apache-2.0
"""Testcases that judge clouds and clusters against the Sovereign Cloud Stack standards."""
