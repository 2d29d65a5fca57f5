# SPDX-License-Identifier: Apache-2.0
"""Making and checking signatures of reports (OpenSSH's ssh-keygen)."""
