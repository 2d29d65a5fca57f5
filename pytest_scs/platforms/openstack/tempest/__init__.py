# SPDX-License-Identifier: Apache-2.0
"""Running Tempest in processes of its own, and reading results of it (scs-0128)."""
