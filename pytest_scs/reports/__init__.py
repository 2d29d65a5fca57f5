# SPDX-License-Identifier: Apache-2.0
"""From results to what people and the compliance monitor read."""
