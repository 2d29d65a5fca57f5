# SPDX-License-Identifier: Apache-2.0
"""What the standards about Kubernetes clusters say: pure functions and data."""
