# SPDX-License-Identifier: Apache-2.0
"""The report document of the compliance monitor: as data, as text, and checked."""
