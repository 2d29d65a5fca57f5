# SPDX-License-Identifier: Apache-2.0
"""All that talks to an OpenStack cloud; what leaves this room is plain data."""
