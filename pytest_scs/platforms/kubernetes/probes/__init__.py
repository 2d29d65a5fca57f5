# SPDX-License-Identifier: Apache-2.0
"""Probes of a cluster: one file is one section."""
