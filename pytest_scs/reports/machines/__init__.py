# SPDX-License-Identifier: Apache-2.0
"""What programs read of a run: one typed report, and the same as JSON, CSV, SARIF and metrics."""
