# SPDX-License-Identifier: Apache-2.0
"""Listings of a cluster: one file is one section."""
