# SPDX-License-Identifier: Apache-2.0
"""pytest plugin and test collection for the Sovereign Cloud Stack (SCS) standards."""

__version__ = "0.1.0"
