# SPDX-License-Identifier: Apache-2.0
"""The subcommands of ``scs``: what is no test run."""
