# SPDX-License-Identifier: Apache-2.0
"""Platform Kubernetes: clusters, through the official client."""
