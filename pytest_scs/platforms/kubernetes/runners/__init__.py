# SPDX-License-Identifier: Apache-2.0
"""Running the Kubernetes e2e suite with sonobuoy or hydrophone."""
