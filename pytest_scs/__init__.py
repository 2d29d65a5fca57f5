# SPDX-License-Identifier: Apache-2.0
"""pytest plugin and test collection for the Sovereign Cloud Stack (SCS) standards.

PYTEST_DONT_REWRITE: ``scs run`` imports this module before pytest, which would warn of that in every run.
"""

__version__ = "0.1.0"
