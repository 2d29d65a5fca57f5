# SPDX-License-Identifier: Apache-2.0
"""What can be judged: one room for each platform, all seen through the same seam (platform.py)."""
