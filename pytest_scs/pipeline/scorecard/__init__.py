# SPDX-License-Identifier: Apache-2.0
"""Merged reports: what counts, by the monitor's rule, and the forms in which that is told."""
