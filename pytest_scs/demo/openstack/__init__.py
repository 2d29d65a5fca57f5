# SPDX-License-Identifier: Apache-2.0
"""The embedded cloud behind ``--os-cloud=demo``."""
