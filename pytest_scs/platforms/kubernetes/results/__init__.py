# SPDX-License-Identifier: Apache-2.0
"""Results of the Kubernetes e2e suite, as sonobuoy and hydrophone leave them."""
