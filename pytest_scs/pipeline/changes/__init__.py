# SPDX-License-Identifier: Apache-2.0
"""Reports compared with earlier ones."""
