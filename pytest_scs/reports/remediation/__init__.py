# SPDX-License-Identifier: Apache-2.0
"""The script that mends what commands can mend, for those who run what was judged."""
