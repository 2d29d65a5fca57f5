# SPDX-License-Identifier: Apache-2.0
"""The demo cluster: the needed part of the Kubernetes API on the loopback interface."""
