# SPDX-License-Identifier: Apache-2.0
"""One run of pytest: from its options to its files and exit code."""
